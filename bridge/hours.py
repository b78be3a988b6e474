"""When an account is open: weekly hours in a zone, closed on a country's public holidays. Pure, but for zone files read once.

Mon-Fri 09:00-18:00
Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-15:00
Fri-Sat 18:00-02:00                                  (over midnight: it belongs to the day on which it begins)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.model.state import Said
from bridge.model.word import Word
from bridge.unread import Unread

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY = "always"
"""How hours are written that never end, besides nothing at all."""
MOST = 200
"""Characters of hours."""
FAR = 400
"""Days in which an account opens again, if it ever does."""
EXAMPLE = "Mon-Fri 09:00-18:00"

_RANGE = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_UNCLEAR = re.compile(r"(?:[1-9]|1[0-2])(?::[0-9]{2})?-(?:[1-9]|1[0-2])(?::[0-9]{2})?(?:[ap]\.?m\.?)?")
"""Times that do not say which half of the day they are in."""
_DAYS = re.compile(r"([a-z]{3,9})(?:-([a-z]{3,9}))?")
_ONE_DAY = 24 * 60

Hours = Mapping[int, tuple[tuple[int, int], ...]]
"""Of each weekday (0: Monday) from when to when, in minutes after its midnight; more than a day's: until the next day."""


@lru_cache(maxsize=1024)
def parse(text: str) -> Hours | None:
    """Read weekly hours; None: always open. ValueError: it is none, with what is wrong."""
    if text.strip().lower() in ("", EVERY):
        return None
    found: dict[int, list[tuple[int, int]]] = {}
    for piece in filter(None, (each.strip().lower() for each in text.split(";"))):
        days, times = _split(re.sub(r"\s*[-–]\s*", "-", piece))
        ranges = [_range(each.strip()) for each in times.split(",")]
        for day in days:
            found.setdefault(day, []).extend(ranges)
    if not found:
        raise Unread(Said(key="hours.no_days"))
    return {day: tuple(sorted(ranges)) for day, ranges in sorted(found.items())}


def written(text: str) -> str:
    """The same hours as they are shown: tidy, and nothing for those that never end."""
    hours = parse(text)
    if hours is None:
        return ""
    pieces = [" ".join(each.split()) for each in text.split(";") if each.strip()]
    return "; ".join(re.sub(r"[A-Za-z]+", lambda word: word[0].capitalize(), each) for each in pieces)


def of_day(text: str) -> str:
    """Hours of every day such as ``22:00-08:00``, as they are shown; nothing for none. ValueError: it is none."""
    if text.strip().lower() in ("", "off"):
        return ""
    begin, end = _range(re.sub(r"\s*[-–]\s*", "-", text.strip()))
    end = end - _ONE_DAY if end > _ONE_DAY else end
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


def is_within(text: str, zone: str, at: datetime) -> bool:
    """Whether the wall clock of a zone shows a time within hours of every day; at their end they are over."""
    if not text:
        return False
    begin, end = _range(text)
    local = at.astimezone(_zone(zone))
    minutes = local.hour * 60 + local.minute
    return begin <= minutes < end or minutes < end - _ONE_DAY


def zone_named(text: str) -> ZoneInfo:
    """A zone by its IANA name; ValueError: there is none."""
    try:
        return _zone(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unread(Said(key="hours.no_zone")) from None


def country_named(text: str) -> str:
    """A country, or a part of one such as ``DE-BY``, as it is written; ValueError: its holidays are not known."""
    code = text.strip().upper()
    country, _, part = code.partition("-")
    known = _library().list_supported_countries(include_aliases=False)
    if country not in known:
        raise Unread(Said(key="hours.holidays_unknown"))
    if part and part not in known[country]:
        parts = ", ".join(known[country])
        why = "hours.parts" if parts else "hours.parts_unknown"
        raise Unread(Said(key=why, values={"country": country, "parts": parts}))
    return code


def is_open(hours: str, zone: str, holidays: str, at: datetime) -> bool:
    """Whether an account is open at *at*. holidays: a country's code; nothing: it knows none."""
    weekly = parse(hours)
    if weekly is None:
        return holidays == "" or not _is_holiday(holidays, at.astimezone(_zone(zone)).date())
    today = at.astimezone(_zone(zone)).date()
    return any(begin <= at < end for begin, end in _spans(weekly, zone, holidays, today - timedelta(days=1), 2))


def next_open(hours: str, zone: str, holidays: str, after: datetime) -> datetime | None:
    """When an account is open next, *after* itself if it is; aware, UTC. None: not within a year."""
    if is_open(hours, zone, holidays, after):
        return after
    weekly = parse(hours) or dict.fromkeys(range(7), ((0, _ONE_DAY),))
    today = after.astimezone(_zone(zone)).date()
    begins = (begin for begin, _ in _spans(weekly, zone, holidays, today, FAR) if begin > after)
    return next(begins, None)


class Break(Word, kw_only=True):
    """A closed time of at least a whole day; aware, UTC. opened: when the last hours before it began."""

    opened: datetime
    begins: datetime
    ends: datetime


@lru_cache(maxsize=4096)
def break_after(hours: str, zone: str, holidays: str, day: date) -> Break | None:
    """The break that begins when a day's hours end; None: it has none, or the next day has some, too.

    Where there are no hours there is no break, whatever the holidays.
    """
    weekly = parse(hours)
    today = [] if weekly is None else list(_spans(weekly, zone, holidays, day, 1))
    if weekly is None or not today or list(_spans(weekly, zone, holidays, day + timedelta(days=1), 1)):
        return None
    begins = max(end for _, end in today)
    ends = next_open(hours, zone, holidays, begins)
    return None if ends is None else Break(opened=min(begin for begin, _ in today), begins=begins, ends=ends)


def time_of_day(day: date, minutes: int, zone: str) -> datetime:
    """When a day's clock shows so many minutes after midnight; aware, UTC.

    What the clocks skip comes after the gap, and of what comes twice it is the first.
    """
    return _moment(day, minutes, zone, fold=0)


def _spans(weekly: Hours, zone: str, holidays: str, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """From when to when it is open, day after day; a range belongs to the day on which it begins."""
    for count in range(days):
        day = first + timedelta(days=count)
        if holidays and _is_holiday(holidays, day):
            continue
        for begin, end in weekly.get(day.weekday(), ()):
            yield _moment(day, begin, zone, fold=0), _moment(day, end, zone, fold=1)


def _moment(day: date, minutes: int, zone: str, *, fold: int) -> datetime:
    """A day's wall clock as a moment. What the clocks skip comes after the gap; of what comes twice *fold* says which."""
    over, minutes = divmod(minutes, _ONE_DAY)
    wall = datetime.combine(day + timedelta(days=over), time(minutes // 60, minutes % 60, fold=fold), _zone(zone))
    return wall.astimezone(UTC)


def _split(piece: str) -> tuple[list[int], str]:
    """The days of a piece, and its times."""
    named = re.match(r"[^0-9]+", piece)
    if named is None:
        raise Unread(Said(key="hours.days_first"))
    days: dict[int, None] = {}
    for each in filter(None, re.split(r"[\s,]+", named[0])):
        days.update(dict.fromkeys(_days(each)))
    return list(days), piece[named.end() :].strip()


def _days(text: str) -> list[int]:
    found = _DAYS.fullmatch(text)
    if found is None:
        raise Unread(Said(key="hours.no_day", values={"day": text}))
    first, last = _day(found[1]), _day(found[2] or found[1])
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


def _day(name: str) -> int:
    whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for number, (short, long) in enumerate(zip(DAYS, whole, strict=True)):
        if name in (short, long):
            return number
    raise Unread(Said(key="hours.no_day", values={"day": name}))


def _range(text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if found is None and _UNCLEAR.fullmatch(text):
        raise Unread(Said(key="hours.unclear", values={"times": text}))
    if found is None:
        raise Unread(Said(key="hours.no_times", values={"times": text}) if text else Said(key="hours.nothing_said"))
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if int(found[2]) > 59 or int(found[4]) > 59 or begin >= _ONE_DAY or end > _ONE_DAY or begin == end:
        raise Unread(Said(key="hours.no_times", values={"times": text}))
    return begin, end if end > begin else end + _ONE_DAY


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _is_holiday(country: str, day: date) -> bool:
    return day in _of_year(country, day.year)


@lru_cache(maxsize=256)
def _of_year(country: str, year: int) -> frozenset[date]:
    """A country's public holidays in a year, those among them that stand in for one on a Sunday."""
    name, _, part = country.partition("-")
    return frozenset(_library().country_holidays(name, subdiv=part or None, years=year))


@cache
def _library() -> Any:
    """The calendars, loaded where an account has holidays: most commands need none, and they take a while."""
    return import_module("holidays")
