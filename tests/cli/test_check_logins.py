"""What `check` says of logins: each trouble once, and the end before it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.check import fine, state_of, wrong
from bridge.cli.logins import ends, once, unsaid
from bridge.model.change import replace
from bridge.model.state import Health, Wish
from bridge.model.upkeep import Dates, Kept
from tests.core.factories import DAY, NOON, account

DEAD = replace(account(), health=Health.NEEDS_REAUTHENTICATION, cause="password_changed")


def kept(**dates: Any) -> Kept:
    """A ready account whose login has these dates."""
    return Kept(account=account(), dates=Dates(**dates))


@pytest.mark.parametrize(
    ("left", "says"),
    [(15 * DAY, None), (13 * DAY, "it ends on"), (timedelta(hours=1), "it ends on"), (-DAY, "it was to end on")],
)
def test_a_login_that_ends_soon_is_a_warning_and_fails_nothing(left: timedelta, says: str | None) -> None:
    """ZM-14, CT-31: as long before as the alerts channel says it, with why and what to do."""
    for dates in ({"token_expires_at": NOON + left}, {"data_access_expires_at": NOON + left}):
        found = ends(kept(**dates), NOON)
        assert [(each.ok, each.warning, says in (each.problem or "")) for each in found if says] == (
            [(True, True, True)] if says else []
        )
        assert says is not None or found == []
        assert all("Log in again" in (each.mend or "") for each in found)


def test_of_a_login_that_is_over_nobody_is_warned() -> None:
    over = Kept(account=DEAD, dates=Dates(token_expires_at=NOON))
    gone = Kept(account=replace(account(), wish=Wish.REMOVED), dates=Dates(token_expires_at=NOON))
    assert ends(over, NOON) == ends(gone, NOON) == ends(kept(), NOON) == []


def test_a_dead_account_is_one_finding() -> None:
    """CT-36: neither its token nor what waits behind it says the same again; what else is wrong is still said."""
    refused = [wrong("token", "messenger:1", "x", "y"), wrong("webhooks", "messenger:1", "x", "y")]
    assert [each.what for each in once(DEAD, state_of(DEAD), refused)] == ["account", "webhooks"]
    assert [each.what for each in once(account(), fine("account", "a"), refused)] == ["account", "token", "webhooks"]
    holds = {"reauth:5": 2, "restricted:5": 1, "place:C1": 1}
    assert unsaid(holds, [DEAD]) == {"place:C1": 1}
    assert unsaid(holds, [account()]) == holds
