"""Windows about to close, each tick: who is to be told of, what has lapsed, which alerts are over.

Rule 1: what is told is guarded by the conversation's own row, read again under its lock: two processes tell it once.
Rule 2: nothing due costs three looks at the ends of indexes.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge import lanes
from bridge.model.closing import Close, Line
from bridge.model.decision import Decision, Made, Moment, Scene
from bridge.model.ids import IncidentId, PlaceRef, WorkspaceId
from bridge.model.incident import Incident
from bridge.ports import Transaction
from bridge.rules.desk import announced, breaks, closing, places
from bridge.workers.base import Tools

LIMIT = 200


def tell(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Settle what has passed, announce what is due, close what is over."""
    _passed(tx, tools, moment)
    _announced(tx, tools, moment)
    for incident in tx.closings.over(moment.now, LIMIT):
        tx.apply(None, announced.over(incident, tools.context(tx, moment)), moment.steady)


def _passed(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Lines whose close has passed say so."""
    changed: dict[WorkspaceId, list[Line]] = {}
    for line in tx.closings.passed(moment.now, LIMIT):
        scene = tx.scenes.of_conversation(line.conversation)
        if scene is not None:
            changed.setdefault(scene.workspace.id, []).append(closing.passed(line, scene, moment.now))
    for workspace, lines in changed.items():
        tx.closings.write(workspace, lines)
    _redraw(tx, tools, (line.incident for lines in changed.values() for line in lines), moment)


def _redraw(tx: Transaction, tools: Tools, ids: Iterable[IncidentId], moment: Moment) -> None:
    context = tools.context(tx, moment)
    told = [each for each in tx.closings.alerts(sorted(set(ids))) if each.ref is not None]
    if told:
        tx.apply(None, Decision(effects=tuple(announced.redrawn(each, context) for each in told)), moment.steady)


def _announced(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Judge each conversation of which something is due, and tell of those that close, place by place."""
    made: list[Made] = []
    due: dict[tuple[WorkspaceId, PlaceRef], list[announced.Due]] = {}
    plans: list[Incident] | None = None
    for conversation in tx.closings.due(moment.now, LIMIT):
        scene = tx.scenes.of_conversation(conversation)
        when = None if scene is None else scene.conversation.alert_at
        if scene is None or when is None or when > moment.now:
            continue  # another process was quicker
        judged = closing.judge(scene.account, scene.conversation, moment.now)
        made.append(Made(scene=scene, decision=Decision(conversation=judged.after)))
        if judged.lapsed is not None:
            tx.closings.lapsed(scene, judged.lapsed)
        if judged.announce is not None and scene.customer.blocked is None:
            where = scene.workspace.id, _usable(tx, tools, scene)
            if plans is None:
                plans = tx.ticks.listings(breaks.KIND)
            paged = any(breaks.has_paged(each, scene, judged.announce) for each in plans)
            due.setdefault(where, []).append(announced.Due(scene=scene, close=judged.announce, paged=paged))
    tx.apply_all(made, moment.steady)
    for (workspace, place), those in due.items():
        _tell(tx, tools, workspace, place, those, moment)


def awake(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Whoever was named in quiet hours, and still waits when these are over, is named with a mention."""
    those = tx.closings.hushed(moment.now, LIMIT)
    scenes = {line.conversation: tx.scenes.of_conversation(line.conversation) for line in those}
    plans = tx.ticks.listings(breaks.KIND) if those else []
    due: dict[IncidentId, list[announced.Due]] = {}
    for line in tx.closings.hushed(moment.now, LIMIT) if those else ():  # again: their conversations are locked now
        scene = scenes.get(line.conversation)
        if scene is None or announced.is_quiet(scene.minding, moment.now) or not announced.calls(scene):
            continue
        close = Close(stage=line.stage, at=line.close_at, told_at=None)
        if not any(breaks.has_paged(each, scene, close) for each in plans):
            due.setdefault(line.incident, []).append(announced.Due(scene=scene, close=close))
    for incident in tx.closings.alerts(sorted(due)):
        replies = tx.closings.replies(incident.id)
        decision, lines = announced.awake(incident, due[incident.id], replies, tools.context(tx, moment))
        tx.apply(None, decision, moment.steady)
        tx.closings.write(incident.workspace, lines)


def _usable(tx: Transaction, tools: Tools, scene: Scene) -> PlaceRef:
    """The first of the places for alerts that nothing holds; where all are held, it waits in its own."""
    choices = places.alerts_places(scene.minding, tools.rules)
    free = (each for each in choices if not tx.effects.held(lanes.place_target(scene.workspace.id, each)))
    return next(free, choices[0])


def _tell(
    tx: Transaction, tools: Tools, workspace: WorkspaceId, place: PlaceRef, due: list[announced.Due], moment: Moment
) -> None:
    youngest = tx.closings.youngest(workspace, place, moment.now - announced.YOUNG, moment.now)
    replies = 0 if youngest is None else tx.closings.replies(youngest.id)
    decision, lines = announced.told(youngest, due, place, replies, tools.context(tx, moment))
    tx.apply(None, decision, moment.steady)
    tx.closings.write(workspace, lines)
