"""A disk without room: nothing is acknowledged that is not kept, it is told of, and with room again everything goes on."""

from __future__ import annotations

import asyncio
import random
import resource
from pathlib import Path

import pytest

from tests.crash.load import Load, settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, Process, counted, installed, refused
from tests.journeys.world import CHECK

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LITTLE = 256 * 1024
"""Bytes that any file may have: less than the database has by then, and room for a little in its log."""


@pytest.mark.timeout(180)
async def test_without_room_both_sides_are_told_to_come_again_and_with_room_everything_goes_on(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3; M-24: also when it is killed while there is no room."""
    async with installed(nursery, database_url, tmp_path) as home:
        load = Load(home.world, random.Random(5))
        running = asyncio.create_task(load.run())
        try:
            await home.until(load.begun)
            limit(home.service, LITTLE)
            await home.until(lambda: refused(home))
            await told(home)
            limit(home.service, resource.RLIM_INFINITY)
            since = counted(home)
            await home.until(lambda: went_on(home, since))
            limit(home.service, LITTLE)
            since = counted(home)
            await home.until(lambda: refused(home, since))
            await home.service.kill()
            await home.service.start()
            load.stop()
            await running
            await settled(home.world)
            load.check()
        finally:
            running.cancel()
        assert (await home.service.get("/readyz"))[0] == 200


def limit(service: Process, largest: int) -> None:
    """Let no file of its grow beyond so many bytes."""
    assert service.child is not None
    resource.prlimit(service.child.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))


def went_on(home: Installation, since: tuple[int, int]) -> bool:
    """Whether something new has been kept of what both sides said, and stands on the other one."""
    meta, slack = home.world.meta, home.world.slack
    heard = [each for each in meta.deliveries.record[since[0] :] if each.kind == "message"]
    return any(each.attempts == [200] for each in heard) and any(
        each.status == 200 and each.retry_num == 0 for each in slack.deliveries.records[since[1] :]
    )


async def told(home: Installation) -> None:
    """Wait until readiness, figures and log all say it; the process itself is alive."""
    async with asyncio.timeout(15):
        while (await home.service.get("/readyz"))[0] == 200:
            await home.world.slack.world.changed(0.2)
    assert "takes nothing in" in (await home.service.get("/readyz"))[1]
    assert "threadbridge_database_up 0.0" in (await home.service.get("/metrics"))[1]
    assert any(line["event"] == "vitals.no_database" and line["why"] for line in home.service.lines())
    assert (await home.service.get("/healthz"))[0] == 200


async def test_it_serves_although_its_log_cannot_be_written(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """A full disk for logs alone holds up nobody."""
    async with installed(nursery, database_url, tmp_path, start=False) as home:
        home.service.log = Path("/dev/full")
        await home.service.start()
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        await world.signed(root, await world.answer(root, "Yes."), CHECK)
        assert await home.service.terminate() == 0
