"""Echoes before, after and without the answer; and answers that were taken back while they were on the wire."""

from datetime import timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, SettledSend
from bridge.model.effects import (
    LookForSend,
    PostMessage,
    PostRoot,
)
from bridge.model.ids import MessageId
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import (
    Author,
    PartState,
    ReplyState,
    Sign,
    Work,
)
from bridge.rules.answers import sending
from tests.core.factories import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    STEADY,
    answer,
    at,
    conversation,
    echo,
    found,
    going,
    offered,
    on_the_wire,
    put,
    reply,
    scene,
    told,
)
from tests.core.sends import ended

READY, SENT, UNSURE = PartState.READY, PartState.SENT, PartState.UNSURE
DONE = Done(remote_id="mid.1")
LONG = "あ" * 700


MINE = answer()


def settles(decision: Decision) -> bool:
    """Whether the echo was taken for the send on the wire."""
    return decision.settled == (SettledSend(message=MessageId(21), part=1, remote_id=echo().remote_id),)


def test_an_echo_before_the_answer_settles_the_send() -> None:
    """Echoes race with sends: by our mark on Messenger, by the words on Instagram; the answer then finds it done."""
    place = scene(None, on_the_wire(MINE))
    for heard in (echo("whatever Meta made of it", marker="tb:501"), echo(), echo(" Yes,  we have it. \n")):
        decision = threads.decide(place, heard, at())
        assert settles(decision)
        assert (reply(decision).state, put(decision)) == (ReplyState.SENT, [Sign.SENT])
    late = ended(DONE, reply(threads.decide(place, echo(), at())))
    assert late.ignored == "reply ended otherwise"


def test_an_echo_after_the_answer_is_known() -> None:
    """By the network's id: shown never, answered never."""
    assert threads.decide(scene(answer(state=ReplyState.SENT, parts=(SENT,))), echo(), at()).ignored == "known"


def test_an_echo_without_the_answer_settles_what_is_unsure() -> None:
    """The answer was lost, the customer has it: a check mark, no question."""
    message = answer(parts=(UNSURE,))
    decision = threads.decide(scene(None, on_the_wire(message, unsure=True)), echo(), at())
    assert settles(decision)
    assert (reply(decision).state, told(decision)) == (ReplyState.SENT, [])


def test_an_echo_after_the_question_answers_it() -> None:
    """The author was asked already: the check mark comes all the same, and the card forgets it."""
    message = answer(state=ReplyState.UNSURE, parts=(UNSURE,), sign=Sign.UNSURE)
    doubted = replace(conversation(), unsure=1)
    place = scene(None, on_the_wire(message, asked=True), conversation=doubted)
    decision = threads.decide(place, echo(), at())
    assert settles(decision)
    assert decision.conversation is not None
    assert (decision.conversation.unsure, put(decision)) == (0, [Sign.SENT])


def test_a_settled_part_lets_the_rest_follow() -> None:
    """The second of three was asked about and has arrived: the third goes now."""
    message = answer(LONG, state=ReplyState.UNSURE, parts=(SENT, UNSURE, READY), sign=Sign.UNSURE)
    place = scene(None, on_the_wire(message, 2, asked=True), conversation=replace(conversation(), unsure=1))
    decision = threads.decide(place, echo("あ" * 333), at())
    assert (going(decision), reply(decision).state) == ([3], ReplyState.WAITING)
    assert decision.conversation is not None
    assert decision.conversation.unsure == 0


def test_an_echo_that_fits_nothing_waits_for_the_send_in_hand() -> None:
    """While a send is open nobody knows whose it is; it holds up nothing, and for a minute at most."""
    place = scene(None, on_the_wire(MINE))
    waiting = threads.decide(place, echo("Something else"), at())
    assert waiting.wait is not None
    assert waiting.wait.free
    assert len(found(threads.decide(place, echo("Something else"), at(), waited=True), PostMessage)) == 1


def test_an_answer_from_the_native_app_is_shown_once_and_counts() -> None:
    """CT-38: not as a bot, not sent again; the customer no longer waits."""
    decision = threads.decide(scene(), echo("From my phone"), at())
    message = reply(decision)
    assert (message.author, message.state) == (Author.ELSEWHERE, None)
    assert len(found(decision, PostMessage)) == 1
    assert going(decision) == []
    assert decision.conversation is not None
    assert (decision.conversation.work, decision.conversation.answered_by) == (Work.ANSWERED, None)
    assert threads.decide(scene(message), echo("From my phone"), at()).ignored == "known"


def test_an_answer_from_the_native_app_makes_a_thread_where_there_is_none() -> None:
    """CT-38: the business wrote first in the app; it is shown, and opens no window."""
    decision = threads.decide(scene(conversation=conversation(thread=None), thread=None), echo("Hello"), at())
    assert len(found(decision, PostRoot)) == len(found(decision, PostMessage)) == 1


@pytest.mark.parametrize("heard", [echo("x", marker="tb:9"), echo("x", looked_up=True)])
def test_what_is_ours_or_was_only_seen_by_looking_is_not_shown_again(heard: object) -> None:
    """The look reads twenty messages, most of them old."""
    decision = threads.decide(scene(), heard, at())  # type: ignore[arg-type]
    assert (decision.effects, decision.messages) == ((), ())


def test_words_alone_settle_nothing_where_two_open_sends_say_the_same() -> None:
    """Without a mark the echo of one *ok* must not end the other."""
    first, second = answer("ok"), replace(answer("ok"), id=MessageId(22))
    place = scene(None, on_the_wire(first, asked=True), on_the_wire(second, row=502))
    assert threads.decide(place, echo("ok"), at()).settled == ()


@pytest.mark.parametrize(
    ("told_of", "settles_row"),
    [(-9 * SECOND, 21), (29 * SECOND, 21), (31 * SECOND, None), (61 * SECOND, 22), (96 * SECOND, None)],
)
def test_the_time_of_an_echo_tells_which_of_two_that_say_the_same_had_just_gone(
    told_of: timedelta, settles_row: int | None
) -> None:
    """Instagram: the second goes a minute after the first became unsure; what is near neither is nobody's."""
    first, second = answer("ok"), replace(answer("ok"), id=MessageId(22))
    unsure_first = on_the_wire(first, asked=True)
    unsure_second = replace(on_the_wire(second, row=502, unsure=True), unsure_since=STEADY + HOUR + 65 * SECOND)
    place = scene(None, unsure_first, unsure_second)
    decision = threads.decide(place, echo("ok", at=NOON + HOUR + told_of), at(HOUR + 2 * MINUTE))
    assert [done.message for done in decision.settled] == ([] if settles_row is None else [settles_row])


def test_an_older_message_with_the_same_words_settles_nothing() -> None:
    """A look finds yesterday's *ok* from the native app, too: it cannot be the answer written today."""
    message = answer(parts=(UNSURE,))
    place = scene(None, on_the_wire(message, unsure=True))
    old = threads.decide(place, echo(at=NOON - DAY, looked_up=True), at())
    assert old.settled == ()


# ── taken back on the wire ────────────────────────────────────────────────────────────────────────────────

GONE = answer(state=ReplyState.WITHDRAWN)


def test_what_was_deleted_on_the_wire_and_arrived_is_told() -> None:
    """F12: the author knows what the customer has; its id is kept, so that its echo is known."""
    decision = ended(DONE, GONE)
    assert (told(decision), put(decision), reply(decision).state) == (
        ["reply.deleted_after_send"],
        [],
        ReplyState.WITHDRAWN,
    )
    (part,) = reply(decision).parts
    assert (part.state, part.remote_id is not None, part.answered_at) == (SENT, True, at().moment.now)
    assert threads.decide(scene(None, on_the_wire(GONE)), echo(), at()).settled


@pytest.mark.parametrize(
    "outcome", [Refused(code="551", why="unreachable"), Later(after=SECOND, why="x", scope=Scope.ROW)]
)
def test_what_was_deleted_on_the_wire_and_refused_is_over(outcome: Outcome) -> None:
    """Nobody wants to hear that it did not go."""
    assert ended(outcome, GONE) == Decision(ignored="withdrawn before it went")


def test_what_was_deleted_on_the_wire_and_got_lost_is_looked_for_and_told() -> None:
    """There is nothing to send again; but the customer may have it."""
    assert len(found(ended(Unsure(why="timeout"), GONE), LookForSend)) == 1
    place = scene(GONE, on_the_wire(GONE, unsure=True))
    decision = sending.unsure_for_long(place, place.sending[0], at(HOUR + MINUTE))
    assert (told(decision), offered(decision), decision.messages) == (["reply.deleted_perhaps_sent"], [], ())


@pytest.mark.parametrize(
    ("words", "minutes", "ours"),
    [
        ("Yes, we have it.", 0, True),
        (" Yes,  we have it. ", 1, True),
        ("Yes", 0, False),
        ("Yes, we have it. Do come!", 0, False),
        ("Yes, we have it.", 2, False),
        ("Yes, we have it.", -2, False),
    ],
)
def test_what_a_person_said_arrived_is_known_by_its_whole_words_at_its_own_time(
    words: str, minutes: int, ours: bool
) -> None:
    """M-26, CT-38: found in the record it gets its id; anything else was written elsewhere, and is shown."""
    mine = answer(state=ReplyState.SENT, parts=(PartState.SENT,))
    settled = replace(on_the_wire(mine), unsure_since=STEADY + HOUR)
    heard = replace(echo(words, at=NOON + HOUR + minutes * MINUTE), found_later=True)
    decision = threads.decide(replace(scene(), by_word=(settled,)), heard, at(DAY))
    assert settles(decision) is ours
    assert bool(found(decision, PostMessage)) is not ours
