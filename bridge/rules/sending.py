"""How sends to the customer end: the answer, the echo, the look, and at last the person who is asked.

Rule 1: a part is sent once. What is unsure is settled by looking or by a person's word, never by trying again.
Rule 2: an answer is sent when its last part is; an answer whose part failed keeps the rest back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from bridge import lanes, policy
from bridge.model.decision import Decision, Denied, Hold, Scene, Sending, SettledSend, Wait
from bridge.model.effects import Button, LookForSend, Queued, SendToCustomer
from bridge.model.facts import Act, AlertDue, EchoHeard
from bridge.model.ids import RemoteId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Unsure
from bridge.model.state import (
    Author,
    Conversation,
    Health,
    Message,
    PartState,
    ReplyState,
    Said,
    Sign,
    Value,
    Window,
    Work,
)
from bridge.rules.base import Context, card, nothing, retold, show, signed, tell, with_thread
from bridge.rules.places import alerts_place
from bridge.rules.reply import on_its_way, refused

ARRIVED = Button(act=Act.ARRIVED, label=Said(key="button.arrived"))
SEND_AGAIN = Button(act=Act.SEND_AGAIN, label=Said(key="button.send_again"))


def send_ended(scene: Scene, effect: SendToCustomer, outcome: Outcome, context: Context) -> Decision:
    """What one try has brought. For `Later` this is the last try: the outbox gave up."""
    message = scene.message
    if message is None or message.state is not ReplyState.WAITING:
        return nothing("reply ended otherwise")
    match outcome:
        case Done(remote_id=remote_id):
            return arrived(scene, message, effect.part, RemoteId(remote_id) if remote_id else None, context)
        case Refused():
            return _refused(scene, message, effect.part, outcome, context)
        case Later(why=why):
            said = Said(key="error.temporary_or_blocked", values={"code": why})
            return _failed(scene, message, effect.part, Denied(said=said, retry=True), context)
        case Held():
            return account_held(scene, outcome, context)
        case Unsure():
            return _unsure(scene, message, effect.part, context)
        case _:
            assert_never(outcome)


def arrived(scene: Scene, message: Message, part: int, remote_id: RemoteId | None, context: Context) -> Decision:
    """The network has this part; with the last one the customer has the answer."""
    message = _part(message, part, PartState.SENT, remote_id)
    if any(each.state is not PartState.SENT for each in message.parts):
        return Decision(messages=(message,))
    message, signs = signed(scene, replace(message, state=ReplyState.SENT, reason=None), Sign.SENT, context)
    said = Said(key="reply.parts_sent", values={"count": len(message.parts)})
    told = tell(scene, message, said, context) if len(message.parts) > 1 else ()
    conversation = answered(scene.conversation, message)
    return Decision(conversation=conversation, messages=(message,), effects=(*signs, *told, card(scene, context)))


def answered(conversation: Conversation, message: Message) -> Conversation:
    """The customer no longer waits, unless they wrote again after this was written."""
    newest = conversation.answered_at is None or message.at >= conversation.answered_at
    if newest:
        conversation = replace(conversation, answered_at=message.at, answered_by=message.person)
    waiting = conversation.waiting_since is not None and conversation.waiting_since > message.at
    if waiting or conversation.work is not Work.WAITING:
        return conversation
    return replace(conversation, work=Work.ANSWERED, waiting_since=None)


def _part(message: Message, seq: int, state: PartState, remote_id: RemoteId | None = None) -> Message:
    parts = tuple(
        replace(part, state=state, remote_id=remote_id or part.remote_id) if part.seq == seq else part
        for part in message.parts
    )
    return replace(message, parts=parts)


def _refused(scene: Scene, message: Message, part: int, outcome: Refused, context: Context) -> Decision:
    if outcome.why != "window":
        why = Denied(said=Said(key=f"error.{outcome.why}", values={"code": outcome.code}), retry=_may_help(outcome))
        return _failed(scene, message, part, why, context)
    # The network's own refusal is the last word: the close moves to now; the tagged send is offered where it is open.
    conversation = policy.close_standard(scene.conversation, context.moment.now)
    window = policy.window_at(scene.account, conversation, context.moment.now)
    ruling = policy.may_send(scene.account, conversation, context.moment.now)
    if window is Window.HUMAN:
        deadline = conversation.human_close
        values: dict[str, Value] = {"deadline": int(deadline.timestamp())} if deadline else {}
        why = Denied(said=Said(key="reply.window_moved", values=values), retry=True)
    else:
        why = ruling if isinstance(ruling, Denied) else Denied(said=Said(key="error.window"))
    decision = _failed(scene, message, part, why, context)
    return replace(decision, conversation=retold(scene, conversation, context))


def _may_help(outcome: Refused) -> bool:
    """Whether the same words may go through later, when somebody has mended what was wrong."""
    return outcome.why not in ("message_invalid", "too_long")


def _failed(scene: Scene, message: Message, part: int, why: Denied, context: Context) -> Decision:
    """This part did not go; what follows it is kept back, and the author is told how far it came."""
    sent = sum(1 for each in message.parts if each.state is PartState.SENT)
    message = _part(message, part, PartState.READY)
    if sent:
        told: dict[str, Value] = {"part": part, "parts": len(message.parts), "why_key": why.said.key}
        why = Denied(said=Said(key="reply.refused_part", values={**why.said.values, **told}), retry=True)
    decision = refused(scene, message, why, context)
    return replace(decision, withdrawn=(message.id,))


def account_held(scene: Scene, outcome: Held, context: Context) -> Decision:
    """The account cannot send: hold it, say so once; the answers wait with their hourglass."""
    kind, _, cause = outcome.cause.partition(".")
    target = lanes.scoped(lanes.sends_target(scene.account.id), outcome.scope)
    key = f"{kind}:{scene.account.id}"
    health = Health.NEEDS_REAUTHENTICATION if kind == "reauth" else Health.RESTRICTED
    alert = AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=key,
        kind=kind,
        place=alerts_place(scene.account, context.rules),
        account=scene.account.id,
        values={"cause": cause, "code": outcome.code},
    )
    return Decision(
        health=(health, cause),
        holds=(Hold(target=target, key=key),),
        alerts=(alert,),
        effects=(card(scene, context),),
    )


def _unsure(scene: Scene, message: Message, part: int, context: Context) -> Decision:
    """Perhaps it arrived: look soon, and let nothing of this conversation pass meanwhile."""
    message = _part(message, part, PartState.UNSURE)
    return Decision(messages=(message,), effects=(_look(scene, context, context.rules.look_after[0]),))


def _look(scene: Scene, context: Context, after: timedelta) -> Queued:
    effect = LookForSend(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        account=scene.account.id,
        since=context.moment.now - context.rules.settle,
    )
    return lanes.queue(effect, position=0, not_before=context.moment.steady + after)


def looked(scene: Scene, context: Context) -> Decision:
    """A look is over; what it found comes as echoes. Look again later while something is unsure."""
    since = [each.unsure_since for each in scene.sending if each.unsure_since is not None and not each.asked]
    if not since:
        return nothing("nothing unsure")
    elapsed = context.moment.steady - min(since)
    left = [after for after in context.rules.look_after if after > elapsed]
    if not left:
        return nothing("looked enough")
    return Decision(effects=(_look(scene, context, left[0] - elapsed),))


def unsure_for_long(scene: Scene, sending: Sending, context: Context) -> Decision:
    """Nothing settled it: its author is asked, and what follows in the conversation goes on."""
    message, signs = signed(scene, replace(sending.message, state=ReplyState.UNSURE), Sign.UNSURE, context)
    said = Said(key="reply.unsure")
    message = replace(message, reason=said)
    told = tell(scene, message, said, context, buttons=(ARRIVED, SEND_AGAIN), question=True)
    conversation = replace(scene.conversation, unsure=scene.conversation.unsure + 1)
    return Decision(
        conversation=conversation,
        messages=(message,),
        effects=(*signs, *told, card(scene, context)),
        withdrawn=(message.id,),
    )


def echo_heard(scene: Scene, fact: EchoHeard, context: Context, *, waited: bool) -> Decision:
    """Is it one of ours? By its id, by our mark, by the words of the one open send; else it was written elsewhere."""
    if scene.message is not None:
        return nothing("known")
    fits = _fitting(scene, fact, context)
    if fits is not None:
        return settled(scene, fits, fact.remote_id, context)
    in_hand = any(not sending.asked for sending in scene.sending)
    if in_hand and not waited:
        until = context.moment.steady + timedelta(seconds=2)
        return Decision(wait=Wait(until=until, missing="send", free=True))
    if fact.marker is not None or fact.looked_up:
        return nothing("marked as ours" if fact.marker else "seen by looking")
    return _written_elsewhere(scene, fact, context)


def _fitting(scene: Scene, fact: EchoHeard, context: Context) -> Sending | None:
    for sending in scene.sending:
        if fact.marker is not None and fact.marker == mark(sending.row):
            return sending
    if fact.marker is not None or fact.text is None:
        return None
    same = [sending for sending in scene.sending if _says(scene, sending, fact.text, context)]
    return same[0] if len(same) == 1 else None


def mark(row: int) -> str:
    """What a send bears on the wire, where the network gives it back."""
    return f"tb:{row}"


def _says(scene: Scene, sending: Sending, text: str, context: Context) -> bool:
    parts = policy.wire_parts(sending.message.text or "", scene.account.platform, context.rules.wire)
    return sending.part <= len(parts) and parts[sending.part - 1].split() == text.split()


def settled(scene: Scene, sending: Sending, remote_id: RemoteId, context: Context) -> Decision:
    """The network has it after all: the row ends, and the answer goes on where it stopped."""
    message = sending.message
    done = SettledSend(message=message.id, part=sending.part, remote_id=remote_id)
    if message.state is not ReplyState.UNSURE:
        return replace(arrived(scene, message, sending.part, remote_id, context), settled=(done,))
    decision = resumed(scene, message, sending.part, remote_id, context)
    return replace(decision, settled=(done,))


def resumed(scene: Scene, message: Message, part: int, remote_id: RemoteId | None, context: Context) -> Decision:
    """An unsure part did arrive (said by a person, or by the echo at last): the rest follows."""
    calmed = replace(scene.conversation, unsure=max(0, scene.conversation.unsure - 1))
    calm = replace(scene, conversation=calmed)
    decision = arrived(calm, replace(message, state=ReplyState.WAITING), part, remote_id, context)
    if decision.conversation is not None:
        return decision
    rest = on_its_way(calm, decision.messages[0], context)
    return replace(rest, conversation=calmed, effects=(*rest.effects, card(scene, context)))


def _written_elsewhere(scene: Scene, fact: EchoHeard, context: Context) -> Decision:
    """Somebody answered in the native app or another one: shown once, and it counts as an answer."""
    message = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.ELSEWHERE,
        at=fact.at,
        text=fact.text,
        kind=fact.kind,
        remote_id=fact.remote_id,
    )
    conversation, threads, root = with_thread(scene, context)
    return Decision(
        conversation=answered(conversation, message),
        threads=threads,
        messages=(message,),
        effects=(*root, show(scene, message), card(scene, context)),
    )
