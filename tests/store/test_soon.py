"""What closes soon and what has lapsed, as digests, boards and plans read it."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from bridge.model.decision import Scene
from bridge.model.ids import AccountId, ConversationId
from bridge.model.state import Block, Control, Work
from bridge.rules.desk.days import Times
from bridge.store import schema, soon
from bridge.store.transaction import Tx
from tests.store.factories import (
    AKI,
    DAY,
    HOUR,
    NOON,
    SETTINGS,
    TEAM,
    House,
    add_account,
    add_workspace,
    changed,
    met,
    threaded,
)
from tests.store.test_plans import SQLITE, steps

TODAY = Times(yesterday=NOON - 36 * HOUR, today=NOON - 12 * HOUR, tomorrow=NOON + 12 * HOUR)


def waits(tx: Tx, customer: str, *, closes: Any, human: Any = None, **more: Any) -> int:
    """A conversation that waits; *closes*: so long after noon."""
    scene = threaded(tx, met(tx, customer), ref=f"C1:{customer}")
    values = {
        "work": Work.WAITING,
        "waiting_since": NOON - HOUR,
        "standard_close": NOON + closes,
        "human_close": NOON + (human or closes),
    }
    return changed(tx, scene, **(values | more)).conversation.id


def lapsed(tx: Tx, account: int, conversation: int, at: Any) -> None:
    values = {"conversation": conversation, "close_at": at, "workspace": TEAM, "account": account, "person": None}
    tx.connection.execute(sa.insert(schema.lapse).values(values))


def test_a_day_counts_who_waits_what_closes_today_and_what_lapsed_yesterday(home: House) -> None:
    """ZI-09, CT-39: by the close that counts for the account; nothing of the blocked, the answered, of yesterday's yesterday."""
    with home.open() as tx:
        add_workspace(tx)
        mine = add_account(tx, settings=SETTINGS | {"human_agent": False})
        waits(tx, "1", closes=2 * HOUR, waiting_since=NOON - 22 * HOUR)
        waits(tx, "2", closes=12 * HOUR)
        waits(tx, "3", closes=HOUR, work=Work.ANSWERED)
        gone = waits(tx, "4", closes=-HOUR, human=3 * HOUR)
        blocked = met(tx, "5").customer.id
        waits(tx, "5", closes=HOUR)
        tx.connection.execute(
            sa.update(schema.customer).where(schema.customer.c.id == blocked).values(blocked=Block.BLOCKED.value)
        )
        for at in (NOON - 13 * HOUR, NOON - 12 * HOUR, NOON - 36 * HOUR, NOON - 37 * HOUR):
            lapsed(tx, mine, gone, at)
        standing = tx.ticks.standing(TEAM, [AccountId(mine)], TODAY, NOON)
        assert standing == {
            "waiting": 2, "longest": 22 * 3600, "closing": 1, "lapsed": 2,
            "closing_1": "C1:1", "closing_1_at": (NOON + 2 * HOUR).timestamp(),
            "lapsed_1": "C1:4", "lapsed_1_at": (NOON - 36 * HOUR).timestamp(),
            "lapsed_2": "C1:4", "lapsed_2_at": (NOON - 13 * HOUR).timestamp(),
        }  # fmt: skip


def test_with_the_human_agents_window_only_its_close_counts_and_forwarded_ones_count_where_they_go_on(
    home: House,
) -> None:
    with home.open() as tx:
        add_workspace(tx)
        mine, other = add_account(tx), add_account(tx, remote_id="1002")
        waits(tx, "1", closes=HOUR, human=6 * DAY)
        waits(tx, "2", closes=-DAY, human=HOUR)
        moved = waits(tx, "3", closes=HOUR, human=HOUR)
        tx.connection.execute(
            sa.update(schema.conversation).where(schema.conversation.c.id == moved).values(forwarded_to=other)
        )
        here = tx.ticks.standing(TEAM, [AccountId(mine)], TODAY, NOON)
        assert (here["waiting"], here["closing"], here["closing_1"]) == (2, 1, "C1:2")
        there = tx.ticks.standing(TEAM, [AccountId(other)], TODAY, NOON)
        assert (there["waiting"], there["closing"], there["closing_1"]) == (1, 1, "C1:3")
        both = tx.ticks.standing(TEAM, [AccountId(mine), AccountId(other)], TODAY, NOON)
        assert (both["waiting"], both["closing"]) == (3, 2)
        assert "closing_1_account" not in here
        assert {both["closing_1_account"], both["closing_2_account"]} == {at_of(tx, ConversationId(moved)).account.name}


def test_a_day_is_taken_by_one_and_the_first_is_only_noted(home: House) -> None:
    """Two processes, a restart, a clock that goes back: the day that was told is never told again."""
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    with home.open() as tx:
        add_workspace(tx)
        mine = AccountId(add_account(tx))
        assert tx.ticks.take_digest(mine, monday) is None
        assert tx.ticks.take_digest(mine, tuesday) == monday
    with home.open() as tx:
        assert tx.ticks.take_digest(mine, tuesday) is None
        assert tx.ticks.take_digest(mine, monday) is None
        assert tx.ticks.take_digest(mine, date(2026, 11, 30)) == tuesday


def test_who_closes_before_a_moment_is_listed_the_next_first_and_looked_after_as_they_change(home: House) -> None:
    """ZI-09: answered, lapsed, with more time again; erased ones vanish; whoever changes nothing changes no look."""
    until = NOON + 2 * DAY
    with home.open() as tx:
        add_workspace(tx)
        mine = AccountId(add_account(tx, settings=SETTINGS | {"human_agent": False}))
        late, early, after = (ConversationId(waits(tx, str(n), closes=n * HOUR)) for n in (30, 3, 60))
        theirs = ConversationId(waits(tx, "other", closes=HOUR, control=Control.OTHER))
        listing = tx.ticks.closing([mine], NOON, until)
        assert (listing.talks, listing.whole, listing.named) == ((early, late), 2, ())
        assert tx.ticks.closing([mine], NOON, until) == listing
        kept = tx.ticks.closing([mine], NOON, until, named=[after, theirs])
        assert (kept.talks, kept.whole, kept.done, kept.lapsed) == ((early, late), 2, 2, 0)
        assert kept.named == (after, theirs, early, late)
        assert kept.look == listing.look
        changed(tx, at_of(tx, late), work=Work.ANSWERED)
        again = tx.ticks.closing([], NOON + 4 * HOUR, until, named=kept.named)
        assert (again.talks, again.whole, again.done, again.lapsed, again.named) == ((), 0, 3, 1, kept.named)
        assert again.look == ""
        lost = tx.ticks.closing([], NOON + 40 * HOUR, until, named=(early,), begins=NOON + 4 * HOUR)
        assert (lost.lapsed, lost.early) == (0, 1), "what the team missed while it worked is booked on the break"
        lost = tx.ticks.closing([], NOON + 40 * HOUR, until, named=(early,), begins=NOON + 3 * HOUR)
        assert (lost.lapsed, lost.early) == (1, 0)
        changed(tx, at_of(tx, late), work=Work.WAITING, owner=AKI)
        assert tx.ticks.closing([mine], NOON, until).look != listing.look


def at_of(tx: Tx, conversation: ConversationId) -> Scene:
    found = tx.scenes.of_conversation(conversation)
    assert found is not None
    return found


def test_more_than_are_shown_are_counted(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        mine = AccountId(add_account(tx, settings=SETTINGS | {"human_agent": False}))
        ids = [waits(tx, str(n), closes=n * HOUR) for n in range(1, soon.MOST + 4)]
        listing = tx.ticks.closing([mine], NOON, NOON + 2 * DAY)
        assert (list(listing.talks), listing.whole) == (ids[: soon.MOST], soon.MOST + 3)


def test_a_break_is_taken_by_one_and_never_an_earlier_one_again(home: House) -> None:
    """Two processes, a restart, a clock that goes back."""
    with home.open() as tx:
        add_workspace(tx)
        mine = AccountId(add_account(tx))
        assert [tx.ticks.take_break(mine, NOON + days * DAY) for days in (0, 0, -1, 7, 7)] == [
            True,
            False,
            False,
            True,
            False,
        ]


def test_accounts_that_have_hours_and_answer_are_planned_for(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        hours = SETTINGS | {"hours": "Mon-Fri 09:00-18:00"}
        mine = add_account(tx, settings=hours)
        add_account(tx, remote_id="1002")
        add_account(tx, remote_id="1003", settings=hours, wish="paused")
        assert [each.id for each in tx.ticks.planning()] == [mine]


@SQLITE
def test_what_closes_soon_costs_the_same_however_many_wait_for_later(home: House) -> None:
    """Boards are looked at every half minute."""
    with home.open() as tx:
        add_workspace(tx)
        mine = AccountId(add_account(tx, settings=SETTINGS | {"human_agent": False}))
        for number in range(3):
            waits(tx, str(number), closes=HOUR)
        before = steps(tx, lambda: tx.ticks.closing([mine], NOON, NOON + DAY))
        customers = [{"id": n, "account": mine, "workspace": TEAM, "remote_id": f"x{n}"} for n in range(100, 5_100)]
        later = {"work": "waiting", "control": "ours", "standard_close": NOON + 2 * DAY, "human_close": NOON + 7 * DAY}
        tx.connection.execute(sa.insert(schema.customer), customers)
        talks = [each | later | {"customer": each["id"]} for each in customers]
        tx.connection.execute(
            sa.insert(schema.conversation), [{k: v for k, v in each.items() if k != "remote_id"} for each in talks]
        )
        assert len(tx.ticks.closing([mine], NOON, NOON + DAY).talks) == 3
        assert steps(tx, lambda: tx.ticks.closing([mine], NOON, NOON + DAY)) <= before * 1.2
