"""What customers change: edits, reactions and answers to one message, as agents see them in the thread."""

from datetime import timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.seen import decided
from tests.journeys.world import Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize("kind", ["messenger", "instagram"])


def reply(world: World, root: Message, text: str) -> Message:
    """The post in a thread that holds *text*."""
    return next(each for each in world.slack.thread(root.channel, root.ts) if text in world.slack.plain(each))


def said(world: World, root: Message) -> list[str]:
    """What stands in a thread, without the names over it and without what makes it inert."""
    return [line.replace("\u200b", "").partition(": ")[2] for line in world.lines(root)]


@BOTH
async def test_the_newest_words_stand_and_say_that_they_were_changed(database_url: str, kind: Kind) -> None:
    """M-04: up to the last of five edits, on both platforms; the post stays where it is, with the same author."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki Tanaka")
        mid = await world.meta.write(yuki, "do you have it in red?")
        root = await world.root("in red?")
        before = reply(world, root, "in red?")
        for number in range(1, 6):
            world.clock.move(timedelta(minutes=1))
            await world.meta.edit(yuki, mid, f"do you have it in blue {number}?")
        await world.until(lambda: any("blue 5?" in line for line in world.lines(root)))
        await world.calm()
        (line,) = world.lines(root)
        assert "in red" not in line
        assert "changed" in line
        after = reply(world, root, "blue 5?")
        assert (after.ts, after.username) == (before.ts, before.username)
        assert "blue 5?" in world.slack.plain(world.roots()[0])


@SQLITE
async def test_an_older_edit_that_comes_late_changes_nothing(database_url: str) -> None:
    """At-least-once and out of order: an edit counts by its number, and repeated it is one."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, "one")
        root = await world.root("one")
        world.meta.deliveries.hold_and_reverse(2)
        await world.meta.edit(yuki, mid, "two")
        world.clock.move(timedelta(seconds=1))
        world.meta.deliveries.duplicate_next(1)
        await world.meta.edit(yuki, mid, "three")
        await world.until(lambda: any("three" in line for line in world.lines(root)))
        await world.calm()
        assert len(world.lines(root)) == 1
        assert not any("two" in line for line in world.lines(root))


@SQLITE
async def test_an_edit_opens_no_window_and_a_reaction_does(database_url: str) -> None:
    """F2: what opens the window is the customer's act, not the change of one."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        world.clock.move(timedelta(hours=30))
        await world.meta.edit(yuki, mid, "hello there")
        await world.until(lambda: any("hello there" in line for line in world.lines(root)))
        late = await world.answer(root, "too late")
        await world.until_told("Not sent")
        await world.signed(root, late, "x")
        await world.meta.react(yuki, mid, "love")
        await world.until(lambda: any("❤️" in line for line in world.lines(root)))
        again = await world.answer(root, "in time")
        await world.signed(root, again, "white_check_mark")


@SQLITE
async def test_an_edit_of_what_still_waits_is_all_that_is_shown(database_url: str) -> None:
    """A message that was not shown yet is shown with its newest words, once."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "first")
        root = await world.root("first")
        stop = world.slack.faults.add(
            method="chat.postMessage", kind="error", error="ratelimited", headers={"Retry-After": "30"}, times=1
        )
        await world.meta.write(yuki, "second")
        await world.until(lambda: stop.times == 0)
        mid = await world.meta.write(yuki, "third, wrong")
        await world.meta.edit(yuki, mid, "third, right")
        await decided(world)
        world.clock.move(timedelta(minutes=1))
        await world.until(lambda: len(world.lines(root)) == 3)
        await world.calm()
        assert "third, right" in world.lines(root)[-1]
        # The card may have shown the earlier words for as long as they were true; the thread never has.
        posts = [call for call in world.slack.calls if call.method == "chat.postMessage"]
        assert not any("third, wrong" in str(call) for call in posts)


@BOTH
async def test_an_answer_to_a_message_shows_what_it_answers_and_where(database_url: str, kind: Kind) -> None:
    """The quote is short, inert, and a link to the post; of an agent's message it names the agent."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki Tanaka")
        long = "<!channel> *which* size? " + "long " * 60
        first = await world.meta.write(yuki, long)
        root = await world.root("which")
        asked = reply(world, root, "which")
        ts = await world.answer(root, "All sizes, from S to XL")
        await world.signed(root, ts, "white_check_mark")
        ours = world.bubbles(yuki)[0].mid
        world.clock.move(timedelta(seconds=5))
        await world.meta.write(yuki, "this one I mean", reply_to=first)
        world.clock.move(timedelta(seconds=5))
        await world.meta.write(yuki, "then L please", reply_to=ours)
        await world.until(lambda: any("then L" in line for line in world.lines(root)))
        own = next(line for line in said(world, root) if "this one I mean" in line)
        assert "in answer to “<!channel> *which* size? long" in own
        assert "” from Yuki Tanaka" in own
        assert len(own) < 300
        theirs = next(line for line in world.lines(root) if "then L" in line)
        assert "in answer to “All sizes, from S to XL” from Aki" in theirs
        assert asked.ts.replace(".", "") in str(reply(world, root, "this one I mean").blocks)
        assert ts.replace(".", "") in str(reply(world, root, "then L").blocks)
        assert not any(each.notified for each in world.slack.thread(root.channel, root.ts))


@SQLITE
async def test_a_quote_follows_an_edit_of_what_it_quotes(database_url: str) -> None:
    """A quote is no copy: it says what the quoted message says now."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, "size M?")
        root = await world.root("size M?")
        await world.meta.write(yuki, "by Friday", reply_to=mid)
        await world.until(lambda: any("“size M?”" in line for line in world.lines(root)))
        world.clock.move(timedelta(seconds=5))
        await world.meta.edit(yuki, mid, "size L?")
        await world.until(lambda: any("“size L?”" in line for line in world.lines(root)))
        assert not any("size M?" in line for line in world.lines(root))


@SQLITE
async def test_a_quote_that_is_being_posted_follows_an_edit_too(database_url: str) -> None:
    """A quote whose post is under way was drawn from the older words: it is drawn anew as soon as it stands."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, "size M?")
        root = await world.root("size M?")
        await world.calm()
        slow = world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=0.7, match={"text": "Friday"})
        await world.meta.write(yuki, "by Friday", reply_to=mid)
        await world.until(lambda: slow.times == 0)
        world.clock.move(timedelta(seconds=5))
        await world.meta.edit(yuki, mid, "size L?")
        await world.until(lambda: any("“size L?”" in line for line in world.lines(root)))
        await world.calm()
        assert not any("size M?" in line for line in world.lines(root))


@BOTH
async def test_a_reaction_is_one_line_that_changes_and_goes_with_it(database_url: str, kind: Kind) -> None:
    """CT-13: on our messages and theirs, with a link; another sign takes its place, and taken back it is gone."""
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        ts = await world.answer(root, "We have it")
        await world.signed(root, ts, "white_check_mark")
        ours = world.bubbles(yuki)[0].mid
        await world.meta.react(yuki, ours, "love")
        await world.until(lambda: any("reacted with ❤️ to “We have it” from Aki" in line for line in world.lines(root)))
        line = reply(world, root, "❤️")
        assert ts.replace(".", "") in str(line.blocks)
        world.clock.move(timedelta(seconds=5))
        await world.meta.react(yuki, ours, "sad")
        await world.until(lambda: any("😢" in line for line in world.lines(root)))
        assert reply(world, root, "😢").ts == line.ts
        assert not any("❤️" in line for line in world.lines(root))
        world.clock.move(timedelta(seconds=5))
        await world.meta.unreact(yuki, ours)
        await world.until(lambda: not any("reacted" in line for line in world.lines(root)))
        world.clock.move(timedelta(seconds=5))
        await world.meta.react(yuki, ours, "love")
        await world.until(lambda: any("❤️" in line for line in world.lines(root)))
        await world.calm()
        assert sum("reacted" in line for line in world.lines(root)) == 1
        assert "Waiting" not in world.slack.plain(world.roots()[0])


@SQLITE
async def test_a_reaction_line_that_slack_will_not_remove_says_that_it_was_taken_back(database_url: str) -> None:
    """Promise 4: a refused deletion is no silence."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.meta.react(yuki, mid, "love")
        await world.until(lambda: any("❤️" in line for line in world.lines(root)))
        world.slack.faults.add(method="chat.delete", kind="error", error="cant_delete_message", times=1)
        world.clock.move(timedelta(seconds=5))
        await world.meta.unreact(yuki, mid)
        await world.until(lambda: any("took a reaction back" in line for line in world.lines(root)))
        assert not any("❤️" in line for line in world.lines(root))


@SQLITE
async def test_what_comes_before_its_message_stands_with_it_in_the_end(database_url: str) -> None:
    """Any order: an edit and a reaction that overtake their message are one post and one line, as if in order."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        world.meta.deliveries.hold_and_reverse(3)
        now = world.clock.time()
        mid = await world.meta.write(yuki, "size M?", at=now + 1)
        world.clock.move(timedelta(seconds=5))
        await world.meta.edit(yuki, mid, "size L?")
        world.clock.move(timedelta(seconds=5))
        await world.meta.react(yuki, mid, "love")
        await world.until(lambda: any("“size L?”" in line for line in world.lines(root)))
        await world.calm()
        await world.until(lambda: len(world.lines(root)) == 3)
        lines = said(world, root)
        assert sum(line.startswith("size L?") for line in lines) == 1
        assert sum("reacted with ❤️ to “size L?” from Yuki" in line for line in lines) == 1
