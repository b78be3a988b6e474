"""Slack itself fails: told by e-mail and webhook, once, and once when it is over."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bridge.config import Secret
from tests.journeys.hands import talking
from tests.journeys.seen import ready
from tests.sinks.post_office import letterbox, post_office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_dead_credentials_are_told_outside_once_and_their_end_too(database_url: str) -> None:
    """BRIDGE_ALERT_EMAIL and BRIDGE_ALERT_WEBHOOK_URL: nobody finds out from a customer that Slack is silent."""
    async with post_office() as office, letterbox() as box:
        ways: dict[str, Any] = {
            "smtp_url": Secret(office.url),
            "alert_email": "ops@example.com",
            "alert_webhook_url": Secret(box.url),
        }
        async with talking(database_url, **ways) as talk:
            world = talk.world
            dead = world.slack.faults.add(method="*", kind="error", error="invalid_auth", times=None)
            await world.meta.write(talk.customer, "Is anybody there?")
            await world.forward(lambda: office.mails and box.posted)
            assert [each["Subject"] for each in office.mails] == ["📵 The bridge cannot post anything in Hanako"]
            world.slack.faults.remove(dead)
            await world.forward(lambda: len(office.mails) == 2 and len(box.posted) == 2)
            assert [json.loads(body)["type"] for _, body in box.posted] == ["incident.opened", "incident.over"]
            await world.until(lambda: "Is anybody there?" in "".join(talk.lines()))


async def test_five_minutes_without_a_post_are_told_outside(database_url: str) -> None:
    """Nothing is refused, nothing gets through: a proxy, a name server, Slack's own bad day."""
    async with letterbox() as box, talking(database_url, alert_webhook_url=Secret(box.url)) as talk:
        world = talk.world
        away = world.slack.faults.add(method="*", kind="error", error="internal_error", status=503, times=None)
        await world.meta.write(talk.customer, "Is anybody there?")
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        minutes = 0
        while not box.posted:
            assert minutes < 20
            world.clock.move(timedelta(minutes=1))
            minutes += 1
            await world.ticked(4)
        assert minutes >= 5
        assert json.loads(box.posted[0][1])["data"]["cause"] == "desk_silent"
        world.slack.faults.remove(away)
        await world.forward(lambda: len(box.posted) == 2)


async def test_a_dead_token_is_told_within_a_quarter_of_an_hour_although_nobody_writes(database_url: str) -> None:
    """F15: at night nothing is to be posted, and the desk is asked all the same; that leaves nothing in the inbox."""
    async with letterbox() as box, talking(database_url, alert_webhook_url=Secret(box.url)) as talk:
        world = talk.world
        await world.calm()
        kept = len(world.rows("SELECT id FROM inbox"))
        for _ in range(4):
            world.clock.move(timedelta(minutes=5))
            await world.ticked(4)
        asked = "SELECT id FROM outbox WHERE kind = 'ProbeToken' AND state = 'done'"
        await world.until(lambda: len(world.rows(asked)) == 1)
        await world.calm()
        assert len(world.rows("SELECT id FROM inbox")) == kept
        dead = world.slack.faults.add(method="*", kind="error", error="token_revoked", times=None)
        dead_since = world.clock.now()
        world.clock.move(timedelta(minutes=14, seconds=30))
        await world.forward(lambda: box.posted)
        assert world.clock.now() - dead_since < timedelta(minutes=15)
        assert [json.loads(body)["data"]["cause"] for _, body in box.posted] == ["desk_token"]
        status, said = await ready(world)
        assert (status, said["problems"]) == (503, ["Slack does not accept our token: `threadbridge check` tells more"])
        world.slack.faults.remove(dead)
        await world.forward(lambda: len(box.posted) == 2)
        assert (await ready(world))[0] == 200
