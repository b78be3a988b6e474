"""Whatever reaches us from Slack is answered within its three seconds, however long the database takes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from bridge.model.facts import Act
from bridge.store.engine import parse
from tests.journeys.hands import talking
from tests.journeys.opening import opens
from tests.journeys.world import AKI, SUPPORT, World

WORDS = (
    "", "help", "setup", "connect", "accounts", "account Hanako Flowers", "channel", "agents", "agents add <@U0KEN>", "queue",
    "mine", "closing", "find blue", "replies", "hours", "check", "audit", "language en", "about", "nonsense",
)  # fmt: skip


@contextmanager
def held(world: World) -> Iterator[None]:
    """Somebody else writes into the database, and does not end."""
    connection = sqlite3.connect(str(parse(world.config.database_url).database), timeout=20)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.rollback()
        connection.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_way_in_is_answered_in_time_while_the_database_is_held(database_url: str) -> None:
    """I-11, I-03: commands, buttons, shortcuts, windows and events; what was acknowledged is not lost, the rest comes again."""
    async with talking(database_url) as talk:
        world, slack = talk.world, talk.world.slack
        view = await opens(talk, Act.CONVERSATION, talk.root.ts)
        slack.deliveries.retry_delays = (4.0, 4.0, 4.0)
        tries: list[Callable[[], Awaitable[object]]] = [
            *(lambda words=words: slack.command(AKI, SUPPORT, "/bridge", words) for words in WORDS),
            lambda: slack.click(AKI, talk.root.channel, talk.root.ts, Act.TAKE),
            lambda: slack.shortcut(AKI, Act.WHAT_HAPPENED, talk.root.channel, talk.root.ts),
            lambda: slack.shortcut(AKI, Act.CONVERSATION, talk.root.channel, talk.root.ts),
            lambda: slack.submit_view(AKI, view.id, {}),
        ]
        with held(world):
            said = asyncio.ensure_future(talk.says("Yes, in blue."))
            ended = await asyncio.gather(*(each() for each in tries), return_exceptions=True)
            await said
        late = [
            name
            for name, each in zip((*WORDS, "button", "shortcut", "window", "submission"), ended, strict=True)
            if _late(each)
        ]
        assert late == []
        await talk.reaches("Yes, in blue.")


def _late(answer: object) -> bool:
    """Whether Slack gave up waiting; an error at a field, or none, is an answer."""
    status = answer[0] if isinstance(answer, tuple) else answer
    return isinstance(answer, TimeoutError) or status == 0
