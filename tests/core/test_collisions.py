"""Answers that cross: who is asked, and at which second no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Account, Conversation, ReplyState, Said
from tests.core.factories import (
    AKI,
    GUEST,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    account,
    answer,
    at,
    conversation,
    edited,
    going,
    offered,
    press,
    reply,
    scene,
    told,
    wrote,
)

KEN = PersonRef("U-ken")
WHEN = NOON + HOUR
"""When Aki writes."""
NEAR, FAR = timedelta(seconds=14, milliseconds=999), timedelta(seconds=15)
SHOP = account()
ASKS = replace(SHOP, settings=replace(SHOP.settings, collisions=True))


def talk(
    *,
    customer: timedelta = HOUR,
    queued: timedelta | None = None,
    by: PersonRef = KEN,
    sent: timedelta | None = None,
    sender: PersonRef | None = KEN,
) -> Conversation:
    """How long before Aki the customer wrote, a colleague's answer was queued, and the last one went."""
    return replace(
        conversation(),
        last_at=WHEN - customer,
        written_by=None if queued is None else by,
        written_at=None if queued is None else WHEN - queued,
        answered_by=None if sent is None else sender,
        answered_at=None if sent is None else WHEN - sent,
    )


def answered(before: Conversation, shop: Account = ASKS) -> Decision:
    """Aki answers."""
    return threads.decide(scene(account=shop, conversation=before), wrote(), at(HOUR))


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (talk(customer=FAR), None),
        (talk(customer=NEAR), "customer_wrote"),
        (talk(customer=timedelta()), "customer_wrote"),
        (talk(customer=-MINUTE), "customer_wrote"),  # told later, and unseen all the more
        (talk(queued=FAR), None),
        (talk(queued=NEAR), "colleague_wrote"),
        (talk(queued=timedelta()), "colleague_wrote"),
        (talk(queued=-NEAR), "colleague_wrote"),  # swapped: whoever is heard second is asked
        (talk(queued=-FAR), None),
        (talk(queued=NEAR, by=AKI), None),
        (talk(sent=FAR), None),
        (talk(sent=NEAR), "colleague_wrote"),
        (talk(sent=NEAR, sender=AKI), None),
        (talk(sent=NEAR, sender=None), "answered_elsewhere"),
        (talk(sent=FAR, sender=None), None),
        (talk(customer=NEAR, queued=NEAR), "both_wrote"),
        (talk(customer=NEAR, sent=NEAR), "both_wrote"),
        (talk(customer=NEAR, sent=NEAR, sender=None), "customer_wrote"),
        (talk(queued=SECOND, by=AKI, sent=NEAR), "colleague_wrote"),
    ],
)
def test_whoever_cannot_have_seen_it_is_asked(before: Conversation, why: str | None) -> None:
    """Fifteen seconds: at the limit and a moment before it, for everybody who may have written."""
    decision = answered(before)
    message = reply(decision)
    if why is None:
        assert (message.state, going(decision)) == (ReplyState.WAITING, [1])
        return
    assert (message.state, going(decision)) == (ReplyState.ASKING, [])
    assert told(decision) == [f"reply.question_{why}"]
    assert offered(decision) == [Act.SEND, Act.KEEP_INSIDE]


def test_nobody_is_asked_where_the_account_does_not_want_it() -> None:
    """Off by default: the answer goes, and nothing is kept of who wrote it."""
    decision = answered(talk(customer=NEAR, queued=NEAR), SHOP)
    assert going(decision) == [1]
    assert decision.conversation is None


def test_who_answers_is_kept_for_whoever_answers_next() -> None:
    """While the first one is still on its way."""
    first = answered(talk())
    assert first.conversation is not None
    assert (first.conversation.written_by, first.conversation.written_at) == (AKI, WHEN)
    second = threads.decide(
        scene(account=ASKS, conversation=first.conversation), replace(wrote(), person=GUEST), at(HOUR)
    )
    assert reply(second).state is not ReplyState.WAITING


def test_an_answer_that_was_asked_about_goes_by_its_authors_word() -> None:
    """*Send* sends it, and it counts for the next one from then on."""
    asking = answer(state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_colleague_wrote"))
    place = scene(asking, account=ASKS, conversation=talk(queued=NEAR))
    sent = threads.decide(place, press(Act.SEND), at(2 * HOUR))
    assert going(sent) == [1]
    assert sent.conversation is not None
    assert sent.conversation.written_by == AKI


def test_a_change_counts_from_when_it_was_made() -> None:
    """Who changes an answer has looked at it then: by that time they have seen the rest."""
    asking = answer(state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_customer_wrote"))
    place = scene(asking, account=ASKS, conversation=talk(customer=NEAR))
    at_once = threads.decide(place, replace(edited(), at=WHEN), at(HOUR))
    assert reply(at_once).state is ReplyState.ASKING
    assert told(at_once) == [], "the same question is not asked twice"
    later = replace(edited(), at=WHEN - NEAR + FAR)
    assert going(threads.decide(place, later, at(HOUR + MINUTE))) == [1]
