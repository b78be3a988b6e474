"""Whether customers are content: the question after closing, its answers to tap, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge import threads
from bridge.meta.graph import Graph
from bridge.meta.render import send_request
from bridge.model.decision import Decision, Go, Instead
from bridge.model.effects import SendToCustomer
from bridge.model.facts import Act
from bridge.model.state import Account, Conversation, Work
from bridge.rules import work
from bridge.rules.words import Wanted
from bridge.wording import customers
from tests.core.automatically import after, occasions, said, shop
from tests.core.factories import AKI, DAY, HOUR, NOON, SECOND, at, conversation, found, scene


def closed(of: Account, talk: Conversation, waited: timedelta = HOUR) -> Decision:
    """An agent closes the conversation."""
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


@pytest.mark.parametrize("language", customers.LANGUAGES)
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
