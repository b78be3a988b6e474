"""What simulated years have found, each in a world of an account or two."""

from __future__ import annotations

import pytest

from tests.year.model import told
from tests.year.script import CHECKPOINT, SLOT, Answers, Breaks, Mends, Plan, Writes
from tests.year.times import DAY, HOUR, MINUTE
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


async def test_answers_that_came_back_leave_nothing_behind_that_hides_the_mending(database_url: str) -> None:
    """CT-33, CT-35: the windows of all that waited have closed: the network's word is enough, at once."""
    async with World.open(database_url, Plan(seed=2, shops=1)) as world:
        assert not world.shops[0].human
        await passes(world, 1)
        await world.happens(Writes(shop=0, customer=0))
        await world.happens(Breaks(shop=0, error=CHECKPOINT))
        await passes(world, 1)
        for _ in range(3):
            await world.happens(Answers(shop=0, customer=0))
        await passes(world, 1)
        mended = world.times.steady()
        await world.happens(Mends(shop=0))
        await world.service.settle()
        assert [world.meta.reached[each.ref] for each in world.answers] == [0, 0, 0]
        assert [each.key for each in world.desk.alone] == ["reply.window_closed"] * 3
        (incident,) = told(world)["1000"]
        assert incident.closed is not None
        assert mended <= incident.closed <= mended + MINUTE


async def test_a_warning_that_was_due_while_nobody_ran_is_not_lost_in_a_refusal(database_url: str) -> None:
    """CT-32: back from a standstill the bridge finds the login refused; once that is over, its end is near all the same."""
    async with World.open(database_url, Plan(seed=1, shops=2)) as world:
        shop = world.shops[1]
        await passes(world, 1)
        await world.service.stop()
        (end,) = (end for _, end in world.meta.ends[shop.id])
        world.times.pass_to(end - 14 * DAY + HOUR)
        await world.service.start()
        await world.happens(Breaks(shop=1, error=CHECKPOINT))
        await passes(world, 2)
        await world.happens(Mends(shop=1))
        await passes(world, 2)
        first, second = (
            each.first.incident.values for each in world.desk.announced.values() if each.place == "CALERTS1"
        )
        assert (first["stage"], second["stage"]) == ("refused", "fortnight")
