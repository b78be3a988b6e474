"""Rows of incidents become the model's words here, and back."""

from __future__ import annotations

from typing import Any

from bridge.model.ids import AccountId, IncidentId, PlaceRef, PostRef, WorkspaceId
from bridge.model.incident import Incident


def read(row: Any) -> Incident:
    """From a row of ``incident``."""
    return Incident(
        id=IncidentId(row.id),
        workspace=WorkspaceId(row.workspace),
        key=row.key,
        kind=row.kind,
        place=PlaceRef(row.place),
        account=None if row.account is None else AccountId(row.account),
        values=row._mapping["values"],
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        ref=None if row.ref is None else PostRef(row.ref),
        within=None if row.within is None else IncidentId(row.within),
    )


def values(of: Incident) -> dict[str, Any]:
    """A row of ``incident``."""
    return {**vars(of), "values": dict(of.values)}
