"""Customers who are blocked: every fact of theirs, and every answer to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge import policy, threads
from bridge.model.change import replace
from bridge.model.decision import Denied, Drop, Scene
from bridge.model.effects import (
    LearnProfile,
    MarkSeen,
    MoveToSpam,
    PostLine,
    PostMessage,
    RedrawCard,
    RemovePost,
    TellPerson,
)
from bridge.model.facts import Act, CustomerEdited, CustomerReacted, CustomerUnsent, CustomerWrote, ProfileLearnt
from bridge.model.ids import MessageId, PostRef, RemoteId
from bridge.model.outcomes import Refused
from bridge.model.state import Author, Block, Message, Platform, Post, ReplyState, Wish, Work
from bridge.rules.acts import door
from bridge.rules.acts.words import Wanted, helped, understood
from tests.core.factories import (
    AKI,
    CUSTOMER,
    DAY,
    HOUR,
    NOON,
    account,
    answer,
    at,
    conversation,
    customer_wrote,
    found,
    sayable,
    scene,
    told,
    wrote,
)

LATER = at(2 * HOUR)
BLOCKED = replace(CUSTOMER, blocked=Block.BLOCKED, blocked_by=AKI, blocked_at=NOON + HOUR, blocked_count=2)
OF: dict[str, Any] = {"platform": Platform.INSTAGRAM, "account": "1784", "customer": "99"}
SEEN = Message(
    id=MessageId(31),
    conversation=conversation().id,
    author=Author.CUSTOMER,
    at=NOON,
    text="Hi",
    remote_id=RemoteId("m1"),
)


def blocked(message: Message | None = None, **how: Any) -> Scene:
    """A blocked customer's conversation, in which nobody waits."""
    talk = replace(conversation(), work=Work.ANSWERED, waiting_since=None)
    return replace(scene(message, customer=BLOCKED, conversation=talk), **how)


@pytest.mark.parametrize(
    "fact",
    [
        customer_wrote(at=NOON + 2 * HOUR),
        CustomerReacted(**OF, at=NOON + 2 * HOUR, about=RemoteId("m9"), emoji="❤"),
        CustomerEdited(**OF, at=NOON + 2 * HOUR, remote_id=RemoteId("m8"), text="worse", number=1),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_what_a_blocked_customer_does_is_kept_and_counted_and_seen_nowhere(
    fact: CustomerWrote | CustomerReacted | CustomerEdited,
) -> None:
    """ZI-34: the card counts what says something; no post, no waiting, no question who they are."""
    decision = threads.decide(blocked(customer=replace(BLOCKED, profile_at=None)), fact, LATER)
    assert [type(each.effect) for each in decision.effects] == [RedrawCard]
    assert [message.withheld for message in decision.messages] == [True]
    assert decision.customer is not None
    assert decision.customer.blocked_count == (2 if isinstance(fact, CustomerReacted) else 3)
    assert decision.conversation is not None
    assert decision.conversation.work is Work.ANSWERED
    assert (decision.alerts, decision.wait, decision.threads) == ((), None, ())


def test_a_blocked_customers_name_is_learnt_without_a_line() -> None:
    """CT-40, ZI-34: and counts as no message."""
    fact = ProfileLearnt(**OF, at=NOON, readable=True, name="Hanako", username=None)
    decision = threads.decide(blocked(), fact, LATER)
    assert found(decision, PostMessage) == []
    assert decision.customer is not None
    assert (decision.customer.name, decision.customer.blocked_count) == ("Hanako", 2)


@pytest.mark.parametrize("withheld", [True, False])
def test_what_they_take_back_goes_all_the_same(withheld: bool) -> None:
    """M-17: of what nobody saw no line tells, and the card counts it no longer."""
    known = replace(SEEN, withheld=withheld)
    posts = () if withheld else (Post(ref=PostRef("C-shop:9"), messages=(known.id,)),)
    decision = threads.decide(
        blocked(known, posts=posts), CustomerUnsent(**OF, at=NOON + HOUR, remote_id=RemoteId("m1")), LATER
    )
    assert decision.messages[0].text is None
    assert len(found(decision, RemovePost)) == (0 if withheld else 1)
    assert found(decision, PostLine) == []
    assert decision.customer is not None
    assert decision.customer.blocked_count == (1 if withheld else 2)


@pytest.mark.parametrize("act", [Act.BLOCK, Act.SPAM])
def test_blocking_is_one_line_and_a_note_and_only_once(act: Act) -> None:
    """ZI-34: nobody waits any more; the second press changes nothing."""
    decision, _ = door.done(scene(), Wanted(act=act), AKI, LATER)
    (line,) = found(decision, PostLine)
    sayable(line.said)
    assert decision.customer is not None
    assert decision.conversation is not None
    assert decision.conversation.work is (Work.CLOSED if act is Act.SPAM else Work.ANSWERED)
    assert [each.action for each in decision.noted] == [f"conversation.{act}"]
    assert len(found(decision, MoveToSpam)) == (act is Act.SPAM)
    again, said = door.done(replace(scene(), customer=decision.customer), Wanted(act=act), AKI, LATER)
    sayable(said)
    assert (again.ignored, again.effects) == ("blocked already", ())


def test_unblocking_shows_what_came_meanwhile_in_order_and_lets_them_wait() -> None:
    """ZI-34: what was taken back or forgotten meanwhile is not shown; a reaction is, and counts here as little as before."""
    late = [
        replace(SEEN, id=MessageId(40 + hour), at=NOON + hour * HOUR, text=str(hour), withheld=True) for hour in (2, 3)
    ]
    gone = replace(late[0], id=MessageId(50), text=None)
    heart = replace(late[1], id=MessageId(60), kind="reaction", text="❤")
    place = blocked(withheld=(*late, gone, heart))
    decision, said = door.done(place, Wanted(act=Act.UNBLOCK), AKI, at(DAY))
    sayable(said)
    assert [each.message for each in found(decision, PostMessage)] == [42, 43, 60]
    assert said.values["count"] == 2
    assert not any(message.withheld for message in decision.messages)
    after = decision.conversation
    assert after is not None
    assert (after.work, after.waiting_since) == (Work.WAITING, NOON + 2 * HOUR)
    assert decision.customer is not None
    assert decision.customer.blocked_count == 0


@pytest.mark.parametrize(
    ("how", "before", "after"),
    [(Block.BLOCKED, Work.CLOSED, Work.CLOSED), (Block.SPAM, Work.CLOSED, Work.WAITING)],
)
def test_unblocking_opens_what_spam_had_closed_and_nothing_else(how: Block, before: Work, after: Work) -> None:
    """What an agent closed stays closed."""
    talk = replace(conversation(), work=before, waiting_since=None)
    place = scene(customer=replace(BLOCKED, blocked=how), conversation=talk)
    decision, _ = door.done(place, Wanted(act=Act.UNBLOCK), AKI, LATER)
    assert decision.conversation is not None
    assert decision.conversation.work is after


def test_an_answer_to_a_blocked_customer_is_refused_and_says_how_to_unblock() -> None:
    """ZI-29, ZI-34: at writing and at the last moment before sending."""
    decision = threads.decide(blocked(), wrote(), LATER)
    assert decision.messages[0].state is ReplyState.REFUSED
    assert told(decision) == ["reply.blocked"]
    ruling = policy.may_answer(blocked(), NOON + timedelta(minutes=5))
    assert isinstance(ruling, Denied)
    assert ruling.retry
    waiting = answer()
    effect = MarkSeen(workspace=scene().workspace.id, conversation=conversation().id, account=account().id)
    assert isinstance(threads.due(blocked(waiting), effect, LATER), Drop)
    assert found(decision, LearnProfile) == []


@pytest.mark.parametrize("act", [Act.REOPEN, Act.SNOOZE])
def test_nobody_is_let_wait_whom_nobody_sees(act: Act) -> None:
    """It must be unblocked first."""
    decision, said = door.done(blocked(), Wanted(act=act, length=HOUR), AKI, LATER)
    assert (decision.ignored, said.key) == ("blocked", "work.blocked")


@pytest.mark.parametrize("act", [Act.BLOCK, Act.SPAM, Act.UNBLOCK])
def test_in_a_removed_account_nobody_is_blocked(act: Act) -> None:
    """ZI-29."""
    decision, said = door.done(scene(account=account(wish=Wish.REMOVED)), Wanted(act=act), AKI, LATER)
    sayable(said)
    assert decision.ignored == "removed"


def test_the_network_refuses_and_whoever_asked_hears_it() -> None:
    """Here the customer is blocked all the same."""
    effect = MoveToSpam(
        workspace=scene().workspace.id, conversation=conversation().id, account=account().id, person=AKI
    )
    decision = threads.ended(
        blocked(), effect, Refused(code="10", why="permission"), LATER, row=1, target="network:5:seen", position=0
    )
    assert told(decision) == ["work.spam_refused"]
    assert found(decision, TellPerson)[0].person == AKI


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("block", Act.BLOCK),
        ("ブロック", Act.BLOCK),
        ("スパム", Act.SPAM),
        ("ＳＰＡＭ", Act.SPAM),
        ("ブロック解除", Act.UNBLOCK),
        ("wake", Act.REOPEN),
        ("保留解除", Act.REOPEN),
    ],
)
def test_it_is_asked_for_in_both_languages(words: str, act: Act) -> None:
    """F11."""
    wanted = understood(words)
    assert wanted is not None
    assert wanted.act is act


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("clsoe", "close"),
        ("snooze", "snooze 2h"),
        ("blok", "block"),
        ("assign", "assign @…"),
        ("ブロク", "ブロック"),
        ("転送", "転送 #…"),
        ("割り当て", "割り当て @…"),
        ("割りあて", "割り当て @…"),
        ("保留", "保留 2時間"),
        ("質問です", "質問 #… …"),
    ],
)
def test_a_misspelt_word_gets_the_nearest_that_is_known(words: str, near: str) -> None:
    """F11: in the language of what was typed; what is far from all is told of the word that tells them all."""
    assert understood(words) is None
    assert helped(words).values == {"word": near}
    assert helped("please tell them").key == "reply.mentions_bridge"
