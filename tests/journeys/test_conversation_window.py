"""*Conversation…*: one window with every act, and with all that is known of the customer."""

from __future__ import annotations

import pytest

from tests.journeys.hands import ASKED, talking
from tests.journeys.opening import chooses, does, fields, opens, post_of, reads, sends_in, shown
from tests.journeys.test_figures import report
from tests.journeys.test_setup_words import answer
from tests.journeys.test_work import audited, card_says, said
from tests.journeys.world import AKI, GUEST, HOUR, KEN, LOCK, MINUTE, OTHER, STRANGER

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_everything_is_done_in_one_window(database_url: str) -> None:
    """Who looks after it, until when it rests, how it ended; each effective once, whoever else had it open."""
    async with talking(database_url) as talk:
        talk.world.slack.world.users[AKI].admin = True
        talk.world.slack.add_usergroup("S0RETURNS", "returns", [KEN])
        assert await does(talk, "assign") == {"whom": "Choose a member or a group, one of the two."}
        await talk.world.slack.close_view(AKI, (await shown(talk)).id)
        assert "may not answer" in (await does(talk, "assign", whom=GUEST))["whom"]
        await talk.world.slack.close_view(AKI, (await shown(talk)).id)
        assert talk.world.told(GUEST) == []
        assert await does(talk, "assign", whom=KEN) == {}
        await card_says(talk, "Ken looks after it")
        await talk.world.until_told("asks you to look after", KEN)
        assert await does(talk, "assign", group="S0RETURNS") == {}
        await card_says(talk, "@returns looks after it")
        until = int(talk.world.clock.time() + 2 * HOUR.total_seconds())
        assert await does(talk, "snooze", until=until) == {}
        await card_says(talk, "Put off by Aki")
        talk.world.clock.move(2 * HOUR + MINUTE)
        await card_says(talk, "Waiting since")
        first = await chooses(talk, await opens(talk, "conversation", talk.root.ts), "act", "close")
        second = await chooses(
            talk, await opens(talk, "conversation", talk.root.ts, user=KEN), "act", "close", user=KEN
        )
        assert await sends_in(talk, first, outcome="sold") == {}
        await card_says(talk, "as “sold”")
        assert await sends_in(talk, second, user=KEN, outcome="lost") == {}
        await talk.world.until_told("closed already", KEN)
        await talk.world.calm()
        assert said(talk, "closed this conversation as “sold”") == 1
        assert [act for _, act in audited(talk)].count("conversation.close") == 1
        assert (await report(talk.world)).total.outcomes == {"sold": 1}
        assert [user for user, act in audited(talk) if act == "conversation.assign"] == [AKI, AKI]
        read = await answer(talk.world, "audit")
        assert "gave the conversation with" in read
        assert "conversation:" not in read


@sqlite
async def test_the_window_tells_what_is_known_of_the_customer(database_url: str) -> None:
    """From the card's button as from a message's menu: their name, since when, how long it may be answered, how it ended."""
    async with talking(database_url, "instagram", customer={"name": "Yuki Tanaka", "username": "yuki_333"}) as talk:
        await talk.world.calm()
        assert await talk.world.slack.click(AKI, talk.root.channel, talk.root.ts, "conversation") == 200
        view = await shown(talk)
        words = reads(talk, view)
        assert await talk.world.slack.click(GUEST, talk.root.channel, talk.root.ts, "conversation") == 200
        told = await talk.world.until_told("Guests of this workspace", GUEST)
        assert "Not sent" not in str(told)
        assert "Yuki Tanaka" in words
        assert all(
            each in words for each in ("yuki_333", "Instagram", "Shop Hanako", "First heard from", "Waiting since")
        )
        assert ASKED not in words
        assert fields(view) == ["act"]
        assert "Open it again" not in words
        await talk.world.slack.close_view(AKI, view.id)
        assert await does(talk, "close", outcome="refund") == {}
        await card_says(talk, "as “refund”")
        words = reads(talk, await opens(talk, "conversation", post_of(talk, ASKED)))
        assert "Open it again" in words
        assert "refund" in words


@sqlite
async def test_a_private_note_from_the_window_stays_inside(database_url: str) -> None:
    """In its author's name, with the lock; nobody who may not answer opens the window or sends it in."""
    async with talking(database_url) as talk:
        assert await does(talk, "note", text="Angry; call them tomorrow") == {}
        await talk.world.until(lambda: "Angry; call them" in "".join(talk.lines()))
        ts = post_of(talk, "Angry; call them")
        await talk.bears(ts, LOCK)
        posted = talk.world.slack.message(talk.root.channel, ts)
        assert posted is not None
        assert posted.username == "Aki"
        assert "private note" in await talk.asks(ts)
        view = await chooses(talk, await opens(talk, "conversation", talk.root.ts), "act", "take")
        await talk.world.set("messenger", agents=(KEN,))
        assert await sends_in(talk, view) == {}
        await talk.world.until_told("You are not among the agents")
        for user in (AKI, GUEST, STRANGER):
            await talk.world.slack.click(user, talk.root.channel, talk.root.ts, "conversation")
        await talk.world.until(
            lambda: sum("You are not among the agents" in line for line in talk.world.told(AKI)) == 2
        )
        assert "Ask @Ken to do it" in await talk.world.until_told("not among the agents", GUEST)
        await talk.world.calm()
        assert "looks after it" not in talk.card()
        await talk.reaches()


@sqlite
async def test_a_conversation_is_forwarded_and_blocked_in_the_window(database_url: str) -> None:
    """Every act that the bridge understands in a thread stands in the window, where it can be done."""
    async with talking(database_url) as talk:
        view = await opens(talk, "conversation", talk.root.ts)
        assert "Forward it" not in reads(talk, view)
        await talk.world.slack.close_view(AKI, view.id)
        await talk.world.set("instagram", channel=OTHER)
        assert await does(talk, "forward", place=OTHER) == {}
        await talk.world.until(lambda: talk.world.roots(OTHER))
        assert await does(talk, "block") == {}
        await talk.world.until(lambda: "Blocked by Aki" in talk.world.slack.plain(talk.world.roots(OTHER)[0]))
        words = reads(talk, await opens(talk, "conversation", talk.root.ts))
        assert all(each in words for each in ("Unblock the customer", "Take it back from the other channel"))
        assert "Block the customer" not in words


@sqlite
async def test_somebody_who_knows_is_asked_in_the_window(database_url: str) -> None:
    """The question is a note in the thread and stands alone where it was asked; what is answered comes back inside."""
    async with talking(database_url) as talk:
        assert await does(talk, "ask", channel=OTHER, whom=KEN, text="How long does it last?") == {}
        (aside,) = await talk.world.until(lambda: talk.world.roots(OTHER))
        assert "How long does it last?" in talk.world.slack.plain(aside)
        assert KEN in aside.notified
        await talk.world.until(lambda: said(talk, "How long does it last?") == 1)
        await talk.bears(post_of(talk, "How long does it last?"), LOCK)
        await talk.world.slack.say(KEN, OTHER, "Ten years", thread_ts=aside.ts)
        await talk.world.until(lambda: said(talk, "Ten years") == 1)
        await talk.reaches()
