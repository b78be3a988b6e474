"""Weekly hours as people write them in English, and times with a half of the day, as they are kept. Pure.

Rule: what has two meanings stays as it was typed, and is refused: ``9-5`` says neither morning nor evening.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"\s*\b(?:to|until|till|through|thru)\b\s*", re.IGNORECASE)
_AND = re.compile(r"\s*(?:\band\b|&amp;|&)\s*", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+", re.IGNORECASE)
_SEVERAL = (
    (re.compile(r"\bweekdays?\b", re.IGNORECASE), "Mon-Fri"),
    (re.compile(r"\bweekends?\b", re.IGNORECASE), "Sat,Sun"),
    (re.compile(r"\b(?:daily|every\s?day)\b", re.IGNORECASE), "Mon-Sun"),
)
_DAY = re.compile(
    r"\b(?:(mon)(?:days?)?|(tue)(?:s|sdays?)?|(wed)(?:s|nesdays?)?|(thu)(?:r|rs|rsdays?)?"
    r"|(fri)(?:days?)?|(sat)(?:urdays?)?|(sun)(?:days?)?)\b\.?:?",
    re.IGNORECASE,
)
_HALF = r"(?:(?P<{0}before>午前|午後)\s*)?(?P<{0}hour>[0-9]{{1,2}})(?:[:.](?P<{0}minute>[0-9]{{2}}))?(?:\s*(?P<{0}after>[ap])\.?m\b\.?)?"
_RANGE = re.compile(rf"(?<![0-9:.]){_HALF.format('a')}\s*-\s*{_HALF.format('b')}(?![0-9:.]*[0-9])", re.IGNORECASE)

_LATE = re.compile(r"(?<![0-9:.])([0-9]{1,2}):([0-9]{2})-(2[5-9]|30):([0-9]{2})(?![0-9])")


def read(text: str) -> str:
    """Return weekly hours with days and times as they are kept: ``Monday to Friday 9am-6pm`` becomes ``Mon-Fri 9:00-18:00``."""
    text = _AND.sub(",", _BETWEEN.sub("-", _FROM.sub("", text)))
    for words, days in _SEVERAL:
        text = words.sub(days, text)
    text = _DAY.sub(lambda day: next(filter(None, day.groups())).capitalize(), text)
    ranges = list(_RANGE.finditer(text))
    late = any(_is_of_a_whole_day(each, side) for each in ranges for side in "ab")
    return _LATE.sub(_next_day, _RANGE.sub(lambda found: _timed(found, late=late), text))


def _next_day(found: re.Match[str]) -> str:
    """Return hours until 25 or 26 o'clock, as late shops write them, with the next day's time."""
    begin, hour = int(found[1]), int(found[3]) - 24
    fits = begin < 24 and hour < begin
    return f"{found[1]}:{found[2]}-{hour}:{found[4]}" if fits else found[0]


def _is_of_a_whole_day(found: re.Match[str], side: str) -> bool:
    """Whether an hour can only be one of twenty-four."""
    hour = found[f"{side}hour"]
    return not _half(found, side) and (int(hour) > 12 or hour.startswith("0"))


def _half(found: re.Match[str], side: str) -> str:
    """Return ``a`` before noon, ``p`` after it, or nothing where that is not said."""
    before, after = found[f"{side}before"], found[f"{side}after"]
    return {"午前": "a", "午後": "p"}[before] if before else (after or "").lower()


def _timed(found: re.Match[str], *, late: bool) -> str:
    times = [_time(found, side, late=late) for side in "ab"]
    said = [bool(_half(found, side)) for side in "ab"]
    return found[0] if None in times or said[0] is not said[1] else "-".join(map(str, times))


def _time(found: re.Match[str], side: str, *, late: bool) -> str | None:
    """Return a time of a day of twenty-four hours; None: it may be two."""
    half, hour, minute = _half(found, side), int(found[f"{side}hour"]), found[f"{side}minute"]
    if not half:
        return f"{found[f'{side}hour']}:{minute or '00'}" if late or minute else None
    if not 0 < hour <= 12 and not (hour == 0 and half == "p"):
        return None
    midnight = side == "b" and half == "a" and hour == 12 and not int(minute or 0)
    return f"{24 if midnight else hour % 12 + (12 if half == 'p' else 0)}:{minute or '00'}"
