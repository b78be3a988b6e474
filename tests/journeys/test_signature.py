"""Who answered, under an answer."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.journeys.hands import talking
from tests.journeys.world import CHECK, KEN, KINDS, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["first", "alias"])
async def test_an_answer_ends_with_who_wrote_it(database_url: str, kind: Kind, how: Literal["first", "alias"]) -> None:
    """A customer sees a person; nothing of it stands in Slack."""
    async with talking(database_url, kind) as talk:
        await talk.world.set(kind, signature=how)
        ts = await talk.says("In stock.")
        await talk.reaches("In stock.\n\n— Aki")
        await talk.bears(ts, CHECK)
        await talk.says("Anything else?", user=KEN)
        await talk.reaches("In stock.\n\n— Aki", "Anything else?\n\n— Ken")


@sqlite
async def test_an_answer_that_was_lost_is_known_by_its_words_and_signature(database_url: str) -> None:
    """Its echo settles it, and nothing is sent twice."""
    async with talking(database_url, "instagram") as talk:
        await talk.world.set("instagram", signature="first")
        talk.world.meta.faults.add(method="messages", kind="drop_after", times=1)
        ts = await talk.says("In stock.")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        await talk.reaches("In stock.\n\n— Aki")


@sqlite
async def test_customers_read_an_alias_and_colleagues_the_name(database_url: str) -> None:
    """Whoever has one never appears to a customer by their name: not under an answer, not in a saved reply."""
    async with talking(database_url, "messenger") as talk:
        await talk.world.set("messenger", signature="alias", aliases=((KEN, "Momo from the desk"),))
        await talk.says("In stock.", user=KEN)
        await talk.reaches("In stock.\n\n— Momo from the desk")
        await talk.says("Anything else?")
        await talk.reaches("In stock.\n\n— Momo from the desk", "Anything else?\n\n— Aki")
        await talk.world.set("messenger", signature="first")
        await talk.says("Bye!", user=KEN)
        await talk.reaches("In stock.\n\n— Momo from the desk", "Anything else?\n\n— Aki", "Bye!\n\n— Momo")
        shown = [talk.world.slack.plain(each) for each in talk.world.slack.channel_messages(talk.root.channel)]
        assert not any("Momo" in line for line in (*shown, *talk.lines()))


@sqlite
async def test_nothing_more_is_sent_for_a_signature_alone(database_url: str) -> None:
    """Instagram takes 1,000 bytes at a time (F1): where it does not fit, it is left out."""
    async with talking(database_url, "instagram") as talk:
        await talk.world.set("instagram", signature="first")
        await talk.says("a" * 1000)
        await talk.reaches("a" * 1000)
