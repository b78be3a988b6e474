"""Buttons and the message shortcut. Each act is effective once: the message's state says whether it still applies."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from bridge import lanes, policy, roles
from bridge.model.act import SHORTCUTS
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Drop, Due, Go, NotYet, Scene, SettledSend, Wait
from bridge.model.desk import NOWHERE
from bridge.model.effects import (
    Button,
    ClearSign,
    Queued,
    RedrawPost,
    ReplaceLine,
    SetSign,
    TellPerson,
)
from bridge.model.facts import Act, Pressed
from bridge.model.state import Author, Message, Part, PartState, ReplyState, Said, Sign, Value
from bridge.rules.acts import control, door, heeding
from bridge.rules.acts.words import Wanted
from bridge.rules.answers import lines, ways
from bridge.rules.answers.onward import DETAILS, let_go, on_its_way, parts_sent
from bridge.rules.answers.reply import CHANGED_AFTER, CHANGED_SINCE, called, kept_inside
from bridge.rules.answers.sending import resumed
from bridge.rules.base import Context, asks_who, card, nothing, root_of, signed, tell
from bridge.rules.customers import comments, existence

CONTROL = frozenset({Act.TAKE_OVER, Act.HAND_BACK, Act.HAND_OVER, Act.KEEP_THREAD})
"""Acts about who answers the customer; the others are about one message."""
STANDS_SOON = timedelta(minutes=30)
"""A sign goes as soon as its message's post stands; it looks so often whether that ever will."""
PUT_OFF = timedelta(hours=1)
"""For so long, at most, an alert's button puts a conversation off."""
OVER = Said(key="reply.no_longer_possible")
ANEW = frozenset({Act.RETRY, Act.SEND_SPLIT, Act.SEND_SMALLER, Act.UNQUOTE})
"""Acts that send what was refused."""


def pressed(scene: Scene, fact: Pressed, context: Context, *, waited: bool) -> Decision:
    """Somebody pressed a button or used the shortcut on a message."""
    missing = _missing(scene, fact)
    if missing and not waited:
        until = context.moment.steady + context.rules.fact_wait
        return Decision(wait=Wait(until=until, missing="person"), effects=missing)
    ruling = roles.may_act(fact.person, scene, roles.action_of(fact.act))
    if isinstance(ruling, Denied):
        sends = fact.act in ANEW or fact.act in (Act.SEND, Act.SEND_TO_CUSTOMER)
        return Decision(effects=_answer(scene, fact, ruling.said if sends else heeding.not_done(ruling.said)))
    if fact.act is Act.WHAT_HAPPENED:
        card = scene.thread is not None and fact.ref == scene.thread.ref
        said = Said(key="whats_up.from_bridge") if card else happened(scene.message)
        told = scene.message is not None and scene.message.author is Author.AGENT and bool(scene.message.parts)
        return Decision(effects=_answer(scene, fact, said, (DETAILS,) if told and not card else ()))
    if fact.act is Act.CHECK_EXISTS:
        decision, now = existence.asked(scene, fact, context)
        return decision if now is None else replace(decision, effects=_answer(scene, fact, now))
    if fact.act in CONTROL:
        decision, said = control.pressed(scene, fact, context)
        return replace(decision, effects=(*_on_word(scene, fact, decision), *_answer(scene, fact, said)))
    if fact.act in door.ACTS:
        wanted = Wanted(act=fact.act, length=_put_off(scene, fact, context))
        decision, said = door.done(scene, wanted, fact.person, context)
        # What changes is one line in the thread, for everybody.
        return replace(decision, effects=_answer(scene, fact, said)) if decision.ignored else decision
    message = scene.message
    if fact.act is Act.SEND_TO_CUSTOMER and (message is None or message.author is not Author.AGENT):
        return Decision(effects=_answer(scene, fact, Said(key="reply.send_own")))
    if message is None:
        return Decision(effects=_answer(scene, fact, OVER))
    decision, said = _act(scene, message, fact.act, context)
    return replace(decision, effects=(*_on_word(scene, fact, decision), *_answer(scene, fact, said)))


def _on_word(scene: Scene, fact: Pressed, decision: Decision) -> tuple[Queued, ...]:
    """What goes now goes on the presser's word: whoever wrote it need not be somebody who may answer."""
    own = scene.message is not None and scene.message.person == fact.person
    return let_go(decision.effects, None if own else fact.person)


def _put_off(scene: Scene, fact: Pressed, context: Context) -> timedelta | None:
    """For how long the button under an alert puts off: the window must still be open when it wakes."""
    close = policy.last_close(scene.account, scene.conversation)
    if not fact.on_alert or close is None or close <= context.moment.now:
        return None
    return min(PUT_OFF, (close - context.moment.now) / 2)


def _missing(scene: Scene, fact: Pressed) -> tuple[Queued, ...]:
    person, groups = roles.unknown_to(fact.person, scene, roles.action_of(fact.act))
    return asks_who(fact.workspace, () if person is None else (person,), groups)


def _act(scene: Scene, message: Message, act: Act, context: Context) -> tuple[Decision, Said]:
    """What an act does to a message in the state it applies to, and what its presser reads."""
    match act, message.state:
        case _, ReplyState.REFUSED if act in ANEW and message.reason == CHANGED_AFTER:
            return nothing("changed since"), CHANGED_AFTER
        case Act.RETRY, ReplyState.REFUSED:
            return _going(on_its_way(scene, message, context), "reply.retry")
        case Act.SEND_SPLIT, ReplyState.REFUSED:
            return _going(on_its_way(scene, replace(message, split=True), context), "reply.sending_parts")
        case Act.UNQUOTE, ReplyState.REFUSED:
            return _going(_unquoted(scene, on_its_way(scene, replace(message, about=None), context)), "reply.sending")
        case Act.SEND_SMALLER, ReplyState.REFUSED:
            return _going(on_its_way(scene, replace(message, smaller=True), context), "reply.sending")
        case Act.SEND | Act.SEND_TO_CUSTOMER, ReplyState.ASKING:
            return _going(on_its_way(scene, message, context), "reply.sending")
        case (Act.KEEP_INSIDE, ReplyState.ASKING) | (Act.STOP, ReplyState.WAITING):
            return _kept(scene, message, context)
        case Act.SEND_TO_CUSTOMER, ReplyState.NOTE:
            if not ways.sendable(scene.account.settings, message):
                return nothing("a note"), Said(key="reply.note_stays")
            return _going(on_its_way(scene, message, context), "reply.sending")
        case Act.ARRIVED, ReplyState.UNSURE:
            return _arrived(scene, message, context), Said(key="reply.settled_by_hand")
        case Act.SEND_AGAIN, ReplyState.UNSURE:
            return _again(scene, message, context)
        case _:
            return _too_late(message)


def _too_late(message: Message) -> tuple[Decision, Said]:
    """An act that does not apply any more: what is true instead."""
    match message.state:
        case ReplyState.SENT:
            return nothing("already sent"), Said(key="reply.already_sent")
        case ReplyState.WAITING:
            return nothing("on its way"), Said(key="whats_up.waiting")
        case ReplyState.NOTE:
            stopped = message.reason == ways.STOPPED
            return nothing("kept inside"), Said(key="reply.stopped" if stopped else "reply.kept_inside")
        case _:
            return nothing("no longer possible"), OVER


def _unquoted(scene: Scene, decision: Decision) -> Decision:
    """The answer without what it was to quote; its post follows."""
    ref = decision.messages[0].ref
    if ref is None:
        return decision
    redraw = RedrawPost(workspace=scene.workspace.id, conversation=scene.conversation.id, ref=ref)
    return replace(decision, effects=(*decision.effects, lanes.queue(redraw, position=0)))


def _kept(scene: Scene, message: Message, context: Context) -> tuple[Decision, Said]:
    """A person says: inside. What rests can be stopped until the network is called."""
    if message.state is ReplyState.ASKING:
        return kept_inside(scene, message, ways.KEPT, context), Said(key="reply.kept_inside")
    if called(scene, message):
        return _too_late(message)
    kept = kept_inside(scene, replace(message, parts=()), ways.STOPPED, context)
    return replace(kept, withdrawn=(message.id,)), Said(key="reply.stopped")


def _going(decision: Decision, key: str) -> tuple[Decision, Said]:
    """What the presser reads: that it goes, or, where a rule has forbidden it meanwhile, why it does not."""
    message = decision.messages[0]
    if message.state is ReplyState.REFUSED and message.reason is not None:
        return decision, message.reason
    if key == "reply.sending_parts" and len(message.parts) == 1:
        key = "reply.sending"
    return decision, Said(key=key, values={"count": len(message.parts)})


def _unsure(message: Message) -> Part | None:
    return next((part for part in message.parts if part.state is PartState.UNSURE), None)


def _arrived(scene: Scene, message: Message, context: Context) -> Decision:
    """A person says that it arrived: the word counts, and what was kept back goes on."""
    part = _unsure(message)
    if part is None:
        return nothing("nothing unsure")
    decision = resumed(scene, message, part.seq, None, context)
    if (comment := comments.tried_by(scene.conversation, message.id)) is not None:
        decision = comments.has_gone(scene, decision, comment, message.id, context)
    return replace(decision, settled=(SettledSend(message=message.id, part=part.seq, remote_id=None),))


def _again(scene: Scene, message: Message, context: Context) -> tuple[Decision, Said]:
    """A person says: send it again, though it may arrive twice; where it may not go any more, the doubt stays."""
    if lines.bare(message.reason) == CHANGED_SINCE:
        # The earlier words would go, under a message that says something else by now.
        return nothing("changed since"), Said(key="reply.changed_since")
    parts = tuple(
        replace(part, state=PartState.READY) if part.state is PartState.UNSURE else part for part in message.parts
    )
    scene = replace(scene, conversation=comments.reopened(scene.conversation, message.id))
    decision = on_its_way(scene, replace(message, parts=parts), context)
    after = decision.messages[0]
    if after.state is ReplyState.REFUSED and after.reason is not None:
        return nothing("may not go again"), after.reason
    conversation = replace(scene.conversation, unsure=max(0, scene.conversation.unsure - 1))
    sent_again = replace(
        decision,
        conversation=conversation,
        dropped=(message.id,),
        effects=(*decision.effects, card(scene, context)),
    )
    return _going(sent_again, "reply.retry")


def question_expired(scene: Scene, context: Context) -> Decision:
    """Nobody answered the question: it stays inside, and says so. A picture nobody made smaller was refused in words."""
    message = scene.message
    return lines.followed(scene, _expired(scene, message, context), context)


def _expired(scene: Scene, message: Message | None, context: Context) -> Decision:
    if message is not None and message.state is ReplyState.REFUSED and message.sign is Sign.WAITING:
        message, signs = signed(scene, replace(message, queued_at=None), Sign.REFUSED, context)
        return Decision(messages=(message,), effects=signs)
    if message is None or message.state is not ReplyState.ASKING or message.person is None:
        return nothing("no question")
    kept = kept_inside(scene, message, ways.KEPT, context)
    said = Said(key="reply.question_expired", values={"when": int(message.at.timestamp())})
    told = tell(scene, message, said, context, question=True, written=context.moment.now)
    return replace(kept, effects=(*kept.effects, *told))


def waits(scene: Scene, context: Context) -> Decision:
    """An answer has waited long enough for its author to wonder: the hourglass."""
    message = scene.message
    if message is None or message.sign is not None or message.state not in (ReplyState.WAITING, ReplyState.ASKING):
        return nothing("not waiting")
    message, signs = signed(scene, message, Sign.WAITING, context)
    return Decision(messages=(message,), effects=signs)


def happened(message: Message | None) -> Said:
    """A message's last outcome, told again."""
    if message is None:
        return Said(key="whats_up.unknown")
    when: dict[str, Value] = {"when": int(message.at.timestamp())}
    if message.author is not Author.AGENT:
        return _of_others(message, when)
    match message.state:
        case ReplyState.SENT | ReplyState.WITHDRAWN:
            return _delivered(message, when)
        case ReplyState.WAITING:
            return Said(key="whats_up.waiting")
        case ReplyState.ASKING:
            return Said(key="whats_up.asking")
        case ReplyState.UNSURE:
            return Said(key="whats_up.unsure", values=when)
        case ReplyState.REFUSED:
            return message.reason or Said(key="whats_up.refused", values=when | {"why_key": "error.unknown"})
        case ReplyState.NOTE:
            reason = message.reason or Said(key="not_relayed.note")
            if reason.key == "not_relayed.note":
                return Said(key="whats_up.note")
            return Said(key="whats_up.not_relayed", values={"why_key": reason.key})
        case None:
            return Said(key="whats_up.unknown")
        case _:
            assert_never(message.state)


def _of_others(message: Message, when: dict[str, Value]) -> Said:
    """What no agent has written."""
    if message.author is Author.CUSTOMER:
        return Said(key="whats_up.from_customer", values=when | {"shown": when["when"]})
    if message.author is Author.BRIDGE:
        return Said(key="whats_up.automatic", values=when)
    return Said(key="whats_up.elsewhere", values=when | {"via": message.app or ""})


def to_author_due(scene: Scene, effect: SetSign | ClearSign | TellPerson, context: Context) -> Due:
    """A sign, or a question, only while it is true."""
    message = scene.message
    match effect:
        case SetSign(sign=sign) if message is not None and message.sign is sign and message.ref is None:
            return NotYet(until=context.moment.steady + STANDS_SOON, why="its post does not stand")
        case ClearSign() if message is not None and message.ref is None:
            return Drop(why="never stood")
        case SetSign(sign=sign):
            return Go() if message is not None and message.sign is sign else Drop(why="no longer true")
        case ClearSign(sign=sign):
            return Drop(why="true again") if message is not None and message.sign is sign else Go()
        case TellPerson(buttons=buttons) if ways.STOP in buttons:
            return Go() if message is not None and message.state is ReplyState.WAITING else Drop(why="already decided")
        case TellPerson(buttons=buttons) if ways.SEND_INSIDE in buttons:
            return Go() if message is not None and ways.unmarked(message) else Drop(why="already decided")
        case TellPerson(buttons=buttons) if any(each.act in ANEW for each in buttons):
            # Changed meanwhile: a note by now, on its way again, or no longer what would go.
            ended = message is not None and message.state is ReplyState.REFUSED and message.reason != CHANGED_AFTER
            return Go() if ended else Drop(why="already decided")
        case TellPerson(question=True, buttons=buttons) if buttons:
            open_still = (ReplyState.ASKING, ReplyState.UNSURE, ReplyState.REFUSED)
            return Go() if message is not None and message.state in open_still else Drop(why="already decided")
        case _:
            return Go()


def asked_in_vain(fact: Pressed) -> Decision:
    """The shortcut was used on what stands in none of our threads: whoever asked hears just that."""
    if fact.ref is None:
        return nothing("not a conversation's thread")
    told = TellPerson(
        workspace=fact.workspace,
        person=fact.person,
        said=Said(key="whats_up.unknown"),
        about=fact.ref,
        root=None if fact.root == fact.ref else fact.root,
        at=fact.at,
    )
    return Decision(effects=(lanes.queue(told, position=lanes.micros(fact.at)),))


def _delivered(message: Message, when: dict[str, Value]) -> Said:
    """How much of it the customer has."""
    sent, parts = parts_sent(message), len(message.parts)
    if message.state is ReplyState.WITHDRAWN and not sent:
        return Said(key="whats_up.withdrawn")
    if sent < parts:
        return Said(key="whats_up.delivered_some", values={"sent": sent, "parts": parts})
    if parts > 1:
        return Said(key="whats_up.delivered_parts", values=when | {"count": parts})
    return Said(key="whats_up.delivered", values=when)


def _answer(scene: Scene, fact: Pressed, said: Said, buttons: tuple[Button, ...] = ()) -> tuple[Queued, ...]:
    """Tell the presser: in the place of the line they pressed, privately in the thread, or directly from their own page."""
    position = lanes.micros(fact.at)
    if (
        fact.handle is not None
        and not fact.on_alert
        and (fact.act not in SHORTCUTS or fact.act is Act.SEND_TO_CUSTOMER)
    ):
        line = ReplaceLine(
            workspace=fact.workspace,
            handle=fact.handle,
            said=said,
            person=fact.person,
            conversation=scene.conversation.id,
            message=scene.message.id if scene.message else None,
        )
        return (lanes.queue(line, position=position),)
    thread, at_home = scene.conversation.thread, fact.place == NOWHERE
    about = fact.ref or (scene.message.ref if scene.message else None) or fact.root
    if at_home and thread is not None:
        about = thread.ref
    if about is None:
        return ()
    told = TellPerson(
        workspace=fact.workspace,
        conversation=scene.conversation.id,
        person=fact.person,
        said=said,
        about=about,
        root=None if fact.on_alert else fact.root or (root_of(scene, scene.message) if scene.message else None),
        at=fact.at,
        message=scene.message.id if scene.message else None,
        buttons=buttons,
        question=at_home,
    )
    return (lanes.queue(told, position=position),)
