"""The week of an account, hour by hour: what was watched, and in which hours something came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.model.state import Platform
from bridge.rules.accounts.silence import slot_of
from bridge.store import rhythm, schema
from tests.store.factories import House
from tests.store.test_accounts import connect

PAGE, OTHER = (Platform.MESSENGER, "1001"), (Platform.MESSENGER, "no-such")
MONDAY = datetime(2027, 1, 4, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def week(home: House) -> dict[int, tuple[int, int]]:
    """By slot: watched, heard."""
    return {row.slot: (row.hours, row.heard) for row in home.all(schema.rhythm)}


def told(home: House) -> tuple[Platform, str]:
    """The account of all tests, as the network knows it."""
    account = connect(home).account
    return account.platform, account.remote_id


def test_something_that_comes_counts_once_for_its_hour(home: House) -> None:
    """CT-33: whatever comes, and however often; another app's account is nobody's."""
    mine = told(home)
    for minutes in (0, 1, 49, 50, 51):
        with home.open() as tx:
            assert rhythm.heard(tx.connection, {mine, OTHER}, MONDAY + minutes * timedelta(minutes=1)) == []
    slot = slot_of(MONDAY)
    assert week(home) == {slot: (0, 1), slot + 1: (0, 1)}
    (row,) = home.all(schema.account)
    assert row.heard_at == MONDAY + timedelta(minutes=51)


def test_an_hour_is_watched_when_the_bridge_was_there_from_end_to_end(home: House) -> None:
    """CT-33: not the one in which it started, none that it slept through, and each once, also by two processes."""
    told(home)
    moments = [0, 0.5, 1, 1.2, 1.3, 2, 5, 5.5, 6]
    for hours in moments:
        for _ in range(2):
            with home.open() as tx:
                rhythm.watched(tx.connection, MONDAY + hours * HOUR)
    slot = slot_of(MONDAY)
    assert week(home) == {slot: (1, 0), slot + 1: (1, 0), slot + 5: (1, 0)}


def test_a_clock_that_goes_back_watches_nothing_twice(home: House) -> None:
    """CT-33: it begins anew."""
    told(home)
    for hours in (0, 1, -30, -29.5, -29):
        with home.open() as tx:
            rhythm.watched(tx.connection, MONDAY + hours * HOUR)
    assert week(home) == {slot_of(MONDAY): (1, 0), slot_of(MONDAY - 30 * HOUR): (1, 0)}


def test_quiet_are_those_that_could_hear_and_of_which_nobody_was_told(home: House) -> None:
    """CT-33: with their weeks."""
    mine = told(home)
    with home.open() as tx:
        rhythm.heard(tx.connection, {mine}, MONDAY)
    with home.open() as tx:
        assert rhythm.quiet(tx.connection, MONDAY + 2 * HOUR) == []
        ((kept, learnt),) = rhythm.quiet(tx.connection, MONDAY + 3 * HOUR)
        assert (kept.dates.heard_at, learnt) == (MONDAY, {slot_of(MONDAY): (0, 1)})
