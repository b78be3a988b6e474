"""Buttons and the message shortcut: each act is effective once."""

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Go, Scene, SettledSend
from bridge.model.effects import ClearSign, LearnPerson, RedrawCard, ReplaceLine, TellPerson
from bridge.model.facts import Act
from bridge.model.ids import MessageId, PersonRef
from bridge.model.state import Author, Message, PartState, ReplyState, Said, Sign
from bridge.rules.acts import door, pressed
from bridge.rules.answers import onward
from tests.core.factories import (
    AKI,
    DAY,
    GUEST,
    HOUR,
    NOBODY,
    account,
    answer,
    at,
    conversation,
    found,
    going,
    offered,
    on_the_wire,
    press,
    put,
    reply,
    sayable,
    scene,
    told,
)

READY, SENT, UNSURE = PartState.READY, PartState.SENT, PartState.UNSURE
LATER = at(2 * HOUR)
REFUSED = answer(state=ReplyState.REFUSED, sign=Sign.REFUSED, reason=Said(key="reply.account_paused"))
LONG = answer("a" * 1601, state=ReplyState.REFUSED, parts=(), sign=Sign.REFUSED)
ASKING = answer(state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_mention"))
DOUBTFUL = answer(state=ReplyState.UNSURE, parts=(UNSURE,), sign=Sign.UNSURE)


def doubt(message: Message = DOUBTFUL, part: int = 1) -> Scene:
    """A conversation with an answer that may have arrived; its author was asked."""
    return scene(message, on_the_wire(message, part, asked=True), conversation=replace(conversation(), unsure=1))


def once(place: Scene, act: Act) -> Decision:
    """Press a button twice; the second time changes nothing, and says so."""
    first = threads.decide(place, press(act), LATER)
    after = replace(place, message=reply(first), sending=())
    second = threads.decide(after, press(act), LATER)
    assert (second.messages, second.settled, second.dropped, going(second)) == ((), (), (), [])
    assert told(second)[0] in ("reply.already_sent", "whats_up.waiting", "reply.kept_inside")
    told(first)
    return first


def test_retry_sends_once() -> None:
    """The old cross goes, the answer waits again, the line says that it goes."""
    decision = once(scene(REFUSED), Act.RETRY)
    assert (reply(decision).state, going(decision), told(decision)) == (ReplyState.WAITING, [1], ["reply.retry"])
    assert [each.sign for each in found(decision, ClearSign)] == [Sign.REFUSED]


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (REFUSED, True),
        (replace(REFUSED, state=ReplyState.NOTE, reason=Said(key="not_relayed.note")), False),
        (replace(REFUSED, state=ReplyState.WAITING, reason=None), False),
        (replace(REFUSED, state=ReplyState.SENT, reason=None), False),
        (replace(REFUSED, state=ReplyState.WITHDRAWN), False),
        (replace(REFUSED, reason=Said(key="reply.edited_after_send")), False),
    ],
)
def test_retry_is_offered_only_on_what_can_be_tried_again(now: Message, shown: bool) -> None:
    """F12: a refusal that is told late, of what is a note by now, offers nothing."""
    refused = onward.refused(scene(answer()), answer(), Denied(said=Said(key="reply.account_paused"), retry=True), at())
    (line,) = found(refused, TellPerson)
    assert [each.act for each in line.buttons] == [Act.RETRY]
    assert isinstance(pressed.to_author_due(scene(now), line, at()), Go) is shown


def test_retry_sends_only_what_has_not_gone() -> None:
    """Two of three parts were sent: the third, and no other."""
    partly = answer("あ" * 700, state=ReplyState.REFUSED, parts=(SENT, SENT, READY))
    assert going(once(scene(partly), Act.RETRY)) == [3]


def test_send_as_several_messages_sends_once() -> None:
    """ZI-21: its author agreed; the ceiling no longer stands in the way."""
    decision = once(scene(LONG), Act.SEND_SPLIT)
    assert (going(decision), reply(decision).split) == ([1, 2], True)
    assert found(decision, ReplaceLine)[0].said == Said(key="reply.sending_parts", values={"count": 2})


def test_one_message_is_not_said_to_go_as_several() -> None:
    """ZI-21: nothing is in parts that fits into one message."""
    decision = once(scene(replace(LONG, text="a" * 900), account=account(ceiling=800)), Act.SEND_SPLIT)
    assert (going(decision), told(decision)) == ([1], ["reply.sending"])


def test_send_lets_a_held_answer_go_once() -> None:
    """A mention of a colleague: the author's word."""
    decision = once(scene(ASKING), Act.SEND)
    assert (going(decision), told(decision)) == ([1], ["reply.sending"])


def test_keep_inside_keeps_it_once_and_for_good() -> None:
    """`:lock:`, and a later *Send* comes too late."""
    decision = once(scene(ASKING), Act.KEEP_INSIDE)
    assert (reply(decision).state, put(decision), told(decision)) == (
        ReplyState.NOTE,
        [Sign.INSIDE],
        ["reply.kept_inside"],
    )
    assert told(threads.decide(scene(reply(decision)), press(Act.SEND), LATER)) == ["reply.kept_inside"]


def test_it_arrived_is_believed_once() -> None:
    """A check mark; the row ends, the card forgets the doubt."""
    decision = once(doubt(), Act.ARRIVED)
    assert decision.settled == (SettledSend(message=MessageId(21), part=1, remote_id=None),)
    assert (put(decision), going(decision)) == ([Sign.SENT], [])
    assert decision.conversation is not None
    assert decision.conversation.unsure == 0
    assert told(decision) == ["reply.settled_by_hand"]


def test_it_arrived_lets_the_kept_back_rest_follow() -> None:
    """The second of three had got lost: the third goes now."""
    partly = answer("あ" * 700, state=ReplyState.UNSURE, parts=(SENT, UNSURE, READY), sign=Sign.UNSURE)
    decision = threads.decide(doubt(partly, 2), press(Act.ARRIVED), LATER)
    assert (going(decision), reply(decision).state) == ([3], ReplyState.WAITING)


def test_send_again_sends_once_and_ends_the_old_row() -> None:
    """An agent's word is the only reason to send twice."""
    decision = once(doubt(), Act.SEND_AGAIN)
    assert (going(decision), decision.dropped, told(decision)) == ([1], (MessageId(21),), ["reply.retry"])
    assert [each.sign for each in found(decision, ClearSign)] == [Sign.UNSURE]
    assert decision.conversation is not None
    assert decision.conversation.unsure == 0
    assert len(found(decision, RedrawCard)) == 1


@pytest.mark.parametrize(("first", "then"), [(Act.ARRIVED, Act.SEND_AGAIN), (Act.SEND_AGAIN, Act.ARRIVED)])
def test_of_two_buttons_one_counts(first: Act, then: Act) -> None:
    """Two agents press at once: the second changes nothing."""
    after = replace(doubt(), message=reply(threads.decide(doubt(), press(first), LATER)), sending=())
    assert threads.decide(after, press(then), LATER).messages == ()


@pytest.mark.parametrize(
    ("act", "message", "sending"),
    [(Act.RETRY, REFUSED, ()), (Act.SEND, ASKING, ()), (Act.SEND_SPLIT, LONG, ())],
)
def test_a_button_does_not_outvote_the_window(act: Act, message: Message, sending: tuple[()]) -> None:
    """ZI-22: pressed a day later, the line says why it does not go, not that it goes."""
    decision = threads.decide(scene(message, *sending), press(act), at(2 * DAY))
    assert (going(decision), reply(decision).state) == ([], ReplyState.REFUSED)
    assert set(told(decision)) == {"reply.window_closed"}


def test_send_again_after_the_window_says_why_not_and_leaves_the_doubt() -> None:
    """It may have arrived all the same: only an echo or *It arrived* can say so, and both must find it."""
    decision = threads.decide(doubt(), press(Act.SEND_AGAIN), at(2 * DAY))
    assert (decision.dropped, decision.messages, decision.conversation) == ((), (), None)
    assert told(decision) == ["reply.window_closed"]


@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.WHAT_HAPPENED, *door.ACTS}])
@pytest.mark.parametrize("state", list(ReplyState))
def test_a_button_acts_in_its_own_state_alone(act: Act, state: ReplyState) -> None:
    """A stale line of last week cannot send anything."""
    applies = {
        (Act.RETRY, ReplyState.REFUSED),
        (Act.SEND_SPLIT, ReplyState.REFUSED),
        (Act.UNQUOTE, ReplyState.REFUSED),
        (Act.SEND_SMALLER, ReplyState.REFUSED),
        (Act.SEND, ReplyState.ASKING),
        (Act.SEND_TO_CUSTOMER, ReplyState.ASKING),
        (Act.KEEP_INSIDE, ReplyState.ASKING),
        (Act.STOP, ReplyState.WAITING),
        (Act.ARRIVED, ReplyState.UNSURE),
        (Act.SEND_AGAIN, ReplyState.UNSURE),
    }
    part = UNSURE if state is ReplyState.UNSURE else READY
    decision = threads.decide(scene(answer(state=state, parts=(part,))), press(act), LATER)
    assert bool(decision.messages) is ((act, state) in applies)
    assert len(told(decision)) >= 1


def test_a_retry_of_nothing_ends_with_a_reason() -> None:
    """An old *Retry* on what was edited down to a file alone must not leave it waiting for ever."""
    decision = threads.decide(scene(replace(REFUSED, text="")), press(Act.RETRY), LATER)
    assert (reply(decision).state, going(decision)) == (ReplyState.REFUSED, [])


@pytest.mark.parametrize(
    ("person", "named", "said"),
    [(GUEST, (), "reply.guest"), (AKI, (GUEST,), "reply.not_agent"), (GUEST, (GUEST,), None)],
)
def test_only_who_may_answer_may_press(person: PersonRef, named: tuple[PersonRef, ...], said: str | None) -> None:
    """ZI-25, ZM-17: the same rule as for answers."""
    place = scene(REFUSED, account=account(agents=named))
    decision = threads.decide(place, press(Act.RETRY, person), LATER)
    assert bool(going(decision)) is (said is None)
    assert said is None or told(decision) == [said]


@pytest.mark.parametrize("act", [Act.NO_ANSWER, Act.SNOOZE, Act.TAKE])
def test_who_may_not_do_what_sends_nothing_is_not_told_that_it_was_not_sent(act: Act) -> None:
    """ZI-25: under an alert, too."""
    assert told(threads.decide(scene(), press(act, GUEST), LATER)) == ["act.guest"]
    named = scene(account=account(agents=(GUEST,)))
    assert told(threads.decide(named, press(act, AKI), LATER)) == ["act.not_agent"]


def test_an_unknown_presser_is_learnt_first() -> None:
    """Nobody is refused because the desk was not asked yet."""
    decision = threads.decide(scene(REFUSED), press(Act.RETRY, NOBODY), LATER)
    assert decision.wait is not None
    assert [each.person for each in found(decision, LearnPerson)] == [NOBODY]
    late = threads.decide(scene(REFUSED), press(Act.RETRY, NOBODY), LATER, waited=True)
    assert told(late) == ["reply.unknown_person"]


def test_a_button_about_nothing_we_know_is_answered() -> None:
    """Promise 4: no press without an answer."""
    assert told(threads.decide(scene(None), press(Act.RETRY), LATER)) == ["reply.no_longer_possible"]


def test_an_answer_stands_in_the_place_of_the_line_or_beside_the_message() -> None:
    """The line whose button was pressed is replaced; the shortcut has none."""
    assert [each.handle for each in found(threads.decide(scene(REFUSED), press(Act.RETRY), LATER), ReplaceLine)] == [
        "line-1"
    ]
    beside = threads.decide(scene(REFUSED), press(Act.WHAT_HAPPENED, handle=None), LATER)
    assert [each.person for each in found(beside, TellPerson)] == [AKI]


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (None, "whats_up.unknown"),
        (replace(answer(), author=Author.CUSTOMER, state=None), "whats_up.from_customer"),
        (replace(answer(), author=Author.ELSEWHERE, state=None), "whats_up.elsewhere"),
        (answer(state=ReplyState.SENT, parts=(SENT,)), "whats_up.delivered"),
        (answer(state=ReplyState.SENT, parts=(SENT, SENT)), "whats_up.delivered_parts"),
        (answer(), "whats_up.waiting"),
        (ASKING, "whats_up.asking"),
        (DOUBTFUL, "whats_up.unsure"),
        (answer(state=ReplyState.WITHDRAWN, parts=()), "whats_up.withdrawn"),
        (answer(state=ReplyState.WITHDRAWN, parts=(SENT, READY)), "whats_up.delivered_some"),
        (answer(state=ReplyState.NOTE), "whats_up.note"),
        (answer(state=ReplyState.NOTE, reason=Said(key="not_relayed.automatic")), "whats_up.not_relayed"),
        (answer(state=ReplyState.NOTE, reason=Said(key="not_relayed.kept_inside")), "whats_up.not_relayed"),
        (REFUSED, "reply.account_paused"),
        (answer(state=ReplyState.REFUSED), "whats_up.refused"),
    ],
)
def test_what_happened_tells_the_last_outcome_again(message: Message | None, key: str) -> None:
    """*What happened?*: Slack forgets private lines, the bridge does not."""
    decision = threads.decide(scene(message), press(Act.WHAT_HAPPENED, handle=None), LATER)
    assert (told(decision), decision.messages, decision.conversation) == ([key], (), None)


def test_a_refusal_is_told_again_as_it_was_told() -> None:
    """With its own times: when the customer last wrote, not when the agent did."""
    refused = threads.decide(scene(answer(state=ReplyState.REFUSED)), press(Act.RETRY), at(2 * DAY))
    again = pressed.happened(reply(refused))
    assert again == found(refused, TellPerson)[0].said
    sayable(again)


def test_a_question_nobody_answered_keeps_the_answer_inside() -> None:
    """Silence is no consent: the lock, and a direct message that says so."""
    decision = pressed.question_expired(scene(ASKING), at(2 * HOUR))
    assert (reply(decision).state, put(decision)) == (ReplyState.NOTE, [Sign.INSIDE])
    assert (told(decision), offered(decision)) == (["reply.question_expired"], [])
    assert found(decision, TellPerson)[0].question
    assert pressed.question_expired(scene(reply(decision)), at(4 * HOUR)).messages == ()


@pytest.mark.parametrize(
    ("message", "shows"),
    [
        (answer(), True),
        (ASKING, True),
        (answer(sign=Sign.WAITING), False),
        (REFUSED, False),
        (answer(state=ReplyState.SENT), False),
        (None, False),
    ],
)
def test_what_waits_for_longer_than_a_moment_shows_the_hourglass(message: Message | None, shows: bool) -> None:
    """Promise 5: retry, pace, re-authentication, or the author's own answer to a question."""
    decision = pressed.waits(scene(message), at())
    assert put(decision) == ([Sign.WAITING] if shows else [])
