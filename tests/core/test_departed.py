"""What is told of somebody who has left: one message for a person and an alerts channel, whatever they had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.departed import GivenBack, Looks
from bridge.model.effects import PostLine
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, ConversationId, GroupRef, PersonRef, PlaceRef, PostRef
from bridge.model.state import Account, Wish
from bridge.rules.desk import departed
from tests.core.factories import AKI, GONE, GUEST, NOON, OPS, account, at, found, scene

PLACE = PlaceRef("C-shop")
ELSEWHERE = PlaceRef("C-elsewhere")


def named(number: int, alerts: PlaceRef = OPS, wish: Wish = Wish.ON) -> Account:
    known = account()
    return replace(known, id=AccountId(number), wish=wish, settings=replace(known.settings, alerts_channel=alerts))


def had(account: int, minutes: int | None = None, thread: str | None = "C-shop:1.1") -> GivenBack:
    """A conversation whose customer has waited for so long, if at all."""
    since = None if minutes is None else NOON - timedelta(minutes=minutes)
    ref = None if thread is None else PostRef(thread)
    place = None if since is None or thread is None else PLACE
    return GivenBack(
        conversation=ConversationId(minutes or 0), account=AccountId(account), since=since, thread=ref, place=place
    )


def told(*back: GivenBack, accounts: tuple[Account, ...], group: bool = False) -> dict[str, AlertDue]:
    whose = GroupRef("S-support") if group else AKI
    decision = departed.told(whose, back, {each.id: each for each in accounts}, at(), group=group)
    return {each.place: each for each in decision.alerts if isinstance(each, AlertDue)}


def test_each_alerts_channel_hears_once_of_all_its_accounts() -> None:
    """ZI-25: accounts that share a channel share the message; of a removed account nobody hears."""
    accounts = (named(1), named(2), named(3, ELSEWHERE), named(4, wish=Wish.REMOVED))
    found = told(had(1, 5), had(2), had(2, 10), had(3), had(4, 1), had(9), accounts=accounts)
    assert {place: (each.values["count"], each.values["waiting"]) for place, each in found.items()} == {
        OPS: (3, 2),
        ELSEWHERE: (1, 0),
    }
    assert len({each.key for each in found.values()}) == 2


def test_it_leads_to_five_who_have_waited_longest() -> None:
    """Where no thread stands, none leads there; all are counted."""
    back = [had(1, minutes, None if minutes == 9 else f"C-shop:{minutes}.1") for minutes in range(1, 10)]
    (alert,) = told(*back, accounts=(named(1),)).values()
    led = [alert.values.get(f"waiting_{number}") for number in range(1, 7)]
    assert led == [*(f"C-shop:{minutes}.1" for minutes in (8, 7, 6, 5, 4)), None]
    assert alert.values["waiting"] == 9


@pytest.mark.parametrize(("group", "name"), [(False, "person"), (True, "group")])
def test_it_says_who_left(group: bool, name: str) -> None:
    (alert,) = told(had(1), accounts=(named(1),), group=group).values()
    assert (name in alert.values, len(alert.values)) == (True, 3)


def test_nothing_was_left_and_nothing_is_told() -> None:
    assert told(accounts=(named(1),)) == {}


def test_whoever_may_answer_no_more_is_named_in_living_threads_and_in_their_account_s_channel() -> None:
    """ZM-17: one line in each thread where somebody waits or may still be answered; the others are counted."""
    looks = Looks(workspace=account().workspace, account=AccountId(1), forwarded=None, person=AKI)
    decision = departed.barred(looks, [had(1, 5), had(1), had(1, 7, None)], named(1, ELSEWHERE), at())
    (line,) = found(decision, PostLine)
    assert (line.conversation, line.said.key, line.said.values) == (5, "thread.work_barred", {"owner": AKI})
    (alert,) = (each for each in decision.alerts if isinstance(each, AlertDue))
    assert (alert.place, alert.values["count"], alert.values["waiting"]) == (ELSEWHERE, 3, 2)
    assert alert.values["barred"] == account().name
    assert departed.barred(looks, [], named(1), at()) == Decision()


@pytest.mark.parametrize(
    ("person", "one", "other", "may"),
    [
        (AKI, (), (), True),
        (AKI, (AKI,), (), True),
        (AKI, (GUEST,), (AKI,), True),
        (AKI, (GUEST,), (GUEST,), False),
        (GUEST, (GUEST,), (AKI,), True),
        (GUEST, (), (), False),
        (GONE, (GONE,), (), False),
    ],
)
def test_one_of_the_accounts_that_a_conversation_is_of_suffices(
    person: PersonRef, one: tuple[PersonRef, ...], other: tuple[PersonRef, ...], may: bool
) -> None:
    """ZM-17: its own, and the one to which it was forwarded."""
    accounts = [
        replace(each, settings=replace(each.settings, agents=who)) for each, who in ((named(1), one), (named(2), other))
    ]
    assert (roles.barred(person, accounts, scene().known) is None) is may
