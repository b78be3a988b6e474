"""The emoji that Slack knows by name. The table is emoji-data's, which the bridge keeps; nothing of its code is used here."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files

TONES = {"2": "\U0001f3fb", "3": "\U0001f3fc", "4": "\U0001f3fd", "5": "\U0001f3fe", "6": "\U0001f3ff"}
"""Slack's numbers for skin tones, with Unicode's modifiers."""

_TABLE: dict[str, dict[str, str]] = json.loads(files("bridge.slack").joinpath("emoji.json").read_text("utf-8"))

EMOJI: Mapping[str, str] = _TABLE["plain"] | _TABLE["toned"]
"""Characters by name."""

_NAMES = {characters: name for name, characters in reversed(list(EMOJI.items())) if not characters[0].isascii()}
_LONGEST_FIRST = sorted(_NAMES, key=len, reverse=True)
_FIRST = "".join({re.escape(characters[0]) for characters in _NAMES})
DRAWN = rf"(?=[{_FIRST}])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})"
"""A pattern for an emoji that stands as characters; the look-ahead spares ordinary text the long list."""

_DRAWN = re.compile(f"({DRAWN})([{''.join(TONES.values())}]?)")
_TONE_NUMBERS = {modifier: number for number, modifier in TONES.items()}


def name_of(characters: str) -> str:
    """Return the name of an emoji that stands as characters."""
    return _NAMES[characters]


def tone_number(modifier: str) -> str:
    """Return Slack's number for a skin tone's modifier."""
    return _TONE_NUMBERS[modifier]


def points(name: str, tone: str | None = None) -> str:
    """Return the code points of an emoji, as `unicode` has them: ``1f44b-1f3fc``."""
    characters = EMOJI[name]
    if tone is not None and name in _TABLE["toned"]:
        characters = characters[0] + TONES[tone] + characters[1:].removeprefix("\ufe0f")
    return "-".join(f"{ord(character):x}" for character in characters)


def shortcodes(text: str) -> str:
    """Store emoji as Slack does: by their names."""
    return _DRAWN.sub(_shortcode, text)


def _shortcode(match: re.Match[str]) -> str:
    tone = f":skin-tone-{_TONE_NUMBERS[match[2]]}:" if match[2] else ""
    return f":{_NAMES[match[1]]}:{tone}"
