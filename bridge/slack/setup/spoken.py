"""What somebody types after ``/bridge``: which word, which account, whom; and what they may have meant. Pure."""

import difflib
import html
import re
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from bridge.model.ids import AccountId, PersonRef, PlaceRef
from bridge.model.state import Account, Workspace
from bridge.model.word import Word
from bridge.prefixes import folded
from bridge.rules.setup.names import handle, plain
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
SLIP = 0.75
"""How alike a word behind the first one must be to one that there is."""
MENTION = re.compile(r"<[@!](?:subteam\^)?(?:([UWS][A-Z0-9]+)(?:[|^][^>]*)?|[^>]*)>")
"""Of a person or a group, as Slack has them."""
SEARCHED = frozenset({"find"})
"""Words after which stands what customers wrote: it is looked for as it was typed."""
FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ－：；，．／]+")
"""Letters, digits, and the signs of hours, as wide as a kana."""
_QUOTES = "\"'“”„‟「」『』"


class Command(Word, kw_only=True):
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


class Meant(Word, kw_only=True):
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
    found = difflib.get_close_matches(word, (*WORDS, *vocabulary.WORDS), n=1, cutoff=NEAR)
    return found[0] if found else None


def slip(word: str, among: Iterable[str]) -> str | None:
    """Return which of a few words somebody may have meant; None: one of them, or none."""
    folded_word, there = folded(word).lower(), list(among)
    found = difflib.get_close_matches(folded_word, there, n=1, cutoff=SLIP)
    return found[0] if found and folded_word not in there else None


def pasted(text: str) -> str:
    """Return what somebody typed so that it can be pasted: people and groups by their ids, which are read as well."""
    return html.unescape(MENTION.sub(lambda found: found[1] or "@…", text))


def exactly(text: str, accounts: Sequence[Account]) -> list[Account]:
    """Return the accounts that are called just so, or have that id."""
    wanted = plain(html.unescape(text).strip(_QUOTES + " "))
    for exact in (lambda each: plain(subject(each)), lambda each: plain(each.name), lambda each: each.remote_id):
        found = [each for each in accounts if wanted and exact(each) == wanted]
        if found:
            return found
    return []


def which(text: str, accounts: Sequence[Account]) -> Meant:
    """Find the account that a text names: by ``platform:id``, its name, or a part of the name that only it has."""
    wanted = plain(html.unescape(text).strip(_QUOTES + " "))
    if not wanted:
        return Meant()
    if found := exactly(text, accounts):
        return _one_of(found)
    parts = [each for each in accounts if wanted in plain(each.name)]
    if parts:
        return _one_of(parts)
    like = sorted(((_likeness(wanted, each), -at) for at, each in enumerate(accounts)), reverse=True)
    return Meant(near=tuple(accounts[-at] for ratio, at in like[:MOST_MEANT] if ratio))


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


def verb_slip(text: str, accounts: Sequence[Account]) -> str | None:
    """Return an account with the verb that somebody may have mistyped before or behind it, perhaps its name as well."""
    words = text.split()
    for at, rest in ((-1, words[:-1]), (0, words[1:])):
        verb, meant = slip(words[at], (*VERBS, *vocabulary.VERBS)), which(" ".join(rest), accounts)
        found = meant.account or (meant.near[0] if meant.near else None)
        if verb is not None and found is not None:
            return f"{handle(found, accounts)} {verb}"
    return None


def mentions_first(text: str) -> tuple[tuple[str, ...], str]:
    """Return what begins with a sign of Slack's (``<@…>``, ``<!…>``, ``@…``) or is such an id, and the rest."""
    mentions, rest = list[str](), list[str]()
    for each in text.replace(",", " ").split():
        (mentions if each.startswith(("<", "@")) else rest).append(each)
    return tuple(mentions), " ".join(rest)


def _likeness(wanted: str, account: Account) -> float:
    """Return how alike a text is to an account's name, or to as many words of it; 0: it is not."""
    name = plain(account.name)
    words, count = name.split(), len(wanted.split())
    runs = [" ".join(words[at : at + count]) for at in range(len(words) - count + 1)]
    whole = difflib.SequenceMatcher(None, name, wanted).ratio()
    part = max((difflib.SequenceMatcher(None, each, wanted).ratio() for each in runs), default=0.0)
    return max(whole if whole >= NEAR else 0.0, part if part >= SLIP else 0.0)


def typed(text: str) -> str:
    """Return what somebody typed, short and on one line."""
    line = " ".join(text.split())
    return f"{line[:MOST_TYPED]}…" if len(line) > MOST_TYPED else line


def _one_of(found: Sequence[Account]) -> Meant:
    return Meant(account=found[0]) if len(found) == 1 else Meant(several=tuple(found))
