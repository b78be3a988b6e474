"""Conversations that were over and go on: in their thread while it is young, else in a new one; answers count in each."""

from __future__ import annotations

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.seen import words
from tests.journeys.world import AKI, CHECK, DAY, HOUR, OTHER, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def at(root: Message) -> str:
    """How a thread's address ends."""
    return f"/archives/{root.channel}/p{root.ts.replace('.', '')}"


def links(world: World, root: Message) -> list[str]:
    """Where the lines of a thread lead."""
    found = []
    for post in world.slack.thread(root.channel, root.ts):
        found += [word.split("|")[0].strip("<>") for word in str(post.blocks).split() if "/archives/" in word]
    return found


async def lapses(talk: Talk, days: int) -> None:
    """So many days pass, and the card says that the conversation is over."""
    talk.world.clock.move(days * DAY + HOUR)
    await talk.world.until(lambda: "Closed" in talk.card())


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_customer_who_writes_again_within_the_time_opens_the_same_thread(database_url: str, kind: str) -> None:
    """ZI-22, ZI-23, ZM-08, CT-39: locked after the last window, unlocked by the message; the window is fresh."""
    async with talking(database_url, kind) as talk:  # type: ignore[arg-type]
        await talk.bears(await talk.says("Yes."), CHECK)
        await lapses(talk, 29)
        refused = await talk.says("Are you still interested?")
        await talk.bears(refused, "x")
        await talk.world.meta.write(talk.customer, "yes, I am")
        await talk.world.until(lambda: "yes, I am" in words(talk.world, talk.root))
        assert len(talk.world.roots()) == 1
        await talk.world.until(lambda: "Waiting since" in talk.card())
        await talk.bears(await talk.says("Good."), CHECK)
        await talk.reaches("Yes.", "Good.")


async def test_after_that_time_a_new_thread_begins_and_both_lead_to_each_other(database_url: str) -> None:
    """The old thread's last message is 30 days old: a new card, a line with a link in each."""
    async with talking(database_url) as talk:
        world = talk.world
        await talk.bears(await talk.says("Yes."), CHECK)
        await lapses(talk, 30)
        await world.meta.write(talk.customer, "hello again")
        fresh = await world.root("hello again")
        assert fresh.ts != talk.root.ts
        await world.calm()
        assert ["This continues an earlier thread" in line for line in words(world, fresh)] == [True, False]
        assert any(at(talk.root) in link for link in links(world, fresh))
        assert words(world, talk.root)[:2] == [ASKED, "Yes."]
        assert "goes on in a newer thread" in words(world, talk.root)[2]
        assert any(at(fresh) in link for link in links(world, talk.root))
        # The card tells of the first message; nothing more of it stands in the channel.
        assert [each.ts for each in world.slack.channel_messages(SUPPORT)] == [talk.root.ts, fresh.ts]


@SQLITE
async def test_an_answer_in_any_of_its_threads_goes_and_in_an_old_one_its_author_is_led_on(database_url: str) -> None:
    """What is written in the old thread is an answer like any other; a private line leads to the new one."""
    async with talking(database_url) as talk:
        world = talk.world
        await lapses(talk, 40)
        await world.meta.write(talk.customer, "hello again")
        fresh = await world.root("hello again")
        ts = await talk.says("from the old thread")
        await talk.reaches("from the old thread")
        await talk.bears(ts, CHECK)
        told = await world.until_told("goes on in a newer thread", AKI)
        assert "Yuki Tanaka" in told
        line = next(each for each in world.slack.ephemerals(AKI) if world.slack.plain(each) == told)
        assert at(fresh) in str(line.blocks)
        assert line.thread_ts == talk.root.ts
        ts = await world.answer(fresh, "from the new one")
        await talk.reaches("from the old thread", "from the new one")
        await world.signed(fresh, ts, CHECK)
        await world.calm()
        assert len(world.told()) == 1
        await world.meta.write(talk.customer, "thanks")
        await world.until(lambda: "thanks" in words(world, fresh))


@SQLITE
@pytest.mark.parametrize(("days", "same"), [(3, False), (60, True), (0, False)])
async def test_the_time_is_a_setting_of_the_account(database_url: str, days: int, same: bool) -> None:
    """`reopen_days`: the thread's last message must be younger."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", reopen_days=days)
        await lapses(talk, 40 if days else 1)
        await talk.world.meta.write(talk.customer, "hello again")
        root = await talk.world.root("hello again")
        assert (root.ts == talk.root.ts) is same


@SQLITE
async def test_an_old_thread_whose_root_was_deleted_is_not_linked(database_url: str) -> None:
    """There is nothing to lead to: a new card, and no line."""
    async with talking(database_url) as talk:
        world = talk.world
        await lapses(talk, 40)
        await world.slack.delete(AKI, talk.root.channel, talk.root.ts)
        await world.calm()
        await world.meta.write(talk.customer, "hello again")
        fresh = await world.root("hello again")
        await world.calm()
        assert words(world, fresh) == ["hello again"]


@SQLITE
async def test_a_conversation_that_follows_its_account_tells_of_the_place_it_left(database_url: str) -> None:
    """Another channel for the account: the new thread there and the old one lead to each other."""
    async with talking(database_url) as talk:
        world = talk.world
        await world.set("messenger", channel=OTHER)
        await world.meta.write(talk.customer, "two")
        fresh = await world.root("two", OTHER)
        await world.until(lambda: any(at(fresh) in link for link in links(world, talk.root)))
        assert any(at(talk.root) in link for link in links(world, fresh))
        assert words(world, fresh)[1:] == ["two"]
