"""Tickets: when one is made, what becomes of it, and what the system that has it must hear.

Rule 1: the timer makes one ticket in a waiting period, also where a person has made one; an answer before ends it.
Rule 2: a ticket is noted on the conversation in the transaction that decides it, so that none is made twice.
Rule 3: its effects share a lane: what was taken back is told behind the ticket that holds it, never before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go, Instead, Noted, NotYet, Scene
from bridge.model.effects import Queued
from bridge.model.facts import Act, AlertDue, AlertOver
from bridge.model.ids import AccountId, PersonRef, PostRef, TicketId
from bridge.model.outcomes import Done, Later, Outcome, Refused, Ticketed
from bridge.model.state import Account, Conversation, Customer, Message, Said, Value, Wish, Work
from bridge.model.tickets import EditTicket, OfTicket, PostTicket, PutTicket, RedactTicket, Step, Ticket, TicketReported
from bridge.rules.base import Context, card, line, nothing
from bridge.rules.desk.places import alerts_place
from bridge.tickets import MOST, place_of, sink_in, way_of

ACTS = frozenset({Act.TICKET})
ACTION: Final = "conversation.ticket"
KIND: Final = "ticket_failed"
"""The kind of the incident of an account whose tickets do not get where they go."""
LED: Final = {
    "thread.ticket_made": "thread.ticket_made_link",
    "thread.ticket_made_by": "thread.ticket_made_by_link",
    "thread.ticket_status": "thread.ticket_status_link",
    "work.ticket_there": "work.ticket_there_link",
}
"""Sentences about a ticket, and the same with the way to it."""
LAST: Final = 2**62
"""Behind all else in a ticket's lane: what it shows is read when it goes."""
LOOK_AGAIN: Final = timedelta(minutes=1)


# ── when ──────────────────────────────────────────────────────────────────────────────────────────────────


def due_at(account: Account, talk: Conversation) -> datetime | None:
    """When the timer makes a ticket of what a customer waits for; None: it makes none."""
    settings = account.settings
    if not settings.ticket_timer or not settings.ticket_sink or account.wish is not Wish.ON:
        return None
    if talk.work is not Work.WAITING or talk.waiting_since is None:
        return None
    if talk.ticket is not None and talk.waiting_since <= talk.ticket.at:
        return None
    last = max(talk.waiting_since, talk.last_at or talk.waiting_since)
    if settings.ticket_from is not None and last < settings.ticket_from - timedelta(minutes=MOST):
        return None
    return last + timedelta(minutes=settings.ticket_timer)


def looked_at(account: Account, who: Customer, after: Conversation) -> Conversation:
    """The conversation with when a ticket is due."""
    due = None if who.blocked is not None else due_at(account, after)
    return after if due == after.ticket_at else replace(after, ticket_at=due)


def timer(scene: Scene, context: Context) -> Decision:
    """A customer has waited for long enough, or it must be seen anew whether they have."""
    due = None if scene.customer.blocked is not None else due_at(scene.account, scene.conversation)
    if due is None or context.moment.now < due:
        return Decision(conversation=replace(scene.conversation, ticket_at=due))
    return _made(scene, None, context)


def done(scene: Scene, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Somebody wants a ticket; what they read where none is made."""
    talk, settings = scene.conversation, scene.account.settings
    if scene.customer.blocked is not None:
        return nothing("blocked"), Said(key="work.blocked")
    if scene.account.wish is Wish.PAUSED:
        return nothing("paused"), Said(key="work.ticket_paused")
    if not settings.ticket_sink:
        return nothing("no sink"), Said(key="work.ticket_nowhere")
    if (ticket := covering(talk)) is not None:
        waits = ticket.step in (Step.WAITING, Step.LATE)
        said = Said(key="work.ticket_waits") if waits else _named("work.ticket_there", ticket)
        return nothing("there already"), said
    return _made(scene, person, context), Said(key="work.ticket_comes")


def covering(talk: Conversation) -> Ticket | None:
    """The ticket that holds all that the customer waits for, or said last; None: there is none yet."""
    ticket = talk.ticket
    if ticket is None or ticket.step is Step.REFUSED:
        return None
    begun = talk.waiting_since or talk.last_at
    return ticket if begun is None or begun <= ticket.at else None


def _made(scene: Scene, person: PersonRef | None, context: Context) -> Decision:
    talk, now = scene.conversation, context.moment.now
    since = talk.waiting_since or talk.last_at or now
    at = max(now, talk.last_at or now)
    ticket = Ticket(id=TicketId(context.new_id()), conversation=talk.id, since=since, at=at, by=person)
    noted = Noted(who=person or PersonRef("timer"), at=now, action=ACTION, before={}, after={"ticket": ticket.id})
    return Decision(
        conversation=replace(talk, ticket=ticket, ticket_at=None),
        tickets=(ticket,),
        effects=(_put(scene, ticket), card(scene, context)),
        noted=(noted,),
    )


def _put(scene: Scene, ticket: Ticket) -> Queued:
    """What brings a ticket where tickets go now."""
    workspace, conversation, account = scene.workspace.id, scene.conversation.id, scene.account.id
    place, at = place_of(scene.account.settings.ticket_sink), lanes.micros(ticket.at)
    if place is None:
        put = PutTicket(workspace=workspace, conversation=conversation, account=account, ticket=ticket.id)
        return lanes.queue(put, position=at)
    post = PostTicket(workspace=workspace, conversation=conversation, ticket=ticket.id, place=place)
    return lanes.queue(post, position=at)


# ── as effects go, and when they have gone ────────────────────────────────────────────────────────────────


def ticket_of(scene: Scene, effect: OfTicket) -> Ticket | None:
    """The ticket that an effect is about."""
    known = (scene.conversation.ticket, *scene.tickets)
    return next((each for each in known if each is not None and each.id == effect.ticket), None)


def due(scene: Scene, effect: OfTicket, context: Context) -> Due:
    """Whether it is still to be done, and so."""
    ticket = ticket_of(scene, effect)
    if ticket is None:
        return Drop(why="no such ticket")
    match effect:
        case PutTicket() | PostTicket():
            return _put_due(scene, effect, ticket, context)
        case RedactTicket():
            return Go() if way_of(ticket.sink or "") in ("webhook", "mail") else Drop(why="holds no words")
        case EditTicket(ref=ref):
            return Go() if ticket.ref == ref else Drop(why="stands elsewhere")


def _put_due(scene: Scene, effect: PutTicket | PostTicket, ticket: Ticket, context: Context) -> Due:
    if ticket.step is Step.MADE:
        return Drop(why="made already")
    gone = scene.account.wish is Wish.REMOVED or not scene.account.settings.ticket_sink
    if gone or scene.customer.blocked is not None:
        return Instead(decision=_given_up(scene, ticket, None, context), why="none any more")
    if scene.account.wish is Wish.PAUSED:
        return NotYet(until=context.moment.steady + LOOK_AGAIN, why="account paused")
    now = _put(scene, ticket)
    if now.effect != effect:
        return Instead(decision=Decision(effects=(now,)), why="goes elsewhere")
    return Go()


def ended(scene: Scene, effect: OfTicket, outcome: Outcome, context: Context) -> Decision:
    """What the end of such an effect makes true."""
    ticket = ticket_of(scene, effect)
    if ticket is None or isinstance(effect, EditTicket):
        return nothing("ended")
    match outcome:
        case Done() if isinstance(effect, RedactTicket):
            return Decision(alerts=(_mended(scene, context),))
        case Done():
            return _stands(scene, effect, ticket, outcome, context)
        case Later(cause=cause) if cause and isinstance(effect, RedactTicket):
            return Decision(alerts=(_failed(scene, cause, context),))
        case Later(cause=cause) if cause:
            return _late(scene, ticket, cause, context)
        case Refused(why=why) | Later(last=why) if isinstance(effect, PutTicket | PostTicket):
            return _given_up(scene, ticket, why, context)
        case _:
            return nothing("ended")


def _stands(scene: Scene, effect: OfTicket, ticket: Ticket, outcome: Done, context: Context) -> Decision:
    """The other system has it: the thread and the card say where."""
    made = replace(ticket, step=Step.MADE)
    if isinstance(outcome, Ticketed):
        made = replace(made, sink=outcome.sink, number=outcome.number, link=outcome.link)
    elif isinstance(effect, PostTicket):
        made = replace(made, sink=sink_in(effect.place), ref=PostRef(outcome.remote_id or ""))
    by: dict[str, Value] = {} if ticket.by is None else {"agent": ticket.by}
    key = "thread.ticket_made" if ticket.by is None else "thread.ticket_made_by"
    return _told(scene, made, _named(key, made, **by), context, alerts=(_mended(scene, context),))


def _late(scene: Scene, ticket: Ticket, cause: str, context: Context) -> Decision:
    """It does not get there for now: the alerts channel hears of it, and the thread once."""
    failed = (_failed(scene, cause, context),)
    if ticket.step is Step.LATE:
        return Decision(alerts=failed)
    return _told(scene, replace(ticket, step=Step.LATE), Said(key="thread.ticket_late"), context, alerts=failed)


def _given_up(scene: Scene, ticket: Ticket, why: str | None, context: Context) -> Decision:
    """There will be none of it. why: a key of the wording catalogue's ``error.*``; None: it is not wanted any more."""
    refused = replace(ticket, step=Step.REFUSED)
    over = (_mended(scene, context),) if ticket.step is Step.LATE else ()
    values: dict[str, Value] = {"why_key": f"error.{why or 'ticket_unwanted'}"}
    return _told(scene, refused, Said(key="thread.ticket_refused", values=values), context, alerts=over)


def _told(
    scene: Scene, ticket: Ticket, said: Said | None, context: Context, *, alerts: tuple[AlertDue | AlertOver, ...] = ()
) -> Decision:
    """The ticket as it is now, a line that says so, if there is anything to say, and the card."""
    talk = scene.conversation
    lines = () if said is None else line(scene, said, context.moment.now)
    latest = talk.ticket is None or talk.ticket.id <= ticket.id
    return Decision(
        conversation=replace(talk, ticket=ticket) if latest else None,
        tickets=(ticket,),
        effects=(*lines, card(scene, context)),
        alerts=alerts,
    )


def _named(key: str, ticket: Ticket, **more: Value) -> Said:
    """A sentence about a ticket, with the way to it, where there is one."""
    values: dict[str, Value] = {"number": ticket.name, **more}
    where = ticket.ref or ticket.link
    if where is None:
        return Said(key=key, values=values)
    led = LED[key]
    return Said(key=led, values={**values, "link": where})


# ── what is heard ─────────────────────────────────────────────────────────────────────────────────────────


def reported(scene: Scene, fact: TicketReported, context: Context) -> Decision:
    """The other system says how a ticket stands: so do the thread and the card."""
    ticket = next((each for each in scene.tickets if each.id == fact.ticket), None)
    if ticket is None:
        return nothing("no such ticket")
    after = replace(ticket, link=fact.link or ticket.link, number=fact.number or ticket.number)
    if fact.status is not None and fact.status != ticket.status:
        after = replace(after, status=fact.status, status_at=fact.at)
    if after == ticket:
        return nothing("told already")
    edits = () if after.ref is None else (_edited(scene, after.id, after.ref),)
    if after.status == ticket.status:
        quiet = _told(scene, after, None, context)
        return replace(quiet, effects=(*quiet.effects, *edits))
    told = _told(scene, after, _named("thread.ticket_status", after, status=after.status), context)
    return replace(told, effects=(*told.effects, *edits))


def _edited(scene: Scene, ticket: TicketId, ref: PostRef) -> Queued:
    edit = EditTicket(workspace=scene.workspace.id, conversation=scene.conversation.id, ticket=ticket, ref=ref)
    return lanes.queue(edit, position=LAST)


def followed(scene: Scene, decision: Decision) -> tuple[Queued, ...]:
    """What lets a ticket on the desk say that its conversation was answered, closed or opened again."""
    before, after = scene.conversation, decision.conversation
    ticket = before.ticket
    if after is None or ticket is None or ticket.ref is None:
        return ()
    if after.work is before.work and after.answered_at == before.answered_at:
        return ()
    return (_edited(scene, ticket.id, ticket.ref),)


def redacted(scene: Scene, message: Message, context: Context) -> tuple[Queued, ...]:
    """A customer took a message back: whatever system has it in a ticket must let it go."""
    holding = [each for each in scene.tickets if each.step is not Step.REFUSED and each.holds(message.at)]
    return tuple(
        lanes.queue(
            RedactTicket(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                ticket=each.id,
                messages=(message.id,),
            ),
            position=lanes.micros(context.moment.now),
        )
        for each in holding
        if way_of(each.sink or scene.account.settings.ticket_sink) != "slack"
    )


# ── alerts ────────────────────────────────────────────────────────────────────────────────────────────────


def key_of(account: AccountId) -> str:
    """The incident of an account whose tickets do not get where they go."""
    return f"ticket:{account}"


def _failed(scene: Scene, cause: str, context: Context) -> AlertDue:
    return AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=key_of(scene.account.id),
        kind=KIND,
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={"cause": cause},
    )


def _mended(scene: Scene, context: Context) -> AlertOver:
    return AlertOver(workspace=scene.workspace.id, at=context.moment.now, key=key_of(scene.account.id))
