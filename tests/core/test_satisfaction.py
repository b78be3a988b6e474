"""Whether customers are content: the question after closing, its answers to tap, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge import threads
from bridge.automatic import payload, rating
from bridge.meta.envelope import Envelope, raw_item
from bridge.meta.graph import Graph
from bridge.meta.parse import MetaParser
from bridge.meta.render import send_request
from bridge.model.automatic import Rating, Spoken
from bridge.model.change import replace
from bridge.model.decision import Decision, Go, Instead
from bridge.model.effects import RedrawCard, SendToCustomer
from bridge.model.facts import Act
from bridge.model.ids import MessageId
from bridge.model.rated import CustomerRated
from bridge.model.state import Account, Conversation, Known, ReplyState, Work
from bridge.rules.acts import work
from bridge.rules.acts.words import Wanted
from bridge.wording import customers
from tests.core.automatically import after, occasions, said, shop
from tests.core.factories import AKI, DAY, HOUR, MINUTE, NOON, SECOND, at, conversation, found, scene


def closed(of: Account, talk: Conversation, waited: timedelta = HOUR) -> Decision:
    """An agent closes the conversation; somebody has answered."""
    talk = replace(talk, answered_at=talk.answered_at or NOON + waited - MINUTE)
    decision, _ = work.done(scene(account=of, conversation=talk), Wanted(act=Act.CLOSE), AKI, at(waited))
    return decision


@pytest.mark.parametrize("waited", [HOUR, DAY - SECOND, DAY])
def test_whoever_is_closed_within_the_window_is_asked_once(waited: timedelta) -> None:
    """CT-16, I-12: two closes ask once, and not again within a week."""
    of = shop(auto_csat=True)
    first = closed(of, conversation(), waited)
    assert occasions(first) == (["auto_csat"] if waited < DAY else [])
    if waited < DAY:
        assert occasions(closed(of, after(first), waited)) == []
        opened = replace(conversation(wrote=NOON + 6 * DAY), spoken=after(first).spoken)
        assert occasions(closed(of, opened, 6 * DAY + HOUR)) == []
        later = replace(conversation(wrote=NOON + 9 * DAY), spoken=after(first).spoken)
        assert occasions(closed(of, later, 9 * DAY)) == ["auto_csat"]


@pytest.mark.parametrize(
    ("answered", "before", "asked"),
    [
        (None, None, False),
        (NOON - HOUR, None, True),
        (NOON - 7 * DAY - 2 * HOUR, None, False),  # another matter's
        (NOON - HOUR, NOON - 2 * HOUR, True),
        (NOON - 2 * HOUR, NOON - HOUR, False),  # what was answered was closed
    ],
)
def test_only_who_was_answered_is_asked(answered: datetime | None, before: datetime | None, asked: bool) -> None:
    """CT-16: after nothing but an automatic message, or since the close before, there is nothing to be content with."""
    of = shop(auto_csat=True)
    talk = replace(conversation(), answered_at=answered, spoken=Spoken(closed_at=before, disclosed_at=NOON))
    place = scene(account=of, conversation=talk)
    decision, _ = work.done(place, Wanted(act=Act.CLOSE), AKI, at())
    assert bool(said(decision)) is asked
    spoken = after(decision).spoken
    assert (spoken.closed_at, spoken.closed_before) == (at().moment.now, before)
    if not asked:
        # An answer is on its way: the question waits for how that ends.
        decision, _ = work.done(replace(place, answering=True), Wanted(act=Act.CLOSE), AKI, at())
        (message,), (effect,) = said(decision), found(decision, SendToCustomer)
        gone = replace(after(decision), answered_at=message.at - SECOND)
        went = threads.due(scene(message, account=of, conversation=gone), effect, at(HOUR + SECOND))
        assert isinstance(went, Instead)  # a machine follows a person
        assert [each.state for each in went.decision.messages] == [ReplyState.WAITING]
        refused = threads.due(scene(message, account=of, conversation=after(decision)), effect, at(HOUR + SECOND))
        assert isinstance(refused, Instead)
        assert [each.state for each in refused.decision.messages] == [ReplyState.WITHDRAWN]


@pytest.mark.parametrize("language", customers.languages())
def test_the_question_has_five_answers_to_tap(language: str) -> None:
    """CT-16: in the customer's language, each with a payload of ours."""
    of = shop(auto_csat=True, customer_language=language)
    decision = closed(of, conversation())
    (message,), (effect,) = said(decision), found(decision, SendToCustomer)
    go = threads.due(scene(message, account=of, conversation=after(decision)), effect, at(HOUR + SECOND))
    assert isinstance(go, Go)
    assert [each.title for each in go.choices] == list(customers.choices(language))
    sent = send_request(Graph(), of, "t", row=1, customer="99", message={"text": go.text or ""}, choices=go.choices)
    assert sent.body is not None
    replies = sent.body["message"]["quick_replies"]
    assert [each["payload"] for each in replies] == [
        f"threadbridge:rating:{message.id}:{score}" for score in range(1, 6)
    ]
    assert "tag" not in sent.body


def test_a_conversation_that_was_opened_again_is_not_asked() -> None:
    of = shop(auto_csat=True)
    decision = closed(of, conversation())
    (message,), (effect,) = said(decision), found(decision, SendToCustomer)
    opened = replace(after(decision), work=Work.WAITING)
    due = threads.due(scene(message, account=of, conversation=opened), effect, at(HOUR + SECOND))
    assert isinstance(due, Instead)
    assert after(due.decision).spoken.asked is None


def tapped(of: Account, talk: Conversation, *, score: int = 4, question: int = 77, after: timedelta = HOUR) -> Decision:
    """The customer taps an answer."""
    said = {"message": {"mid": "mid.t", "text": "4 Satisfied", "quick_reply": {"payload": payload(question, score)}}}
    sides = {"sender": {"id": "99"}, "recipient": {"id": "1784"}, "timestamp": int((NOON + after).timestamp() * 1000)}
    envelope = Envelope(object="instagram", entry="1784", container="messaging", item=sides | said)
    fact = MetaParser().read(raw_item(envelope, NOON + after), Known(), None)
    assert isinstance(fact, CustomerRated)
    return threads.decide(scene(account=of, conversation=talk), fact, at(after))


ASKED = replace(
    conversation(), work=Work.CLOSED, waiting_since=None, spoken=Spoken(asked=MessageId(77), asked_at=NOON + MINUTE)
)


def test_a_tap_is_kept_for_the_card_and_the_figures_and_asks_for_nothing() -> None:
    """CT-16: what was closed stays closed; the window opens anew."""
    decision = tapped(shop(), ASKED)
    assert decision.rated == Rating(question=MessageId(77), score=4, at=NOON + HOUR)
    talk = after(decision)
    assert (talk.work, talk.waiting_since, talk.spoken.score) == (Work.CLOSED, None, 4)
    assert talk.standard_close == NOON + HOUR + DAY
    assert [(each.kind, each.text) for each in decision.messages] == [("rating", None)]
    assert [type(each.effect) for each in decision.effects] == [RedrawCard]


def test_the_last_tap_below_the_latest_question_counts() -> None:
    once = after(tapped(shop(), ASKED, score=2, after=2 * HOUR))
    assert after(tapped(shop(), once, score=5, after=3 * HOUR)).spoken.score == 5
    assert tapped(shop(), once, score=1, after=HOUR).rated is None
    assert tapped(shop(), once, question=76, after=3 * HOUR).rated is None


@pytest.mark.parametrize(
    "text", ["threadbridge:rating:77:6", "threadbridge:rating:77:0", "threadbridge:rating::3", "YES"]
)
def test_what_is_no_answer_of_ours_is_a_message(text: str) -> None:
    assert rating(text) is None
    assert rating(payload(77, 3)) == (77, 3)
