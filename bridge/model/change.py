"""Changing what never changes: a copy with other values; and a word as plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["asdict", "astuple", "replace"]

if TYPE_CHECKING:
    from dataclasses import replace  # whose arguments mypy checks, field by field

    from bridge.model.word import Word

    def asdict(word: Word) -> dict[str, Any]:
        """The fields of a word, in their order; what they hold stays what it is."""

    def astuple(word: Word) -> tuple[Any, ...]:
        """What the fields hold, in their order."""

else:
    from msgspec.structs import asdict, astuple, replace
