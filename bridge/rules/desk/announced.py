"""How the alerts channel is told of those who wait while their windows close: several at once, each once. Pure.

Rule 1: what becomes due together is one message; it is edited as they are answered, and over when nobody in it waits.
Rule 2: an edit notifies nobody: whoever is added later is named in a reply as well.
Rule 3: an alert holds ids alone: words and names are read when it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bridge import hours, lanes
from bridge.model.change import replace
from bridge.model.closing import Close, Line
from bridge.model.decision import Decision, Scene
from bridge.model.effects import EditAlert, PostAlert, PostStage, Queued
from bridge.model.ids import IncidentId, PlaceRef
from bridge.model.state import Account, Incident
from bridge.model.word import Word
from bridge.rules.base import Context
from bridge.rules.desk import incidents

YOUNG = timedelta(minutes=10)
"""Whoever becomes due while an alert is younger than this is added to it."""
REDRAWN_AFTER = timedelta(seconds=3)
"""An alert is drawn anew at most so often."""
REPLY_REST, LONGEST_REST = timedelta(seconds=15), timedelta(seconds=45)
"""A reply rests so long for others who are to be named in it: the first, and later ones; each is told within a minute."""
KIND, JOINED, AWAKE = incidents.CLOSING, "joined", "awake"
"""AWAKE: a reply that mentions who was not to be mentioned before, in quiet hours."""
GATHERS, REPLIES = "gathers", "replies"
"""In an alert's values: until when it, or its last reply, rests (steady clock, seconds)."""


class Due(Word, kw_only=True):
    """A close that is to be told of."""

    scene: Scene
    close: Close
    paged: bool = False
    """Whether somebody was mentioned for it already."""


def told(
    youngest: Incident | None, due: Sequence[Due], place: PlaceRef, replies: int, context: Context
) -> tuple[Decision, tuple[Line, ...]]:
    """Tell of several at once, in a new alert or in the *youngest* of the place, and the lines that it holds of them.

    An alert gathers for a moment before it goes. Whoever comes later is added by an edit, which notifies nobody, and named
    in a reply, which gathers as well. replies: how many there are.
    """
    now, steady = context.moment.now, context.moment.steady
    if youngest is None:
        first = due[0].scene
        opened = Incident(
            id=IncidentId(context.new_id()),
            workspace=first.workspace.id,
            key="",
            kind=KIND,
            place=place,
            account=first.minding.id,
            values={GATHERS: (steady + context.rules.alert_rest).timestamp()},
            opened_at=now,
        )
        opened = replace(opened, key=f"{KIND}:{opened.id}")
        post = PostAlert(workspace=opened.workspace, incident=opened.id, place=place)
        rests = lanes.queue(post, position=lanes.micros(now), not_before=steady + context.rules.alert_rest)
        return Decision(incidents=(opened,), effects=(rests,)), _lines(opened, due, 0, now)
    if youngest.ref is None and _rests(youngest, GATHERS, context):
        return Decision(), _lines(youngest, due, 0, now)
    if replies and _rests(youngest, REPLIES, context):
        return Decision(effects=(redrawn(youngest, context),)), _lines(youngest, due, replies, now)
    number, rest = replies + 1, steady + min(REPLY_REST * (replies + 1), LONGEST_REST)
    name = f"{JOINED}:{number}"
    after = replace(youngest, values={**youngest.values, REPLIES: rest.timestamp(), incidents.STAGE: name})
    stage = PostStage(workspace=after.workspace, incident=after.id, place=after.place, stage=name)
    reply = lanes.queue(stage, position=lanes.micros(now), not_before=rest)
    return Decision(incidents=(after,), effects=(redrawn(after, context), reply)), _lines(after, due, number, now)


def awake(incident: Incident, due: Sequence[Due], replies: int, context: Context) -> tuple[Decision, tuple[Line, ...]]:
    """Quiet hours are over before their windows close: whoever was not to be mentioned then is, in a reply."""
    now, number = context.moment.now, replies + 1
    name = f"{AWAKE}:{number}"
    after = replace(incident, values={**incident.values, REPLIES: 0.0, incidents.STAGE: name})
    stage = PostStage(workspace=after.workspace, incident=after.id, place=after.place, stage=name)
    reply = lanes.queue(stage, position=lanes.micros(now))
    return Decision(incidents=(after,), effects=(reply,)), _lines(after, due, number, now)


def calls(scene: Scene) -> bool:
    """Whether there is anybody to be mentioned for a conversation."""
    talk, settings = scene.conversation, scene.minding.settings
    return bool(talk.owner or talk.owner_group or settings.on_call or settings.on_call_groups)


def redrawn(incident: Incident, context: Context) -> Queued:
    """Make an alert say what is true now, soon: what changes meanwhile shares one drawing."""
    edit = EditAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
    steady = context.moment.steady
    return replace(lanes.queue(edit, position=lanes.micros(steady), not_before=steady + REDRAWN_AFTER), once=True)


def over(incident: Incident, context: Context) -> Decision:
    """Nobody in it waits any more."""
    closed = replace(incident, closed_at=context.moment.now)
    return Decision(incidents=(closed,), effects=(redrawn(closed, context),))


def joined(stage: str) -> int | None:
    """The number of a reply that names who came later; None: it is none."""
    kind, _, number = stage.partition(":")
    return int(number) if kind in (JOINED, AWAKE) and number.isdecimal() else None


def _rests(incident: Incident, what: str, context: Context) -> bool:
    """Whether what was queued then has not gone yet."""
    until = incident.values.get(what)
    return isinstance(until, float) and context.moment.steady.timestamp() < until


def _lines(incident: Incident, due: Sequence[Due], reply: int, now: datetime) -> tuple[Line, ...]:
    return tuple(
        Line(
            incident=incident.id,
            conversation=each.scene.conversation.id,
            stage=each.close.stage,
            close_at=each.close.at,
            quiet=each.paged or is_quiet(each.scene.minding, now),
            reply=reply,
        )
        for each in due
    )


def is_quiet(account: Account, now: datetime) -> bool:
    """Whether nobody is to be mentioned now."""
    return hours.is_within(account.settings.quiet, account.settings.zone, now)
