"""The steady clock goes on where a former process had it, and never back."""

from datetime import timedelta

from bridge.clock import SystemClock

DAY = timedelta(days=1)


def test_the_steady_clock_goes_on_from_where_it_had_come_and_never_back() -> None:
    clock = SystemClock()
    ahead = clock.steady() + DAY
    clock.catch_up(ahead)
    assert ahead <= clock.steady() < ahead + timedelta(minutes=1)
    assert clock.now() < ahead
    clock.catch_up(ahead - DAY / 2)
    assert clock.steady() >= ahead
