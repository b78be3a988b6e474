"""What happened, in the past tense. Parsers make facts from raw items; `bridge.threads` says what each one does."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bridge.model.act import Act
from bridge.model.commented import CommentChange, CustomerCommented
from bridge.model.desk import AgentReacted, FromDesk
from bridge.model.fact import FromNetwork
from bridge.model.files import AgentFile
from bridge.model.home import HomeOpened
from bridge.model.ids import (
    ConversationId,
    GroupRef,
    IncidentId,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    RemoteId,
)
from bridge.model.notice import CustomerRead
from bridge.model.own import AlertDue, AlertOver, DeliveriesMissed, LoginWithdrawn
from bridge.model.placed import PlaceChange, PlaceChanged, PlaceRenumbered
from bridge.model.rated import CustomerRated
from bridge.model.setup import SetupAsked
from bridge.model.state import UNKNOWN, Attachment, Opener, Person, Platform
from bridge.model.submitted import Submitted
from bridge.model.tickets import TicketReported
from bridge.model.word import Word

__all__ = [
    "AccountFact", "AccountJudged", "Act", "AgentEdited", "AgentReacted", "AgentWrote", "AlertDue", "AlertFact", "AlertOver", "AppLearnt", "CommentChange",
    "ControlMoved", "ControlWanted", "ConversationFact", "CredentialsAlive", "CredentialsRevoked", "CustomerCommented", "CustomerEdited", "CustomerRated", "CustomerReacted", "CustomerRead",
    "CustomerUnsent", "CustomerWrote", "DeliveriesMissed", "DeskFact", "EchoHeard", "EventsMissed", "Fact", "FromDesk", "FromNetwork", "FromNetworkOfAccount",
    "GroupLearnt", "Handover", "HomeOpened", "Ignored", "Judgement", "LoginWithdrawn", "NetworkFact", "OwnPostSeen", "PersonLearnt", "PlaceChange", "PlaceChanged",
    "PlaceRenumbered", "PlainFact", "PostDeleted", "PostNotFound", "Pressed", "ProfileLearnt", "QuestionStands", "RolesChanged", "SetupAsked", "Submitted", "ThreadsUnread", "TicketReported",
]  # fmt: skip


class CustomerWrote(FromNetwork, kw_only=True):
    """A customer's message, or another act of theirs that shows in the thread.

    kind: ``text``, or a key of the wording catalogue's ``kind.*`` for what stands in its place.
    opener: set when the act opens the window. about: the message that it answers.
    found_later: read from the network's history, not told by a delivery; answered: what the business said after it, there.
    cut: what was said before it was missed, and is not told.
    """

    remote_id: RemoteId | None
    text: str | None
    kind: str = "text"
    opener: Opener | None = None
    attachments: tuple[Attachment, ...] = ()
    about: RemoteId | None = None
    found_later: bool = False
    answered: tuple[RemoteId, ...] = ()
    cut: bool = False

    @property
    def unknown(self) -> str | None:
        """What the network calls the first thing in it that this version cannot read; None: all of it was read."""
        return next((each.title for each in self.attachments if each.kind == UNKNOWN), None)


class CustomerEdited(FromNetwork, kw_only=True):
    """A customer changed the words of their message; *number* counts their changes of it, from 1."""

    remote_id: RemoteId
    text: str | None
    number: int


class CustomerReacted(FromNetwork, kw_only=True):
    """A customer put a reaction on the message *about*, theirs or ours, in the place of an earlier one; None: took it back."""

    about: RemoteId
    emoji: str | None


class CustomerUnsent(FromNetwork, kw_only=True):
    """A customer took a message back: nothing of it may be kept or shown any more."""

    remote_id: RemoteId


class EchoHeard(FromNetwork, kw_only=True):
    """The network repeated a message of the business: one of ours, or one written elsewhere.

    marker: what we put into the send, where the network gives it back. app: the network's id of the app that sent it.
    looked_up: found by looking for a send. found_later, cut: as for a customer's message.
    """

    remote_id: RemoteId
    text: str | None
    kind: str = "text"
    attachments: tuple[Attachment, ...] = ()
    about: RemoteId | None = None
    marker: str | None = None
    app: str | None = None
    looked_up: bool = False
    found_later: bool = False
    cut: bool = False


class Handover(StrEnum):
    """How a conversation moves from one app to another."""

    PASSED = "passed"
    """The app that had it gave it away."""
    TAKEN = "taken"
    """The app that has it now took it."""


class ControlMoved(FromNetwork, kw_only=True):
    """Another app may answer this customer now, or we may. owner: the network's id of the app; None: no app has it."""

    how: Handover
    owner: str | None
    previous: str | None = None
    """Who had it before, where that is told."""


class ControlWanted(FromNetwork, kw_only=True):
    """Another app asks for the conversation."""

    app: str | None


class AppLearnt(FromNetwork, kw_only=True):
    """What another app is called; None: the network does not tell us. The customer: whose conversation it is in."""

    app: str
    name: str | None


class FromNetworkOfAccount(Word, kw_only=True):
    """The base of what the network tells about an account as a whole, at the event's own time."""

    platform: Platform
    account: str
    """The network's id of the account."""
    at: datetime


class Judgement(StrEnum):
    """What the network does about an account that breaks its rules."""

    WARNING = "warning"
    BLOCK = "block"
    UNBLOCK = "unblock"


class AccountJudged(FromNetworkOfAccount, kw_only=True):
    """The network warned an account, or stopped its messages, or lets them go again."""

    judgement: Judgement


class RolesChanged(FromNetworkOfAccount, kw_only=True):
    """Which of the account's apps answers first has changed: the network's ids of those that do."""

    first: tuple[str, ...]


class ProfileLearnt(FromNetwork, kw_only=True):
    """Who the customer is, or that nobody may know."""

    readable: bool
    name: str | None = None
    username: str | None = None
    picture: str | None = None
    followers: int | None = None
    follows: bool | None = None
    verified: bool | None = None


class AgentWrote(FromDesk, kw_only=True):
    """Somebody wrote a reply in a thread, not the bridge itself.

    root: the thread's root; ref: the message. text: plain, mentions as names.
    note: begins with the sign of a private note. mentions_bridge: begins with a mention of the bridge.
    mentions: names a colleague, a group, a channel or everybody. found_late: read after a gap, not told by an event.
    """

    place: PlaceRef
    root: PostRef
    ref: PostRef
    person: PersonRef | None
    automatic: bool
    """Written by another bot or a workflow."""
    foreign: bool
    """The desk marks the author as of another company."""
    text: str
    note: bool = False
    mentions_bridge: bool = False
    command: str = ""
    """What follows that mention, without those of other people."""
    named: tuple[PersonRef, ...] = ()
    """Whom it mentions besides the bridge."""
    places: tuple[PlaceRef, ...] = ()
    """Which channels it mentions."""
    mentions: bool = False
    files: tuple[AgentFile, ...] = ()
    found_late: bool = False
    changed_at: datetime | None = None
    """Of what was found late: when its author last changed it; None: never."""
    written_at: datetime | None = None
    """Of a change: when the message was first written, where the desk tells."""
    was_note: bool = False
    """Before this change it was a private note."""
    edited_before: bool = False
    """It had been changed already when this was told: nobody here knows what it said at first."""
    shared: bool = False
    """It passes on another message of the desk's."""
    leads_inside: bool = False
    """It holds a link that only people of the desk can follow."""
    meant: bool = False
    """Typed where everything goes to the customer: it needs no mark."""


class AgentEdited(AgentWrote, kw_only=True):
    """Somebody changed their message; the fields are what it says now."""


class PostDeleted(FromDesk, kw_only=True):
    """A message on the desk was deleted: an agent's, or one of ours (perhaps a thread's root)."""

    place: PlaceRef
    ref: PostRef
    root: PostRef | None = None
    """The thread it stood in, where the desk says so."""


class OwnPostSeen(FromDesk, kw_only=True):
    """A post of ours came back: *keys* are the outbox rows whose mark it bears."""

    place: PlaceRef
    ref: PostRef
    root: PostRef | None
    keys: tuple[int, ...]


class PostNotFound(FromDesk, kw_only=True):
    """A look on the desk did not find the post of the outbox row *key*: proof that it may be posted again."""

    key: int


class Pressed(FromDesk, kw_only=True):
    """Somebody pressed a button of ours, or used the shortcut on a message.

    message, conversation, incident: what the button acts on; ref: the desk message a shortcut was used on.
    handle: the desk's way to replace the line that held the button, if there is one.
    """

    act: Act
    person: PersonRef
    place: PlaceRef
    message: MessageId | None = None
    conversation: ConversationId | None = None
    incident: IncidentId | None = None
    ref: PostRef | None = None
    root: PostRef | None = None
    handle: str | None = None

    @property
    def on_alert(self) -> bool:
        """Whether the button stood under an alert, and not in a thread or on a line about one message."""
        return self.conversation is not None or self.incident is not None


class QuestionStands(FromDesk, kw_only=True):
    """Somebody was asked about an answer directly, under *handle*; *key*: of the sentence that asks."""

    message: MessageId
    person: PersonRef
    handle: PostRef
    key: str


class PersonLearnt(FromDesk, kw_only=True):
    """Who somebody on the desk is; None: the desk knows nobody by that ref."""

    ref: PersonRef
    person: Person | None


class GroupLearnt(FromDesk, kw_only=True):
    """Who belongs to a group on the desk; None: that cannot be told, or was not told whole.

    why: why nobody does, or nobody can tell.
    """

    group: GroupRef
    people: tuple[PersonRef, ...] | None
    why: str = ""


class EventsMissed(FromDesk, kw_only=True):
    """The desk says that it kept events back: what people wrote may never be told."""


class ThreadsUnread(FromDesk, kw_only=True):
    """A gap in the desk's events has left these conversations' threads to be read again; *left*: so many more after them."""

    conversations: tuple[ConversationId, ...]
    left: int = 0


class CredentialsRevoked(FromDesk, kw_only=True):
    """The desk says that our credentials are dead."""


class CredentialsAlive(FromDesk, kw_only=True):
    """The desk accepted our credentials."""


class Ignored(Word, kw_only=True):
    """Heard, understood, and nothing to do; *why* is counted."""

    why: str


NetworkFact = (
    CustomerWrote
    | CustomerRated
    | CustomerEdited
    | CustomerReacted
    | CustomerRead
    | CustomerUnsent
    | CustomerCommented
    | EchoHeard
    | ProfileLearnt
    | ControlMoved
    | ControlWanted
    | AppLearnt
)
AccountFact = AccountJudged | RolesChanged
DeskFact = (
    AgentWrote
    | AgentEdited
    | AgentReacted
    | PostDeleted
    | OwnPostSeen
    | PostNotFound
    | Pressed
    | Submitted
    | SetupAsked
    | PersonLearnt
    | GroupLearnt
    | PlaceChanged
    | PlaceRenumbered
    | EventsMissed
    | ThreadsUnread
    | CredentialsRevoked
    | CredentialsAlive
    | HomeOpened
    | QuestionStands
)
ConversationFact = (
    NetworkFact | AgentWrote | AgentEdited | AgentReacted | PostDeleted | Pressed | Submitted | QuestionStands
)
"""What is about one conversation."""
PlainFact = PersonLearnt | OwnPostSeen | PostNotFound | CredentialsRevoked | Ignored
"""What is ruled on without a look at anything."""
AlertFact = AlertDue | AlertOver
Fact = NetworkFact | AccountFact | DeskFact | AlertFact | DeliveriesMissed | LoginWithdrawn | TicketReported | Ignored
