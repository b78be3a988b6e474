"""What is decided about incidents: what is due or over, what somebody pressed under an alert, what was put off."""

from __future__ import annotations

from datetime import timedelta

from bridge import alerts, lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Wait
from bridge.model.facts import AlertDue, AlertFact, AlertOver, Pressed
from bridge.model.state import Account, Known
from bridge.ports import Needs, Transaction
from bridge.rules.acts import heeding
from bridge.rules.base import asks_who
from bridge.rules.desk import incidents, many, places
from bridge.workers.base import Tools

LIMIT = 200
PATIENCE = timedelta(seconds=10)


def decided(tx: Transaction, tools: Tools, fact: AlertFact, known: Known, moment: Moment, *, waited: bool) -> Decision:
    """What a fact about an incident makes true. *waited*: the time to learn who is told directly is over."""
    context = tools.context(tx, moment)
    since = moment.now - many.LATELY
    if isinstance(fact, AlertOver):
        ends = tx.scenes.incidents(fact.workspace, fact.key)
        beside = {each.key: tx.incidents.company(each, since) for each in ends if each.within is not None}
        return alerts.decide(ends, fact, context, beside)
    told = tx.scenes.incident(fact.workspace, fact.key)
    usable = in_a_usable_place(tx, tools, fact)
    company = {}
    if fact.kind in many.JOINING and (told is None or told.within is not None):
        company[fact.key] = tx.incidents.company(told or usable, since)
    decision = alerts.decide([told] if told else [], usable, context, company)
    return _with_people(fact, decision, known, moment, waited=waited)


def _with_people(fact: AlertDue, decision: Decision, known: Known, moment: Moment, *, waited: bool) -> Decision:
    """Who is told directly is learnt before, so that they read it in their own language; it waits a little for that."""
    if waited or not decision.effects:
        return decision
    unknown = [person for person in fact.tell if person not in known.people and incidents.sink_of(person) is None]
    learn = asks_who(fact.workspace, unknown)
    if not learn:
        return decision
    return Decision(effects=learn, wait=Wait(until=moment.steady + PATIENCE, missing="person"))


def in_a_usable_place(tx: Transaction, tools: Tools, fact: AlertDue) -> AlertDue:
    """The alert in the first of its places that is not held; where all are, it waits in its own."""
    account = None if fact.account is None else tx.scenes.account(fact.account)
    others = () if account is None else places.alerts_places(account, tools.rules)
    for place in (fact.place, *others):
        if not tx.effects.held(lanes.place_target(fact.workspace, place)):
            return replace(fact, place=place)
    return fact


def pressed(tx: Transaction, tools: Tools, fact: Pressed, known: Known, moment: Moment, *, waited: bool) -> Decision:
    """Somebody pressed a button about an incident itself."""
    told = None if fact.incident is None else tx.incidents.one(fact.workspace, fact.incident)
    if told is None:
        return Decision(ignored="no such incident")
    account = None if told.account is None else tx.scenes.account(told.account)
    known = _introduced(tx, account, known, fact)
    missing = heeding.unknown(fact, account, known)
    if missing and not waited:
        return Decision(wait=Wait(until=moment.steady + PATIENCE, missing="person"), effects=missing)
    return heeding.pressed(told, account, fact, known, tools.context(tx, moment))


def _introduced(tx: Transaction, account: Account | None, known: Known, fact: Pressed) -> Known:
    groups = () if account is None else account.settings.agent_groups
    if not groups:
        return known
    return replace(known, groups={**known.groups, **tx.scenes.known(fact.workspace, Needs(groups=groups)).groups})


def count_sent(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Of what is mended it is said how many answers went because of it."""
    context = tools.context(tx, moment)
    for each, sent, left in tx.incidents.sending(moment.now - 2 * alerts.SENDS_FOR, LIMIT):
        decision = alerts.gone_on(each, sent, left, context)
        if decision.incidents:
            tx.apply(None, decision, moment.steady)


def lead_anew(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Ways to a login that will soon lead nowhere are made anew."""
    context = tools.context(tx, moment)
    for kind in ("reauth", many.KIND):
        for each in tx.incidents.open_of(kind):
            decision = incidents.led_anew(each, context)
            if decision.incidents:
                tx.apply(None, decision, moment.steady)


def wake(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """What was put off, and is no longer, says what it owes."""
    context = tools.context(tx, moment)
    for each in tx.incidents.put_off(moment.now, LIMIT):
        tx.apply(None, incidents.woken(each, context), moment.steady)
