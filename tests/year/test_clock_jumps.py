"""What people go by is set ahead and back, again and again, while accounts break and are mended."""

from __future__ import annotations

from random import Random

import pytest

from tests.year.model import told
from tests.year.script import SLOT, Plan
from tests.year.times import DAY, HOUR
from tests.year.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AHEAD = (HOUR, 5 * HOUR, DAY, 3 * DAY, 20 * DAY)
"""So far what people go by is set wrong, in either direction."""
SHOPS, BROKEN = range(12), range(1, 12, 2)


async def passes(world: World, chance: Random, slots: int) -> None:
    """So much time, with a clock that is set wrong, more wrong, and right again; at last it is right for two days."""
    wrong = 0 * DAY
    for left in reversed(range(slots)):
        by = -wrong if left < 2 * DAY / SLOT else chance.choice((-1, 1)) * chance.choice(AHEAD) - wrong
        world.times.jump(by)
        wrong += by
        world.times.pass_to(world.times.steady() + SLOT)
        await world.service.settle()
    assert world.times.now() == world.times.steady()


@pytest.mark.parametrize("seed", [1, 2])
async def test_however_the_clock_jumps_each_trouble_is_told_once_and_over_once(database_url: str, seed: int) -> None:
    """CT-33, CT-35: each trouble is announced once and over once, and nothing is told of who stays well."""
    chance = Random(seed)
    async with World.open(database_url, Plan(seed=seed, shops=len(SHOPS))) as world:
        await passes(world, chance, 12)
        broke = world.times.steady()
        for number in BROKEN:
            world.shops[number].trouble = "190/460"
        await passes(world, chance, 12)
        mended = world.times.steady()
        for number in BROKEN:
            await world.logs_in(world.shops[number])
        await passes(world, chance, 12)
        found = told(world)
        for number in SHOPS:
            heard = found.get(world.shops[number].id, [])
            assert [each.times for each in heard] == [1] * (number in BROKEN)
            assert all(broke <= each.opened < mended for each in heard)
            assert all(each.closed is not None and each.closed >= mended and not each.reopened for each in heard)
        assert world.service.told.troubles == []
