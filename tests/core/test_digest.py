"""When a week's figures are told, which days they are of, and how they read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge import alerts
from bridge.model.automatic import AutomaticSettings
from bridge.model.decision import Job
from bridge.model.effects import PostAlert
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import IncidentId
from bridge.model.state import Value
from bridge.rules.desk import days, digest
from bridge.slack.alerts import alert
from tests.core.factories import AKI, DESK, OPS, WORKSPACE, account, at

TOKYO = AutomaticSettings(zone="Asia/Tokyo", digest="08:30")


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-11-23T08:29:59", "2026-11-16"),
        ("2026-11-23T08:30:00", "2026-11-23"),
        ("2026-11-29T23:59:59", "2026-11-23"),
        ("2026-11-30T00:00:00", "2026-11-23"),
        ("2026-11-30T08:30:00", "2026-11-30"),
    ],
)
def test_it_is_told_on_mondays_by_the_wall_clock_of_the_zone(now: str, monday: str) -> None:
    assert digest.monday(days.latest(TOKYO, local("Asia/Tokyo", now))) == date.fromisoformat(monday)


def test_its_days_are_the_week_before_also_where_the_clocks_change() -> None:
    start, end = digest.span(TOKYO, date(2026, 11, 23))
    assert (start, end) == (datetime(2026, 11, 15, 15, tzinfo=UTC), datetime(2026, 11, 22, 15, tzinfo=UTC))
    berlin = AutomaticSettings(zone="Europe/Berlin", digest="08:30")
    start, end = digest.span(berlin, date(2026, 10, 26))
    assert (end - start).total_seconds() == 7 * 86400 + 3600


VALUES: dict[str, Value] = {
    "conversations": 1, "messages": 2, "answers": 1, "elsewhere": 0, "first": 90, "first_most": 5400, "time": 90,
    "time_most": 90, "waiting": 1, "longest": 90_000, "lapsed": 0, "asked": 2, "rated": 1, "content": 4.0,
    "agent_1": AKI, "answers_1": 1, "time_1": 90, "lapsed_1": 2,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_one_alert_that_is_over_once_it_is_told(language: str) -> None:
    context = at()
    (due,) = digest.told(account(), date(2026, 11, 23), VALUES, context).alerts
    assert isinstance(due, AlertDue)
    assert due.key == "digest:5:2026-11-23"
    opened = alerts.decide([], due, at())
    (incident,) = opened.incidents
    effect = PostAlert(workspace=DESK, incident=IncidentId(1), place=OPS)
    job = Job(
        row=1, effect=effect, attempts=0, scene=None, workspace=WORKSPACE, account=account(), incident=incident,
        language=language, names={AKI: "Aki"},
    )  # fmt: skip
    text, _ = alert(job, incident, block_id="x")
    said = {
        "en": [
            "The week of Shop Hanako, from 2026-11-16 to 2026-11-22",
            "2 messages in 1 conversation · 1 answer, and 0 written elsewhere",
            "First answers: half within 1 min, nine of ten within 1 h 30 min",
            "All answers: half within 1 min, nine of ten within 1 min",
            "Waiting now: 1, the longest for 1 d 1 h · not answered before the window closed: 0",
            "Satisfaction: 4.0 of 5, from 1 of 2 who were asked",
            "Aki: 1 answer, half within 1 min · 2 windows missed",
            "More, and other times: `threadbridge report`",
        ],
        "ja": ["2026-11-16から2026-11-22までのShop Hanakoの週報", "Aki：返信1件、半数が1分以内 · 期限切れ2件"],
    }[language]
    assert [line for line in text.split("\n") if line in said] == said
    (over,) = digest.stands(incident, context).alerts
    assert isinstance(over, AlertOver)
    closed = alerts.decide([incident], over, at())
    assert (closed.incidents[0].closed_at is not None, closed.effects) == (True, ())
