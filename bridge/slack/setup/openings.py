"""Presses that open a window about an account, or change one that is open, as they are read. Pure."""

from datetime import datetime

from bridge.model.change import replace
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.word import Word
from bridge.slack.setup import editing, sent, several
from bridge.slack.setup.about import About, found
from bridge.slack.setup.editing import PART
from bridge.slack.setup.kinds import SetupWindow
from bridge.slack.setup.table import WINDOWS
from bridge.slack.shapes import Json, UnreadableError, action_of, person_ref, thing, workspace_of
from bridge.slack.windows import forms


class Press(Word, kw_only=True):
    """Somebody wants a window. trigger: of Slack, by which one can be opened. about: which account, and the way back to them."""

    window: SetupWindow
    workspace: WorkspaceId
    person: PersonRef
    about: About
    trigger: str = ""
    view: Json | None = None
    """The one that is open, where it is to change, or another one is to open over it."""
    over: bool = False


def read(payload: Json, now: datetime) -> Press:
    """Return what somebody wants; raises UnreadableError."""
    if sent.sent_in(payload):
        return _over(payload, now) if action_of(payload).get("action_id") in WINDOWS else _redrawn(payload, now)
    action, container = action_of(payload), thing(payload.get("container"))
    value, handle = str(action.get("value") or ""), payload.get("response_url")
    if not value.isdecimal() or len(value) > 18:
        raise UnreadableError("a button without an account")
    place = container.get("channel_id") or thing(payload.get("channel")).get("id")
    return Press(
        window=WINDOWS[str(action.get("action_id"))],
        workspace=WorkspaceId(workspace_of(payload)),
        person=person_ref(thing(payload.get("user")).get("id")),
        about=About(
            account=AccountId(int(value)),
            place=PlaceRef(place) if isinstance(place, str) else None,
            handle=handle if isinstance(handle, str) and handle else None,
        ),
        trigger=str(payload.get("trigger_id") or ""),
    )


def _over(payload: Json, now: datetime) -> Press:
    """Return that another window is wanted over the one that is open, about the same account."""
    shown = thing(payload.get("view"))
    return Press(
        window=WINDOWS[str(action_of(payload).get("action_id"))],
        workspace=WorkspaceId(workspace_of(payload)),
        person=person_ref(thing(payload.get("user")).get("id")),
        about=replace(_standing(shown, now), under=str(shown.get("hash") or "")),
        trigger=str(payload.get("trigger_id") or ""),
        view=shown,
        over=True,
    )


def _redrawn(payload: Json, now: datetime) -> Press:
    """Return that another part of a window is wanted; what was typed in this one is kept with it."""
    shown = thing(payload.get("view"))
    return Press(
        window=WINDOWS[str(shown.get("callback_id"))],
        workspace=WorkspaceId(workspace_of(payload)),
        person=person_ref(thing(payload.get("user")).get("id")),
        about=_standing(shown, now),
        view=shown,
    )


def _standing(shown: Json, now: datetime) -> About:
    """Return what a window is about by now, with all that was typed in it; raises UnreadableError."""
    window, about = WINDOWS[str(shown.get("callback_id"))], found(shown)
    if about is None:
        raise UnreadableError("no window of ours")
    given = sent.read_in(window, about, shown, now).values
    held = editing.kept(about, given) if window is editing.EDIT else window.typed(about, given)
    return replace(
        about,
        section=forms.standing(given, PART) or "",
        held=held,
        seen={name: mark for name, mark in about.seen.items() if name in held},
        way=str(given.get(several.WAY) or ""),
    )
