"""When the customer sees that somebody writes: while an answer rests that can be stopped, and never else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Go
from bridge.model.effects import ShowTyping
from bridge.model.facts import Act, ConversationFact
from bridge.model.ids import AccountId, ConversationId, MessageId
from bridge.model.outcomes import Later, Refused, Scope
from bridge.model.state import Account, Message, PartState, ReplyState, Wish
from tests.core.factories import (
    DAY,
    DESK,
    HOUR,
    SECOND,
    account,
    answer,
    at,
    deleted,
    edited,
    found,
    press,
    scene,
    told,
    wrote,
)

BY_ITSELF = account()


def shop(mode: str = "undo", **changes: object) -> Account:
    """An account with this way of answering."""
    settings = replace(BY_ITSELF.settings, answer_mode=mode, undo_seconds=20, **changes)  # type: ignore[arg-type]
    return replace(BY_ITSELF, settings=settings)


RESTING = answer()
"""Written after an hour, and queued then."""


def typing(decision: Decision) -> list[bool]:
    """What the customer is shown of somebody who writes."""
    return [each.on for each in found(decision, ShowTyping)]


def decided(
    fact: ConversationFact, message: Message | None = None, *, of: Account | None = None, after: timedelta = HOUR
) -> list[bool]:
    """What the customer is shown because of a fact."""
    return typing(threads.decide(scene(message, account=of or shop()), fact, at(after)))


def test_it_begins_with_the_rest_and_only_in_this_way_of_answering() -> None:
    """Once; not for a note, a question, a refusal, or an answer that goes at once."""
    assert decided(wrote()) == [True]
    assert decided(wrote(), of=shop("all")) == []
    assert decided(wrote("reply: yes"), of=shop("explicit")) == []
    assert decided(replace(wrote("// no"), note=True)) == []
    assert decided(replace(wrote(), mentions=True)) == []
    assert decided(wrote(), of=replace(shop(), wish=Wish.PAUSED)) == []
    assert decided(edited(), RESTING) == [], "it rests anew, and was begun"
    assert decided(press(Act.SEND), answer(state=ReplyState.ASKING, parts=())) == []
    assert decided(press(Act.RETRY), answer(state=ReplyState.REFUSED)) == []


@pytest.mark.parametrize(
    ("fact", "after"),
    [
        (press(Act.STOP), HOUR + 5 * SECOND),
        (deleted(), HOUR + 5 * SECOND),
        (edited("// no", note=True), HOUR + 5 * SECOND),
        (edited(mentions=True), HOUR + 5 * SECOND),
    ],
)
def test_it_ends_when_the_answer_stays_inside(fact: ConversationFact, after: timedelta) -> None:
    """By *Stop*, by a deletion, by a change that makes a note or a question of it."""
    assert decided(fact, RESTING, after=after) == [False]
    assert decided(fact, RESTING, of=shop("all"), after=after) == []
    assert decided(fact, RESTING, after=HOUR + 20 * SECOND) == [], "the network has let it end by then"


@pytest.mark.parametrize(
    ("message", "of", "after", "on", "off"),
    [
        (RESTING, shop(), HOUR, True, False),
        (RESTING, shop(), HOUR + 20 * SECOND - SECOND / 1000, True, False),
        (RESTING, shop(), HOUR + 20 * SECOND, False, True),
        (answer(state=ReplyState.NOTE, parts=()), shop(), HOUR, False, True),
        (None, shop(), HOUR, False, True),
        (answer(state=ReplyState.SENT, parts=(PartState.SENT,)), shop(), HOUR, False, True),
        (RESTING, shop(human_agent=True), 2 * DAY, False, False),
        (RESTING, shop(), DAY, False, False),
        (RESTING, replace(shop(), wish=Wish.PAUSED), HOUR, False, False),
    ],
)
def test_it_goes_only_while_it_is_true_and_an_answer_could_go_without_a_tag(
    message: Message | None, of: Account, after: timedelta, on: bool, off: bool
) -> None:
    """F2: looked at once more when its turn comes, at the second."""
    for shows, goes in ((True, on), (False, off)):
        effect = ShowTyping(
            workspace=DESK, conversation=ConversationId(11), account=AccountId(5), message=MessageId(21), on=shows
        )
        assert isinstance(threads.due(scene(message, account=of), effect, at(after)), Go) is goes


@pytest.mark.parametrize(
    "outcome", [Refused(code="10", why="permission"), Later(after=SECOND, why="busy", scope=Scope.ROW)]
)
def test_a_failure_is_told_to_nobody(outcome: Refused | Later) -> None:
    """Best effort."""
    effect = ShowTyping(
        workspace=DESK, conversation=ConversationId(11), account=AccountId(5), message=MessageId(21), on=True
    )
    ended = threads.ended(scene(RESTING), effect, outcome, at(HOUR), row=1, target="network:5:seen", position=1)
    assert told(ended) == []
    assert (ended.effects, ended.alerts, ended.holds) == ((), (), ())
