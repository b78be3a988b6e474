"""What an alerts channel hears once."""

from __future__ import annotations

from datetime import datetime

from bridge.model.account import Account
from bridge.model.ids import AccountId, IncidentId, PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.value import Value
from bridge.model.word import Word

BY_LOGIN = "meta_person:"
"""How somebody is named who logged in at the network: by the number under which their name is kept."""


class Incident(Word, kw_only=True):
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


class Mark(Word, kw_only=True):
    """What became of a way to tell an incident; several may end at once, and so it is written beside whatever else changes.

    posted: how far it had come as its alert was worded. told: who has heard of it, and by which message (*line*). gone: somebody
    has deleted its alert.
    """

    incident: IncidentId
    posted: str | None = None
    told: PersonRef | None = None
    line: PostRef | None = None
    gone: bool = False


class Company(Word, kw_only=True):
    """What else is open beside an incident.

    digest: the one that it is told in, or that is open for its kind and place. left: which of its members are open.
    alike: those of its kind and place that began lately and are in no digest, the oldest first.
    """

    digest: Incident | None = None
    left: frozenset[IncidentId] = frozenset()
    alike: tuple[Incident, ...] = ()


ALONE = Company()


class Member(Word, kw_only=True):
    """One of those that a digest tells of, and whose it is."""

    incident: Incident
    account: Account | None
