"""Buttons that ask how things stand: *Check* of one account, and *Look again* under what is missing. Pure."""

from collections.abc import Sequence

from bridge.model.ids import AccountId, PersonRef, PlaceRef
from bridge.model.state import Workspace
from bridge.slack.setup.room import AGAIN, CHECK
from bridge.slack.setup.spoken import Command
from bridge.slack.shapes import Json, action_of, thing, word, workspace_of

ASKS = {CHECK: "check", AGAIN: "setup"}
"""Which word each stands for."""


def asks(payload: Json) -> bool:
    """Whether a press asks how things stand."""
    return payload.get("type") == "block_actions" and action_of(payload).get("action_id") in ASKS


def replaces(payload: Json) -> bool:
    """Whether the answer takes the place of what the button stood under."""
    return action_of(payload).get("action_id") == AGAIN


def read(payload: Json, workspaces: Sequence[Workspace]) -> Command | None:
    """Return the command that a press stands for; None: of a workspace that is not ours, or of no account."""
    action, team = action_of(payload), workspace_of(payload)
    workspace = next((each for each in workspaces if each.id == team), None)
    said, value, handle = ASKS[str(action.get("action_id"))], word(action.get("value")), payload.get("response_url")
    if workspace is None or (said == "check" and not value.isdecimal()):
        return None
    return Command(
        workspace=workspace,
        person=PersonRef(word(thing(payload.get("user")).get("id"))),
        place=PlaceRef(word(thing(payload.get("channel")).get("id"))),
        word=said,
        rest="",
        handle=handle if isinstance(handle, str) else None,
        account=AccountId(int(value)) if said == "check" else None,
    )
