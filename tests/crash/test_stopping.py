"""How the service ends: in order, in time, with nothing left half done."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from bridge.store.engine import is_sqlite, parse, write_engine
from tests.crash.load import Load, settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, Process, installed
from tests.journeys.world import CHECK, QUESTION, World

GRACE = 10.0
"""Seconds that what is in flight gets."""
IN_HAND = "SELECT kind FROM outbox WHERE state = 'working'"


@contextlib.contextmanager
def kept_waiting(world: World) -> Iterator[None]:
    """Nothing can be kept meanwhile, as beside a command that writes."""
    url = parse(world.config.database_url)
    engine = write_engine(url)
    with engine.begin() as connection:
        if not is_sqlite(url):
            connection.exec_driver_sql("LOCK TABLE inbox IN EXCLUSIVE MODE")
        yield
    engine.dispose()


async def talking(home: Installation) -> tuple[Load, asyncio.Task[None]]:
    """Load that has answers on their way."""
    load = Load(home.world, random.Random(3))
    running = asyncio.create_task(load.run())
    await home.until(load.begun)
    return load, running


@pytest.mark.timeout(120)
async def test_told_to_end_under_load_it_finishes_what_is_in_flight(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3: no row is left in hand, nobody is asked; further signals change nothing."""
    async with installed(nursery, database_url, tmp_path) as home:
        load, running = await talking(home)
        began = monotonic()
        home.service.tell_to_end()
        again = asyncio.create_task(told_again_and_again(home.service))
        assert await home.service.ended() == 0
        await again
        assert monotonic() - began < GRACE
        assert home.world.rows(IN_HAND) == []
        await home.service.start()
        load.stop()
        await running
        await settled(home.world)
        load.check()
        assert not any(load.asked(name) for name in load.customers)


async def told_again_and_again(service: Process) -> None:
    """SIGTERM until it has ended."""
    assert service.child is not None
    while not service.child.ended.done():
        service.tell_to_end()
        await asyncio.wait({asyncio.wrap_future(service.child.ended)}, timeout=0.01)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_told_to_end_while_both_sides_hang_it_ends_in_time(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3: what had no answer in time is looked for, or its author is asked."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        await world.calm()
        world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=60, times=None)
        world.meta.faults.add(method="messages", kind="latency", seconds=60, times=None)
        await world.meta.write(yuki, "And tomorrow?")
        ts = await world.answer(root, "Both days.")
        await home.until(lambda: {("PostMessage",), ("SendToCustomer",)} <= set(world.rows(IN_HAND)))
        began = monotonic()
        assert await home.service.terminate() == 0
        assert monotonic() - began < GRACE + 5
        world.slack.faults.clear()
        world.meta.faults.clear()
        await home.service.start()
        await settled(world)
        await world.signed(root, ts, QUESTION)
        assert world.phone(yuki) == []
        assert len([line for line in world.lines(root) if "tomorrow" in line]) == 1


async def test_told_to_end_while_something_is_being_kept_it_keeps_it(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promise 1: 200 only for what is kept, also in the last moment."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        with kept_waiting(world):
            await world.meta.write(yuki, "Is it open today?")
            delivery = world.meta.deliveries.record[-1]
            await home.until(lambda: not world.meta.deliveries.settled)
            for _ in range(3):  # who asked earlier is heard earlier
                await home.service.get("/healthz")
            home.service.tell_to_end()
            await home.until(lambda: any(line["event"] == "service.stopping" for line in home.service.lines()))
            assert delivery.attempts == []
        assert await home.service.ended() == 0
        assert delivery.attempts[0] == 200
        await home.service.start()
        await home.until(lambda: len(world.roots()) == 1)
        await settled(world)
        (root,) = world.roots()
        assert len(world.lines(root)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_second_one_on_the_same_file_is_refused_in_one_line(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """And the first one goes on."""
    async with installed(nursery, database_url, tmp_path) as home:
        second = home.process("all")
        await second.start(wait=False)
        assert await second.ended() == 2
        (line,) = second.said().splitlines()
        assert line.startswith("threadbridge: another `threadbridge run`")
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        await world.signed(root, await world.answer(root, "Yes."), CHECK)
        await home.service.kill()
        await second.start()
        assert await second.terminate() == 0
