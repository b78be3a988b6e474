"""What a direct message that asked about an answer says once the answer has gone on: it asks no longer than it is a question.

Rule 1: where such a message stands is kept with the answer, in the values of its reason, for as long as it may become untrue.
Rule 2: whatever settles the answer, the message says so in the place of its question, without buttons; a press says so itself.
"""

from __future__ import annotations

from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import Queued, ReplaceLine
from bridge.model.facts import QuestionStands
from bridge.model.ids import MessageId, PersonRef
from bridge.model.state import Message, PartState, ReplyState, Said
from bridge.rules.answers import ways
from bridge.rules.base import Context, nothing, root_of

LINE: Final = "line"
"""The value of a reason that says where its question stands, as the desk names it."""
ASKS: Final = (ReplyState.ASKING, ReplyState.UNSURE)
PERHAPS: Final = frozenset({"reply.unsure", "reply.unsure_part"})
"""What asks whether it arrived; that holds though its author changes the answer meanwhile."""
SENDING: Final = Said(key="reply.sending")


def bare(reason: Said | None) -> Said | None:
    """A reason without where it was asked about."""
    if reason is None or LINE not in reason.values:
        return reason
    return replace(reason, values={name: value for name, value in reason.values.items() if name != LINE})


def stands(scene: Scene, fact: QuestionStands, context: Context) -> Decision:
    """A question was put to somebody directly: it is kept where, or says at once what has become of it meanwhile."""
    message = scene.message
    if message is None or message.state is None:
        return nothing("no answer")
    asks = _key(message) == fact.key if message.state is ReplyState.ASKING else fact.key in PERHAPS
    if message.state in ASKS and asks:
        return Decision(messages=(_kept(message, message.reason, fact.handle),))
    before = replace(message, state=ReplyState.ASKING, reason=_at(SENDING, fact.handle))
    return _told(scene, Decision(messages=(message,)), {message.id: before}, context, fact.person)


def followed(scene: Scene | None, decision: Decision, context: Context) -> Decision:
    """The decision, with what stood as a question about its answers saying what is true now; twice is as once."""
    if scene is None or not decision.messages:
        return decision
    known = {each.message.id: each.message for each in scene.sending}
    if scene.message is not None:
        known[scene.message.id] = scene.message
    if all((_pressed(decision, each) or _line(known.get(each.id))) is None for each in decision.messages):
        return decision
    return _told(scene, decision, known, context)


def _told(
    scene: Scene, decision: Decision, known: dict[MessageId, Message], context: Context, person: PersonRef | None = None
) -> Decision:
    messages, effects = [], list(decision.effects)
    for message in decision.messages:
        pressed = _pressed(decision, message)
        before = known.get(message.id)
        handle = pressed or _line(before)
        if handle is None or message.state is None:
            messages.append(message)
            continue
        messages.append(_follows(before, message, handle))
        if pressed is None and not _still(before, message) and (whom := person or message.person) is not None:
            effects.append(_replaced(scene, message, handle, whom, context))
    return replace(decision, messages=tuple(messages), effects=tuple(effects))


def _follows(before: Message | None, message: Message, handle: str) -> Message:
    """The message with where its line stands, while that may become untrue; without, once it is settled."""
    if message.state in ASKS and _still(before, message):
        return _kept(message, message.reason, handle)
    if message.state is ReplyState.WAITING:
        return _kept(message, SENDING, handle)
    reason = bare(message.reason)
    return replace(message, reason=None if reason == SENDING else reason)


def _still(before: Message | None, message: Message) -> bool:
    """Whether what stands there is still true: the same question, or that it is being sent."""
    if before is None or before.state is not message.state:
        return False
    if message.state is ReplyState.ASKING:
        return _key(before) == _key(message)
    return message.state in (ReplyState.UNSURE, ReplyState.WAITING)


def _replaced(scene: Scene, message: Message, handle: str, person: PersonRef, context: Context) -> Queued:
    line = ReplaceLine(
        workspace=scene.workspace.id,
        handle=handle,
        said=_now(scene, message),
        person=person,
        conversation=scene.conversation.id,
        message=message.id,
        about=message.ref,
        root=root_of(scene, message),
    )
    return lanes.queue(line, position=lanes.micros(context.moment.now))


def _now(scene: Scene, message: Message) -> Said:
    """What has become of it, for whoever was asked."""
    match message.state:
        case ReplyState.SENT:
            return Said(key="reply.question_sent")
        case ReplyState.WAITING:
            return SENDING
        case ReplyState.NOTE:
            stopped = message.reason is not None and message.reason.key == ways.STOPPED.key
            return Said(key="reply.stopped" if stopped else "reply.kept_inside")
        case ReplyState.WITHDRAWN:
            late = _may_arrive(scene, message)
            return Said(key="reply.question_deleted_late" if late else "reply.question_deleted")
        case ReplyState.REFUSED:
            return bare(message.reason) or Said(key="reply.no_longer_possible")
        case _:
            return Said(key="reply.question_anew")


def _may_arrive(scene: Scene, message: Message) -> bool:
    """Whether the network may have some of it."""
    under_way = any(each.message.id == message.id for each in scene.sending)
    return under_way or any(part.state in (PartState.SENT, PartState.UNSURE) for part in message.parts)


def _pressed(decision: Decision, message: Message) -> str | None:
    """The direct message about it whose button was pressed: it says already what came of that."""
    for each in decision.effects:
        if isinstance(each.effect, ReplaceLine) and each.effect.message == message.id and each.effect.lasts:
            return each.effect.handle
    return None


def _line(message: Message | None) -> str | None:
    found = None if message is None or message.reason is None else message.reason.values.get(LINE)
    return found if isinstance(found, str) else None


def _key(message: Message) -> str | None:
    return None if message.reason is None else message.reason.key


def _at(said: Said, handle: str) -> Said:
    return replace(said, values={**said.values, LINE: handle})


def _kept(message: Message, reason: Said | None, handle: str) -> Message:
    return replace(message, reason=_at(reason or SENDING, handle))
