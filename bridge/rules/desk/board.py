"""The board: one pinned message in an alerts channel that lists who waits and closes within a day, as it changes.

Rule 1: accounts of one alerts channel share a board; it changes at most every half minute, and only when it would look different.
Rule 2: a person who deletes it gets it again once, and is then left alone until it is switched off and on; whoever unpins it, at once.
Rule 3: without the right to pin it works unpinned, and says so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.effects import AnyEffect, EditAlert, PostAlert, Queued
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import PlaceRef, PostRef, WorkspaceId
from bridge.model.listed import Listing
from bridge.model.outcomes import Done, Outcome, Refused
from bridge.model.pins import PinAlert
from bridge.model.state import Incident, Value
from bridge.rules.base import Context, nothing

KIND: Final = "board"
WITHIN = timedelta(days=1)
"""What closes later is not on it."""
EVERY = timedelta(seconds=30)
"""It changes at most this often."""
SLOT = 10
"""Seconds: so exactly it is known when it changed last, and never as earlier than it did."""
GONE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
"""The desk's words for a message of ours that cannot be changed any more."""
AGAIN, LEFT, UNPINNED, DRAWN = "again", "left", "unpinned", "drawn"
"""In its incident's values: that it was made again; that somebody does not want it; why it is not pinned; when it last changed."""


def key(place: PlaceRef) -> str:
    """The incident that a place's board is."""
    return f"{KIND}:{place}"


def kept(
    workspace: WorkspaceId, place: PlaceRef, incident: Incident | None, listing: Listing, context: Context
) -> Decision:
    """The board as it is to be now; nothing while it looks the same. incident: the present one, if any."""
    steady = int(context.moment.steady.timestamp())
    if incident is not None:
        drawn = incident.values.get(DRAWN)
        rests = isinstance(drawn, int) and -SLOT < steady - drawn < EVERY.total_seconds()
        same = all(incident.values.get(name) == value for name, value in listing.values().items())
        if same or rests or LEFT in incident.values:
            return nothing("as it is")
    # Two processes that look at once are to say the same: then the second changes nothing.
    values: dict[str, Value] = {**listing.values(), DRAWN: -(-steady // SLOT) * SLOT}
    alert = AlertDue(
        workspace=workspace, at=context.moment.now, key=key(place), kind=KIND, place=place, account=None, values=values
    )
    return Decision(alerts=(alert,))


def given_up(incident: Incident, context: Context) -> Decision:
    """Nobody wants it any more: it says so, and loses its pin."""
    over = AlertOver(workspace=incident.workspace, at=context.moment.now, key=incident.key)
    return Decision(alerts=(over,))


def pinned_again(incident: Incident, moment: Moment) -> Decision:
    """A board that could not be pinned: perhaps it can be now."""
    if incident.ref is None or UNPINNED not in incident.values or LEFT in incident.values:
        return nothing("not unpinned")
    return Decision(effects=(_pin(incident, incident.ref, moment),))


def ended(effect: AnyEffect, outcome: Outcome, incident: Incident, context: Context) -> Decision | None:
    """What follows when it was posted, changed or pinned; None: nothing of its own."""
    match effect, outcome:
        case PostAlert(), Done(remote_id=str(ref)):
            return Decision(effects=(_pin(incident, PostRef(ref), context.moment),))
        case EditAlert(), Done() if incident.closed_at is not None and incident.ref is not None:
            return Decision(effects=(_pin(incident, incident.ref, context.moment, off=True),))
        case EditAlert(), Refused(code=code) if code in GONE and incident.closed_at is None:
            return _gone(incident, context)
        case PinAlert(off=False), Refused(code=code) if incident.values.get(UNPINNED) != code:
            return _edited(replace(incident, values={**incident.values, UNPINNED: code}), context)
        case PinAlert(off=False), Done() if UNPINNED in incident.values:
            values = {name: value for name, value in incident.values.items() if name != UNPINNED}
            return _edited(replace(incident, values=values), context)
        case PinAlert(), _:
            return nothing("pinned")
        case _:
            return None


def _gone(incident: Incident, context: Context) -> Decision:
    """It was deleted, or can be changed no longer: made again once."""
    if AGAIN in incident.values:
        return Decision(incidents=(replace(incident, values={**incident.values, LEFT: 1}),))
    anew = replace(incident, ref=None, values={**incident.values, AGAIN: 1})
    post = PostAlert(workspace=anew.workspace, incident=anew.id, place=anew.place)
    return Decision(incidents=(anew,), effects=(_queued(post, context.moment),))


def _edited(incident: Incident, context: Context) -> Decision:
    edit = EditAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
    return Decision(incidents=(incident,), effects=(_queued(edit, context.moment),))


def _pin(incident: Incident, ref: PostRef, moment: Moment, *, off: bool = False) -> Queued:
    return _queued(PinAlert(workspace=incident.workspace, incident=incident.id, ref=ref, off=off), moment)


def _queued(effect: AnyEffect, moment: Moment) -> Queued:
    return lanes.queue(effect, position=lanes.micros(moment.now))
