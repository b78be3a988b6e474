"""What the bridge says to customers by itself."""

from __future__ import annotations

import pytest

from tests.journeys.hands import begun
from tests.journeys.world import DAY, KINDS, Kind, World

CLOSED = "We are closed at the moment"
MACHINE = "This is an automatic message"


def opens_tomorrow(world: World) -> tuple[str, str]:
    """Hours in which the account is closed now, and when it opens as a customer reads it."""
    opens = (world.clock.now() + DAY).replace(hour=9, minute=0)
    return f"{opens:%a} 09:00-18:00", f"{opens:%A}, {opens.day} {opens:%B}, 09:00"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_customer_who_writes_outside_the_hours_is_told_once_when_they_are_over(
    database_url: str, kind: Kind
) -> None:
    """CT-16, M-18, M-20, M-21: with the disclosure by default; agents see it, and the customer still waits."""
    async with World.open(database_url) as world:
        hours, opens = opens_tomorrow(world)
        await world.set(kind, auto_away=True, hours=hours)
        talk = await begun(world, kind, "Do you have it?", name="Yuki Tanaka")
        told = f"We will answer you here once we are back, on {opens}."
        await talk.world.until(lambda: any(told in each for each in talk.phone()))
        assert talk.phone()[0].startswith(MACHINE)
        await talk.world.until(lambda: sum(CLOSED in line for line in talk.lines()) == 1)
        await world.meta.write(talk.customer, "Hello?")
        await world.until(lambda: any("Hello?" in line for line in talk.lines()))
        await world.calm()
        assert [len(talk.phone()), sum(CLOSED in line for line in talk.lines())] == [1, 1]
        assert "Waiting since" in talk.card()
        assert [each.tag for each in talk.bubbles()] == [None]
        ts = await talk.says("Yes, we have it.")
        await talk.hears("Yes, we have it.")
        await talk.bears(ts, "white_check_mark")
