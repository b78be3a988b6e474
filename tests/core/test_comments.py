"""Which comment an answer goes to, until when, and how a private reply ends. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.comment import Comment, CommentState
from bridge.model.decision import Allowed, Denied
from bridge.model.ids import MessageId, RemoteId
from bridge.model.pace import Pace, Rate
from bridge.model.state import Conversation, Opener
from tests.core.factories import DAY, NOON, RULES, SECOND, account, conversation, sayable, untouched

ME, OTHER = MessageId(7), MessageId(8)


def said(name: str, *, after: timedelta = timedelta(0), **more: Any) -> Comment:
    """A comment at noon, or later."""
    at = NOON + after
    return replace(Comment(remote_id=RemoteId(name), at=at, until=at + policy.PRIVATE_REPLY), **more)


def of(*comments: Comment, before: Conversation | None = None) -> Conversation:
    return replace(before or untouched(), comments=comments)


def ruled(talk: Conversation, after: timedelta, **more: Any) -> str | None:
    """The comment that an answer goes to, or the sentence of a refusal; None: an ordinary answer."""
    ruling = policy.may_send(account(), talk, NOON + after, **more)
    if isinstance(ruling, Denied):
        sayable(ruling.said)
        return ruling.said.key
    return ruling.comment


@pytest.mark.parametrize(
    ("comments", "after", "ruling"),
    [
        ((said("a"),), timedelta(0), "a"),
        ((said("a"),), 7 * DAY - SECOND, "a"),
        ((said("a"),), 7 * DAY, "reply.comment_over"),
        ((said("a"), said("b", after=DAY)), 2 * DAY, "b"),
        ((said("a"), said("b", after=DAY, state=CommentState.ANSWERED)), 2 * DAY, "a"),
        ((said("a"), said("b", after=DAY, state=CommentState.ANSWERED)), 7 * DAY, "reply.comment_answered"),
        ((said("a", state=CommentState.REFUSED),), DAY, "reply.comment_refused"),
        ((said("a", state=CommentState.REFUSED, live=True),), DAY, "reply.comment_live_over"),
        ((said("a", state=CommentState.PERHAPS, by=OTHER),), DAY, "reply.comment_perhaps"),
        ((), DAY, "reply.never_wrote"),
    ],
)
def test_the_newest_comment_that_can_be_answered_is(
    comments: tuple[Comment, ...], after: timedelta, ruling: str
) -> None:
    """M-05: half-open, to the second; each comment once."""
    assert ruled(of(*comments), after) == ruling


def test_an_answer_keeps_to_its_comment_while_that_is_possible() -> None:
    """M-05: a newer comment does not take an answer away that is on its way."""
    talk = of(said("a"), said("b", after=DAY))
    assert ruled(talk, 2 * DAY, like=RemoteId("a")) == "a"
    assert ruled(talk, 7 * DAY, like=RemoteId("a")) == "b"


def test_only_the_answer_itself_may_be_tried_again_where_nobody_knows() -> None:
    """M-24"""
    talk = of(said("a", state=CommentState.PERHAPS, by=ME))
    assert ruled(talk, DAY, by=ME) == "a"
    assert ruled(talk, DAY, by=OTHER) == "reply.comment_perhaps"


def test_in_an_open_window_no_comment_is_used_and_after_it_one_is() -> None:
    """M-05, F2: an ordinary answer while it may go; the tag of people never on a private reply."""
    talk = of(said("a", after=timedelta(hours=1)), before=conversation(Opener.MESSAGE))
    assert ruled(talk, timedelta(hours=2)) is None
    assert ruled(talk, 2 * DAY) == "a"
    person = policy.may_send(account(human_agent=True), talk, NOON + 7 * DAY + timedelta(minutes=30))
    assert person == Allowed(comment=RemoteId("a"))


def test_who_wrote_after_they_commented_is_told_of_by_what_they_wrote() -> None:
    """M-05: what is refused is explained by the last that the customer did."""
    talk = of(said("a", after=-8 * DAY), before=conversation(Opener.MESSAGE))
    assert ruled(talk, 2 * DAY) == "reply.window_closed"


def test_the_card_changes_when_a_private_reply_is_no_longer_possible() -> None:
    """M-05"""
    talk = of(said("a"), said("b", after=DAY, state=CommentState.ANSWERED))
    assert policy.next_close(account(), talk, NOON, RULES) == NOON + 7 * DAY - RULES.margin


def test_private_replies_have_a_pace_of_their_own_below_metas() -> None:
    """M-05, F8: in no hour more than 750, and an account's other answers do not wait for them."""
    target = lanes.private_target(account().id)
    rate = Pace().of(target)
    assert isinstance(rate, Rate)
    assert rate.burst + 3600 * rate.per_second <= 750
    assert lanes.chain(target)[1:] == lanes.chain(lanes.sends_target(account().id))[1:]
