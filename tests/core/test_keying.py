"""A key that signs an account's tickets: who may have one made, when it is not, and what is said and kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.demo.slack.blocks import check_view
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.ids import PersonRef
from bridge.model.setup import AnswerAsker, Beside, Change, KeyChange, SetupAsked
from bridge.model.state import Known, Person, PersonKind, Wish
from bridge.rules.setup import asked
from bridge.rules.setup.asked import House
from bridge.slack import kept
from bridge.slack.phrase import flat
from bridge.slack.refs import REFS
from bridge.slack.setup import keying
from bridge.slack.setup.worded import differences
from bridge.tickets import PREFIX, SECRET, keys_of
from bridge.wording import LANGUAGES, Wording
from tests.core import factories

KEN = PersonRef("U0KEN")
SHOP = factories.account()
ASKED = SetupAsked(
    workspace=factories.DESK, at=factories.NOON, change=Change.KEY, person=factories.AKI, account=SHOP.id, window="key:V1",
    values={SECRET: "sealed"}, seen={SECRET: ""},
)  # fmt: skip


def decided(fact: SetupAsked, *, beside: Beside | None = None, wish: Wish = Wish.ON) -> Decision:
    """What becomes of it, where Aki is an admin and Ken is not."""
    people = {
        who: Person(ref=who, name=who, kind=PersonKind.MEMBER, admin=who == factories.AKI)
        for who in (factories.AKI, KEN)
    }
    house = House(
        workspace=factories.scene().workspace,
        accounts=(replace(SHOP, wish=wish),),
        known=Known(people=people),
        refs=REFS,
        beside=beside or Beside(),
    )
    return asked.decide(fact, house, factories.at(factories.MINUTE), waited=True)


def told(decision: Decision) -> AnswerAsker:
    """What whoever asked is answered."""
    (queued,) = decision.effects
    assert isinstance(queued.effect, AnswerAsker)
    return queued.effect


@pytest.mark.parametrize("beside", [Beside(), Beside(signed=True, signer="#1")])
def test_a_key_is_kept_and_handed_to_the_window_that_asked_for_it(beside: Beside) -> None:
    """ZI-04, ZI-24: as it is sealed, and nowhere but there."""
    fact = replace(ASKED, seen={SECRET: beside.signer})
    made = decided(fact, beside=beside)
    (setup,) = made.setup
    assert setup.changes == (KeyChange(account=SHOP, sealed="sealed", before=beside.signed),)
    answer = told(made)
    assert (answer.window, answer.sealed, answer.said.key) == ("key:V1", "sealed", "set_up.key_made")
    assert "sealed" not in str(answer.said)


@pytest.mark.parametrize(
    ("changes", "beside", "wish", "key"),
    [
        ({"person": KEN}, Beside(), Wish.ON, "role.set_up_admins"),
        ({}, Beside(signed=True, signer="#2"), Wish.ON, "set_up.key_meanwhile"),
        ({"seen": {SECRET: "#1"}}, Beside(), Wish.ON, "set_up.key_meanwhile"),
        ({"values": {}}, Beside(), Wish.ON, "set_up.key_meanwhile"),
        ({}, Beside(), Wish.REMOVED, "set_up.is_removed"),
    ],
)
def test_no_key_is_kept_and_none_shown_for_who_may_not_or_comes_late(
    changes: dict[str, Any], beside: Beside, wish: Wish, key: str
) -> None:
    """ZI-24, ZI-28: the window says why, and holds none."""
    made = decided(replace(ASKED, **changes), beside=beside, wish=wish)
    answer = told(made)
    assert made.setup == ()
    assert (answer.window, answer.sealed) == ("key:V1", None)
    assert answer.said.key == key


def test_every_key_is_another_one_and_signs() -> None:
    """ZI-04: 32 bytes, as Standard Webhooks writes them."""
    some = {keying.fresh() for _ in range(20)}
    assert len(some) == 20
    assert all(each.startswith(PREFIX) and len(keys_of(each)[0]) == keying.LENGTH for each in some)


def test_what_is_kept_of_it_comes_back() -> None:
    """CT-02: the window's name too."""
    wanted = kept.Wanted(
        change=Change.KEY, person=KEN, once="V1", window="key:V1", account=SHOP.id, values={SECRET: "sealed"}, seen={SECRET: ""},
    )  # fmt: skip
    item = kept.item(wanted, factories.DESK, factories.NOON)
    assert kept.item(replace(wanted, values={SECRET: "other"}), factories.DESK, factories.NOON).key == item.key
    assert kept.fact(json.loads(item.body), item.at, factories.scene().workspace) == replace(ASKED, person=KEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_is_one_that_slack_takes_and_the_audit_says_nothing_of_the_key(language: str) -> None:
    """ZI-04: while it is made, with the key, and with why there is none."""
    wording = Wording(language)
    for shown in (
        keying.waiting("key:V1", wording),
        keying.told((wording.say("set_up.key_meanwhile", account="Flowers"),), None, "key:V1", wording),
        keying.told((wording.say("set_up.key_made", account="Flowers"),), keying.fresh(), "key:V1", wording),
    ):
        check_view(shown, "modal")
        assert "submit" not in shown
    lines = [flat(each) for each in differences({}, {SECRET: "set"}, wording)]
    lines += [flat(each) for each in differences({SECRET: "set"}, {SECRET: "replaced"}, wording)]
    assert not any(word in line for line in lines for word in ("replaced", "whsec_"))
    assert len(set(lines)) == 2
