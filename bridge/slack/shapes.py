"""The small steps of reading JSON of which nothing is sure. Pure and total."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from bridge.model.ids import PersonRef, PlaceRef, PostRef
from bridge.slack.refs import post_ref

Json = Mapping[str, Any]

SLACKBOT = "USLACKBOT"

_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}\Z")
_SAFE = re.compile(r"[A-Za-z0-9_.:@-]{1,100}\Z")


class UnreadableError(ValueError):
    """A shape that gives no fact."""


def thing(value: object) -> Json:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Json]:
    """Return the objects in *value*, if it is a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: object) -> dict[str, str]:
    """Return the fields of *value* as texts."""
    return {str(name): str(each) for name, each in thing(value).items()}


def action_of(payload: Json) -> Json:
    """Return what was pressed, of a payload that tells of a press."""
    return (items(payload.get("actions")) or [{}])[0]


def label(value: object) -> str:
    """Return the name of a kind; empty where there is none, something unknown where it is no name."""
    return value if isinstance(value, str) else "" if value is None else "?"


def word(value: object) -> str:
    """Return an id as it may stand in a key; what looks like none of Slack's is told apart by a digest."""
    text = str(value)
    return text if _SAFE.match(text) else digest({"value": text})


def digest(value: Json) -> str:
    """Return what tells one JSON object from another."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def clean(text: str) -> str:
    """Leave out what no database and no network takes: halves of characters, and the null character."""
    return text.encode(errors="replace").decode().replace("\x00", "")


def is_id(value: object) -> bool:
    """Whether *value* looks like one of Slack's ids."""
    return isinstance(value, str) and _ID.match(value) is not None


def an_id(value: object, what: str) -> str:
    """Return one of Slack's ids; raises UnreadableError for anything else."""
    if isinstance(value, str) and is_id(value):
        return value
    raise UnreadableError(f"{what} without an id")


def person_ref(value: object) -> PersonRef:
    """Return a person; raises UnreadableError."""
    return PersonRef(an_id(value, "a person"))


def place_ref(value: object) -> PlaceRef:
    """Return a channel; raises UnreadableError."""
    return PlaceRef(an_id(value, "a channel"))


def ref(channel: object, ts: object) -> PostRef:
    """Return a message; raises UnreadableError."""
    try:
        return post_ref(str(channel), str(ts))
    except ValueError:
        raise UnreadableError("a message without an id") from None


def people(*values: object) -> tuple[PersonRef, ...]:
    """Return the people among *values*, each once."""
    return tuple(dict.fromkeys(PersonRef(str(each)) for each in values if is_id(each)))


def workspace_of(payload: Json) -> str:
    """Return the workspace in which something was pressed or sent in; an organisation's installation may name none."""
    named = thing(payload.get("team")).get("id") or thing(payload.get("view")).get("team_id")
    return word(named or thing(payload.get("user")).get("team_id"))
