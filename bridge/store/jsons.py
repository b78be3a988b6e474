"""What stands in a column as JSON, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bridge.lanes import micros
from bridge.model.answer import Answer
from bridge.model.automatic import Spoken
from bridge.model.change import asdict
from bridge.model.comment import Comment, CommentState
from bridge.model.ids import RemoteId
from bridge.model.pieces import Reaction
from bridge.model.state import Said
from bridge.model.tickets import Step, Ticket
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


_MOMENTS = frozenset("disclosed_at away_until unanswered_since asked_at scored_at closed_at closed_before".split())


def spoken_of(kept: Mapping[str, Any]) -> Spoken:
    """What the bridge has said by itself."""
    known = {name: value for name, value in kept.items() if name in Spoken.__struct_fields__}
    values: dict[str, Any] = {
        name: EPOCH + timedelta(microseconds=value) if name in _MOMENTS else value for name, value in known.items()
    }
    return Spoken(**values)


def spoken_json(spoken: Spoken) -> dict[str, Any] | None:
    """The same for JSON, as far as there is anything; times in microseconds since the epoch."""
    values = {name: value for name, value in asdict(spoken).items() if value is not None}
    return {name: micros(value) if name in _MOMENTS else value for name, value in values.items()} or None


_TICKET_TIMES = frozenset({"since", "at", "status_at"})


def ticket_of(kept: Mapping[str, Any]) -> Ticket:
    """The latest ticket that was made of a conversation."""
    values: dict[str, Any] = {
        name: EPOCH + timedelta(microseconds=value) if name in _TICKET_TIMES else value
        for name, value in kept.items()
        if name in Ticket.__struct_fields__
    }
    return Ticket(**(values | {"step": Step(kept["step"])}))


def ticket_json(ticket: Ticket | None) -> dict[str, Any] | None:
    """The same for JSON; times in microseconds since the epoch."""
    if ticket is None:
        return None
    values = {name: value for name, value in asdict(ticket).items() if value is not None}
    return {name: micros(value) if name in _TICKET_TIMES else value for name, value in values.items()}


def said_json(said: Said | None) -> dict[str, Any] | None:
    """A sentence's key and values for JSON."""
    return None if said is None else {"key": said.key, "values": dict(said.values)}


def answer_json(answer: Answer | None) -> dict[str, Any] | None:
    """What a network answered for JSON."""
    return None if answer is None else asdict(answer)


def reactions_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Reaction, ...]:
    """What agents have put on a customer's message."""
    return tuple(
        Reaction(person=each["person"], emoji=each["emoji"], at=EPOCH + timedelta(microseconds=each["at"]))
        for each in kept
    )


def reactions_json(reactions: Iterable[Reaction]) -> list[dict[str, Any]] | None:
    """The same for JSON, as far as there is anything; times in microseconds since the epoch."""
    return [{"person": each.person, "emoji": each.emoji, "at": micros(each.at)} for each in reactions] or None
