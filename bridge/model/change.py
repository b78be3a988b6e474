"""Changing what never changes: a copy with other values.

`dataclasses.replace` asks each field what it is and runs the initialiser, which takes five times as long as the copy. Our
words have neither derived fields nor checks of their own, so that a copy of the values is all there is to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["replace"]

if TYPE_CHECKING:
    from dataclasses import replace  # whose arguments mypy checks, field by field
else:

    def replace(thing: Any, /, **changes: Any) -> Any:
        """Another of the same kind, with these values changed. TypeError: it has no such field."""
        values = thing.__dict__
        if not values.keys() >= changes.keys():
            raise TypeError(f"{type(thing).__name__} has no {sorted(changes.keys() - values.keys())}")
        copy = object.__new__(type(thing))
        copy.__dict__.update(values, **changes)
        return copy
