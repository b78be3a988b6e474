"""What the customer has read: on which answer the eyes stand, and that they never go back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Instead, Scene
from bridge.model.effects import ClearSign, SetSign
from bridge.model.ids import MessageId, RemoteId
from bridge.model.notice import CustomerRead, ShowRead
from bridge.model.state import Author, Conversation, Message, PartState, Platform, ReplyState, Sign
from tests.core.factories import (
    DESK,
    HOUR,
    MINUTE,
    NOON,
    RULES,
    SECOND,
    STEADY,
    answer,
    at,
    conversation,
    echo,
    found,
    queued,
    scene,
)

SENT, READY = PartState.SENT, PartState.READY
WHEN = NOON + HOUR
LATER = at(2 * HOUR)
ONE = replace(answer(state=ReplyState.SENT, parts=(SENT,), sign=Sign.SENT), sent_at=WHEN)
TWO = replace(answer(state=ReplyState.SENT, parts=(SENT, SENT), sign=Sign.SENT), sent_at=WHEN)
NATIVE = replace(ONE, author=Author.ELSEWHERE, remote_id=RemoteId("mid.1"), parts=(), sent_at=None, at=WHEN)


def read(*, until: datetime | None = None, mid: str | None = None) -> CustomerRead:
    """The network tells that the customer has looked."""
    return CustomerRead(
        platform=Platform.INSTAGRAM,
        account="1784",
        customer="99",
        at=NOON + 2 * HOUR,
        until=until,
        remote_id=None if mid is None else RemoteId(mid),
    )


def talk(**changes: object) -> Conversation:
    """The conversation, with what is known of reading."""
    return replace(conversation(), **changes)  # type: ignore[arg-type]


def after(fact: CustomerRead, place: Scene, *, waited: bool = True) -> datetime | None:
    """Until when the customer has read then; None: it changes nothing."""
    decision = threads.decide(place, fact, LATER, waited=waited)
    assert (decision.conversation is None) == (decision.ignored is not None)
    return None if decision.conversation is None else decision.conversation.read_up_to


@pytest.mark.parametrize(
    ("before", "told", "then"),
    [
        (None, WHEN, WHEN),
        (WHEN, WHEN + SECOND, WHEN + SECOND),
        (WHEN, WHEN, None),  # told twice
        (WHEN, WHEN - SECOND, None),  # told late
        (WHEN, NOON + 2 * HOUR, NOON + 2 * HOUR),
        (WHEN, NOON + 3 * HOUR, NOON + 2 * HOUR),  # nobody reads what is yet to be said
        (NOON + 2 * HOUR, NOON + 3 * HOUR, None),
    ],
)
def test_what_was_read_only_grows(before: datetime | None, told: datetime, then: datetime | None) -> None:
    """Messenger tells a time: late, repeated and disordered events move nothing back, and none reaches ahead."""
    assert after(read(until=told), scene(conversation=talk(read_up_to=before))) == then


@pytest.mark.parametrize(
    ("message", "mid", "until"),
    [
        (ONE, "mid.1", WHEN),
        (TWO, "mid.2", WHEN),
        (TWO, "mid.1", None),  # the rest of it they have not seen
        (NATIVE, "mid.1", WHEN),
        (replace(NATIVE, author=Author.CUSTOMER), "mid.1", None),
        (answer(parts=(SENT, READY)), "mid.1", None),
        (None, "mid.unheard", None),
    ],
)
def test_instagram_tells_the_last_message_that_was_read(
    message: Message | None, mid: str, until: datetime | None
) -> None:
    """Ours by its last part, or one written elsewhere; what nobody knows counts for nothing."""
    assert after(read(mid=mid), scene(message)) == until


def test_what_overtakes_its_message_waits_for_it() -> None:
    """The read of a message whose send has not come back yet."""
    for place in (scene(None), scene(answer())):
        decision = threads.decide(place, read(mid="mid.1"), LATER)
        assert decision.wait is not None
        assert decision.wait.free, "what the customer writes does not wait behind it"
        assert decision.wait.until == STEADY + 2 * HOUR + RULES.fact_wait


def test_reads_that_come_together_move_the_sign_once() -> None:
    """Slack takes few reactions a minute: one look for a conversation, a little later."""
    (look,) = queued(threads.decide(scene(), read(until=WHEN), LATER), ShowRead)
    assert look.once
    assert look.not_before == LATER.moment.steady + RULES.read_pause
    assert RULES.read_pause >= timedelta(seconds=3)


def shown(place: Scene) -> Decision:
    """What becomes of the signs."""
    effect = ShowRead(workspace=DESK, conversation=place.conversation.id)
    due = threads.due(place, effect, LATER)
    assert isinstance(due, Instead)
    return due.decision


def test_the_eyes_move_to_the_last_answer_that_was_read() -> None:
    """Put there first, then taken off where they stood."""
    decision = shown(scene(ONE, conversation=talk(read_up_to=WHEN, eyes=MessageId(20))))
    assert decision.conversation is not None
    assert decision.conversation.eyes == ONE.id
    assert [(each.message, each.sign) for each in found(decision, SetSign)] == [(ONE.id, Sign.READ)]
    assert [(each.message, each.sign) for each in found(decision, ClearSign)] == [(20, Sign.READ)]
    assert not found(shown(scene(ONE, conversation=talk(read_up_to=WHEN))), ClearSign)


@pytest.mark.parametrize("message", [None, replace(ONE, ref=None), replace(ONE, id=MessageId(20))])
def test_where_they_stand_already_nothing_moves(message: Message | None) -> None:
    """Nothing of ours was read, it is gone from the desk, or it bears them."""
    place = scene(message, conversation=talk(read_up_to=WHEN, eyes=MessageId(20)))
    assert isinstance(threads.due(place, ShowRead(workspace=DESK, conversation=place.conversation.id), LATER), Drop)


@pytest.mark.parametrize(
    ("message", "eyes", "put"),
    [
        (ONE, 21, True),
        (ONE, 22, False),
        (ONE, None, False),
        (replace(ONE, sign=None), 21, False),
        (answer(sign=Sign.WAITING), 21, False),
        (answer(state=ReplyState.NOTE, sign=Sign.INSIDE), 21, False),
        (None, 21, False),
    ],
)
def test_the_eyes_stand_beside_the_check_mark_alone(message: Message | None, eyes: int | None, put: bool) -> None:
    """Looked at once more when the sign goes: only on what was sent, and only where they belong now."""
    place = scene(message, conversation=talk(eyes=None if eyes is None else MessageId(eyes)))
    of = {"workspace": DESK, "conversation": place.conversation.id, "message": MessageId(21), "sign": Sign.READ}
    assert isinstance(threads.due(place, SetSign(**of), LATER), Go) is put  # type: ignore[arg-type]
    assert isinstance(threads.due(place, ClearSign(**of), LATER), Drop) is put  # type: ignore[arg-type]


def test_the_echo_tells_when_an_answer_went() -> None:
    """Read times are the network's: ours is later, and an answer read at once would be missed."""
    soon = replace(ONE, sent_at=WHEN + SECOND)
    told = echo(at=WHEN, remote_id="mid.1")
    decision = threads.decide(scene(soon), told, LATER)
    assert decision.messages == (replace(soon, sent_at=WHEN),)
    assert not found(decision, ShowRead)
    read_before = scene(soon, conversation=talk(read_up_to=WHEN))
    assert found(threads.decide(read_before, told, LATER), ShowRead)
    ahead = threads.decide(scene(soon), echo(at=WHEN + MINUTE, remote_id="mid.1"), LATER)
    assert ahead.messages == (replace(soon, sent_at=WHEN + MINUTE),)
    for other in (
        echo(at=WHEN + SECOND, remote_id="mid.1"),
        echo(at=WHEN, remote_id="mid.1", looked_up=True),
    ):
        assert threads.decide(scene(soon), other, LATER).ignored == "known"
    assert threads.decide(scene(replace(TWO, sent_at=WHEN + SECOND)), told, LATER).ignored == "known"
