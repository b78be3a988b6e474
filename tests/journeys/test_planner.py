"""What alerts channels are told by themselves of days and breaks: who waits, and whose window will not last."""

from __future__ import annotations

from tests.journeys.hands import begun
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, World


def days_told(world: World) -> list[str]:
    return [each for each in posted(world, ALERTS) if "Today at" in each]


async def to(world: World, hour: int, minute: int = 0) -> None:
    """Move to the next time that a clock in UTC shows this."""
    now = world.clock.now()
    later = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    world.clock.move((later if later > now else later + DAY) - now)
    await world.arrived()


async def test_each_day_is_told_once_of_who_waits_and_a_day_without_any_is_silent(database_url: str) -> None:
    """CT-27: to the alerts channel that accounts share, across a restart and jumps of the clock."""
    async with World.open(database_url) as world:
        await to(world, 20)
        talk = await begun(world)
        await world.set("messenger", digest="08:30")
        await world.set("instagram", digest="08:30")
        mia = await begun(world, "instagram", name="Mia", words="Another shop?")
        await to(world, 8, 31)
        await world.until(lambda: len(days_told(world)) == 1)
        (said,) = days_told(world)
        assert "and 1 more account" in said
        assert "Waiting now: 2" in said
        assert "Closing today: 2" in said
        assert said.count("Open") == 2
        await world.stop()
        await world.start()
        world.clock.move(-2 * HOUR)
        await world.ticked()
        world.clock.move(3 * HOUR)
        await world.calm()
        assert len(days_told(world)) == 1, "told again after a restart"
        for each in (talk, mia):
            ts = await each.says("Yes, we have it.")
            await each.bears(ts, CHECK)
        await to(world, 8, 31)
        await world.ticked()
        assert len(days_told(world)) == 1, "nothing waits, closes or has lapsed"
        await begun(world, name="Zoe", words="And roses?")
        world.clock.move(DAY + 13 * HOUR)
        await world.ticked()
        assert len(days_told(world)) == 1, "a day that was jumped over is told of later"
        await begun(world, name="Ren", words="And tulips?")
        await to(world, 8, 31)
        await world.until(lambda: len(days_told(world)) == 2)
