"""The demo's clock."""

import asyncio
import time

import aiohttp
import pytest
from aiohttp import web

from bridge.demo.clock import DemoClock


def test_it_ticks_with_real_time_and_moves_forward() -> None:
    clock = DemoClock()
    before = time.time()
    clock.move(3600)
    assert before + 3600 <= clock.time() <= time.time() + 3600


def test_it_never_goes_back() -> None:
    clock = DemoClock()
    with pytest.raises(ValueError, match="forward only"):
        clock.move(-1)
    clock.set(clock.time() - 100)
    assert clock.offset == 0


def test_every_move_is_told() -> None:
    moves: list[float] = []
    clock = DemoClock(lambda: moves.append(clock.offset))
    clock.move(60)
    clock.set(clock.time() + 60)
    assert moves == pytest.approx([60, 120], abs=0.5)


async def test_a_journey_stops_until_the_time_was_asked_for_twice() -> None:
    clock = DemoClock()
    app = web.Application()
    app.router.add_get("/clock", clock.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/clock"
    start, seen = clock.time(), list[float]()

    async def ask() -> None:
        async with aiohttp.ClientSession() as http:
            while not seen or seen[-1] < start + 7200:
                async with http.get(url) as answer:
                    seen.append(float(await answer.text()))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await clock.travel(7200, [start + 60, start + 3600, start + 9000])
    await runner.cleanup()
    hops = {round((each - start) / 60) for each in seen}
    assert hops - {0} == {1, 60, 120}
