"""Five of a kind are one: incidents that come together are told in one message, and each owner hears of all of theirs at once.

Rule 1: the fifth open one of a kind in a place, within ten minutes of the first, makes a digest; who was announced stays.
Rule 2: what comes soon after joins by an edit; when five more have come much later, that is said under the digest.
Rule 3: a digest is over with the last of its members.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from bridge.model.change import replace
from bridge.model.decision import Decision, Due, Go, NotYet
from bridge.model.effects import Queued
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import IncidentId, PersonRef, PlaceRef
from bridge.model.incident import Company, Incident
from bridge.model.value import Value
from bridge.rules.base import Context
from bridge.rules.desk import incidents

KIND: Final = "many"
FIVE: Final = 5
LATELY: Final = timedelta(minutes=10)
"""What began within this time came together; so long after the last one another still joins."""
QUIET, LONGEST = 5, 30
"""Owners are told when no other came for so many rests, and after so many at the latest."""
SAME_WAVE: Final = timedelta(hours=1)
"""Members that reach a stage within this time are told of together."""

OF, JOINED, BURST, STAGED = "of", "joined", "burst", "staged"
"""In a digest's values: the kind of its members; when the last one joined, when those began to; when a stage was told."""

JOINING: Final = frozenset(
    """reauth restricted setup place alerts_place shared_place history policy_warning tag_misuse app_roles not_shown dead_row
    stale_post stale_card stale_file unsent_exported silence""".split()
)
"""Kinds that may come in numbers."""


def key(kind: str, place: PlaceRef) -> str:
    """Of the one digest of a kind that may be open in a place."""
    return f"{KIND}:{kind}:{place}"


def together(company: Company, context: Context) -> bool:
    """Whether another incident is told with others."""
    digest = company.digest
    if digest is not None and context.moment.now.timestamp() - _number(digest, JOINED) < LATELY.total_seconds():
        return True
    return len(company.alike) + 1 >= FIVE


def joined(incident: Incident, fact: AlertDue, company: Company, context: Context) -> Decision:
    """A new incident that is told with others, with all that follows for these."""
    now = context.moment.now
    digest, others = company.digest, company.alike
    anew = digest is not None and now.timestamp() - _number(digest, JOINED) >= LATELY.total_seconds()
    if digest is not None and not anew:
        others = ()
    values: dict[str, Value] = {JOINED: int(now.timestamp())}
    if (
        digest is None
        or now.timestamp() - _number(digest, JOINED) >= LONGEST * context.rules.alert_rest.total_seconds()
    ):
        values[BURST] = int(now.timestamp())
    soon = context.moment.steady + context.rules.alert_rest
    whom = [person for each in others if each.ref is None for person in incidents.people(each)]
    effects: tuple[Queued, ...]
    if digest is None:
        digest = _opened(incident, values, context)
        effects = (incidents.announced(digest, fact.at, soon),)
    else:
        digest = replace(digest, values={**digest.values, **values})
        effects = (incidents.edited(digest, fact.at, soon),)
        if anew:
            stage = f"more:{int(now.timestamp())}"
            digest, more = incidents.advanced(digest, stage, (), fact.at, loud=True, now=now)
            effects = (*effects, *more)
    members = tuple(replace(each, within=digest.id) for each in (*others, incident))
    owners = incidents.told(digest, [*whom, *fact.tell], fact.at, not_before=soon)
    shown = tuple(incidents.edited(each, fact.at) for each in others if each.ref is not None)
    return Decision(incidents=(digest, *members), effects=(*effects, *shown, *owners))


def _opened(incident: Incident, values: dict[str, Value], context: Context) -> Incident:
    return Incident(
        id=IncidentId(context.new_id()),
        workspace=incident.workspace,
        key=key(incident.kind, incident.place),
        kind=KIND,
        place=incident.place,
        account=incident.account,
        values={OF: incident.kind, **values},
        opened_at=incident.opened_at,
    )


def moved_on(
    digest: Incident, fact: AlertDue, whom: Iterable[PersonRef], context: Context
) -> tuple[Incident, tuple[Queued, ...]]:
    """A member that has no alert of its own has come to another stage: told under the digest, once for all that come with it."""
    now = context.moment.now
    soon = context.moment.steady + context.rules.alert_rest
    same = digest.values.get(incidents.STAGE) == fact.stage
    if fact.stage is None or (same and now.timestamp() - _number(digest, STAGED) < SAME_WAVE.total_seconds()):
        return digest, incidents.told(digest, whom, fact.at, not_before=soon)
    wave: dict[str, Value] = {STAGED: int(now.timestamp()), BURST: int(now.timestamp()), JOINED: int(now.timestamp())}
    digest = replace(digest, values={**digest.values, **wave})
    digest, effects = incidents.advanced(digest, fact.stage, whom, fact.at, loud=fact.loud, now=now)
    return digest, effects


def over(company: Company, ending: Collection[IncidentId], fact: AlertOver, context: Context) -> Decision:
    """Some of a digest's members are over: ticked off, and with the last one the digest itself."""
    digest = company.digest
    if digest is None:
        return Decision()
    soon = context.moment.steady + context.rules.alert_rest
    if company.left - set(ending):
        return Decision(effects=(incidents.edited(digest, fact.at, soon),))
    closed = replace(digest, closed_at=fact.at)
    ends = incidents.told(closed, incidents.people(digest, incidents.TOLD), fact.at, over=True)
    anew = (incidents.edited(closed, fact.at), *incidents.over_to(closed, fact.at))
    return Decision(incidents=(closed,), effects=(*anew, *ends))


def rests(digest: Incident, context: Context) -> Due:
    """Owners hear of a digest when nothing more comes, so that they hear of all of theirs at once."""
    rest, now = context.rules.alert_rest.total_seconds(), context.moment.now.timestamp()
    until = min(_number(digest, JOINED) + QUIET * rest, _number(digest, BURST) + LONGEST * rest)
    if now >= until:
        return Go()
    return NotYet(until=context.moment.steady + timedelta(seconds=until - now), why="others may come")


def _number(digest: Incident, name: str) -> float:
    value = digest.values.get(name)
    return value if isinstance(value, int | float) else 0.0
