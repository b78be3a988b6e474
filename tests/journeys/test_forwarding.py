"""Conversations that are forwarded to another account's channel: shown there, answered by their own account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.model.state import Wish
from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.seen import words
from tests.journeys.test_work import asks, audited, card_says, said
from tests.journeys.world import AKI, CHECK, CROSS, HOUR, KEN, OTHER, SUPPORT, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def standing(talk: Talk, channel: str, number: int = 0) -> Talk:
    """The conversation where it stands now, as soon as it does."""
    world = talk.world
    root = await world.until(lambda: world.roots(channel)[number:])
    return replace(talk, root=root[0])


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_conversation_goes_on_in_another_accounts_channel_and_comes_back(database_url: str, kind: Kind) -> None:
    """ZI-34: history linked both ways; agents of both accounts answer, by the account it came to; an unsend reaches both."""
    async with talking(database_url, kind) as talk:
        world, meta = talk.world, talk.world.meta
        other: Kind = "instagram" if kind == "messenger" else "messenger"
        await world.set(other, channel=OTHER, agents=(KEN,))
        await world.set(kind, agents=(AKI,))
        mid = await meta.write(talk.customer, "an old secret")
        await world.until(lambda: said(talk, "an old secret"))
        await asks(talk, f"forward <#{OTHER}>")
        there = await standing(talk, OTHER)
        await world.until(lambda: said(there, "Aki forwarded this conversation from") == 1)
        await world.until(lambda: said(talk, "Aki forwarded this conversation to") == 1)
        await card_says(there, "Forwarded from")
        assert ASKED not in talk.card()
        world.clock.move(HOUR)
        newer = await meta.write(talk.customer, "and a newer one")
        await world.until(lambda: said(there, "and a newer one") == 1)
        ts = await there.says("From Ken", user=KEN)
        await there.bears(ts, CHECK)
        ts = await there.says("From Aki", user=AKI)
        await there.bears(ts, CHECK)
        await there.reaches("From Ken", "From Aki")
        await meta.unsend(talk.customer, mid)
        await meta.unsend(talk.customer, newer)
        await world.until(lambda: not said(talk, "an old secret") and not said(there, "and a newer one"))
        assert "secret" not in world.slack.dump()
        await asks(there, "forward back", KEN)
        back = await standing(talk, SUPPORT, 1)
        await world.until(lambda: said(back, "Ken forwarded this conversation from") == 1)
        await meta.write(talk.customer, "thanks")
        await world.until(lambda: said(back, "thanks") == 1)
        ts = await back.says("Not mine any more", user=KEN)
        await back.bears(ts, CROSS)
        acts = [action for _, action in audited(talk)]
        assert acts == ["conversation.forward", "conversation.unforward"]


@sqlite
async def test_what_was_forwarded_to_an_account_that_is_paused_comes_back_and_says_so(database_url: str) -> None:
    """ZI-29, ZI-31: at once; a name that fits nothing gets the list of those that do."""
    async with talking(database_url) as talk:
        world = talk.world
        await asks(talk, "forward")
        await world.until_told("forward #…")
        await asks(talk, "forward hanako flowers")
        await world.until_told("It is in #support already")
        await asks(talk, "forward nowhere")
        await world.until_told("no other connected account")
        await world.set("instagram", channel=OTHER)
        await asks(talk, "転送 somewhere")
        await world.until_told("the name of one of these: Shop Hanako")
        await asks(talk, "転送 shop")
        there = await standing(talk, OTHER)
        await world.calm()  # that its card stands is known a moment after it does
        await world.wish("instagram", Wish.PAUSED)
        back = await standing(talk, SUPPORT, 1)
        await world.until(lambda: said(back, "Shop Hanako is paused or no longer connected") == 1)
        await world.until(lambda: said(there, "Shop Hanako is paused or no longer connected") == 1)
        await world.meta.write(talk.customer, "still here?")
        await world.until(lambda: words(world, back.root)[-1] == "still here?")
        await asks(back, "unforward")
        await world.until_told("was not forwarded")
