"""How people type settings: digits in full width, days, times and lengths in their language, words for on and off. Pure.

`plain` makes of it what is kept, `spelt` of what is kept what a reader would type; what is neither stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from bridge import hours
from bridge.settings import english, zones
from bridge.wording import Wording, catalogues

LENGTHS = frozenset({"alert_standard", "alert_human", "auto_unanswered", "ticket_timer"})
"""Settings that are so many minutes, hours or days; or off."""
CLOCKS = frozenset({"quiet", "digest"})
"""Settings that are times of the day; or off."""
COUNTS = frozenset({"ceiling", "undo_seconds", "reopen_days", "reauth_days"})
SWITCHES = frozenset(
    "human_agent video_out seen comments collisions shared_channel board disclosure reactions_out"
    " auto_first auto_away auto_csat".split()
)
TYPED = LENGTHS | CLOCKS | COUNTS | SWITCHES | {"hours", "zone"}
UNITS = {"m": "spelled.minutes", "h": "spelled.hours", "d": "spelled.days"}
WHOLE = {"m": "minutes?|mins?|分間", "h": "hours?|hrs?", "d": "days?|日間"}
"""Other words for the units, besides those of the catalogue."""
ALWAYS = frozenset({"常時", "24時間", "24時間営業", "24時間365日"})
"""Words for hours that never end, besides that of the catalogue."""
MANY = {"平日": "Mon-Fri ", "毎日": "Mon-Sun ", "全日": "Mon-Sun ", "週末": "Sat,Sun "}
"""Words for several days."""
DAYS = tuple(each.capitalize() for each in hours.DAYS)

_LENGTH = re.compile(r"([0-9]{1,4})([mhd])")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_DASH = re.compile(r"\s*(?:[-~〜‐-―−]|から)\s*")
_LONG = re.compile(r"(?<=[0-9時分半月火水木金土日曜])\s*ー\s*")
_HOUR = re.compile(r"([0-9]{1,2})\s*時(?:\s*([0-9]{1,2})\s*分|(半))?(?:まで)?")


def plain(name: str, text: str) -> str:
    """Return what is kept of a setting that somebody typed in their own way."""
    if name not in TYPED:
        return text
    line = normalize("NFKC", text).strip()
    if name == "zone":
        return zones.named(line)
    if name == "hours":
        return _hours(line)
    if (known := _words().get(line.lower())) is not None:
        return known
    if name in LENGTHS:
        return _length(line)
    if name in CLOCKS:
        return _clock(line)
    if name in COUNTS:
        return _count(line)
    return line


def spelt(name: str, text: str, wording: Wording) -> str:
    """Return what is kept of a setting as a reader would type it."""
    if name not in TYPED:
        return text
    if name == "hours":
        return wording.say("spelled.always") if text in ("", hours.EVERY) else _days(text, wording)
    if text in ("on", "off"):
        return wording.say("spelled.on") if text == "on" else wording.say("spelled.off")
    found = _LENGTH.fullmatch(text) if name in LENGTHS else None
    return text if found is None else wording.say(UNITS[found[2]], count=found[1])


def _words() -> dict[str, str]:
    """Return on and off in every language."""
    keys = {"spelled.on": "on", "spelled.off": "off"}
    return {said[key].lower(): word for said in catalogues().values() for key, word in keys.items() if key in said}


def _length(line: str) -> str:
    for unit, form in _units():
        found = re.fullmatch(form, line, re.IGNORECASE)
        if found is not None:
            return f"{found[1]}{unit}"
    return line


def _units() -> Iterator[tuple[str, str]]:
    """Return how lengths are written, by their unit, in every language."""
    for unit, key in UNITS.items():
        yield unit, rf"([0-9]{{1,4}})\s*(?:{unit}|{WHOLE[unit]})"
        for said in catalogues().values():
            before, number, after = said.get(key, "").partition("{count}")
            if number:
                yield unit, rf"{re.escape(before)}([0-9]{{1,4}})\s*{re.escape(after)}"


def _clock(line: str) -> str:
    """Return times as they are kept: ``22時〜8時`` becomes ``22:00-8:00``."""
    timed = _HOUR.sub(lambda found: f"{found[1]}:{'30' if found[3] else (found[2] or '0').zfill(2)}", line)
    return _DASH.sub("-", _LONG.sub("-", timed)).removesuffix("まで")


def _count(line: str) -> str:
    number = re.sub(r"\s*(?:日間?|秒間?|文字|days?|seconds?|characters?)$", "", line)
    return number.replace(",", "") if _THOUSANDS.fullmatch(number) else number


def _hours(line: str) -> str:
    """Return weekly hours in English days and plain signs."""
    if line.lower() in ALWAYS or line.lower() in {
        said.get("spelled.always", "").lower() for said in catalogues().values()
    }:
        return hours.EVERY
    text = _clock(line.replace("、", ",").replace("・", ",").replace("。", ";").replace("翌", ""))
    text = re.sub(r"(?<=[月火水木金土日])曜日?", "", text)
    for word, days in MANY.items():
        text = text.replace(word, days)
    for said in catalogues().values():
        for day, word in zip(DAYS, said.get("spelled.weekdays", "").split("|"), strict=False):
            if word and word not in DAYS:
                edge = r"\b" if word.isascii() else ""
                text = re.sub(rf"{edge}(?<!祝){re.escape(word)}{edge}", f"{day} ", text)
    text = english.read(text)
    return _tidy(text) if text != line or not line.isascii() else _pieces(line)


def _tidy(text: str) -> str:
    """Return translated days as they are written in English: ``Mon ,Wed 9:00`` becomes ``Mon,Wed 9:00``."""
    text = re.sub(r"\s*([-,])\s*", r"\1", " ".join(text.split()))
    text = re.sub(r"(?<=[a-z])\s*,?\s*(?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)", ",", text)
    return _pieces(re.sub(r"(?<=[a-z]),?(?=[0-9])", " ", text))


def _pieces(text: str) -> str:
    """Return hours with the sign between days that have their own times, where a comma or nothing stood."""
    return re.sub(r"(?<=[0-9])\s*[,\s]\s*(?=[A-Za-z])", "; ", text)


def _days(text: str, wording: Wording) -> str:
    """Return hours with the days' names in the reader's language."""
    named = dict(zip(DAYS, wording.say("spelled.weekdays").split("|"), strict=False))
    return re.sub(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", lambda day: named.get(day[0], day[0]), text)
