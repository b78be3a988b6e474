"""What stands in a column as JSON, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bridge.lanes import micros
from bridge.model.comment import Comment, CommentState
from bridge.model.ids import RemoteId
from bridge.model.state import Said
from bridge.store.columns import EPOCH


def comments_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Comment, ...]:
    """What a customer has said in public."""
    return tuple(
        Comment(
            remote_id=RemoteId(each["id"]),
            at=EPOCH + timedelta(microseconds=each["at"]),
            until=EPOCH + timedelta(microseconds=each["until"]),
            live=each["live"],
            state=CommentState(each["state"]),
            by=each["by"],
        )
        for each in kept
    )


def comments_json(comments: Iterable[Comment]) -> list[dict[str, Any]]:
    """The same for JSON; times in microseconds since the epoch."""
    return [
        {
            "id": each.remote_id,
            "at": micros(each.at),
            "until": micros(each.until),
            "live": each.live,
            "state": each.state.value,
            "by": each.by,
        }
        for each in comments
    ]


def said_json(said: Said | None) -> dict[str, Any] | None:
    """A sentence's key and values for JSON."""
    return None if said is None else {"key": said.key, "values": dict(said.values)}
