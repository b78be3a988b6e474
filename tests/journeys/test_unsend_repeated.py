"""Agents who repeated what a customer took back are told, and nothing of it stays in what the bridge keeps or quotes."""

from __future__ import annotations

import pytest

from tests.journeys.test_unsend import WORD, begun, told
from tests.journeys.world import AKI, MINUTE, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@SQLITE
async def test_who_quoted_it_in_an_answer_is_asked_to_take_it_away(database_url: str) -> None:
    """M-17: told directly, with a link and without the words; what quotes the answer shows the rest of it alone."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, f"{WORD} Lane 4")
        await told(world, root, WORD)
        world.clock.move(MINUTE)
        plain = await world.answer(root, "Thank you very much")
        await world.signed(root, plain, "white_check_mark")
        quoting = await world.answer(root, f"> {WORD} Lane 4\nIs that upstairs?")
        await world.signed(root, quoting, "white_check_mark")
        answered = next(each.mid for each in world.bubbles(yuki) if "upstairs" in (each.text or ""))
        await world.meta.write(yuki, "yes it is", reply_to=answered)
        await told(world, root, "in answer to")
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        line = await world.until_told("has unsent a message that this reply of yours repeats")
        assert WORD not in line
        assert sum("unsent a message that" in each for each in world.told(AKI)) == 1
        assert quoting.replace(".", "") in str(world.slack.dms(AKI)[-1].blocks)
        await world.until(
            lambda: any(
                "in answer to" in each and "upstairs" in each and WORD not in each for each in world.lines(root)
            )
        )
        await world.calm()
        assert [text for (text,) in world.rows("SELECT text FROM message") if WORD in (text or "")] == []
