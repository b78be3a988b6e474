"""What somebody wants set up, as it is kept before Slack is answered, and read again. Pure and total.

A command, a window and a button end in the same item, in the one lane of their workspace, so that changes keep their order.
Settings are no customers' words, and a secret is among them only sealed.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from bridge.model.change import asdict
from bridge.model.facts import Fact, Ignored
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.setup import Change, SetupAsked
from bridge.model.state import Workspace
from bridge.model.word import Word
from bridge.slack.shapes import Json, person_ref, texts

SOURCE = "slack"
TYPE = "setup"
KEYS = "slack:setup:"
"""How the keys of these begin."""


class Wanted(Word, kw_only=True):
    """What somebody wants changed; see `bridge.model.setup.SetupAsked`. *once*: what makes it count once, whoever repeats it."""

    change: Change
    person: PersonRef
    once: str
    place: PlaceRef | None = None
    handle: str | None = None
    window: str | None = None
    account: AccountId | None = None
    values: Mapping[str, str]
    seen: Mapping[str, str]


def item(wanted: Wanted, workspace: WorkspaceId, now: datetime) -> RawItem:
    """Return what is kept."""
    body = {
        "type": TYPE,
        **{name: value for name, value in asdict(wanted).items() if name != "once" and value is not None},
    }
    return RawItem(
        key=f"{KEYS}{workspace}:{wanted.once}",
        source=SOURCE,
        lane=f"slack:{workspace}:setup",
        at=now,
        body=json.dumps(body, separators=(",", ":"), default=dict).encode(),
        workspace=workspace,
    )


def fact(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return what a kept item says; raises UnreadableError."""
    change = payload.get("change")
    if change not in set(Change):
        return Ignored(why="a change of no meaning")
    place, handle, account = payload.get("place"), payload.get("handle"), payload.get("account")
    window = payload.get("window")
    return SetupAsked(
        workspace=workspace.id,
        at=at,
        change=Change(change),
        person=person_ref(payload.get("person")),
        place=PlaceRef(place) if isinstance(place, str) else None,
        handle=handle if isinstance(handle, str) else None,
        window=window if isinstance(window, str) else None,
        account=AccountId(account) if isinstance(account, int) else None,
        values=texts(payload.get("values")),
        seen=texts(payload.get("seen")),
    )
