"""What the alerts channels must hear: facts about trouble are folded into incidents, each told once and edited until it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import EditAlert, PostAlert
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.ids import AccountId, IncidentId, PlaceRef, WorkspaceId
from bridge.model.state import Incident, Value

HOLDS_ANSWERS = ("reauth", "restricted", "setup")
"""Kinds behind which agents' answers wait; at their end they are sent."""
TOLD_ONCE = ("digest", "day", "connected")
"""Kinds that are over as soon as they are told, and say nothing else then."""
SOURCE = "bridge"
"""The source of what the bridge tells itself: alerts, as items of the inbox."""


def decide(incidents: Sequence[Incident], fact: AlertFact, new_id: Callable[[], int]) -> Decision:
    """Open, bring up to date or close an incident. *incidents*: the open ones under the fact's key, if any.

    The fact's place is one that can be posted into, if there is any: what was not told yet moves there. What is over may
    be so for several accounts.
    """
    match fact:
        case AlertDue():
            return _due(incidents[0] if incidents else None, fact, new_id)
        case AlertOver():
            ends = [_over(incident, fact) for incident in incidents]
            effects = tuple(effect for end in ends for effect in end.effects)
            told = tuple(incident for end in ends for incident in end.incidents)
            return Decision(incidents=told, effects=effects, ignored=None if told else "no such incident")
        case _:
            assert_never(fact)


def dead_facts(
    source: str, count: int, workspace: WorkspaceId, place: PlaceRef, account: AccountId, at: datetime
) -> AlertFact:
    """One incident for all that a source told and that could not be decided; it is over when none are left."""
    key = f"dead_inbox:{source}"
    values: dict[str, Value] = {"count": count, "source": source.capitalize()}
    if not count:
        return AlertOver(workspace=workspace, at=at, key=key)
    return AlertDue(workspace=workspace, at=at, key=key, kind="dead_inbox", place=place, account=account, values=values)


def _due(incident: Incident | None, fact: AlertDue, new_id: Callable[[], int]) -> Decision:
    if incident is None:
        opened = Incident(
            id=IncidentId(new_id()),
            workspace=fact.workspace,
            key=fact.key,
            kind=fact.kind,
            place=fact.place,
            account=fact.account,
            values=fact.values,
            opened_at=fact.at,
        )
        post = PostAlert(workspace=fact.workspace, incident=opened.id, place=opened.place)
        return Decision(incidents=(opened,), effects=(lanes.queue(post, position=lanes.micros(fact.at)),))
    values = {**incident.values, **fact.values}
    if incident.ref is None and fact.place != incident.place:
        moved = replace(incident, place=fact.place, values=values)
        post = PostAlert(workspace=fact.workspace, incident=moved.id, place=moved.place)
        return Decision(incidents=(moved,), effects=(lanes.queue(post, position=lanes.micros(fact.at)),))
    if values == incident.values:
        return Decision(ignored="told already")
    return _edited(replace(incident, values=values), fact)


def counted(incident: Incident, waiting: int, at: datetime) -> Decision:
    """How many wait behind an incident's hold; an alert says how many there are, not how many there were."""
    if incident.values.get("waiting", 0) == waiting:
        return Decision(ignored="told already")
    edit = EditAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
    told = replace(incident, values={**incident.values, "waiting": waiting})
    return Decision(incidents=(told,), effects=(replace(lanes.queue(edit, position=lanes.micros(at)), once=True),))


def _over(incident: Incident, fact: AlertOver) -> Decision:
    waited = incident.values.get("waiting")
    sent: dict[str, Value] = {"sent": waited} if waited and incident.kind in HOLDS_ANSWERS else {}
    values = {**incident.values, **sent, **fact.values}
    if incident.kind in TOLD_ONCE:
        return Decision(incidents=(replace(incident, closed_at=fact.at),))
    return _edited(replace(incident, closed_at=fact.at, values=values), fact)


def _edited(incident: Incident, fact: AlertFact) -> Decision:
    edit = EditAlert(workspace=fact.workspace, incident=incident.id, place=incident.place)
    return Decision(incidents=(incident,), effects=(lanes.queue(edit, position=lanes.micros(fact.at)),))
