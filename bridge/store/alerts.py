"""Alerts that rules raise wait in the inbox like everything that was heard: as items of the source `SOURCE`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bridge.alerts import SOURCE
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Workspace
from bridge.ports import Needs
from bridge.rules.desk.incidents import sink_of

LANE = "alert:"
"""How the lane of a workspace's alerts begins."""


def to_item(alert: AlertFact, number: int) -> RawItem:
    """The alert as an inbox item, in its workspace's lane; *number* makes its key its own."""
    body: dict[str, Any] = {
        "over": isinstance(alert, AlertOver),
        "workspace": alert.workspace,
        "at": alert.at.isoformat(),
        "key": alert.key,
        "values": dict(alert.values),
    }
    if isinstance(alert, AlertDue):
        body |= {"kind": alert.kind, "place": alert.place, "account": alert.account}
        body |= {"stage": alert.stage, "loud": alert.loud, "tell": list(alert.tell)}
    return RawItem(
        key=f"alert:{alert.workspace}:{alert.key}:{number}",
        source=SOURCE,
        lane=f"{LANE}{alert.workspace}",
        at=alert.at,
        body=json.dumps(body).encode(),
        workspace=alert.workspace,
    )


def from_body(body: bytes) -> AlertFact:
    """The alert again."""
    read = json.loads(body)
    workspace, at = WorkspaceId(read["workspace"]), datetime.fromisoformat(read["at"])
    if read["over"]:
        return AlertOver(workspace=workspace, at=at, key=read["key"], values=read["values"])
    return AlertDue(
        workspace=workspace,
        at=at,
        key=read["key"],
        kind=read["kind"],
        place=PlaceRef(read["place"]),
        account=None if read["account"] is None else AccountId(read["account"]),
        values=read["values"],
        stage=read.get("stage"),
        loud=read.get("loud", False),
        tell=tuple(map(PersonRef, read.get("tell", ()))),
    )


class OwnFacts:
    """The `bridge.ports.Parser` of what the bridge told itself."""

    def needs(self, body: bytes) -> Needs:
        """Who is to be told directly: they read it in their own language."""
        tell = map(PersonRef, json.loads(body).get("tell", ()))
        return Needs(people=tuple(person for person in tell if sink_of(person) is None))

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> AlertFact:
        """The alert that was kept."""
        return from_body(item.body)
