"""What customers read of the bridge's own words: one file a language, ``customers_<language>.json``.

A language more than agents have: who does business in Germany must say there, too, that a machine writes.
Several words of a kind stand in one entry, with ``|`` between them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("en", "ja", "de")
MOST_IN_A_CHOICE = 20
"""Characters of an answer to tap; Meta cuts longer ones off.

https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies
"""


@cache
def load(language: str) -> Mapping[str, str]:
    """Return the words of one language, read once; of one that we do not speak, the English ones."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    words: dict[str, str] = json.loads(files(__package__).joinpath(f"customers_{spoken}.json").read_text("utf-8"))
    return MappingProxyType(words)


def say(language: str, key: str, **values: str) -> str:
    """Return a sentence with its values."""
    return load(language)[key].format(**values)


def choices(language: str) -> tuple[str, ...]:
    """Return the five answers to the question whether a customer is content, the worst first."""
    return tuple(load(language)["rating"].split("|"))


def moment(language: str, at: datetime) -> str:
    """Return a day and a time as they are written in a language. at: in the zone that is meant."""
    words = load(language)
    day, month = words["days"].split("|")[at.weekday()], words["months"].split("|")[at.month - 1]
    return words["when"].format(day=day, date=at.day, month=month, time=f"{at:%H:%M}")
