"""Zones as people name them: in any case or width, by their city, by a short name that means one alone. Pure, but for zone files."""

from __future__ import annotations

from functools import cache
from unicodedata import normalize
from zoneinfo import available_timezones

from bridge import hours

SHORT = {"jst": "Asia/Tokyo"}
"""Other words for zones, where they mean one alone."""


def named(text: str) -> str:
    """Return the zone that a text names: by its name, or by its city's, which only one has; else the text itself."""
    try:
        return hours.zone_named(text).key
    except ValueError:
        wanted = _folded(text).replace(" ", "_")
        return SHORT.get(wanted) or _zones().get(wanted, text)


@cache
def _zones() -> dict[str, str]:
    """Return every zone by its name, and by its city's where only one has it."""
    every = sorted(available_timezones())
    cities = [_folded(each.rpartition("/")[2]) for each in every]
    once = {city: each for city, each in zip(cities, every, strict=True) if cities.count(city) == 1}
    return once | {_folded(each): each for each in every}


def _folded(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())
