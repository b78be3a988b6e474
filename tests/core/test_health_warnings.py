"""Warnings before a login ends: every stage around its second, every kind of end, late, early, and by clocks that jump."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.change import replace
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import PersonRef
from bridge.model.state import Health, Login
from bridge.model.upkeep import Dates, Kept, ProbeAccount
from bridge.rules.accounts import warnings
from bridge.rules.accounts.warnings import ORDER, STAGES, End, Told, due, end_of, next_at, read, stage_at, written
from bridge.rules.base import Context
from tests.core.factories import AKI, DAY, HOUR, MINUTE, NOON, SECOND, account, at

END = NOON + 30 * DAY
KEN = PersonRef("U-ken")


def kept(days: int = 0, health: Health = Health.READY, **dates: Any) -> Kept:
    """An account of two owners."""
    own = account()
    settings = replace(own.settings, owners=(AKI, KEN), reauth_days=days)
    cause = None if health is Health.READY else "password_changed"
    return Kept(account=replace(own, settings=settings, health=health, cause=cause), dates=Dates(**dates))


def when(moment: datetime) -> Context:
    """What rules get at a moment."""
    return at(moment - NOON)


def told(found: Kept, moment: datetime) -> tuple[list[str], Kept]:
    """The stages that are told at a moment, and what is kept then; an end of the incident is ``over``."""
    decision = due(found, when(moment))
    stages = [alert.stage or "" if isinstance(alert, AlertDue) else "over" for alert in decision.alerts]
    return stages, replace(found, dates=replace(found.dates, **decision.upkeep))  # type: ignore[arg-type]


@pytest.mark.parametrize(("stage", "ahead"), STAGES.items())
def test_each_stage_begins_with_its_second_and_not_before(stage: str, ahead: timedelta) -> None:
    """CT-32, ZM-14, F15: 14, 7, 3 and 1 days before the end, and at it."""
    before = ORDER[ORDER.index(stage) - 1] if stage != "fortnight" else None
    assert stage_at(END, END - ahead - SECOND) == before
    assert stage_at(END, END - ahead) == stage
    assert next_at(END, END - ahead - SECOND) == END - ahead


@pytest.mark.parametrize(
    ("dates", "days", "end"),
    [
        ({}, 0, None),
        ({"connected_at": NOON}, 0, None),
        ({"connected_at": NOON}, 60, End(at=NOON + 60 * DAY, by="interval")),
        ({"token_expires_at": END}, 0, End(at=END, by="token")),
        ({"data_access_expires_at": END}, 0, End(at=END, by="data_access")),
        ({"token_expires_at": END, "data_access_expires_at": END - DAY}, 0, End(at=END - DAY, by="data_access")),
        ({"token_expires_at": END, "connected_at": NOON}, 7, End(at=NOON + 7 * DAY, by="interval")),
        ({"token_expires_at": END, "connected_at": NOON}, 90, End(at=END, by="token")),
    ],
)
def test_the_end_is_the_earliest_of_all_that_are_known(dates: dict[str, datetime], days: int, end: End | None) -> None:
    """F15, CT-30, ZM-14: never a fixed 60 or 90 days; the operator's own interval only where it is set."""
    assert end_of(kept(days, Health.READY, **dates)) == end


def test_five_stages_are_told_once_each_to_every_owner_the_last_two_aloud() -> None:
    """CT-32, ZM-14: day 83 of 90 is the second; looked at every hour, and anew after each."""
    found, alerts = kept(90, connected_at=NOON, warn_at=NOON), list[AlertDue]()
    for hour in range(24 * 95):
        decision = due(found, when(NOON + hour * HOUR))
        alerts += [alert for alert in decision.alerts if isinstance(alert, AlertDue)]
        found = replace(found, dates=replace(found.dates, **decision.upkeep))  # type: ignore[arg-type]
    days = [(alert.at - NOON) // DAY for alert in alerts]
    assert [(alert.stage, day) for alert, day in zip(alerts, days, strict=True)] == [
        ("fortnight", 76), ("week", 83), ("three_days", 87), ("day", 89), ("expired", 90),
    ]  # fmt: skip
    assert [alert.loud for alert in alerts] == [False, False, False, True, True]
    assert {alert.tell for alert in alerts} == {(AKI, KEN)}
    assert {alert.key for alert in alerts} == {"reauth:5"}
    assert {alert.values["cause"] for alert in alerts} == {"ends_interval"}


def test_it_is_looked_at_again_exactly_when_the_next_stage_begins() -> None:
    """CT-32: by an index of when, not by looking at every account."""
    found = kept(token_expires_at=END, warn_at=NOON)
    moments = list[datetime]()
    while found.dates.warn_at is not None:
        moments.append(found.dates.warn_at)
        _, found = told(found, found.dates.warn_at)
    assert moments == [NOON, *(END - ahead for ahead in STAGES.values())]


def test_of_several_that_have_passed_the_latest_alone_is_told() -> None:
    """CT-32: a downtime over three stages is no flood."""
    stages, found = told(kept(token_expires_at=END), END - 2 * DAY)
    assert (stages, found.dates.warn_at) == (["three_days"], END - DAY)
    assert told(found, END - 2 * DAY + HOUR)[0] == []


def test_a_clock_that_goes_back_tells_nothing_again() -> None:
    """CT-32: neither then, nor when the same moment comes a second time."""
    _, found = told(kept(token_expires_at=END), END - DAY)
    for moment in (END - 10 * DAY, END - 7 * DAY, END - 3 * DAY, END - DAY):
        stages, found = told(found, moment)
        assert stages == []
    assert told(found, END)[0] == ["expired"]


@pytest.mark.parametrize(("moved", "expected"), [(60 * DAY, ["over"]), (MINUTE, []), (5 * DAY, ["over", "week"])])
def test_an_end_that_has_moved_later_ends_the_incident(moved: timedelta, expected: list[str]) -> None:
    """CT-35: by a login or a refresh; a few minutes are the same end."""
    _, found = told(kept(token_expires_at=END), END - DAY)
    later = replace(found, dates=replace(found.dates, token_expires_at=END + moved))
    stages, after = told(later, END - DAY + HOUR)
    assert stages == expected
    assert (after.dates.warned is None) == (expected == ["over"])


def test_an_end_that_is_no_more_ends_the_incident() -> None:
    """CT-30: the operator's own interval was taken back."""
    _, found = told(kept(30, connected_at=NOON), END - DAY)
    without = replace(found, account=replace(found.account, settings=replace(found.account.settings, reauth_days=0)))
    decision = due(without, when(END))
    assert [type(alert) for alert in decision.alerts] == [AlertOver]
    assert (decision.upkeep["warned"], decision.upkeep["warn_at"]) == (None, None)


def test_an_end_that_has_moved_earlier_tells_what_has_begun_since() -> None:
    """CT-30: an interval that is set ends sooner than the token."""
    _, found = told(kept(token_expires_at=END), END - 14 * DAY)
    sooner = replace(found, dates=replace(found.dates, data_access_expires_at=END - 11 * DAY))
    assert told(sooner, END - 14 * DAY + HOUR)[0] == ["three_days"]


def test_whoever_must_log_in_already_is_not_warned_and_hears_the_latest_when_that_is_over() -> None:
    """CT-31: the incident says so anyway; mended by itself, the end is still near."""
    dead = kept(health=Health.NEEDS_REAUTHENTICATION, token_expires_at=END, warned="fortnight@1")
    assert told(dead, END - DAY)[0] == []
    alive = replace(
        dead, account=kept().account, dates=replace(dead.dates, warned=written(Told(stage="fortnight", end=END)))
    )
    assert told(alive, END - DAY)[0] == ["day"]


def test_what_was_told_is_read_as_it_was_written() -> None:
    """The account's row keeps it."""
    assert read(None) is None
    assert read(written(Told(stage="three_days", end=END))) == Told(stage="three_days", end=END)


@given(st.lists(st.tuples(st.integers(-40, 40), st.sampled_from([0, 0, 0, 45, 90])), max_size=30))
def test_however_the_clock_jumps_no_stage_is_early_and_none_is_repeated(steps: list[tuple[int, int]]) -> None:
    """CT-32: any jumps, any logins in between; of one end each stage once, in order."""
    found, moment = kept(token_expires_at=END), NOON
    heard = list[tuple[datetime, str]]()
    for days, renewed in steps:
        moment += days * DAY
        if renewed:
            later = max(moment, found.dates.token_expires_at or NOON) + renewed * DAY
            found = replace(found, dates=replace(found.dates, token_expires_at=later))
        end = found.dates.token_expires_at
        assert end is not None
        stages, found = told(found, moment)
        for stage in (each for each in stages if each != "over"):
            assert moment >= end - STAGES[stage]
            heard.append((end, stage))
        latest = warnings.stage_at(end, moment)
        assert latest is None or any(e == end and ORDER.index(s) >= ORDER.index(latest) for e, s in heard)
    assert len(heard) == len(set(heard))


@pytest.mark.parametrize("stage", STAGES)
def test_whether_a_login_is_over_at_its_computed_end_the_network_is_asked(stage: str) -> None:
    """ZM-14, CT-32: at the end itself, not before; nothing is claimed of it meanwhile."""
    decision = due(kept(token_expires_at=END), when(END - STAGES[stage]))
    assert [type(each.effect) for each in decision.effects] == ([ProbeAccount] if stage == "expired" else [])


@pytest.mark.parametrize(("login", "cause"), [(Login.INSTAGRAM, "ends_refresh"), (Login.FACEBOOK, "ends_token")])
def test_a_token_that_is_exchanged_every_week_ends_only_where_that_fails(login: Login, cause: str) -> None:
    """CT-32: whoever reads the warning learns that the bridge has tried in vain."""
    found = kept(token_expires_at=END)
    decision = due(replace(found, account=replace(found.account, login=login)), when(END - DAY))
    assert [alert.values["cause"] for alert in decision.alerts if isinstance(alert, AlertDue)] == [cause]
