"""Whether the service is alive, able to take traffic, and how it is doing: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bridge.meta.heard import Heard
from bridge.model.errors import StoreUnavailable
from bridge.model.facts import DeliveriesMissed
from bridge.model.word import Word
from bridge.ports import Clock
from bridge.rules.customers import history
from bridge.store import alerts, health, rhythm
from bridge.store.listings import Figures, queue_figures
from bridge.store.migrations import REVISION
from bridge.store.store import SqlStore
from bridge.store.transaction import Tx
from bridge.telemetry import Metrics, Queues

BEAT_EVERY: Final = timedelta(seconds=5)
"""Steady time between two signs of life in the database: they tell how far it has come, too."""
DEAF_AFTER: Final = timedelta(seconds=20)
"""Nobody took deliveries in for longer than this: the network may have given up telling some."""
UNREACHED_AFTER: Final = 30.0
"""Seconds (real time) without a socket to Slack, where it reaches us by sockets, after which we are not ready."""
STUCK_AFTER = 60.0
"""Seconds (real time) after which a loop that began nothing new counts as stuck."""
ANSWER_WITHIN = 5.0
LEAST_BYTES = 64 * 1024 * 1024
"""With less room than this nothing more is promised to be kept."""
EARLY_SHARE = 0.10
"""With less room than this share of the disk it is time to make some."""

log = structlog.get_logger("bridge")


@dataclass(kw_only=True)
class Readiness:
    """What keeps the service from taking traffic (problems), and what soon may (warnings). No words, no secrets."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Seen(Word, kw_only=True):
    """What the database says, all from one moment."""

    revision: str | None
    held_desks: int
    worker: datetime | None


class Room(Protocol):
    """What is left on a disk, in bytes."""

    @property
    def free(self) -> int:
        """Not used yet."""
        ...

    @property
    def total(self) -> int:
        """All there is."""
        ...


class Vitals:
    """One process's signs of life.

    role: ``all``, ``web`` or ``worker``. folder: where the database's file stands, None where it is elsewhere.
    room: says how much is left there.
    unreached: for how many seconds no socket to Slack was open; None: it reaches us otherwise, or not this process.
    """

    def __init__(
        self,
        *,
        store: SqlStore,
        clock: Clock,
        metrics: Metrics,
        role: str,
        folder: Path | None,
        room: Callable[[Path], Room] = shutil.disk_usage,
        unreached: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._role = role
        self._folder = folder
        self._room = room
        self.unreached = unreached
        self.accounts = Heard()
        self._writable = True
        self._heard: datetime | None = None
        self.process = f"{socket.gethostname()}:{os.getpid()}"

    def add_health(self, router: web.UrlDispatcher) -> None:
        """Serve `/healthz` and `/readyz`."""
        router.add_get("/healthz", self.alive)
        router.add_get("/readyz", self.ready)

    def add_metrics(self, router: web.UrlDispatcher) -> None:
        """Serve `/metrics`."""
        router.add_get("/metrics", self.figures)

    async def alive(self, _request: web.Request) -> web.Response:
        """200 while this process answers at all."""
        return web.json_response({"ok": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when what comes in can be kept and will be worked on, else 503 and why."""
        found = await self.readiness()
        body = {"ok": not found.problems, "problems": found.problems, "warnings": found.warnings}
        return web.json_response(body, status=503 if found.problems else 200)

    async def figures(self, _request: web.Request) -> web.Response:
        """Prometheus text; without a database only what this process itself counted."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self._store.reading() as connection:
                self._metrics.queues(self._shown(await connection.run_sync(queue_figures)))
            self._metrics.database(up=self._writable)
        except (StoreUnavailable, SQLAlchemyError, TimeoutError):
            self._metrics.database(up=False)
        if self._folder is not None:
            usage = self._room(self._folder)
            self._metrics.disk(free=usage.free, total=usage.total)
        text = await asyncio.to_thread(generate_latest, self._metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def readiness(self) -> Readiness:
        """Look at everything that taking traffic needs."""
        found = Readiness()
        try:
            async with asyncio.timeout(ANSWER_WITHIN), self._store.reading() as connection:
                self._judge(found, await connection.run_sync(_seen))
        except (StoreUnavailable, SQLAlchemyError, TimeoutError):
            found.problems.append("the database does not answer")
        if not self._writable:
            found.problems.append("the database takes nothing in: the log says why")
        if self._role != "web" and self._metrics.silent() > STUCK_AFTER:
            found.problems.append("a loop of this process is stuck")
        if self.unreached is not None and self.unreached() > UNREACHED_AFTER:
            found.problems.append("no socket to Slack is open: `threadbridge check` tells more")
        self._judge_disk(found)
        return found

    async def beat(self) -> None:
        """Leave a sign of life in the database again and again, for ever; the last one is taken away at the end."""
        try:
            due = self._clock.steady()
            while True:
                steady = self._clock.steady()
                if steady >= due and (self._role == "web" or self._metrics.silent() <= STUCK_AFTER):
                    due = steady + BEAT_EVERY
                    await self._leave_sign()
                await asyncio.sleep(1.0)
        finally:
            await asyncio.shield(self._say_goodbye())

    async def _leave_sign(self) -> None:
        try:
            await self._store.write(self._beat)
            self._writable, self._heard = True, datetime.now(UTC)
        except StoreUnavailable as error:
            self._writable = False
            log.error("vitals.no_database", why=str(error))  # noqa: TRY400 - one line says all

    def _beat(self, tx: Tx) -> None:
        health.beat(tx.connection, self.process, self._role, datetime.now(UTC))
        health.tell_steady(tx.connection, self._clock.steady())
        if self._role != "worker":
            self._listen(tx, datetime.now(UTC))
            self._note_heard(tx)

    def _note_heard(self, tx: Tx) -> None:
        """Write down of which accounts something came since the last sign; one that fails costs a few seconds of that."""
        over = rhythm.heard(tx.connection, self.accounts.take(), self._clock.now())
        if over:
            tx.facts.keep([alerts.to_item(alert, tx.new_id()) for alert in over], self._clock.steady())

    def _listen(self, tx: Tx, real: datetime) -> None:
        """Say that deliveries are taken in; where they were not for a while, what was told meanwhile must be read.

        While this process lives the gap is measured in real time: a clock that is moved has missed nothing.
        """
        now = self._clock.now()
        before = health.tell_hearing(tx.connection, now)
        absent = self._heard is None or real - self._heard > DEAF_AFTER
        if absent and before is not None and now - before > DEAF_AFTER:
            tx.facts.keep([history.to_item(DeliveriesMissed(at=now, since=before), tx.new_id())], self._clock.steady())

    async def _say_goodbye(self) -> None:
        try:
            await self._store.write(self._goodbye)
        except StoreUnavailable as error:
            log.warning("vitals.no_database", why=str(error))

    def _goodbye(self, tx: Tx) -> None:
        health.leave(tx.connection, self.process)
        if self._role != "worker" and self._heard is not None:
            self._listen(tx, datetime.now(UTC))

    def _judge(self, found: Readiness, seen: Seen) -> None:
        if seen.revision != REVISION:
            found.problems.append(f"the database is of another version ({seen.revision}): run `threadbridge migrate`")
        if seen.held_desks:
            found.problems.append("Slack does not accept our token: `threadbridge check` tells more")
        if self._role == "web" and (seen.worker is None or datetime.now(UTC) - seen.worker > health.DEAD_AFTER):
            found.problems.append("no worker is alive: start one with `threadbridge run --role worker`")

    def _judge_disk(self, found: Readiness) -> None:
        if self._folder is None:
            return
        usage = self._room(self._folder)
        if usage.free < LEAST_BYTES:
            found.problems.append("the disk is full")
        elif usage.free < usage.total * EARLY_SHARE:
            found.warnings.append(f"{usage.free * 100 // usage.total} % of the disk is free")

    def _shown(self, figures: Figures) -> Queues:
        steady = self._clock.steady()

        def age(oldest: datetime | None) -> float:
            return 0.0 if oldest is None else max((steady - oldest).total_seconds(), 0.0)

        return Queues(
            inbox=figures.inbox,
            outbox=figures.outbox,
            inbox_age=age(figures.inbox_oldest),
            outbox_age=age(figures.outbox_oldest),
            held=sum(figures.holds.values()),
        )


def timed(metrics: Metrics, source: str, handler: Handler) -> Handler:
    """The handler of a webhook, measured. Not a middleware: those cost every request some calls more."""

    async def measured(request: web.Request) -> web.StreamResponse:
        began, status = time.monotonic(), 500
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            metrics.acked(source, status, time.monotonic() - began)
        return answer

    return measured


def _seen(conn: Connection) -> Seen:
    return Seen(
        revision=health.revision(conn),
        held_desks=len(health.held_desks(conn)),
        worker=health.last_beat(conn, "all", "worker"),
    )
