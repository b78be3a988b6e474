"""What a look at all that may be due costs where nothing is: many open conversations, and one tick after another."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import Connection, Engine

from bench import database
from bench.database import Database
from bench.report import Measure
from bridge.clock import SystemClock
from bridge.model.decision import Rules
from bridge.slack.refs import REFS
from bridge.store import schema
from bridge.store.alerts import OwnFacts
from bridge.store.engine import parse, write_engine
from bridge.store.store import open_store
from bridge.telemetry import Metrics
from bridge.workers.base import Tools
from bridge.workers.tick import Ticker

OPEN = 100_000
FIRST = 2_000_000
"""Their ids begin here, above all others of the benchmark's."""
TICKS = 20
MOST_MS = 50
"""A tick should cost no more when nothing is due."""
NOBODY: Any = None
"""Whom a tick never asks."""

Asked = list[tuple[str, Any]]


class Hours(SystemClock):
    """A clock that can be set on, so that what is looked at only now and then is due again."""

    def __init__(self) -> None:
        super().__init__()
        self._on = timedelta()

    def steady(self) -> Any:
        """The time since the start, and what was added to it."""
        return super().steady() + self._on

    def set_on(self, by: timedelta) -> None:
        """So much later at once."""
        self._on += by


async def ticks(on: Database, runs: int) -> list[Measure]:
    """How long one takes; the usual one, every half second, and the fullest, which looks at everything there is."""
    await asyncio.to_thread(on.run, _open)
    if on.name == "postgres":
        await asyncio.to_thread(on.run, lambda conn: conn.exec_driver_sql("ANALYZE"))
    try:
        async with _ticking(on) as (ticker, clock):
            await ticker.once()  # for warming up, and for what a start owes
            usual, usual_bare = await _measured(on, ticker, clock, runs, on_by=timedelta())
            full, full_bare = await _measured(on, ticker, clock, runs, on_by=timedelta(days=1))
    finally:
        await asyncio.to_thread(on.run, _closed)
    return [
        _measure(f"tick, {OPEN:,} open, nothing due", on, usual, usual_bare),
        _measure("  the fullest tick", on, full, full_bare),
    ]


def _measure(name: str, on: Database, took: Sequence[float], bare: Sequence[float]) -> Measure:
    times = statistics.median(took) / statistics.median(bare)
    note = f"{times:.1f} times its own questions put by a bare connection ({statistics.median(bare):.1f} ms)"
    return Measure(name=name, database=on.name, rows=on.rows, unit="ms", runs=tuple(took), most=MOST_MS, note=note)


async def _measured(
    on: Database, ticker: Ticker, clock: Hours, runs: int, *, on_by: timedelta
) -> tuple[list[float], list[float]]:
    """Milliseconds of a tick, and of its questions alone."""
    own, bare = list[float](), list[float]()
    for _ in range(runs):
        clock.set_on(on_by)
        with _noted() as asked:
            await ticker.once()
        bare.append(await asyncio.to_thread(_put_again, on, asked))
        took = list[float]()
        for _ in range(TICKS):
            clock.set_on(on_by)
            began = time.perf_counter()
            await ticker.once()
            took.append(1000 * (time.perf_counter() - began))
        own.append(statistics.median(took))
    return own, bare


@asynccontextmanager
async def _ticking(on: Database) -> AsyncIterator[tuple[Ticker, Hours]]:
    """The loop that looks, on a store of its own."""
    clock = Hours()
    store = await open_store(on.url, clock=clock)
    tools = Tools(
        store=store, clock=clock, given=Rules(), desk=NOBODY, outside=NOBODY, network=NOBODY, media=NOBODY,
        parsers={"slack": OwnFacts(), "bridge": OwnFacts()}, refs=REFS,
        desk_source="slack", told=Metrics(CollectorRegistry()),
    )  # fmt: skip
    try:
        yield Ticker(tools), clock
    finally:
        await store.close()


@contextmanager
def _noted() -> Iterator[Asked]:
    """Every question that is put meanwhile, as the driver gets it."""
    asked: Asked = []

    def note(_conn: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


def _put_again(on: Database, asked: Asked) -> float:
    """Milliseconds that these take with nothing but the driver, on one connection, the middle of several tries."""
    engine = write_engine(parse(on.url))
    took = list[float]()
    with engine.connect() as conn:
        cursor = conn.connection.cursor()
        for _ in range(TICKS):
            began = time.perf_counter()
            for statement, parameters in asked:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            took.append(1000 * (time.perf_counter() - began))
        conn.rollback()
    engine.dispose()
    return statistics.median(took)


def _open(conn: Connection) -> None:
    """So many customers wait, and nothing closes before the day after tomorrow."""
    for start in range(FIRST, FIRST + OPEN, 10_000):
        database.converse(conn, start, 10_000)
    due = schema.conversation.c.told_until
    conn.execute(
        sa.update(schema.conversation).where(schema.conversation.c.id >= FIRST).values(alert_at=due, told_until=due)
    )


def _closed(conn: Connection) -> None:
    """They are gone again."""
    for table in (schema.conversation, schema.customer, schema.thread):
        conn.execute(sa.delete(table).where(table.c.id >= FIRST))
