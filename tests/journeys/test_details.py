"""What helps when an answer did not go as it was written: its details, other words for it, a correction."""

from __future__ import annotations

import pytest

from tests.journeys.hands import Talk, talking
from tests.journeys.opening import post_of, reads, sends_in, shown
from tests.journeys.test_files_out import CUP, PNG, got
from tests.journeys.world import AKI, CHECK, CROSS, KEN, KINDS, LOCK, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def window(talk: Talk, act: str, *, user: str = AKI, holds: str = "") -> str:
    """What a window says that a button on a line opens; it is closed again."""
    await talk.presses(act, user=user, to=user, holds=holds)
    view = await shown(talk, user=user)
    words = reads(talk, view)
    await talk.world.slack.close_view(user, view.id)
    return words


@pytest.mark.parametrize("kind", KINDS)
@sqlite
async def test_what_the_network_answered_can_be_looked_up(database_url: str, kind: Kind) -> None:
    """A sentence with the reason; code, subcode and trace id stand behind *Details*, and under *What happened?*."""
    async with talking(database_url, kind) as talk:
        talk.customer.blocked = True
        ts = await talk.says("Are you still there?")
        await talk.bears(ts, CROSS)
        line = await talk.line("details", holds="cannot receive messages")
        assert "551" not in talk.world.slack.plain(line.said)
        words = await window(talk, "details")
        assert all(each in words for each in ("551", "1545041", "Part ", "not sent", "trace id"))
        assert "trace id \n–" not in words
        talk.customer.blocked = False
        await talk.presses("retry", holds="cannot receive messages")
        await talk.bears(ts, CHECK)
        assert "has it" in await talk.asks(ts)
        words = await window(talk, "details", holds="has it")
        assert talk.bubbles()[0].mid in words
        assert "551" not in words
        assert "Are you still there?" not in words


@sqlite
async def test_an_answer_that_is_too_long_is_written_anew_in_a_window(database_url: str) -> None:
    """ZI-21: what goes are the new words with the files; the others stay inside, and once is once."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", ceiling=20)
        ts = await talk.says("This answer is somewhat longer than that", files=[PNG])
        await talk.presses("edit")
        first = await shown(talk)
        assert "somewhat longer than that" in reads(talk, first)
        assert "With 1 file: cup.png" in reads(talk, first)
        line = await talk.line("edit")
        await talk.world.slack.click(AKI, line.said.channel, line.said.ts, "edit", ephemeral=line.private)
        assert await sends_in(talk, first, text="A short one") == {}
        await talk.world.until(lambda: got(talk) == ["A short one", CUP])
        await talk.bears(ts, LOCK)
        await talk.world.until(lambda: "A short one" in "".join(talk.lines()))
        await talk.bears(post_of(talk, "A short one"), CHECK)
        await talk.world.slack.click(AKI, line.said.channel, line.said.ts, "edit", ephemeral=line.private)
        await talk.world.until_told("Too late")
        assert "other words instead" in await talk.asks(ts)
        assert got(talk) == ["A short one", CUP]


@sqlite
async def test_a_correction_goes_as_a_new_answer(database_url: str) -> None:
    """The window holds what the message says now; once, however often it is sent in; nobody but its reader can use the line."""
    async with talking(database_url) as talk:
        ts = await talk.says("We open at 9.")
        await talk.bears(ts, CHECK)
        await talk.edits(ts, f"We open at 10, says <@{KEN}>.")
        await talk.presses("correct", holds="still sees your earlier text")
        view = await shown(talk)
        assert "We open at 10, says @Ken." in reads(talk, view)
        assert await sends_in(talk, view, text="Sorry: @Ken says 10.") == {}
        await talk.presses("send", holds="mentions a colleague")
        await talk.reaches("We open at 9.", "Sorry: @Ken says 10.")
        await talk.world.until(lambda: "Sorry" in "".join(talk.lines()))
        await talk.bears(post_of(talk, "Sorry"), CHECK)
        await talk.presses("correct", holds="still sees your earlier text")
        assert await sends_in(talk, await shown(talk), text="Sorry: @Ken says 10.") == {}
        await talk.world.until_told("Not sent a second time")
        await talk.reaches("We open at 9.", "Sorry: @Ken says 10.")
        assert talk.world.told(KEN) == []
