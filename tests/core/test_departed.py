"""What is told of somebody who has left: one message for a person and an alerts channel, whatever they had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.model.change import replace
from bridge.model.departed import GivenBack
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, GroupRef, PlaceRef, PostRef
from bridge.model.state import Account, Wish
from bridge.rules.desk import departed
from tests.core.factories import AKI, NOON, OPS, account, at

ELSEWHERE = PlaceRef("C-elsewhere")


def named(number: int, alerts: PlaceRef = OPS, wish: Wish = Wish.ON) -> Account:
    known = account()
    return replace(known, id=AccountId(number), wish=wish, settings=replace(known.settings, alerts_channel=alerts))


def had(account: int, minutes: int | None = None, thread: str | None = "C-shop:1.1") -> GivenBack:
    """A conversation whose customer has waited for so long, if at all."""
    since = None if minutes is None else NOON - timedelta(minutes=minutes)
    return GivenBack(account=AccountId(account), since=since, thread=None if thread is None else PostRef(thread))


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
