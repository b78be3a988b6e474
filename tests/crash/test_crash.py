"""Killed at random instants under load in both directions: nothing is lost, nothing is doubled unmarked, order is kept."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.crash.load import UNSENT, Load, settled, troubled
from tests.crash.nursery import Nursery
from tests.crash.service import installed


@pytest.mark.timeout(240)
async def test_killed_ten_times_under_load_nothing_is_lost(nursery: Nursery, database_url: str, tmp_path: Path) -> None:
    """Promises 1, 2 and 3; M-24, M-32."""
    await play(nursery, database_url, tmp_path, kills=10, seed=1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_killed_while_calls_go_wrong_on_both_sides_nothing_is_lost(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promises 1, 2 and 3; M-24, M-32: every answer arrives once, or its author is asked or told why it does not go."""
    await play(nursery, database_url, tmp_path, kills=5, seed=2, trouble=True)


@pytest.mark.soak
@pytest.mark.parametrize("trouble", [False, True])
@pytest.mark.parametrize("seed", range(5))
async def test_killed_fifty_times_under_load_nothing_is_lost(
    nursery: Nursery, database_url: str, tmp_path: Path, seed: int, trouble: bool
) -> None:
    """Promises 1, 2 and 3, for long."""
    await play(nursery, database_url, tmp_path, kills=50, seed=seed, trouble=trouble)


async def play(
    nursery: Nursery, database_url: str, folder: Path, *, kills: int, seed: int, trouble: bool = False
) -> None:
    """Load, kill, start again; then let everything settle and account for every message."""
    chance = random.Random(seed)
    async with installed(nursery, database_url, folder) as home:
        load = Load(home.world, chance, refusals=trouble)
        running = [asyncio.create_task(load.run())]
        if trouble:
            running.append(asyncio.create_task(troubled(home.world, chance)))
        try:
            for _ in range(kills):
                await home.world.slack.world.changed(chance.uniform(0.1, 0.4))
                await asyncio.wait(running, timeout=chance.uniform(0.1, 0.9), return_when=asyncio.FIRST_COMPLETED)
                await home.service.kill()
                await home.service.start()
            for task in running[1:]:
                task.cancel()
            await home.until(lambda: any(load.said.agents.values()), seconds=60)
            load.stop()
            await running[0]
            await settled(home.world, seconds=120 + 5 * kills)
            load.check()
        except BaseException:
            print(*home.world.rows(UNSENT), sep="\n")  # noqa: T201 - shown by pytest with the failure
            raise
        finally:
            for task in running:
                task.cancel()
