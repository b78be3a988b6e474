"""What an account may be called."""

import pytest

from bridge.model.change import replace
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Platform, Wish
from bridge.rules.setup import names
from tests.core import factories

MINE = replace(factories.account(), name="Hanako Flowers")
OTHER = replace(MINE, id=AccountId(8), remote_id="2", name="Shop Hanako")


@pytest.mark.parametrize("name", ["Shop Hanako", " shop\u3000HANAKO ", "ＳＨＯＰ Hanako", "Shop\u200b Hanako"])
def test_a_name_is_one_accounts_alone_whatever_its_case_width_and_spaces(name: str) -> None:
    """ZI-13, ZM-05: in its workspace and network; a Page and its Instagram account may have one name, as at Meta."""
    assert names.clash([MINE, OTHER], MINE, name) == names.TAKEN
    assert names.clash([MINE, replace(OTHER, wish=Wish.REMOVED)], MINE, name) is None
    assert names.clash([MINE, replace(OTHER, workspace=WorkspaceId("T0ELSE"))], MINE, name) is None
    beside = Platform.MESSENGER if MINE.platform is Platform.INSTAGRAM else Platform.INSTAGRAM
    assert names.clash([MINE, replace(OTHER, platform=beside)], MINE, name) is None
    assert names.clash([OTHER], OTHER, name) is None


def test_what_an_account_is_called_already_it_stays_but_what_comes_back_must_be_told_apart() -> None:
    """ZI-13"""
    same = replace(MINE, name="Shop Hanako")
    assert names.clash([same, OTHER], same, "shop hanako") is None
    assert names.clash([same, OTHER], replace(same, wish=Wish.REMOVED), "shop hanako") == names.TAKEN


@pytest.mark.parametrize(
    ("taken", "most", "made"),
    [
        ([], 80, "Shop Hanako"),
        (["SHOP HANAKO"], 80, "Shop Hanako (Instagram)"),
        (["Shop Hanako", "Shop Hanako (Instagram)"], 80, "Shop Hanako (Instagram 2)"),
        (["Shop Hanako"], 16, "Shop (Instagram)"),
    ],
)
def test_a_name_that_is_proposed_is_none_that_there_is(taken: list[str], most: int, made: str) -> None:
    """ZI-13"""
    assert names.told_apart("Shop Hanako", "Instagram", taken, most) == made
