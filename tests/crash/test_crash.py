"""Killed at random instants under load in both directions: nothing is lost, nothing is doubled unmarked, order is kept."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.load import Load
from tests.crash.service import Process
from tests.journeys.world import World

RETRIES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.5, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0)
"""Both sides come again often, so that what was not acknowledged is delivered in the end."""


@pytest.mark.timeout(240)
async def test_killed_ten_times_under_load_nothing_is_lost(database_url: str, tmp_path: Path) -> None:
    """Promises 1, 2 and 3; M-24, M-32."""
    await play(database_url, tmp_path, kills=10, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
async def test_killed_fifty_times_under_load_nothing_is_lost(database_url: str, tmp_path: Path, seed: int) -> None:
    """Promises 1, 2 and 3, for long."""
    await play(database_url, tmp_path, kills=50, seed=seed)


async def play(database_url: str, folder: Path, *, kills: int, seed: int) -> None:
    """Load, kill, start again; then let everything settle and account for every message."""
    chance = random.Random(seed)
    async with World.open(database_url, start=False) as world:
        service = Process(world.config, folder)
        world.slack.request_url = f"{service.url}/slack/events"
        world.meta.webhook_url = f"{service.url}/meta/webhook"
        world.slack.deliveries.retry_delays = RETRIES
        world.meta.deliveries.retry_seconds = RETRIES
        await service.start()
        load = Load(world, chance)
        running = asyncio.create_task(load.run())
        try:
            for _ in range(kills):
                await world.slack.world.changed(chance.uniform(0.1, 0.6))
                await asyncio.wait({running}, timeout=chance.uniform(0.2, 1.2))
                await service.kill()
                await service.start()
            load.stop()
            await running
            await settled(world)
            load.check()
        except BaseException:
            print(service.said(), *world.rows(UNSENT), sep="\n")
            raise
        finally:
            running.cancel()
            await service.kill()


async def settled(world: World) -> None:
    """Let both sides come again, and what is unsure be asked about; the clock moves, so that nobody waits for it."""
    await world.slack.settle()
    await world.meta.settle()
    for _ in range(8):
        world.clock.move(timedelta(seconds=15))
        await quiet(world)


async def quiet(world: World) -> None:
    """Wait until nothing is left to do, asking seldom: both sides are served by this process."""
    async with asyncio.timeout(60):
        while world.rows(LEFT)[0][0]:
            await asyncio.wait({asyncio.create_task(world.slack.world.changed(0.3))})
    await world.slack.settle()
    await world.meta.settle()


LEFT = """SELECT (SELECT count(*) FROM outbox WHERE state IN ('ready', 'working'))
              + (SELECT count(*) FROM inbox WHERE state IN ('ready', 'free'))"""
UNSENT = """SELECT m.text, m.at, m.ref, m.state, m.sign, m.queued_at, o.id, o.state, o.reason, o.lease, o.not_before, o.unsure_since
            FROM message m LEFT JOIN outbox o ON o.message = m.id WHERE m.state <> 'sent'"""
