"""Cards of threads that a newer one has followed: nothing draws them again, so that they may hold no word of a customer's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.demo.meta import Customer
from bridge.demo.slack import Message
from tests.journeys.seen import words
from tests.journeys.test_places import alert
from tests.journeys.test_unsend import WORD, begun, shows, told, tombstones
from tests.journeys.world import AKI, ALERTS, KINDS, OTHER, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OVER = timedelta(days=31)


async def previewed(world: World) -> tuple[Customer, Message, str]:
    """A customer whose last words stand in their thread and on its card."""
    yuki, root = await begun(world, "instagram")
    mid = await world.meta.write(yuki, WORD)
    await world.until(lambda: len(shows(world)) == 2)
    await world.calm()
    return yuki, root, mid


async def moved(world: World, yuki: Customer) -> Message:
    """The account goes to another channel, and so does the conversation, with the customer's next words."""
    for kind in KINDS:
        await world.set(kind, channel=OTHER)
    await world.meta.write(yuki, "moved")
    fresh = await world.root("moved", OTHER)
    await world.calm()
    return fresh


@pytest.mark.parametrize("how", ["moved", "reopened"])
async def test_the_card_of_a_thread_that_another_has_followed_holds_no_words(database_url: str, how: str) -> None:
    """M-17, promise 6: it says that the conversation goes on; an unsend later leaves no word of it anywhere."""
    async with World.open(database_url) as world:
        yuki, root, mid = await previewed(world)
        if how == "moved":
            fresh = await moved(world, yuki)
        else:
            world.clock.move(OVER)
            await world.until(lambda: "Closed" in world.slack.plain(world.roots()[0]))
            await world.calm()
            await world.meta.write(yuki, "hello again")
            fresh = await world.root("hello again")
            await world.calm()
        card = world.slack.plain(root)
        assert "goes on in a newer thread" in card
        assert "Yuki" in card
        assert WORD not in card
        assert WORD in words(world, root), "its post stands where it stood"
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: tombstones(world, root))
        await world.calm()
        assert tombstones(world, fresh) == [], "it never stood there"
        assert shows(world) == []


@SQLITE
async def test_two_moves_leave_two_cards_without_words(database_url: str) -> None:
    """M-17: each root has its own turn, whatever else of the conversation's cards is waiting."""
    async with World.open(database_url) as world:
        yuki, root, _ = await previewed(world)
        fresh = await moved(world, yuki)
        for kind in KINDS:
            await world.set(kind, channel=SUPPORT)
        await world.meta.write(yuki, "back again")
        last = await world.root("back again")
        await world.calm()
        assert ["goes on in a newer thread" in world.slack.plain(each) for each in (root, fresh, last)] == [
            True,
            True,
            False,
        ]


@SQLITE
async def test_words_on_an_old_card_that_slack_does_not_change_a_person_is_asked_to_delete(database_url: str) -> None:
    """M-17, promise 4: not while nothing was taken back; then with a link to the card, over when somebody did."""
    async with World.open(database_url) as world:
        yuki, root, mid = await previewed(world)
        world.slack.faults.add(
            method="chat.update", kind="error", error="cant_update_message", times=None, match={"ts": root.ts}
        )
        await moved(world, yuki)
        assert WORD in world.slack.plain(root)
        assert world.roots(ALERTS) == []
        await world.meta.unsend(yuki, mid)
        asked = await alert(world, "still shows what a customer has")
        assert root.ts.replace(".", "") in str(asked.blocks)
        assert WORD not in str(asked.blocks)
        await told(world, root, "unsent a message")
        await world.slack.delete(AKI, SUPPORT, root.ts)
        await world.until(lambda: "Mended" in world.slack.plain(asked))
