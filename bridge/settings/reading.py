"""How the texts of settings are read: each becomes a value, or a sentence that says why not. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from bridge import hours
from bridge.model.state import CardField, Said
from bridge.prefixes import is_note
from bridge.unread import in_english

ALL = "all"
"""All that there is, in lists of names."""
MOST_SIGN = 20
"""Characters of the sign that marks an answer."""
LENGTH = re.compile(r"([0-9]{1,4})([mhd])")
LEAST_LEAD = 5
"""Minutes before a close at which an alert still helps."""
ON = frozenset({"on", "true", "yes", "1"})
OFF = frozenset({"off", "false", "no", "0"})


class SettingError(Exception):
    """This name or value cannot be set; said: a sentence with the mend, which is its text in English. setting: which one."""

    def __init__(self, said: Said, *, setting: str | None = None) -> None:
        super().__init__(in_english(said))
        self.said = said
        self.setting = setting


def switch(key: str, text: str) -> bool:
    """On or off."""
    word = text.lower()
    if word not in ON | OFF:
        raise SettingError(Said(key="setting.no_switch", values={"given": given(key, text)}))
    return word in ON


def choice(key: str, text: str, among: Sequence[str]) -> str:
    """One of a few words."""
    word = text.lower()
    if word not in among:
        raise SettingError(Said(key="setting.none_of", values={"given": given(key, text), "known": ", ".join(among)}))
    return word


def fields(key: str, text: str) -> tuple[CardField, ...] | None:
    """What cards show, in their own order; None for all of it, whatever a later version adds."""
    wanted = [part.strip().lower() for part in text.split(",") if part.strip()]
    if wanted == [ALL]:
        return None
    for word in wanted:
        if word not in {field.value for field in CardField}:
            known = ", ".join(field.value for field in CardField)
            raise SettingError(Said(key="setting.no_field", values={"given": given(key, word), "known": known}))
    return tuple(field for field in CardField if field.value in wanted)


def count(key: str, text: str, *, among: range, unit: Literal["days", "seconds"], none: bool = False) -> int:
    """*none*: nothing, or off, is 0."""
    if none and text.lower() in ("", "off"):
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) in among):
        why = "setting.no_seconds" if unit == "seconds" else "setting.no_days_nor_none" if none else "setting.no_days"
        raise SettingError(Said(key=why, values={"given": given(key, text), "least": among[0], "most": among[-1]}))
    return int(text)


def lead(key: str, text: str, *, most: int) -> int:
    """Minutes before a close; 0: no alert. most: days."""
    if text.lower() in ("", "0", *OFF):
        return 0
    found = LENGTH.fullmatch(text.lower())
    minutes = 0 if found is None else int(found[1]) * {"m": 1, "h": 60, "d": 24 * 60}[found[2]]
    if not LEAST_LEAD <= minutes <= most * 24 * 60:
        raise SettingError(
            Said(key="setting.no_lead", values={"given": given(key, text), "least": LEAST_LEAD, "most": most})
        )
    return minutes


def lead_shown(minutes: int) -> str:
    """Minutes as somebody would type them."""
    if not minutes:
        return "off"
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def quiet(key: str, text: str) -> str:
    """Hours of the day; empty: none."""
    try:
        return hours.of_day(text)
    except ValueError:
        raise SettingError(Said(key="setting.no_quiet", values={"given": given(key, text)})) from None


def sign(key: str, text: str) -> str:
    """The word that marks an answer."""
    sign = text.strip()
    if not sign or any(unicodedata.category(each)[0] == "C" for each in sign) or len(sign) > MOST_SIGN:
        raise SettingError(Said(key="setting.no_sign", values={"given": given(key, text), "most": MOST_SIGN}))
    if is_note(sign):
        raise SettingError(Said(key="setting.sign_is_note", values={"given": given(key, text)}))
    return sign


def given(key: str, text: str) -> str:
    """What somebody typed for a setting, as they would type it."""
    return f"{key}={quoted(text)}"


def quoted(text: str) -> str:
    """What somebody typed, short and on one line."""
    line = " ".join(text.split())
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”"
