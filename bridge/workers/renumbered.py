"""Places that go by another id: what comes back under the old one is looked after for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.facts import AlertOver
from bridge.model.outcomes import Held, Outcome, RawItem, Scope
from bridge.ports import Ending, OutboxRow, Transaction
from bridge.respelt import respelt
from bridge.rules.desk import places
from bridge.workers.base import Tools

EVERY: Final = timedelta(seconds=30)
SOON: Final = timedelta(seconds=1)
LATE: Final = timedelta(hours=1)
"""So long something that was on its way may come back under the old id."""


def look(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """What came back under an old id goes by the new one; that an operator's channel was set anew ends its incident."""
    known = tx.ticks.renumbered()
    tools.renumbered.update({old: new for old, (_, new, _) in known.items()})
    for old, (workspace, new, at) in known.items():
        if moment.now - at < LATE:
            tx.ticks.renumber(workspace, old, new, moment.now)
    ops = tools.given.ops_place
    mended = [
        AlertOver(workspace=each.workspace, at=moment.now, key=each.key)
        for each in tx.incidents.open_of(places.OPS_CHANNEL)
        if ops is None or each.key != places.ops_key(ops)
    ]
    if mended:
        tx.apply(None, Decision(alerts=tuple(mended)), moment.steady)


def spelt(item: RawItem, tools: Tools) -> RawItem:
    """What the desk told of a place by the id by which it went, as if told by the one by which it goes."""
    named = [old for old in tools.renumbered if old.encode() in item.body]
    if item.source != tools.desk_source or not named:
        return item
    text = item.body.decode(errors="surrogateescape")
    for old in named:
        text = respelt(text, old, tools.renumbered[old])
    return replace(item, body=text.encode(errors="surrogateescape"))


def meanwhile(row: OutboxRow, outcome: Outcome, tools: Tools) -> bool:
    """Whether something was refused only because its place got another id while it was on its way: it has followed since."""
    if not isinstance(outcome, Held) or outcome.scope is not Scope.TARGET or not lanes.has_place(row.target):
        return False
    return lanes.place_of(row.target) in tools.renumbered


def again(moment: Moment) -> Ending:
    """How such a row is left: what it holds says the new id by now."""
    return Ending(state="ready", reason="renumbered", not_before=moment.steady + SOON)
