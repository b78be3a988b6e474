"""The arguments of one call, which come as JSON values or as the strings of a query."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

from bridge.demo.slack.model import Json, SlackError

T = TypeVar("T")


class Asked:
    """One call's arguments, read as what they should be; `invalid_arguments` where they are not."""

    def __init__(self, method: str, given: Mapping[str, object]) -> None:
        self.method = method
        self.given = given

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    def maybe(self, name: str) -> str | None:
        """Return a string, or None where the argument is not there."""
        value = self.given.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        raise _wrong(name, "must be a string")

    def text(self, name: str) -> str:
        """Return a string, empty where the argument is not there."""
        return self.maybe(name) or ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth, which a query writes ``1`` or ``true``."""
        value = self.given.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("1", "true", "0", "false"):
            return str(value).lower() in ("1", "true")
        raise _wrong(name, "must be a boolean")

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.given.get(name)
        try:
            return default if value in (None, "") else int(str(value))
        except ValueError:
            raise _wrong(name, "must be a number") from None

    def json(self, name: str, error: str = "invalid_arguments") -> object:
        """Return a JSON value, which a query writes as a string."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error, messages=[f"[ERROR] not valid JSON [json-pointer:/{name}]"]) from None

    def names(self, name: str) -> list[str]:
        """Return a list that is joined by commas."""
        value = self.given.get(name)
        if isinstance(value, list):
            return [str(each) for each in value]
        return [each.strip() for each in self.text(name).split(",") if each.strip()]

    def page(self, items: Sequence[T], *, default: int, most: int) -> tuple[list[T], Json]:
        """Return the page of a list that was asked for, and the `response_metadata` with the next cursor."""
        limit = self.number("limit", default)
        if limit < 1 or limit > most:
            raise SlackError("invalid_limit")
        start = 0
        if cursor := self.text("cursor"):
            try:
                start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
            except (binascii.Error, ValueError):
                raise SlackError("invalid_cursor") from None
        after = start + limit
        cursor = base64.b64encode(f"next:{after}".encode()).decode() if after < len(items) else ""
        return list(items[start:after]), {"next_cursor": cursor}


def _wrong(name: str, what: str) -> SlackError:
    return SlackError("invalid_arguments", messages=[f"[ERROR] {what} [json-pointer:/{name}]"])
