"""How accounts stand: every cause from every state, and what follows for what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.meta.errors import TABLE
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import ProbeAccount
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import AccountId
from bridge.model.outcomes import Held, Refused, Scope
from bridge.model.state import Account, Health, Login
from bridge.model.upkeep import UNTOLD, Dates, Kept, Probed, Refreshed, RefreshLogin
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import (
    INEXACT,
    READY,
    Blocked,
    Connected,
    Deauthorised,
    Event,
    Kind,
    Refusal,
    Standing,
    Unblocked,
    Well,
    WentThrough,
    moved,
    tries,
)
from tests.core.factories import AKI, DAY, GUEST, HOUR, NOON, account, at, found

PENDING = Standing(health=Health.PENDING, cause="permission")
NOT_ELIGIBLE = Standing(health=Health.NOT_ELIGIBLE, cause="not_eligible")
RESTRICTED = Standing(health=Health.RESTRICTED, cause="policy")
EXACT = (
    "token_expired", "password_changed", "page_not_authorised", "page_removed", "app_deauthorised", "role_lost", "checkpoint",
    "two_factor", "page_link", "unconfirmed", "data_access_expired", "secret_changed", "token_unreadable",
)  # fmt: skip
VAGUE = ("token_invalid", "permission_revoked")


def dead(cause: str) -> Standing:
    """An account that needs a login."""
    return Standing(health=Health.NEEDS_REAUTHENTICATION, cause=cause)


STATES = (READY, PENDING, NOT_ELIGIBLE, RESTRICTED, *(dead(cause) for cause in (*EXACT, *VAGUE)))
EVENTS: tuple[Event, ...] = (
    *(Refusal(kind=Kind.REAUTH, cause=cause, asked=asked) for cause in (*EXACT, *VAGUE) for asked in (False, True)),
    Refusal(kind=Kind.RESTRICTED, cause=""),
    Refusal(kind=Kind.RESTRICTED, cause="blocked"),
    Refusal(kind=Kind.SETUP, cause="not_eligible"),
    Refusal(kind=Kind.SETUP, cause="permission"),
    Well(),
    Well(waiting=True),
    WentThrough(),
    Blocked(),
    Unblocked(),
    Deauthorised(),
    Connected(standing=READY),
    Connected(standing=PENDING),
    Connected(standing=NOT_ELIGIBLE),
)


def so(standing: Standing) -> Account:
    """The account of all tests, standing so."""
    return replace(account(), health=standing.health, cause=standing.cause)


@pytest.mark.parametrize("event", EVENTS, ids=str)
@pytest.mark.parametrize("before", STATES, ids=str)
def test_whatever_happens_an_account_stands_in_one_way(before: Standing, event: Event) -> None:
    """CT-31: ready has no cause, anything else has one; the same event twice changes nothing more."""
    after = moved(before, event)
    assert (after.health is Health.READY) == (after.cause is None)
    assert moved(after, event) == after


@pytest.mark.parametrize("event", EVENTS, ids=str)
@pytest.mark.parametrize("before", STATES, ids=str)
def test_what_waits_is_held_exactly_while_the_account_cannot_send(before: Standing, event: Event) -> None:
    """CT-31: every way out opens all that held, every way in holds, and both are told."""
    decision = minding.happened(so(before), event, at())
    after = moved(before, event)
    if after == READY and before == READY and not isinstance(event, WentThrough):
        assert decision == Decision(ignored="ready")
    elif after == READY:
        assert decision.released == ("reauth:5", "restricted:5", "setup:5")
        assert decision.holds == ()
        refused = before.health is Health.NEEDS_REAUTHENTICATION or isinstance(event, Connected)
        over = {alert.key for alert in decision.alerts if isinstance(alert, AlertOver)}
        assert over == set(decision.released) - (set() if refused else {"reauth:5"})
    else:
        assert decision.released == ()
        assert {hold.target for hold in decision.holds} == set(minding.holding(so(before), after))
        assert len({hold.key for hold in decision.holds}) == 1
        *earlier, alert = decision.alerts
        renewed = isinstance(event, Connected) and after.health is not Health.NEEDS_REAUTHENTICATION
        assert [each.key for each in earlier] == ["reauth:5"] * renewed
        assert isinstance(alert, AlertDue)
        assert (alert.key, alert.values["cause"]) == (decision.holds[0].key, after.cause)
    assert decision.health == (None if after == before and after != READY else decision.health)


@pytest.mark.parametrize("cause", EXACT)
@pytest.mark.parametrize("before", STATES, ids=str)
def test_an_exact_cause_is_believed_wherever_it_comes_from(before: Standing, cause: str) -> None:
    """ZM-09…ZM-13, CT-33, CT-36: by code and subcode; from every state."""
    assert moved(before, Refusal(kind=Kind.REAUTH, cause=cause)) == dead(cause)


@pytest.mark.parametrize("vague", VAGUE)
@pytest.mark.parametrize("exact", EXACT)
def test_a_vague_cause_does_not_blot_out_an_exact_one(exact: str, vague: str) -> None:
    """ZM-10: the plain refusals that follow a changed password say less than the first."""
    assert moved(dead(exact), Refusal(kind=Kind.REAUTH, cause=vague)) == dead(exact)
    told = moved(dead(exact), Refusal(kind=Kind.REAUTH, cause=vague, asked=True))
    assert told == dead(exact if vague == "token_invalid" else vague)


@pytest.mark.parametrize(("before", "cause"), [(PENDING, "permission_revoked"), (NOT_ELIGIBLE, "permission_revoked")])
def test_what_was_never_granted_was_not_taken_away(before: Standing, cause: str) -> None:
    """I-01: an account that waits for Meta's access stays pending, whatever is refused for want of it."""
    assert moved(before, Refusal(kind=Kind.REAUTH, cause=cause)) == before


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (READY, Blocked(), RESTRICTED),
        (RESTRICTED, Unblocked(), READY),
        (RESTRICTED, Well(), RESTRICTED),
        (RESTRICTED, WentThrough(), READY),
        (dead("checkpoint"), Blocked(), dead("checkpoint")),
        (dead("checkpoint"), Unblocked(), dead("checkpoint")),
        (PENDING, Blocked(), PENDING),
        (PENDING, Well(), READY),
        (PENDING, Well(waiting=True), PENDING),
        (NOT_ELIGIBLE, Well(), READY),
        (READY, Well(), READY),
        (READY, Refusal(kind=Kind.SETUP, cause="not_eligible"), NOT_ELIGIBLE),
        (dead("token_expired"), Refusal(kind=Kind.SETUP, cause="not_eligible"), dead("token_expired")),
        (dead("checkpoint"), Well(), READY),
        (dead("checkpoint"), Well(waiting=True), dead("checkpoint")),
        (dead("checkpoint"), WentThrough(), READY),
        (dead("password_changed"), Connected(standing=READY), READY),
        (dead("password_changed"), Connected(standing=PENDING), PENDING),
        (READY, Deauthorised(), dead("app_deauthorised")),
        (RESTRICTED, Deauthorised(), dead("app_deauthorised")),
    ],
)
def test_what_moves_an_account_from_where_to_where(before: Standing, event: Event, after: Standing) -> None:
    """I-02, M-03, M-19, ZM-13, CT-35."""
    assert moved(before, event) == after


def test_of_an_account_that_is_said_to_be_well_one_answer_is_tried() -> None:
    """CT-33: a probe does not see all that is refused: only what goes through opens the hold, so that it does not flap."""
    decision = minding.happened(so(dead("permission_revoked")), Well(waiting=True), at())
    assert (decision.health, decision.released, decision.tried) == (None, (), ("network:5",))
    assert not any(tries(each, Well(waiting=True)) for each in (READY, RESTRICTED, PENDING, NOT_ELIGIBLE))


@pytest.mark.parametrize(("cause", "asks"), [("token_invalid", 1), ("permission_revoked", 1), ("password_changed", 0)])
def test_a_cause_that_is_not_exact_is_asked_for_at_once_and_once(cause: str, asks: int) -> None:
    """ZM-10, ZM-11: a plain 190, 10 or 200 says nothing of why; the token's own record does."""
    outcome = Held(cause=f"reauth.{cause}", scope=Scope.PARENT, code="190")
    assert len(found(minding.held(so(READY), outcome, at()), ProbeAccount)) == asks
    again = minding.held(so(dead(cause)), outcome, at())
    assert (found(again, ProbeAccount), again.health) == ([], None)
    assert [hold.target for hold in again.holds] == ["network:5"]


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if isinstance(row, Held)))
def test_every_refusal_for_the_accounts_sake_has_its_state(name: str) -> None:
    """ZM-09, M-03, CT-36: each row of Meta's table that holds an account, by its code alone."""
    row = TABLE[name]
    assert isinstance(row, Held)
    decision = minding.held(so(READY), replace(row, code=name), at())
    kind, _, cause = row.cause.partition(".")
    setup = Health.PENDING if cause == "connected_tools" else Health.NOT_ELIGIBLE
    expected = {"reauth": Health.NEEDS_REAUTHENTICATION, "restricted": Health.RESTRICTED, "setup": setup}
    assert decision.health == (expected[kind], cause)
    assert decision.alerts[0].values == {"cause": cause, "code": name}


def test_a_dead_login_is_told_aloud_to_every_owner_and_a_restriction_is_not_a_stage() -> None:
    """CT-31, CT-32: one incident about a login, whose refusal is a stage of its own."""
    (login,) = minding.held(so(READY), Held(cause="reauth.checkpoint", scope=Scope.PARENT), at()).alerts
    (other,) = minding.held(so(READY), Held(cause="restricted", scope=Scope.TARGET), at()).alerts
    assert isinstance(login, AlertDue)
    assert isinstance(other, AlertDue)
    assert (login.stage, login.loud, other.stage) == ("refused", True, None)


@pytest.mark.parametrize("cause", ["reauth.checkpoint", "restricted.commerce", "setup.connected_tools"])
def test_whatever_holds_an_accounts_replies_is_told_to_every_owner_directly(cause: str) -> None:
    """CT-31, I-10, M-03: of all that makes replies wait they hear themselves."""
    owned = replace(account(), settings=replace(account().settings, owners=(AKI, GUEST)))
    (alert,) = minding.held(owned, Held(cause=cause, scope=Scope.TARGET), at()).alerts
    assert isinstance(alert, AlertDue)
    assert alert.tell == (AKI, GUEST)


@pytest.mark.parametrize("event", [WentThrough(), Unblocked()], ids=str)
def test_a_restriction_that_is_over_leaves_the_warning_of_a_logins_end(event: Event) -> None:
    """CT-30, CT-32: the login ends as soon as before, and its alert says so until somebody has logged in."""
    decision = minding.happened(so(RESTRICTED), event, at())
    assert [alert.key for alert in decision.alerts] == ["restricted:5", "setup:5"]
    assert [*decision.upkeep] == ["warn_at"], "and it is looked at again, for the next stage"


def test_an_account_whose_switch_is_on_again_is_not_told_of_as_new() -> None:
    """I-10: it was enabled before, so that a permission that is missing now was taken away."""
    off = Standing(health=Health.PENDING, cause="connected_tools")
    decision = minding.happened(so(off), WentThrough(), at())
    assert decision.health == (Health.READY, None)
    assert all(not isinstance(alert, AlertDue) for alert in decision.alerts)
    assert moved(off, Refusal(kind=Kind.REAUTH, cause="permission_revoked")) == dead("permission_revoked")


@pytest.mark.parametrize("before", [PENDING, NOT_ELIGIBLE], ids=str)
def test_an_account_that_may_begin_is_told_of_once(before: Standing) -> None:
    """I-02: the incident is over, and one notice says that the account is enabled."""
    decision = minding.probed(so(before), Probed(), at(), waiting=0)
    assert decision.health == (Health.READY, None)
    notices = [alert for alert in decision.alerts if isinstance(alert, AlertDue)]
    assert [(notice.kind, notice.key) for notice in notices] == [("enabled", "enabled:5")]
    assert all(not isinstance(alert, AlertDue) for alert in minding.probed(so(READY), Probed(), at(), waiting=0).alerts)


@pytest.mark.parametrize("waiting", [0, 2])
def test_a_refusal_after_the_end_of_data_access_is_put_down_to_that(waiting: int) -> None:
    """F15: Meta does not say what fails then; nothing else is wrong, and something is refused all the same."""
    told = Probed(dated=True, data_access_expires_at=NOON)
    decision = minding.probed(so(dead("permission_revoked")), told, at(), waiting=waiting)
    expected = (Health.NEEDS_REAUTHENTICATION, "data_access_expired") if waiting else (Health.READY, None)
    assert decision.health == expected


def test_a_date_that_has_passed_makes_nothing_wrong_by_itself() -> None:
    """CT-31: a computed date only warns."""
    told = Probed(dated=True, expires_at=NOON, data_access_expires_at=NOON)
    decision = minding.probed(so(READY), told, at(), waiting=3)
    assert (decision.health, decision.holds) == (None, ())
    assert decision.upkeep["token_expires_at"] == NOON
    assert decision.upkeep["warn_at"] == at().moment.now


@pytest.mark.parametrize(
    ("dates", "health", "queued", "after"),
    [
        (Dates(connected_at=NOON), Health.READY, 0, timedelta(hours=25)),
        (Dates(connected_at=NOON - 2 * DAY), Health.READY, 1, DAY),
        (Dates(connected_at=NOON, refresh_at=NOON), Health.READY, 1, DAY),
        (Dates(refresh_at=NOON, token_expires_at=NOON), Health.READY, 0, DAY),
        (Dates(refresh_at=NOON, token_expires_at=NOON + DAY), Health.RESTRICTED, 1, DAY),
        (Dates(refresh_at=NOON), Health.NEEDS_REAUTHENTICATION, 0, DAY),
    ],
)
def test_a_younger_token_is_asked_for_where_there_is_one(
    dates: Dates, health: Health, queued: int, after: timedelta
) -> None:
    """F15, ZM-09: never for one that is less than a day old, nor for one that is over."""
    decision = minding.refresh(Kept(account=so(Standing(health=health, cause="x")), dates=dates), NOON)
    assert (len(found(decision, RefreshLogin)), decision.upkeep) == (queued, {"refresh_at": NOON + after})


def test_the_younger_token_takes_the_place_of_the_older_unless_another_login_has() -> None:
    """F15: an exchange that ends after somebody has connected by the other login changes nothing."""
    told = Refreshed(sealed="sealed", expires_at=NOON + 60 * DAY)
    mine = replace(account(), login=Login.INSTAGRAM)
    kept = minding.refresh_ended(mine, told, at()).upkeep
    assert (kept["sealed"], kept["token_expires_at"]) == ("sealed", NOON + 60 * DAY)
    assert minding.refresh_ended(replace(mine, login=Login.FACEBOOK), told, at()).upkeep == {}
    refused = minding.refresh_ended(mine, Refused(code="190", why="other"), at())
    assert (len(found(refused, ProbeAccount)), "sealed" in refused.upkeep) == (1, False)
    assert "sealed=" not in repr(told)


def test_what_was_not_told_changes_nothing_but_when_it_is_asked_again() -> None:
    """CT-33: an outage of Meta is no cause."""
    decision = minding.probed(so(READY), Probed(cause=UNTOLD), at(), waiting=1)
    assert decision == Decision(account=AccountId(5), upkeep={"probe_at": at().moment.now + timedelta(minutes=15)})


def test_probes_are_spread_over_the_day_and_never_more_than_a_day_apart() -> None:
    """CT-33: each account at a time of its own; those that may be well again by themselves every hour."""
    turns = [minding.next_probe(AccountId(number), READY, NOON) for number in range(1, 501)]
    assert all(HOUR < turn - NOON <= DAY + HOUR for turn in turns)
    hours = [sum(1 for turn in turns if (turn - NOON) // HOUR == hour) for hour in range(1, 25)]
    assert max(hours) <= 3 * 500 / 24
    again = minding.next_probe(AccountId(3), READY, turns[2])
    assert again - turns[2] == DAY
    assert minding.next_probe(AccountId(3), dead("checkpoint"), NOON) == NOON + HOUR
    assert minding.next_probe(AccountId(3), dead("password_changed"), NOON) == turns[2]
    assert None in INEXACT
