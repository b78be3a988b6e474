"""Tickets: when the timer makes one and when it does not, what is set of them, and what becomes of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Instead, NotYet, Scene
from bridge.model.effects import EditTicket, PostLine, PostTicket, PutTicket, RedactTicket
from bridge.model.facts import Act, AlertDue, AlertOver, CustomerUnsent
from bridge.model.ids import MessageId, PostRef, RemoteId, TicketId
from bridge.model.outcomes import Later, Refused, Scope, Ticketed
from bridge.model.state import Author, Block, Message, Platform, Wish, Work
from bridge.model.tickets import Step, Ticket, TicketReported
from bridge.rules.acts.words import Wanted, understood
from bridge.rules.desk.tickets import covering, done, due_at, followed, looked_at, reported, timer
from tests.core.automatically import shop
from tests.core.factories import (
    AKI,
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    THREAD,
    at,
    conversation,
    found,
    scene,
)

SINK = "https://tickets.example.com/in"
HERE = {"ticket_sink": SINK, "ticket_timer": 60}


def waiting(**settings: Any) -> Scene:
    """Somebody has waited since noon, with a thread that stands."""
    return scene(account=shop(**{**HERE, **settings}), conversation=replace(conversation(), thread=THREAD))


def ticket(**values: Any) -> Ticket:
    """One that was made an hour after noon, of what was written since noon."""
    usual = Ticket(id=TicketId(41), conversation=conversation().id, since=NOON, at=NOON + HOUR)
    return replace(usual, **values)


def with_ticket(place: Scene, made: Ticket) -> Scene:
    """The scene in which there is a ticket."""
    return replace(place, conversation=replace(place.conversation, ticket=made), tickets=(made,))


def made(decision: Decision) -> list[Ticket]:
    """New tickets that a decision makes."""
    gone = [*found(decision, PutTicket), *found(decision, PostTicket)]
    return list(decision.tickets) if gone else []


# ── when ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("minutes", "after", "count"),
    [
        (60, 59 * MINUTE, 0),
        (60, HOUR - SECOND, 0),
        (60, HOUR, 1),
        (90, 89 * MINUTE, 0),
        (90, 90 * MINUTE, 1),
        (24 * 60, DAY - SECOND, 0),
        (24 * 60, DAY, 1),
        (0, DAY, 0),
    ],
)
@pytest.mark.parametrize("platform", Platform)
def test_the_timer_makes_one_ticket_to_the_minute(
    platform: Platform, minutes: int, after: timedelta, count: int
) -> None:
    """ZI-26, ZI-27, ZM-16: 59 minutes none, 60 minutes one, up to 24 hours; off is off."""
    place = waiting(ticket_timer=minutes)
    place = replace(place, account=replace(place.account, platform=platform))
    decision = timer(place, at(after))
    assert len(made(decision)) == count
    if count:
        (one,) = decision.tickets
        assert (one.since, one.by, one.step) == (NOON, None, Step.WAITING)
        after_it = replace(place, conversation=decision.conversation or place.conversation)
        assert not made(timer(after_it, at(after + DAY)))


def test_the_time_counts_from_the_last_message_that_nobody_answered() -> None:
    """ZI-26: an hour after the first of two, forty minutes after the second, there is none yet."""
    place = waiting()
    talk = replace(place.conversation, last_at=NOON + 20 * MINUTE)
    assert due_at(place.account, talk) == NOON + 80 * MINUTE
    assert due_at(place.account, replace(talk, last_at=NOON - HOUR)) == NOON + HOUR


def test_an_answer_before_ends_it_and_a_new_waiting_period_makes_another() -> None:
    """ZI-26: answer before cancels; what is written after an answer is a new enquiry."""
    place = waiting()
    answered = replace(place.conversation, work=Work.ANSWERED, waiting_since=None, answered_at=NOON + 59 * MINUTE)
    assert due_at(place.account, answered) is None
    assert not made(timer(replace(place, conversation=answered), at(HOUR)))
    first = replace(place.conversation, ticket=ticket())
    assert due_at(place.account, replace(first, last_at=NOON + 3 * HOUR)) is None
    again = replace(first, waiting_since=NOON + 3 * HOUR, last_at=NOON + 3 * HOUR)
    assert due_at(place.account, again) == NOON + 4 * HOUR


@pytest.mark.parametrize("work", [Work.ANSWERED, Work.CLOSED, Work.SNOOZED])
def test_nobody_who_does_not_wait_gets_one(work: Work) -> None:
    """ZI-26: closed or put off by a person is a decision; only waiting counts."""
    place = waiting()
    assert due_at(place.account, replace(place.conversation, work=work)) is None


@pytest.mark.parametrize("wish", [Wish.PAUSED, Wish.REMOVED])
def test_an_account_that_is_paused_or_removed_makes_none(wish: Wish) -> None:
    """ZI-29, ZI-31"""
    place = waiting()
    place = replace(place, account=replace(place.account, wish=wish))
    assert not made(timer(place, at(DAY)))


def test_a_blocked_customer_gets_none_and_nowhere_to_put_it_makes_none() -> None:
    """ZI-34"""
    place = waiting()
    blocked = replace(CUSTOMER, blocked=Block.BLOCKED)
    assert not made(timer(replace(place, customer=blocked), at(DAY)))
    assert looked_at(place.account, blocked, place.conversation).ticket_at is None
    assert not made(timer(waiting(ticket_sink=""), at(DAY)))


def test_who_had_waited_for_more_than_a_day_when_it_was_switched_on_gets_none() -> None:
    """ZM-16: the setting may change at any time, and no flood comes of it."""
    late, early = waiting(ticket_from=NOON + DAY + SECOND), waiting(ticket_from=NOON + DAY)
    assert due_at(late.account, late.conversation) is None
    assert due_at(early.account, early.conversation) == NOON + HOUR


def test_whatever_is_written_of_a_conversation_says_when_a_ticket_is_due() -> None:
    """ZI-26: no way to begin or to cease to wait is forgotten."""
    place = waiting()
    wrote = looked_at(place.account, CUSTOMER, place.conversation)
    assert wrote.ticket_at == NOON + HOUR
    assert looked_at(place.account, CUSTOMER, replace(wrote, work=Work.ANSWERED)).ticket_at is None
    assert looked_at(place.account, CUSTOMER, wrote) is wrote


# ── by a person ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["ticket", "Ticket", "チケット", "起票"])
def test_a_ticket_is_asked_for_in_the_words_of_both_languages(words: str) -> None:
    """ZI-04"""
    assert understood(words) == Wanted(act=Act.TICKET)


def test_somebody_makes_one_also_of_what_was_answered_and_no_second() -> None:
    """ZI-04: the button posts once; after the customer writes again there can be another."""
    place = waiting(ticket_timer=0)
    decision, _ = done(place, AKI, at(MINUTE))
    (one,) = decision.tickets
    assert (one.by, [each.action for each in decision.noted]) == (AKI, ["conversation.ticket"])
    again = replace(place, conversation=decision.conversation or place.conversation)
    second, said = done(again, AKI, at(2 * MINUTE))
    assert second.ignored
    assert said.key == "work.ticket_waits"
    answered = replace(place.conversation, work=Work.ANSWERED, waiting_since=None, answered_at=NOON + MINUTE)
    third, _ = done(replace(place, conversation=answered), AKI, at(HOUR))
    assert len(third.tickets) == 1
    later = replace(answered, ticket=one, work=Work.WAITING, waiting_since=NOON + DAY, last_at=NOON + DAY)
    assert covering(later) is None


def test_whoever_cannot_have_one_reads_why() -> None:
    """ZI-04, ZI-29, ZI-31, ZI-34"""
    place = waiting()
    paused = replace(place, account=replace(place.account, wish=Wish.PAUSED))
    blocked = replace(place, customer=replace(CUSTOMER, blocked=Block.BLOCKED))
    there = with_ticket(place, ticket(step=Step.MADE, number="HELP-1", link="https://tickets.example.com/1"))
    keys = {done(each, AKI, at())[1].key for each in (paused, blocked, waiting(ticket_sink=""), there)}
    assert keys == {"work.ticket_paused", "work.blocked", "work.ticket_nowhere", "work.ticket_there_link"}


def test_a_ticket_that_was_given_up_stands_in_no_ones_way() -> None:
    """ZI-04: a person may try again; the timer does not."""
    place = with_ticket(waiting(), ticket(step=Step.REFUSED))
    assert len(done(place, AKI, at())[0].tickets) == 1
    assert due_at(place.account, place.conversation) is None


# ── how it goes, and ends ─────────────────────────────────────────────────────────────────────────────────


def put(place: Scene) -> PutTicket:
    """The effect that brings its ticket away."""
    return PutTicket(
        workspace=place.workspace.id, conversation=place.conversation.id, account=place.account.id, ticket=TicketId(41)
    )


def end(place: Scene, outcome: Any, *, effect: Any = None) -> Decision:
    """How that ends."""
    effect = effect or put(place)
    return threads.ended(place, effect, outcome, at(2 * HOUR), row=1, target="sink:tickets:1", position=1)


def test_what_was_made_is_told_with_the_way_to_it() -> None:
    """ZI-04: the link comes back into the thread."""
    place = with_ticket(waiting(), ticket())
    decision = end(place, Ticketed(sink=SINK, number="HELP-1", link="https://tickets.example.com/1"))
    (line,) = found(decision, PostLine)
    assert line.said.values["link"] == "https://tickets.example.com/1"
    assert (decision.tickets[0].step, decision.tickets[0].sink) == (Step.MADE, SINK)
    assert decision.conversation is not None
    assert decision.conversation.ticket == decision.tickets[0]


def test_what_does_not_get_there_is_told_once_and_is_an_incident_until_it_does() -> None:
    """ZI-04: tickets wait and go after."""
    place = with_ticket(waiting(), ticket())
    late = Later(after=MINUTE, why="http_503", scope=Scope.TARGET, cause="server")
    first = end(place, late)
    assert [each.said.key for each in found(first, PostLine)] == ["thread.ticket_late"]
    assert [type(each) for each in first.alerts] == [AlertDue]
    known = with_ticket(place, first.tickets[0])
    again = end(known, late)
    assert not found(again, PostLine)
    assert [type(each) for each in again.alerts] == [AlertDue]
    over = end(known, Ticketed(sink=SINK))
    assert [type(each) for each in over.alerts] == [AlertOver]
    given_up = end(known, Refused(code="http_422", why="ticket_refused"))
    assert given_up.tickets[0].step is Step.REFUSED
    assert [each.said.key for each in found(given_up, PostLine)] == ["thread.ticket_refused"]


def test_where_tickets_go_is_judged_when_one_goes() -> None:
    """ZI-29, ZI-31: what waits follows the settings, and a removed account has none any more."""
    place = with_ticket(waiting(), ticket())
    effect = put(place)
    assert isinstance(threads.due(place, effect, at()), Go)
    elsewhere = replace(place, account=shop(ticket_sink="slack:C-tickets"))
    moved = threads.due(elsewhere, effect, at())
    assert isinstance(moved, Instead)
    assert [each.place for each in found(moved.decision, PostTicket)] == ["C-tickets"]
    paused = replace(place, account=replace(place.account, wish=Wish.PAUSED))
    assert isinstance(threads.due(paused, effect, at()), NotYet)
    removed = replace(place, account=replace(place.account, wish=Wish.REMOVED))
    gone = threads.due(removed, effect, at())
    assert isinstance(gone, Instead)
    assert gone.decision.tickets[0].step is Step.REFUSED
    assert isinstance(threads.due(with_ticket(place, ticket(step=Step.MADE)), effect, at()), Drop)


def test_what_a_customer_takes_back_goes_to_whoever_has_it_in_a_ticket() -> None:
    """CT-33: behind the ticket itself, in its lane; a post on the desk holds no words."""
    message = Message(
        id=MessageId(21), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="A secret",
        remote_id=RemoteId("mid.c1"),
    )  # fmt: skip
    fact = CustomerUnsent(
        platform=Platform.MESSENGER, account="17", customer="c", at=NOON + 2 * HOUR, remote_id=RemoteId("mid.c1")
    )
    place = replace(with_ticket(waiting(), ticket(step=Step.MADE, sink=SINK)), message=message)
    (told,) = found(threads.decide(place, fact, at(2 * HOUR)), RedactTicket)
    assert (told.ticket, told.messages) == (TicketId(41), (MessageId(21),))
    assert isinstance(threads.due(place, told, at()), Go)
    early = replace(place, message=replace(message, at=NOON - MINUTE))
    assert not found(threads.decide(early, fact, at(2 * HOUR)), RedactTicket)
    on_desk = with_ticket(waiting(ticket_sink="slack:C1"), ticket(step=Step.MADE, sink="slack:C1"))
    assert not found(threads.decide(replace(on_desk, message=message), fact, at(2 * HOUR)), RedactTicket)


def test_a_report_is_told_once_and_stands_on_the_ticket() -> None:
    """ZI-04: the card and the thread say the status."""
    place = with_ticket(waiting(), ticket(step=Step.MADE, sink="slack:C1", ref=PostRef("C1:1")))
    fact = TicketReported(at=NOON + DAY, ticket=TicketId(41), status="solved")
    decision = reported(place, fact, at(DAY))
    assert [each.said.key for each in found(decision, PostLine)] == ["thread.ticket_status_link"]
    assert len(found(decision, EditTicket)) == 1
    known = with_ticket(place, decision.tickets[0])
    assert reported(known, fact, at(DAY)).ignored
    moved = reported(known, replace(fact, status=None, link="https://tickets.example.com/2"), at(DAY))
    assert not found(moved, PostLine)
    assert moved.tickets[0].link == "https://tickets.example.com/2"
    assert reported(known, replace(fact, ticket=TicketId(7)), at(DAY)).ignored


def test_a_ticket_on_the_desk_follows_its_conversation() -> None:
    """ZI-04: who looks at the channel of tickets sees that it was answered."""
    place = with_ticket(waiting(), ticket(step=Step.MADE, sink="slack:C1", ref=PostRef("C1:1")))
    answered = replace(place.conversation, work=Work.ANSWERED, answered_at=NOON + 2 * HOUR)
    assert [type(each.effect) for each in followed(place, Decision(conversation=answered))] == [EditTicket]
    assert not followed(place, Decision(conversation=replace(place.conversation, owner=AKI)))
