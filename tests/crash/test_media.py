"""Customers' files and a process that is killed while they are on their way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bridge.demo.slack import Message
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.files import PNG, begun, lie, pictures, send, stands
from tests.journeys.world import World

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(120)]


async def shown(home: Installation, root: Message) -> None:
    """Wait until the file stands, and what was written after it."""
    await home.world.forward(lambda: stands(home.world, root)[-1] == "after", seconds=30)
    await home.world.calm()
    assert pictures(home.world, root) == [PNG]


def once(world: World) -> bool:
    """Whether Slack shows exactly one file."""
    return len([file for file in world.slack.world.files.values() if file.shares]) == 1


async def test_a_process_that_is_killed_while_a_file_comes_leaves_nothing_and_the_next_one_brings_it(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """CT-07, promise 1: no part of the file is left on the disk, by name or without one, and it is shown once."""
    async with installed(nursery, database_url, tmp_path) as home:
        yuki, root = await begun(home.world)
        gate = asyncio.Event()
        await send(home.world, yuki, lie(home.world, held=gate))
        await home.world.meta.write(yuki, "after")
        await home.until(lambda: home.world.meta.cdn.served)
        await home.service.kill()
        assert list(home.service.temporary.iterdir()) == []
        gate.set()
        await home.service.start()
        await shown(home, root)
        assert once(home.world)
        assert list(home.service.temporary.iterdir()) == []


@pytest.mark.parametrize("seconds", [0.0, 1.0])
async def test_a_process_that_is_killed_while_a_file_is_shown_shows_it_once(
    nursery: Nursery, database_url: str, tmp_path: Path, seconds: float
) -> None:
    """CT-07, promise 1: the next one looks before it asks again, also where Slack is still at it."""
    async with installed(nursery, database_url, tmp_path) as home:
        yuki, root = await begun(home.world)
        home.world.slack.faults.add(method="files.completeUploadExternal", kind="latency", seconds=seconds)
        home.world.slack.switches.share_delay = 1.0
        await send(home.world, yuki, lie(home.world))
        await home.world.meta.write(yuki, "after")
        await home.until(lambda: any(call.method == "files.completeUploadExternal" for call in home.world.slack.calls))
        await home.service.kill()
        await home.service.start()
        await shown(home, root)
        assert once(home.world)
