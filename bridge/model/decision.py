"""What the rules look at (`Scene`) and what they answer (`Decision`, `Ruling`): plain data, applied by the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bridge.model.automatic import Choice, Rating
from bridge.model.closing import Line
from bridge.model.copies import Copies, Export, Quoted
from bridge.model.effects import AnyEffect, Queued
from bridge.model.facts import AlertFact
from bridge.model.home import HomeKept
from bridge.model.house import Moment as Moment  # noqa: PLC0414 - its name here
from bridge.model.house import Rules as Rules  # noqa: PLC0414 - likewise
from bridge.model.ids import AccountId, GroupRef, MessageId, PersonRef, PlaceRef, PostRef, RemoteId, WorkspaceId
from bridge.model.incident import Mark, Member
from bridge.model.saved import SavedReply, SavedReplyId
from bridge.model.setup import Setup
from bridge.model.state import (
    Account,
    Attachment,
    Conversation,
    Customer,
    Health,
    Incident,
    Known,
    Message,
    Person,
    Post,
    Said,
    Thread,
    Value,
    Workspace,
)
from bridge.model.tickets import Ticket
from bridge.model.upkeep import Upkeep
from bridge.model.word import Word, field


class Sending(Word, kw_only=True):
    """A part of a reply that is on the wire, or of which nobody knows whether it arrived.

    row: its outbox row, the mark it bears on the wire. unsure_since: on the steady clock; None: in hand now.
    asked: a person was asked whether it arrived; it holds nothing up any more. comment: whose private reply it is.
    by: who let it go, where that is not its author.
    """

    row: int
    message: Message
    part: int
    unsure_since: datetime | None = None
    asked: bool = False
    comment: RemoteId | None = None
    by: PersonRef | None = None


class Scene(Word, kw_only=True):
    """Everything a rule may look at for one fact or effect, read in the same transaction.

    forwarded: the account to which it was forwarded. others: for what somebody asks of the bridge, all of the workspace;
    saved: for who saves a reply, what the account has saved.
    message: the message concerned (an agent's by its ref or id; a customer's or an echo's by its remote id).
    sending: what of this conversation is on the wire (in hand) or unsure.
    posts: where that message stands on the desk, filled for what changes or takes back a message; copies: what else is
    made of it. shown: what a post shows that is drawn anew. quoted: what is answered or reacted to in what is drawn, or
    by a reaction that is heard, or what answered a message that is found; as far as it is known.
    thread: the thread the fact came from, perhaps not the current one.
    """

    workspace: Workspace
    account: Account
    customer: Customer
    conversation: Conversation
    forwarded: Account | None = None
    others: tuple[Account, ...] = ()
    message: Message | None = None
    posts: tuple[Post, ...] = ()
    copies: Copies = field(default_factory=Copies)
    shown: tuple[Message, ...] = ()
    quoted: Mapping[RemoteId, Quoted] = field(default_factory=dict)
    sending: tuple[Sending, ...] = ()
    saved: tuple[SavedReply, ...] = ()
    withheld: tuple[Message, ...] = ()
    """Of a blocked customer, for what somebody did here: what they wrote or changed since, the oldest first."""
    by_word: tuple[Sending, ...] = ()
    """What arrived as a person said, and bears no id of the network's yet; filled for what is found later."""
    thread: Thread | None = None
    known: Known = field(default_factory=Known)
    incident: Incident | None = None
    standing: tuple[PostRef, ...] = ()
    """Where the thread is to be read again: agents' messages that stand in it, as far as we know."""
    answering: bool = False
    """An agent's answer waits, is asked about, or is on its way; filled where the bridge may say something by itself."""
    tickets: tuple[Ticket, ...] = ()
    """The one that an effect or a report is about; those of the conversation, for what a customer takes back."""
    apps: Mapping[str, str | None] | None = None
    """What other apps are called, by the network's id, where any is concerned; a name of None was asked for in vain."""

    @property
    def minding(self) -> Account:
        """The account whose people mind it: its own, or the one it was forwarded to."""
        return self.account if self.forwarded is None else self.forwarded

    @property
    def place(self) -> PlaceRef:
        """Where it is shown now."""
        return self.minding.settings.channel


class Hold(Word, kw_only=True):
    """Hold a target (and so everything that waits on it) until the incident *key* is over."""

    target: str
    key: str


class SettledSend(Word, kw_only=True):
    """The network has this part of a reply; its outbox row, whatever its state, ends as done."""

    message: MessageId
    part: int
    remote_id: RemoteId | None


class Wait(Word, kw_only=True):
    """This fact lacks something: come back at *until* (steady clock); *missing* is counted.

    free: the facts behind it in its lane need not wait.
    """

    until: datetime
    missing: str
    free: bool = False


class Noted(Word, kw_only=True):
    """What is kept of something that a person did with a conversation: never words."""

    who: PersonRef
    at: datetime
    action: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    object: str | None = None
    """What it was done with, where that is not the conversation."""


class Decision(Word, kw_only=True):
    """What is true afterwards, and what must be done. Applied whole, in the transaction that decided it."""

    conversation: Conversation | None = None
    customer: Customer | None = None
    writes_as: str | None = None
    """The network's id under which a commenter writes messages, learnt from our private reply to them."""
    health: tuple[Health, str | None] | None = None
    """The account's health and its cause."""
    account: AccountId | None = None
    """Whose health it is, where no scene says it."""
    hinted: bool = False
    """The account's agents are told where the network's app puts what was answered here; told once."""
    apps: tuple[tuple[str, str | None], ...] = ()
    """Names of other apps, by the network's id."""
    threads: tuple[Thread, ...] = ()
    """New or changed; kept by id."""
    messages: tuple[Message, ...] = ()
    """New or changed, with their parts; kept by id."""
    effects: tuple[Queued, ...] = ()
    withdrawn: tuple[MessageId, ...] = ()
    """Messages whose rows that are not yet in hand are dropped."""
    forgotten: tuple[RemoteId, ...] = ()
    """Messages of whose words nothing may be kept: what was heard of them is emptied, and the database's own log too."""
    unposted: tuple[PostRef, ...] = ()
    """Posts that are to go: nothing stands in them any more."""
    dropped: tuple[MessageId, ...] = ()
    """Replies whose unsure rows end as dropped: a person said to send again."""
    dropped_rows: tuple[int, ...] = ()
    """Unsure outbox rows that end as dropped: nobody will ever see what they were to show."""
    settled: tuple[SettledSend, ...] = ()
    upkeep: Mapping[Upkeep, datetime | str | None] = field(default_factory=dict)
    """What is kept of the account's login, and when it is looked at next; what is not named stays as it is."""
    has_left: bool = False
    """The network tells us of the account no more: the token by which that was asked for is forgotten."""
    holds: tuple[Hold, ...] = ()
    released: tuple[str, ...] = ()
    """Incident keys whose targets open again."""
    tried: tuple[str, ...] = ()
    """Targets of which, should they be held, one row is let through: its fate tells whether they can open."""
    alerts: tuple[AlertFact, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """New or changed; kept by id."""
    marks: tuple[Mark, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    """New or changed; kept by id."""
    rated: Rating | None = None
    """What a customer answered when they were asked whether they are content."""
    exports: tuple[Export, ...] = ()
    """Text files that stand on the desk from now on; *unexported*: those that are no more."""
    unexported: tuple[Export, ...] = ()
    setup: tuple[Setup, ...] = ()
    """What is set for accounts and workspaces from now on."""
    noted: tuple[Noted, ...] = ()
    """For the audit."""
    saved: tuple[SavedReply, ...] = ()
    """Answers that the house keeps, new or changed; kept by id, or by account, language and name."""
    unsaved: tuple[SavedReplyId, ...] = ()
    unsaved_from: tuple[MessageId, ...] = ()
    """Messages of which nothing may be kept that was saved from them."""
    workspace: WorkspaceId | None = None
    """Whose people and groups these are, where no scene says it."""
    people: tuple[Person, ...] = ()
    groups: tuple[tuple[GroupRef, tuple[PersonRef, ...]], ...] = ()
    """A group's members, whole."""
    homes: tuple[HomeKept, ...] = ()
    """What is kept of people's own pages on the desk."""
    unseen_rows: tuple[int, ...] = ()
    """Outbox rows whose look on the desk proved that nothing stands there: ready again."""
    seen_rows: tuple[tuple[int, PostRef], ...] = ()
    """Outbox rows whose post stands on the desk under this ref: done, whatever their state."""
    wait: Wait | None = None
    retry_row: bool = False
    """For endings: the row itself goes back to the outbox, behind what was added before it."""
    ignored: str | None = None
    """Nothing to do, and why; counted."""


class Made(Word, kw_only=True):
    """A decision, the scene that it was made from, and what caused it."""

    scene: Scene | None
    decision: Decision
    caused_by: str | None = None


class Tag(StrEnum):
    """What a send outside the standard window bears."""

    HUMAN_AGENT = "human_agent"


class Allowed(Word, kw_only=True):
    """It may go, under *tag* if one is needed, or as the private reply to *comment*."""

    tag: Tag | None = None
    comment: RemoteId | None = None


class Denied(Word, kw_only=True):
    """It may not go; *said* tells why, *retry* whether the same words may be tried again later."""

    said: Said
    retry: bool = False


Ruling = Allowed | Denied


class Beside(Word, kw_only=True):
    """A message that is shown in one post with another; *row*: its outbox row, its mark there."""

    row: int
    scene: Scene


class Waiter(Word, kw_only=True):
    """Somebody whom an alert holds, with the message that their card shows."""

    line: Line
    scene: Scene


class Closings(Word, kw_only=True):
    """What an alert about closing windows shows: the first few, and how many there are in all.

    last: when the last of those that are open closes. passed, extended: of the settled, who waits on: beyond a first window, or
    because they wrote again. owners: who looks after those that are not shown.
    """

    shown: tuple[Waiter, ...] = ()
    open: int = 0
    settled: int = 0
    lapsed: int = 0
    passed: int = 0
    extended: int = 0
    last: datetime | None = None
    owners: tuple[PersonRef, ...] = ()


class Job(Word, kw_only=True):
    """One effect in a worker's hand, ruled, with all an adapter needs to word it.

    row: the outbox row; its mark on the desk and on the wire.
    text, file, tag, comment: for a send, what goes, under which tag, or as the private reply to what. quotes: what it answers.
    names: of people, for what is worded; pictures: addresses of theirs. sealed: the account's credential, still encrypted.
    """

    row: int
    effect: AnyEffect
    attempts: int
    scene: Scene | None
    workspace: Workspace
    text: str | None = None
    file: Attachment | None = None
    tag: Tag | None = None
    comment: RemoteId | None = None
    quotes: RemoteId | None = None
    choices: tuple[Choice, ...] = ()
    """What the customer may tap below it."""
    sealed: str | None = None
    account: Account | None = None
    """Whose row or incident it is, where there is no scene to say it."""
    incident: Incident | None = None
    members: tuple[Member, ...] = ()
    """Of a digest, what it tells of."""
    language: str = "en"
    names: dict[PersonRef, str] = field(default_factory=dict)
    pictures: dict[PersonRef, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    """The house's."""
    drawn: str | None = None
    """Fingerprint of the card as it stands; an unchanged card is not drawn again."""
    waiting: int = 0
    """For alerts: how many replies wait behind what the incident holds."""
    beside: tuple[Beside, ...] = ()
    """What the same post shows below, in order."""
    listed: tuple[Scene, ...] = ()
    """For alerts that list conversations: these, the next to close first."""
    closings: Closings | None = None
    """Of an alert about windows that are about to close: who waits."""
    connected: tuple[Account, ...] = ()
    """Where an account leaves: all the others, by whose webhooks the same may be told."""


class Go(Word, kw_only=True):
    """Still due: deliver it. file: of an agent's message, what is sent or brought to the network."""

    text: str | None = None
    file: Attachment | None = None
    tag: Tag | None = None
    comment: RemoteId | None = None
    quotes: RemoteId | None = None
    choices: tuple[Choice, ...] = ()


class Drop(Word, kw_only=True):
    """No longer due, and nobody needs to hear of it."""

    why: str


class Instead(Word, kw_only=True):
    """Not this: what the decision says (with `retry_row`, this row again afterwards)."""

    decision: Decision
    why: str


class NotYet(Word, kw_only=True):
    """It stays in the outbox until *until* (steady clock), or until an operator lets it go on."""

    until: datetime
    why: str


Due = Go | Drop | Instead | NotYet
