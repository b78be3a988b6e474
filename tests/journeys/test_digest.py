"""Last week's figures in the alerts channel."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.hands import talking
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, World

WEEK = timedelta(days=7)
OPEN = "SELECT count(*) FROM incident WHERE kind = 'digest' AND closed_at IS NULL"


def told(world: World) -> list[str]:
    return [each for each in posted(world, ALERTS) if "The week of" in each]


async def test_a_weeks_figures_are_told_once_across_restarts_and_jumps_of_the_clock(database_url: str) -> None:
    """CT-16: by account, to its alerts channel; nothing for the week in which it was switched on."""
    async with talking(database_url) as talk:
        world = talk.world
        await world.set("messenger", digest="08:30", auto_csat=True)
        ts = await talk.says("Yes, we have it.")
        await talk.bears(ts, CHECK)
        now = world.clock.now()
        monday = (now - timedelta(days=now.weekday())).replace(hour=8, minute=31, second=0)
        monday += WEEK if monday <= now else timedelta(0)
        world.clock.move(monday - now)
        await world.until(lambda: len(told(world)) == 1)
        assert "1 message in 1 conversation · 1 answer" in told(world)[0]
        assert "Aki: 1 answer" in told(world)[0]
        await world.stop()
        await world.start()
        world.clock.move(-2 * HOUR)
        world.clock.move(DAY)
        await world.calm()
        assert len(told(world)) == 1
        world.clock.move(2 * WEEK)
        await world.until(lambda: len(told(world)) == 2)
        assert "0 messages in 0 conversations" in told(world)[1]
        await world.until(lambda: world.rows(OPEN) == [(0,)])
