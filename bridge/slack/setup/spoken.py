"""What somebody types after ``/bridge``: which word, which account, whom; and what they may have meant. Pure."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bridge.model.ids import AccountId, PersonRef, PlaceRef
from bridge.model.state import Account, Workspace
from bridge.prefixes import folded
from bridge.rules.setup.names import plain
from bridge.settings import subject
from bridge.slack.setup import vocabulary

WORDS = (
    "setup", "connect", "accounts", "account", "channel", "agents", "leads", "owners", "hours", "replies", "check",
    "audit", "language", "about", "queue", "mine", "closing", "find", "help",
)  # fmt: skip
"""Every word there is, in the order in which the usage names them."""
VERBS = ("edit", "pause", "resume", "remove", "restore", "check", "reconnect")
"""What may be done with one account by typing it."""
NEAR = 0.6
"""How alike a word must be to one that there is for that one to be meant, from 0 to 1."""
MOST_MEANT = 3
MOST_TYPED = 60
SEARCHED = frozenset({"find"})
"""Words after which stands what customers wrote: it is looked for as it was typed."""
FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ－：；，．／]+")
"""Letters, digits, and the signs of hours, as wide as a kana."""
_QUOTES = "\"'“”„‟「」『』"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A slash command of ours. word: its first; rest: what follows it. trigger: makes it the same when Slack repeats it.

    account: which one, where a button says so.
    """

    workspace: Workspace
    person: PersonRef
    place: PlaceRef
    word: str
    rest: str
    trigger: str = ""
    handle: str | None = None
    account: AccountId | None = None


@dataclass(frozen=True, kw_only=True)
class Meant:
    """Which account somebody means: one; or *several* fit; or none does, and these come *near*."""

    account: Account | None = None
    several: tuple[Account, ...] = ()
    near: tuple[Account, ...] = ()


def read(workspace: Workspace, body: dict[str, str]) -> Command:
    """Return what a command says."""
    word, rest = words(body.get("text", ""))
    return Command(
        workspace=workspace,
        person=PersonRef(body.get("user_id", "")),
        place=PlaceRef(body.get("channel_id", "")),
        word=word or "setup",
        rest=rest,
        trigger=body.get("trigger_id", ""),
        handle=body.get("response_url"),
    )


def words(text: str) -> tuple[str, str]:
    """Return the first word of what was typed, whatever its width and case, and the rest on one line."""
    first, rest = [*text.split(maxsplit=1), "", ""][:2]
    word = folded(first).lower()
    word = vocabulary.WORDS.get(word, word)
    line = " ".join(rest.split())
    return word, line if word in SEARCHED else FULL_WIDTH.sub(lambda found: normalize("NFKC", found[0]), line)


def nearest(word: str) -> str | None:
    """Return the word that somebody may have meant."""
    if word in WORDS:
        return None
    found = difflib.get_close_matches(word, WORDS, n=1, cutoff=NEAR)
    return found[0] if found else None


def which(text: str, accounts: Sequence[Account]) -> Meant:
    """Find the account that a text names: by ``platform:id``, its name, or a part of the name that only it has."""
    wanted = plain(text.strip(_QUOTES + " "))
    if not wanted:
        return Meant()
    for exact in (lambda each: plain(subject(each)), lambda each: plain(each.name), lambda each: each.remote_id):
        found = [each for each in accounts if exact(each) == wanted]
        if found:
            return _one_of(found)
    parts = [each for each in accounts if wanted in plain(each.name)]
    if parts:
        return _one_of(parts)
    by_name = {plain(each.name): each for each in accounts}
    close = difflib.get_close_matches(wanted, by_name, n=MOST_MEANT, cutoff=NEAR)
    return Meant(near=tuple(by_name[each] for each in close))


def with_verb(text: str, accounts: Sequence[Account], verbs: Sequence[str] = VERBS) -> tuple[str, str | None]:
    """Return what names an account, and what is to be done with it; an account may be called like one of these words."""
    if any(plain(each.name) == plain(text) for each in accounts):
        return text, None
    words = text.split()
    for at, rest in ((-1, words[:-1]), (0, words[1:])):
        verb = words[at].lower() if words else ""
        verb = vocabulary.VERBS.get(verb, verb)
        if verb in verbs:
            return " ".join(rest), verb
    return text, None


def mentions_first(text: str) -> tuple[tuple[str, ...], str]:
    """Return what begins with a sign of Slack's (``<@…>``, ``<!…>``, ``@…``) or is such an id, and the rest."""
    mentions, rest = list[str](), list[str]()
    for each in text.replace(",", " ").split():
        (mentions if each.startswith(("<", "@")) else rest).append(each)
    return tuple(mentions), " ".join(rest)


def typed(text: str) -> str:
    """Return what somebody typed, short and on one line."""
    line = " ".join(text.split())
    return f"{line[:MOST_TYPED]}…" if len(line) > MOST_TYPED else line


def _one_of(found: Sequence[Account]) -> Meant:
    return Meant(account=found[0]) if len(found) == 1 else Meant(several=tuple(found))
