"""Channels that close, tokens that die, accounts that are paused or moved: held, said once, and shown afterwards in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.demo.slack import Message
from bridge.model.state import Wish
from tests.journeys.hands import reconnect
from tests.journeys.seen import decided, figure, posted, ready, told_of, words
from tests.journeys.world import AKI, ALERTS, CHECK, KINDS, MINUTE, OTHER, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BREAKS: dict[str, tuple[Callable[[World, str], None], Callable[[World, str], None], str]] = {
    "archived": (
        lambda world, place: world.slack.archive(place),
        lambda world, place: world.slack.unarchive(place),
        "was archived",
    ),
    "removed": (
        lambda world, place: world.slack.remove_bot(place),
        lambda world, place: world.slack.invite_bot(place),
        "removed from the channel",
    ),
}


async def alert(world: World, text: str, channel: str = ALERTS) -> Message:
    """The alert that says *text*, as soon as there is one."""
    return await world.until(
        lambda: next((each for each in world.roots(channel) if text in world.slack.plain(each)), None)
    )


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("heard", [True, False], ids=["told", "not told"])
async def test_a_channel_that_cannot_be_posted_into_holds_its_messages_until_it_can(
    database_url: str, how: str, heard: bool
) -> None:
    """Archived, or the bot removed, heard of by an event or by the refusal: held, announced once, mended, shown in order."""
    close, reopen, why = BREAKS[how]
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer(name="Ken")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        if not heard:
            world.slack.deliveries.drop_next(2 if how == "removed" else 1)
        close(world, SUPPORT)
        await decided(world)
        for number in range(3):
            await world.meta.write(yuki, f"yuki {number}")
            await world.meta.write(ken, f"ken {number}")
        told = await alert(world, why if heard or how == "archived" else "The bridge is not in the channel")
        assert f"Messages of Hanako Flowers cannot be shown in #{'support'}" in world.slack.plain(told)
        await decided(world)
        await world.ticked()
        assert words(world, root) == ["before"]
        assert len(told_of(world)) == 1
        reopen(world, SUPPORT)
        other = await world.root("ken 2")
        await world.until(lambda: len(words(world, root)) == 4)
        assert words(world, root) == ["before", *(f"yuki {number}" for number in range(3))]
        assert words(world, other) == [f"ken {number}" for number in range(3)]
        await world.until(lambda: "Mended" in world.slack.plain(told))
        await world.calm()
        assert len(told_of(world)) == 1


@SQLITE
async def test_a_channel_that_is_back_without_a_word_is_found_to_be(database_url: str) -> None:
    """The event of its return is lost too, as in a downtime: the channel is looked at again, and everything goes on."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.slack.archive(SUPPORT)
        await decided(world)
        await world.meta.write(yuki, "one")
        told = await alert(world, "archived")
        world.clock.move(6 * MINUTE)
        await world.ticked()
        assert world.roots() == []
        world.slack.deliveries.drop_next()
        world.slack.unarchive(SUPPORT)
        world.clock.move(6 * MINUTE)
        assert words(world, await world.root("one")) == ["one"]
        await world.until(lambda: "Mended" in world.slack.plain(told))
        assert len(told_of(world)) == 1


@SQLITE
async def test_a_channel_that_is_gone_is_left_by_the_command_that_names_another(database_url: str) -> None:
    """Deleted: held and announced; the account's conversations follow it into the channel that is set, within 3 s."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer(name="Ken")
        await world.meta.write(yuki, "before")
        await world.root("before")
        await world.calm()
        world.slack.delete_channel(SUPPORT)
        await world.meta.write(yuki, "after")
        await world.meta.write(ken, "hello")
        await alert(world, "deleted")
        await world.set("messenger", channel=OTHER)
        root = await world.root("after", OTHER)
        assert words(world, root) == ["after"]
        assert words(world, await world.root("hello", OTHER)) == ["hello"]
        ts = await world.answer(root, "we moved")
        await world.until_phone(yuki, ["we moved"])
        await world.signed(root, ts, CHECK)
        await world.calm()
        assert len(told_of(world)) == 1


@SQLITE
@pytest.mark.parametrize("how", ["deleted", *BREAKS])
async def test_each_account_of_a_closed_channel_has_an_announcement_of_its_own(database_url: str, how: str) -> None:
    """Contract: an alert is in the account's alerts channel, names it, counts what waits of it, and ends when that goes."""
    close = BREAKS[how][0] if how in BREAKS else lambda world, place: world.slack.delete_channel(place)
    async with World.open(database_url) as world:
        await world.set("instagram", alerts_channel=OTHER)
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        close(world, SUPPORT)
        await decided(world)
        for number in range(2):
            await world.meta.write(yuki, f"yuki {number}")
        await world.meta.write(ken, "ken")
        flowers = await alert(world, "Messages of Hanako Flowers cannot be shown")
        shop = await alert(world, "Messages of Shop Hanako cannot be shown", OTHER)
        await world.forward(lambda: "2 messages wait" in world.slack.plain(flowers))
        await world.forward(lambda: "1 message waits" in world.slack.plain(shop))
        third = "C0THIRD"
        world.slack.add_channel(third, "third", members=(AKI,))
        await world.set("messenger", channel=third)
        assert words(world, await world.root("yuki 1", third)) == ["yuki 0", "yuki 1"]
        await world.until(lambda: "Mended" in world.slack.plain(flowers))
        await world.forward(lambda: "1 message waits" in world.slack.plain(shop))
        assert "Mended" not in world.slack.plain(shop)
        await world.set("instagram", channel=third)
        assert words(world, await world.root("ken", third)) == ["ken"]
        await world.until(lambda: "Mended" in world.slack.plain(shop))
        assert (len(told_of(world)), len(told_of(world, OTHER, "Shop Hanako"))) == (1, 1)


@SQLITE
async def test_one_closed_channel_silences_no_other(database_url: str) -> None:
    """ZI-06: two accounts in two channels; what happens to one channel is nothing to the other, nor to answers."""
    async with World.open(database_url) as world:
        await world.set("instagram", channel=OTHER)
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        await world.meta.write(yuki, "first")
        root = await world.root("first")
        await world.meta.write(ken, "hello")
        other = await world.root("hello", OTHER)
        world.slack.remove_bot(OTHER)
        await decided(world)
        await world.meta.write(ken, "are you there?")
        await alert(world, "The bridge was removed")
        await world.meta.write(yuki, "second")
        await world.until(lambda: words(world, root) == ["first", "second"])
        ts = await world.answer(root, "yes")
        await world.until_phone(yuki, ["yes"])
        await world.signed(root, ts, CHECK)
        assert words(world, other) == ["hello"]


@SQLITE
@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("heard", [True, False], ids=["told", "not told"])
async def test_a_broken_alerts_channel_is_told_of_in_the_other_and_hides_nothing(
    database_url: str, how: str, heard: bool
) -> None:
    """Contract: not reachable: the account's own channel. Both troubles are told there, once each."""
    close, reopen, _ = BREAKS[how]
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        if not heard:
            world.slack.deliveries.drop_next(2 if how == "removed" else 1)
        close(world, ALERTS)
        await decided(world)
        world.slack.faults.add(
            method="chat.postMessage", kind="error", error="invalid_blocks", match={"text": "x"}, times=2
        )
        await world.meta.write(yuki, "x")
        await alert(world, "could not be shown in Slack", SUPPORT)
        broken = await alert(world, "cannot be shown in #support-alerts", SUPPORT)
        await world.calm()
        assert len(told_of(world, SUPPORT, "alerts of Hanako Flowers")) == 1
        reopen(world, ALERTS)
        await world.until(lambda: "Mended" in world.slack.plain(broken))
        await world.calm()
        assert world.roots(ALERTS) == []
        assert len(told_of(world, SUPPORT, "alerts of Hanako Flowers")) == 1
        assert words(world, root) == ["hello"]


@SQLITE
async def test_without_an_alerts_channel_the_operators_or_their_own_hears(database_url: str) -> None:
    """Contract, BRIDGE_OPS_CHANNEL: the default for alerts; neither set: the account's own channel."""
    async with World.open(database_url, ops_channel=OTHER) as world:
        await world.set("messenger", alerts_channel=None)
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        await world.root("hello")
        world.slack.faults.add(
            method="chat.postMessage", kind="error", error="invalid_blocks", match={"text": "x"}, times=2
        )
        await world.meta.write(yuki, "x")
        await alert(world, "could not be shown in Slack", OTHER)
        assert posted(world, ALERTS) == []


async def test_a_revoked_token_holds_everything_and_loses_nothing(database_url: str) -> None:
    """Token revoked, told by Slack or by the first refusal: nothing is lost, in neither direction; sent after."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        world.slack.revoke_token()
        await decided(world)
        before = len(world.slack.calls)
        for number in range(3):
            await world.meta.write(yuki, f"during {number}")
        await world.meta.write(ken, "hello")
        await decided(world)
        await world.ticked()
        assert {call.method for call in world.slack.calls[before:]} <= {"auth.test"}
        assert words(world, root) == ["before"]
        status, body = await ready(world)
        assert (status, body["problems"]) == (503, ["Slack does not accept our token: `threadbridge check` tells more"])
        assert await figure(world, "threadbridge_held_targets") >= 1
        assert await figure(world, "threadbridge_outbox_rows", state="held") >= 5
        ts = await world.answer(root, "can you hear me?")
        world.slack.restore_token()
        await world.forward(lambda: len(words(world, root)) == 5)
        assert [line for line in words(world, root) if line != "can you hear me?"] == [
            "before",
            *(f"during {number}" for number in range(3)),
        ]
        await world.root("hello")
        await world.until_phone(yuki, ["can you hear me?"])
        await world.signed(root, ts, CHECK)
        await world.calm()
        assert len(world.roots()) == 2
        assert (await ready(world))[0] == 200
        assert await figure(world, "threadbridge_held_targets") == 0


@SQLITE
@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_expired"])
async def test_a_token_that_is_refused_is_as_good_as_revoked(database_url: str, error: str) -> None:
    """No event tells of it: the first refusal holds the desk, and a probe finds that it lives again."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        dead = world.slack.faults.add(method="*", kind="error", error=error, times=None)
        await world.meta.write(yuki, "one")
        await world.until(lambda: any(call.error == error for call in world.slack.calls))
        await world.meta.write(yuki, "two")
        await decided(world)
        await world.ticked()
        posts = [call for call in world.slack.calls if call.method == "chat.postMessage"]
        assert len(posts) == 1
        world.slack.faults.remove(dead)
        await world.forward(world.roots)
        assert words(world, await world.root("two")) == ["one", "two"]


@SQLITE
@pytest.mark.parametrize("kind", KINDS[:2])
async def test_what_arrives_while_an_account_is_paused_is_shown_when_it_is_resumed(
    database_url: str, kind: str
) -> None:
    """ZI-31, ZM-20: kept with its words, shown in order on resume; the cards say so; other accounts go on."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(kind, name="Yuki"), world.customer(kind, name="Ken")  # type: ignore[arg-type]
        mio = world.customer("instagram_login", name="Mio")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        await world.wish(kind, Wish.PAUSED)  # type: ignore[arg-type]
        await world.until(lambda: "is paused" in world.slack.plain(root))
        for number in range(2):
            await world.meta.write(yuki, f"yuki {number}")
            await world.meta.write(ken, f"ken {number}")
        await world.meta.write(mio, "I am not")
        await world.root("I am not")
        await decided(world)
        assert words(world, root) == ["before"]
        assert len(world.roots()) == 2
        await world.answer(root, "too late?")
        assert "paused" in await world.until_told("paused", AKI)
        assert world.phone(yuki) == []
        await world.wish(kind, Wish.ON)  # type: ignore[arg-type]
        other = await world.root("ken 1")
        await world.until(lambda: words(world, root)[-1:] == ["yuki 1"])
        assert [line for line in words(world, root) if line != "too late?"] == ["before", "yuki 0", "yuki 1"]
        assert words(world, other) == ["ken 0", "ken 1"]
        await world.until(lambda: "is paused" not in world.slack.plain(root))


@SQLITE
async def test_a_removed_account_is_silent_and_its_threads_stay(database_url: str) -> None:
    """ZI-28, ZI-29, ZM-19: 200 and nothing shown; history stays readable, the card says so, nothing is sent."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        await world.wish("messenger", Wish.REMOVED)
        await world.until(lambda: "was removed" in world.slack.plain(root))
        await world.meta.write(yuki, "hello?")
        await world.meta.write(world.customer(name="Ken"), "anybody?")
        await decided(world)
        await world.calm()
        assert {delivery.state for delivery in world.meta.deliveries.record} == {"delivered"}
        assert words(world, root) == ["before"]
        assert len(world.roots()) == 1
        await world.answer(root, "hello")
        await world.until_told("no longer connected", AKI)
        assert world.phone(yuki) == []


@SQLITE
async def test_what_customers_wrote_while_an_account_was_removed_is_kept_by_nobody_and_read_when_it_comes_back(
    database_url: str,
) -> None:
    """ZI-28, ZI-31, ZM-19: nothing of it stands in the database; after the next login the network's record has it."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        still = world.meta.faults.add(method="subscribed_apps", kind="reset_before", times=None)  # Meta goes on telling
        await world.wish("messenger", Wish.REMOVED)
        await world.meta.write(yuki, "is anybody there?")
        await world.meta.settle()
        world.meta.deliveries.drop_next()
        await world.meta.write(yuki, "nobody?")
        await world.meta.settle()
        assert [each.state for each in world.meta.deliveries.record][-2:] == ["delivered", "dropped"]
        await world.until(lambda: not world.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"))
        assert not world.rows("SELECT id FROM inbox WHERE CAST(body AS TEXT) LIKE '%anybody there%'")
        world.meta.faults.remove(still)
        await reconnect(world, "messenger")
        await world.until(lambda: any("nobody?" in line for line in words(world, root)))
        await world.calm()
        found = [line for line in words(world, root) if "Found later, in Messenger’s history" in line]
        assert [line.split("\n")[0] for line in found] == ["is anybody there?", "nobody?"]


@SQLITE
async def test_a_setting_changed_beside_the_running_service_is_heeded(database_url: str) -> None:
    """ZI-15, ZI-24: another channel for an account, set by command: the next message lands there, and only there."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        await world.meta.write(yuki, "one")
        old = await world.root("one")
        await world.set("messenger", channel=OTHER)
        await world.meta.write(yuki, "two")
        fresh = await world.root("two", OTHER)
        assert words(world, fresh)[-1] == "two"
        assert words(world, old)[0] == "one"
        await world.meta.write(ken, "hello")
        await world.root("hello", SUPPORT)
        ts = await world.answer(old, "from the old thread")
        await world.until_phone(yuki, ["from the old thread"])
        await world.signed(old, ts, CHECK)
