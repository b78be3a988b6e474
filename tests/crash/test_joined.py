"""Killed while a post that shows several messages is in hand: all of them end alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.demo.slack import Message
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.house import SECOND
from tests.journeys.seen import decided, words

BURST = [f"number {number}" for number in range(1, 8)]
JOINED = "SELECT id FROM outbox WHERE state = 'working' AND joined IS NOT NULL"


def spoken(home: Installation, root: Message) -> list[str]:
    """What stands in the thread, message by message, without the card's own."""
    return [part for post in words(home.world, root) for part in post.split("\n")][1:]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("stands", [True, False], ids=["it stands", "it never came"])
async def test_killed_while_a_joined_post_is_in_hand_nothing_is_lost_and_nothing_doubled(
    nursery: Nursery, database_url: str, tmp_path: Path, *, stands: bool
) -> None:
    """Promises 1, 2 and 3: whether it stands is looked up by the mark of its first row; then all of it is done, or goes."""
    async with installed(nursery, database_url, tmp_path, slack_posts_per_second=1.0) as home:
        world = home.world
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        world.clock.freeze()  # no post goes before all of them wait
        if not stands:
            world.slack.faults.add(method="chat.postMessage", kind="reset_before", match={"text": "number 7"})
        world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=3, match={"text": "number 7"})
        for text in BURST:
            await world.meta.write(yuki, text)
        await decided(world)
        world.clock.move(2 * SECOND)
        assert len(await home.until(lambda: world.rows(JOINED))) >= 2
        await home.until(lambda: not list(world.slack.faults))  # Slack has been asked
        world.slack.deliveries.drop_next(9)
        await home.service.kill()
        if stands:
            await home.until(lambda: spoken(home, root) == BURST)
        await home.service.start()
        await world.forward(lambda: spoken(home, root) == BURST, seconds=60)
        await world.forward(
            lambda: not world.rows("SELECT id FROM outbox WHERE state IN ('working', 'unsure')"), seconds=60
        )
        await world.meta.write(yuki, "and now?")
        await world.forward(lambda: spoken(home, root) == [*BURST, "and now?"], seconds=60)
