"""What was heard is kept once, and decided in the order of each lane."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from bridge.lanes import queue
from bridge.model.decision import Rules
from bridge.model.effects import ReadConversations
from bridge.model.ids import AccountId
from bridge.model.outcomes import Page
from bridge.ports import InboxRow
from bridge.rules.base import Context
from bridge.store.inbox import in_record
from bridge.store.transaction import Tx
from bridge.telemetry import Metrics
from bridge.workers.base import Tools
from bridge.workers.finish import finish
from tests.store.tools import START, TEAM, Bench, item


async def test_an_item_is_kept_once_for_its_key(bench: Bench) -> None:
    assert await bench.store.keep([item("a"), item("b")]) == 2
    assert await bench.store.keep([item("b"), item("c")]) == 1
    assert await bench.due() == ["a"]


async def test_callers_whose_items_share_a_commit_are_each_told_how_many_were_new(bench: Bench) -> None:
    await bench.store.keep([item("old")])
    told = await asyncio.gather(*(bench.store.keep([item("old"), item(f"new{n}"), item("shared")]) for n in range(10)))
    assert sorted(told) == [1] * 9 + [2]


async def test_a_lane_is_decided_by_the_time_of_its_events_then_by_arrival(bench: Bench) -> None:
    await bench.store.keep([item("late", at=2), item("early", at=1), item("same-1", at=3), item("same-2", at=3)])
    order = []
    while rows := await bench.store.write(_apply_next):
        order += [row.item.key for row in rows]
    assert order == ["early", "late", "same-1", "same-2"]


@pytest.mark.parametrize(
    ("written", "decided"),
    [
        ((0.05, 0), (0.05, 0.05)),  # told, then found: both wait
        ((0, 0.3), (0, 0.3)),  # found, then told
        ((0.05, 0, 0.3, 0, 1), (0.05, 0.05, 0.3, 0.3, 1)),
        ((0.3, 0.2, 0), (0.3, 0.2, 0.3)),  # what a delivery tells is believed
        ((0.3, 1, 1), (0.3, 1, 1)),
        ((2, 0.5, 0, 0), (2, 0.5, 0, 0)),  # no record in order: each by its time
    ],
)
def test_what_a_record_tells_to_the_second_stands_within_it_as_in_the_record(
    written: tuple[float, ...], decided: tuple[float, ...]
) -> None:
    """ZI-03: times in seconds after the start."""
    times = [START + timedelta(seconds=each) for each in written]
    assert in_record(times) == [START + timedelta(seconds=each) for each in decided]


def tools() -> Tools:
    """What the loops use when a record was read."""
    told = Metrics(CollectorRegistry())
    found = SimpleNamespace(
        told=told, context=lambda tx, moment: Context(moment=moment, rules=Rules(), new_id=tx.new_id)
    )
    return cast(Tools, found)


async def test_what_is_found_goes_behind_what_waits_and_was_written_before_it(bench: Bench) -> None:
    """ZI-03: a delivery tells milliseconds, a record seconds; what is decided stays, and no other lane is touched."""
    await bench.store.keep([item("shown", at=5.7), item("other", "b", at=5.5)])
    await bench.store.write(lambda tx: tx.facts.applied(tx.facts.next(START, 2)[1]))
    await bench.store.keep([item("told", at=6.05)])
    found = [item("shown", at=5), item("told", at=6), item("after", at=6), item("b", "b", at=6), item("last", at=7)]

    await bench.add(queue(ReadConversations(workspace=TEAM, account=AccountId(1), since=START), position=0))
    batch = [(row, Page(learnt=tuple(found))) for row in await bench.claim()]
    await bench.store.write(lambda tx: finish(tx, tools(), batch, bench.times.moment))
    await bench.store.keep([item("later", at=6.3)])
    order = []
    while rows := await bench.store.write(_apply_next):
        order += [row.item.key for row in rows if row.item.lane == "lane"]
    assert order == ["told", "after", "later", "last"]


async def test_the_heads_of_many_lanes_come_together_in_the_order_of_their_events(bench: Bench) -> None:
    await bench.store.keep([item("b1", "b", at=2), item("a1", "a", at=1), item("a2", "a", at=3), item("c1", "c", at=0)])
    assert await bench.due() == ["c1", "a1", "b1"]


async def test_a_waiting_item_holds_its_lane_and_no_other(bench: Bench) -> None:
    await bench.store.keep([item("first", at=1), item("second", at=2), item("other", "other", at=3)])
    await _wait(bench, "first", seconds=10, free=False)
    assert await bench.due() == ["other"]
    bench.times.pass_seconds(10)
    assert await bench.due() == ["first", "other"]


async def test_a_free_item_lets_its_lane_pass_and_comes_back_in_time(bench: Bench) -> None:
    await bench.store.keep([item("first", at=1), item("second", at=2)])
    await _wait(bench, "first", seconds=10, free=True)
    assert await bench.due() == ["second"]
    bench.times.pass_seconds(10)
    assert await bench.due() == ["first", "second"]


async def test_the_first_time_an_item_waited_is_remembered(bench: Bench) -> None:
    await bench.store.keep([item("first")])
    for _ in range(2):
        await _wait(bench, "first", seconds=1, free=False)
        bench.times.pass_seconds(1)
    [row] = await bench.store.write(lambda tx: tx.facts.next(bench.times.at, 1))
    assert (row.first_tried, row.attempts) == (START, 2)


async def test_a_buried_item_holds_nothing_up_until_somebody_retries_it(bench: Bench) -> None:
    await bench.store.keep([item("bad", at=1), item("good", at=2)])
    [bad] = await bench.store.write(lambda tx: tx.facts.next(bench.times.at, 1))
    await bench.store.write(lambda tx: tx.facts.bury(bad, "KeyError"))
    assert await bench.due() == ["good"]
    assert await bench.store.write(lambda tx: tx.facts.retry(bench.times.at)) == 1
    assert await bench.due() == ["bad"]


async def test_applied_items_are_found_by_what_they_are_about(bench: Bench) -> None:
    await bench.store.keep([item("a", "a", body=b"1", about="x"), item("b", "b", body=b"2", about="y")])
    await bench.store.write(lambda tx: [tx.facts.applied(row) for row in tx.facts.next(START, 1)])
    assert await bench.store.write(lambda tx: tx.facts.seen(["x", "y", "z"])) == {"x": b"1"}


async def test_many_deciders_take_each_item_once_and_overtake_in_no_lane(bench: Bench) -> None:
    await bench.store.keep([item(f"{lane}:{n:02}", f"lane{lane}", at=n) for n in range(25) for lane in range(12)])
    taken: list[str] = []

    async def decider() -> None:
        while rows := await bench.store.write(_apply_next):
            taken.extend(row.item.key for row in rows)

    while len(taken) < 300:
        await asyncio.gather(*(decider() for _ in range(8)))
    assert len(taken) == len(set(taken)) == 300


def _apply_next(tx: Tx) -> list[InboxRow]:
    """Apply up to five, after looking that nothing earlier of their lanes is left."""
    rows = tx.facts.next(START, 5)
    for row in rows:
        lane, _, number = row.item.key.partition(":")
        if number.isdigit() and int(number):
            before = tx.connection.exec_driver_sql(
                f"SELECT count(*) FROM inbox WHERE state = 'ready' AND lane = 'lane{lane}' AND key < '{row.item.key}'"  # noqa: S608
            )
            assert before.scalar_one() == 0
        tx.facts.applied(row)
    return rows


async def _wait(bench: Bench, key: str, *, seconds: float, free: bool) -> None:
    def work(tx: Tx) -> None:
        [row] = [row for row in tx.facts.next(bench.times.at, 10) if row.item.key == key]
        until = bench.times.at + timedelta(seconds=seconds)
        tx.facts.wait(row, until, bench.times.at, missing="person", free=free)

    await bench.store.write(work)
