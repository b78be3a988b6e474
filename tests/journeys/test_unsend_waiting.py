"""What is taken back is waited for no more: the card says whose turn it is by what still stands."""

from __future__ import annotations

import pytest

from tests.journeys.test_unsend import begun, lines, told, tombstones
from tests.journeys.world import MINUTE, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize("kind", ["messenger", "instagram"])


def card(world: World) -> str:
    """What the one card says."""
    (root,) = world.roots()
    return world.slack.plain(root)


def work(world: World) -> list[tuple[str, int | None]]:
    """Whose turn it is, and since when the customer waits."""
    return world.rows("SELECT work, waiting_since FROM conversation")


@BOTH
async def test_who_took_back_all_that_was_unanswered_waits_no_more(database_url: str, kind: Kind) -> None:
    """M-17, CT-05: before any answer, and after one; the window that the message opened stays open."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")
        mid = await world.meta.write(yuki, "first")
        root = await world.root("first")
        await world.until(lambda: "Waiting since" in card(world))
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: "Waiting since" not in card(world))
        assert "Replies possible until" in card(world)
        ts = await world.answer(root, "Can we help?")
        await world.signed(root, ts, "white_check_mark")
        world.clock.move(MINUTE)
        mid = await world.meta.write(yuki, "second")
        await world.forward(lambda: "Waiting since" in card(world))
        await world.meta.unsend(yuki, mid)
        await world.forward(lambda: "Answered by Aki" in card(world))
        assert work(world) == [("answered", None)]


@SQLITE
async def test_who_took_back_the_first_of_several_waits_since_the_next(database_url: str) -> None:
    """M-17, CT-05: the earliest of what still stands counts; whatever else is taken back changes nothing."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        first = work(world)
        world.clock.move(MINUTE)
        later = await world.meta.write(yuki, "later")
        await told(world, root, "later")
        await world.meta.unsend(yuki, later)
        await world.until(lambda: len(tombstones(world, root)) == 1)
        assert work(world) == first
        world.clock.move(MINUTE)
        await world.meta.write(yuki, "last of all")
        await told(world, root, "last of all")
        (bubble,) = [each for each in yuki.bubbles if each.text == "hello"]
        await world.meta.unsend(yuki, bubble.mid)
        await world.until(lambda: len(tombstones(world, root)) == 2)
        ((state, since),) = work(world)
        assert (state, since) == ("waiting", world.rows("SELECT max(at) FROM message WHERE text IS NOT NULL")[0][0])


@SQLITE
async def test_what_was_taken_back_before_it_came_is_not_waited_for(database_url: str) -> None:
    """M-17: the unsend overtakes its message; the window opens all the same."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.meta.deliveries.hold_and_reverse(2)
        mid = await world.meta.write(yuki, "never seen")
        await world.meta.unsend(yuki, mid)
        root = await world.root("unsent a message")
        await world.until(lambda: "Replies possible until" in card(world))
        assert "Waiting since" not in card(world)
        assert len(lines(world, root)) == 1
