"""Channels that go by another id, and channels that become private."""

from __future__ import annotations

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import begun, talking
from tests.journeys.seen import decided, figure, told_of, words
from tests.journeys.test_places import alert
from tests.journeys.test_work import asks
from tests.journeys.world import ALERTS, CHECK, KEN, MINUTE, OTHER, SUPPORT, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FRESH = "C0FRESHID"


async def test_everything_follows_a_channel_into_its_new_id(database_url: str) -> None:
    """Threads, answers, what waits and side threads: under the new id at once, told of nowhere, in nothing twice."""
    async with talking(database_url) as talk:
        world, slack = talk.world, talk.world.slack
        slack.add_channel("C0EXPERTS", "experts", members=(KEN,))
        await asks(talk, "ask <#C0EXPERTS> How long does it last?")
        [side] = await world.until(lambda: world.roots("C0EXPERTS"))
        ts = await talk.says("One moment.")
        await talk.bears(ts, CHECK)
        await world.calm()
        slack.change_channel_id(SUPPORT, FRESH)
        slack.change_channel_id("C0EXPERTS", "C0EXPERTS2")
        await decided(world)
        await world.meta.write(talk.customer, "And?")
        root = slack.message(FRESH, talk.root.ts)
        assert root is not None
        await world.until(lambda: "And?" in words(world, root))
        answer = await slack.say("U0AKI", FRESH, "Two weeks.", thread_ts=root.ts)
        await talk.hears("Two weeks.")
        await world.signed(root, answer, CHECK)
        await slack.say(KEN, "C0EXPERTS2", "Three, in fact.", thread_ts=side.ts)
        await world.until(lambda: any("Three, in fact." in line for line in words(world, root)))
        ken = await begun_in(world, FRESH)
        assert words(world, ken) == ["hello"]
        await world.calm()
        assert (world.roots(ALERTS), len(world.roots(FRESH))) == ([], 2)
        settings = str(world.rows("SELECT settings FROM account"))
        assert FRESH in settings
        assert SUPPORT not in settings
        assert await figure(world, "threadbridge_held_targets") == 0


async def begun_in(world: World, channel: str) -> Message:
    """Somebody new writes, whose thread stands there."""
    await world.meta.write(world.customer(name="Ken"), "hello")
    return await world.root("hello", channel)


@sqlite
async def test_what_the_old_id_held_is_mended_by_the_new_one(database_url: str) -> None:
    """Slack tells of it late: posts are refused meanwhile, and an agent writes under the new id before we know it."""
    async with talking(database_url) as talk:
        world, slack = talk.world, talk.world.slack
        await world.calm()
        slack.deliveries.hold_and_reverse(2)
        slack.change_channel_id(SUPPORT, FRESH)
        await world.meta.write(talk.customer, "one")
        await world.meta.write(talk.customer, "two")
        told = await alert(world, "cannot be shown")
        slack.deliveries.hold_and_reverse(0)
        await slack.say("U0AKI", FRESH, "I am here.", thread_ts=talk.root.ts)
        root = slack.message(FRESH, talk.root.ts)
        assert root is not None
        await talk.hears("I am here.")
        await world.until(lambda: [each for each in words(world, root) if each in ("one", "two")] == ["one", "two"])
        await world.until(lambda: "Mended" in world.slack.plain(told))
        world.clock.move(MINUTE)
        await world.calm()
        assert len(told_of(world)) == 1
        assert await figure(world, "threadbridge_held_targets") == 0


@sqlite
async def test_what_was_on_its_way_comes_under_the_new_id(database_url: str) -> None:
    """A card, a message and a removal are in hand as Slack changes the id: all are done under the new one, once."""
    async with talking(database_url) as talk:
        world, slack = talk.world, talk.world.slack
        await world.calm()
        taken_back = await world.meta.write(talk.customer, "never mind")
        await world.until(lambda: any("never mind" in line for line in talk.lines()))
        await world.calm()
        slack.faults.add(method="chat.postMessage", kind="latency", seconds=0.7, times=2)
        slack.faults.add(method="chat.delete", kind="latency", seconds=0.7)
        before = len(slack.calls)
        await world.meta.write(talk.customer, "and this?")
        await world.meta.write(world.customer(name="Ken"), "hello")
        await world.meta.unsend(talk.customer, taken_back)
        await world.until(lambda: sum(each.method == "chat.postMessage" for each in slack.calls[before:]) >= 2)
        await world.until(lambda: any(each.method == "chat.delete" for each in slack.calls[before:]))
        slack.change_channel_id(SUPPORT, FRESH)
        await world.root("hello", FRESH)
        root = slack.message(FRESH, talk.root.ts)
        assert root is not None
        await world.until(lambda: "and this?" in words(world, root))
        await world.calm()
        assert words(world, root).count("and this?") == 1
        assert "never mind" not in words(world, root)
        assert (len(world.roots(FRESH)), world.roots(ALERTS)) == (2, [])


@sqlite
async def test_the_operators_channel_is_followed_until_they_set_it(database_url: str) -> None:
    """What belongs to no account goes on coming there; the operator reads what to set."""
    async with World.open(database_url, ops_channel=OTHER) as world:
        await world.set("messenger", alerts_channel=None)
        world.slack.change_channel_id(OTHER, FRESH)
        told = await alert(world, "another id", FRESH)
        assert f"BRIDGE_OPS_CHANNEL={FRESH}" in world.slack.plain(told)
        world.slack.archive(SUPPORT)
        await alert(world, "was archived", FRESH)


@sqlite
async def test_a_channel_that_becomes_private_is_the_same_channel(database_url: str) -> None:
    """The app stays a member: nothing breaks, nothing is announced; the notice in it reaches nobody."""
    async with talking(database_url) as talk:
        talk.world.slack.convert_channel(SUPPORT)
        await talk.world.meta.write(talk.customer, "still there?")
        await talk.world.until(lambda: any("still there?" in line for line in talk.lines()))
        ts = await talk.says("Yes.")
        await talk.bears(ts, CHECK)
        other = await begun(talk.world, "instagram", "me too", name="Ken")
        assert other.root.channel == SUPPORT
        assert talk.world.roots(ALERTS) == []
