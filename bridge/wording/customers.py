"""What customers read of the bridge's own words: ``customers.…`` in the file of each language.

A language more than agents have: who does business in Germany must say there, too, that a machine writes.
Several words of a kind stand in one entry, with ``|`` between them.
"""

from __future__ import annotations

from datetime import datetime

from bridge.wording import CUSTOMERS, ENGLISH, catalogues

MOST_IN_A_CHOICE = 20
"""Characters of an answer to tap; Meta cuts longer ones off.

https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies
"""


def languages() -> tuple[str, ...]:
    """Return the languages in which customers can be written to, English first."""
    return tuple(catalogues())


def _word(language: str, key: str) -> str:
    read = catalogues()
    return read.get(language, read[ENGLISH])[f"{CUSTOMERS}{key}"]


def say(language: str, key: str, **values: str) -> str:
    """Return a sentence with its values; in a language that we do not speak the English one."""
    return _word(language, key).format(**values)


def choices(language: str) -> tuple[str, ...]:
    """Return the five answers to the question whether a customer is content, the worst first."""
    return tuple(_word(language, "rating").split("|"))


def moment(language: str, at: datetime) -> str:
    """Return a day and a time as they are written in a language. at: in the zone that is meant."""
    day, month = _word(language, "days").split("|")[at.weekday()], _word(language, "months").split("|")[at.month - 1]
    return _word(language, "when").format(day=day, date=at.day, month=month, time=f"{at:%H:%M}")
