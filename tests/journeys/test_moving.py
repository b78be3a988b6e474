"""Channels that are left, renamed or shared: all that waited is shown where the account is now, and trouble is told once."""

from __future__ import annotations

from functools import partial

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import reconnect
from tests.journeys.seen import decided, figure, told_of, words
from tests.journeys.test_places import BREAKS, SQLITE, alert
from tests.journeys.world import ALERTS, CHECK, KINDS, OTHER, SUPPORT, World


async def passing(world: World, text: str) -> Message:
    """The card in the new channel in whose thread *text* stands; time passes, for what waits and is looked for."""
    cards = partial(world.roots, OTHER)
    await world.forward(lambda: any(text in "".join(world.lines(card)) for card in cards()))
    return await world.root(text, OTHER)


@pytest.mark.parametrize("again", ["set", "add"])
async def test_what_a_left_channel_held_is_shown_in_the_new_one_whole_and_in_order(
    database_url: str, again: str
) -> None:
    """Deleted, then chosen anew: all that waited is shown, a post of unknown end too; the incident is over, once."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer(name="Ken")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        world.slack.faults.add(method="chat.postMessage", kind="reset_before", match={"text": "lost"})
        await world.meta.write(yuki, "lost")
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        world.slack.delete_channel(SUPPORT)
        for number in range(3):
            await world.meta.write(yuki, f"yuki {number}")
            await world.meta.write(ken, f"ken {number}")
        told = await alert(world, "deleted")
        await decided(world)
        await world.forward(
            lambda: world.rows("SELECT id FROM outbox WHERE kind = 'LookForPost' AND reason IS NOT NULL")
        )
        for kind in KINDS:
            await (world.set if again == "set" else partial(reconnect, world))(kind, channel=OTHER)
        fresh, other = await passing(world, "yuki 2"), await passing(world, "ken 2")
        assert words(world, fresh) == ["lost", *(f"yuki {number}" for number in range(3))]
        assert words(world, other) == [f"ken {number}" for number in range(3)]
        await world.until(lambda: "Mended" in world.slack.plain(told))
        await world.calm()
        assert len(told_of(world)) == 1
        assert await figure(world, "threadbridge_held_targets") == 0
        # The card that could not be drawn in the channel that is gone is looked at once more, where it stands now.
        left = "SELECT id FROM outbox WHERE state IN ('ready', 'unsure', 'working') AND kind != 'RedrawCard'"
        assert world.rows(left) == []
        assert root.channel == SUPPORT


@SQLITE
@pytest.mark.parametrize("how", BREAKS)
async def test_a_channel_that_was_left_closed_is_led_back_to_and_announced_no_more(database_url: str, how: str) -> None:
    """Archived, or the bot removed: the old thread can still be read, and the new one says where."""
    close, _, _ = BREAKS[how]
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        await world.root("before")
        await world.calm()
        close(world, SUPPORT)
        await world.meta.write(yuki, "meanwhile")
        told = await alert(world, "cannot be shown")
        await decided(world)
        for kind in KINDS:
            await world.set(kind, channel=OTHER)
        fresh = await passing(world, "meanwhile")
        assert ["earlier thread" in line for line in words(world, fresh)] == [True, False]
        await world.until(lambda: "Mended" in world.slack.plain(told))
        await world.calm()
        closed = [each for each in told_of(world) if "cannot be shown" in world.slack.plain(each)]
        assert closed == [told]  # of its card a person may be asked, if it was being drawn just then
        assert await figure(world, "threadbridge_held_targets") == 0


@SQLITE
async def test_a_renamed_channel_is_the_same_channel(database_url: str) -> None:
    """Its id stays: nothing breaks, nothing is announced."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        world.slack.rename_channel(SUPPORT, "customers")
        await world.meta.write(yuki, "two")
        await world.until(lambda: words(world, root) == ["one", "two"])
        ts = await world.answer(root, "hello")
        await world.signed(root, ts, CHECK)
        assert world.roots(ALERTS) == []


@SQLITE
async def test_a_channel_that_becomes_shared_is_announced_once_until_somebody_decides(database_url: str) -> None:
    """Its people read what customers write: told where the alerts go, over when it is ended, left, or meant so."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        world.slack.share_channel(SUPPORT)
        told = await alert(world, "another company reads")
        world.slack.share_channel(SUPPORT)
        await world.meta.write(yuki, "two")
        await world.until(lambda: words(world, root) == ["one", "two"])
        await decided(world)
        await world.calm()
        assert len(world.roots(ALERTS)) == 1
        world.slack.share_channel(SUPPORT, shared=False)
        await world.until(lambda: "Mended" in world.slack.plain(told))
        world.slack.share_channel(SUPPORT)
        again = await world.until(lambda: world.roots(ALERTS)[1:])
        for kind in KINDS:
            await world.set(kind, shared_channel=True)
        await world.until(lambda: "Mended" in world.slack.plain(again[0]))
        world.slack.share_channel(SUPPORT)
        await decided(world)
        await world.calm()
        assert len(world.roots(ALERTS)) == 2


@SQLITE
async def test_a_new_card_shows_who_waits_and_no_second_line_does(database_url: str) -> None:
    """What would have been shown in the channel that closed opens a card in the new one: once is enough."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        ts = await world.answer(root, "hello")
        await world.signed(root, ts, CHECK)
        world.slack.archive(SUPPORT)
        await decided(world)
        await world.meta.write(yuki, "meanwhile")
        await decided(world)
        await world.set("messenger", channel=OTHER)
        fresh = await passing(world, "meanwhile")
        await world.calm()
        assert [each.ts for each in world.slack.channel_messages(OTHER)] == [fresh.ts]
        assert words(world, fresh)[-1] == "meanwhile"
