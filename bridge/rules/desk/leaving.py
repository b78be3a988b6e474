"""What waited for a place that is closed to us, when its account has left that place."""

from __future__ import annotations

from bridge import lanes
from bridge.model.decision import Decision, Scene
from bridge.model.effects import LookForPost, PostLine, PostMessage
from bridge.model.outcomes import Held, Outcome, Refused, Scope
from bridge.model.queues import OutboxRow
from bridge.rules.base import Context
from bridge.rules.customers import changes


def left_behind(scene: Scene, row: OutboxRow, outcome: Outcome, context: Context) -> Decision | None:
    """What was on its way there goes where the account is now; what was to go from there a person is asked to take away.

    None: the place is its own, or nothing holds it.
    """
    place = scene.place
    if not isinstance(outcome, Held) or outcome.scope is not Scope.TARGET or not lanes.has_place(row.target):
        return None
    if lanes.place_of(row.target) == place:
        return None
    match row.effect:
        case PostMessage() | PostLine(root=None) as effect:
            return Decision(effects=(lanes.queue(effect, position=row.position, place=place),))
        case LookForPost(row=lost):
            return Decision(unseen_rows=(lost,))
        case effect if isinstance(effect, changes.TakesBack):
            # Nobody may ever open it to us again.
            closed = Refused(code=outcome.code or outcome.cause, why=outcome.cause)
            return changes.refused(scene, effect, closed, context)
        case _:
            return Decision()
