"""Agents' reactions to what customers wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.world import AKI, DAY, GUEST, KEN, KINDS, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def post(talk: Talk, words: str = ASKED) -> Message:
    """The post that shows the customer's words."""
    slack = talk.world.slack
    return next(
        each for each in slack.thread(talk.root.channel, talk.root.ts) if each.is_reply and words in slack.plain(each)
    )


async def reacts(talk: Talk, name: str, user: str = AKI) -> None:
    await talk.world.slack.react(user, talk.root.channel, post(talk).ts, name)


async def takes_back(talk: Talk, name: str, user: str = AKI) -> None:
    await talk.world.slack.unreact(user, talk.root.channel, post(talk).ts, name)


def shown(talk: Talk) -> str | None:
    """Our reaction on the customer's phone."""
    for bubble in talk.customer.bubbles:
        if bubble.text == ASKED:
            return bubble.reactions.get("business")
    raise AssertionError("the customer's words are not on their phone")


async def sees(talk: Talk, emoji: str | None) -> None:
    await talk.world.until(lambda: shown(talk) == emoji)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reaction_reaches_the_customer_and_goes_again(database_url: str, kind: Kind) -> None:
    """The last one put of those that stand is shown, whoever put it; after the last of them none is."""
    async with talking(database_url, kind) as talk:
        await talk.world.set(kind, reactions_out=("all",))
        await reacts(talk, "heart")
        await sees(talk, "❤️")
        await reacts(talk, "+1", KEN)
        await sees(talk, "👍")
        await takes_back(talk, "heart")
        await talk.world.calm()
        await sees(talk, "👍")
        await reacts(talk, "heart")
        await sees(talk, "❤️")
        await takes_back(talk, "heart")
        await sees(talk, "👍")
        await reacts(talk, "+1")
        await takes_back(talk, "+1", KEN)
        await talk.world.calm()
        await sees(talk, "👍")
        await takes_back(talk, "+1")
        await sees(talk, None)


@sqlite
async def test_reactions_stay_inside_unless_the_account_lets_them_out(database_url: str) -> None:
    """Off by default; only the emoji that are named; nobody but agents; the bridge's own signs never."""
    async with talking(database_url) as talk:
        await reacts(talk, "heart")
        await talk.world.calm()
        assert shown(talk) is None
        await talk.world.set("messenger", reactions_out=("thumbsup",))
        await reacts(talk, "tada")
        await talk.world.calm()
        assert shown(talk) is None
        await reacts(talk, "+1", GUEST)
        await talk.world.calm()
        assert shown(talk) is None
        await reacts(talk, "+1", KEN)
        await sees(talk, "👍")


@sqlite
async def test_a_reaction_that_may_not_go_is_told_to_whoever_put_it(database_url: str) -> None:
    """Outside the standard window no reaction goes (F3: nothing but a person's words bears the tag)."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", reactions_out=("all",), human_agent=True)
        talk.world.clock.move(DAY + timedelta(minutes=1))
        await reacts(talk, "heart")
        await talk.world.until_told("takes reactions for as long as")
        assert shown(talk) is None


@sqlite
async def test_a_reaction_that_the_network_refuses_is_told(database_url: str) -> None:
    """M-24."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", reactions_out=("all",))
        talk.world.meta.faults.add(
            method="messages", kind="error", error="100", status=400, match={"sender_action": "react"}
        )
        await reacts(talk, "heart")
        await talk.world.until_told("did not take the reaction")
        assert shown(talk) is None
