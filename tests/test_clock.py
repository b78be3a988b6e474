"""The steady clock goes on where a former process had it, and never back; one that is moved forward says so."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp

from bridge.clock import RemoteClock, SystemClock
from tests.clock import MovableClock
from tests.journeys.served import ServedClock

DAY = timedelta(days=1)


def test_the_steady_clock_goes_on_from_where_it_had_come_and_never_back() -> None:
    clock = SystemClock()
    ahead = clock.steady() + DAY
    clock.catch_up(ahead)
    assert ahead <= clock.steady() < ahead + timedelta(minutes=1)
    assert clock.now() < ahead
    clock.catch_up(ahead - DAY / 2)
    assert clock.steady() >= ahead


async def test_whoever_follows_a_clock_hears_that_it_was_moved_forward_and_of_nothing_else() -> None:
    """Both clocks are there already when it is told; one that goes back does not leap."""
    moved = MovableClock(frozen=True)
    served, heard = ServedClock(clock=moved), asyncio.Queue[timedelta]()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        url = await served.serve(stack)
        clock = await RemoteClock.open(url, http)
        before = clock.steady()
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        following = tasks.create_task(clock.follow(lambda: heard.put_nowait(clock.steady() - before)))
        for by in (DAY, -2 * DAY, 3 * DAY):
            moved.move(by)
            async with asyncio.timeout(30):
                while clock.now() != moved.now():
                    await http.head(url)
            assert heard.qsize() == (by > timedelta())
            while not heard.empty():
                assert heard.get_nowait() >= DAY
        following.cancel()
