"""What the customer has read: the eyes stand on the last of our answers that they have seen, and on no other.

Rule 1: what was read only ever grows; an event that comes late, twice or in another order moves nothing back.
Rule 2: the eyes stand beside the sign of what was sent, and never without it.
Rule 3: of reads that come close together the last one counts: the desk takes few signs a minute.
"""

from __future__ import annotations

from datetime import datetime

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go, Instead, Scene, Wait
from bridge.model.effects import ClearSign, Queued, SetSign
from bridge.model.facts import EchoHeard
from bridge.model.ids import place_of_post
from bridge.model.notice import CustomerRead, ShowRead
from bridge.model.state import Author, Message, ReplyState, Sign
from bridge.rules.base import Context, nothing

OLD = "read"
"""Why most of what is told of reading changes nothing."""


def customer_read(scene: Scene, fact: CustomerRead, context: Context, *, waited: bool) -> Decision:
    """A customer has looked at the conversation. *waited*: the time to learn of the message that was read is over."""
    until = fact.until
    if fact.remote_id is not None:
        if (scene.message is None or scene.message.state is ReplyState.WAITING) and not waited:
            # It overtook what tells of the message itself.
            wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="message", free=True)
            return Decision(wait=wait)
        until = None if scene.message is None else _said_at(scene.message, fact)
    if until is None:
        return nothing(OLD)
    if fact.until is not None:
        until = min(until, fact.at)  # nobody has read what is yet to be said
    before = scene.conversation.read_up_to
    if before is not None and until <= before:
        return nothing(OLD)
    return Decision(conversation=replace(scene.conversation, read_up_to=until), effects=(_look(scene, context),))


def _said_at(message: Message, fact: CustomerRead) -> datetime | None:
    """When the network took it; None: it was not the business's, or not all of it."""
    match message.author:
        case Author.ELSEWHERE | Author.BRIDGE:
            return message.at
        case Author.AGENT if message.parts and message.parts[-1].remote_id == fact.remote_id:
            return message.sent_at
        case _:
            return None


def _look(scene: Scene, context: Context) -> Queued:
    """Look in a while which answer is the last that was read."""
    effect = ShowRead(workspace=scene.workspace.id, conversation=scene.conversation.id)
    soon = context.moment.steady + context.rules.read_pause
    return lanes.queue(effect, position=lanes.micros(context.moment.steady), not_before=soon)


def gone(message: Message, context: Context) -> Message:
    """An answer of which the network has the last part now."""
    return replace(message, state=ReplyState.SENT, reason=None, sent_at=context.moment.now)


def timed(scene: Scene, decision: Decision, fact: EchoHeard, context: Context) -> Decision:
    """A decision that an echo has settled an answer: the echo says when that went."""
    sent = [each for each in decision.messages if each.state is ReplyState.SENT and each.sent_at is not None]
    if not sent or decision.messages != tuple(sent):
        return decision
    read = _looked_at(scene, fact.at, context)
    messages = tuple(replace(each, sent_at=fact.at) for each in sent)
    return replace(decision, messages=messages, effects=(*decision.effects, *read))


def echoed(scene: Scene, message: Message, fact: EchoHeard, context: Context) -> Decision:
    """The network repeats an answer that has gone: the echo's time is the one that reading is told by."""
    told = fact.looked_up or fact.found_later
    if told or message.sent_at in (None, fact.at) or not message.parts:
        return nothing("known")
    if message.parts[-1].remote_id != fact.remote_id:
        return nothing("known")
    return Decision(messages=(replace(message, sent_at=fact.at),), effects=_looked_at(scene, fact.at, context))


def _looked_at(scene: Scene, at: datetime, context: Context) -> tuple[Queued, ...]:
    """What was told of reading before this was heard may be about it."""
    read = scene.conversation.read_up_to
    return (_look(scene, context),) if read is not None and read >= at else ()


def due(scene: Scene, effect: ShowRead, context: Context) -> Due:
    """The scene's message is the last answer that was read: the eyes move there."""
    message, bearing = scene.message, scene.conversation.eyes
    if message is None or message.ref is None or message.id == bearing:
        return Drop(why="they stand there")
    place, position = place_of_post(message.ref), lanes.micros(context.moment.steady)
    desk, talk = effect.workspace, effect.conversation
    put = SetSign(workspace=desk, conversation=talk, message=message.id, sign=Sign.READ)
    signs = [lanes.queue(put, position=position, place=place)]
    if bearing is not None:
        taken = ClearSign(workspace=desk, conversation=talk, message=bearing, sign=Sign.READ)
        signs.append(lanes.queue(taken, position=position, place=place))
    conversation = replace(scene.conversation, eyes=message.id)
    return Instead(decision=Decision(conversation=conversation, effects=tuple(signs)), why="signs")


def sign_due(scene: Scene, effect: SetSign | ClearSign) -> Due:
    """Only on the answer that bears the eyes, and only while it bears what they stand beside."""
    message = scene.message
    here = message is not None and scene.conversation.eyes == message.id and message.sign is Sign.SENT
    if isinstance(effect, SetSign):
        return Go() if here else Drop(why="no longer true")
    return Drop(why="true again") if here else Go()
