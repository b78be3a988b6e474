"""What an alerts channel hears once."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import AccountId, IncidentId, PlaceRef, PostRef, WorkspaceId
from bridge.model.value import Value
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What an alerts channel hears once; edited until it is over."""

    id: IncidentId
    workspace: WorkspaceId
    key: str
    """Kind and subject, such as ``reauth:17``; at most one is open per key."""
    kind: str
    place: PlaceRef
    account: AccountId | None
    values: dict[str, Value]
    opened_at: datetime
    closed_at: datetime | None = None
    ref: PostRef | None = None
    within: IncidentId | None = None
    """The digest that tells of it together with others of its kind; it has no post of its own then."""
