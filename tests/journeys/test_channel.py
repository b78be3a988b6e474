"""The channel is a list of customers: a card each, and one line when a customer begins to wait again."""

from __future__ import annotations

import pytest

from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.seen import decided, words
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, SUPPORT, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def seen(world: World) -> list[str]:
    """The words of customers that stand in the channel itself."""
    return [
        world.slack.plain(each).split(": ", 1)[1] for each in world.slack.channel_messages(SUPPORT) if each.is_reply
    ]


async def writes(talk: Talk, text: str, *, at: float | None = None) -> None:
    """The customer writes, and it stands in their thread."""
    await talk.world.meta.write(talk.customer, text, at=at)
    await talk.world.until(lambda: text in words(talk.world, talk.root))


@SQLITE
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_the_first_message_of_a_waiting_period_is_shown_in_the_channel_too(database_url: str, kind: str) -> None:
    """The card tells of the first contact, later messages of the same wait stay in the thread; after an answer anew."""
    async with talking(database_url, kind) as talk:  # type: ignore[arg-type]
        await writes(talk, "hello?")
        await writes(talk, "anybody there?")
        assert seen(talk.world) == []
        await talk.bears(await talk.says("Yes."), CHECK)
        await writes(talk, "and in blue?")
        await writes(talk, "or green?")
        assert seen(talk.world) == ["and in blue?"]
        await talk.bears(await talk.says("Both."), CHECK)
        await writes(talk, "thank you")
        assert seen(talk.world) == ["and in blue?", "thank you"]
        assert words(talk.world, talk.root).count("thank you") == 1


@SQLITE
async def test_each_customer_is_seen_for_themselves(database_url: str) -> None:
    """One who waits says nothing of another."""
    async with talking(database_url) as talk:
        ken = talk.world.customer(name="Ken")
        await talk.world.meta.write(ken, "first")
        root = await talk.world.root("first")
        ts = await talk.world.answer(root, "Hi Ken")
        await talk.world.signed(root, ts, CHECK)
        await writes(talk, "still me")
        await talk.world.meta.write(ken, "again")
        await talk.world.until(lambda: seen(talk.world) == ["again"])


@SQLITE
async def test_a_late_message_that_was_answered_by_what_went_after_it_is_not_shown_in_the_channel(
    database_url: str,
) -> None:
    """It is history: nobody waits because of it."""
    async with talking(database_url) as talk:
        before = talk.world.clock.time() - 60
        await talk.bears(await talk.says("Yes."), CHECK)
        await writes(talk, "an hour late", at=before)
        assert seen(talk.world) == []
        await talk.world.until(lambda: "Answered" in talk.card())


@SQLITE
async def test_who_waited_until_the_window_closed_and_writes_again_is_seen_again(database_url: str) -> None:
    """ZI-23, ZM-08: nobody could answer any more; now somebody can."""
    async with talking(database_url) as talk:
        talk.world.clock.move(DAY + HOUR)
        await talk.world.until(lambda: "Closed" in talk.card())
        await writes(talk, "still here")
        await writes(talk, "hello?")
        assert seen(talk.world) == ["still here"]
        await talk.world.until(lambda: "Waiting since" in talk.card())


@SQLITE
@pytest.mark.parametrize(
    "error", ["cant_broadcast_message", "restricted_action", "restricted_action_thread_only_channel"]
)
async def test_where_slack_forbids_it_the_message_stands_in_the_thread_alone(database_url: str, error: str) -> None:
    """Refused for the channel, taken for the thread: nothing is held, nothing announced."""
    async with talking(database_url) as talk:
        await talk.bears(await talk.says("Yes."), CHECK)
        talk.world.slack.faults.add(
            method="chat.postMessage", kind="error", error=error, match={"reply_broadcast": "true"}, times=1
        )
        await writes(talk, "and in blue?")
        await writes(talk, "or green?")
        assert [call.error for call in talk.world.slack.calls if call.error] == [error]
        await decided(talk.world)
        assert seen(talk.world) == []
        assert words(talk.world, talk.root) == [ASKED, "Yes.", "and in blue?", "or green?"]
        assert talk.world.roots(ALERTS) == []
