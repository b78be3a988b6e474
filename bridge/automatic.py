"""What the bridge says by itself, in words, and what may be set of it: a text becomes a value, or a sentence that says why not.

Pure. `bridge.settings` calls the readers; `bridge.rules.answers.automatic` says when anything is said at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bridge import hours
from bridge.model.automatic import AutomaticSettings, Occasion
from bridge.model.state import Said
from bridge.split import WireLimit, split
from bridge.unread import Unread
from bridge.wording import customers

LEAST, MOST = 15, 23 * 60
"""Minutes after which a customer who waits may be asked for patience: nothing may be said by itself after 24 hours."""
WHEN = "{when}"
"""What stands in an account's own words for the time at which it opens."""
_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")
PAYLOAD = "threadbridge:rating"
_RATING = re.compile(rf"{PAYLOAD}:([0-9]{{1,18}}):([1-5])")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_LENGTH = re.compile(r"([0-9]{1,4})(m|h)")


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────────


def language_of(settings: AutomaticSettings, desk: str) -> str:
    """The language customers are written to. desk: the one agents read."""
    return settings.customer_language or desk


def words(
    settings: AutomaticSettings,
    occasion: Occasion,
    *,
    account: str,
    language: str,
    opens: datetime | None = None,
    told: bool = False,
) -> str:
    """One message to a customer. opens: when the account does, where it is closed. told: they know that it is a machine."""
    when = None if opens is None else customers.moment(language, opens.astimezone(ZoneInfo(settings.zone)))
    own: str = getattr(settings, f"{occasion.value}_text")
    if own and (when is not None or WHEN not in own):
        said = own.replace(WHEN, when or "")
    elif occasion is Occasion.AWAY and when is None:
        said = customers.say(language, "auto_away_open")
    else:
        said = customers.say(language, occasion.value, when=when or "")
    return said if told else disclosing(said, account, language)


def disclosed(text: str, account: str) -> bool:
    """Whether a message says, in any language, that a machine writes. account: its name."""
    return text.startswith(
        tuple(customers.say(language, "disclosure", account=account) for language in customers.languages())
    )


def disclosing(text: str, account: str, language: str) -> str:
    """The message with the word before it that a machine writes."""
    return f"{customers.say(language, 'disclosure', account=account)}\n\n{text}"


def too_long(settings: AutomaticSettings, account: str, wire: WireLimit) -> str | None:
    """Which of the account's own words is more than one message holds, with the disclosure in any language before it."""
    latest = datetime(2026, 9, 30, 23, 59, tzinfo=UTC)  # the longest names of a day and a month
    for occasion in Occasion:
        if not getattr(settings, f"{occasion.value}_text"):
            continue
        for language in customers.languages():
            whole = words(settings, occasion, account=account, language=language, opens=latest)
            if len(split(whole, wire)) > 1:
                return f"{occasion.value}_text"
    return None


def payload(question: int, score: int) -> str:
    """What comes back when a customer taps an answer to a question of ours."""
    return f"{PAYLOAD}:{question}:{score}"


def rating(payload: str) -> tuple[int, int] | None:
    """The question and the score, from 1 to 5, that such an answer tells; None: it is none of ours."""
    found = _RATING.fullmatch(payload)
    return None if found is None else (int(found[1]), int(found[2]))


# ── what may be set ───────────────────────────────────────────────────────────────────────────────────────


def _hours(text: str) -> str:
    if len(text) > hours.MOST:
        raise Unread(Said(key="setting.long_hours", values={"most": hours.MOST}))
    try:
        return hours.written(text)
    except Unread as error:
        values = {**error.said.values, "example": hours.EXAMPLE, "why_key": error.said.key}
        raise Unread(Said(key="setting.no_hours", values=values)) from None


def _zone(text: str) -> str:
    try:
        return hours.zone_named(text).key
    except ValueError:
        raise Unread(Said(key="setting.no_zone")) from None


def _holidays(text: str) -> str:
    if text.lower() in ("", "off", "none"):
        return ""
    try:
        return hours.country_named(text)
    except Unread as error:
        raise Unread(Said(key="setting.no_country", values={**error.said.values, "why_key": error.said.key})) from None


def _language(text: str) -> str:
    code = text.lower()
    if code not in ("", *customers.languages()):
        raise Unread(Said(key="setting.no_language", values={"known": ", ".join(customers.languages())}))
    return code


def _minutes(text: str) -> int:
    if text.lower() in ("", "off", "0"):
        return 0
    found = _LENGTH.fullmatch(text.lower())
    minutes = 0 if found is None else int(found[1]) * (60 if found[2] == "h" else 1)
    if not LEAST <= minutes <= MOST:
        raise Unread(Said(key="setting.no_patience"))
    return minutes


def _time_of_day(text: str) -> str:
    if text.lower() in ("", "off"):
        return ""
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise Unread(Said(key="setting.no_time_of_day"))
    return f"{int(found[1]):02}:{found[2]}"


def _own(text: str, *, when: bool = False) -> str:
    """*when*: the time at which the account opens may be spoken of."""
    said = text.replace("\\n", "\n").strip()
    for found in _BRACES.finditer(said):
        if found[1].strip() != "when":
            why = "setting.braces_but_when" if when else "setting.braces"
            raise Unread(Said(key=why, values={"found": " ".join(found[0].split()), "when": WHEN}))
        if not when:
            raise Unread(Said(key="setting.when_elsewhere", values={"when": WHEN, "setting": "auto_away_text"}))
    said = _BRACES.sub(WHEN, said)
    if any(unicodedata.category(each) in {"Cc", "Cs", "Co", "Cn"} and each != "\n" for each in said):
        raise Unread(Said(key="setting.unseen"))
    return said


def _switch(text: str, known: Mapping[str, bool]) -> bool:
    if text.lower() not in known:
        raise Unread(Said(key="setting.no_switch"))
    return known[text.lower()]


_WORDS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}

READERS: Mapping[str, Callable[[str], Any]] = {
    "hours": _hours,
    "zone": _zone,
    "holidays": _holidays,
    "customer_language": _language,
    "auto_first": partial(_switch, known=_WORDS),
    "auto_first_text": _own,
    "auto_away": partial(_switch, known=_WORDS),
    "auto_away_text": partial(_own, when=True),
    "auto_unanswered": _minutes,
    "auto_unanswered_text": _own,
    "auto_csat": partial(_switch, known=_WORDS),
    "auto_csat_text": _own,
    "disclosure": partial(_switch, known=_WORDS),
    "digest": _time_of_day,
    "board": partial(_switch, known=_WORDS),
}
"""How each setting is read; Unread: what is wrong with the text, to be said after it."""


def shown(settings: AutomaticSettings) -> dict[str, Any]:
    """The settings under the contract's names, ready for JSON, each as it may be set again."""
    minutes = settings.auto_unanswered
    length = f"{minutes // 60}h" if minutes and minutes % 60 == 0 else f"{minutes}m" if minutes else "off"
    return {name: getattr(settings, name) for name in READERS} | {
        "auto_unanswered": length,
        "digest": settings.digest or "off",
        "hours": settings.hours or hours.EVERY,
    }
