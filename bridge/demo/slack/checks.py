"""Small checks that together describe the shape of a JSON value, each telling what is wrong and where.

A check yields sentences in the manner of Slack's `response_metadata.messages`; no sentence: all is well.
"""

import re
from collections.abc import Callable, Iterator, Mapping

Check = Callable[[object, str], Iterator[str]]


def problem(what: str, at: str) -> str:
    """Word one finding as Slack words it."""
    return f"[ERROR] {what} [json-pointer:{at}]"


def string(most: int, *, least: int = 1, pattern: str = "") -> Check:
    """A string of `least` to `most` characters that matches the pattern from its beginning."""
    compiled = re.compile(pattern)

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield problem(f"must be less than {most + 1} characters", at)
        elif not compiled.match(value):
            yield problem("does not match the required pattern", at)

    return check


def boolean(value: object, at: str) -> Iterator[str]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", at)


def whole(least: int, most: int) -> Check:
    """Accept a whole number within bounds, both included."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield problem(f"must be a whole number from {least} to {most}", at)

    return check


def one_of(*allowed: str) -> Check:
    """One of the given words."""

    def check(value: object, at: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", at)

    return check


def anything(_value: object, _at: str) -> Iterator[str]:
    """Accept all; for what only the app reads."""
    return iter(())


def array(item: Check, *, most: int, least: int = 1) -> Check:
    """A list of so many items."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items allowed", at)
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", at)
        for index, one in enumerate(value):
            yield from item(one, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others; a `type` is not looked at."""
    fields = dict(required) | dict(optional or {})

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        for name in required:
            if name not in value:
                yield problem(f"missing required field: {name}", at)
        for name, given in value.items():
            if name in fields:
                yield from fields[name](given, f"{at}/{name}")
            elif name != "type":
                yield problem(f"no additional properties allowed: {name}", at)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` names which of the checks it must pass."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
        elif value.get("type") not in kinds:
            yield problem(f"unsupported type: {value.get('type')}", f"{at}/type")
        else:
            yield from kinds[value["type"]](value, at)

    return check


def also(check: Check, extra: Check) -> Check:
    """Both; the second only where the first found nothing."""

    def both(value: object, at: str) -> Iterator[str]:
        found = list(check(value, at))
        yield from found or extra(value, at)

    return both


def exactly_one(*names: str) -> Check:
    """Of these fields one and no more is there."""

    def check(value: object, at: str) -> Iterator[str]:
        assert isinstance(value, dict)
        if sum(name in value for name in names) != 1:
            yield problem(f"exactly one of these fields is required: {', '.join(names)}", at)

    return check


def at_least_one(*names: str) -> Check:
    """Of these fields one or more is there."""

    def check(value: object, at: str) -> Iterator[str]:
        assert isinstance(value, dict)
        if not any(name in value for name in names):
            yield problem(f"one of these fields is required: {', '.join(names)}", at)

    return check
