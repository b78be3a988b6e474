"""What every answer about what is set up is drawn from, and the page that it becomes. Pure."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

from bridge import roles
from bridge.model.decision import Allowed
from bridge.model.ids import AccountId, GroupRef, PersonRef, PlaceRef
from bridge.model.saved import SavedReply
from bridge.model.setup import RESTORABLE, Change
from bridge.model.sheet import Removed, Sheet
from bridge.model.state import Account, Known, Person, PersonKind
from bridge.model.survey import Change as AuditLine
from bridge.model.survey import Examined, Survey
from bridge.model.word import Word, field
from bridge.ports import Links
from bridge.roles import Action
from bridge.rules.setup import names
from bridge.slack.homes.pieces import Ways, button, heading, small, text
from bridge.slack.phrase import Filling, Json, Mention, Phrase, Words, joined, lines, mentioned, mrkdwn, phrase, told
from bridge.slack.probe import ChannelState, NoSlack
from bridge.slack.setup.spoken import Command
from bridge.wording import Wording

MOST_BLOCKS = 50
"""Of a message (docs.slack.dev, Blocks)."""
MOST_TEXT = 11_000
"""Characters in all blocks of a message together; from 12,000 on Slack was seen to refuse."""

EDIT, PAUSE, RESUME, REMOVE = "setup:edit", "setup:pause", "setup:resume", "setup:remove"
RESTORE, ICON, CHECK, AGAIN, KEY = "setup:restore", "setup:icon", "setup:check", "setup:again", "setup:key"
"""The ids of the buttons; the value of each but *again* is an account's id."""


class Room(Word, kw_only=True):
    """Who asks what, and what there is. ops: whether the house has an alerts channel for accounts without one. mail: a mail server.

    states, examined: what Slack and the network say at this moment, of whatever was asked; *waits*: not all have answered.
    changes, replies: where those are asked for. zone: of the asker's clock in Slack, where that matters and Slack tells it.
    """

    asked: Command
    person: Person
    survey: Survey
    wording: Wording
    now: datetime
    links: Links | None = None
    ops: bool = False
    mail: bool = True
    states: Mapping[PlaceRef, ChannelState | NoSlack] = field(default_factory=dict)
    examined: Mapping[AccountId, Examined] = field(default_factory=dict)
    waits: bool = False
    zone: str | None = None
    changes: tuple[AuditLine, ...] = ()
    replies: tuple[SavedReply, ...] = ()

    @property
    def restorable(self) -> list[Removed]:
        """What was removed, and the asker may still take back."""
        ends = {each: at + RESTORABLE for each, at in self.survey.removed_at.items()}
        lately = [each for each in self.survey.removed if each.id in ends and self.now <= ends[each.id]]
        return [Removed(account=each, until=ends[each.id]) for each in lately if self.may(each)]

    def said(self, key: str, **values: Filling) -> Phrase:
        """Return a sentence."""
        return phrase(self.wording, key, values)

    @property
    def known(self) -> Known:
        """What rules about who may do what look at."""
        return Known(people={self.person.ref: self.person}, groups=dict(self.survey.groups))

    def may(self, *accounts: Account, action: Action = Action.SET_UP) -> bool:
        """Whether the asker may do this with one of these; with none named: with the workspace."""
        return self.refused(*accounts, action=action) is None

    @property
    def reads(self) -> bool:
        """Whether the asker may know what is set up: full members, and whoever answers or owns an account."""
        accounts, ref = self.survey.accounts, self.person.ref
        named = any(ref in each.settings.owners for each in accounts) or roles.is_named(ref, accounts, self.known)
        return self.person.kind is PersonKind.MEMBER or (named and self.person.kind is not PersonKind.GONE)

    @property
    def ways(self) -> Ways:
        """The same, as parts of people's own pages want it."""
        survey = self.survey
        sheet = Sheet(workspace=survey.workspace, person=self.person, managed=survey.managed)
        return Ways(sheet=sheet, wording=self.wording, links=self.links, now=self.now, mail=self.mail)

    def name(self, account: Account) -> Words:
        """Return an account's name, to be put in a sentence."""
        return Words(text=account.name)

    def network(self, account: Account) -> str:
        """Return what its network is called."""
        return self.wording.say(f"network.{account.platform}")

    def handle(self, account: Account) -> str:
        """Return what names an account in a command that can be pasted."""
        return names.handle(account, self.survey.accounts)

    @property
    def example(self) -> str:
        """Return what names an account in an example: one that the asker may set up, else any."""
        there = self.survey.accounts
        mine = [each for each in there if self.may(each)]
        return self.handle((mine or list(there))[0]) if there else "…"

    def called(self, accounts: Sequence[Account]) -> Phrase:
        """Return several accounts by their names, each with its network where two have one name."""
        there = [each.name for each in accounts]
        pieces: list[Phrase] = [
            (Words(text=each.name), f" ({self.network(each)})")
            if there.count(each.name) > 1
            else (Words(text=each.name),)
            for each in accounts
        ]
        return joined(pieces, self.wording.between)

    def refused(self, *accounts: Account, action: Action = Action.SET_UP) -> Phrase | None:
        """Say why the asker may not do this with any of these, and who may; None: they may. Without any: the workspace."""
        about = accounts or self.survey.accounts
        ruling = roles.authorise(self.person.ref, action, about, self.known)
        if isinstance(ruling, Allowed):
            return None
        named = str(ruling.said.values.get("people", ""))
        return phrase(
            self.wording, ruling.said.key, {"people": mentioned(named.split(","), self.wording)} if named else {}
        )

    def who_may(self) -> Phrase:
        """Say whom to ask about what the asker may not."""
        people = self._admins()
        return self.said("command.ask_these", people=people) if people else self.said("command.ask_admin")

    def who_sees(self) -> Phrase:
        """Say who may see what was changed, and whom to ask."""
        people = mentioned(self.to_ask, self.wording)
        return self.said("command.audit_these", people=people) if people else self.said("command.audit_admin")

    def not_theirs(self) -> list[Phrase]:
        """Say that the asker may not know what is set up, and whom to ask."""
        people = mentioned(self.to_ask, self.wording)
        ask = [self.said("command.not_yours_ask", people=people)] if people else []
        return [self.said("command.not_yours"), *ask]

    @property
    def to_ask(self) -> tuple[PersonRef, ...]:
        """Whom the asker turns to: the accounts' owners, else the admins."""
        owners = dict.fromkeys(owner for each in self.survey.accounts for owner in each.settings.owners)
        return tuple(owners)[: roles.MOST_NAMED] or self.survey.admins

    def _admins(self) -> Phrase:
        return joined([(Mention(person=each),) for each in self.survey.admins], " ")

    def press(self, label: str, action: str, account: Account | None = None, *, first: bool = False) -> Json:
        """Return a button with the words *label* of the catalogue."""
        value = None if account is None else str(account.id)
        return button(self.wording.say(label), action, value=value, first=first)


class Want(Word, kw_only=True):
    """Something is to change, once Slack has said that it knows whom and what is named. account: None: the workspace."""

    change: Change
    values: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    places: tuple[PlaceRef, ...] = ()
    people: tuple[PersonRef, ...] = ()
    groups: tuple[GroupRef, ...] = ()


class Opening(Word, kw_only=True):
    """A window is to open at once. window: the id of the button that opens it; otherwise: what is answered if it cannot."""

    window: str
    account: Account
    otherwise: Json


@dataclasses.dataclass(kw_only=True)
class Page:
    """An answer as it grows: blocks, and the same in words."""

    blocks: list[Json] = dataclasses.field(default_factory=list)
    words: list[Phrase] = dataclasses.field(default_factory=list)

    def heading(self, words: str) -> None:
        """Put a heading there."""
        self.words.append((words,))
        self.blocks.append(heading(words))

    def say(self, *words: Phrase, beside: Json | None = None) -> None:
        """Put sentences there, each on a line of its own, perhaps with a button beside them."""
        self.words += words
        self.blocks.append(text(lines(words), beside))

    def small(self, words: Phrase) -> None:
        """Put a line in small letters there."""
        self.words.append(words)
        self.blocks.append(small(words))

    def buttons(self, *buttons: Json) -> None:
        """Put buttons there, if there are any."""
        if buttons:
            self.blocks.append({"type": "actions", "elements": list(buttons)})

    @property
    def fits(self) -> bool:
        """Whether Slack takes it in one message."""
        return len(self.blocks) <= MOST_BLOCKS and sum(len(mrkdwn(each)) for each in self.words) <= MOST_TEXT

    def json(self) -> Json:
        """Return ``text`` and ``blocks``; what is beyond Slack's limits is left out."""
        return {"text": told(lines(self.words)), "blocks": self.blocks[:MOST_BLOCKS]}


def typed(command: str) -> Phrase:
    """Return a command of ours as it can be copied and pasted."""
    return (f"`/bridge {command.replace('`', 'ˋ')}`",)


def saying(*words: Phrase) -> Json:
    """Return an answer of nothing but sentences."""
    page = Page()
    page.say(*words)
    return page.json()
