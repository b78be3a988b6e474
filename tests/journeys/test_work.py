"""Work on a conversation as a whole: who looks after it, and whether it is over or put off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.hands import Talk, talking
from tests.journeys.world import AKI, GUEST, HOUR, KEN, KINDS, LOCK, MINUTE, SUPPORT, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TAKEN = "Aki looks after this conversation"


async def presses(talk: Talk, act: str, user: str = AKI) -> None:
    """Somebody presses a button of the card."""
    assert await talk.world.slack.click(user, talk.root.channel, talk.root.ts, act) == 200


async def card_says(talk: Talk, words: str) -> None:
    await talk.world.until(lambda: words in talk.card())


async def asks(talk: Talk, words: str, user: str = AKI) -> str:
    """Somebody writes to the bridge in the thread."""
    return await talk.says(f"<@{talk.world.slack.world.names.bot_user_id}> {words}", user=user)


def said(talk: Talk, words: str) -> int:
    return sum(words in line for line in talk.lines())


def audited(talk: Talk) -> list[tuple[str, str]]:
    return talk.world.rows("SELECT who, action FROM audit WHERE action LIKE 'conversation.%' ORDER BY id")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_conversation_is_taken_closed_and_opened_again(database_url: str, kind: Kind) -> None:
    """CT-03: one line each, kept with who did it; the card says who looks after it and that it is over."""
    async with talking(database_url, kind) as talk:
        await presses(talk, "take")
        await card_says(talk, "Aki looks after it")
        await talk.world.until(lambda: said(talk, TAKEN) == 1)
        await presses(talk, "close", KEN)
        await card_says(talk, "Closed by Ken")
        assert "Waiting" not in talk.card()
        await presses(talk, "reopen")
        await card_says(talk, "Waiting since")
        await presses(talk, "release")
        await talk.world.until(lambda: "looks after it" not in talk.card())
        await talk.world.calm()
        assert [talk.phone(), said(talk, "closed this"), said(talk, "opened this")] == [[], 1, 1]
        acts = ["take", "close", "reopen", "release"]
        assert [action for _, action in audited(talk)] == [f"conversation.{act}" for act in acts]


@sqlite
async def test_two_agents_press_at_once_and_each_act_counts_once(database_url: str) -> None:
    """A second press changes nothing, and its presser is told."""
    async with talking(database_url) as talk:
        for user in (AKI, AKI, KEN):
            await presses(talk, "close", user)
        await talk.world.until_told("closed already", KEN)
        await talk.world.calm()
        assert (said(talk, "closed this"), len(audited(talk))) == (1, 1)


@sqlite
async def test_a_customer_who_writes_opens_what_was_closed_in_the_same_thread(database_url: str) -> None:
    """CT-11: it begins to wait, and stands in the channel."""
    async with talking(database_url) as talk:
        await presses(talk, "close")
        await card_says(talk, "Closed by Aki")
        talk.world.clock.move(HOUR)
        await talk.world.meta.write(talk.customer, "One more thing")
        await card_says(talk, "Waiting since")
        await talk.world.until(lambda: said(talk, "One more thing"))
        assert len(talk.world.roots()) == 1
        shown = [each for each in talk.world.slack.channel_messages(SUPPORT) if each.is_reply]
        assert any("One more thing" in talk.world.slack.plain(each) for each in shown)


@sqlite
async def test_what_is_put_off_is_due_again_in_its_time(database_url: str) -> None:
    """Whoever looks after it is told; a customer who writes meanwhile wakes it."""
    async with talking(database_url) as talk:
        await asks(talk, "snooze 2h")
        await card_says(talk, "Put off by Aki")
        talk.world.clock.move(2 * HOUR + MINUTE)
        await talk.world.until_told("due again")
        await card_says(talk, "Waiting since")
        await asks(talk, "保留 3日", KEN)
        await card_says(talk, "Put off by Ken")
        await talk.world.meta.write(talk.customer, "Are you there?")
        await talk.world.until(lambda: "Put off" not in talk.card())


@sqlite
async def test_the_bridge_is_asked_in_the_thread(database_url: str) -> None:
    """F11: slash commands do not work there; what is asked of the bridge never reaches the customer."""
    async with talking(database_url) as talk:
        ts = await asks(talk, "take")
        await talk.bears(ts, LOCK)
        await talk.world.until(lambda: said(talk, TAKEN) == 1)
        await asks(talk, f"assign <@{KEN}>")
        await card_says(talk, "Ken looks after it")
        await talk.world.until_told("asks you to look after", KEN)
        await asks(talk, "CLOSE")
        await card_says(talk, "Closed by Aki")
        await talk.edits(ts, f"<@{talk.world.slack.world.names.bot_user_id}> reopen")
        await asks(talk, "reopen", GUEST)
        await asks(talk, "dance")
        await talk.world.until_told("the bridge itself understands")
        await talk.world.calm()
        assert "Closed by Aki" in talk.card()
        await talk.reaches()


@sqlite
async def test_a_press_is_done_after_a_restart_and_once(database_url: str) -> None:
    """Kept before it was answered."""
    async with talking(database_url) as talk:
        await presses(talk, "take")
        await talk.world.stop()
        talk.world.clock.move(timedelta(seconds=10))
        await talk.world.start()
        await card_says(talk, "Aki looks after it")
        await talk.world.calm()
        assert said(talk, TAKEN) == 1


@pytest.mark.parametrize("kind", KINDS)
@sqlite
async def test_whoever_takes_a_conversation_has_seen_it(database_url: str, kind: Kind) -> None:
    """M-13: where the account is set so, and not otherwise."""
    async with talking(database_url, kind) as talk:
        await presses(talk, "take")
        await card_says(talk, "Aki looks after it")
        await presses(talk, "release")
        await talk.world.until(lambda: "looks after it" not in talk.card())
        await talk.world.set(kind, seen=True)
        await talk.world.calm()
        assert seen(talk) == 0
        await presses(talk, "take")
        await talk.world.until(lambda: seen(talk) == 1)


def seen(talk: Talk) -> int:
    """How often the network was told that the customer's words were seen."""
    return sum(call.arguments.get("sender_action") == "mark_seen" for call in talk.world.meta.calls)
