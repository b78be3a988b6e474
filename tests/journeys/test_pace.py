"""Slack's pace is kept to: nothing is lost, nobody is refused, and what matters most goes first."""

from __future__ import annotations

from functools import partial

import pytest

from bridge.demo.slack import Message
from tests.journeys.seen import decided, words
from tests.journeys.world import ALERTS, CHECK, MINUTE, OTHER, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def posts(world: World, channel: str = SUPPORT) -> list[str]:
    """What was posted in a channel, root or words, in the order of the calls; without when what came late was written."""
    calls = [call for call in world.slack.calls if call.method == "chat.postMessage" and call.ok]
    return [
        str(call.arguments["text"]).partition("\nWritten ")[0] if "thread_ts" in call.arguments else "root"
        for call in calls
        if call.arguments["channel"] == channel
    ]


def spoken(world: World, root: Message) -> list[str]:
    """What a customer's posts in a thread say, a line each: when the channel is behind, several share a post."""
    return [line for each in words(world, root) for line in each.splitlines()]


def speaks(world: World, root: Message, said: list[str]) -> bool:
    """Whether a thread says just that."""
    return spoken(world, root) == said


def times(world: World) -> list[tuple[float, str]]:
    """When each post was made, in seconds, and where."""
    calls = [call for call in world.slack.calls if call.method == "chat.postMessage"]
    return [(call.when, str(call.arguments["channel"])) for call in calls]


async def test_a_burst_in_one_channel_goes_at_its_pace_and_loses_nothing(database_url: str) -> None:
    """M-32: several conversations at once, Slack counting along: not one refusal, every word in order."""
    async with World.open(database_url, slack_posts_per_second=8, slack_posts_per_minute=0) as world:
        world.slack.limits.pace = True
        world.slack.limits.posts_per_second, world.slack.limits.burst = 9, 2
        people = [world.customer(name=f"P{number}") for number in range(4)]
        for number in range(3):
            for person in people:
                await world.meta.write(person, f"{person.name} {number}")
        for person in people:
            root = await world.root(f"{person.name} 0")
            await world.until(
                partial(speaks, world, root, [f"{person.name} {number}" for number in range(3)]), seconds=20
            )
        assert not [call for call in world.slack.calls if call.status == 429]


@SQLITE
async def test_one_post_a_second_is_the_usual_pace_of_a_channel_and_not_of_another(database_url: str) -> None:
    """Per channel: with the usual setting the second post waits a second, another channel does not."""
    async with World.open(database_url, slack_posts_per_second=1, slack_posts_per_minute=0) as world:
        await world.set("instagram", channel=OTHER)
        yuki, ken = world.customer(name="Yuki"), world.customer("instagram", name="Ken")
        await world.meta.write(yuki, "one")
        await world.meta.write(ken, "two")
        for channel, text in ((SUPPORT, "one"), (OTHER, "two")):
            assert words(world, await world.root(text, channel)) == [text]
        made = {channel: [at for at, place in times(world) if place == channel] for channel in (SUPPORT, OTHER)}
        assert [len(each) for each in made.values()] == [2, 2]
        assert all(second - first >= 0.95 for first, second in made.values())
        assert abs(made[SUPPORT][0] - made[OTHER][0]) < 0.9


async def test_new_conversations_go_before_messages_and_messages_before_the_rest(database_url: str) -> None:
    """Order of spending: roots, customers' messages, alerts; a talkative customer does not hide a new one."""
    async with World.open(database_url, slack_posts_per_second=8) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "before")
        root = await world.root("before")
        await world.set("messenger", alerts_channel=SUPPORT)
        await world.calm()
        limit = world.slack.faults.add(
            method="chat.postMessage", kind="error", error="ratelimited", headers={"Retry-After": "60"}
        )
        done = len(posts(world))
        for number in range(4):
            await world.meta.write(yuki, f"yuki {number}")
        await world.until(lambda: limit.times == 0)
        newcomers = [world.customer(name=f"N{number}") for number in range(3)]
        for person in newcomers:
            await world.meta.write(person, f"{person.name} hello")
        await decided(world)
        world.clock.move(2 * MINUTE)
        said = ["before", *(f"yuki {number}" for number in range(4))]
        hello = [f"N{number} hello" for number in range(3)]
        await world.until(lambda: speaks(world, root, said) and set(hello) <= set(posts(world)))
        order = posts(world)[done:]
        assert order[:3] == ["root"] * 3
        assert world.roots(ALERTS) == []


@SQLITE
async def test_signs_and_cards_wait_for_nobodys_words(database_url: str) -> None:
    """A channel that is behind delays no check mark, and a limit on reactions delays no message."""
    async with World.open(database_url) as world:
        yuki, ken = world.customer(name="Yuki"), world.customer(name="Ken")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await world.calm()
        world.slack.faults.add(
            method="chat.postMessage", kind="error", error="ratelimited", headers={"Retry-After": "60"}
        )
        await world.meta.write(ken, "waiting")
        ts = await world.answer(root, "I am here")
        await world.until_phone(yuki, ["I am here"])
        await world.signed(root, ts, CHECK)
        assert len(world.roots()) == 1
        world.clock.move(2 * MINUTE)
        await world.root("waiting")
        slow = world.slack.faults.add(
            method="reactions.add", kind="error", error="ratelimited", headers={"Retry-After": "60"}
        )
        second = await world.answer(root, "again")
        await world.until(lambda: slow.times == 0)
        await world.meta.write(yuki, "thanks")
        await world.until(lambda: "thanks" in words(world, root))
        assert world.slack.reactions(SUPPORT, second) == set()
        world.clock.move(2 * MINUTE)
        await world.signed(root, second, CHECK)
