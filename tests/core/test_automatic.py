"""What the bridge says to customers by itself: when, in which words, and when not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge import policy, threads
from bridge.automatic import words
from bridge.meta.render import WIRE_LIMITS
from bridge.model.automatic import Occasion, Spoken
from bridge.model.change import replace
from bridge.model.decision import Go, Instead
from bridge.model.effects import PostMessage, SendToCustomer
from bridge.model.facts import CustomerWrote
from bridge.model.outcomes import Done, Refused
from bridge.model.state import (
    Account,
    Author,
    Block,
    Control,
    Conversation,
    Health,
    Login,
    Opener,
    Platform,
    ReplyState,
    Wish,
    Work,
)
from bridge.policy import may_send_automatic, open_window
from bridge.split import split
from bridge.wording import customers
from tests.core.automatically import (
    CLOSED_NOW,
    after,
    ended,
    occasions,
    on_its_way,
    patience,
    said,
    shop,
    wrote,
)
from tests.core.factories import (
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    account,
    at,
    conversation,
    customer_wrote,
    echo,
    found,
    on_the_wire,
    queued,
    scene,
    untouched,
)

# ── the window ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("login", list(Login))
@pytest.mark.parametrize("human_agent", [False, True])
@pytest.mark.parametrize("opener", [Opener.MESSAGE, Opener.POSTBACK, Opener.AD_MESSAGE])
@pytest.mark.parametrize(
    ("waited", "may"), [(timedelta(0), True), (DAY - SECOND, True), (DAY, False), (2 * DAY, False), (6 * DAY, False)]
)
def test_nothing_is_said_by_itself_a_day_after_the_customers_last_act(
    platform: Platform, login: Login, human_agent: bool, opener: Opener, waited: timedelta, may: bool
) -> None:
    """I-12, CT-16, F3: to the second, on both networks and logins; the feature and an ad change nothing."""
    of = replace(account(platform=platform, human_agent=human_agent), login=login)
    talk = replace(open_window(untouched(), opener, NOON), last_at=NOON)
    assert may_send_automatic(scene(account=of), talk, NOON + waited) is may


@pytest.mark.parametrize(
    ("of", "talk"),
    [
        (account(wish=Wish.PAUSED), conversation()),
        (account(wish=Wish.REMOVED), conversation()),
        *((replace(account(), health=health), conversation()) for health in Health if health is not Health.READY),
        (account(), replace(conversation(), control=Control.OTHER)),
        (account(), policy.close_standard(conversation(), NOON)),
        (account(), untouched()),
    ],
)
def test_nothing_is_said_by_itself_where_nothing_may_be_said(of: Account, talk: Conversation) -> None:
    """CT-16: paused, blocked, another app's, refused by the network itself, never written."""
    assert not may_send_automatic(scene(account=of), talk, NOON)
    blocked = replace(CUSTOMER, blocked=Block.BLOCKED)
    assert not may_send_automatic(scene(customer=blocked), conversation(), NOON)


def test_after_an_ad_each_message_counts_by_itself() -> None:
    """I-12: an answer to what was said on the third day of an ad's window may go."""
    talk = replace(open_window(untouched(), Opener.AD_MESSAGE, NOON), last_at=NOON + 3 * DAY)
    assert may_send_automatic(scene(), talk, NOON + 3 * DAY + HOUR)


# ── the first message, and the hours ──────────────────────────────────────────────────────────────────────


def test_only_the_first_message_ever_is_answered_as_such() -> None:
    of = shop(auto_first=True)
    first = wrote(of)
    assert occasions(first) == ["auto_first"]
    assert after(first).work is Work.WAITING
    (queue,) = queued(first, SendToCustomer)
    assert (queue.lane, queue.message) == ("network:11", said(first)[0].id)
    assert occasions(wrote(of, customer_wrote(remote_id="mid.c2"), after(first))) == []


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (open_window(untouched(), Opener.LINK, NOON - HOUR), True),
        (open_window(untouched(), Opener.REACTION, NOON - HOUR), True),
        (open_window(untouched(), Opener.MESSAGE, NOON - 90 * DAY), False),
        (replace(untouched(), answered_at=NOON - HOUR), False),  # the business wrote elsewhere
        (replace(open_window(untouched(), Opener.LINK, NOON - HOUR), worked_at=NOON - HOUR), False),
    ],
)
def test_what_opens_a_window_without_words_is_no_first_message(before: Conversation, first: bool) -> None:
    assert bool(occasions(wrote(shop(auto_first=True), None, before))) is first


@pytest.mark.parametrize(
    ("fact", "waited"),
    [
        (replace(customer_wrote(), found_later=True), timedelta(0)),
        (replace(customer_wrote(), standby=True), timedelta(0)),
        (customer_wrote(), 6 * MINUTE),
        (customer_wrote(opener=None, kind="feedback"), timedelta(0)),
        (customer_wrote(opener=Opener.REACTION), timedelta(0)),
        (customer_wrote(opener=Opener.LINK, kind="referral", text=None), timedelta(0)),
    ],
)
def test_what_is_late_or_asks_nothing_is_not_answered_by_itself(fact: CustomerWrote, waited: timedelta) -> None:
    """CT-16: nor what is another app's to answer."""
    assert occasions(wrote(shop(auto_first=True, auto_away=True, **CLOSED_NOW), fact, waited=waited)) == []


def test_who_writes_outside_the_hours_is_told_once_until_the_account_has_opened() -> None:
    of = shop(auto_away=True, auto_first=True, **CLOSED_NOW)
    first = wrote(of)
    assert occasions(first) == ["auto_away"]
    assert after(first).spoken.away_until == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert "on Monday, 23 November, 09:00" in (said(first)[0].text or "")
    on_sunday, on_monday, at_night = NOON + DAY, NOON + 2 * DAY, NOON + 2 * DAY + 8 * HOUR
    assert occasions(wrote(of, customer_wrote(at=on_sunday), after(first), waited=DAY)) == []
    assert occasions(wrote(of, customer_wrote(at=on_monday), after(first), waited=2 * DAY)) == []
    assert occasions(wrote(of, customer_wrote(at=at_night), after(first), waited=at_night - NOON)) == ["auto_away"]
    assert occasions(wrote(shop(of, auto_away=False), waited=timedelta(0))) == ["auto_first"]


def test_the_same_message_told_again_says_nothing_twice() -> None:
    """CT-16"""
    of = shop(auto_away=True, **CLOSED_NOW)
    first = wrote(of)
    known = next(each for each in first.messages if each.author is Author.CUSTOMER)
    assert occasions(wrote(of, None, after(first), known=known)) == []


def test_nothing_is_said_where_an_answer_is_on_its_way() -> None:
    """CT-16: written, asked about, or perhaps arrived."""
    assert occasions(wrote(shop(auto_first=True), answering=True)) == []


# ── who waits ─────────────────────────────────────────────────────────────────────────────────────────────


def test_who_waits_is_asked_for_patience_once() -> None:
    of = shop(auto_unanswered=120)
    told = wrote(of)
    assert after(told).told_until == NOON + 2 * HOUR
    assert occasions(patience(of, conversation(), 2 * HOUR - SECOND)) == []
    asked = patience(of, conversation(), 2 * HOUR)
    assert occasions(asked) == ["auto_unanswered"]
    assert after(asked).told_until == policy.next_close(of, after(asked), NOON + 2 * HOUR, at().rules)
    assert occasions(patience(of, after(asked), 3 * HOUR)) == []
    again = replace(after(asked), waiting_since=NOON + 3 * HOUR, last_at=NOON + 3 * HOUR)
    assert occasions(patience(of, again, 5 * HOUR)) == ["auto_unanswered"]


@pytest.mark.parametrize(
    ("talk", "waited", "answering"),
    [
        (conversation(), 3 * HOUR, True),
        (replace(conversation(), work=Work.CLOSED), 3 * HOUR, False),
        (replace(conversation(), work=Work.SNOOZED, snoozed_until=NOON + DAY), 3 * HOUR, False),
        (replace(conversation(), work=Work.ANSWERED, waiting_since=None), 3 * HOUR, False),
        (replace(conversation(), spoken=Spoken(away_until=NOON + 4 * HOUR)), 3 * HOUR, False),
        (conversation(), DAY - MINUTE, False),  # a timer keeps the margin
    ],
)
def test_who_does_not_wait_or_may_not_be_written_to_is_not_asked(
    talk: Conversation, waited: timedelta, answering: bool
) -> None:
    """I-12"""
    assert occasions(patience(shop(auto_unanswered=120), talk, waited, answering=answering)) == []


# ── that a machine writes ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", customers.languages())
@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("platform", list(Platform))
def test_the_words_are_there_in_every_language_and_fit_one_message(
    language: str, occasion: Occasion, platform: Platform
) -> None:
    """M-22: with the disclosure and the longest name an account may have."""
    longest = datetime(2026, 9, 30, 23, 59, tzinfo=UTC)
    for opens in (None, longest):
        text = words(account().settings, occasion, account="花" * 80, language=language, opens=opens)
        assert len(split(text, WIRE_LIMITS[platform])) == 1
        assert not set(text) & set("{}|")
    choices = customers.choices(language)
    assert [each[0] for each in choices] == list("12345")
    assert max(map(len, choices)) <= customers.MOST_IN_A_CHOICE


def test_the_account_may_have_words_of_its_own() -> None:
    """CT-16: with the time at which it opens, in the customers' language."""
    own = shop(
        auto_away=True,
        auto_away_text="また{when}に！",
        customer_language="ja",
        zone="Asia/Tokyo",
        hours="Mon 09:00-18:00",
    )
    text = said(wrote(own))[0].text or ""
    assert (
        text
        == "これはShop Hanakoからの自動メッセージです。担当者が書いたものではありません。\n\nまた11月23日（月）09:00に！"
    )


def test_where_nobody_knows_when_it_opens_the_text_reads_well_all_the_same() -> None:
    """CT-16: the bridge's own sentence without a time."""
    own = replace(account().settings, auto_away_text="Back {when}!")
    text = words(own, Occasion.AWAY, account="Shop", language="en", opens=None, told=True)
    assert text == customers.say("en", "auto_away_open")
    always = replace(own, auto_away_text="We are away.")
    assert words(always, Occasion.AWAY, account="Shop", language="en", told=True) == "We are away."


# ── going, and how it ends ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("human_agent", [False, True])
@pytest.mark.parametrize("platform", list(Platform))
def test_it_goes_without_a_tag(platform: Platform, human_agent: bool) -> None:
    """F3, I-12: in the words that were decided."""
    of = shop(account(platform=platform, human_agent=human_agent), auto_first=True)
    place, effect = on_its_way(of)
    go = threads.due(place, effect, at(SECOND))
    assert isinstance(go, Go)
    assert (go.tag, go.comment, go.choices) == (None, None, ())
    assert place.message is not None
    assert go.text == place.message.text


@pytest.mark.parametrize(
    ("changes", "waited"),
    [
        ({"answering": True}, SECOND),
        ({"conversation": replace(conversation(), answered_at=NOON + MINUTE)}, 2 * MINUTE),
        ({"conversation": replace(conversation(), control=Control.OTHER)}, SECOND),
        ({"conversation": replace(conversation(), work=Work.CLOSED)}, SECOND),
        ({"account": shop(account(wish=Wish.PAUSED), auto_first=True)}, SECOND),
        ({"account": shop(auto_first=False)}, SECOND),
        ({}, 6 * MINUTE),
        ({}, 2 * DAY),
    ],
)
def test_what_was_overtaken_is_never_said(changes: dict[str, Any], waited: timedelta) -> None:
    """CT-16, I-12: by an agent's answer, another app, a pause, or time; and what it would have told is untold."""
    place, effect = on_its_way()
    spoken = place.conversation.spoken
    talk = replace(changes.get("conversation", place.conversation), spoken=spoken)
    due = threads.due(replace(place, **{**changes, "conversation": talk}), effect, at(waited))
    assert isinstance(due, Instead)
    (message,) = due.decision.messages
    assert (message.state, message.text) == (ReplyState.WITHDRAWN, None)
    assert after(due.decision).spoken.disclosed_at is None


def test_what_arrived_is_one_line_for_agents_and_no_answer() -> None:
    """M-18: the customer still waits, and nobody has answered."""
    place, effect = on_its_way()
    decision = ended(place, effect, Done(remote_id="mid.out"))
    (message,) = decision.messages
    assert (message.state, message.parts[0].remote_id) == (ReplyState.SENT, "mid.out")
    assert [each.message for each in found(decision, PostMessage)] == [message.id]
    assert (after(decision).work, after(decision).answered_at) == (Work.WAITING, None)
    assert after(decision).spoken.disclosed_at == message.at


def test_what_the_network_refused_has_told_the_customer_nothing() -> None:
    """M-20: the next automatic message discloses again; nobody is bothered."""
    place, effect = on_its_way()
    decision = ended(place, effect, Refused(code="10/2534022", why="window"))
    assert decision.messages[0].state is ReplyState.REFUSED
    assert after(decision).spoken.disclosed_at is None
    assert not found(decision, PostMessage)


@pytest.mark.parametrize("platform", list(Platform))
def test_its_echo_is_ours(platform: Platform) -> None:
    """CT-38: by the mark or by the words; it is not shown as somebody else's."""
    place, _ = on_its_way()
    assert place.message is not None
    heard = replace(echo(place.message.text, at=NOON + SECOND), platform=platform)
    waiting = replace(place, message=None, sending=(on_the_wire(place.message, unsure=True),))
    decision = threads.decide(waiting, heard, at(SECOND))
    assert [each.remote_id for each in decision.settled] == ["mid.e1"]
    assert [each.author for each in decision.messages] == [Author.BRIDGE]
    assert after(decision).answered_at is None
