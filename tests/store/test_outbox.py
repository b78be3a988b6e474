"""What goes next, and how rows end."""

import asyncio
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from bridge.lanes import queue
from bridge.model.effects import RedrawCard
from bridge.model.ids import ConversationId
from bridge.ports import OutboxRow
from bridge.store.claim import LEASE
from bridge.store.queue import STEPS
from bridge.store.schema import outbox
from bridge.store.transaction import Tx
from tests.store.tools import START, TEAM, Bench, lanes_of, send


async def test_every_step_between_states_is_in_the_table_and_no_other_can_be_made(bench: Bench) -> None:
    await bench.add(send(1))
    [row] = await bench.claim()
    for old in STEPS:
        for new in set(STEPS) - {"working"}:
            await bench.store.write(partial(_put, state=old))
            assert await bench.finish(row, new) == (new in STEPS[old]), f"{old} to {new}"


async def test_only_ready_rows_are_claimed(bench: Bench) -> None:
    await bench.add(send(1))
    for state in STEPS:
        await bench.store.write(partial(_put, state=state))
        assert bool(await bench.claim()) == ("working" in STEPS[state])


async def test_a_lane_goes_by_position_then_by_arrival_one_row_at_a_time(bench: Bench) -> None:
    await bench.add(send(1, 5), send(1, 3), send(1, 5, message=9))
    order = []
    while rows := await bench.claim():
        assert len(rows) == 1
        order.append((rows[0].position, getattr(rows[0].effect, "message")))  # noqa: B009 - every row is a send
        assert await bench.claim() == []
        await bench.finish(rows[0])
    assert order == [(3, 1003), (5, 1005), (5, 9)]


async def test_lanes_go_side_by_side(bench: Bench) -> None:
    await bench.add(*(send(n, position) for n in range(1, 6) for position in (1, 2)))
    assert sorted(lanes_of(await bench.claim())) == [f"network:{n}" for n in range(1, 6)]


async def test_a_row_that_goes_later_holds_its_lane_until_then(bench: Bench) -> None:
    await bench.add(send(1, 1), send(1, 2))
    [first] = await bench.claim()
    await bench.finish(first, "ready", after=5)
    assert await bench.claim() == []
    bench.times.pass_seconds(5)
    assert [row.id for row in await bench.claim()] == [first.id]


async def test_an_unsure_row_holds_its_lane_until_a_person_was_asked(bench: Bench) -> None:
    await bench.add(send(1, 1), send(1, 2))
    [first] = await bench.claim()
    await bench.finish(first, "unsure")
    assert await bench.claim() == []
    [unsure] = await bench.store.write(lambda tx: tx.ticks.unsure(10))
    assert (unsure.id, unsure.unsure_since) == (first.id, START)
    await bench.store.write(lambda tx: tx.effects.asked(first))
    assert [row.position for row in await bench.claim()] == [2]
    assert await bench.finish(first), "and it may still be settled"


async def test_a_row_that_ended_otherwise_is_not_ended_again(bench: Bench) -> None:
    await bench.add(send(1))
    [row] = await bench.claim()
    assert await bench.finish(row)
    assert not await bench.finish(row, "ready")


async def test_attempts_grow_as_told_and_never_shrink(bench: Bench) -> None:
    await bench.add(send(1))
    for told, kept in ((1, 1), (0, 1), (2, 2)):
        [row] = await bench.claim()
        assert await bench.finish(row, "ready", attempts=told)
        assert await bench.store.write(lambda tx: tx.connection.scalar(sa.select(outbox.c.attempts))) == kept


async def test_what_is_wanted_once_is_added_once_and_goes_at_the_earlier_time(bench: Bench) -> None:
    later = queue(_card(), position=1, not_before=START + timedelta(seconds=9))
    await bench.add(later, later)
    assert await bench.claim() == []
    await bench.add(queue(_card(), position=2, not_before=START))
    assert len(await bench.claim()) == 1


async def test_what_is_in_hand_does_not_stop_the_same_from_being_wanted_again(bench: Bench) -> None:
    await bench.add(queue(_card(), position=1))
    [first] = await bench.claim()
    await bench.add(queue(_card(), position=2))
    await bench.finish(first)
    assert len(await bench.claim()) == 1


async def test_a_row_whose_process_died_is_found_after_its_lease(bench: Bench) -> None:
    await bench.add(send(1))
    [row] = await bench.claim()
    bench.times.pass_seconds(LEASE.total_seconds() - 1)
    assert await bench.store.write(lambda tx: tx.effects.overdue(bench.times.at)) == []
    bench.times.pass_seconds(2)
    assert await bench.store.write(lambda tx: tx.effects.overdue(bench.times.at)) == [row]


async def test_a_row_of_a_kind_from_another_version_is_put_aside_and_stops_nobody(bench: Bench) -> None:
    await bench.add(send(1), send(2))
    strange = sa.update(outbox).where(outbox.c.lane == "network:1").values(kind="SendFax")
    await bench.store.write(lambda tx: tx.connection.execute(strange))
    assert lanes_of(await bench.claim()) == ["network:2"]
    assert await _states(bench) == {"network:1": "dead", "network:2": "working"}


async def test_many_claimers_take_each_row_once_and_overtake_in_no_lane(bench: Bench) -> None:
    await bench.add(*(send(lane, position, account=lane % 3) for position in range(25) for lane in range(12)))
    in_hand: set[str] = set()
    last: dict[str, int] = {}
    taken: list[int] = []

    async def claimer() -> None:
        while rows := await bench.claim(5):
            for row in rows:
                assert row.lane not in in_hand
                assert last.get(row.lane, -1) < row.position
                in_hand.add(row.lane)
                last[row.lane] = row.position
                taken.append(row.id)
            for row in rows:
                in_hand.remove(row.lane)
                assert await bench.finish(row)

    while len(taken) < 300:
        await asyncio.gather(*(claimer() for _ in range(8)))
    assert len(taken) == len(set(taken)) == 300


async def test_an_operator_retries_dead_rows_but_none_that_is_unsure(bench: Bench) -> None:
    await bench.add(send(1), send(2), send(3))
    for row, state in zip(await bench.claim(), ("dead", "unsure", "done"), strict=True):
        await bench.finish(row, state)
    ready, probed = await bench.store.write(lambda tx: tx.effects.retry(START))
    assert (ready, probed) == (1, [])
    assert await _states(bench) == {"network:1": "ready", "network:2": "unsure", "network:3": "done"}


async def test_an_operator_drops_what_waits_but_nothing_in_hand(bench: Bench) -> None:
    await bench.add(send(1), send(2))
    in_hand: OutboxRow = (await bench.claim(1))[0]
    rows = await bench.store.write(lambda tx: tx.connection.scalars(sa.select(outbox.c.id)).all())
    dropped = await bench.store.write(lambda tx: tx.effects.drop(rows))
    assert set(dropped) == set(rows) - {in_hand.id}


def _put(tx: Tx, state: str) -> None:
    tx.connection.execute(sa.update(outbox).values(state=state))


async def _states(bench: Bench) -> dict[str, str]:
    def read(tx: Tx) -> dict[str, str]:
        return {row.lane: row.state for row in tx.connection.execute(sa.select(outbox.c.lane, outbox.c.state))}

    return await bench.store.write(read)


def _card() -> RedrawCard:
    return RedrawCard(workspace=TEAM, conversation=ConversationId(1))
