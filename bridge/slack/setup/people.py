"""``/bridge agents``, ``leads`` and ``owners``: who they are, and what is to change. Pure.

https://docs.slack.dev/interactivity/implementing-slash-commands: mentions arrive as ``<@U…>`` and ``<!subteam^S…>``.
"""

from collections.abc import Sequence

from bridge.model.ids import GroupRef, PersonRef
from bridge.model.setup import Change
from bridge.model.state import Account
from bridge.model.word import Word
from bridge.slack import refs
from bridge.slack.homes.accounts import agents
from bridge.slack.phrase import Group, Json, Mention, Phrase, Words, joined
from bridge.slack.setup import spoken, vocabulary
from bridge.slack.setup.accounts import in_blocks
from bridge.slack.setup.room import Page, Room

ADD = frozenset({"add", "to"}) | vocabulary.ADD
DROP = frozenset({"remove", "drop", "delete"}) | vocabulary.DROP
EVERYONE = frozenset({"everyone", "everybody", "all"}) | vocabulary.EVERYONE
LIST = frozenset({"list", "show"}) | vocabulary.LIST
HEADINGS = {"agents": "command.agents", "leads": "command.leads", "owners": "command.owners"}
HELP = {"agents": "command.agents_help", "leads": "command.leads_help", "owners": "command.owners_help"}
VERBS = ("add", "remove", "everyone", "list")
BETWEEN = frozenset({"to", "from", "for", "of", "in"})
"""Words that may stand before an account's name."""


class Naming(Word, kw_only=True):
    """What somebody wants of a list of people. unread: what looked like a mention and is none. account: as it was typed."""

    change: Change | None = None
    everyone: bool = False
    people: tuple[PersonRef, ...] = ()
    groups: tuple[GroupRef, ...] = ()
    unread: tuple[str, ...] = ()
    account: str = ""

    @property
    def refs(self) -> str:
        """Whom, as settings are typed."""
        return ",".join([*self.people, *self.groups])


def read(text: str) -> Naming:
    """Return what the words after ``agents`` say; a list alone is shown."""
    verb, _, rest = text.partition(" ")
    verb = verb.lower()
    if verb in EVERYONE:
        return Naming(everyone=True, account=_account(rest))
    if verb not in ADD | DROP:
        return Naming(account=_account(rest if verb in LIST else text))
    mentions, after = spoken.mentions_first(rest)
    people = tuple(who for each in mentions if (who := refs.person(each)) is not None)
    groups = tuple(found for each in mentions if (found := refs.group(each)) is not None)
    unread = tuple(each for each in mentions if refs.person(each) is None and refs.group(each) is None)
    words = list[str]()
    for each in after.split():
        # An id may be typed as it stands in a profile; a name may well begin with U, but not look like an id.
        looks_so = any(sign.isdigit() for sign in each)
        if looks_so and (person := refs.person(each)) is not None:
            people = (*people, person)
        elif looks_so and (group := refs.group(each)) is not None:
            groups = (*groups, group)
        else:
            words.append(each)
    return Naming(
        change=Change.ADD if verb in ADD else Change.DROP,
        people=tuple(dict.fromkeys(people)),
        groups=tuple(dict.fromkeys(groups)),
        unread=unread,
        account=_account(" ".join(words)),
    )


def slip(text: str) -> str | None:
    """Return what somebody may have meant whose first word is none of these: one like it, or a person without any."""
    verb, _, rest = text.partition(" ")
    if spoken.MENTION.match(text):
        return f"add {spoken.pasted(text)}"
    meant = spoken.slip(verb, VERBS)
    return None if meant is None else f"{meant} {spoken.pasted(rest)}".strip()


def again(word: str, naming: Naming, account: str) -> str:
    """Return the command as it was typed, with an account's name behind it."""
    named = [*naming.people, *naming.groups, *naming.unread]
    verb = {Change.ADD: "add", Change.DROP: "remove"}.get(naming.change) if naming.change else None
    return " ".join(filter(None, [word, "everyone" if naming.everyone else verb, *named, account]))


def listing(room: Room, word: str, accounts: Sequence[Account]) -> Json:
    """Return who is named for each account, and how that is changed."""
    page = Page()
    page.heading(room.wording.say(HEADINGS[word]))
    lines = [_line(room, word, each) for each in accounts]
    for some in in_blocks(lines):
        page.say(*some)
    page.small(room.said(HELP[word], account=room.example) if room.may() else room.who_may())
    return page.json()


def _line(room: Room, word: str, account: Account) -> Phrase:
    settings = account.settings
    title: Phrase = (Words(text=account.name, bold=True), f" · {room.network(account)} · ")
    match word:
        case "agents":
            return (*title, *agents(room.ways, account))
        case "leads":
            named = _mentions(settings.leads, settings.lead_groups)
            return (*title, *(named or room.said("command.leads_none")))
        case _:
            return (*title, *(_mentions(settings.owners, ()) or room.said("home.no_owner")))


def _mentions(people: Sequence[PersonRef], groups: Sequence[GroupRef]) -> Phrase:
    some: list[Phrase] = [(Mention(person=each),) for each in people]
    return joined([*some, *((Group(group=each),) for each in groups)], " ")


def _account(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    return rest if first.lower() in BETWEEN and rest else text.strip()
