"""How sends to the customer end: the answer, the echo, the look, and at last the person who is asked.

Rule 1: a part is sent once. What is unsure is settled by looking or by a person's word, never by trying again.
Rule 2: an answer is sent when its last part is; an answer whose part failed keeps the rest back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Scene, Sending, SettledSend
from bridge.model.effects import Button, LookForSend, Queued, SendToCustomer
from bridge.model.facts import Act, AlertDue
from bridge.model.files import PrepareFile
from bridge.model.ids import PersonRef, RemoteId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Unsure
from bridge.model.state import (
    Message,
    PartState,
    ReplyState,
    Said,
    Sign,
    Value,
    Window,
)
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import WentThrough
from bridge.rules.acts import control
from bridge.rules.answers import automatic, elsewhere, lines, onward, outgoing
from bridge.rules.answers.onward import on_its_way, parts_sent, refused
from bridge.rules.base import Context, card, nothing, retold, signed, tell, warning_key
from bridge.rules.customers import comments, sight
from bridge.rules.desk.places import alerts_place

ARRIVED = Button(act=Act.ARRIVED, label=Said(key="button.arrived"))
SEND_AGAIN = Button(act=Act.SEND_AGAIN, label=Said(key="button.send_again"))

HOPELESS = frozenset(
    """bad_request duplicate media_kind media_several media_too_large opt_in private_reply_live
    private_reply_used tag_misuse""".split()
)
"""Reasons that the same words would meet again: no *Retry*."""

QUOTELESS = frozenset({"bad_request", "not_found"})
"""Reasons for which a network refuses an answer that quotes something it does not find."""
ASKED_ABOUT = frozenset({"bad_request", "not_found"})
"""Reasons that may be the account's: it is gone from its login, or the app's proof is no longer good."""
QUOTE_REFUSED = Denied(said=Said(key="reply.quote_refused"))


def send_ended(scene: Scene, effect: SendToCustomer, outcome: Outcome, context: Context) -> Decision:
    """What one try has brought. For `Later` this is the last try: the outbox gave up."""
    if effect.comment is None:
        return _ended(scene, effect, outcome, context)
    outcome = comments.in_its_words(scene.conversation, effect.comment, outcome)
    return comments.ended(scene, effect, outcome, _ended(scene, effect, outcome, context), context)


def _ended(scene: Scene, effect: SendToCustomer, outcome: Outcome, context: Context) -> Decision:
    message = None if scene.message is None else _told_of(scene.message, effect.part, outcome, context)
    if message is not None and message.state is ReplyState.WITHDRAWN:
        return _taken_back(scene, message, effect.part, outcome, context)
    if message is None or message.state is not ReplyState.WAITING:
        return nothing("reply ended otherwise")
    match outcome:
        case Done(remote_id=remote_id):
            return arrived(scene, message, effect.part, RemoteId(remote_id) if remote_id else None, context)
        case Refused(why="media_expired") if not effect.renewed and outgoing.file_of(message, effect.part):
            return _forgotten(scene, message, effect, context)
        case Refused(why="not_found") if not effect.judged and effect.comment is None:
            return judging(scene, message, context, by=effect.by)
        case Refused():
            return _refused(scene, message, effect.part, outcome, context)
        case Later(why=why, last=last):
            said = Said(key="reply.refused", values={"why_key": f"error.{last}", "code": why})
            return _failed(scene, message, effect.part, Denied(said=said, retry=True), context)
        case Held():
            return replace(account_held(scene, outcome, context), messages=() if outcome.answer is None else (message,))
        case Unsure():
            return _unsure(scene, message, effect.part, context)
        case _:
            assert_never(outcome)


def _told_of(message: Message, part: int, outcome: Outcome, context: Context) -> Message:
    """The message with what the network said of this part, for whoever looks into it."""
    answer = None if isinstance(outcome, Done) else outcome.answer
    said = isinstance(outcome, Done) or answer is not None
    parts = tuple(
        replace(each, answer=answer, answered_at=context.moment.now if said else each.answered_at)
        if each.seq == part
        else each
        for each in message.parts
    )
    return replace(message, parts=parts)


def _taken_back(scene: Scene, message: Message, part: int, outcome: Outcome, context: Context) -> Decision:
    """Its author deleted it while it was on the wire: what the customer has all the same is told, nothing follows."""
    match outcome:
        case Done(remote_id=remote_id):
            return _arrived_after_all(scene, message, part, RemoteId(remote_id) if remote_id else None, context)
        case Held():
            return account_held(scene, outcome, context)
        case Unsure():
            return _unsure(scene, message, part, context)
        case _:
            return nothing("withdrawn before it went")


def _arrived_after_all(
    scene: Scene, message: Message, part: int, remote_id: RemoteId | None, context: Context
) -> Decision:
    message = _part(message, part, PartState.SENT, remote_id)
    said = Said(key="reply.deleted_after_send")
    if len(message.parts) > 1:
        values: dict[str, Value] = {"sent": parts_sent(message), "parts": len(message.parts)}
        said = Said(key="reply.deleted_some_sent", values=values)
    return Decision(messages=(message,), effects=tell(scene, message, said, context, question=True))


def arrived(scene: Scene, message: Message, part: int, remote_id: RemoteId | None, context: Context) -> Decision:
    """The network has this part; with the last one the customer has the answer."""
    message = _part(message, part, PartState.SENT, remote_id)
    if any(each.state is not PartState.SENT for each in message.parts):
        return Decision(messages=(message,))
    if automatic.is_ours(message):
        return automatic.arrived(scene, message)
    message, signs = signed(scene, sight.gone(message, context), Sign.SENT, context)
    several = outgoing.worded(message) > 1
    told = tell(scene, message, _as_parts(scene, message, context), context) if several else ()
    conversation = elsewhere.answered(scene.conversation, message)
    hinted, beside = elsewhere.beside_answer(scene, context)
    effects = (*signs, *told, *beside, card(scene, context))
    return Decision(conversation=conversation, messages=(message,), effects=effects, hinted=hinted)


def _as_parts(scene: Scene, message: Message, context: Context) -> Said:
    """Why one answer went as several messages."""
    limit = context.rules.wire[scene.account.platform]
    values: dict[str, Value] = {"count": outgoing.worded(message), "maximum": limit.maximum}
    if limit.unit == "bytes":
        # Kana take three bytes each, which is what an agent can count.
        return Said(key="reply.parts_sent_bytes", values=values | {"characters": limit.maximum // 3})
    return Said(key="reply.parts_sent", values=values)


def _part(message: Message, seq: int, state: PartState, remote_id: RemoteId | None = None) -> Message:
    parts = tuple(
        replace(part, state=state, remote_id=remote_id or part.remote_id) if part.seq == seq else part
        for part in message.parts
    )
    return replace(message, parts=parts)


def _refused(scene: Scene, message: Message, part: int, outcome: Refused, context: Context) -> Decision:
    if outcome.why == "other_app":
        return _others_turn(scene, message, part, context)
    if outcome.why in QUOTELESS and message.about is not None and part == 1:
        return _failed(scene, message, part, QUOTE_REFUSED, context)
    if outcome.why != "window":
        values: dict[str, Value] = {"why_key": f"error.{outcome.why}", "code": outcome.code}
        why = Denied(said=Said(key="reply.refused", values=values), retry=outcome.why not in HOPELESS)
        decision = _failed(scene, message, part, why, context)
        if outcome.why in ASKED_ABOUT:
            decision = replace(decision, effects=(*decision.effects, minding.probe(scene.account)))
        return _warned(scene, decision, context) if outcome.why == "tag_misuse" else decision
    # The network's own refusal is the last word: the close moves to now; the tagged send is offered where it is open.
    conversation = policy.close_standard(scene.conversation, context.moment.now)
    window = policy.window_at(scene.account, conversation, context.moment.now)
    ruling = policy.may_answer(replace(scene, conversation=conversation), context.moment.now)
    if window is Window.HUMAN:
        deadline = conversation.human_close
        values = {"deadline": int(deadline.timestamp())} if deadline else {}
        by_ad = policy.after_ad(scene.conversation, context.moment.now)
        moved = Said(key="reply.ad_window_moved" if by_ad else "reply.window_moved", values=values)
        why = Denied(said=moved, retry=True)
    else:
        gone = Denied(said=Said(key="reply.refused", values={"why_key": "error.window"}))
        why = ruling if isinstance(ruling, Denied) else gone
    decision = _failed(scene, message, part, why, context)
    effects = (*decision.effects, card(scene, context))
    return replace(decision, conversation=retold(scene, conversation, context), effects=effects)


def _others_turn(scene: Scene, message: Message, part: int, context: Context) -> Decision:
    """The network tells by refusing that another app has the conversation: from now on we know it."""
    conversation, told = control.lost(scene, context)
    why = Denied(said=Said(key="reply.other_app"), retry=True)
    decision = _failed(scene, message, part, why, context)
    return replace(decision, conversation=conversation, effects=(*decision.effects, *told))


def _warned(scene: Scene, decision: Decision, context: Context) -> Decision:
    """The network warned us of answers outside the standard window: none to this customer until they write again."""
    conversation = policy.close_human(scene.conversation, context.moment.now)
    alert = AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=warning_key(scene.conversation.id),
        kind="tag_misuse",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
    )
    effects = (*decision.effects, card(scene, context))
    return replace(
        decision, conversation=retold(scene, conversation, context), alerts=(*decision.alerts, alert), effects=effects
    )


def _forgotten(scene: Scene, message: Message, effect: SendToCustomer, context: Context) -> Decision:
    """The network knows the file of this part no longer: it is brought once more, once, and the rest goes after it."""
    lost = outgoing.file_of(message, effect.part)
    if lost is None:
        return nothing("no file")
    bare = outgoing.with_file(message, replace(lost, remote_id=None, remote_at=None))
    after = on_its_way(scene, bare, context)
    effects = tuple(
        replace(each, effect=replace(each.effect, renewed=True))
        if isinstance(each.effect, SendToCustomer) and each.effect.part == effect.part
        else each
        for each in onward.let_go(after.effects, effect.by)
    )
    return replace(after, effects=effects, withdrawn=(message.id,))


def judging(scene: Scene, message: Message, context: Context, *, by: PersonRef | None = None) -> Decision:
    """The network does not find the account, or the customer: it is asked about the account, and the answer waits for that.

    If the account is gone it is held by then, and the answer with it; if it is well, the second try is refused for good.
    """
    after = on_its_way(scene, message, context)
    rest = context.moment.steady + context.rules.judging
    effects = tuple(
        replace(each, effect=replace(each.effect, judged=True), not_before=rest)
        if isinstance(each.effect, SendToCustomer | PrepareFile)
        else each
        for each in onward.let_go(after.effects, by)
    )
    return replace(after, effects=(minding.probe(scene.account), *effects), withdrawn=(message.id,))


def _failed(scene: Scene, message: Message, part: int, why: Denied, context: Context) -> Decision:
    """This part did not go; what follows it is kept back, and the author is told how far it came."""
    decision = refused(scene, _part(message, part, PartState.READY), why, context)
    return replace(decision, withdrawn=(message.id,))


def account_held(scene: Scene, outcome: Held, context: Context) -> Decision:
    """The account cannot send: hold it, say so once; the answers wait with their hourglass."""
    decision = minding.held(scene.account, outcome, context)
    return replace(decision, account=None, effects=(*decision.effects, card(scene, context)))


def went_through(scene: Scene, context: Context) -> Decision:
    """One went through although the account is held: it is mended, and all that waits goes."""
    decision = minding.happened(scene.account, WentThrough(), context)
    return replace(decision, account=None, effects=(*decision.effects, card(scene, context)))


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


def not_delivered(scene: Scene, effect: SendToCustomer) -> tuple[Message, ...]:
    """A part that was thought unsure certainly did not arrive after all: it is ready again, with its row."""
    message = scene.message
    if message is None or message.state is not ReplyState.WAITING:
        return ()
    unsure = any(part.seq == effect.part and part.state is PartState.UNSURE for part in message.parts)
    return (_part(message, effect.part, PartState.READY),) if unsure else ()


def unsure_for_long(scene: Scene, sending: Sending, context: Context) -> Decision:
    """Nothing settled it: its author is asked, and what follows in the conversation goes on."""
    if automatic.is_ours(sending.message):
        return automatic.unsure_for_long(sending)
    said = _perhaps(sending)
    if sending.message.state is ReplyState.WITHDRAWN:
        # Its author deleted it meanwhile; there is nothing left to send again, but they should know.
        return Decision(effects=tell(scene, sending.message, said, context, question=True))
    message, signs = signed(scene, replace(sending.message, state=ReplyState.UNSURE), Sign.UNSURE, context)
    message = replace(message, reason=said)
    told = tell(scene, message, said, context, buttons=(ARRIVED, SEND_AGAIN), question=True)
    conversation = replace(scene.conversation, unsure=scene.conversation.unsure + 1)
    asked = Decision(
        conversation=conversation,
        messages=(message,),
        effects=(*signs, *told, card(scene, context)),
        withdrawn=(message.id,),
    )
    return lines.followed(scene, asked, context)


def _perhaps(sending: Sending) -> Said:
    """Nobody knows whether it arrived; of several parts, which."""
    message, parts = sending.message, len(sending.message.parts)
    if message.state is ReplyState.WITHDRAWN:
        return Said(key="reply.deleted_perhaps_sent")
    if parts == 1:
        return Said(key="reply.unsure")
    return Said(key="reply.unsure_part", values={"part": sending.part, "parts": parts})


def settled(
    scene: Scene, sending: Sending, remote_id: RemoteId, context: Context, *, recipient: str | None = None
) -> Decision:
    """The network has it after all: the row ends, and the answer goes on where it stopped."""
    decision = lines.followed(scene, _settled(scene, sending, remote_id, context), context)
    if sending.comment is None:
        return decision
    return comments.has_gone(scene, decision, sending.comment, sending.message.id, context, recipient=recipient)


def _settled(scene: Scene, sending: Sending, remote_id: RemoteId, context: Context) -> Decision:
    message = sending.message
    done = SettledSend(message=message.id, part=sending.part, remote_id=remote_id)
    if message.state is ReplyState.WITHDRAWN:
        return replace(_arrived_after_all(scene, message, sending.part, remote_id, context), settled=(done,))
    if message.state is not ReplyState.UNSURE:
        return replace(arrived(scene, message, sending.part, remote_id, context), settled=(done,))
    decision = resumed(scene, message, sending.part, remote_id, context)
    return replace(decision, settled=(done,), effects=onward.let_go(decision.effects, sending.by))


def resumed(scene: Scene, message: Message, part: int, remote_id: RemoteId | None, context: Context) -> Decision:
    """An unsure part did arrive (said by a person, or by the echo at last): the rest follows."""
    calmed = replace(scene.conversation, unsure=max(0, scene.conversation.unsure - 1))
    calm = replace(scene, conversation=calmed)
    decision = arrived(calm, replace(message, state=ReplyState.WAITING), part, remote_id, context)
    if decision.conversation is not None:
        return decision
    rest = on_its_way(calm, decision.messages[0], context)
    return replace(rest, conversation=calmed, effects=(*rest.effects, card(scene, context)))
