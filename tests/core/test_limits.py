"""Every limit of time, a second before it, at it and a second after it: for both networks, both logins, with and without the feature."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest

from bridge import policy, threads
from bridge.model.change import replace
from bridge.model.comment import Comment, CommentState
from bridge.model.decision import Allowed, Denied, Go, Instead, Tag
from bridge.model.effects import SendToCustomer
from bridge.model.facts import Act
from bridge.model.ids import AccountId, ConversationId, MessageId, RemoteId
from bridge.model.state import Account, Conversation, Login, Opener, Platform, ReplyState
from bridge.rules.answers import ways
from tests.core.factories import (
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    RULES,
    SECOND,
    STEADY,
    account,
    answer,
    at,
    conversation,
    offered,
    press,
    queued,
    reply,
    scene,
    told,
    untouched,
    wrote,
)

REACHED = (
    (Platform.MESSENGER, Login.FACEBOOK),
    (Platform.INSTAGRAM, Login.FACEBOOK),
    (Platform.INSTAGRAM, Login.INSTAGRAM),
)
"""The ways in which a customer can be reached."""
OPENS = {
    Opener.MESSAGE: DAY,
    Opener.POSTBACK: DAY,
    Opener.LINK: DAY,
    Opener.PLUGIN: DAY,
    Opener.REACTION: DAY,
    Opener.AD_MESSAGE: 7 * DAY,
}
WEEK = 7 * DAY
AROUND = (-SECOND, -timedelta(microseconds=1), timedelta(), SECOND)
"""Half-open: at the limit it is over."""


def shops(*, human_agent: bool) -> list[Account]:
    """An account of every kind."""
    return [replace(account(platform=platform, human_agent=human_agent), login=login) for platform, login in REACHED]


def may(shop: Account, talk: Conversation, now: datetime) -> str:
    """What may go: an answer, one with the tag, a private reply, or nothing."""
    match policy.may_send(shop, talk, now):
        case Allowed(tag=Tag.HUMAN_AGENT):
            return "tagged"
        case Allowed(comment=None):
            return "plain"
        case Allowed():
            return "private"
        case Denied():
            return "nothing"


@pytest.mark.parametrize("opener", OPENS)
@pytest.mark.parametrize("human_agent", [False, True])
def test_the_windows_of_every_account_at_every_close(opener: Opener, human_agent: bool) -> None:
    """I-11…I-15, ZM-02, F2: the tag only from the standard close on, only with the feature, and never a moment too long."""
    talk, standard = conversation(opener), OPENS[opener]
    for shop, limit, off in product(shops(human_agent=human_agent), {standard, WEEK}, AROUND):
        after = limit + off
        if after < standard:
            expected = "plain"
        elif human_agent and after < WEEK:
            expected = "tagged"
        else:
            expected = "nothing"
        assert may(shop, talk, NOON + after) == expected, (shop.platform, shop.login, after)


@pytest.mark.parametrize("human_agent", [False, True])
@pytest.mark.parametrize("since", [timedelta(), HOUR, DAY - SECOND, DAY, DAY + SECOND])
def test_an_ads_click_counts_for_a_day_at_every_limit(human_agent: bool, since: timedelta) -> None:
    """F2: what is said within a day after the click has seven; what is said later its own."""
    clicked = policy.open_window(untouched(), Opener.AD_CLICK, NOON)
    talk = policy.open_window(clicked, Opener.MESSAGE, NOON + since)
    standard = WEEK if since < DAY else DAY
    for shop, off in product(shops(human_agent=human_agent), AROUND):
        assert may(shop, clicked, NOON + off) == "nothing"
        after = "nothing" if not human_agent or standard == WEEK else "tagged"
        assert may(shop, talk, NOON + since + standard + off) == ("plain" if off < timedelta() else after)


@pytest.mark.parametrize("human_agent", [False, True])
@pytest.mark.parametrize("state", list(CommentState))
def test_a_comment_is_answered_in_private_for_seven_days(human_agent: bool, state: CommentState) -> None:
    """F5: once, until the second at which it is over; whoever wrote as well is answered by that instead."""
    comment = Comment(remote_id=RemoteId("c.1"), at=NOON, until=NOON + policy.PRIVATE_REPLY, state=state)
    talk = replace(untouched(), comments=(comment,))
    assert policy.PRIVATE_REPLY == WEEK
    for shop, off in product(shops(human_agent=human_agent), AROUND):
        possible = state is CommentState.OPEN and off < timedelta()
        assert may(shop, talk, NOON + WEEK + off) == ("private" if possible else "nothing")
        wrote_too = replace(conversation(wrote=NOON + DAY), comments=(comment,))
        after = "tagged" if human_agent else "private" if possible else "nothing"
        assert may(shop, wrote_too, NOON + WEEK + off) == after


def test_what_waits_is_ruled_on_at_the_second_at_which_it_goes() -> None:
    """F2: queued in time and due too late it does not go; the tag is put on as soon as it is needed."""
    effect = SendToCustomer(
        workspace=DESK, conversation=ConversationId(11), account=AccountId(5), message=MessageId(21), part=1
    )
    for (human_agent, limit), off in product(((False, DAY), (True, DAY), (True, WEEK)), AROUND):
        for shop in shops(human_agent=human_agent):
            due = threads.due(scene(answer(), account=shop), effect, at(limit + off))
            if limit == DAY and off < timedelta():
                assert isinstance(due, Go)
                assert due.tag is None
            elif human_agent and limit + off < WEEK:
                assert isinstance(due, Go)
                assert due.tag is Tag.HUMAN_AGENT
            else:
                assert isinstance(due, Instead)
                assert reply(due.decision).state is ReplyState.REFUSED


@pytest.mark.parametrize("seconds", [5, 6, 29, 30])
def test_an_answer_rests_for_just_so_long(seconds: int) -> None:
    """CT-08: from the moment at which it is decided, in this way of answering alone."""
    for shop in shops(human_agent=False):
        for mode in ("all", "undo"):
            settings = replace(shop.settings, answer_mode=mode, undo_seconds=seconds)
            place = scene(account=replace(shop, settings=settings))
            (send,) = queued(threads.decide(place, wrote(), at(HOUR)), SendToCustomer)
            rest = timedelta(seconds=seconds) if mode == "undo" else RULES.rest
            assert send.not_before == STEADY + HOUR + rest
            assert ways.rest(settings, at(HOUR)) == rest


@pytest.mark.parametrize("off", AROUND)
def test_what_is_found_late_is_asked_about_from_ten_minutes_on(off: timedelta) -> None:
    """CT-15: younger than that it goes by itself."""
    found = replace(wrote(), found_late=True)
    for shop in shops(human_agent=False):
        decision = threads.decide(scene(account=shop), found, at(HOUR + 10 * MINUTE + off))
        young = off < timedelta()
        assert reply(decision).state is (ReplyState.WAITING if young else ReplyState.ASKING)
        assert told(decision) == ([] if young else ["reply.question_old"])
        assert offered(decision) == ([] if young else [Act.SEND, Act.KEEP_INSIDE])


@pytest.mark.parametrize(("waited", "goes"), [(DAY - SECOND, True), (DAY, False), (DAY + SECOND, False)])
def test_a_question_is_ruled_on_when_it_is_answered(waited: timedelta, goes: bool) -> None:
    """CT-08, F2: agreed to too late it is refused like any other."""
    asking = answer(state=ReplyState.ASKING, parts=())
    for shop in shops(human_agent=False):
        decision = threads.decide(scene(asking, account=shop), press(Act.SEND), at(waited))
        assert reply(decision).state is (ReplyState.WAITING if goes else ReplyState.REFUSED)
