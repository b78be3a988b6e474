"""A year of many accounts, simulated: whatever breaks, ends, stops or is set wrong, all is told once, and in time.

The real store, loops and rules stand between two worlds in memory; a model that knows the script alone says what must
have been seen. Crashes in the very moment of a call are counted out by the rows that were in hand.
"""

from __future__ import annotations

import pytest

from tests.year.model import Year
from tests.year.script import Plan
from tests.year.world import World

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KINDS = {None, "190/460", "190/459", "190/492", "190/458", "10", "100/2534013"}
"""Among others: a password, a checkpoint, a role, an app that was removed, a permission, a Page."""
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def played(database_url: str, plan: Plan) -> World:
    """The world after it, when all is well again."""
    async with World.open(database_url, plan) as world:
        await world.play()
        await world.mended()
    return world


def judged(world: World) -> None:
    """Nothing is wrong, and there was enough that could have been."""
    assert world.service.told.troubles == []
    assert Year(world).wrong() == []
    assert world.desk.announced
    assert world.desk.owners
    assert world.desk.further
    assert world.desk.named
    assert world.service.died
    assert world.downs
    assert {each.error for each in world.meta.calls} >= KINDS


@ON_SQLITE
@pytest.mark.timeout(600)
async def test_in_two_hundred_days_every_incident_is_announced_once_and_closed_once(database_url: str) -> None:
    """CT-30…33, ZM-14, ZI-22, F2, F4, F15: none early, none missed, none twice; whoever waits is told of; every answer goes or returns."""
    judged(await played(database_url, Plan(seed=3, shops=20, days=200, talks=5, stops=10, deaths=24, jumps=2)))


@ON_SQLITE
@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_year_of_two_hundred_accounts(database_url: str, seed: int) -> None:
    """CT-30…33, ZM-14, ZI-22, F2, F4, F15: all kinds of accounts, 60 crashes, 24 downtimes, 6 clocks set wrong."""
    judged(await played(database_url, Plan(seed=seed)))


@ON_POSTGRES
@pytest.mark.soak
async def test_the_same_on_postgresql(database_url: str) -> None:
    """CT-30…33, ZM-14: the same rules on the other database, for four months."""
    judged(await played(database_url, Plan(seed=5, shops=20, days=120, stops=6, deaths=20, jumps=2)))
