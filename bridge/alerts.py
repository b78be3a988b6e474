"""What the alerts channels must hear: facts about trouble are folded into incidents, each told once and edited until it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import Queued
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.ids import AccountId, IncidentId, PlaceRef, WorkspaceId
from bridge.model.incident import ALONE, Company, Incident
from bridge.model.value import Value
from bridge.rules.accounts import warnings
from bridge.rules.accounts.minding import REFUSED
from bridge.rules.base import Context
from bridge.rules.desk import incidents as telling
from bridge.rules.desk import many

HOLDS_ANSWERS = ("reauth", "restricted", "setup")
"""Kinds behind which agents' answers wait; at their end they are sent."""
TOLD_ONCE = ("digest", "day", "connected", "enabled", "departed", "resumed")
"""Kinds that are over as soon as they are told, and say nothing else then."""
OUTSIDE = ("outage",)
"""Kinds that are not told on the desk, because it is what fails."""
SENDING, SENT = "sending", "sent"
"""In the values of an incident that is over: since when what it held goes (seconds, steady); how many answers have gone."""
SENDS_FOR = timedelta(hours=1)
"""What has not gone by then, goes for another reason."""
SOURCE = "bridge"
"""The source of what the bridge tells itself: alerts, as items of the inbox."""


def decide(
    incidents: Sequence[Incident], fact: AlertFact, context: Context, company: Mapping[str, Company] | None = None
) -> Decision:
    """Open, bring up to date or close an incident. *incidents*: the open ones under the fact's key, if any.

    The fact's place is one that can be posted into, if there is any: what was not told yet moves there. What is over may
    be so for several accounts. company: what else is open beside each of these, and beside a new one, by key.
    """
    beside = company or {}
    match fact:
        case AlertDue():
            return _due(incidents[0] if incidents else None, fact, beside.get(fact.key, ALONE), context)
        case AlertOver():
            return _over(incidents, fact, beside, context)
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


def _due(incident: Incident | None, fact: AlertDue, company: Company, context: Context) -> Decision:
    if incident is None:
        return _opened(fact, company, context)
    values = {**incident.values, **telling.of_fact(fact)}
    return replace(_further(incident, values, fact, company, context), **_unwarned(incident, fact, company))


def _further(
    incident: Incident, values: dict[str, Value], fact: AlertDue, company: Company, context: Context
) -> Decision:
    """What is open already becomes *values*."""
    if incident.ref is None and incident.within is None and fact.place != incident.place:
        moved = replace(incident, place=fact.place, values=values)
        further = () if _same_stage(incident, fact) else telling.told(moved, fact.tell, fact.at)
        return Decision(incidents=(moved,), effects=(telling.announced(moved, fact.at), *further))
    if values == incident.values:
        return Decision(ignored="told already")
    return _moved_on(incident, replace(incident, values=values), fact, company, context)


def _unwarned(incident: Incident, fact: AlertDue, company: Company) -> dict[str, Any]:
    """A warning that a refusal overtook before it stood was heard by nobody: it is due again once the login is well.

    Where it is being posted at this very moment it is heard again then: rather twice than not at all.
    """
    digest = None if incident.within is None else company.digest
    stands = incident.ref is not None or (digest is not None and digest.ref is not None)
    if stands or fact.stage != REFUSED or incident.values.get(telling.STAGE) not in warnings.STAGES:
        return {}
    return {"account": incident.account, "upkeep": {"warned": None, "warn_at": fact.at}}


def _opened(fact: AlertDue, company: Company, context: Context) -> Decision:
    opened = Incident(
        id=IncidentId(context.new_id()),
        workspace=fact.workspace,
        key=fact.key,
        kind=fact.kind,
        place=fact.place,
        account=fact.account,
        values=telling.of_fact(fact),
        opened_at=fact.at,
    )
    if fact.kind in OUTSIDE:
        return Decision(incidents=(opened,), effects=telling.told(opened, fact.tell, fact.at))
    if fact.kind not in many.JOINING:
        told = telling.told(opened, fact.tell, fact.at)
        return Decision(incidents=(opened,), effects=(telling.announced(opened, fact.at), *told))
    if many.together(company, context):
        return many.joined(opened, fact, company, context)
    soon = context.moment.steady + context.rules.alert_rest
    told = telling.told(opened, fact.tell, fact.at, not_before=soon)
    return Decision(incidents=(opened,), effects=(telling.announced(opened, fact.at, soon), *told))


def _same_stage(incident: Incident, fact: AlertDue) -> bool:
    return fact.stage is None or fact.stage == incident.values.get(telling.STAGE)


def _moved_on(before: Incident, incident: Incident, fact: AlertDue, company: Company, context: Context) -> Decision:
    """What is known of it has changed; a further stage is told besides."""
    effects: tuple[Queued, ...] = ()
    digest = company.digest if before.within is not None else None
    if digest is not None and before.ref is None:
        if not _same_stage(before, fact):
            digest, effects = many.moved_on(digest, fact, fact.tell, context)
    elif fact.stage is not None and not _same_stage(before, fact):
        now = context.moment.now
        incident, effects = telling.advanced(incident, fact.stage, fact.tell, fact.at, loud=fact.loud, now=now)
    beside = () if digest is None else (digest,)
    shown = beside if before.within is not None and before.ref is None else (incident, *beside)
    edits = tuple(telling.edited(each, fact.at) for each in shown)
    return Decision(incidents=(incident, *beside), effects=(*edits, *effects))


def counted(incident: Incident, waiting: int, at: datetime) -> Decision:
    """How many wait behind an incident's hold; an alert says how many there are, not how many there were."""
    if incident.values.get("waiting", 0) == waiting:
        return Decision(ignored="told already")
    told = replace(incident, values={**incident.values, "waiting": waiting})
    return Decision(incidents=(told,), effects=(telling.edited(incident, at),))


def gone_on(incident: Incident, sent: int, left: int, context: Context) -> Decision:
    """How many of the answers that it held have gone; it says so anew when all are through."""
    since = incident.values.get(SENDING)
    if not isinstance(since, int | float):
        return Decision(ignored="nothing goes")
    steady = context.moment.steady.timestamp()
    values = {name: value for name, value in incident.values.items() if name != SENDING}
    values[SENT] = sent
    if left and steady - since < SENDS_FOR.total_seconds():  # below 0: a tick that began before the release
        if incident.values.get(SENT) == sent:
            return Decision(ignored="told already")
        values[SENDING] = since
    through = replace(incident, values=values)
    return Decision(incidents=(through,), effects=(telling.edited(through, context.moment.now),))


def _over(incidents: Sequence[Incident], fact: AlertOver, beside: Mapping[str, Company], context: Context) -> Decision:
    ends = [_ended(incident, fact, context) for incident in incidents]
    ending = {incident.id for incident in incidents}
    companies = {
        company.digest.id: company
        for incident in incidents
        if incident.within is not None and (company := beside.get(incident.key, ALONE)).digest is not None
    }
    ends += [many.over(company, ending, fact, context) for company in companies.values()]
    effects = tuple(effect for end in ends for effect in end.effects)
    told = tuple(incident for end in ends for incident in end.incidents)
    return Decision(incidents=told, effects=effects, ignored=None if told else "no such incident")


def _ended(incident: Incident, fact: AlertOver, context: Context) -> Decision:
    if incident.kind in TOLD_ONCE:
        return Decision(incidents=(replace(incident, closed_at=fact.at),))
    values = {**incident.values, **fact.values}
    if incident.kind in HOLDS_ANSWERS and (incident.values.get("waiting") or fact.values.get("waiting")):
        values[SENDING] = context.moment.steady.timestamp()
    closed = replace(incident, closed_at=fact.at, values=values)
    ends = telling.told(closed, telling.people(incident, telling.TOLD), fact.at, over=True)
    return Decision(
        incidents=(closed,), effects=(telling.edited(closed, fact.at), *telling.over_to(closed, fact.at), *ends)
    )
