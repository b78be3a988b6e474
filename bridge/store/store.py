"""The store: durable memory behind `bridge.ports.Store`, on SQLite or PostgreSQL.

Rule: works take turns, over all processes: in SQLite by themselves, in PostgreSQL by a lock. Each looks at many
      conversations, rows and targets; side by side they would wait for one another in circles. Keeping waits for no turn.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.lanes import TICKETS
from bridge.model.decision import Moment
from bridge.model.errors import StoreUnavailable
from bridge.model.outcomes import RawItem
from bridge.model.pace import Pace
from bridge.ports import Clock, Store
from bridge.store import migrations, schema, targets
from bridge.store.bell import Bell, Line
from bridge.store.engine import is_sqlite, parse, read_engine, told_plainly, write_engine
from bridge.store.ids import Ids
from bridge.store.transaction import Tx
from bridge.store.writer import Answer, Job, Jobs, Writer

SHARE = 256
"""Jobs in one commit, at most."""
KEEP_SECONDS = 10.0
"""Until keeping is given up. Whoever told us has long given up by then, and tells us again."""
TURN = sa.text("SELECT pg_advisory_xact_lock(8070510)")
"""Held from a work's begin to its commit, or to the end of its process."""
CHECKPOINT_SECONDS = 30.0
CHECKPOINT_MS = 100
"""How long one try to empty SQLite's log waits for readers; nobody can write meanwhile."""
CHECKPOINT_PAUSE = 0.4
"""Seconds between two tries. SQLite has those who want to write look again every 0.1 s: without it they starve."""

ALIVE_SECONDS = 15.0

T = TypeVar("T")


async def open_store(url: str, *, clock: Clock, pace: Pace | None = None) -> SqlStore:
    """Open a database that is up to date. StoreUnavailable, WrongSchema or UnusableSetting if that cannot be.

    pace: of targets that are seen for the first time; `SqlStore.repace` gives it to the others.
    """
    address = parse(url)
    with told_plainly():
        await asyncio.to_thread(migrations.require_current, url)
    store = SqlStore(address, clock=clock, pace=pace or Pace())
    await store.shown_alive()
    return store


class SqlStore(Store):
    """Writers in threads, readers on the event loop that opened it. Close it when done."""

    def __init__(self, url: URL, *, clock: Clock, pace: Pace) -> None:
        self._url = url
        self._clock = clock
        self._pace = pace
        self._ids = Ids()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._bell = Bell(self._loop)
        self._line = None if is_sqlite(url) else Line(url, self._bell.ring)
        self._readers = read_engine(url)
        self._engine = write_engine(url)
        self._works: Jobs = Jobs()
        self._keeps: Jobs = self._works if is_sqlite(url) else Jobs()
        self._brought: list[tuple[Jobs, Job]] = []
        self._writers = [Writer(self._engine, self._works, self._begin_turn, self._done, share=SHARE)]
        if self._keeps is not self._works:
            self._writers.append(Writer(self._engine, self._keeps, self._begin, self._done, share=SHARE))
        for writer in self._writers:
            writer.start()
        if self._line:
            self._line.start()

    async def shown_alive(self) -> None:
        """Wait until other processes can see that this one lives: before that it must take nothing in hand."""
        if self._line and not await asyncio.to_thread(self._line.alive.wait, ALIVE_SECONDS):
            await self.close()
            raise StoreUnavailable("the database cannot be used: it gives no second connection")

    @property
    def alone(self) -> bool:
        """On SQLite there is one service (`engine.claim_service`)."""
        return is_sqlite(self._url)

    @property
    def commits(self) -> int:
        """How many transactions were committed so far."""
        return sum(writer.commits for writer in self._writers)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction; return after the commit, which others may share.

        *work* may be run again when its transaction fails, so it must do nothing else. StoreUnavailable: it is not
        known to be committed.
        """
        answer = self._loop.create_future()
        self._put(self._works, Job(answer=answer, work=work))
        result: T = await answer
        return result

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items in the inbox; return after the commit, which others may share.

        StoreUnavailable: they are not known to be kept, at the latest after KEEP_SECONDS.
        """
        answer = self._loop.create_future()
        self._put(self._keeps, Job(answer=answer, items=items))
        kept: int = await answer
        return kept

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call *wake* (from the event loop) when rows may have become due, here or in another process."""
        self._bell.add(wake)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for questions, all answered from one moment; it cannot write."""
        with told_plainly():
            async with self._readers.connect() as connection:
                yield connection

    async def repace(self) -> int:
        """Give the pace to the targets that are known already, and tickets that wait their next try; say how many changed their pace."""

        def work(tx: Tx) -> int:
            # Another mail server may be set than the one that did not take them.
            targets.hurry(tx.connection, schema.target.c.id.startswith(TICKETS))
            return targets.repace(tx.connection, self._pace, self._clock.steady())

        return await self.write(work)

    async def checkpoint(self, seconds: float = CHECKPOINT_SECONDS) -> None:
        """Bring everything from SQLite's log into its file and empty the log, so that what was erased is gone.

        Repeated until nobody's reading is in the way; StoreUnavailable if that takes longer than *seconds*. Others
        write meanwhile.
        """
        if not is_sqlite(self._url):
            return
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if await asyncio.to_thread(self._try_checkpoint):
                        return
                    await asyncio.sleep(CHECKPOINT_PAUSE)
        except TimeoutError:
            raise StoreUnavailable("the database's log could not be emptied: it is being read all the time") from None

    async def close(self) -> None:
        """Answer what waits, then end the threads and connections."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        self._works.put(None)
        if self._keeps is not self._works:
            self._keeps.put(None)
        await asyncio.to_thread(self._join)
        await self._readers.dispose()

    def _join(self) -> None:
        for writer in self._writers:
            writer.join()
        self._engine.dispose()
        if self._line:
            self._line.close()

    def _put(self, jobs: Jobs, job: Job) -> None:
        if self._closed:
            raise StoreUnavailable("the database is closed: the service is ending")
        if not self._brought:
            self._loop.call_soon(self._hand_over)
        self._brought.append((jobs, job))

    def _hand_over(self) -> None:
        # What one turn of the loop brings shares a commit: a writer that is woken by the first would take it alone.
        brought, self._brought = self._brought, []
        for jobs, job in brought:
            jobs.put(job)
        # One timer for them all: one for each would cost the loop more than all else that keeping costs it.
        if keeping := [job.answer for _, job in brought if job.work is None]:
            self._loop.call_later(KEEP_SECONDS, _give_up, keeping)

    def _begin_turn(self, conn: Connection) -> Tx:
        if not is_sqlite(self._url):
            conn.execute(TURN)
        return self._begin(conn)

    def _begin(self, conn: Connection) -> Tx:
        times = Moment(now=self._clock.now(), steady=self._clock.steady())
        return Tx(conn, times=times, pace=self._pace, ids=self._ids, worker=self._line.worker if self._line else None)

    def _done(self, answers: Sequence[Answer], *, stirred: bool) -> None:
        """From a writer's thread, after the commit."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(_give, answers)
        if stirred:
            self._bell.ring()
            if self._line:
                self._line.ring()

    def _try_checkpoint(self) -> bool:
        with told_plainly(), self._engine.connect() as connection:
            cursor = connection.connection.cursor()
            # Copied first, which is in nobody's way: as long as a reader needs what is in the log, no writer is stopped.
            _, logged, copied = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone() or (1, 0, 0)
            if copied < logged:
                return False
            (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone() or (0,)
            cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MS}")
            try:
                busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() or (1, 0, 0)
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")
        return bool(busy == 0)


def _give(answers: Sequence[Answer]) -> None:
    for answer in answers:
        answer.give()


def _give_up(answers: Sequence[asyncio.Future[int]]) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(StoreUnavailable("the database cannot be used: it takes too long"))
