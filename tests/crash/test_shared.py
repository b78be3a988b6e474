"""PostgreSQL: several processes share the work, any of them may die, and so may the database."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from tests.crash.load import Load, settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, Process, installed, refused
from tests.journeys.world import QUESTION
from tests.postgres import Postgres

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

AT_ONCE = 12.0
"""Seconds (real time); a lease lasts 40. Of a server that was started just now, nobody's death is believed for 5."""
UNSURE = "SELECT kind FROM outbox WHERE state = 'unsure' AND reason = 'process died'"
IN_HAND = "SELECT kind FROM outbox WHERE state = 'working'"


@contextlib.asynccontextmanager
async def workers(home: Installation, number: int = 2) -> AsyncIterator[list[Process]]:
    """Workers beside the process that takes webhooks."""
    them = [home.process("worker") for _ in range(number)]
    try:
        await asyncio.gather(*(each.start() for each in them))
        yield them
    except BaseException:
        print(*(each.said() for each in them), sep="\n")  # noqa: T201 - shown by pytest with the failure
        raise
    finally:
        await asyncio.gather(*(each.kill() for each in them))


@contextlib.asynccontextmanager
async def loaded(home: Installation) -> AsyncIterator[Load]:
    """Load during the block; afterwards everything settles and is accounted for."""
    load = Load(home.world, random.Random(4))
    running = asyncio.create_task(load.run())
    try:
        yield load
        load.stop()
        await running
        await settled(home.world)
        load.check()
    finally:
        running.cancel()


async def pause(home: Installation, seconds: float) -> None:
    """Let the load go on for a while."""
    with contextlib.suppress(AssertionError):
        await home.world.until(lambda: None, seconds=seconds)


@pytest.mark.timeout(180)
async def test_workers_die_again_and_again_and_another_one_goes_on(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3, with two workers and a process that takes webhooks."""
    async with (
        installed(nursery, database_url, tmp_path, role="web") as home,
        workers(home) as (_, mortal),
        loaded(home) as load,
    ):
        await home.until(load.begun)
        for _ in range(3):
            await pause(home, 0.6)
            await mortal.kill()
            await mortal.start()


async def test_what_a_dead_worker_had_in_hand_is_taken_over_at_once(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3: nobody waits for its lease."""
    async with installed(nursery, database_url, tmp_path, role="web") as home, workers(home, 1) as (mortal,):
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        world.meta.faults.add(method="messages", kind="latency", seconds=60)
        ts = await world.answer(root, "Yes.")
        await home.until(lambda: ("SendToCustomer",) in world.rows(IN_HAND))
        async with workers(home, 1):
            await mortal.kill()
            began = monotonic()
            await home.until(lambda: world.rows(UNSURE) == [("SendToCustomer",)], seconds=AT_ONCE)
            assert monotonic() - began < AT_ONCE
            await settled(world)
            await world.signed(root, ts, QUESTION)


@pytest.mark.timeout(180)
async def test_the_database_crashes_and_comes_back_and_nothing_is_lost(
    nursery: Nursery, database_url: str, tmp_path: Path, postgres: Postgres
) -> None:
    """Promises 1, 2 and 3; M-24: 503 while it is away, and everything goes on afterwards."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    async with installed(nursery, database_url, tmp_path, role="web") as home, workers(home) as them:
        world = home.world
        async with loaded(home) as load:
            await home.until(load.begun)
            postgres.halt()
            try:
                await home.until(lambda: refused(home))
                assert (await home.service.get("/readyz"))[0] == 503
                assert (await home.service.get("/healthz"))[0] == 200
                assert "threadbridge_database_up 0.0" in (await home.service.get("/metrics"))[1]
            finally:
                await asyncio.to_thread(postgres.resume)
            await pause(home, 1.5)
        for each in (home.service, *them):
            async with asyncio.timeout(20):
                while (await each.get("/readyz"))[0] != 200:
                    await pause(home, 0.1)
        assert [await each.terminate() for each in (home.service, *them)] == [0, 0, 0]
        assert world.rows(IN_HAND) == []
