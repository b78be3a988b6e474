"""What the operator's channel hears by itself: what was given up, who knocks, what Slack keeps back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.hands import talking
from tests.journeys.world import OTHER, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def heard(world: World) -> str:
    """All that the operator's channel holds."""
    return "\n".join(world.slack.plain(each) for each in world.roots(OTHER))


async def test_wrong_signatures_and_events_kept_back_are_told_where_the_operator_listens(database_url: str) -> None:
    """Ops words: twenty refused requests, `app_rate_limited`; over by themselves when it is quiet."""
    async with talking(database_url, ops_channel=OTHER) as talk:
        world = talk.world
        for _ in range(20):
            async with world.http.post(f"{world.url}/meta/webhook", data=b"{}") as answer:
                assert answer.status == 401
        await world.slack.app_rate_limited()
        await world.until(lambda: "Meta’s name bear a wrong signature" in heard(world))
        await world.until(lambda: "Slack keeps events back" in heard(world))
        world.clock.move(timedelta(minutes=16))
        await world.until(lambda: heard(world).count("✅ Mended") == 2)


async def test_what_was_given_up_is_told_and_over_when_it_is_tried_again(database_url: str) -> None:
    """Dead rows, here of a version that was taken back: one alert that counts them; `outbox retry` ends it."""
    async with talking(database_url, ops_channel=OTHER) as talk:
        world = talk.world
        unknown = "UPDATE outbox SET kind = 'OfALaterVersion', state = 'ready' WHERE kind = 'PostMessage'"
        await world.by_hand(lambda hand: hand.conn.exec_driver_sql(unknown))
        await world.forward(lambda: "1 thing was given up" in heard(world))
        upgraded = "UPDATE outbox SET kind = 'PostMessage' WHERE kind = 'OfALaterVersion'"
        await world.by_hand(lambda hand: hand.conn.exec_driver_sql(upgraded))
        await world.by_hand(lambda hand: hand.tx.effects.retry(hand.moment.steady))
        await world.forward(lambda: "✅ Mended" in heard(world))
