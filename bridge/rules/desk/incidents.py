"""How far an incident has come, whom that is told, and for how long nobody wants to hear more.

Rule 1: each stage is told once: under the alert and directly; what was not announced yet is told with its latest stage alone.
Rule 2: what is put off says nothing further but what is loud; what became due meanwhile is told when that ends.
Rule 3: whoever was told of its beginning is told of its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go
from bridge.model.effects import (
    EditAlert,
    LookForPost,
    OfIncident,
    PinAlert,
    PostAlert,
    PostStage,
    Queued,
    TellOutside,
    TellOwner,
)
from bridge.model.facts import AlertDue
from bridge.model.ids import PersonRef, PostRef
from bridge.model.incident import Incident, Mark
from bridge.model.outcomes import Done, Outcome, Refused, Unsure
from bridge.model.value import Value
from bridge.rules.base import Context, nothing

SNOOZE: Final = timedelta(hours=24)
"""So long nobody hears of what was put off, but for what is loud."""
LOOK_BACK: Final = timedelta(minutes=5)
"""From so long ago on a lost post is looked for."""

CLOSING: Final = "closing"
"""The kind of those that hold who waits while a window closes: under each, replies name who came later."""
STAGE, POSTED, OWED = "stage", "posted", "owed"
"""In an incident's values: how far it has come; how far it had come when it was announced; what is to be told later."""
TELL, TOLD = "tell", "told"
"""Who is to hear of it directly, and who has: refs, with spaces between them."""
LINES: Final = "lines"
"""By which messages they were told, the last ones last: ``person=ref``, with spaces between them."""
MOST_LINES: Final = 100
"""So many of them are kept."""
LINKED: Final = "linked"
"""When its way to a login was last made anew, in seconds since the epoch."""
LINK_LASTS: Final = timedelta(days=7)
"""Half of how long such a way leads there."""
OUTSIDE: Final = "sink:"
"""How those in these lists begin who are no people, but ways outside of the desk."""
SNOOZED, SNOOZED_BY = "snoozed", "snoozed_by"
"""Until when it is put off, in seconds since the epoch, and who said so."""


def people(incident: Incident, which: str = TELL) -> tuple[PersonRef, ...]:
    """Whom an incident names in one of its lists."""
    return tuple(map(PersonRef, str(incident.values.get(which) or "").split()))


def listed(whom: Iterable[PersonRef]) -> str:
    """People as a list of an incident's; each once."""
    return " ".join(dict.fromkeys(whom))


def of_fact(fact: AlertDue) -> dict[str, Value]:
    """What a fact says of its incident."""
    stage: dict[str, Value] = {} if fact.stage is None else {STAGE: fact.stage}
    tell: dict[str, Value] = {TELL: listed(fact.tell)} if fact.tell else {}
    return {**fact.values, **stage, **tell}


# ── effects ───────────────────────────────────────────────────────────────────────────────────────────────


def announced(incident: Incident, at: datetime, not_before: datetime | None = None) -> Queued:
    """Its alert is to be posted."""
    post = PostAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
    return lanes.queue(post, position=lanes.micros(at), not_before=not_before)


def edited(incident: Incident, at: datetime, not_before: datetime | None = None) -> Queued:
    """Its alert is to say what is true now."""
    edit = EditAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
    return lanes.queue(edit, position=lanes.micros(at), not_before=not_before)


def told(
    incident: Incident,
    whom: Iterable[PersonRef],
    at: datetime,
    *,
    over: bool = False,
    not_before: datetime | None = None,
) -> tuple[Queued, ...]:
    """These people are to hear of it directly; *over*: of its end."""
    tells = (_tell(incident, person, over=over) for person in dict.fromkeys(whom))
    return tuple(lanes.queue(each, position=lanes.micros(at), not_before=not_before) for each in tells)


def _tell(incident: Incident, person: PersonRef, *, over: bool) -> TellOwner | TellOutside:
    if (sink := sink_of(person)) is not None:
        return TellOutside(workspace=incident.workspace, incident=incident.id, sink=sink, over=over)
    return TellOwner(workspace=incident.workspace, incident=incident.id, person=person, over=over)


def sink_of(person: PersonRef) -> str | None:
    """Which way outside of the desk is meant in the place of a person; None: it is a person."""
    return person.removeprefix(OUTSIDE) if person.startswith(OUTSIDE) else None


# ── stages ────────────────────────────────────────────────────────────────────────────────────────────────


def advanced(
    incident: Incident, stage: str, whom: Iterable[PersonRef], at: datetime, *, loud: bool, now: datetime
) -> tuple[Incident, tuple[Queued, ...]]:
    """The incident at a further stage, and what tells so; nothing while it is put off, unless the stage is loud."""
    further = replace(incident, values={**incident.values, STAGE: stage})
    if snoozed(incident, now) and not loud:
        return replace(further, values={**further.values, OWED: stage}), ()
    values = {name: value for name, value in further.values.items() if name != OWED}
    reply = PostStage(workspace=incident.workspace, incident=incident.id, place=incident.place, stage=stage, loud=loud)
    under = lanes.queue(reply, position=lanes.micros(at))
    return replace(further, values=values), (under, *told(incident, whom, at))


def snoozed(incident: Incident, now: datetime) -> bool:
    """Whether somebody has put it off for longer than until *now*."""
    until = incident.values.get(SNOOZED)
    return isinstance(until, int | float) and now.timestamp() < until


def put_off(incident: Incident, person: PersonRef, context: Context) -> Decision:
    """Somebody wants to hear no more of it for a while; the alert says who, and until when."""
    now = context.moment.now
    if incident.closed_at is not None:
        return nothing("over")
    if snoozed(incident, now):
        return nothing("put off already")
    values = {**incident.values, SNOOZED: int((now + SNOOZE).timestamp()), SNOOZED_BY: person}
    return Decision(incidents=(replace(incident, values=values),), effects=(edited(incident, now),))


def led_anew(incident: Incident, context: Context) -> Decision:
    """The way to a login under an alert is good for a time only: it is made anew while the alert is open."""
    now, since = context.moment.now, incident.values.get(LINKED, incident.opened_at.timestamp())
    lasts = isinstance(since, int | float) and 0 <= now.timestamp() - since < LINK_LASTS.total_seconds()
    if incident.closed_at is not None or incident.ref is None or lasts:
        return nothing("still leads there")
    values = {**incident.values, LINKED: int(now.timestamp())}
    return Decision(
        incidents=(replace(incident, values=values),), effects=(edited(incident, now), *_led(incident, now))
    )


def _led(incident: Incident, now: datetime) -> tuple[Queued, ...]:
    """The last direct message of whoever was told leads there again, too."""
    return _anew(incident, told_by(incident).items(), now)


def over_to(incident: Incident, now: datetime) -> tuple[Queued, ...]:
    """Every direct message that told of it says with the alert that it is over, and asks for nothing any more."""
    return _anew(incident, _lines(incident), now)


def _anew(incident: Incident, told: Iterable[tuple[PersonRef, PostRef]], now: datetime) -> tuple[Queued, ...]:
    tells = (
        TellOwner(workspace=incident.workspace, incident=incident.id, person=person, again=ref) for person, ref in told
    )
    return tuple(lanes.queue(each, position=lanes.micros(now)) for each in tells)


def told_by(incident: Incident) -> dict[PersonRef, PostRef]:
    """By which message each person was told of it last."""
    return dict(_lines(incident))


def _lines(incident: Incident) -> list[tuple[PersonRef, PostRef]]:
    pairs = (each.partition("=") for each in str(incident.values.get(LINES) or "").split())
    return [(PersonRef(person), PostRef(ref)) for person, _, ref in pairs]


def woken(incident: Incident, context: Context) -> Decision:
    """The time for which it was put off is over: what became due meanwhile is told now."""
    now, owed = context.moment.now, incident.values.get(OWED)
    if incident.closed_at is not None or SNOOZED not in incident.values or snoozed(incident, now):
        return nothing("not put off")
    awake = replace(incident, values={k: v for k, v in incident.values.items() if k not in (SNOOZED, SNOOZED_BY)})
    effects: tuple[Queued, ...] = ()
    if isinstance(owed, str):
        awake, effects = advanced(awake, owed, people(awake), now, loud=False, now=now)
    return Decision(incidents=(awake,), effects=(edited(awake, now), *effects))


# ── as effects go, and when they have gone ────────────────────────────────────────────────────────────────


def due(effect: OfIncident, incident: Incident | None) -> Due:
    """Whether it is still to be told so."""
    if incident is None:
        return Drop(why="no such incident")
    match effect:
        case EditAlert():
            return Go() if incident.ref is not None else Drop(why="never told")
        case PinAlert():
            return Go()
        case TellOwner(again=str()):
            return Go()
        case TellOwner(over=True) | TellOutside(over=True):
            return Go() if incident.closed_at is not None else Drop(why="open again")
        case _ if incident.closed_at is not None:
            return Drop(why="over before it was told")
        case PostAlert() | TellOwner() if incident.within is not None and incident.ref is None:
            return Drop(why="told with others")
        case PostAlert(place=place):
            return Drop(why="told elsewhere") if incident.ref is not None or incident.place != place else Go()
        case PostStage(stage=stage) if incident.kind == CLOSING:
            return _reply_due(incident, stage)
        case PostStage(stage=stage):
            return _stage_due(incident, stage)
        case _:
            return Go()


def _stage_due(incident: Incident, stage: str) -> Due:
    if incident.ref is None or incident.values.get(POSTED) == stage:
        return Drop(why="told by the alert itself")
    return Go() if incident.values.get(STAGE) == stage else Drop(why="a later one is told")


def _reply_due(incident: Incident, stage: str) -> Due:
    """Each names others: no later one stands for it, but for the alert, if that went late enough to hold them."""
    posted = incident.values.get(POSTED)
    held = isinstance(posted, str) and int(posted.rpartition(":")[2]) >= int(stage.rpartition(":")[2])
    return Drop(why="told by the alert itself") if held or incident.ref is None else Go()


def ended(
    effect: OfIncident,
    outcome: Outcome,
    incident: Incident | None,
    context: Context,
    *,
    row: int,
    position: int,
    shown: Incident | None,
) -> Decision | None:
    """What the end of such an effect makes true; None: what it makes true of any. shown: the incident as it was worded."""
    match outcome:
        case Done():
            if incident is None:
                return nothing("done")
            if isinstance(effect, TellOwner | TellOutside):
                return heard(incident, effect, outcome, context)
            return stands(incident, shown) if isinstance(effect, PostAlert) else nothing("done")
        case Refused():
            return refused(effect, outcome, incident, position)
        case Unsure() if isinstance(effect, PostStage) and incident is not None:
            look = LookForPost(
                workspace=effect.workspace,
                row=row,
                place=effect.place,
                root=incident.ref,
                since=context.moment.now - LOOK_BACK,
            )
            return Decision(effects=(lanes.queue(look, position=0, not_before=context.moment.steady + outcome.quiet),))
        case _:
            return None


def stands(incident: Incident, shown: Incident | None) -> Decision:
    """Its alert stands; what it said as it went (*shown*) need not be said under it."""
    stage = None if shown is None else shown.values.get(STAGE)
    if stage is None:
        return nothing("done")
    return Decision(marks=(Mark(incident=incident.id, posted=str(stage)),))


def heard(incident: Incident, effect: TellOwner | TellOutside, outcome: Done, context: Context) -> Decision:
    """Somebody was told directly; of its end, too, if that came meanwhile."""
    if effect.over or (isinstance(effect, TellOwner) and effect.again is not None):
        return nothing("done")
    line = PostRef(outcome.remote_id) if isinstance(effect, TellOwner) and outcome.remote_id else None
    whom = effect.person if isinstance(effect, TellOwner) else PersonRef(f"{OUTSIDE}{effect.sink}")
    mark = Mark(incident=incident.id, told=whom, line=line)
    if incident.closed_at is None:
        return Decision(marks=(mark,))
    now, mine = context.moment.now, replace(incident, values={LINES: "" if line is None else f"{whom}={line}"})
    return Decision(marks=(mark,), effects=(*over_to(mine, now), *told(incident, (whom,), now, over=True)))


def marked(incident: Incident, mark: Mark) -> Incident:
    """The incident with what became of a way to tell it."""
    values = dict(incident.values)
    if mark.posted is not None:
        values[POSTED] = mark.posted
    if mark.told is not None:
        values[TOLD] = listed((*people(incident, TOLD), mark.told))
        if mark.line is not None:
            lines = [*_lines(incident), (mark.told, mark.line)][-MOST_LINES:]
            values[LINES] = " ".join(f"{person}={ref}" for person, ref in lines)
    return replace(incident, values=values, ref=None if mark.gone else incident.ref)


def refused(effect: OfIncident, outcome: Refused, incident: Incident | None, position: int) -> Decision:
    """The desk would not show it so: otherwise, then. A person who cannot be reached is told in the channel alone."""
    match effect:
        case PostStage(loud=True) if outcome.code == "no_broadcast":
            return Decision(effects=(lanes.queue(replace(effect, loud=False), position=position),))
        case PostStage() if outcome.code == "thread_gone" and incident is not None:
            # Somebody has deleted the alert: it is announced anew, as far as it has come.
            again = PostAlert(workspace=incident.workspace, incident=incident.id, place=incident.place)
            gone = Mark(incident=incident.id, gone=True)
            return Decision(marks=(gone,), effects=(lanes.queue(again, position=position),))
        case PostAlert(plain=False) | PostStage(plain=False):
            return Decision(effects=(lanes.queue(replace(effect, plain=True), position=position),))
        case _:
            return nothing(outcome.code)
