"""What becomes of a customer's words while Slack fails: nothing lost, nothing twice, in order, and said where it matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.faults import Fault
from tests.journeys.seen import decided, words
from tests.journeys.world import ALERTS, CHECK, HOUR, KINDS, MINUTE, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POST = "chat.postMessage"


def fail(world: World, kind: Any, **more: Any) -> Fault:
    """Order the next post to go wrong."""
    return world.slack.faults.add(method=POST, kind=kind, **more)


async def spent(world: World, fault: Fault) -> None:
    """Wait until a fault has struck as often as ordered."""
    await world.until(lambda: fault.times == 0)


@SQLITE
async def test_a_limit_of_slacks_is_kept_to_and_order_with_it(database_url: str) -> None:
    """429: nothing goes into the channel before Retry-After is over; then all of it, in order; other channels go on."""
    async with World.open(database_url) as world:
        await world.set("instagram", channel="C0OTHER")
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        limit = fail(world, "error", error="ratelimited", headers={"Retry-After": "40"}, match={"channel": SUPPORT})
        await world.meta.write(yuki, "one")
        await spent(world, limit)
        before = len(world.slack.calls)
        await world.meta.write(yuki, "two")
        await world.meta.write(ken, "elsewhere")
        await world.root("elsewhere", "C0OTHER")
        world.clock.move(timedelta(seconds=30))
        await decided(world)
        posts = [call for call in world.slack.calls[before:] if call.method == POST]
        assert {call.arguments["channel"] for call in posts} == {"C0OTHER"}
        assert world.roots() == []
        world.clock.move(timedelta(seconds=15))
        root = await world.root("two")
        assert words(world, root) == ["one", "two"]


@SQLITE
async def test_two_limited_channels_mean_the_workspace(database_url: str) -> None:
    """Slack does not say whose limit it is: the second channel limited within a minute stops all posts for so long."""
    async with World.open(database_url) as world:
        await world.set("instagram", channel="C0OTHER")
        await world.set("instagram_login", channel="C0THIRD")
        world.slack.add_channel("C0THIRD", "third")
        for channel in (SUPPORT, "C0OTHER"):
            fail(world, "error", error="ratelimited", headers={"Retry-After": "40"}, match={"channel": channel})
        limits = list(world.slack.faults)
        people = [world.customer(kind, name=kind) for kind in KINDS[:2]]
        for person, limit in zip(people, limits, strict=True):
            await world.meta.write(person, "hello")
            await spent(world, limit)
        await world.meta.write(world.customer("instagram_login", name="Mio"), "third")
        await decided(world)
        assert world.roots("C0THIRD") == []
        world.clock.move(MINUTE)
        await world.root("third", "C0THIRD")
        for channel in (SUPPORT, "C0OTHER"):
            await world.root("hello", channel)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("reset_before", {}),
        ("reset_after", {}),
        ("drop_after", {}),
        ("garbage_after", {}),
        ("status", {"status": 503}),
        ("error", {"error": "internal_error"}),
        ("error", {"error": "fatal_error"}),
        ("error", {"error": "service_unavailable"}),
    ],
    ids=str,
)
@SQLITE
async def test_a_post_whose_answer_is_lost_stands_once(database_url: str, kind: str, more: dict[str, Any]) -> None:
    """Unsure posts, a root's and a reply's: settled by our own event, or by looking; never doubled, never lost."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        first = fail(world, kind, **more)
        await world.meta.write(yuki, "one")
        await spent(world, first)
        second = fail(world, kind, match={"text": "two"}, **more)
        await world.meta.write(yuki, "two")
        await world.meta.write(yuki, "three")
        await decided(world)
        await world.forward(lambda: second.times == 0 and len(world.roots()) == 1)
        root = world.roots()[0]
        await world.forward(lambda: len(words(world, root)) >= 3)
        await world.calm()
        assert words(world, root) == ["one", "two", "three"]
        assert len(world.roots()) == 1


async def test_a_post_whose_answer_and_event_are_lost_is_found_by_its_mark(database_url: str) -> None:
    """Neither answer nor event: the channel and the thread are looked through for the row's mark, and nothing is twice."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.slack.deliveries.drop_next()
        lost = fail(world, "reset_after")
        await world.meta.write(yuki, "one")
        await spent(world, lost)
        await world.forward(lambda: len(world.roots()) == 1 and len(words(world, world.roots()[0])) == 1)
        root = world.roots()[0]
        assert [call.method for call in world.slack.calls if call.method == "conversations.history"]
        world.slack.deliveries.drop_next()
        lost = fail(world, "reset_after")
        await world.meta.write(yuki, "two")
        await spent(world, lost)
        await world.meta.write(yuki, "three")
        await world.forward(lambda: len(words(world, root)) == 3)
        await world.calm()
        assert words(world, root) == ["one", "two", "three"]
        assert [call.method for call in world.slack.calls if call.method == "conversations.replies"]
        assert len(world.roots()) == 1


@SQLITE
async def test_an_outage_of_slack_delays_everything_and_loses_nothing(database_url: str) -> None:
    """Nobody there at all, then 503 for a while: kept, and shown in order when it is back."""
    async with World.open(database_url) as world:
        people = [world.customer(kind, name=kind) for kind in KINDS[:2]]
        for number in range(2):
            for person in people:
                await world.meta.write(person, f"{person.name} before {number}")
        roots = [await world.root(f"{person.name} before 1") for person in people]
        await world.calm()
        down = world.slack.faults.add(method="*", kind="status", status=503, times=None)
        for number in range(3):
            for person in people:
                await world.meta.write(person, f"{person.name} during {number}")
        await decided(world)
        await world.forward(lambda: len([call for call in world.slack.calls if call.status == 503]) > 6)
        world.slack.faults.remove(down)
        await world.forward(lambda: all(len(words(world, root)) == 5 for root in roots))
        await world.calm()
        for person, root in zip(people, roots, strict=True):
            expected = [f"{person.name} before {number}" for number in range(2)]
            assert words(world, root) == expected + [f"{person.name} during {number}" for number in range(3)]


@SQLITE
@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long",
                                   "invalid_attachments", "metadata_too_large"])  # fmt: skip
async def test_what_slack_will_not_draw_is_said_plainly(database_url: str, error: str) -> None:
    """Refused blocks, of the card and of a message, degrade to plain text; words stay inert."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        fail(world, "error", error=error)
        await world.meta.write(yuki, "<!channel> one *two*")
        root = await world.root("one")
        assert not root.blocks or root.text
        refused = fail(world, "error", error=error, match={"text": "three"})
        await world.meta.write(yuki, "<!here> three & <four>")
        await spent(world, refused)
        await world.meta.write(yuki, "five")
        await world.until(lambda: len(words(world, root)) == 3)
        assert words(world, root) == ["<!channel> one *two*", "<!here> three & <four>", "five"]
        plain = world.slack.thread(SUPPORT, root.ts)[1]
        assert plain.blocks == []
        assert plain.notified == frozenset()
        assert world.slack.author(plain).startswith(("Yuki", "Anonymous"))
        assert len(world.roots()) == 1


@SQLITE
async def test_a_picture_that_slack_refuses_is_left_out_and_nothing_else(database_url: str) -> None:
    """The card stays a card, the words stay as they were: only the picture beside the name is missing."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.until(lambda: "Yuki" in world.slack.plain(root))
        await world.slack.delete("U0AKI", SUPPORT, root.ts)
        why = ["[ERROR] must be a valid URL [json-pointer:/icon_url]"]
        bad = {"error": "invalid_arguments", "response_metadata": {"messages": why}}
        picture = next(str(call.arguments["icon_url"]) for call in world.slack.calls if "icon_url" in call.arguments)
        fail(world, "error", error=bad, times=None, match={"icon_url": picture})
        await world.meta.write(yuki, "again")
        fresh = await world.root("again")
        posts = [fresh, world.slack.thread(SUPPORT, fresh.ts)[-1]]
        for post in posts:
            assert post.blocks
            assert post.icons == {}
            assert world.slack.author(post) == "Yuki · Messenger"


@SQLITE
async def test_what_slack_will_not_take_in_any_form_is_an_incident_and_holds_nobody_up(database_url: str) -> None:
    """Refused plain as well: the alerts channel hears of it, once, and what follows goes on."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        fail(world, "error", error="invalid_blocks", match={"text": "never"}, times=2)
        await world.meta.write(yuki, "never")
        await world.meta.write(yuki, "three")
        await world.until(lambda: words(world, root) == ["one", "three"])
        alert = await world.until(lambda: next(iter(world.roots(ALERTS)), None))
        assert "could not be shown in Slack" in world.slack.plain(alert)
        assert "never" not in world.slack.plain(alert)
        assert "Hanako Flowers" in world.slack.plain(alert)


@SQLITE
@pytest.mark.parametrize("said", ["told", "silent"])
@pytest.mark.parametrize("answered", [True, False])
async def test_a_deleted_root_gives_a_new_root_and_no_loose_posts(
    database_url: str,
    said: str,
    answered: bool,
) -> None:
    """Told by an event or by nothing at all: a reply to a root that is gone lands in the channel, and must not stay there."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.calm()
        if not answered:
            for reply in world.slack.thread(SUPPORT, root.ts):
                await world.slack.delete("U0AKI", SUPPORT, reply.ts)
            await decided(world)
        if said == "silent":
            world.slack.deliveries.drop_next()
        await world.slack.delete("U0AKI", SUPPORT, root.ts)
        await decided(world)
        await world.meta.write(yuki, "after")
        await world.meta.write(yuki, "and more")
        fresh = await world.root("and more")
        await world.calm()
        assert fresh.ts != root.ts
        assert words(world, fresh) == ["after", "and more"]
        assert [message.ts for message in world.roots() if not message.tombstone] == [fresh.ts]
        ts = await world.answer(fresh, "still here")
        await world.until_phone(yuki, ["still here"])
        await world.signed(fresh, ts, CHECK)


@SQLITE
@pytest.mark.parametrize("error", ["cannot_reply_to_message", "restricted_action_thread_locked", "thread_locked"])
async def test_a_thread_that_takes_no_reply_is_followed_by_another(database_url: str, error: str) -> None:
    """A locked thread: the conversation goes on in a new one."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        await world.root("before")
        fail(world, "error", error=error)
        await world.meta.write(yuki, "after")
        fresh = await world.root("after")
        await world.calm()
        assert words(world, fresh) == ["after"]
        assert len(world.roots()) == 2


@SQLITE
async def test_a_workspace_on_the_move_is_left_alone_for_minutes(database_url: str) -> None:
    """Moved to an organisation or limited by Slack: nothing goes for 5 minutes, nothing is lost, nothing is doubled."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        moving = fail(world, "error", error="team_added_to_org")
        await world.meta.write(yuki, "one")
        await spent(world, moving)
        world.clock.move(4 * MINUTE)
        await decided(world)
        assert world.roots() == []
        world.clock.move(2 * MINUTE)
        assert words(world, await world.root("one")) == ["one"]


@SQLITE
async def test_an_error_of_slacks_that_is_new_to_us_is_an_incident(database_url: str) -> None:
    """Unknown codes: refused, said in the alerts channel, and the conversation goes on; a root is tried again."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        fail(world, "error", error="mercury_in_retrograde")
        await world.meta.write(yuki, "one")
        await world.until(lambda: any("could not be shown" in world.slack.plain(each) for each in world.roots(ALERTS)))
        world.clock.move(6 * MINUTE)
        root = await world.root("one")
        assert words(world, root) == ["one"]
        await world.calm()
        assert len(world.roots()) == 1
        assert len(world.roots(ALERTS)) == 1


@SQLITE
async def test_posts_that_do_not_come_back_are_one_incident_that_ends(database_url: str) -> None:
    """A post of ours that is not heard of within 2 minutes: agents' answers would not reach us either."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.calm()
        world.clock.move(10 * MINUTE)
        await world.ticked()
        assert world.roots(ALERTS) == []
        world.slack.deliveries.pause()
        await world.meta.write(yuki, "two")
        await world.meta.write(yuki, "three")
        await world.until(lambda: len(words(world, root)) == 3)
        world.clock.move(timedelta(seconds=100))
        await world.ticked()
        assert world.roots(ALERTS) == []
        world.clock.move(timedelta(seconds=60))
        alert = await world.until(lambda: next(iter(world.roots(ALERTS)), None))
        assert "no longer tells the bridge" in world.slack.plain(alert)
        world.clock.move(HOUR)
        await world.ticked()
        assert len(world.roots(ALERTS)) == 1
        world.slack.deliveries.resume()
        await world.meta.write(yuki, "four")
        await world.forward(lambda: "Mended" in world.slack.plain(alert))
        await world.calm()
        assert len(world.roots(ALERTS)) == 1
