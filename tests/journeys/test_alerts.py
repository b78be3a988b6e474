"""Alerts that Slack will not take: said plainly, else kept to be seen and told by log and figure; never lost in silence."""

import json

import pytest

from bridge.telemetry import log_to
from tests.journeys.hands import talking
from tests.journeys.seen import figure
from tests.journeys.world import ALERTS

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
