"""A silence that chance alone would hardly bring: learnt by the hour of the week, and never hasty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.model.change import replace
from bridge.model.facts import AlertDue
from bridge.model.state import Health
from bridge.model.upkeep import UNTOLD, Dates, Kept, ProbeAccount, Probed
from bridge.rules.accounts import minding
from bridge.rules.accounts.silence import UNLIKELY, WEEK, chance, is_odd, slot_of, wondered
from tests.core.factories import DAY, HOUR, MINUTE, account, at, found

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
BUSY = dict.fromkeys(range(WEEK), (3, 3))
"""Every hour for three weeks something came."""
OFFICE = {slot: (8, 8 if 9 <= slot % 24 < 17 and slot < 120 else 0) for slot in range(WEEK)}
"""For eight weeks, from nine to five on working days alone."""
SPARSE = dict.fromkeys(range(WEEK), (8, 1))


def silent(since: datetime) -> Kept:
    """An account of which the last was heard then."""
    return Kept(account=account(), dates=Dates(heard_at=since))


def test_slots_are_the_hours_of_the_week_in_utc() -> None:
    """F15: whatever zone anybody is in."""
    assert [slot_of(MONDAY + hours * HOUR) for hours in (0, 25, 167, 168)] == [0, 25, 167, 0]


@pytest.mark.parametrize(
    ("week", "since", "hours", "odd"),
    [
        (BUSY, MONDAY, 3, False),  # two whole hours: one in sixteen
        (BUSY, MONDAY, 5, True),  # four: less than one in a hundred
        (OFFICE, MONDAY + 17 * HOUR, 15, False),  # a night
        (OFFICE, MONDAY + 4 * DAY + 16 * HOUR, 64, False),  # a weekend
        (OFFICE, MONDAY + 4 * DAY + 16 * HOUR, 65 + 3, True),  # and the Monday after it
        (SPARSE, MONDAY, 24, False),
        (SPARSE, MONDAY, 48, True),
        ({}, MONDAY, 2000, False),
        (dict.fromkeys(range(WEEK), (2, 2)), MONDAY, 100, False),  # two weeks were watched
    ],
)
def test_a_silence_is_odd_when_chance_would_hardly_bring_it(
    week: dict[int, tuple[int, int]], since: datetime, hours: int, odd: bool
) -> None:
    """CT-31, CT-33: less than one in a hundred, after three weeks, for three hours at least."""
    assert is_odd(silent(since), week, since + hours * HOUR) is odd


def test_the_chance_only_falls_with_time() -> None:
    """Longer is never likelier."""
    chances = [chance(OFFICE, MONDAY, MONDAY + minutes * MINUTE) for minutes in range(0, 24 * 60, 7)]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= each <= 1 for each in chances)
    assert chances[-1] < UNLIKELY


def test_whoever_was_never_heard_or_is_heard_in_the_future_is_not_silent() -> None:
    """A clock that has gone back alarms nobody."""
    assert not is_odd(Kept(account=account(), dates=Dates()), BUSY, MONDAY)
    assert not is_odd(silent(MONDAY + 400 * DAY), BUSY, MONDAY)


def test_the_network_is_asked_before_anybody_is_alarmed() -> None:
    """CT-33: one cheap probe; what it finds wrong is told instead, and what it does not tell alarms nobody."""
    now = at().moment.now
    since = now - timedelta(days=2)
    (effect,) = found(wondered(silent(since), BUSY, at()), ProbeAccount)
    assert effect.silent_since == since
    well = minding.ended(account(), effect, Probed(), at(), 0)
    (alert,) = (each for each in well.alerts if isinstance(each, AlertDue))
    assert (alert.kind, alert.key, alert.values["heard"]) == ("silence", "silence:5", int(since.timestamp()))
    dead = minding.ended(account(), effect, Probed(cause="reauth.password_changed"), at(), 0)
    assert [each.kind for each in dead.alerts if isinstance(each, AlertDue)] == ["reauth"]
    assert minding.ended(account(), effect, Probed(cause=UNTOLD), at(), 0).alerts == ()
    held = replace(account(), health=Health.RESTRICTED, cause="policy")
    assert all(each.key != "silence:5" for each in minding.ended(held, effect, Probed(), at(), 0).alerts)
    usual = replace(effect, silent_since=None)
    assert minding.ended(account(), usual, Probed(), at(), 0).alerts == ()
