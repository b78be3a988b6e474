"""Effects that only look, and bring back what they find: on the desk, on the network."""

from __future__ import annotations

from datetime import datetime

from bridge.model.effect import Effect
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    GroupRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
)
from bridge.model.setup import AnswerAsker
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class LookForSend(Effect):
    """Read the network's newest messages of a conversation; ours among them settle a send that is unsure."""

    conversation: ConversationId
    account: AccountId
    since: datetime


@dataclass(frozen=True, kw_only=True)
class LookForPost(Effect):
    """Look on the desk for a post whose answer was lost; *row* is its outbox row, its key on the desk."""

    row: int
    place: PlaceRef
    root: PostRef | None
    since: datetime
    conversation: ConversationId | None = None


@dataclass(frozen=True, kw_only=True)
class LearnProfile(Effect):
    """Ask the network who a customer is."""

    account: AccountId
    customer: CustomerId
    conversation: ConversationId


@dataclass(frozen=True, kw_only=True)
class LearnApp(Effect):
    """Ask the network what another app is called."""

    conversation: ConversationId
    account: AccountId
    app: str


@dataclass(frozen=True, kw_only=True)
class LearnPerson(Effect):
    """Ask the desk who somebody is."""

    person: PersonRef


@dataclass(frozen=True, kw_only=True)
class LearnGroup(Effect):
    """Ask the desk who belongs to a group."""

    group: GroupRef


@dataclass(frozen=True, kw_only=True)
class ReadThread(Effect):
    """Read a thread again after a gap in the desk's events; what *stood* there and does not any more was deleted."""

    conversation: ConversationId
    place: PlaceRef
    root: PostRef
    since: datetime
    stood: tuple[PostRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProbeDesk(Effect):
    """Ask the desk whether our credentials are alive again."""


@dataclass(frozen=True, kw_only=True)
class ProbeToken(Effect):
    """Ask the desk whether our credentials still count, where it was asked nothing else for a while: only a no is news."""


@dataclass(frozen=True, kw_only=True)
class ProbePlace(Effect):
    """Ask the desk whether a place that was closed to us can be posted into again."""

    place: PlaceRef


# ── what no delivery told ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class KeepSubscribed(Effect):
    """See that the network tells us of an account, and have it tell us again where it has stopped.

    answer: who has switched comments on, and what they read where those cannot come; its ``code`` is what the network names.
    """

    account: AccountId
    answer: AnswerAsker | None = None


@dataclass(frozen=True, kw_only=True)
class ReadConversations(Effect):
    """Read one page of an account's conversations, the latest active first, for what was said since *since*.

    after: where the page begins, as the page before it told; None: at the first. page: how many came before it.
    plain: the network refused to tell all of it: words alone.
    """

    account: AccountId
    since: datetime
    after: str | None = None
    page: int = 0
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadHistory(Effect):
    """Read the newest messages of one conversation, for what was said since *since*. plain: as for a page."""

    conversation: ConversationId
    account: AccountId
    since: datetime
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class LookForMessage(Effect):
    """Ask whether a customer's message is still there, for a person who wants to know.

    about, root: the post they asked at, and its thread; at: when. listed: the network did not find the message itself,
    which has two reasons; the list of the newest ones tells which.
    """

    conversation: ConversationId
    account: AccountId
    message: MessageId
    person: PersonRef
    about: PostRef
    root: PostRef | None
    at: datetime
    listed: bool = False


@dataclass(frozen=True, kw_only=True)
class GiveTranscript(Effect):
    """Make a text file of a conversation, and give it to one person directly."""

    conversation: ConversationId
    person: PersonRef


@dataclass(frozen=True, kw_only=True)
class PostAside(Effect):
    """Put an agent's question, and nothing of the customer, into another place. person: who asks; whom: somebody who is named."""

    conversation: ConversationId
    message: MessageId
    place: PlaceRef
    person: PersonRef
    whom: PersonRef | None = None
