"""Asking somebody who knows, beside the customer's thread: nothing of the customer goes there, nothing from there to them."""

from __future__ import annotations

import pytest

from tests.journeys.hands import ASKED, talking
from tests.journeys.test_work import asks, said
from tests.journeys.world import AKI, KEN, KINDS, LOCK, OTHER, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUESTION = "How long does the Blue Vase last?"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_expert_answers_beside_and_the_customer_sees_nothing_of_it(database_url: str, kind: Kind) -> None:
    """CT-08: the question alone stands there; each answer comes back as a note, whatever it looks like, and never goes."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        ts = await asks(talk, f"ask <#{OTHER}> <@{KEN}> {QUESTION}")
        await talk.bears(ts, LOCK)
        (aside,) = await world.until(lambda: world.roots(OTHER))
        shown = world.slack.plain(aside)
        assert QUESTION in shown
        assert "Aki asks" in shown
        assert not any(word in shown for word in ("Yuki", ASKED, "Hanako"))
        assert KEN in aside.notified
        await world.until(lambda: said(talk, "Aki asked somebody who knows") == 1)
        await world.slack.say(KEN, OTHER, "reply: ten years <!channel>", thread_ts=aside.ts)
        await world.until(lambda: said(talk, "ten years") == 1)
        assert any("the customer does not see it" in line for line in talk.lines())
        edited = await world.slack.say(KEN, OTHER, "twenty, perhaps", thread_ts=aside.ts)
        await world.until(lambda: said(talk, "twenty, perhaps") == 1)
        await world.slack.edit(KEN, OTHER, edited, "thirty, surely")
        await world.slack.say(KEN, OTHER, f"<@{world.slack.world.names.bot_user_id}> close", thread_ts=aside.ts)
        post = next(each for each in world.slack.thread(talk.root.channel, talk.root.ts) if "ten years" in each.text)
        await world.slack.shortcut(AKI, "send_to_customer", talk.root.channel, post.ts)
        await world.calm()
        assert (talk.phone(), talk.sends()) == ([], [])
        assert "Closed" not in talk.card()
        assert len(world.slack.channel_messages(OTHER)) == 1
        assert not any(AKI in each.notified or KEN in each.notified for each in [post])


@sqlite
async def test_a_question_needs_a_channel_that_takes_it(database_url: str) -> None:
    """A direct message to the bridge cannot be answered: it says how to ask, and why a channel takes nothing."""
    async with talking(database_url) as talk:
        await asks(talk, f"ask <@{KEN}> {QUESTION}")
        await talk.world.until_told("ask #experts …?")
        talk.world.slack.faults.add(
            method="chat.postMessage", kind="error", error="not_in_channel", match={"channel": OTHER}, times=None
        )
        await asks(talk, f"質問 <#{OTHER}> {QUESTION}")
        await talk.world.until_told("could not be asked")
        ts = await talk.says("Still fine.")
        await talk.reaches("Still fine.")
        assert ts
