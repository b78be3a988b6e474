"""The outbox: what must be done, in the order of each lane, until it is known how it ended (`queue` has the rules)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from bridge.lanes import chain, micros
from bridge.model.decision import Moment
from bridge.model.effects import Queued
from bridge.model.ids import ConversationId
from bridge.model.pace import Pace
from bridge.ports import Effects, Ending, OutboxRow
from bridge.store import claim, joining, schema, targets
from bridge.store.bell import ALIVE
from bridge.store.codec import decode, encode
from bridge.store.queue import STEPS, before, is_ready, is_unfinished, literal, literals
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, outbox
from bridge.store.sql import among, insert_plainly, update_each

OVERDUE_AT_ONCE = 500

_until = sa.bindparam("until", type_=Instant())
_waiting = sa.select(outbox.c.lane, outbox.c.kind).where(is_unfinished, is_ready, among(outbox.c.lane, "lanes"))
_sooner = (
    sa.update(outbox)
    .where(
        is_unfinished,
        is_ready,
        outbox.c.lane == sa.bindparam("in_lane"),
        outbox.c.kind == sa.bindparam("of_kind"),
        outbox.c.attempts == 0,
        outbox.c.not_before > _until,
    )
    .values(not_before=_until)
)


HIDDEN = timedelta(seconds=10)
"""A process may lose the connection that shows that it lives; it has a new one sooner."""
_fresh, _me = sa.bindparam("fresh", type_=Instant()), sa.bindparam("me", type_=sa.Integer)
_expired = outbox.c.lease < sa.bindparam("steady", type_=Instant())
_locks = sa.table("pg_locks", *map(sa.column, ("locktype", "classid", "objid", "objsubid")))
_living = sa.select(sa.cast(_locks.c.objid, sa.BigInteger)).where(
    _locks.c.locktype == sa.literal_column("'advisory'"),
    _locks.c.classid == sa.literal_column(str(ALIVE)),
    _locks.c.objsubid == sa.literal_column("2"),
)
"""Numbers of the processes that live: each holds a lock under its own (`bell.Line`)."""


def _overdue(orphaned: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(*claim.ROW)
        .where(outbox.c.state == literal("working"), orphaned)
        .order_by(outbox.c.lease)
        .limit(OVERDUE_AT_ONCE)
        .with_for_update(skip_locked=True)
    )


# Who lives on after the server was started again has to say so again first.
_long_up = sa.text("pg_postmaster_start_time() < now() - interval '5 seconds'")
_REREADING = (
    sa.select(outbox.c.id)
    .where(sa.text("outbox.state IN ('ready', 'working', 'unsure')"), outbox.c.lane == sa.bindparam("lane"))
    .limit(1)
)
_ANY_REREAD = (
    sa.select(outbox.c.id)
    .where(sa.text("outbox.state IN ('ready', 'working', 'unsure')"), outbox.c.lane.between("reread:", "reread:~"))
    .limit(1)
)
# By the index of what is undecided: without the order, SQLite reads through all that ever was.
_ANY_UNDECIDED = (
    sa.select(schema.inbox.c.id)
    .where(sa.text("inbox.state IN ('ready', 'free')"))
    .order_by(schema.inbox.c.not_before)
    .limit(1)
)
_UNDECIDED = (
    sa.select(schema.inbox.c.id)
    .join(schema.thread, schema.thread.c.workspace == schema.inbox.c.workspace)
    .where(
        sa.text("inbox.state IN ('ready', 'free')"),
        schema.thread.c.conversation == sa.bindparam("conversation"),
        schema.inbox.c.lane.endswith(schema.thread.c.ref),
    )
    .order_by(schema.inbox.c.not_before)
    .limit(1)
)
_OVERDUE = {
    "sqlite": _overdue(_expired),
    # A process judges its own rows by its own clock, and others' by whether they live: the clocks of two machines are
    # never held against each other for the rows of one that lives. A lost connection may hide a process for a moment.
    "postgresql": _overdue(
        sa.case(
            (sa.func.coalesce(outbox.c.worker, _me) == _me, _expired),
            else_=sa.and_(outbox.c.lease < _fresh, outbox.c.worker.not_in(_living), _long_up),
        )
    ),
}


_states = (
    sa.select(outbox.c.id, outbox.c.state).where(among(outbox.c.id, "rows")).order_by(outbox.c.id).with_for_update()
)


def _step(state: str, why: str | None, steady: datetime) -> dict[str, Any]:
    """What every step to *state* writes, from wherever it may be made."""
    values: dict[str, Any] = {"state": state, "lease": None, "reason": why}
    if not STEPS[state] or state == "dead":
        return values | {"finished_at": steady}
    if state == "ready":
        values["joined"] = None
    return values | {"unsure_since": steady if state == "unsure" else None, "blocks": True}


def _left(row: OutboxRow, ending: Ending, steady: datetime) -> dict[str, Any]:
    """A row as an ending leaves it."""
    values = _step(ending.state, ending.reason, steady)
    if ending.not_before is not None:
        values["not_before"] = ending.not_before
    if ending.attempts > row.attempts:
        values["attempts"] = ending.attempts
    if ending.remote_id is not None:
        values["remote_id"] = ending.remote_id
    return values


def outbox_row(row: AnyRow, probe: str | None = None) -> OutboxRow:
    """A row in hand, from the columns `claim.ROW`."""
    return OutboxRow(
        id=row.id,
        effect=decode(row.kind, row.payload),
        lane=row.lane,
        target=row.target,
        attempts=row.attempts,
        position=row.position,
        rank=row.rank,
        unsure_since=row.unsure_since,
        probe=probe,
        since=row.not_before,
        joined=row.joined,
    )


def _columns(queued: Queued, now: int, due: int, caused_by: str | None) -> dict[str, Any]:
    """As the driver takes them: times in microseconds, JSON written out."""
    kind, payload = encode(queued.effect)
    return {
        "workspace": queued.effect.workspace,
        "lane": queued.lane,
        "kind": kind,
        "target": queued.target,
        "rank": queued.rank,
        "position": queued.position,
        "state": "ready",
        "not_before": due if queued.not_before is None else micros(queued.not_before),
        "payload": orjson.dumps(payload).decode(),
        "conversation": getattr(queued.effect, "conversation", None),
        "message": queued.message,
        "created_at": now,
        "caused_by": caused_by,
    }


class SqlEffects(Effects):
    """The outbox on one connection, inside its transaction. *stir* is called when a row may have become due."""

    def __init__(
        self, conn: Connection, times: Moment, pace: Pace, stir: Callable[[], None], worker: int | None = None
    ) -> None:
        self._conn = conn
        self._worker = worker
        self._times = times
        self._pace = pace
        self._stir = stir

    # ── adding ────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, queued: Sequence[Queued], steady: datetime, caused_by: str | None = None) -> None:
        """Queue effects in this order, their targets with them."""
        self.add_all([(each, caused_by) for each in queued], steady)

    def add_all(self, queued: Sequence[tuple[Queued, str | None]], steady: datetime) -> None:
        """Queue effects in this order, each with what caused it, their targets with them."""
        wanted = self._not_waiting_yet(queued, steady)
        if not wanted:
            return
        targets.ensure(self._conn, {each.target for each, _ in wanted}, self._pace, steady)
        now, due = micros(self._times.now), micros(steady)
        insert_plainly(self._conn, outbox, [_columns(each, now, due, caused_by) for each, caused_by in wanted])
        self._stir()

    def _not_waiting_yet(
        self, queued: Sequence[tuple[Queued, str | None]], steady: datetime
    ) -> list[tuple[Queued, str | None]]:
        """Leave out what is wanted once and waits already; that one goes as early as the new one would have."""
        once = sorted({each.lane for each, _ in queued if each.once})
        if not once:
            return list(queued)
        waiting = {(row.lane, row.kind) for row in self._conn.execute(_waiting, {"lanes": once})}
        wanted = []
        for each, caused_by in queued:
            key = (each.lane, type(each.effect).__name__)
            if each.once and key in waiting:
                until = each.not_before or steady
                self._conn.execute(_sooner, {"in_lane": key[0], "of_kind": key[1], "until": until})
                self._stir()
                continue
            if each.once:
                waiting.add(key)
            wanted.append((each, caused_by))
        return wanted

    # ── in hand ───────────────────────────────────────────────────────────────────────────────────────────

    @override
    def claim(self, moment: Moment, limit: int, sides: Mapping[str, int] | None = None) -> list[OutboxRow]:
        taken = []
        for row, probe in claim.take(self._conn, moment.steady, limit, self._worker, sides):
            try:
                taken.append(outbox_row(row, probe))
            except (KeyError, TypeError, ValueError):
                # Written by another version; an operator's retry after the upgrade brings it back.
                self._end(row.id, "dead", "unknown_kind")
        return taken

    @override
    def neighbours(self, rows: Sequence[OutboxRow], moment: Moment) -> dict[int, list[OutboxRow]]:
        found: dict[int, list[OutboxRow]] = {}
        for row in rows:
            if not joining.is_behind(row, self._pace, moment.steady):
                continue
            after = [outbox_row(each) for each in joining.following(self._conn, row, moment.steady)]
            wanted = list(takewhile(lambda each: joining.joins(each.effect), after))
            if wanted and (taken := joining.take(self._conn, row, wanted, moment.steady, self._worker)):
                found[row.id] = taken
        return found

    @override
    def finish(self, row: OutboxRow, ending: Ending) -> bool:
        return self.finish_all([(row, ending)])[0]

    @override
    def finish_all(self, endings: Sequence[tuple[OutboxRow, Ending]]) -> list[bool]:
        steady = self._times.steady
        return self._leave([(row.id, _left(row, ending, steady)) for row, ending in endings])

    @override
    def asked(self, row: OutboxRow) -> None:
        same_post = sa.or_(outbox.c.id == row.id, outbox.c.joined == row.id)
        unsure = sa.and_(same_post, outbox.c.state == literal("unsure"))
        self._conn.execute(sa.update(outbox).where(unsure).values(blocks=False))
        self._stir()

    @override
    def overdue(self, steady: datetime) -> list[OutboxRow]:
        given: dict[str, Any] = {"steady": steady}
        if self._conn.dialect.name == "postgresql":
            given |= {"fresh": steady + claim.LEASE - HIDDEN, "me": self._worker or 0}
        return [outbox_row(row) for row in self._conn.execute(_OVERDUE[self._conn.dialect.name], given)]

    # ── targets ───────────────────────────────────────────────────────────────────────────────────────────

    @override
    def delay_target(self, target: str, until: datetime) -> None:
        targets.delay(self._conn, target, until)

    @override
    def parent(self, target: str) -> str | None:
        links = chain(target)
        return links[1] if len(links) > 1 else None

    @override
    def rereading(self, conversation: ConversationId, *, whole: bool = False) -> bool:
        under_way = self._conn.execute(_REREADING, {"lane": f"reread:{conversation}"}).first() is not None
        return under_way or (
            whole and self._conn.execute(_UNDECIDED, {"conversation": conversation}).first() is not None
        )

    @override
    def rereading_any(self) -> bool:
        return any(self._conn.execute(each).first() is not None for each in (_ANY_REREAD, _ANY_UNDECIDED))

    @override
    def held(self, target: str) -> bool:
        return targets.held(self._conn, target)

    @override
    def try_held(self, side: str, *, but: Collection[str] = ()) -> None:
        if targets.probe(self._conn, kind=side, but=but):
            self._stir()

    def let_through(self, ids: Sequence[str]) -> None:
        """Let one row through for each of these targets that is held."""
        targets.let_through(self._conn, ids)
        self._stir()

    def hold(self, target: str, key: str) -> None:
        """Hold a target until the incident *key* is over."""
        targets.hold(self._conn, target, key, self._pace, self._times.steady)

    def release(self, key: str) -> int:
        """Open what the incident *key* holds; say how many targets."""
        self._stir()
        return targets.release(self._conn, key)

    def hurry(self, target: str) -> None:
        """What waits at a target for its next try has it now: what kept it may be mended."""
        targets.hurry(self._conn, schema.target.c.id == target)
        self._stir()

    def know(self, target: str) -> None:
        """Make a target's row before rows are moved to wait behind it."""
        targets.ensure(self._conn, [target], self._pace, self._times.steady)
        self._stir()

    # ── for an operator ───────────────────────────────────────────────────────────────────────────────────

    def retry(self, steady: datetime, ids: Sequence[int] | None = None) -> tuple[int, list[str]]:
        """Try again: all dead rows, or these if they are dead or wait; and one row behind each held target.

        Says how many rows are ready anew, and which targets let one through. Never what is unsure.
        """
        states = ("dead",) if ids is None else ("dead", "ready")
        which: sa.ColumnElement[bool] = outbox.c.state.in_(literals(states))
        if ids is not None:
            which = sa.and_(which, outbox.c.id.in_(ids))
        fresh = {"state": "ready", "not_before": steady, "attempts": 0, "finished_at": None, "reason": None}
        done = self._conn.execute(sa.update(outbox).where(which).values(fresh)).rowcount
        ends = None if ids is None else self._conn.scalars(sa.select(outbox.c.target).where(which)).all()
        self._stir()
        return done, targets.probe(self._conn, ends)

    def drop(self, ids: Iterable[int]) -> list[int]:
        """Give these up, unless they are in hand or have ended; say which."""
        in_hand = set(self._conn.scalars(sa.select(outbox.c.id).where(outbox.c.state == literal("working"))))
        return [row for row in ids if row not in in_hand and self._end(row, "dropped", "operator")]

    def _end(self, row: int, state: str, why: str) -> bool:
        return self._leave([(row, _step(state, why, self._times.steady))])[0]

    def _leave(self, steps: Sequence[tuple[int, dict[str, Any]]]) -> list[bool]:
        """Make these steps, where they may be made; say for each whether it was."""
        found = self._conn.execute(_states, {"rows": [row for row, _ in steps]})
        states: dict[int, str] = dict(found.all())
        made = []
        left: dict[int, dict[str, Any]] = {}
        for row, values in steps:
            made.append(states.get(row) in before(values["state"]))
            if made[-1]:
                states[row] = values["state"]
                left[row] = {"id": row, **values}
        update_each(self._conn, outbox, left.values())
        self._stir()  # what stood behind them in their lanes may go
        return made
