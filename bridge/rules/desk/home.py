"""Somebody's own page on the desk: shown when they open it, and kept true for a day.

Rule 1: it is drawn from what is stored at the moment it goes; the effect says only whose it is.
Rule 2: whoever has not opened it for a day gets a resting page without names, once; whoever never opened it gets nothing.
Rule 3: what the desk refuses is not tried again until the page is opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bridge import lanes, roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Decision, Wait
from bridge.model.desk import NOWHERE
from bridge.model.effects import LearnPerson, ShowHome
from bridge.model.facts import Pressed
from bridge.model.home import HomeKept, HomeOpened, HomeShown
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.outcomes import Outcome, Refused
from bridge.model.state import Account, Known, Person, PersonKind
from bridge.roles import Action
from bridge.rules.base import Context, nothing

LATELY = timedelta(days=1)
"""A page that was opened within it is kept true."""
AT_MOST: Final = 10
"""So many conversations of a kind are listed, so many accounts are told of."""


def opened(fact: HomeOpened, known: Known, context: Context, *, waited: bool) -> Decision:
    """Show it; first it is asked who they are, because that decides what they may see."""
    person = known.people.get(fact.person)
    if not waited and (person is None or person.admin is None):
        learn = LearnPerson(workspace=fact.workspace, person=fact.person)
        until = context.moment.steady + context.rules.fact_wait
        return Decision(effects=(lanes.queue(learn, position=0),), wait=Wait(until=until, missing="person"))
    if person is not None and person.kind in (PersonKind.BOT, PersonKind.STRANGER):
        return nothing("nobody's page")
    show = ShowHome(workspace=fact.workspace, person=fact.person, opened=True)
    return Decision(
        workspace=fact.workspace,
        homes=(HomeKept(person=fact.person, opened_at=fact.at),),
        effects=(lanes.queue(show, position=lanes.micros(fact.at)),),
    )


def pressed(fact: Pressed, decision: Decision) -> Decision:
    """Whoever pressed a button on their page sees at once what came of it."""
    if fact.place != NOWHERE or decision.wait is not None:
        return decision
    show = ShowHome(workspace=fact.workspace, person=fact.person, opened=True)
    return replace(decision, effects=(*decision.effects, lanes.queue(show, position=lanes.micros(fact.at))))


def kept_true(
    lately: Sequence[tuple[WorkspaceId, PersonRef]], idle: Sequence[tuple[WorkspaceId, PersonRef]], context: Context
) -> Decision:
    """Draw the pages that were opened lately anew, and let those rest that nobody has looked at for long."""
    effects = [ShowHome(workspace=workspace, person=person) for workspace, person in lately]
    effects += [ShowHome(workspace=workspace, person=person, rest=True) for workspace, person in idle]
    position = lanes.micros(context.moment.steady)
    return Decision(effects=tuple(lanes.queue(each, position=position) for each in effects))


def ended(effect: ShowHome, outcome: Outcome) -> Decision | None:
    """What is kept of a page that was shown, or that the desk does not take; None: held for all."""
    match outcome:
        case HomeShown(look=look, version=version):
            kept = HomeKept(person=effect.person, look=look, version=version)
        case Refused():
            kept = HomeKept(person=effect.person, closed=True)
        case _:
            return None
    return Decision(workspace=effect.workspace, homes=(kept,))


def may_connect(person: Person, accounts: Sequence[Account]) -> bool:
    """Whether somebody may connect an account; accounts: all that the workspace has."""
    known = Known(people={person.ref: person})
    return isinstance(roles.authorise(person.ref, Action.SET_UP, accounts, known), Allowed)


def managed(person: Person, accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The accounts that somebody looks after as a whole: an admin of the workspace all of them, an owner their own."""
    return tuple(each for each in accounts if may_connect(person, [each]))
