"""Agents' files, from the thread to the customer's phone."""

from __future__ import annotations

import pytest

from bridge.demo.meta.media import avatar
from tests.journeys.hands import talking
from tests.journeys.world import CHECK, KINDS, Kind

CUP, PLATE = avatar("cup"), avatar("plate")


@pytest.mark.parametrize("kind", KINDS)
async def test_files_follow_the_words_in_their_order(database_url: str, kind: Kind) -> None:
    """CT-17, ZM-01: words, then each file by itself, and one sign for all of it."""
    async with talking(database_url, kind) as talk:
        files = [("cup.png", CUP, "image/png"), ("plate.png", PLATE, "image/png")]
        ts = await talk.says("Both are in stock.", files=files)
        await talk.bears(ts, CHECK)
        assert talk.phone() == ["Both are in stock.", "", ""]
        shown = [bubble.attachments for bubble in talk.bubbles()]
        kept = talk.world.meta.cdn.files
        assert [[kept[str(each["payload"]["attachment_id"])].data for each in some] for some in shown] == [
            [],
            [CUP],
            [PLATE],
        ]
        await talk.world.calm()
        assert len(talk.bubbles()) == 3
        assert len(talk.lines()) == 1 + 1, "no echo of it is shown as written elsewhere"
