"""Meta's JSON, taken as loosely as it comes: ids as numbers, times as text, anything missing. Pure and total."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bridge import quickjson

Json = object
"""Whatever `json.loads` may return: nothing about it is sure."""

LONGEST_ID = 400
"""Instagram's message ids have up to 250 characters; what is longer than this would not fit an index."""

LONGEST_NUMBER = 30
MOST_COUNTED = 10**12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TEXT_HOLDS = re.compile("[\x00\ud800-\udfff]")
_SECONDS_END = 10**11  # as seconds the year 5138, as milliseconds 1973
_LAST_SECOND = 253402300799  # the end of 9999, beyond which there is no datetime


def loads(raw: bytes) -> Json:
    """Read JSON; ValueError for everything that cannot be read, however deep or long its values are."""
    return quickjson.loads(raw, _slowly)


def _slowly(raw: bytes) -> Json:
    try:
        return _DECODER.decode(raw.decode(json.detect_encoding(raw), "surrogatepass"))
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error


def dumps(value: Json) -> bytes:
    """Write JSON compactly; what is nested too deep to be written is named so instead."""
    try:
        return quickjson.dumps(value)
    except RecursionError:
        return b'"nested too deep"'


def digest(value: Json) -> str:
    """A short fingerprint of a value, whatever the order of its keys."""
    try:
        text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    except RecursionError:
        text = "nested too deep"
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:40]


def obj(value: Json) -> Mapping[str, Json]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Json) -> Sequence[Json]:
    """The list; a single value where a list is meant counts as a list of one, nothing as an empty one."""
    if isinstance(value, list):
        return value
    return () if value is None else (value,)


def ident(value: Json) -> str | None:
    """An id as text that every database and index takes; an odd one is replaced by its fingerprint."""
    match value:
        case bool() | None:
            return None
        case int():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
        case str() if value:
            if len(value) <= LONGEST_ID and value.isascii() and value.isprintable():
                return value
            return f"odd-{digest(value)}"
        case _:
            return None


def words(value: Json) -> str | None:
    """Text without what no database holds (NUL, halves of surrogate pairs); None when there is none."""
    if not isinstance(value, str):
        return None
    return _NO_TEXT_HOLDS.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", value) or None


def whole(value: Json) -> int | None:
    """A whole number, also where it is written as text or as 1.0."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER:
            return int(value)
        case _:
            return None


def truth(value: Json) -> bool | None:
    """True or false, where the value is one of them."""
    return value if isinstance(value, bool) else None


def count(value: Json) -> int | None:
    """A whole number that counts something, as far as a database holds it."""
    number = whole(value)
    return number if number is not None and 0 <= number <= MOST_COUNTED else None


def instant(value: Json) -> datetime | None:
    """A time given in milliseconds, or in seconds, since the epoch; None when it is neither."""
    number = whole(value)
    if number is None or number <= 0:
        return None
    seconds, milliseconds = (number, 0) if number < _SECONDS_END else divmod(number, 1000)
    if seconds > _LAST_SECOND:
        return None
    return EPOCH + timedelta(seconds=seconds, milliseconds=milliseconds)


def stamp(value: Json) -> datetime | None:
    """A time as the Graph API writes it, ``2026-02-27T00:00:00+0000``."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


def _number(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_NUMBER else text


_DECODER = json.JSONDecoder(parse_int=_number)
