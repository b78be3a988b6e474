"""What reaches agents late: it is not taken for answered, its post says when it was written, and reactions keep their place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import Talk, talking
from tests.journeys.test_backfill import FOUND, deaf
from tests.journeys.world import HOUR, MINUTE, SUPPORT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECOND = timedelta(seconds=1)


def written(at: float) -> str:
    """How a post says when its message was written."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def broadcasts(talk: Talk) -> list[str]:
    """What of the thread is shown in the channel as well."""
    shown = talk.world.slack.channel_messages(SUPPORT)
    return [talk.world.slack.plain(each) for each in shown if each.is_reply]


def line(talk: Talk, words: str) -> Message:
    """The post that says *words*."""
    thread = talk.world.slack.thread(talk.root.channel, talk.root.ts)
    return next(each for each in thread if words in talk.world.slack.plain(each))


async def test_what_was_found_after_our_answer_and_nobody_saw_makes_the_customer_wait(database_url: str) -> None:
    """M-26, UX: its delivery was lost, and an agent answered what stood there: the answer is none to it."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(10 * MINUTE)
        world.meta.deliveries.drop_next(1)
        await world.meta.write(talk.customer, "please cancel my order")
        at = world.clock.time()
        world.clock.move(5 * MINUTE)
        await talk.says("hello to you")
        await talk.hears("hello to you")
        await world.until(lambda: "Answered by" in talk.card())
        async with deaf(world):
            world.clock.move(HOUR)
        await world.until(lambda: f"Waiting since {written(at)}" in talk.card())
        await world.calm()
        assert "“please cancel my order”" in talk.card()
        assert [each for each in broadcasts(talk) if FOUND in each and "please cancel" in each]
        await talk.says("cancelled")
        await talk.hears("cancelled")
        await world.until(lambda: "Answered by" in talk.card())


async def test_what_is_told_while_an_answer_is_on_its_way_is_not_answered_by_it(database_url: str) -> None:
    """UX: written before the answer, told after it: an agent could not have read it."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(10 * MINUTE)
        at = world.clock.time() - 120
        refused = world.meta.faults.add(method="messages", kind="error", error="2", status=400, times=None)
        await talk.says("hello to you")
        await world.until(talk.sends)
        await world.meta.write(talk.customer, "please cancel my order", at=at)
        await world.until(lambda: any("please cancel" in each for each in talk.lines()))
        world.meta.faults.remove(refused)
        await world.forward(lambda: talk.phone() == ["hello to you"])
        await world.until(lambda: f"Waiting since {written(at)}" in talk.card())
        await world.calm()
        assert "“please cancel my order”" in talk.card()
        await talk.says("cancelled")
        await talk.hears("cancelled")
        await world.until(lambda: "Answered by" in talk.card())


async def test_what_is_told_late_is_answered_by_nothing_that_was_said_before(database_url: str) -> None:
    """UX, CT-38: a webhook three hours late, after an answer to something newer: the customer waits, and for that alone."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(6 * HOUR)
        await world.meta.write(talk.customer, "a newer one")
        await world.until(lambda: any("a newer one" in each for each in talk.lines()))
        await talk.says("answered")
        await talk.hears("answered")
        await world.until(lambda: "Answered by" in talk.card())
        world.clock.move(MINUTE)
        at = world.clock.time() - 3 * 3600
        mid = await world.meta.write(talk.customer, "three hours ago", at=at)
        await world.until(lambda: f"Waiting since {written(at)}" in talk.card())
        await world.calm()
        assert "“three hours ago”" in talk.card()
        assert [each for each in broadcasts(talk) if "three hours ago" in each]
        assert f"Written {written(at)}" in world.slack.plain(line(talk, "three hours ago"))
        assert FOUND not in "".join(talk.lines())
        await world.meta.unsend(talk.customer, mid)
        await world.until(lambda: "Answered by" in talk.card())
        await world.until(lambda: "“a newer one”" in talk.card())


async def test_what_else_is_taken_back_leaves_who_waits_for_an_answer_to_what_came_late(database_url: str) -> None:
    """CT-19, UX: the newest of all was answered; taking it back answers nothing."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(HOUR)
        newer = await world.meta.write(talk.customer, "a newer one")
        await world.until(lambda: any("a newer one" in each for each in talk.lines()))
        await talk.says("answered")
        await talk.hears("answered")
        await world.until(lambda: "Answered by" in talk.card())
        at = world.clock.time() - 1800
        await world.meta.write(talk.customer, "half an hour ago", at=at)
        await world.until(lambda: f"Waiting since {written(at)}" in talk.card())
        await world.meta.unsend(talk.customer, newer)
        await world.until(lambda: any("unsent a message" in each for each in talk.lines()))
        await world.calm()
        assert f"Waiting since {written(at)}" in talk.card()
        assert "“half an hour ago”" in talk.card()


async def test_what_was_answered_in_the_app_is_answered_however_late_it_is_told(database_url: str) -> None:
    """CT-38: people there see everything; an answer of ours since then changes nothing of that."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(HOUR)
        at = world.clock.time()
        world.clock.move(MINUTE)
        await world.meta.native_reply(world.account("instagram"), talk.customer, "by hand")
        await world.until(lambda: "Answered in the" in talk.card())
        await talk.says("and from here")
        await talk.hears("and from here")
        world.clock.move(HOUR)
        await world.meta.write(talk.customer, "told late", at=at)
        await world.until(lambda: any("told late" in each for each in talk.lines()))
        await world.calm()
        assert "Answered by" in talk.card()
        assert not broadcasts(talk)


@pytest.mark.parametrize(("ago", "says_so"), [(59, False), (61, True)])
async def test_only_what_is_more_than_a_minute_late_says_when_it_was_written(
    database_url: str, ago: int, says_so: bool
) -> None:
    """CT-01: a minute's delay is told; less is not, where nothing newer stands above. A change of its words keeps it."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(HOUR)
        at = world.clock.time() - ago
        mid = await world.meta.write(talk.customer, "on its way", at=at)
        await world.until(lambda: any("on its way" in each for each in talk.lines()))
        assert ("Written" in world.slack.plain(line(talk, "on its way"))) is says_so
        await world.meta.edit(talk.customer, mid, "changed words")
        await world.until(lambda: any("changed words" in each for each in talk.lines()))
        assert ("Written" in world.slack.plain(line(talk, "changed words"))) is says_so


async def test_what_stands_below_something_newer_says_when_it_was_written(database_url: str) -> None:
    """CT-01: seconds late, but the newer one stands above it already."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        world.clock.move(HOUR)
        at = world.clock.time() - 20
        await world.meta.write(talk.customer, "the later one")
        await world.until(lambda: any("the later one" in each for each in talk.lines()))
        await world.calm()
        await world.meta.write(talk.customer, "the earlier one", at=at)
        await world.until(lambda: any("the earlier one" in each for each in talk.lines()))
        assert f"Written {written(at)}" in world.slack.plain(line(talk, "the earlier one"))
        assert "Written" not in world.slack.plain(line(talk, "the later one"))


async def test_a_reaction_that_overtakes_its_message_stands_below_it(database_url: str) -> None:
    """M-17: heard first, four times over: it waits until its message is there."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        for number in range(4):
            world.meta.deliveries.hold_and_reverse(2)
            mid = await world.meta.write(talk.customer, f"message {number}")
            world.clock.move(20 * SECOND)
            await world.ticked(3)
            await world.meta.react(talk.customer, mid)
            await world.until(lambda: len([each for each in talk.lines() if "reacted with" in each]) == number + 1)  # noqa: B023 - awaited here
        await world.calm()
        shown = [each for each in talk.lines() if "message" in each]
        assert ["reacted with" in each for each in shown] == [False, True] * 4


async def test_a_reaction_to_what_never_comes_is_shown_after_a_while(database_url: str) -> None:
    """M-04: said before the account was connected; the window does not wait for it."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        seen = talk.card()
        whose = {"sender": {"id": talk.customer.id}, "recipient": {"id": talk.customer.account.id}}
        world.clock.move(2 * HOUR)
        item = whose | {
            "timestamp": int(world.clock.time() * 1000),
            "reaction": {"mid": "long ago", "action": "react", "reaction": "love", "emoji": "❤️"},
        }
        entry = {"id": talk.customer.account.id, "time": 1, "messaging": [item]}
        assert await world.meta.deliver({"object": "instagram", "entry": [entry]}) == 200
        await world.until(lambda: talk.card() != seen)
        assert not any("reacted with" in each for each in talk.lines())
        await world.forward(lambda: any("reacted with" in each for each in talk.lines()))
