"""Two workers on one database, which tick, decide and deliver at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.year.model import told
from tests.year.script import Plan
from tests.year.service import Service
from tests.year.times import HOUR
from tests.year.world import World

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def together(world: World, *others: Service, times: int = 6) -> None:
    """All of them at once, again and again, an hour later each time."""
    for _ in range(times):
        world.times.pass_to(world.times.steady() + HOUR)
        await asyncio.gather(*(each.settle() for each in (world.service, *others)))


async def test_what_two_find_at_once_is_told_once(database_url: str) -> None:
    """CT-33, ZM-14: each account is asked about once a day, and each trouble announced and closed once."""
    async with World.open(database_url, Plan(seed=3, shops=12, days=4)) as world, world.beside() as other:
        await together(world, other, times=26)
        for shop in world.shops:
            shop.trouble = "190/460"
        await together(world, other, times=26)
        found = told(world)
        assert {shop.id: len(found[shop.id]) for shop in world.shops} == {shop.id: 1 for shop in world.shops}
        asked = Counter(call.shop for call in world.meta.calls if call.what == "ProbeAccount")
        assert {*asked.values()} <= {2, 3, 4}
        for shop in world.shops:
            await world.logs_in(shop)
        await together(world, other, times=2)
        again = told(world)
        assert all(each.closed is not None for shop in world.shops for each in again[shop.id])
        assert world.service.told.troubles == other.told.troubles == []
