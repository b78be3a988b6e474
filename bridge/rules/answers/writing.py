"""The customer sees that somebody writes while an answer rests that its author may stop, and at no other time.

Rule 1: once, at the rest's beginning; it ends with the answer itself, or as soon as that stays inside after all.
Rule 2: within the standard window alone, and never for the sake of anything else: nobody is told of a failure.
"""

from __future__ import annotations

from datetime import timedelta

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.decision import Allowed, Decision, Drop, Due, Go, Scene
from bridge.model.effects import SendToCustomer, ShowTyping
from bridge.model.state import Author, Message, PartState, ReplyState
from bridge.rules.base import Context

INSIDE = frozenset({ReplyState.NOTE, ReplyState.ASKING, ReplyState.REFUSED, ReplyState.WITHDRAWN})
"""How an answer that rested can end without going."""


def shown(scene: Scene, decision: Decision, context: Context) -> Decision:
    """The decision, with what the customer sees of an answer that begins to rest, or rests no longer."""
    if scene.account.settings.answer_mode != "undo" or decision.wait is not None:
        return decision
    before = scene.message
    for message in decision.messages:
        if message.author is not Author.AGENT:
            continue
        rested = before is not None and before.id == message.id and _rests(scene, before, context)
        on = message.state is ReplyState.WAITING
        if rested is not on and (message.state in INSIDE if rested else _begins(scene, decision, context)):
            effect = ShowTyping(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                message=message.id,
                on=on,
            )
            queued = lanes.queue(effect, position=lanes.micros(context.moment.steady))
            return replace(decision, effects=(*decision.effects, queued))
    return decision


def _undo(scene: Scene) -> timedelta:
    return timedelta(seconds=scene.account.settings.undo_seconds)


def _rests(scene: Scene, message: Message, context: Context) -> bool:
    """Whether an answer waits in the time in which it can be stopped."""
    if message.state is not ReplyState.WAITING or message.queued_at is None or not message.parts:
        return False
    untouched = all(part.state is PartState.READY for part in message.parts)
    return untouched and context.moment.steady < message.queued_at + _undo(scene)


def _begins(scene: Scene, decision: Decision, context: Context) -> bool:
    """Whether an answer was just queued to go after that time, and not at once."""
    ends = context.moment.steady + _undo(scene)
    sends = [each for each in decision.effects if isinstance(each.effect, SendToCustomer)]
    return bool(sends) and all(each.not_before is not None and each.not_before >= ends for each in sends)


def due(scene: Scene, effect: ShowTyping, context: Context) -> Due:
    """Only while it is true, and only where an answer could go without a tag."""
    ruling = policy.may_answer(scene, context.moment.now)
    if not isinstance(ruling, Allowed) or ruling.tag is not None or ruling.comment is not None:
        return Drop(why="not within the standard window")
    rests = scene.message is not None and _rests(scene, scene.message, context)
    return Go() if rests is effect.on else Drop(why="no longer true")
