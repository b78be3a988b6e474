"""Buttons under an alert: they act on what stands elsewhere, for whoever may, and answer where they were pressed."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import urlencode

import pytest

from bridge.slack import buttons
from tests.journeys.hands import Talk, talking, told
from tests.journeys.pressed_alerts import snooze_alert
from tests.journeys.pressing import FORM
from tests.journeys.world import AKI, ALERTS, GUEST, KEN, STRANGER, TEAM, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def press(talk: Talk, act: str, value: str, *, user: str = AKI) -> int:
    """Somebody presses a button under an alert."""
    world = talk.world
    action = {"type": "button", "action_id": act, "value": value, "action_ts": f"{world.clock.time():.6f}"}
    container = {"type": "message", "message_ts": "1763700000.000100", "channel_id": ALERTS}
    payload = {"type": "block_actions", "user": {"id": user}, "team": {"id": TEAM}, "actions": [action]}
    body = urlencode({"payload": json.dumps(payload | {"container": container})}).encode()
    return (await world.slack.deliveries.post(body, content_type=FORM))[0]


async def test_a_conversation_is_taken_from_the_alerts_channel(database_url: str) -> None:
    """Closing windows: *Take* under an alert does what it does on the card; who may not hears so where they pressed."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", agents=(AKI,))
        ((number,),) = talk.world.rows("SELECT id FROM conversation")
        value = buttons.of_conversation(number)
        assert await press(talk, "take", value, user=KEN) == 200
        await talk.world.until(lambda: told(talk.world, KEN))
        (line,) = told(talk.world, KEN)
        assert (line.private, line.said.channel, line.said.thread_ts) == (True, ALERTS, None)
        assert await press(talk, "take", value) == 200
        await talk.world.until(lambda: "Aki" in talk.card())
        assert await press(talk, "take", buttons.of_conversation(number + 1000)) == 200
        assert await press(talk, "close", value) == 200
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM conversation WHERE work = 'closed'"))


async def test_somebody_from_outside_reads_privately_why_nothing_happens(database_url: str) -> None:
    """ZI-10, ZM-18: guests and people of another company, in an alerts channel that is shared, by both kinds of buttons."""
    async with talking(database_url) as talk:
        world, outside = talk.world, {GUEST: "Guests of this workspace", STRANGER: "another company"}
        channel = world.slack.world.channels[ALERTS]
        channel.members.extend(outside)
        world.slack.share_channel(ALERTS)
        await world.calm()
        ready = await snooze_alert(world)
        alert = next(each for each in world.roots(ALERTS) if "snooze_alert" in str(each.blocks))
        ((number,),) = world.rows("SELECT max(id) FROM conversation")
        for user, words in outside.items():
            await world.slack.click(user, ALERTS, alert.ts, "snooze_alert")
            assert await press(talk, "take", buttons.of_conversation(number), user=user) == 200
            await world.until(partial(_heard, world, user, 2))
            assert all(line.private and words in world.slack.plain(line.said) for line in told(world, user)), user
        assert ready.rows is not None
        assert [world.rows(statement) for statement in ready.rows] == [[(0,)]]


def _heard(world: World, user: str, times: int) -> bool:
    return len(told(world, user)) == times
