"""Answers that rest, of somebody who may not answer any more before they go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.hands import talking
from tests.journeys.test_setup_words import answer
from tests.journeys.world import AKI, CHECK, CROSS, HOURGLASS, KEN


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_rests_does_not_go_once_its_author_is_no_agent_and_the_others_goes(database_url: str) -> None:
    """ZM-17, ZI-25: from the moment of the change on; its author is told why, who stays is not disturbed."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        await world.set("messenger", answer_mode="undo", undo_seconds=30)
        kens = await talk.says("Kens word", user=KEN)
        akis = await talk.says("Akis word", user=AKI)
        await world.until(lambda: all(HOURGLASS in talk.signs(ts) for ts in (kens, akis)))
        world.clock.move(timedelta(seconds=2))
        assert "From now on only" in await answer(world, f"agents add <@{AKI}> flowers")
        assert talk.phone() == []
        await world.forward(lambda: bool(talk.phone()))
        await talk.bears(akis, CHECK)
        await talk.bears(kens, CROSS)
        await world.until_told("not among the agents", KEN)
        world.clock.move(timedelta(minutes=5))
        await world.calm()
        assert talk.phone() == ["Akis word"]
        assert not any("not among the agents" in each for each in world.told(AKI))
