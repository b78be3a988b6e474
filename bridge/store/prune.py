"""What is forgotten with age, in short slices, so that nothing else waits for it.

Rule 1: raw deliveries and finished effects go after *raw* days, words, and what was given up, after *words* days; figures (who wrote when, which
        window, how it ended) stay for ever, and so does where posts stand, by which an erasure finds them.
Rule 2: what is not finished is never pruned, however old.
Rule 3: a slice writes for about 50 ms; between slices everybody else has their turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bridge.model.word import Word
from bridge.store import installations, leaving, logins
from bridge.store.health import STEADY
from bridge.store.queue import literal, literals
from bridge.store.schema import attachment, heartbeat, inbox, message, outbox
from bridge.store.store import SqlStore
from bridge.store.transaction import Tx

SLICE_SECONDS = 0.05
FIRST_SLICE, MOST, LEAST = 100, 5000, 10
HEARTBEATS = timedelta(days=1)

Slice = Callable[[Tx, int], int]
"""Deletes up to so many rows; says how many it found."""


class Pruned(Word, kw_only=True):
    """How many of each are gone: raw deliveries, finished effects, messages' words."""

    inbox: int
    outbox: int
    words: int


async def prune(store: SqlStore, now: datetime, *, raw: timedelta, words: timedelta) -> Pruned:
    """Apply the retention times. *raw*, *words*: how old each may become."""
    old, ancient = now - raw, now - words
    decided = sa.and_(inbox.c.kept_at < old, inbox.c.state == literal("applied"))
    buried = sa.and_(inbox.c.kept_at < ancient, inbox.c.state.in_(literals(("dead", "unknown"))))
    done = sa.and_(outbox.c.finished_at < old, outbox.c.state.in_(literals(("done", "dropped"))))
    dead = sa.and_(outbox.c.finished_at < ancient, outbox.c.state == literal("dead"))
    gone = sa.and_(heartbeat.c.at < now - HEARTBEATS, heartbeat.c.process != STEADY)
    await _in_slices(store, _deleting(heartbeat, heartbeat.c.process, gone))
    await store.write(lambda tx: logins.forget_sessions(tx.connection, now))
    await store.write(lambda tx: installations.forget_spent(tx.connection, now))
    await store.write(lambda tx: leaving.forget(tx.connection))
    return Pruned(
        inbox=await _in_slices(store, _deleting(inbox, inbox.c.id, decided))
        + await _in_slices(store, _deleting(inbox, inbox.c.id, buried)),
        outbox=await _in_slices(store, _deleting(outbox, outbox.c.id, done))
        + await _in_slices(store, _deleting(outbox, outbox.c.id, dead)),
        words=await _in_slices(store, _forgetting(ancient)) + await _in_slices(store, _forgetting_attached(ancient)),
    )


async def _in_slices(store: SqlStore, one: Slice) -> int:
    count, size = 0, FIRST_SLICE
    while True:
        found, seconds = await store.write(partial(_timed, one, size))
        count += found
        if found < size:
            return count
        size = max(LEAST, min(MOST, int(size * SLICE_SECONDS / max(seconds, 0.001))))


def _timed(one: Slice, size: int, tx: Tx) -> tuple[int, float]:
    start = time.perf_counter()
    return one(tx, size), time.perf_counter() - start


def _deleting(table: sa.Table, key: sa.Column[int] | sa.Column[str], which: sa.ColumnElement[bool]) -> Slice:
    def prune_some(tx: Tx, size: int) -> int:
        some = sa.select(key).where(which).limit(size)
        return tx.connection.execute(sa.delete(table).where(key.in_(some))).rowcount

    return prune_some


def _forgetting_attached(ancient: datetime) -> Slice:
    """The same for what came with them: titles and addresses are words too."""
    worded = sa.text("(attachment.title IS NOT NULL OR attachment.address IS NOT NULL)")
    old = sa.and_(attachment.c.message == message.c.id, message.c.at < ancient)

    def prune_some(tx: Tx, size: int) -> int:
        found = tx.connection.execute(sa.select(attachment.c.message, attachment.c.seq).where(worded, old).limit(size))
        keys = [tuple(row) for row in found]
        some = sa.tuple_(attachment.c.message, attachment.c.seq).in_(keys)
        return tx.connection.execute(sa.update(attachment).where(some).values(title=None, address=None)).rowcount

    return prune_some


def _forgetting(ancient: datetime) -> Slice:
    """Take the words out of old messages; the rest of them are figures."""

    def prune_some(tx: Tx, size: int) -> int:
        some = sa.select(message.c.id).where(message.c.text.is_not(None), message.c.at < ancient).limit(size)
        return tx.connection.execute(
            sa.update(message).where(message.c.id.in_(some)).values(text=None, signature=None)
        ).rowcount

    return prune_some
