"""Alerts that Slack will not take: said plainly, else kept to be seen and told by log and figure; never lost in silence."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from bridge.model.ids import PersonRef
from bridge.telemetry import log_to
from tests.journeys.hands import talking
from tests.journeys.seen import figure
from tests.journeys.world import ALERTS, DAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_an_alert_that_slack_will_not_draw_is_said_plainly(database_url: str) -> None:
    """CT-36: too long, or not liked as it is drawn: the same words without anything around them."""
    async with talking(database_url) as talk:
        refusal = {"error": "msg_too_long", "match": {"channel": ALERTS}}
        talk.world.slack.faults.add(method="chat.postMessage", kind="error", **refusal)  # type: ignore[arg-type]
        talk.world.meta.revoke(talk.world.account("messenger"), subcode=460)
        await talk.says("held")
        (alert,) = await talk.world.until(lambda: talk.world.roots(ALERTS))
        assert "needs re-authentication" in talk.world.slack.plain(alert)
        assert not alert.blocks
        await talk.world.until(lambda: not talk.world.rows("SELECT id FROM outbox WHERE state = 'dead'"))


async def test_an_alert_that_slack_takes_in_no_form_is_kept_logged_and_counted(
    database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """CT-36: `announcement.refused`, a figure to watch, a row to see; an operator's retry posts it after all."""
    async with talking(database_url) as talk:
        log_to("info")
        refusal = {"error": "never_heard_of_it", "match": {"channel": ALERTS}}
        fault = talk.world.slack.faults.add(method="chat.postMessage", kind="error", times=None, **refusal)  # type: ignore[arg-type]
        talk.world.meta.revoke(talk.world.account("messenger"), subcode=460)
        await talk.says("held")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE state = 'dead'"))
        assert talk.world.roots(ALERTS) == []
        logged = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"announcement.refused"' in line]
        assert [(line["kind"], line["reason"], line["state"]) for line in logged] == [
            ("reauth", "never_heard_of_it", "again"),
            ("reauth", "never_heard_of_it", "dead"),
        ]
        assert await figure(talk.world, "threadbridge_alerts_refused_total", kind="reauth") == 2
        talk.world.slack.faults.remove(fault)
        await talk.world.by_hand(lambda hand: hand.tx.effects.retry(hand.moment.steady))
        (alert,) = await talk.world.until(lambda: talk.world.roots(ALERTS))
        assert "needs re-authentication" in talk.world.slack.plain(alert)


async def test_an_owner_whom_nobody_knows_yet_reads_of_it_in_their_language_with_a_way_that_stays_good(
    database_url: str,
) -> None:
    """CT-35, CT-36: Slack takes its time to say who that is; after a week the button leads to the login still, and nobody is told twice."""
    async with talking(database_url, public_url="http://127.0.0.1:1") as talk:
        world = talk.world
        world.slack.add_user("U0HANA", "hana", display_name="Hana", locale="ja-JP")
        await world.set("messenger", owners=(PersonRef("U0HANA"),))
        world.slack.faults.add(method="users.info", kind="latency", seconds=1.5, match={"user": "U0HANA"})
        world.meta.revoke(world.account("messenger"), subcode=460)
        await talk.says("held")
        (first,) = await world.until(lambda: world.slack.dms("U0HANA"))
        assert "再認証" in world.slack.plain(first) or "ログイン" in world.slack.plain(first)
        assert "Log in" not in world.slack.plain(first)
        before = _ways(first.blocks)
        world.clock.move(8 * DAY)
        await world.until(lambda: _ways(world.slack.dms("U0HANA")[0].blocks) not in ([], before))
        assert len(world.slack.dms("U0HANA")) == 1


def _ways(blocks: Sequence[dict[str, Any]]) -> list[str]:
    """Where the buttons of a message lead."""
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return [element["url"] for element in elements if "url" in element]
