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


class LookForSend(Effect, kw_only=True):
    """Read the network's newest messages of a conversation; ours among them settle a send that is unsure."""

    conversation: ConversationId
    account: AccountId
    since: datetime


class LookForPost(Effect, kw_only=True):
    """Look on the desk for a post whose answer was lost; *row* is its outbox row, its key on the desk."""

    row: int
    place: PlaceRef
    root: PostRef | None
    since: datetime
    conversation: ConversationId | None = None


class LearnProfile(Effect, kw_only=True):
    """Ask the network who a customer is."""

    account: AccountId
    customer: CustomerId
    conversation: ConversationId


class LearnApp(Effect, kw_only=True):
    """Ask the network what another app is called."""

    conversation: ConversationId
    account: AccountId
    app: str


class LearnPerson(Effect, kw_only=True):
    """Ask the desk who somebody is."""

    person: PersonRef


class LearnGroup(Effect, kw_only=True):
    """Ask the desk who belongs to a group."""

    group: GroupRef


class ReadThread(Effect, kw_only=True):
    """Read a thread again after a gap in the desk's events; what *stood* there and does not any more was deleted."""

    conversation: ConversationId
    place: PlaceRef
    root: PostRef
    since: datetime
    stood: tuple[PostRef, ...] = ()


class ProbeDesk(Effect, kw_only=True):
    """Ask the desk whether our credentials are alive again."""


class ProbeToken(Effect, kw_only=True):
    """Ask the desk whether our credentials still count, where it was asked nothing else for a while: only a no is news."""


class ProbePlace(Effect, kw_only=True):
    """Ask the desk whether a place that was closed to us can be posted into again."""

    place: PlaceRef


# ── what no delivery told ─────────────────────────────────────────────────────────────────────────────────


class KeepSubscribed(Effect, kw_only=True):
    """See that the network tells us of an account, and have it tell us again where it has stopped.

    answer: who has switched comments on, and what they read where those cannot come; its ``code`` is what the network names.
    """

    account: AccountId
    answer: AnswerAsker | None = None


class ReadConversations(Effect, kw_only=True):
    """Read one page of an account's conversations, the latest active first, for what was said since *since*.

    after: where the page begins, as the page before it told; None: at the first. page: how many came before it.
    plain: the network refused to tell all of it: words alone.
    """

    account: AccountId
    since: datetime
    after: str | None = None
    page: int = 0
    plain: bool = False


class ReadHistory(Effect, kw_only=True):
    """Read the newest messages of one conversation, for what was said since *since*. plain: as for a page."""

    conversation: ConversationId
    account: AccountId
    since: datetime
    plain: bool = False


class LookForMessage(Effect, kw_only=True):
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


class GiveTranscript(Effect, kw_only=True):
    """Make a text file of a conversation, and give it to one person directly."""

    conversation: ConversationId
    person: PersonRef


class PostAside(Effect, kw_only=True):
    """Put an agent's question, and nothing of the customer, into another place. person: who asks; whom: somebody who is named."""

    conversation: ConversationId
    message: MessageId
    place: PlaceRef
    person: PersonRef
    whom: PersonRef | None = None
