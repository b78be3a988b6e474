"""A worker that dies without a word: another one says so in the operator's channel, and that it is over when it is back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.world import ALERTS, World

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

WORKERS = "SELECT process, at FROM heartbeat WHERE role = 'worker'"


def told(world: World) -> list[str]:
    """What the alerts channel reads of it."""
    lines = [world.slack.plain(each) for each in world.roots(ALERTS)]
    return [line for line in lines if "process of the bridge" in line]


def signs(world: World) -> dict[str, int]:
    """When each worker gave its last sign of life."""
    return dict(world.rows(WORKERS))


async def all_look(home: Installation) -> None:
    """Let every worker look at the others: both what they look by and their signs of life go by the clock that is moved."""
    for _ in range(3):
        before = signs(home.world)
        home.world.clock.move(timedelta(seconds=20))
        await home.until(partial(later, home.world, before))


def later(world: World, before: dict[str, int]) -> bool:
    """Whether all have given another sign since."""
    return all(at > before[name] for name, at in signs(world).items())


@pytest.mark.timeout(180)
async def test_a_worker_that_is_killed_is_told_by_the_other_and_over_when_it_is_back(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """Promise 5: SIGKILL; after a minute without a sign of life there is one alert, and it ends with the next worker."""
    async with installed(nursery, database_url, tmp_path, role="web") as home:
        world, mortal, other = home.world, home.process("worker"), home.process("worker")
        try:
            await mortal.start()
            (first,) = await home.until(lambda: signs(world))
            await other.start()
            await home.until(lambda: len(signs(world)) == 2)
            await all_look(home)
            assert told(world) == []
            await mortal.kill()
            with psycopg.connect(database_url, autocommit=True) as connection:
                # A minute of real time goes by: so long nobody's death is believed.
                connection.execute("UPDATE heartbeat SET at = at - 120000000 WHERE process = %s", [first])
            await world.forward(lambda: told(world))
            (line,) = told(world)
            assert "stopped without warning (worker)" in line
            await mortal.start()
            await world.forward(lambda: "Mended" in told(world)[0])
            assert len(told(world)) == 1
        finally:
            await mortal.kill()
            await other.kill()
