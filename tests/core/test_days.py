"""When the digest of a day is due, once each, wherever the clocks change; and how it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import alerts
from bridge.model.automatic import AutomaticSettings
from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.effects import PostAlert
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, IncidentId
from bridge.model.state import Value
from bridge.rules.desk import days
from bridge.slack.alerts import alert
from tests.core.factories import DAY, DESK, HOUR, OPS, SHOP, WORKSPACE, account, at

ZONES = (
    "UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Asia/Beirut", "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "Pacific/Apia",
)  # fmt: skip
"""Among them some whose clocks change at midnight, by half an hour, or once skipped a whole day."""
TIMES = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
MOMENTS = st.integers(1_293_840_000, 1_924_905_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2011 to 2030."""
SETTINGS = st.builds(lambda zone, time: AutomaticSettings(zone=zone, digest=time), st.sampled_from(ZONES), TIMES)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "time", "day", "due"),
    [
        ("Asia/Tokyo", "08:30", "2026-11-23", "2026-11-22T23:30"),
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:30"),  # skipped: it is 03:30 then
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30"),  # comes twice: the first
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T05:30"),
        ("America/Havana", "00:30", "2026-03-08", "2026-03-08T05:30"),  # a midnight that is skipped
    ],
)
def test_a_time_of_day_is_a_moment_also_where_the_clocks_change(zone: str, time: str, day: str, due: str) -> None:
    settings = AutomaticSettings(zone=zone, digest=time)
    assert days.due(settings, date.fromisoformat(day)) == utc(due)


@given(SETTINGS, MOMENTS)
def test_the_latest_day_is_due_and_the_one_after_it_is_not(settings: AutomaticSettings, now: datetime) -> None:
    day = days.latest(settings, now)
    assert days.due(settings, day) <= now < days.due(settings, day + 2 * DAY)
    assert now - days.due(settings, day) < 2 * DAY


@given(SETTINGS, st.lists(st.tuples(MOMENTS, st.integers(0, 3 * 86400)), min_size=1, max_size=3))
def test_no_day_is_told_twice_however_the_clock_jumps(
    settings: AutomaticSettings, walks: list[tuple[datetime, int]]
) -> None:
    """The day that is noted only ever grows, and each is told of while it lasts."""
    noted, told = date.min, []
    for start, seconds in walks:
        for now in (start + timedelta(seconds=each) for each in range(0, seconds + 1, 1800)):
            day = days.latest(settings, now)
            if day > noted:
                noted = day
                told += [day] if days.young(settings, day, now) else []
                assert not days.young(settings, day, now) or now - days.due(settings, day) < days.LATE
    assert told == sorted(set(told))


@given(SETTINGS, st.dates(date(2012, 1, 1), date(2030, 12, 31)))
def test_days_are_due_one_after_the_other(settings: AutomaticSettings, day: date) -> None:
    between = days.due(settings, day + DAY) - days.due(settings, day)
    assert 22 * HOUR <= between <= 26 * HOUR


@given(SETTINGS, MOMENTS.filter(lambda now: now.year > 2011))
def test_today_begins_and_ends_at_the_accounts_own_midnights(settings: AutomaticSettings, now: datetime) -> None:
    times = days.times(settings, now)
    assert times.yesterday < times.today < times.tomorrow
    local = now.astimezone(ZoneInfo(settings.zone)).date()
    noon = datetime(local.year, local.month, local.day, 12, tzinfo=ZoneInfo(settings.zone))
    assert times.today <= noon < times.tomorrow
    assert 22 * HOUR <= times.tomorrow - times.today <= 26 * HOUR


FIGURES: dict[str, Value] = {
    "waiting": 5, "longest": 90_000, "closing": 4, "lapsed": 1,
    "closing_1": "C5:1795320000.000100", "closing_1_at": 1795320000.0, "closing_2": "C5:1795320000.000200", "closing_2_at": 1795323600.0,
    "closing_3": "C5:1795320000.000300", "closing_3_at": 1795327200.0, "lapsed_1": "C5:1795320000.000400", "lapsed_1_at": 1795240000.0,
}  # fmt: skip


def read(due: AlertDue, language: str) -> list[str]:
    """The digest as it is read, line by line."""
    (incident,) = alerts.decide([], due, at()).incidents
    effect = PostAlert(workspace=DESK, incident=IncidentId(1), place=OPS)
    job = Job(
        row=1, effect=effect, attempts=0, scene=None, workspace=WORKSPACE, account=account(), incident=incident,
        language=language,
    )  # fmt: skip
    return alert(job, incident, block_id="x")[0].split("\n")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_says_who_waits_closes_and_lapsed_with_the_way_there_in_few_lines(language: str) -> None:
    (due,) = days.told([account()], date(2026, 11, 23), FIGURES, at()).alerts
    assert isinstance(due, AlertDue)
    said = read(due, language)
    assert len(said) <= 10
    links = [each.count("archives/C5/p") for each in said]
    assert links == [0, 0, 3, 1, 0]
    begins = {
        "en": ["Today at Shop Hanako", "Waiting now: 5, the longest for 1 d 1 h", "Closing today: 4 · ", "Lapsed yesterday"],
        "ja": ["Shop Hanakoの今日", "現在お待ちのお客様：5人", "今日が返信期限のもの：4件 · ", "昨日、返信しないまま"],
    }[language]  # fmt: skip
    assert [line for line, begin in zip(said, begins, strict=False) if line.startswith(begin)] == said[:4]
    assert said[2].endswith({"en": " · 1 more", "ja": " · ほか1件"}[language])


def test_where_several_accounts_share_it_each_close_says_whose_it_is() -> None:
    """Two lines that read alike lead to different shops."""
    named = FIGURES | {"closing_1_account": "Shop Hanako", "closing_2_account": "Shop <Taro>"}
    (due,) = days.told([account(), account()], date(2026, 11, 23), named, at()).alerts
    assert isinstance(due, AlertDue)
    closing = read(due, "ja")[2].split(" · ")
    assert closing[1].startswith("Shop Hanako <!date^1795320000^")
    assert closing[2].startswith("Shop &lt;Taro&gt; <!date^")


def test_a_day_with_nothing_to_do_is_silent() -> None:
    """Nothing is announced that nobody can act on."""
    nothing: dict[str, Value] = {"waiting": 0, "longest": None, "closing": 0, "lapsed": 0}
    assert days.told([account()], date(2026, 11, 23), nothing, at()).alerts == ()
    (due,) = days.told([account()], date(2026, 11, 23), nothing | {"lapsed": 1}, at()).alerts
    assert isinstance(due, AlertDue)
    assert read(due, "en")[1:3] == ["Nobody is waiting now", "Nothing closes today"]


def test_accounts_of_one_channel_time_and_zone_share_a_message() -> None:
    context = at()
    one = account()
    two = replace(one, id=AccountId(6), name="Shop Taro")
    later = replace(two, settings=replace(two.settings, digest="09:00"))
    apart = replace(two, settings=replace(two.settings, alerts_channel=SHOP))
    assert days.together(one, context) == days.together(two, context)
    assert len({days.together(each, context) for each in (one, later, apart)}) == 3
    (due,) = days.told([one, two], date(2026, 11, 23), FIGURES, context).alerts
    assert isinstance(due, AlertDue)
    assert read(due, "en")[0] == "Today at Shop Hanako and 1 more account"
