"""Who answers and who gives conversations to others, as people name them: nothing opens to everybody by the way."""

from __future__ import annotations

import pytest

from bridge.model.ids import PersonRef
from bridge.model.setup import Change, SetupAsked
from bridge.rules.setup import people
from tests.core import factories

KEN, MEI = "U0KEN", "U0MEI"


def asked(change: Change, **values: str) -> SetupAsked:
    """Aki asks for it."""
    return SetupAsked(
        workspace=factories.account().workspace,
        person=PersonRef("U0AKI"),
        at=factories.NOON,
        change=change,
        values=values,
    )


@pytest.mark.parametrize("word", ["agents", "leads"])
@pytest.mark.parametrize(
    ("change", "stands", "given", "left", "barred", "said"),
    [
        (Change.DROP, [KEN], KEN, "", "last", None),
        (Change.DROP, [KEN, MEI], KEN, MEI, None, "dropped"),
        (Change.DROP, [], KEN, "", "open", None),
        (Change.ADD, [], KEN, KEN, None, "first"),
        (Change.ADD, [MEI], KEN, f"{MEI},{KEN}", None, "added"),
        (Change.SETTINGS, [KEN], "", "", None, "everyone"),
    ],
)
def test_the_last_one_named_goes_only_when_everybody_is_meant(
    word: str, change: Change, stands: list[str], given: str, left: str, barred: str | None, said: str | None
) -> None:
    """ZI-25, ZM-17: agents and leads alike; the first one named ends that everybody may, and that is said."""
    fact, account = asked(change, **{word: given}), factories.account()
    refusal = people.barred(fact, account, account.name, {word: stands}, {word: left})
    assert (refusal and refusal.key) == (barred and f"set_up.{word}_{barred}")
    if barred is None:
        told = people.said(fact, account, account.name, {word: stands}, {word: left})
        assert told is not None
        assert told.key == f"set_up.{word}_{said}"


def test_an_owner_may_be_the_last_one() -> None:
    """ZI-10: admins remain."""
    fact = asked(Change.DROP, owners=KEN)
    assert people.barred(fact, factories.account(), "Shop", {"owners": [KEN]}, {"owners": ""}) is None
