"""What a customer writes, as the people at the desk see it: whose it is, in which order, and word for word."""

from __future__ import annotations

import pytest

from bridge.demo.slack.text import walk
from tests.journeys.seen import decided, over, paged, words
from tests.journeys.world import AKI, KINDS, MINUTE, SUPPORT, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_customer_has_a_name_and_a_picture_on_the_card_and_over_every_line(
    database_url: str, kind: Kind
) -> None:
    """CT-02: the network stands behind the name, so that nobody passes for a colleague."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki Tanaka", username=None if kind == "messenger" else "yuki_333")
        network = "Messenger" if kind == "messenger" else "Instagram"
        await world.meta.write(yuki, "こんにちは")
        root = await world.root("こんにちは")
        await world.until(lambda: "Yuki Tanaka" in world.slack.plain(root))
        if kind != "messenger":
            assert "@yuki_333" in world.slack.plain(root)
        assert f"{network} · {world.account(kind).name}" in world.slack.plain(root)
        await world.meta.write(yuki, "まだですか")
        await world.until(lambda: len(words(world, root)) == 2)
        second = world.slack.thread(SUPPORT, root.ts)[1]
        assert world.slack.author(second) == f"Yuki Tanaka · {network}"
        assert second.icons["image_48"].startswith(world.meta.url)
        await world.until(lambda: "“まだですか”" in world.slack.plain(root))


@SQLITE
@pytest.mark.parametrize("profile", [False, "230", "9010", "100/2018218", "2"])
async def test_two_whom_nobody_may_know_stay_two(database_url: str, profile: bool | str) -> None:
    """CT-04, CT-05, F14: without a profile (also refused with 230, 9010) a customer is anonymous, and always the same."""
    async with World.open(database_url) as world:
        first, second = (world.customer("instagram", profile=profile) for _ in range(2))
        for number, person in enumerate((first, second)):
            await world.meta.write(person, f"hello {number}")
        roots = [await world.root(f"hello {number}") for number in range(2)]
        await world.meta.write(first, "again")
        await world.until(lambda: len(words(world, roots[0])) == 2)
        await decided(world)
        names = [set(over(world, root)) for root in roots]
        assert [len(each) for each in names] == [1, 1]
        assert names[0].isdisjoint(names[1])
        assert all(name.startswith("Anonymous ") for each in names for name in each)
        assert names[0].pop().split(" · ")[0] in world.slack.plain(roots[0])
        assert "Anonymous" in world.slack.plain(roots[1])


@SQLITE
async def test_a_profile_that_takes_its_time_holds_nothing_up_and_its_name_comes_later(database_url: str) -> None:
    """CT-04: the message first; the card and the lines after it have the name as soon as it is known."""
    async with World.open(database_url) as world:
        world.meta.faults.add(method="profile", kind="latency", seconds=1.0)
        yuki = world.customer(name="Yuki Tanaka")
        await world.meta.write(yuki, "first")
        root = await world.root("first")
        assert "Anonymous" in over(world, root)[0]
        assert world.slack.author(root) == "Hanako Flowers · Messenger"
        await world.meta.write(yuki, "second")
        await world.until(lambda: len(words(world, root)) == 2)
        await world.until(lambda: "Yuki Tanaka" in world.slack.plain(root))
        await world.meta.write(yuki, "third")
        await world.until(lambda: len(words(world, root)) == 3)
        assert over(world, root)[2] == "Yuki Tanaka · Messenger"


@SQLITE
async def test_a_name_cannot_pass_itself_off_as_a_mention_or_a_colleague(database_url: str) -> None:
    """CT-08: a customer may call themselves anything; over their lines it is one line of inert text."""
    async with World.open(database_url) as world:
        for number, name in enumerate(("<!channel> *Aki*", "Aki\u202egro\n.evil", "\u200b", "N" * 500, "@here")):
            person = world.customer("instagram", name=name, username=f"<@{AKI}>")
            await world.meta.write(person, f"name {number}")
            root = await world.root(f"name {number}")
            await world.meta.write(person, "named")
            await world.until(lambda root=root: len(words(world, root)) == 2)  # type: ignore[misc]
            for shown in over(world, root):
                assert shown.endswith(" · Instagram")
                assert not set(shown) & set("<>\n\u202e")
                assert len(shown) < 100
        await world.calm()
        assert paged(world) == set()


@SQLITE
async def test_a_customers_words_page_nobody_and_fetch_nothing(database_url: str) -> None:
    """CT-08: mentions, channels, dates and addresses are shown as they were typed, and do nothing."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki")
        typed = [
            "<!channel> @here @channel @everyone #support @aki",
            f"<@{AKI}> <@{AKI}|boss> <!subteam^S0TEAM> <#C0SUPPORT|support> <!date^0^{{date}}|now>",
            "https://example.org/pixel.png and <https://evil.example|your bank> mailto:a@b.example",
            "*bold* _slanted_ ~struck~ `code` ```block``` > quote & &amp; &lt;",
            "：white_check_mark： :tada: /bridge help //note",
        ]
        for line in typed:
            await world.meta.write(yuki, line)
        root = await world.root(typed[-1])
        await world.calm()
        assert words(world, root) == typed
        assert paged(world) == set()
        posts = [root, *world.slack.thread(SUPPORT, root.ts)]
        assert not any(post.unfurled for post in posts)
        kinds = {str(item.get("type")) for post in posts for item in walk(post.blocks)}
        assert not kinds & {"user", "usergroup", "channel", "broadcast", "link", "image"}
        calls = [call for call in world.slack.calls if call.method == "chat.postMessage"]
        assert all(call.arguments.get("parse") == "none" and "link_names" not in call.arguments for call in calls)


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_words_arrive_as_they_were_written(database_url: str, kind: Kind) -> None:
    """CT-06: emoji, newlines, right to left, a thousand bytes, blank edges, odd halves: nothing is changed or lost."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")
        written = [
            f"emoji {FAMILY}🇯🇵👍🏽 ☺️",
            "one\ntwo\n\n\nthree\r\n  indented\ttab",
            "مرحبا، هل هذا متوفر؟ 123 שלום",
            "か" * 333 + "!",
            "e\u0301 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
            "x" * 1_000,
            "0",
        ]
        for text in written:
            await world.meta.write(yuki, text)
        root = await world.root(written[2])
        await world.until(lambda: len(words(world, root)) == len(written))
        assert words(world, root) == [text.replace("\r\n", "\n") for text in written] or words(world, root) == written
        await world.meta.write(yuki, "nul \x00 and half \ud83d of one")
        await world.until(lambda: len(words(world, root)) == len(written) + 1)
        assert words(world, root)[-1].startswith("nul ")
        assert words(world, root)[-1].endswith(" of one")


@SQLITE
@pytest.mark.parametrize("split", [False, True])
async def test_a_text_of_twenty_thousand_characters_is_shown_whole(database_url: str, split: bool) -> None:
    """CT-06, CT-08: also where Slack makes several messages of it; and it pages nobody either."""
    async with World.open(database_url) as world:
        world.slack.switches.split_long_text = split
        yuki = world.customer(name="Yuki")
        long = "<!channel> *" + "".join(f"{number:05d} 花花 " for number in range(2_500))
        assert len(long) > 20_000
        middle = "".join(f"{number:05d} " for number in range(1_200))
        await world.meta.write(yuki, middle)
        await world.meta.write(yuki, long)
        await world.meta.write(yuki, "the end")
        root = await world.root("the end")
        await world.calm()
        shown = words(world, root)
        assert shown[0] == middle
        assert "".join(shown[1:-1]).split() == long.split()
        assert shown[-1] == "the end"
        assert paged(world) == set()


async def test_what_comes_late_stands_where_it_belongs_while_something_still_waits(database_url: str) -> None:
    """Late and disordered deliveries are shown by their own time within what is still waiting (issue: order)."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "zero")
        root = await world.root("zero")
        stop = world.slack.faults.add(
            method="chat.postMessage", kind="error", error="ratelimited", headers={"Retry-After": "30"}, times=1
        )
        now = world.clock.time()
        await world.meta.write(yuki, "two", at=now + 0.002)
        await world.until(lambda: stop.times == 0)
        # Until it is known, what is older may still go before it.
        await world.until(lambda: not world.rows("SELECT id FROM outbox WHERE state = 'working'"))
        await world.meta.write(yuki, "four", at=now + 0.004)
        world.meta.deliveries.hold_and_reverse(3)
        for number, word in ((1, "one"), (3, "three"), (5, "five")):
            await world.meta.write(yuki, word, at=now + number / 1000)
        await decided(world)
        assert words(world, root) == ["zero"]
        world.clock.move(MINUTE)
        await world.until(lambda: len(words(world, root)) == 6)
        assert words(world, root) == ["zero", "one", "two", "three", "four", "five"]
        await world.meta.write(yuki, "an hour late", at=now - 3600)
        await world.until(lambda: words(world, root)[-1] == "an hour late")


@SQLITE
async def test_batches_duplicates_and_disorder_together_keep_every_conversation_whole(database_url: str) -> None:
    """At-least-once and out of order, for several people at once: each line once, in order, in its own thread."""
    async with World.open(database_url) as world:
        people = [world.customer(kind, name=f"P{kind}") for kind in KINDS]
        now = world.clock.time() - 100
        world.meta.deliveries.duplicate_next(3)
        for person in people:
            await world.meta.write(person, f"{person.name} 0", at=now)
        roots = [await world.root(f"{person.name} 0") for person in people]
        world.meta.deliveries.batch(9)
        for number in (3, 1, 2):
            for person in people:
                await world.meta.write(person, f"{person.name} {number}", at=now + number)
        await world.meta.settle()
        await world.until(lambda: all(len(words(world, root)) == 4 for root in roots))
        await world.calm()
        for person, root in zip(people, roots, strict=True):
            assert words(world, root) == [f"{person.name} {number}" for number in range(4)]


@SQLITE
async def test_a_hundred_first_contacts_at_once_are_a_hundred_cards(database_url: str) -> None:
    """M-32: a flood opens one thread for each person, with all their words in order."""
    async with World.open(database_url) as world:
        people = [world.customer("messenger", name=f"Person {number}") for number in range(40)]
        for word in ("first", "second"):
            for person in people:
                await world.meta.write(person, f"{person.id} {word}")
        await world.until(lambda: len(world.roots()) == 40)
        await world.calm()
        for person in people:
            root = await world.root(f"{person.id} first")
            assert words(world, root) == [f"{person.id} first", f"{person.id} second"]
