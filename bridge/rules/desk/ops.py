"""What belongs to no account: what was given up, what nobody knows, what does not move, what has stopped, who knocks.

Each is an incident like all others: told once where the operator listens, edited while it moves, over by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.incident import Incident
from bridge.model.state import Account
from bridge.model.value import Value
from bridge.model.word import Word, field
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

DEAD, UNSURE, BEHIND, STOPPED = "dead_rows", "unsure_rows", "queue_behind", "worker_stopped"
KINDS: Final = (DEAD, UNSURE, BEHIND, STOPPED)
"""What is looked at again and again: over as soon as it is not so any more."""
FORGED: Final = "refused_signatures"
LIMITED: Final = "events_limited"

UNSURE_FOR: Final = timedelta(minutes=10)
"""So long an answer may be doubtful before somebody else than its author hears of it."""
BEHIND_FOR: Final = timedelta(minutes=10)
"""So long what could go may wait."""
GONE_FOR: Final = timedelta(seconds=60)
"""So long (real time) a process is not heard of before it counts as stopped."""
LIMITED_FOR: Final = timedelta(minutes=15)
"""The desk keeps events back by the minute: after so long without another word it does not any more."""
MANY_FORGED, FORGED_WITHIN = 20, timedelta(minutes=10)
"""So many deliveries with a wrong signature within this time are no accident."""


class Found(Word, kw_only=True):
    """One thing that is so now."""

    key: str
    kind: str
    values: dict[str, Value] = field(default_factory=dict)


def told(account: Account, found: Sequence[Found], known: Sequence[Incident], context: Context) -> Decision:
    """What is so now, held against what was told. account: whose workspace hears it. known: the open ones of `KINDS`."""
    now, place = context.moment.now, context.rules.ops_place or alerts_place(account, context.rules)
    before = {each.key: each for each in known}
    alerts: list[AlertFact] = [
        AlertDue(workspace=account.workspace, at=now, key=each.key, kind=each.kind, place=place, values=each.values)
        for each in found
        if each.key not in before or not _says(before[each.key], each)
    ]
    still = {each.key for each in found}
    alerts += [AlertOver(workspace=each.workspace, at=now, key=each.key) for each in known if each.key not in still]
    return Decision(alerts=tuple(alerts))


def _says(incident: Incident, found: Found) -> bool:
    return all(incident.values.get(name) == value for name, value in found.values.items())


def limited(account: Account, context: Context) -> AlertDue:
    """The desk has kept events back: what was written meanwhile is read, and somebody should know why it came late."""
    return AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=f"limited:{account.workspace}",
        kind="events_limited",
        place=context.rules.ops_place or alerts_place(account, context.rules),
        values={"last": int(context.moment.now.timestamp())},
    )


def no_longer(incident: Incident, context: Context) -> Decision:
    """Whether the desk has kept nothing back for long enough."""
    last, now = incident.values.get("last"), context.moment.now
    if isinstance(last, int | float) and 0 <= now.timestamp() - last < LIMITED_FOR.total_seconds():
        return Decision()
    return Decision(alerts=(AlertOver(workspace=incident.workspace, at=now, key=incident.key),))


def forged(account: Account, source: str, count: int, incident: Incident | None, context: Context) -> Decision:
    """Deliveries of a source that somebody else may have sent: *count* within the last ten minutes."""
    key = f"forged:{source}"
    if incident is None and count >= MANY_FORGED:
        due = AlertDue(
            workspace=account.workspace,
            at=context.moment.now,
            key=key,
            kind="refused_signatures",
            place=context.rules.ops_place or alerts_place(account, context.rules),
            values={"source": source.capitalize()},
        )
        return Decision(alerts=(due,))
    if incident is not None and count == 0:
        return Decision(alerts=(AlertOver(workspace=incident.workspace, at=context.moment.now, key=key),))
    return Decision()
