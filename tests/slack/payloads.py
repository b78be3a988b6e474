"""Payloads as Slack documents them, and what the rules hear of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bridge.model.facts import AgentWrote, Fact
from bridge.model.ids import PostRef
from bridge.model.outcomes import RawItem
from bridge.model.state import Known
from bridge.slack import sift
from bridge.slack.parse import SlackParser
from tests.slack.stage import AKI, NOON, PLACE, WORKSPACE

ROOT, TS = "1736207085.539649", "1736481285.683829"
AT = datetime(2025, 1, 10, 3, 54, 45, 683829, tzinfo=UTC)
Json = dict[str, Any]


def rich(*elements: Json) -> list[Json]:
    return [
        {"type": "rich_text", "block_id": "Bl6", "elements": [{"type": "rich_text_section", "elements": [*elements]}]}
    ]


def words(text: str) -> Json:
    return {"type": "text", "text": text}


def human(**changes: object) -> Json:
    """A reply of Aki's in a thread, as Slack sends it (docs.slack.dev/reference/events/message)."""
    usual: Json = {
        "user": AKI, "type": "message", "ts": TS, "client_msg_id": "51e3", "text": "Hello &amp; welcome",
        "team": "T0DEMO", "thread_ts": ROOT, "parent_user_id": "U0BRIDGE", "blocks": rich(words("Hello & welcome")),
        "channel": PLACE, "event_ts": TS, "channel_type": "channel",
    }  # fmt: skip
    return {name: value for name, value in (usual | changes).items() if value is not None}


def edit(message: Json, before: Json) -> Json:
    stamp = "1736481301.000200"
    return {
        "type": "message", "subtype": "message_changed", "message": message, "previous_message": before,
        "channel": PLACE, "hidden": True, "ts": stamp, "event_ts": stamp, "channel_type": "channel",
    }  # fmt: skip


def envelope(event: Json, event_id: str = "Ev0PV52K21") -> Json:
    installed = {"enterprise_id": None, "team_id": "T0DEMO", "user_id": "U0BRIDGE", "is_bot": True}
    return {
        "token": "deprecated", "team_id": "T0DEMO", "api_app_id": "A0BRIDGE", "type": "event_callback",
        "event_id": event_id, "event_time": 1736481285, "authorizations": [installed], "event": event,
    }  # fmt: skip


def kept(payload: Json) -> list[RawItem]:
    return sift.split(payload, [WORKSPACE], NOON)


def heard(event: Json, known: Known | None = None) -> Fact | None:
    """What the rules hear of an event; None: it was answered and not kept."""
    items = kept(envelope(event))
    return SlackParser().read(items[0], known or Known(), WORKSPACE) if items else None


def wrote(event: Json, known: Known | None = None) -> AgentWrote:
    fact = heard(event, known)
    assert type(fact) is AgentWrote, fact
    return fact


def at_place(ts: str) -> PostRef:
    return PostRef(f"{PLACE}:{ts}")
