"""A customer comments, and an agent stands before the thread of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.journeys.hands import Talk
from tests.journeys.world import Kind, World

ASKED, ANSWER = "値段は？", "DMでご案内します"
AS = "880000000000001"
"""Yuki's id as a commenter, where it is not the one of her messages."""


@asynccontextmanager
async def commented(
    database_url: str, kind: Kind = "instagram", *, text: str = ASKED, times: dict[str, Any] | None = None, **how: Any
) -> AsyncIterator[tuple[Talk, str]]:
    """A world in which Yuki has commented, and the thread of it; with the comment's id."""
    async with World.open(database_url, times=times) as world:
        await world.set(kind, comments=True)
        yuki = world.customer(kind, name="Yuki Tanaka", username="yuki_333", profile=False)
        comment = await world.meta.comment(yuki.account, text, by=yuki, **{"seen_as": AS, **how})
        root = await world.root(text)
        yield Talk(world=world, kind=kind, customer=yuki, root=root), comment


def private(talk: Talk) -> list[str]:
    """The comments to which a private reply was tried."""
    calls = [call for call in talk.world.meta.calls if call.method == "messages" and call.verb == "POST"]
    return [call.arguments["recipient"]["comment_id"] for call in calls if "comment_id" in call.arguments["recipient"]]
