"""Groups whose people may answer: who belongs to them, and what is told when nobody does."""

from __future__ import annotations

import pytest

from bridge.model.change import replace
from bridge.model.effects import LearnGroup
from bridge.model.facts import AlertDue, AlertOver, GroupLearnt
from bridge.model.ids import AccountId, GroupRef, IncidentId, PersonRef
from bridge.model.incident import Incident
from bridge.model.state import Account, Wish
from bridge.rules.desk import groups
from tests.core.factories import AKI, DESK, GUEST, NOON, account, at

ACCOUNT = account()
SUPPORT, OTHER = GroupRef("S-support"), GroupRef("S-other")


def naming(*named: GroupRef, number: int = 1, wish: Wish = Wish.ON) -> Account:
    settings = replace(ACCOUNT.settings, agent_groups=named)
    return replace(ACCOUNT, id=AccountId(number), settings=settings, wish=wish)


def heard(people: tuple[PersonRef, ...] | None, why: str = "") -> GroupLearnt:
    return GroupLearnt(workspace=DESK, at=NOON, group=SUPPORT, people=people, why=why)


@pytest.mark.parametrize("why", ["gone", "plan", ""])
def test_a_group_with_nobody_in_it_is_told_of_once_for_each_account_that_names_it(why: str) -> None:
    """ZM-17: disabled or deleted, a plan without groups, or just emptied: nobody may answer by it any more."""
    accounts = [naming(SUPPORT), naming(OTHER, number=2), naming(SUPPORT, number=3), naming(SUPPORT, number=4)]
    accounts[3] = replace(accounts[3], wish=Wish.REMOVED)
    decision = groups.learnt(heard((), why), (AKI,), accounts, (), at())
    assert decision.groups == ((SUPPORT, ()),)
    assert all(isinstance(each, AlertDue) for each in decision.alerts)
    assert [each.key for each in decision.alerts] == ["group:S-support:1", "group:S-support:3"]
    assert {each.values["cause"] for each in decision.alerts} == {why or "empty"}


def test_it_is_over_when_somebody_belongs_to_it_again() -> None:
    told = {"group:S-support:1", "group_unread:S-support:1", "group:S-other:1"}
    decision = groups.learnt(heard((GUEST,)), (), [naming(SUPPORT)], told, at())
    assert decision.groups == ((SUPPORT, (GUEST,)),)
    assert all(isinstance(each, AlertOver) for each in decision.alerts)
    assert {each.key for each in decision.alerts} == {"group:S-support:1", "group_unread:S-support:1"}


def test_nothing_is_written_of_a_group_that_is_as_it_was() -> None:
    assert groups.learnt(heard((GUEST,)), (GUEST,), [naming(SUPPORT)], (), at()).alerts == ()


@pytest.mark.parametrize(("before", "people"), [((AKI,), (AKI,)), (None, ())])
def test_without_the_permission_those_who_were_known_go_on(
    before: tuple[PersonRef, ...] | None, people: tuple[PersonRef, ...]
) -> None:
    """A permission that is missing takes nobody's answers away; of a group never read nobody is known."""
    decision = groups.learnt(heard(None, "desk_scope"), before, [naming(SUPPORT)], (), at())
    assert decision.groups == ((SUPPORT, people),)
    assert [each.key for each in decision.alerts] == ["group_unread:S-support:1"]


@pytest.mark.parametrize(("before", "named", "asked"), [(None, True, 1), ((AKI,), False, 1), (None, False, 0)])
def test_a_group_that_was_not_told_whole_is_asked_for(
    before: tuple[PersonRef, ...] | None, named: bool, asked: int
) -> None:
    """Slack names 500 at most; those who were known stay until it is known better."""
    accounts = [naming(SUPPORT)] if named else [naming(OTHER)]
    decision = groups.learnt(heard(None, groups.MORE), before, accounts, (), at())
    assert (decision.groups, decision.alerts) == ((), ())
    assert [type(each.effect) for each in decision.effects] == [LearnGroup] * asked


def test_what_an_account_names_no_more_is_over() -> None:
    """ZM-17: also of an account that was removed."""
    told = [
        Incident(id=IncidentId(number), workspace=DESK, key=f"group:{group}:{whose}", kind="group", place=ACCOUNT.settings.channel,
                 account=AccountId(whose), values={"group": group}, opened_at=NOON)
        for number, (group, whose) in enumerate([(SUPPORT, 1), (OTHER, 1), (SUPPORT, 2), (SUPPORT, 9)])
    ]  # fmt: skip
    accounts = [naming(SUPPORT), naming(SUPPORT, number=2, wish=Wish.REMOVED)]
    over = groups.left(told, accounts, at()).alerts
    assert [each.key for each in over] == ["group:S-other:1", "group:S-support:2", "group:S-support:9"]
