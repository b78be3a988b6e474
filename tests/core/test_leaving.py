"""How it ends that a removed account is to be told of no more."""

from __future__ import annotations

import pytest

from bridge.model.change import replace
from bridge.model.effects import KeepSubscribed
from bridge.model.outcomes import Done, Outcome, Refused
from bridge.model.state import Wish
from bridge.model.upkeep import Unsubscribe
from bridge.rules.accounts import minding
from tests.core.factories import account, at


@pytest.mark.parametrize("outcome", [Done(), Refused(code="190", why="permission")])
def test_the_token_is_forgotten_however_it_ends_and_who_is_connected_again_hears(outcome: Outcome) -> None:
    """ZI-28, ZI-29: a login that is dead already is no reason to keep its token."""
    mine = account()
    effect = Unsubscribe(workspace=mine.workspace, account=mine.id)
    gone = minding.ended(replace(mine, wish=Wish.REMOVED), effect, outcome, at(), 0)
    assert (gone.account, gone.has_left, gone.effects) == (mine.id, True, ())
    (again,) = minding.ended(mine, effect, outcome, at(), 0).effects
    assert again.effect == KeepSubscribed(workspace=mine.workspace, account=mine.id)
