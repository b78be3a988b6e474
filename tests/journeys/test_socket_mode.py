"""Slack by sockets: no address of ours is known to Slack, and yet nothing is lost and nothing is told twice."""

from typing import Any

import pytest

from bridge.config import Secret
from tests.journeys.seen import figure, ready
from tests.journeys.world import AKI, CHECK, SUPPORT, World

BY_SOCKET: dict[str, Any] = {"slack_app_token": Secret("xapp-demo"), "slack_signing_secret": Secret()}


async def heard(world: World, number: int = 2) -> None:
    """Wait until Slack has so many sockets of ours."""
    await world.until(lambda: world.slack.sockets.number == number)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_words_go_both_ways_by_socket(database_url: str) -> None:
    """CT-01, CT-26: thread, answer, command and press; the door for HTTP is not there, and readiness counts sockets."""
    async with World.open(database_url, **BY_SOCKET) as world:
        await heard(world)
        yuki = world.customer(name="Yuki Tanaka")
        await world.meta.write(yuki, "Is it in stock?")
        root = await world.root("in stock")
        ts = await world.answer(root, "Yes, it is.")
        await world.until_phone(yuki, ["Yes, it is."])
        await world.signed(root, ts, CHECK)
        status, body = await world.slack.command(AKI, SUPPORT, "/bridge", "help")
        assert status == 200
        assert "thread" in body
        assert await world.slack.shortcut(AKI, "what_happened", SUPPORT, ts) == 200
        await world.until_told("Messenger took it")
        async with world.http.post(f"{world.url}/slack/events", json={}) as answer:
            assert answer.status == 404
        assert (await ready(world))[0] == 200
        assert await figure(world, "threadbridge_slack_sockets") == 2
        assert await figure(world, "threadbridge_ack_seconds_count", source="slack", status="200") >= 3
        assert world.slack.sockets.strange == []


async def test_nothing_is_lost_with_a_socket_nor_told_twice(database_url: str) -> None:
    """CT-02, CT-16: sockets cut and renewed, an acknowledgement that never came, a stop between keeping and saying so."""
    async with World.open(database_url, **BY_SOCKET) as world:
        await heard(world)
        world.slack.deliveries.timeout = 1.0
        yuki = world.customer(name="Yuki Tanaka")
        await world.meta.write(yuki, "Is it in stock?")
        root = await world.root("in stock")
        world.slack.sockets.cut(1)
        await world.answer(root, "one")
        await world.until_phone(yuki, ["one"])
        await heard(world)
        await world.slack.sockets.disconnect()
        world.slack.sockets.lose_acknowledgements(1)
        await world.answer(root, "two")
        await world.until_phone(yuki, ["one", "two"])
        await world.slack.settle()
        await heard(world)
        # Kept, and stopped before Slack hears so: it is sent again to whoever comes next.
        world.slack.deliveries.retry_delays = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
        world.slack.sockets.lose_acknowledgements(1)
        await world.answer(root, "three")
        await world.until_phone(yuki, ["one", "two", "three"])
        await world.stop()
        assert world.slack.sockets.number == 0
        await world.start()
        await heard(world)
        await world.slack.settle()
        assert world.slack.deliveries.records[-1].status == 200
        await world.calm()
        assert world.phone(yuki) == ["one", "two", "three"]
        assert world.slack.sockets.strange == []
