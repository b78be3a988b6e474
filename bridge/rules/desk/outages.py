"""The desk itself takes nothing: told where else somebody hears it, once, and once when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import PersonRef, PlaceRef, WorkspaceId
from bridge.model.incident import Incident
from bridge.rules.base import Context, nothing

SILENT: Final = timedelta(minutes=5)
"""So long nothing could be posted although something is to be."""
DEAD, QUIET = "desk_token", "desk_silent"
"""Why: the credentials are dead; or nothing gets through."""


def key(workspace: WorkspaceId) -> str:
    """The incident of a desk that takes nothing."""
    return f"outage:{workspace}"


def found(
    workspace: WorkspaceId, place: PlaceRef, cause: str | None, incident: Incident | None, context: Context
) -> Decision:
    """How a desk stands now. cause: why it takes nothing; None: it does. incident: the one that is open, if any."""
    now = context.moment.now
    if cause is None:
        if incident is None:
            return nothing("no outage")
        return Decision(alerts=(AlertOver(workspace=workspace, at=now, key=incident.key),))
    ways = tuple(PersonRef(f"sink:{each}") for each in context.rules.sinks)
    if incident is not None or not ways:
        return nothing("told already" if incident else "nobody to tell")
    due = AlertDue(
        workspace=workspace,
        at=now,
        key=key(workspace),
        kind="outage",
        place=place,
        values={"cause": cause},
        tell=ways,
    )
    return Decision(alerts=(due,))
