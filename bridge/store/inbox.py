"""The inbox: what was heard, kept once, decided in the order of each lane.

Rule 1: a key is kept once, for as long as its row lives (`prune`); keeping it again is no error.
Rule 2: within a lane items are decided by their own time, then by arrival. A ready item holds those behind it, also while
        it waits; a free one holds nothing and is held by nothing.
Rule 3: what a record tells only to the second is decided, within its second, in the record's own order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from bridge.lanes import micros
from bridge.model.ids import WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.ports import RETRIED, Facts, InboxRow
from bridge.store.queue import is_undecided, literal, literals
from bridge.store.schema import inbox
from bridge.store.sql import insert_plainly

RETRIABLE = ("dead", "unknown")
"""States out of which an operator may have an item decided again."""

_earlier = inbox.alias("earlier")
_held_back = sa.exists().where(
    _earlier.c.lane == inbox.c.lane,
    _earlier.c.state == literal("ready"),
    sa.tuple_(_earlier.c.at, _earlier.c.id) < sa.tuple_(inbox.c.at, inbox.c.id),
)
_ITEM = [
    inbox.c[name]
    for name in ("id", "key", "source", "lane", "at", "about", "body", "workspace", "attempts", "first_tried", "reason")
]
# Ordered as the index is, so that a long backlog is not sorted: by when an item became due, then by its own time.
_next = (
    sa.select(*_ITEM)
    .where(
        is_undecided,
        inbox.c.not_before <= sa.bindparam("steady", type_=inbox.c.not_before.type),
        sa.or_(inbox.c.state == literal("free"), ~_held_back),
    )
    .order_by(inbox.c.not_before, inbox.c.at, inbox.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .with_for_update(skip_locked=True)
)
_times = sa.select(inbox.c.id, inbox.c.key, inbox.c.at).where(
    is_undecided, inbox.c.key.in_(sa.bindparam("keys", expanding=True))
)
_place = (
    sa.update(inbox).where(inbox.c.id == sa.bindparam("row")).values(at=sa.bindparam("time", type_=inbox.c.at.type))
)
_newest = sa.select(sa.func.max(inbox.c.id))
_newer = sa.select(inbox.c.key).where(
    inbox.c.id > sa.bindparam("newest"), inbox.c.key.in_(sa.bindparam("keys", expanding=True))
)
_this = inbox.c.id == sa.bindparam("row")
_end = sa.update(inbox).where(_this).values(state=sa.bindparam("to"), reason=sa.bindparam("why"))
_wait = (
    sa.update(inbox)
    .where(_this)
    .values(
        state=sa.bindparam("to"),
        not_before=sa.bindparam("until", type_=inbox.c.not_before.type),
        # Its time to wait begins anew when it waits for something else.
        first_tried=sa.case(
            (sa.and_(inbox.c.reason == sa.bindparam("why"), inbox.c.first_tried.is_not(None)), inbox.c.first_tried),
            else_=sa.bindparam("steady", type_=inbox.c.not_before.type),
        ),
        attempts=inbox.c.attempts + 1,
        reason=sa.bindparam("why"),
    )
)
_seen = (
    sa.select(inbox.c.about, inbox.c.body)
    .where(inbox.c.about.in_(sa.bindparam("keys", expanding=True)), inbox.c.state == literal("applied"))
    .order_by(inbox.c.id)
)


def in_record(times: Sequence[datetime]) -> list[datetime]:
    """The times by which messages are decided, given theirs in the order in which they were written.

    A whole second is what a record tells; it stands behind what was written before it in that second. Finer ones stay.
    """
    placed, latest = list[datetime](), datetime.min.replace(tzinfo=UTC)
    for at in times:
        second_is_all = at.microsecond == 0 and at < latest < at + timedelta(seconds=1)
        placed.append(latest if second_is_all else at)
        latest = max(latest, at)
    return placed


class SqlFacts(Facts):
    """The inbox on one connection, inside its transaction. *stir* is called when an item may have become due."""

    def __init__(self, conn: Connection, now: datetime, stir: Callable[[], None]) -> None:
        self._conn = conn
        self._now = now
        self._stir = stir

    @override
    def keep(self, items: Sequence[RawItem], steady: datetime) -> int:
        if not items:
            return 0
        self._stir()
        heard, due = micros(self._now), micros(steady)
        return insert_plainly(self._conn, inbox, [_columns(item, heard, due) for item in items])

    @override
    def in_order(self, items: Sequence[RawItem]) -> None:
        if not items:
            return
        found = {row.key: row for row in self._conn.execute(_times, {"keys": [item.key for item in items]})}
        for _, lane in groupby(items, key=lambda item: item.lane):
            rows = [found[item.key] for item in lane if item.key in found]
            places = zip(rows, in_record([row.at for row in rows]), strict=True)
            moved = [{"row": row.id, "time": at} for row, at in places if at != row.at]
            if moved:
                self._conn.execute(_place, moved)

    def keep_each(self, batches: Sequence[Sequence[RawItem]], steady: datetime) -> list[int]:
        """Keep what several have brought, in one statement; say for each how many were new."""
        items = [item for batch in batches for item in batch]
        newest = self._conn.execute(_newest).scalar() or 0
        if self.keep(items, steady) == len(items):
            return [len(batch) for batch in batches]
        fresh = set(self._conn.execute(_newer, {"newest": newest, "keys": [item.key for item in items]}).scalars())
        counts = []
        for batch in batches:
            own = fresh & {item.key for item in batch}
            fresh -= own  # who brought it first has kept it
            counts.append(len(own))
        return counts

    @override
    def next(self, steady: datetime, limit: int) -> list[InboxRow]:
        rows = self._conn.execute(_next, {"steady": steady, "limit": limit}).all()
        return [_row(row) for row in sorted(rows, key=lambda row: (row.at, row.id))]

    @override
    def applied(self, row: InboxRow, reason: str | None = None) -> None:
        self._end(row, "applied", reason)

    @override
    def set_aside(self, row: InboxRow, reason: str) -> None:
        self._end(row, "unknown", reason)

    @override
    def bury(self, row: InboxRow, reason: str) -> None:
        self._end(row, "dead", reason)

    @override
    def forget(self, row: InboxRow) -> None:
        self._stir()  # what stood behind it in its lane may go
        self._conn.execute(sa.delete(inbox).where(inbox.c.id == row.id))

    @override
    def buried(self, source: str) -> int:
        dead = sa.select(sa.func.count()).where(inbox.c.state == literal("dead"), inbox.c.source == source)
        return self._conn.execute(dead).scalar_one()

    @override
    def wait(self, row: InboxRow, until: datetime, steady: datetime, *, missing: str, free: bool) -> None:
        state = "free" if free else "ready"
        if free:
            self._stir()
        self._conn.execute(_wait, {"row": row.id, "to": state, "until": until, "steady": steady, "why": missing})

    @override
    def wait_anew(self, steady: datetime) -> None:
        waited = sa.and_(is_undecided, inbox.c.first_tried.is_not(None))
        self._conn.execute(sa.update(inbox).where(waited).values(first_tried=None, not_before=steady))
        self._stir()

    @override
    def seen(self, keys: Sequence[str]) -> dict[str, bytes]:
        if not keys:
            return {}
        return {row.about: row.body for row in self._conn.execute(_seen, {"keys": list(keys)})}

    def retry(self, steady: datetime, ids: Sequence[int] | None = None) -> int:
        """For an operator: decide again what was buried or set aside, all or these; say how many."""
        which: sa.ColumnElement[bool] = inbox.c.state.in_(literals(RETRIABLE))
        if ids is not None:
            which = sa.and_(which, inbox.c.id.in_(ids))
        fresh = {"state": "ready", "not_before": steady, "first_tried": None, "attempts": 0, "reason": RETRIED}
        self._stir()
        return self._conn.execute(sa.update(inbox).where(which).values(fresh)).rowcount

    def _end(self, row: InboxRow, state: str, reason: str | None) -> None:
        self._stir()  # what stood behind it in its lane may go
        self._conn.execute(_end, {"row": row.id, "to": state, "why": reason})


def _columns(item: RawItem, heard: int, due: int) -> dict[str, Any]:
    return {
        "key": item.key,
        "source": item.source,
        "lane": item.lane,
        "at": micros(item.at),
        "kept_at": heard,
        "about": item.about,
        "workspace": item.workspace,
        "body": item.body,
        "state": "applied" if item.applied else "ready",
        "not_before": due,
        "attempts": 0,
    }


def _row(row: sa.Row[Any]) -> InboxRow:
    item = RawItem(
        key=row.key,
        source=row.source,
        lane=row.lane,
        at=row.at,
        about=row.about,
        body=row.body,
        workspace=None if row.workspace is None else WorkspaceId(row.workspace),
    )
    return InboxRow(id=row.id, item=item, attempts=row.attempts, first_tried=row.first_tried, missing=row.reason)
