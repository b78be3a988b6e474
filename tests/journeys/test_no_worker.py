"""What is asked for in Slack while no worker runs: it is kept, and whoever asked reads so."""

from __future__ import annotations

import pytest

from tests.journeys.hands import talking
from tests.journeys.test_setup_windows import opened, sends_in
from tests.journeys.world import AKI, SUPPORT, World

KEPT = "kept, but not made yet"


def _told(world: World, words: str) -> int:
    return sum(words in each for each in world.told(AKI))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_change_without_a_worker_is_kept_and_said_to_be_and_made_once_one_runs(database_url: str) -> None:
    """ZI-24, ZI-32, I-03: by command and by window; what only reads says that nothing moves."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        await world.stop()
        await world.start("web")
        await world.until(lambda: world.rows("SELECT 1 FROM heartbeat WHERE role = 'web'"))
        answer = await world.slack.command(AKI, SUPPORT, "/bridge", "check")
        assert "No worker of the bridge is alive" in str(answer)
        assert "messages can flow" not in str(answer)
        await world.slack.command(AKI, SUPPORT, "/bridge", "hours Hanako Flowers Mon-Fri 09:00-18:00 Asia/Tokyo")
        await world.until(lambda: _told(world, KEPT) == 1)
        assert await sends_in(world, await opened(world, "setup:pause")) == {}
        await world.until(lambda: _told(world, KEPT) == 2)
        assert world.rows("SELECT wish FROM account WHERE platform = 'messenger'")[0][0] == "on"
        await world.stop()
        await world.start()
        await world.until(lambda: _told(world, "09:00"))
        await world.until(lambda: _told(world, "is paused"))
        await world.calm()
        assert world.rows("SELECT wish FROM account WHERE platform = 'messenger'")[0][0] == "paused"
        assert _told(world, KEPT) == 2
