"""An account that usually hears something by now, and does not: Meta is asked first, then somebody is told."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bridge.store import schema
from bridge.store.hand import Hand
from tests.journeys.seen import posted
from tests.journeys.world import ALERTS, HOUR, MINUTE, TEAM, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def learnt(world: World) -> None:
    """As after four weeks in which the first account heard something every hour."""
    rows = [{"account": 1, "slot": slot, "workspace": TEAM, "hours": 4, "heard": 4} for slot in range(168)]

    def write(hand: Hand) -> None:
        hand.conn.execute(sa.delete(schema.rhythm))
        hand.conn.execute(sa.insert(schema.rhythm), rows)

    await world.by_hand(write)


def silences(world: World) -> list[str]:
    """The alerts about a silence."""
    return [line for line in posted(world, ALERTS) if "Nothing comes from Hanako Flowers" in line]


async def test_a_silence_is_looked_into_told_once_and_over_with_the_next_word(database_url: str) -> None:
    """CT-31, CT-33: subscribed anew, the gap read, one alert; the account's next delivery ends it."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        await world.until(lambda: world.rows("SELECT id FROM account WHERE id = 1 AND heard_at IS NOT NULL"))
        await learnt(world)
        world.clock.move(2 * HOUR)
        await world.ticked()
        assert silences(world) == []
        world.meta.deliveries.pause()
        await world.meta.write(yuki, "is anybody there?")
        for _ in range(5):
            world.clock.move(HOUR)
            await world.ticked(2)
        await world.until(lambda: silences(world))
        assert any(call.method == "subscribed_apps" and call.verb == "POST" for call in world.meta.calls)
        await world.root("is anybody there?")
        world.clock.move(HOUR)
        await world.ticked()
        assert len(silences(world)) == 1

        world.meta.deliveries.resume()
        await world.meta.write(yuki, "at last")
        world.clock.move(MINUTE)
        await world.until(lambda: "Mended" in silences(world)[0])
        assert len(silences(world)) == 1
