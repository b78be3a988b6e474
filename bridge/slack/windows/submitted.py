"""What is sent in by a window: checked at once, kept as one raw item, read as one fact. Pure and total.

An item is kept once for a window, which closes with that: sent in twice it counts once, be it changed in between because
Slack had not heard that it was taken. Words that were typed stand in
the item, in the inbox lane of their thread, until what was kept raw is forgotten.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from bridge.model.facts import Act, Fact, Ignored, Submitted
from bridge.model.ids import MessageId, PostRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Workspace
from bridge.slack import inside
from bridge.slack.refs import split_ref
from bridge.slack.shapes import Json, UnreadableError, person_ref, thing, word, workspace_of
from bridge.slack.windows import forms
from bridge.slack.windows.about import About, found
from bridge.slack.windows.kinds import Window
from bridge.slack.windows.table import WINDOWS
from bridge.wording import Wording

SOURCE = "slack"
WHICH = "which"
"""The field that says in every window which message is meant."""


def window_of(view: Json) -> Window | None:
    """Return what kind of window of ours a view is; None: none."""
    return WINDOWS.get(str(view.get("callback_id")))


def taken(payload: Json, lane: str, now: datetime) -> RawItem | Mapping[str, str] | None:
    """Return what is kept of a submission, or what is wrong with it, by field; None: it is no window of ours.

    lane: of the thread that it belongs to, see `bridge.slack.sift.lane_of`.
    """
    view, team = thing(payload.get("view")), workspace_of(payload)
    window, about = window_of(view), found(view)
    if window is None or about is None:
        return None
    read = read_in(window, about, view, now)
    wording = Wording(about.language)
    wrong = read.wrong or said(window.check(about, read), wording)
    if wrong:
        return wrong
    body = {
        "type": "view_submission",
        "callback_id": window.name,
        "user": {"id": word(thing(payload.get("user")).get("id"))},
        "team": {"id": team},
        "private_metadata": view.get("private_metadata"),
        "values": dict(read.values),
    }
    raw = json.dumps(body, separators=(",", ":")).encode()
    key = f"slack:window:{team}:{word(view.get('id'))}"
    return RawItem(key=key, source=SOURCE, lane=lane, at=now, body=raw, workspace=WorkspaceId(team))


def said(wrong: Mapping[str, str], wording: Wording) -> dict[str, str]:
    """Return what is wrong, in words."""
    return {name: wording.say(key) for name, key in wrong.items()}


def read_in(window: Window, about: About, view: Json, now: datetime) -> forms.Read:
    """Return what stands in a window's fields."""
    state = thing(view.get("state")).get("values")
    return forms.read(window.fields(about), state, Wording(about.language), now)


def fact(payload: Json, at: datetime, workspace: Workspace) -> Fact:
    """Return the fact of a kept submission; raises UnreadableError."""
    window, about = WINDOWS.get(str(payload.get("callback_id"))), found(payload)
    if window is None or about is None:
        return Ignored(why="a window of no meaning")
    given: dict[str, forms.Given] = {
        name.partition(".")[0]: value
        for name, value in thing(payload.get("values")).items()
        if isinstance(value, str | int)
    }
    act = window.act(about, forms.Read(values=given, wrong={}))
    if act is None:
        return Ignored(why="a window of no meaning")
    text, which = given.pop(forms.TEXT, None), given.pop(WHICH, None)
    return Submitted(
        workspace=workspace.id,
        at=at,
        act=Act(act),
        person=person_ref(thing(payload.get("user")).get("id")),
        place=split_ref(about.root)[0],
        root=about.root,
        message=_message(which) or about.message,
        text=None if text is None else str(text),
        mentions=inside.mentions(str(text or "")),
        leads_inside=inside.leads_inside(str(text or "")),
        values=given,
    )


def _message(which: forms.Given) -> MessageId | None:
    if which is None:
        return None
    if not str(which).isdecimal():
        raise UnreadableError("a message without an id")
    return MessageId(int(which))


def root_of(payload: Json) -> PostRef | None:
    """Return the root of the thread that a window belongs to."""
    about = found(thing(payload.get("view")))
    return None if about is None else about.root
