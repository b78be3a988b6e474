"""JSON read and written by orjson, in a fifth of the standard library's time; what that cannot, the standard library does.

It would round numbers of more than 64 bits, and refuses half characters; Slack and Meta may send both.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19
"""A number so long, once all digits are zeros: found in a tenth of a regular expression's time."""


def loads(raw: bytes, slowly: Callable[[bytes], Any] = json.loads) -> Any:
    """Read JSON. *slowly*: who reads what the quick one cannot, and says so with a ValueError if it is none."""
    if _LONG not in raw.translate(_DIGITS):
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError:
            pass  # perhaps the other one can
    return slowly(raw)


def dumps(value: Any) -> bytes:
    """Write JSON compactly: as UTF-8, or in ASCII what that cannot hold. RecursionError: it is nested too deep."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")
