"""Threads that run transactions: all that wait share one, and each is answered after the commit.

Rule 1: a work is a plain function of its transaction; it may be run again when its batch fails, so it does nothing else.
Rule 2: nobody is answered before the commit.
Rule 3: one bad work spoils no neighbour: what fails together is run again with a savepoint each.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bridge.model.errors import StoreUnavailable
from bridge.model.outcomes import RawItem
from bridge.store.engine import is_conflict, is_unavailable, unavailable
from bridge.store.fresh import watch
from bridge.store.transaction import Tx

TRIES = 6
"""Of a batch that meets others; each try waits for nobody, the database has sorted out who goes first."""

T = TypeVar("T")
Work = Callable[[Tx], Any]


@dataclass(kw_only=True, slots=True)  # not frozen, which would cost as much again as all that is done with it
class Job:
    """Somebody waits for this: a work, or items to keep."""

    answer: asyncio.Future[Any]
    work: Work | None = None
    items: Sequence[RawItem] = ()


@dataclass(kw_only=True, slots=True)
class Answer:
    """What becomes of a job."""

    job: Job
    result: Any = None
    error: BaseException | None = None

    def give(self) -> None:
        """On the event loop."""
        if self.job.answer.done():
            return
        if self.error is None:
            self.job.answer.set_result(self.result)
        else:
            self.job.answer.set_exception(self.error)


class Done(Protocol):
    """Called in the writer's thread after each commit, or after it failed."""

    def __call__(self, answers: Sequence[Answer], *, stirred: bool) -> None:
        """Give *answers*; *stirred*: rows may have become due."""
        ...


Jobs = SimpleQueue[Job | None]
"""What waits; None: close."""


class Writer(threading.Thread):
    """Takes up to *share* jobs at a time and commits them together. *commits* counts what it committed."""

    def __init__(
        self,
        engine: Engine,
        jobs: Jobs,
        begin: Callable[[Connection], Tx],
        done: Done,
        *,
        share: int,
    ) -> None:
        super().__init__(name="threadbridge-writer", daemon=True)
        self.commits = 0
        self._engine = engine
        self._jobs = jobs
        self._begin = begin
        self._done = done
        self._share = share
        self._conn: Connection | None = None
        self._stirred = False
        self._committing = False

    def run(self) -> None:
        """Until None comes; then everything that came before it has been answered."""
        while batch := self._gather():
            self._stirred = False
            answers = self._answer(batch)
            self._done(answers, stirred=self._stirred)
        self._leave()

    def _gather(self) -> list[Job]:
        batch: list[Job] = []
        with contextlib.suppress(Empty):
            while len(batch) < self._share:
                job = self._jobs.get_nowait() if batch else self._jobs.get()
                if job is None:
                    self._jobs.put(None)  # for the next round, or for the other writers
                    break
                batch.append(job)
        return batch

    def _answer(self, batch: Sequence[Job]) -> list[Answer]:
        apart = False
        for _ in range(TRIES):
            self._committing = False
            try:
                return self._commit(batch, apart=apart)
            except DBAPIError as error:
                self._leave()
                if is_conflict(error) or (error.connection_invalidated and not self._committing):
                    continue  # nothing was committed; a connection may have died while it was idle
                if is_unavailable(error) or self._committing:
                    return _all(batch, unavailable(error))
                if len(batch) == 1:
                    return _all(batch, error)
                apart = True
            except Exception as error:  # noqa: BLE001 - whoever waits for the answer raises it
                self._leave(for_good=True)
                if len(batch) == 1:
                    return _all(batch, error)
                apart = True
        return _all(batch, StoreUnavailable("the database cannot be used: others were always in the way"))

    def _commit(self, batch: Sequence[Job], *, apart: bool) -> list[Answer]:
        if self._conn is None:
            self._conn = self._engine.connect()
            watch(self._conn)
        transaction = self._conn.begin()
        tx = self._begin(self._conn)
        if apart:
            answers = [_alone(tx, job) for job in batch]
        else:
            answers = _keep(tx, [job for job in batch if job.work is None])
            answers += [Answer(job=job, result=job.work(tx)) for job in batch if job.work is not None]
        self._committing = True
        transaction.commit()
        self.commits += 1
        self._stirred = tx.stirred
        if any(answer.error is not None for answer in answers):
            self._leave(for_good=True)
        return answers

    def _leave(self, *, for_good: bool = False) -> None:
        """Give the connection back; what was not committed is undone. for_good: nobody is to use it again.

        Work that failed in the midst of its rows leaves a question open for as long as somebody holds its error. SQLite keeps
        what that question saw, and refuses to write on the same connection once anybody else has written.
        """
        if self._conn is not None:
            with contextlib.suppress(SQLAlchemyError):
                if for_good:
                    self._conn.rollback()
            with contextlib.suppress(SQLAlchemyError):
                if for_good:
                    self._conn.invalidate()
                self._conn.close()
            self._conn = None


def _keep(tx: Tx, jobs: Sequence[Job]) -> list[Answer]:
    """Keep everybody's items in one statement, without a savepoint: SQLite would write every page twice for it."""
    if not jobs:
        return []
    counts = tx.keep_each([job.items for job in jobs])
    return [Answer(job=job, result=count) for job, count in zip(jobs, counts, strict=True)]


def _alone(tx: Tx, job: Job) -> Answer:
    try:
        return Answer(job=job, result=tx.savepoint(lambda: job.work(tx) if job.work else tx.keep(job.items)))
    except DBAPIError as error:
        if error.connection_invalidated or is_unavailable(error) or is_conflict(error):
            raise
        return Answer(job=job, error=error)
    except Exception as error:  # noqa: BLE001 - whoever waits for the answer raises it
        return Answer(job=job, error=error)


def _all(batch: Iterable[Job], error: BaseException) -> list[Answer]:
    return [Answer(job=job, error=error) for job in batch]
