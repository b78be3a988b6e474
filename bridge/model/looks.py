"""Effects that only look, and bring back what they find: on the desk, on the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.model.effect import Effect
from bridge.model.ids import AccountId, ConversationId, CustomerId, GroupRef, PersonRef, PlaceRef, PostRef


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
class ProbePlace(Effect):
    """Ask the desk whether a place that was closed to us can be posted into again."""

    place: PlaceRef
