"""When an account is open: hours, zones, clock changes and public holidays."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hours import country_named, is_open, next_open, parse, written, zone_named

OFFICE = "Mon-Fri 09:00-18:00"
TOKYO, BERLIN, NEW_YORK = "Asia/Tokyo", "Europe/Berlin", "America/New_York"


def local(zone: str, text: str, *, fold: int = 0) -> datetime:
    """A moment by the wall clock of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "wall", "open_"),
    [
        (OFFICE, "2026-11-20T08:59:59", False),
        (OFFICE, "2026-11-20T09:00:00", True),
        (OFFICE, "2026-11-20T17:59:59", True),
        (OFFICE, "2026-11-20T18:00:00", False),  # half-open, as windows are
        (OFFICE, "2026-11-21T12:00:00", False),
        ("", "2026-11-21T03:00:00", True),
        ("always", "2026-11-21T03:00:00", True),
        ("Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00", "2026-11-19T12:30:00", False),
        ("Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00", "2026-11-20T14:59:00", True),
        ("Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00", "2026-11-20T15:00:00", False),
        ("Sat, Sun 10:00-16:00", "2026-11-22T11:00:00", True),
        ("Sat-Mon 10:00-16:00", "2026-11-24T11:00:00", False),
        ("Sat-Mon 10:00-16:00", "2026-11-30T11:00:00", True),
        ("Fri-Sat 18:00-02:00", "2026-11-21T01:59:00", True),  # Friday's night
        ("Fri-Sat 18:00-02:00", "2026-11-22T01:59:00", True),
        ("Fri-Sat 18:00-02:00", "2026-11-20T01:59:00", False),  # Thursday has none
        ("sat,sun 10:00 – 16:00", "2026-11-22T11:00:00", True),
        ("Mon - Fri 9:00-18:00", "2026-11-20T11:00:00", True),
        ("Mon-Sun 00:00-24:00", "2026-11-22T23:59:59", True),
    ],
)
def test_an_account_is_open_in_its_hours_alone(hours: str, wall: str, open_: bool) -> None:
    assert is_open(hours, TOKYO, "", local(TOKYO, wall)) is open_


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-23", "Labour Thanksgiving Day"),
        ("2026-05-06", "instead of the third of May, which is a Sunday"),
        ("2026-09-22", "between two holidays"),
        ("2027-03-22", "instead of the vernal equinox"),
    ],
)
def test_japanese_holidays_are_closed_those_that_stand_in_for_another_too(day: str, why: str) -> None:
    noon = local(TOKYO, f"{day}T12:00:00")
    assert is_open(OFFICE, TOKYO, "", noon), why
    assert not is_open(OFFICE, TOKYO, "JP", noon), why
    assert not is_open("", TOKYO, "JP", noon), why


def test_a_holiday_is_a_day_of_the_zone_and_not_of_utc() -> None:
    """The 23rd of November begins in Japan at 15:00 of the 22nd."""
    assert is_open("", TOKYO, "JP", datetime(2026, 11, 22, 14, 59, tzinfo=UTC))
    assert not is_open("", TOKYO, "JP", datetime(2026, 11, 22, 15, 0, tzinfo=UTC))
    assert is_open("", TOKYO, "JP", datetime(2026, 11, 23, 15, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        ("2026-11-20T12:00:00", "2026-11-20T12:00:00"),
        ("2026-11-20T18:00:00", "2026-11-24T09:00:00"),  # over a weekend and a Monday that is a holiday
        ("2026-11-24T03:00:00", "2026-11-24T09:00:00"),
        ("2026-12-31T20:00:00", "2027-01-04T09:00:00"),
    ],
)
def test_it_is_known_when_an_account_opens_next(after: str, opens: str) -> None:
    assert next_open(OFFICE, TOKYO, "JP", local(TOKYO, after)) == local(TOKYO, opens)


def test_hours_follow_the_wall_clock_when_the_clocks_change() -> None:
    """In Berlin on 2026-03-29 and 2026-10-25, in New York on 2026-03-08."""
    assert next_open(OFFICE, BERLIN, "", datetime(2026, 3, 27, 20, tzinfo=UTC)) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert next_open(OFFICE, BERLIN, "", datetime(2026, 10, 23, 20, tzinfo=UTC)) == datetime(
        2026, 10, 26, 8, tzinfo=UTC
    )
    skipped = "Sun 02:30-04:00"
    assert next_open(skipped, NEW_YORK, "", datetime(2026, 3, 8, 5, tzinfo=UTC)) == datetime(
        2026, 3, 8, 7, 30, tzinfo=UTC
    )
    twice = "Sun 01:00-02:30"
    for fold in (0, 1):
        assert is_open(twice, BERLIN, "", local(BERLIN, "2026-10-25T02:15:00", fold=fold))


def test_what_never_opens_has_no_next_time() -> None:
    assert next_open("Mon 09:00-10:00", "UTC", "", datetime(2026, 11, 24, tzinfo=UTC)) is not None
    assert parse("always") is None


@pytest.mark.parametrize(
    "text",
    ["Mon-Fri", "09:00-18:00", "Mon 9-18", "Mon 25:00-26:00", "Mon 09:60-10:00", "Mon 09:00-09:00", "Foo 09:00-10:00",
     "Mon 09:00-24:01", ";", "Mon-Fri 09:00-18:00,", "月-金 09:00-18:00"],
)  # fmt: skip
def test_what_is_no_time_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|time"):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_hours_or_none(text: str) -> None:
    try:
        tidy = written(text)
    except ValueError:
        return
    assert parse(tidy) == parse(text)


def test_hours_are_shown_tidily() -> None:
    assert written("  mon-fri   09:00-18:00 ;SAT 10:00-12:00") == "Mon-Fri 09:00-18:00; Sat 10:00-12:00"
    assert written("always") == ""


def test_zones_and_countries_are_known_by_their_names() -> None:
    assert zone_named(TOKYO).key == TOKYO
    assert (country_named("jp"), country_named("de-by")) == ("JP", "DE-BY")
    for text in ("Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Asia"):
        with pytest.raises(ValueError, match="no such zone"):
            zone_named(text)
    for text in ("XX", "Japan land", "JP-99", ""):
        with pytest.raises(ValueError, match=r"known|parts"):
            country_named(text)
