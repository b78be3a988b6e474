"""What alerts channels are told by themselves of days and breaks: who waits, and whose window will not last."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.hands import begun
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, MINUTE, World


def days_told(world: World) -> list[str]:
    return [each for each in posted(world, ALERTS) if "Today at" in each]


async def to(world: World, hour: int, minute: int = 0) -> None:
    """Move to the next time that a clock in UTC shows this."""
    now = world.clock.now()
    later = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    world.clock.move((later if later > now else later + DAY) - now)
    await world.arrived()


async def looked_at(world: World) -> None:
    """Wait until it was decided for every account whether today is told of."""
    today = f"{world.clock.now():%Y-%m-%d}"
    await world.until(
        lambda: world.rows("SELECT DISTINCT digested FROM account WHERE digested IS NOT NULL") == [(today,)]
    )
    await world.calm()


async def test_each_day_is_told_once_of_who_waits_and_a_day_without_any_is_silent(database_url: str) -> None:
    """ZI-09: to the alerts channel that accounts share, across a restart and jumps of the clock."""
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
        await looked_at(world)
        assert len(days_told(world)) == 1, "nothing waits, closes or has lapsed"
        await begun(world, name="Zoe", words="And roses?")
        world.clock.move(DAY + 13 * HOUR)
        await looked_at(world)
        await world.until(lambda: world.rows("SELECT count(*) FROM lapse") == [(1,)])
        assert len(days_told(world)) == 1, "a day that was jumped over is told of later"
        await begun(world, name="Ren", words="And tulips?")
        await to(world, 8, 31)
        await world.until(lambda: len(days_told(world)) == 2)
        assert "Waiting now: 1" in days_told(world)[1]
        assert "Lapsed yesterday, unanswered: 1" in days_told(world)[1]


def plans(world: World) -> list[str]:
    return [each for each in posted(world, ALERTS) if "the break from" in each.lower()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_before_a_break_the_channel_is_told_once_of_who_will_be_too_late(database_url: str) -> None:
    """ZI-09: three hours before the hours end that a weekend follows; edited as they are answered, until the team is back."""
    async with World.open(database_url) as world:
        for kind in ("messenger", "instagram"):
            await world.set(kind, hours="Mon-Fri 09:00-18:00", zone="Europe/Berlin", human_agent=False)
        await to_berlin(world, "Fri", 14)
        yuki = await begun(world)
        await begun(world, "instagram", name="Mia", words="Another shop?")
        await to_berlin(world, "Fri", 15, 1)
        (plan,) = await world.until(lambda: plans(world))
        assert "2 customers wait" in plan
        assert plan.count("Answer now") == 2
        await world.stop()
        await world.start()
        ts = await yuki.says("Yes, we have it.")
        await yuki.bears(ts, CHECK)
        world.clock.move(MINUTE)
        await world.until(lambda: "1 customer waits" in plans(world)[0] and "1 answered" in plans(world)[0])
        await begun(world, name="Zoe", words="And roses?")
        world.clock.move(MINUTE)
        await world.until(lambda: "2 customers wait" in plans(world)[0] and "Zoe" in plans(world)[0])
        await to_berlin(world, "Fri", 16)
        world.clock.move(-HOUR)
        await to_berlin(world, "Sun", 12)
        await world.until(lambda: "nobody waits any more" in plans(world)[0] and "2 not in time" in plans(world)[0])
        await to_berlin(world, "Mon", 9, 1)
        await world.until(lambda: "is over" in plans(world)[0])
        assert [each for each in ("Yuki", "Mia", "Zoe") if each in plans(world)[0]] == []
        await to_berlin(world, "Fri", 15, 1)
        await world.calm()
        assert len(plans(world)) == 1, "nobody waits before this break"


async def to_berlin(world: World, day: str, hour: int, minute: int = 0) -> None:
    """Move to the next time that a clock in Berlin shows this."""
    local = world.clock.now().astimezone(ZoneInfo("Europe/Berlin"))
    later = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while later <= local or f"{later:%a}" != day:
        later += DAY
    world.clock.move(later.astimezone(UTC) - world.clock.now())
    await world.arrived()
