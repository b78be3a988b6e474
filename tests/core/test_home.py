"""Somebody's own page: when it is shown, what is kept of it, and who looks after which account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.model.change import replace
from bridge.model.desk import NOWHERE
from bridge.model.effects import LearnPerson, ShowHome
from bridge.model.facts import Act, Pressed
from bridge.model.home import HomeKept, HomeOpened, HomeShown
from bridge.model.ids import PersonRef, PlaceRef
from bridge.model.outcomes import Done, Held, Outcome, Refused, Scope
from bridge.model.state import Known, Person, PersonKind
from bridge.rules.base import nothing
from bridge.rules.desk import home
from tests.core.factories import AKI, DESK, NOON, account, at

OPENED = HomeOpened(workspace=DESK, at=NOON, person=AKI)
SHOWN = ShowHome(workspace=DESK, person=AKI)


def known(kind: PersonKind = PersonKind.MEMBER, *, admin: bool | None = False) -> Known:
    return Known(people={AKI: Person(ref=AKI, kind=kind, name="Aki", admin=admin)})


@pytest.mark.parametrize("who", [Known(), known(admin=None)])
def test_first_it_is_asked_who_they_are_and_after_a_while_it_is_shown_anyway(who: Known) -> None:
    """Who is an admin decides what stands there."""
    asked = home.opened(OPENED, who, at(), waited=False)
    assert [type(each.effect) for each in asked.effects] == [LearnPerson]
    assert asked.wait is not None
    assert not asked.homes
    shown = home.opened(OPENED, who, at(), waited=True)
    assert [each.effect for each in shown.effects] == [ShowHome(workspace=DESK, person=AKI, opened=True)]
    assert shown.homes == (HomeKept(person=AKI, opened_at=NOON),)


@pytest.mark.parametrize("kind", [PersonKind.BOT, PersonKind.STRANGER])
def test_programs_and_other_companies_people_have_none(kind: PersonKind) -> None:
    assert home.opened(OPENED, known(kind), at(), waited=False).ignored


def test_whoever_waits_for_theirs_goes_before_all_that_is_only_kept_true() -> None:
    """docs.slack.dev, Rate limits: views.publish is Tier 4; the two never stand in each other's way."""
    (waits,) = home.opened(OPENED, known(), at(), waited=False).effects
    kept, rests = home.kept_true([(DESK, AKI)], [(DESK, PersonRef("U-ken"))], at()).effects
    assert waits.rank < kept.rank == rests.rank
    assert waits.lane != kept.lane
    assert waits.target == kept.target
    assert all(each.once for each in (waits, kept, rests))


@pytest.mark.parametrize(
    ("outcome", "page"),
    [
        (HomeShown(look="a:1", version="v"), HomeKept(person=AKI, look="a:1", version="v")),
        (Refused(code="not_enabled", why="desk_policy"), HomeKept(person=AKI, closed=True)),
        (Held(cause="desk_token", scope=Scope.TOP), None),
        (Done(), None),
    ],
)
def test_what_the_desk_refuses_is_forgotten_until_it_is_opened_again(outcome: Outcome, page: HomeKept | None) -> None:
    decision = home.ended(SHOWN, outcome)
    assert (None if decision is None else decision.homes) == (None if page is None else (page,))


@pytest.mark.parametrize(("place", "shows"), [(NOWHERE, True), (PlaceRef("C1"), False)])
def test_a_press_on_the_page_shows_what_came_of_it(place: PlaceRef, shows: bool) -> None:
    fact = Pressed(workspace=DESK, at=NOON + timedelta(seconds=1), act=Act.TAKE, person=AKI, place=place)
    effects = home.pressed(fact, nothing("done")).effects
    assert [each.effect for each in effects] == [ShowHome(workspace=DESK, person=AKI, opened=True)] * shows


def test_owners_look_after_their_own_accounts_and_admins_after_all() -> None:
    """ZI-10, ZM-03."""
    other = account()
    own = replace(other, settings=replace(other.settings, owners=(AKI,)))
    agent, admin = known().people[AKI], known(admin=True).people[AKI]
    assert home.managed(agent, [own, other]) == (own,)
    assert home.managed(admin, [own, other]) == (own, other)
