"""A text that could not be read as what it was typed for, with the sentence that says why. Pure."""

from __future__ import annotations

from bridge.model.state import Said
from bridge.wording import ENGLISH, Wording

GIVEN = "given"
"""The value that stands for what was typed, in sentences that begin with it."""


class Unread(ValueError):
    """It is none of what was wanted; said: why, still without what was typed."""

    def __init__(self, said: Said) -> None:
        super().__init__(in_english(said))
        self.said = said


def in_english(said: Said) -> str:
    """The sentence for a command line; a value whose name ends in ``_key`` is a sentence itself."""
    wording = Wording(ENGLISH)
    values: dict[str, object] = {GIVEN: "it", **said.values}
    inner = {
        name.removesuffix("_key"): wording.say(str(key), **values)
        for name, key in values.items()
        if name.endswith("_key")
    }
    return wording.say(said.key, **values, **inner)
