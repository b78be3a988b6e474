"""What both sides have told the bridge, kept so that they can tell it again: word for word, and in another envelope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from bridge.meta.envelope import Envelope, split
from tests.journeys.world import World

JSON = "application/json"
COUNTERS = ("calls:", "deliveries:")


@dataclass(kw_only=True)
class Told:
    """Everything that was posted to the service since `listen`, in order."""

    world: World
    slack: list[bytes] = field(default_factory=list)
    meta: list[bytes] = field(default_factory=list)

    @classmethod
    def listen(cls, world: World) -> Told:
        """Keep what is posted from now on."""
        told = cls(world=world)
        by_slack, by_meta = world.slack.deliveries.post, world.meta.deliveries.post

        async def slack(
            body: bytes, *, content_type: str, headers: Mapping[str, str] | None = None
        ) -> tuple[int, bytes, Mapping[str, str]]:
            if content_type == JSON:
                told.slack.append(body)
            return await by_slack(body, content_type=content_type, headers=headers)

        async def meta(raw: bytes, headers: dict[str, str]) -> int | str:
            told.meta.append(raw)
            return await by_meta(raw, headers)

        setattr(world.slack.deliveries, "post", slack)  # noqa: B010 - an ear at the stand-in's own door
        setattr(world.meta.deliveries, "post", meta)  # noqa: B010
        return told

    def slack_kinds(self) -> set[str]:
        """The kinds of Slack's events: of messages their subtypes."""
        events = [json.loads(each)["event"] for each in self.slack]
        return {f"message.{each.get('subtype', '')}" if each["type"] == "message" else each["type"] for each in events}

    def meta_kinds(self) -> set[str]:
        """The kinds of Meta's events: by the key that names them, or the field of a change."""
        items = [Envelope.read(item.body) for each in self.meta for item in split(each, self.world.clock.now())]
        return {str(each.kind or "changes") for each in items if each is not None}

    async def again(self) -> None:
        """All of it once more: as a retry of Slack's, and as Meta delivers what was not answered in time."""
        retry = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
        for body in [*self.slack]:
            status, *_ = await self.world.slack.deliveries.post(body, content_type=JSON, headers=retry)
            assert status == 200
        for raw in [*self.meta]:
            assert await self.world.meta.deliver(raw) == 200

    async def otherwise(self) -> None:
        """All messages, changes, deletions and reactions of Slack's under other ids; all of Meta's in other deliveries."""
        for number, body in enumerate([*self.slack]):
            payload = json.loads(body)
            if payload["event"]["type"] in ("message", "reaction_added", "reaction_removed"):
                payload["event_id"] = f"EvAGAIN{number}"
                status, *_ = await self.world.slack.deliveries.post(json.dumps(payload).encode(), content_type=JSON)
                assert status == 200
        for raw in [*self.meta]:
            assert await self.world.meta.deliver(_apart(json.loads(raw))) == 200


def _apart(delivery: Any) -> Any:
    """The same items, each in an entry of its own, of another time."""
    entries = []
    for entry in delivery["entry"]:
        lists = [name for name in ("messaging", "standby", "changes") if name in entry]
        for name in lists:
            rest = {key: value for key, value in entry.items() if key not in lists}
            entries += [{**deepcopy(rest), "time": entry["time"] + 1, name: [item]} for item in entry[name]]
        if not lists:
            entries.append({**entry, "time": entry["time"] + 1})
    return {**delivery, "entry": entries}


def looks(world: World) -> dict[str, Any]:
    """All that people see on both sides, and what is kept of who did what."""
    lines = [line for line in world.slack.dump().splitlines() if not line.startswith(COUNTERS)]
    people = [each for account in world.meta.accounts.values() for each in account.customers.values()]
    phones = {each.id: [bubble.json() for bubble in each.bubbles] for each in people}
    return {
        "slack": lines,
        "phones": phones,
        "noted": world.rows("SELECT object, action FROM audit WHERE who <> 'test' ORDER BY id"),
        "incidents": world.rows("SELECT key, kind FROM incident ORDER BY id"),
        "sent": world.rows("SELECT count(*) FROM outbox WHERE kind = 'SendToCustomer'"),
    }
