"""What was missed and cannot be read, or not all of it: nobody is left to believe that all of it is there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.hands import ASKED, talking
from tests.journeys.seen import posted
from tests.journeys.test_backfill import deaf, found, words_in_order
from tests.journeys.world import ALERTS, HOUR, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CALL = "conversations"


async def later(world: World, times: int) -> None:
    """Let time pass, 2 minutes at a time, each when all that was due at the last is done: an hour is an hour."""
    for _ in range(times):
        world.clock.move(timedelta(minutes=2))
        await world.ticked(3)
        await world.calm(timedelta())


def told(world: World) -> list[str]:
    """The alerts about what cannot be read."""
    return [line for line in posted(world, ALERTS) if "cannot be read" in line]


def sizes(world: World) -> list[str]:
    """How many conversations each page asked for; the hourly look whether any may be read asks for nothing in them."""
    pages = [call.arguments for call in world.meta.calls if call.method == CALL and "fields" in call.arguments]
    return [str(each["limit"]) for each in pages if "limit" in each]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "error": {"code": 1}, "status": 500},
        {"kind": "error", "error": {"code": 2}, "status": 500},
        {"kind": "error", "error": {"code": 10}, "status": 400},
        {"kind": "status", "status": 500},
    ],
    ids=["1", "2", "10", "bare"],
)
async def test_what_meta_does_not_tell_is_an_incident_until_it_is_read(
    database_url: str, fault: dict[str, Any]
) -> None:
    """M-26: refused, or failed eight times: told once, begun anew every hour, over as soon as all of it was read."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        await world.calm()
        world.meta.faults.add(method=CALL, times=None, **fault)
        async with deaf(world):
            world.clock.move(3 * HOUR)
            await world.meta.write(talk.customer, "missed")
        for _ in range(30):
            await later(world, 1)
            if told(world):
                break
        await world.until(lambda: told(world))
        before = len(sizes(world))
        await later(world, 10)
        assert len(sizes(world)) == before
        world.meta.faults.clear()
        world.clock.move(HOUR)
        await world.until(lambda: words_in_order(talk, ASKED, "missed"))
        await world.until(lambda: all("Mended" in line for line in told(world)))
        assert len(found(talk)) == 1


async def test_a_page_that_fails_without_a_word_is_asked_for_with_less_on_it(database_url: str) -> None:
    """M-26: perhaps it was too large; it counts against the page alone, and looks for lost answers go on beside it."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        await world.calm()
        world.meta.faults.add(method=CALL, kind="status", status=502, times=None, match={"limit": "10"})
        async with deaf(world):
            world.clock.move(3 * HOUR)
            await world.meta.write(talk.customer, "missed")
        await world.forward(lambda: words_in_order(talk, ASKED, "missed"))
        assert {"10", "5"} <= set(sizes(world))
        assert told(world) == []


@pytest.mark.parametrize("last", ["customer", "shop"])
async def test_where_the_record_is_cut_the_thread_says_so_before_the_first_that_is_told(
    database_url: str, last: str
) -> None:
    """M-26: of thirty that were missed Meta tells twenty; the line leads to where the others are read."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(3 * HOUR)
            for number in range(30):
                world.clock.move(timedelta(seconds=5))
                if number == 10 and last == "shop":
                    await world.meta.native_reply(world.account("instagram"), talk.customer, "missed 10")
                else:
                    await world.meta.write(talk.customer, f"missed {number:02}")
        await world.until(lambda: len(found(talk)) == 20, seconds=40)
        await world.until(lambda: any("More was missed" in line for line in talk.lines()))
        await world.calm()
        lines = talk.lines()
        cut = [place for place, line in enumerate(lines) if "More was missed" in line]
        assert len(cut) == 1
        assert lines[cut[0]].endswith("Instagram")


async def test_a_conversation_that_is_told_whole_is_not_called_cut(database_url: str) -> None:
    """M-26: eighteen missed and eighteen told, with one that was heard."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(3 * HOUR)
            for number in range(18):
                await world.meta.write(talk.customer, f"missed {number:02}", at=world.clock.time() + number)
        await world.until(lambda: len(found(talk)) == 18, seconds=40)
        await world.calm()
        assert not any("More was missed" in line for line in talk.lines())
