"""Figures of hand-made histories whose medians are known, in both databases."""

import pytest
import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.ids import PersonRef
from bridge.model.state import Work
from bridge.store import figures, schema
from bridge.store.accounts import accounts_of
from bridge.store.conversations import erase
from bridge.store.figures import Times
from bridge.store.prune import prune
from tests.store.factories import (
    AKI,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    SETTINGS,
    TEAM,
    House,
    add_account,
    add_workspace,
    house,
    met,
)
from tests.store.past import Past
from tests.store.test_plans import plans
from tests.store.tools import Bench

BEN = "U2"
SHORT = SETTINGS | {"human_agent": False}


@pytest.fixture
def past(home: House) -> Past:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx)
        add_account(tx, remote_id="1002", settings=SHORT)
    return Past(home=home)


# ── times ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_medians_and_ninetieths_are_those_of_a_known_list() -> None:
    assert Times.of([]) == Times(count=0, median=None, p90=None)
    assert Times.of([7]) == Times(count=1, median=7, p90=7)
    assert Times.of([30, 10]) == Times(count=2, median=20, p90=30)
    assert Times.of(list(range(100, 0, -1))) == Times(count=100, median=50, p90=90)
    assert Times.of(range(1, 12)) == Times(count=11, median=6, p90=10)


def test_a_month_of_three_customers_has_known_figures(past: Past) -> None:
    first, second, third = past.talk("1"), past.talk("2"), past.talk("3")
    past.asks(first, 0 * SECOND)
    past.asks(first, 20 * SECOND)
    past.answers(first, 60 * SECOND)
    past.answers(first, 70 * SECOND)
    past.asks(first, HOUR)
    past.answers(first, HOUR + 10 * SECOND, BEN)
    past.asks(second, 0 * SECOND)
    past.elsewhere(second, 300 * SECOND)
    past.asks(third, 0 * SECOND)
    past.answers(third, 100 * SECOND)
    told = past.told()
    assert (told.conversations, told.messages, told.answers, told.answers_elsewhere) == (3, 5, 4, 1)
    assert told.first_answer_time == Times(count=3, median=100, p90=300)
    assert told.answer_time == Times(count=4, median=80, p90=300)
    assert [(each.agent, each.answers, each.answer_time.median) for each in told.agents] == [(AKI, 3, 80), (BEN, 1, 10)]
    assert told.lapsed == 0


def test_each_account_has_its_own_figures_and_removed_ones_come_only_with_some(past: Past) -> None:
    one, other = past.talk("1"), past.talk("1", page="1002")
    past.asks(one, 0 * SECOND)
    past.answers(one, 5 * SECOND)
    past.asks(other, 0 * SECOND)
    past.asks(other, SECOND)
    with past.home.open() as tx:
        add_account(tx, remote_id="1003", wish="removed")
    report = past.report()
    assert {account.remote_id: told.messages for account, told in report.accounts} == {"1001": 1, "1002": 2}
    assert (report.total.messages, report.total.conversations) == (3, 2)
    with past.home.engine.connect() as conn:
        gone = accounts_of(conn)[2]
    ((account, told),) = past.report(account=gone).accounts
    assert (account.remote_id, told.messages) == ("1003", 0)
    ((_, told),) = past.report(account=report.accounts[1][0]).accounts
    assert told.messages == 2


def test_how_content_customers_are_is_counted_by_when_they_were_asked(past: Past) -> None:
    """CT-16: each question once, with the last answer to it; what was not sent asked nobody."""
    asked = {"author": "bridge", "kind": "auto_csat"}
    for customer, (state, score) in enumerate([("sent", 5), ("sent", 2), ("sent", None), ("withdrawn", None)]):
        talk = past.talk(str(customer))
        past.asks(talk, 0 * SECOND)
        question = past.add(talk, HOUR, **asked, state=state)
        past.set(talk, worked_at=NOON + HOUR)
        if score is not None:
            past.scores(talk, question, score)
    told = past.told().satisfaction
    assert (told.asked, told.answers, told.average, told.scores) == (3, 2, 3.5, (0, 1, 0, 0, 1))
    assert past.told(start=2 * HOUR).satisfaction.asked == 0
    assert past.told().answers == 0


# ── what counts ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["note", "refused", "waiting", "asking", "unsure", "withdrawn"])
def test_what_did_not_go_is_no_answer(past: Past, state: str) -> None:
    talk = past.talk()
    past.asks(talk, 0 * SECOND)
    past.answers(talk, MINUTE, state=state)
    told = past.told()
    assert (told.answers, told.answer_time.count, told.agents) == (0, 0, ())
    past.answers(talk, 2 * MINUTE)
    assert past.told().answer_time == Times(count=1, median=120, p90=120)


@pytest.mark.parametrize("kind", ["reaction", "ad", "referral", "renamed"])
def test_what_asks_nothing_makes_nobody_wait(past: Past, kind: str) -> None:
    talk = past.talk()
    past.asks(talk, 0 * SECOND, kind=kind)
    past.asks(talk, MINUTE)
    past.answers(talk, 2 * MINUTE)
    told = past.told()
    assert (told.messages, told.first_answer_time) == (1, Times(count=1, median=60, p90=60))


def test_what_was_unsent_asks_nothing(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, 0 * SECOND, unsent_at=NOON + MINUTE)
    past.asks(talk, MINUTE)
    past.answers(talk, 2 * MINUTE)
    told = past.told()
    assert (told.messages, told.answer_time.median) == (1, 60)


def test_a_comment_waits_for_its_private_reply_for_seven_days(past: Past) -> None:
    answered, in_vain = past.talk("1", page="1002"), past.talk("2", page="1002")
    past.add(answered, 0 * SECOND, author="customer", kind="comment_reel")
    past.answers(answered, 3 * DAY)
    past.add(in_vain, 0 * SECOND, author="customer", kind="comment")
    assert past.periods() == [(0, 72, None, None), (0, None, None, 168)]
    assert past.told(7 * DAY - SECOND).lapsed == 0
    assert past.told(7 * DAY).lapsed == 1


# ── late, and found later ─────────────────────────────────────────────────────────────────────────────────


def test_what_came_late_counts_by_its_own_time(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, MINUTE)
    past.asks(talk, 0 * SECOND)
    past.answers(talk, 2 * MINUTE)
    past.elsewhere(talk, 90 * SECOND)
    assert past.told().answer_time == Times(count=1, median=90, p90=90)


def test_an_agent_has_not_answered_what_was_found_after_they_wrote(past: Past) -> None:
    """CT-38, M-26"""
    talk = past.talk()
    past.asks(talk, 0 * SECOND)
    past.answers(talk, MINUTE)
    lost = past.talk("2")
    past.answers(lost, 2 * MINUTE)
    past.asks(lost, MINUTE, found_later=True)
    past.answers(lost, 10 * MINUTE)
    assert sorted(began * 60 for began, *_ in past.periods()) == [0, 1]
    assert past.told().answer_time == Times(count=2, median=300, p90=540)


def test_an_answer_elsewhere_answers_what_was_found_after_it(past: Past) -> None:
    talk = past.talk()
    past.elsewhere(talk, 2 * MINUTE)
    past.asks(talk, MINUTE, found_later=True)
    assert past.told().answer_time == Times(count=1, median=60, p90=60)


# ── windows that nobody used ──────────────────────────────────────────────────────────────────────────────


def test_who_writes_again_after_the_close_waits_anew_and_the_first_wait_was_in_vain(past: Past) -> None:
    short = past.talk("1", page="1002")
    past.asks(short, 0 * HOUR)
    past.asks(short, 23 * HOUR)
    past.asks(short, 48 * HOUR)
    past.answers(short, 49 * HOUR)
    long = past.talk("1")
    past.asks(long, 0 * HOUR)
    past.asks(long, 48 * HOUR)
    past.answers(long, 50 * HOUR)
    assert sorted(past.periods(), key=lambda each: (each[0], each[1] or 0)) == [
        (0, None, None, 47),
        (0, 50, None, None),
        (48, 49, None, None),
    ]
    told = past.told(5 * DAY)
    assert (told.lapsed, told.answer_time.count, told.first_answer_time.count) == (1, 2, 1)


def test_the_last_window_closes_when_the_conversation_says_so(past: Past) -> None:
    """An ad keeps it open for longer, and the network may close it before its time."""
    talk = past.talk(page="1002")
    past.asks(talk, 0 * HOUR)
    past.set(talk, standard_close=NOON + 7 * DAY)
    assert [past.told(after).lapsed for after in (DAY, 7 * DAY - SECOND, 7 * DAY)] == [0, 0, 1]
    past.set(talk, standard_close=NOON + HOUR)
    assert past.told(HOUR).lapsed == 1


def test_who_waits_now_is_counted_with_the_longest_wait_whatever_the_time_asked_for(past: Past) -> None:
    for customer, since in (("1", 2 * HOUR), ("2", 5 * HOUR), ("3", 30 * HOUR)):
        talk = past.talk(customer, page="1002")
        past.asks(talk, -since)
        past.set(talk, work=Work.WAITING.value, waiting_since=NOON - since)
    past.asks(past.talk("4", page="1002"), -HOUR)
    told = past.told(0 * HOUR, start=DAY, end=2 * DAY)
    assert (told.waiting, told.longest_wait, told.messages, told.lapsed) == (2, 5 * 3600, 0, 0)
    assert past.told(0 * HOUR, start=-2 * DAY).lapsed == 1


def test_windows_that_closed_are_counted_with_whoever_looked_after_the_customer(past: Past) -> None:
    """CT-39: in the time in which they closed; whom nobody looked after counts with nobody."""
    talks = [past.talk(str(number), page="1002") for number in range(3)]
    with past.home.open() as tx:
        for talk, owner, after in zip(talks, (AKI, None, PersonRef(BEN)), (HOUR, HOUR, 3 * DAY), strict=True):
            scene = tx.scenes.of_conversation(talk)
            assert scene is not None
            owned = replace(scene, conversation=replace(scene.conversation, owner=owner))
            for _ in range(2):  # however often it is found
                tx.closings.lapsed(owned, NOON + after)
    told = past.told(0 * HOUR, start=0 * HOUR, end=DAY)
    assert [(each.agent, each.answers, each.lapsed) for each in told.agents] == [(AKI, 0, 1)]
    assert [each.agent for each in past.told(0 * HOUR, start=2 * DAY, end=4 * DAY).agents] == [BEN]


# ── closed by an agent ────────────────────────────────────────────────────────────────────────────────────


def test_what_an_agent_closed_was_neither_answered_nor_missed(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, 0 * HOUR)
    past.acts(talk, HOUR, "close")
    past.answers(talk, 2 * HOUR)
    past.asks(talk, 3 * HOUR)
    past.answers(talk, 4 * HOUR)
    assert past.periods() == [(0, None, 1, None), (3, 4, None, None)]
    told = past.told(30 * DAY)
    assert (told.answers, told.answer_time, told.lapsed) == (2, Times(count=1, median=3600, p90=3600), 0)


def test_who_is_closed_and_writes_again_waits_from_then_on(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, 0 * HOUR)
    past.acts(talk, HOUR, "close")
    past.asks(talk, 2 * HOUR)
    past.answers(talk, 3 * HOUR)
    assert past.periods() == [(0, None, 1, None), (2, 3, None, None)]


def test_what_was_closed_and_opened_again_waits_on(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, 0 * HOUR)
    past.acts(talk, HOUR, "close")
    past.acts(talk, 2 * HOUR, "reopen")
    past.answers(talk, 3 * HOUR)
    assert past.periods() == [(0, 3, None, None)]


# ── for ever ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_figures_stay_when_words_are_forgotten_and_when_a_conversation_is_erased(bench: Bench) -> None:
    with house(bench.url) as home:
        with home.open() as tx:
            add_workspace(tx)
            add_account(tx)
            scene = met(tx, "1")
        past = Past(home=home)
        talk = scene.conversation.id
        past.asks(talk, 0 * SECOND, text="secret")
        past.answers(talk, 30 * SECOND, text="secret")
        past.asks(talk, HOUR, text="secret")
        before = past.told(60 * DAY)
        assert (before.messages, before.answer_time.median, before.lapsed) == (2, 30, 1)
        await prune(bench.store, NOON + 400 * DAY, raw=7 * DAY, words=180 * DAY)
        assert past.told(60 * DAY) == before
        home.pass_time(2 * HOUR)
        with home.open() as tx:
            erase(tx.connection, talk, home.moment, who="cli", heard=lambda *_: [])
        after = past.told(60 * DAY)
        assert (after.messages, after.answer_time.median, after.lapsed) == (2, 30, 0)


def test_a_time_begins_with_its_first_moment_and_ends_before_its_last(past: Past) -> None:
    talk = past.talk()
    for after in (0, 1, 2):
        past.asks(talk, after * DAY)
        past.answers(talk, after * DAY + HOUR)
    assert past.told(start=0 * DAY, end=2 * DAY).messages == 2
    assert past.told(start=DAY, end=DAY + SECOND).answer_time.count == 1
    assert past.told(start=DAY + SECOND, end=2 * DAY).answers == 1


def test_a_long_time_is_asked_for_in_parts_and_tells_the_same(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for customer in range(5):
        talk = past.talk(str(customer))
        for after in range(4):
            past.asks(talk, customer * MINUTE + after * DAY)
            past.answers(talk, customer * MINUTE + after * DAY + (customer + 1) * SECOND)
    whole = past.told()
    monkeypatch.setattr(figures, "SLICE", 3)
    said = past.home.statements()
    assert past.told() == whole
    assert whole.answer_time == Times(count=20, median=3, p90=5)
    assert sum("waiting_period" in statement for statement in said) == 7


def test_a_day_has_its_messages_and_answers(past: Past) -> None:
    talk = past.talk()
    past.asks(talk, 0 * HOUR)
    past.answers(talk, HOUR)
    past.elsewhere(talk, 13 * HOUR)
    with past.home.engine.connect() as conn:
        rows = conn.execute(sa.text("SELECT day, messages, answers, answers_elsewhere FROM account_day ORDER BY day"))
        day = (NOON - schema.EPOCH).days
        assert [tuple(row) for row in rows] == [(day, 1, 1, 0), (day + 1, 0, 0, 1)]


def test_a_report_goes_by_the_conversations_of_its_time(past: Past) -> None:
    """However many messages there are, those of other conversations are not looked at."""
    with past.home.open() as tx:
        row = {"workspace": TEAM, "author": "customer", "kind": "text"}
        many = [row | {"id": n, "conversation": n % 500 + 1, "at": NOON - n * MINUTE} for n in range(1, 20_001)]
        tx.connection.execute(sa.insert(schema.message), many)
        talks = [
            {"id": n, "workspace": TEAM, "account": 1, "customer": n, "work": "answered", "control": "ours"}
            | {"last_at": NOON - n * DAY}
            for n in range(1, 501)
        ]
        tx.connection.execute(sa.insert(schema.conversation), talks)
    with past.home.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    with past.home.open() as tx:
        seen = plans(tx, lambda: figures.report(tx.connection, start=NOON - 2 * DAY, end=NOON, now=NOON))
    assert "ix_message_conversation_at" in seen
    assert not {"SCAN message", "Seq Scan on message"} & {
        line.strip(" ->").split("  (")[0] for line in seen.split("\n")
    }
