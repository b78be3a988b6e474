"""Blocked customers: kept, counted and shown to nobody, until somebody unblocks them."""

from __future__ import annotations

import pytest

from tests.journeys.hands import Talk, talking
from tests.journeys.seen import decided, figure, told_of
from tests.journeys.test_work import asks, audited, card_says, presses, said
from tests.journeys.world import CHECK, CROSS, HOUR, KINDS, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(talk: Talk) -> list[str]:
    """What the network was asked about the customer."""
    about = talk.customer.id
    return [call.method for call in talk.world.meta.calls if about in call.path or about in str(call.arguments)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_blocked_customer_is_heard_by_nobody_and_unblocking_shows_it_all(database_url: str, kind: Kind) -> None:
    """ZI-34, ZI-29: nothing in thread, channel or alerts; answers are refused; then all of it, in order; the card counts what that shows."""
    async with talking(database_url, kind) as talk:
        world, meta = talk.world, talk.world.meta
        before = await meta.write(talk.customer, "the old one")
        await world.until(lambda: said(talk, "the old one"))
        await asks(talk, "block")
        await card_says(talk, "Blocked by Aki")
        await world.until(lambda: said(talk, "Aki blocked Yuki") == 1)
        shown = [len(talk.lines()), len(world.slack.channel_messages(talk.root.channel))]
        calls = asked(talk)
        world.clock.move(HOUR)
        first = await meta.write(talk.customer, "hateful 1")
        await meta.react(talk.customer, before, "angry", "😠")
        await meta.edit(talk.customer, before, "hateful 2")
        await meta.send_picture(talk.customer)
        taken_back = await meta.write(talk.customer, "hateful 3")
        await meta.unsend(talk.customer, taken_back)
        await decided(world)
        await card_says(talk, "2 messages since")
        await world.calm()
        assert [len(talk.lines()), len(world.slack.channel_messages(talk.root.channel))] == shown
        assert (asked(talk), told_of(world), "hateful" in world.slack.dump()) == (calls, [], False)
        assert await figure(world, "threadbridge_facts_ignored_total", reason="blocked") >= 3
        ts = await talk.says("Please stop.")
        await talk.bears(ts, CROSS)
        assert "Unblock them" in await world.until_told("Aki blocked Yuki")
        await presses(talk, "unblock")
        await world.until(lambda: said(talk, "came meanwhile") == 1)
        assert any("2 messages" in line and "came meanwhile" in line for line in talk.lines())
        await world.until(lambda: said(talk, "hateful 1") == 1 and said(talk, "hateful 2") == 2)
        await card_says(talk, "Waiting since")
        await world.calm()
        assert said(talk, "hateful 3") == 0
        assert "Blocked" not in talk.card()
        ts = await talk.says("Welcome back.")
        await talk.bears(ts, CHECK)
        await talk.reaches("Welcome back.")
        assert [action for _, action in audited(talk)] == ["conversation.block", "conversation.unblock"]
        assert first


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
@sqlite
async def test_spam_is_moved_on_the_network_too_where_that_lets_it(database_url: str, kind: Kind) -> None:
    """ZI-34: blocked and closed here in any case; whoever said so hears when the network would not."""
    async with talking(database_url, kind) as talk:
        await asks(talk, "スパム")
        await card_says(talk, "Marked as spam by Aki")
        await talk.world.until(lambda: talk.customer.spam)
        await asks(talk, "unblock")
        await card_says(talk, "Waiting since")
        talk.world.meta.faults.add(method="moderate_conversations", kind="error", error="10", times=None)
        await asks(talk, "spam")
        await talk.world.until_told("did not move the conversation to its spam folder")
        await card_says(talk, "Marked as spam by Aki")
        await talk.world.meta.write(talk.customer, "cheap pills")
        await card_says(talk, "1 message since")
        await talk.world.calm()
        assert said(talk, "cheap pills") == 0
