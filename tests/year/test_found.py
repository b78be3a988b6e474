"""What simulated years have found, each in a world of an account or two."""

from __future__ import annotations

import pytest

from tests.year.model import told
from tests.year.script import CHECKPOINT, SLOT, Answers, Breaks, Mends, Plan, Writes
from tests.year.times import DAY, MINUTE
from tests.year.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def passes(world: World, slots: int) -> None:
    """So much time."""
    for _ in range(slots):
        await world.service.settle()
        world.times.pass_to(world.times.steady() + SLOT)


async def test_a_reading_that_goes_through_leaves_the_try_to_the_answers_that_wait(database_url: str) -> None:
    """CT-33, CT-35: the checkpoint is over while names have still to be learnt: what waits goes at once, and the alert is over."""
    async with World.open(database_url, Plan(seed=1, shops=1)) as world:
        for event in (Writes(shop=0, customer=0), Answers(shop=0, customer=0), Breaks(shop=0, error=CHECKPOINT)):
            await passes(world, 2)
            await world.happens(event)
        await passes(world, DAY // SLOT + 1)
        for customer in range(4):
            await world.happens(Writes(shop=0, customer=customer))
        await passes(world, 1)
        mended = world.times.steady()
        await world.happens(Mends(shop=0))
        await world.happens(Answers(shop=0, customer=0))
        await world.service.settle()
        assert [world.meta.reached[each.ref] for each in world.answers] == [1, 1]
        (incident,) = told(world)["1000"]
        assert incident.closed is not None
        assert mended <= incident.closed <= mended + MINUTE
