"""Slack's names for emoji, as characters.

The names are those of iamcal's emoji-data (docs.slack.dev, Formatting message text); `scripts/emoji_table.py` makes the
table. Names a workspace has invented are not in it.
"""

import json
import re
from functools import cache
from importlib.resources import files

TONES = {2: "\U0001f3fb", 3: "\U0001f3fc", 4: "\U0001f3fd", 5: "\U0001f3fe", 6: "\U0001f3ff"}
"""Slack's numbers for skin tones, with Unicode's modifiers."""

_VARIATION = "\ufe0f"
_SHORTCODE = re.compile(r":(?P<name>[a-z0-9_+'-]+):(?::skin-tone-(?P<tone>[2-6]):)?")


def with_tone(characters: str, tone: str) -> str:
    """Put the modifier *tone* after the first code point, where it takes the place of a variation selector."""
    return characters[0] + tone + characters[1:].removeprefix(_VARIATION)


def named(name: str, tone: int | None = None) -> str | None:
    """Return the characters of Slack's emoji *name*, or None for a workspace's own.

    tone: 2 to 6; ignored where the emoji has no tones.
    """
    table = _table()
    if name in table["toned"]:
        found = table["toned"][name]
        return with_tone(found, TONES[tone]) if tone in TONES else found
    return table["plain"].get(name)


def names(name: str) -> tuple[str, ...]:
    """Whatever Slack calls what it calls *name*: of a thumb ``+1`` and ``thumbsup``; nothing for a workspace's own."""
    found = named(name)
    return () if found is None else _aliases()[found]


def decoded(text: str) -> str:
    """Return *text* with each ``:name:`` and ``:name::skin-tone-3:`` as characters; unknown names stay."""
    pieces: list[str] = []
    position = 0
    while match := _SHORTCODE.search(text, position):
        found = named(match["name"], int(match["tone"]) if match["tone"] else None)
        # The closing colon of an unknown name may open the next one, as in 10:30:wave:
        end = match.end() if found else match.end("name")
        pieces += text[position : match.start()], found or text[match.start() : end]
        position = end
    return "".join(pieces) + text[position:]


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in _table().values():
        for name, characters in group.items():
            found[characters] = (*found.get(characters, ()), name)
    return found


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(files("bridge.slack").joinpath("emoji.json").read_text("utf-8"))
    return table
