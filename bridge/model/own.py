"""What the bridge tells itself: the same way as what it hears, so that it outlives the process."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Value
from bridge.model.word import Word, field


class AlertDue(Word, kw_only=True):
    """An alerts channel must hear of an incident: opened by the first, brought up to date by later ones."""

    workspace: WorkspaceId
    at: datetime
    key: str
    kind: str
    place: PlaceRef
    account: AccountId | None = None
    values: dict[str, Value] = field(default_factory=dict)
    stage: str | None = None
    """How far it has come, where it comes in stages: one not told before is a reply under the incident, and told to *tell*."""
    loud: bool = False
    """That reply stands in the channel as well."""
    tell: tuple[PersonRef, ...] = ()
    """Who hears of its beginning, and of each later stage, in a direct message."""


class AlertOver(Word, kw_only=True):
    """What an incident was about is mended."""

    workspace: WorkspaceId
    at: datetime
    key: str
    values: dict[str, Value] = field(default_factory=dict)


class DeliveriesMissed(Word, kw_only=True):
    """What the network told since *since* may never have reached us.

    account: of one account; None: of all. since: None: since the last that was heard of each.
    """

    at: datetime
    since: datetime | None = None
    account: AccountId | None = None


class LoginWithdrawn(Word, kw_only=True):
    """Somebody took the app out of their network login, at *since*.

    person: the id that only our app has for them. code: of the request to erase what is kept of them; None: there is none.
    """

    at: datetime
    since: datetime
    person: str
    code: str | None = None
