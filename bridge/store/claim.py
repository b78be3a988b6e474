"""Which outbox rows go next: due lane heads of open targets, within their budgets.

Rule 1: start from the targets behind which something is ready, never from the rows: rows behind a held target cost nothing.
Rule 2: an open target is not held, not delayed and has a token, and so has every one above it.
Rule 3: of what waits under one budget the lowest rank goes first; targets share a claim's limit evenly.
Rule 4: the locks taken here are passed over by others, never waited for: whom they stop comes back at the next wake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.lanes import side
from bridge.model.word import Word
from bridge.store.queue import UNFINISHED, is_ready, literal, literals
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, outbox, target
from bridge.store.sql import Question, among

LEASE = timedelta(seconds=40)
"""A row in hand for longer belongs to a dead process, unless that process shows that it lives: files take longer."""
MOST_TARGETS = 256
"""Looked at in one claim."""
ALMOST = 1e-9
"""Sums of fractions do not quite reach a whole token."""

ROW = [
    outbox.c[name]
    for name in (
        "id", "kind", "payload", "lane", "target", "attempts", "position", "rank", "unsure_since", "not_before", "joined",
    )
]  # fmt: skip
"""The columns that `outbox.outbox_row` reads."""

_steady = sa.bindparam("steady", type_=Instant())


def _open(link: sa.FromClause) -> sa.ColumnElement[bool]:
    seconds = sa.cast(_steady - link.c.filled_at, sa.Float) / sa.literal(1e6, sa.Float)
    return sa.and_(
        sa.or_(link.c.held_by.is_(None), link.c.probe),
        sa.or_(link.c.not_before.is_(None), link.c.not_before <= _steady),
        sa.or_(link.c.rate.is_(None), link.c.tokens + link.c.rate * seconds >= sa.literal(1 - ALMOST, sa.Float)),
    )


def _limited(link: sa.FromClause) -> sa.ColumnElement[str | None]:
    return sa.case((sa.or_(link.c.rate.is_not(None), link.c.held_by.is_not(None)), link.c.id))


def _open_targets() -> sa.Select[Any]:
    """Targets with something due, open up to the top of their chain; with the ids of those that limit them.

    The recursion jumps from target to target through the index of ready rows, so that it reads one entry of each.
    """
    first = sa.select(sa.func.min(outbox.c.target).label("id")).where(is_ready)
    queues = first.cte("queues", recursive=True)
    following = sa.select(sa.func.min(outbox.c.target)).where(is_ready, outbox.c.target > queues.c.id).scalar_subquery()
    queues = queues.union_all(sa.select(following).where(queues.c.id.is_not(None)))
    own, parent, top = target.alias("own"), target.alias("parent"), target.alias("top")
    due = (
        sa.select(outbox.c.rank)
        .where(is_ready, outbox.c.target == own.c.id, outbox.c.not_before <= _steady)
        .order_by(outbox.c.rank, outbox.c.not_before, outbox.c.id)
        .limit(1)
    )
    rank = due.scalar_subquery().correlate(own)
    since = due.with_only_columns(outbox.c.not_before).scalar_subquery().correlate(own)
    found = (
        sa.select(
            own.c.id,
            rank.label("rank"),
            since.label("since"),
            *(_limited(link).label(f"limit_{name}") for name, link in (("a", own), ("b", parent), ("c", top))),
        )
        .select_from(
            queues.join(own, own.c.id == queues.c.id)
            .outerjoin(parent, parent.c.id == own.c.parent)
            .outerjoin(top, top.c.id == parent.c.parent)
        )
        .where(_open(own), *(sa.or_(link.c.id.is_(None), _open(link)) for link in (parent, top)))
        .subquery("found")
    )
    return (
        sa.select(found.c.id, found.c.rank, found.c.limit_a, found.c.limit_b, found.c.limit_c)
        .where(found.c.rank.is_not(None))
        .order_by(found.c.rank, found.c.since, found.c.id)
        .limit(MOST_TARGETS)
    )


def _heads() -> sa.Select[Any]:
    """Due rows of one target that no unfinished earlier row of their lane holds, in the order of spending."""
    earlier = outbox.alias("earlier")
    held_back = sa.exists().where(
        earlier.c.lane == outbox.c.lane,
        earlier.c.state.in_(literals(UNFINISHED)),
        sa.or_(earlier.c.state != literal("unsure"), earlier.c.blocks),
        sa.tuple_(earlier.c.position, earlier.c.id) < sa.tuple_(outbox.c.position, outbox.c.id),
    )
    return (
        sa.select(*ROW)
        .where(is_ready, outbox.c.target == sa.bindparam("target"), outbox.c.not_before <= _steady, ~held_back)
        .order_by(outbox.c.rank, outbox.c.not_before, outbox.c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
        .with_for_update(skip_locked=True)
    )


_OPEN_TARGETS = _open_targets()
_HEADS = Question(_heads())
_PURSES = (
    sa.select(target.c.id, target.c.rate, target.c.burst, target.c.tokens, target.c.filled_at, target.c.held_by)
    .where(
        among(target.c.id, "ids"),
        sa.or_(target.c.held_by.is_(None), target.c.probe),
    )
    .order_by(target.c.id)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    sa.update(outbox)
    .where(among(outbox.c.id, "rows"), is_ready)
    .values(state="working", lease=sa.bindparam("until", type_=Instant()), worker=sa.bindparam("worker"))
)
_SPEND = (
    sa.update(target)
    .where(target.c.id == sa.bindparam("purse"))
    .values(tokens=sa.bindparam("left"), filled_at=sa.bindparam("at", type_=Instant()), probe=False)
)


@dataclass(kw_only=True, slots=True)
class _Purse:
    """What one target, or the claim itself, may still spend; and what was found for it so far."""

    tokens: float
    before: float
    held_by: str | None = None
    found: int = 0
    worst: int = -1

    def sated(self, rank: int) -> bool:
        """Whether nothing of *rank* or behind it would be taken any more."""
        return self.found >= int(self.tokens + ALMOST) and rank >= self.worst


class _Queue(Word, kw_only=True):
    """One target with something due, and the purses that all that goes through it draws on."""

    target: str
    rank: int
    purses: tuple[_Purse, ...]


def take(
    conn: Connection,
    steady: datetime,
    limit: int,
    worker: int | None = None,
    sides: Mapping[str, int] | None = None,
) -> Sequence[tuple[AnyRow, str | None]]:
    """Claim up to *limit* rows (columns ROW): they are working, under a lease, and their tokens are spent.

    sides: at most so many of targets on this side (`lanes.side`).
    With each comes the incident that holds its target, where it was let through as a probe.
    """
    found = conn.execute(_OPEN_TARGETS, {"steady": steady}).all()
    if not found:
        return ()
    purses = _purses(conn, {link for row in found for link in row[2:] if link is not None}, steady)
    whole = _Purse(tokens=limit, before=limit)
    shares = {name: _Purse(tokens=room, before=room) for name, room in (sides or {}).items()}
    queues = [
        _Queue(
            target=row.id,
            rank=row.rank,
            purses=(
                whole,
                *(shares[name] for name in [side(row.id)] if name in shares),
                *(purses[link] for link in row[2:] if link is not None),
            ),
        )
        for row in found
        if all(link is None or link in purses for link in row[2:])
    ]
    chosen = _spend(_look(conn, queues, steady, limit))
    if chosen:
        conn.execute(_TAKE, {"rows": [row.id for row, _ in chosen], "until": steady + LEASE, "worker": worker})
    spent = [(name, purse.tokens) for name, purse in purses.items() if purse.tokens != purse.before]
    if spent:
        conn.execute(_SPEND, [{"purse": name, "left": left, "at": steady} for name, left in spent])
    return chosen


def _purses(conn: Connection, ids: Iterable[str], steady: datetime) -> dict[str, _Purse]:
    """Read the limited targets again, locked; one that somebody else holds locked is missing."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    purses = {}
    for row in conn.execute(_PURSES, {"ids": wanted}):
        tokens = 1.0
        if row.rate is not None:
            seconds = max(0.0, (steady - row.filled_at).total_seconds())
            tokens = min(row.burst, row.tokens + row.rate * seconds)
        if row.held_by is not None:
            tokens = min(tokens, 1.0)
        purses[row.id] = _Purse(tokens=tokens, before=tokens, held_by=row.held_by)
    return purses


def _look(
    conn: Connection, queues: Sequence[_Queue], steady: datetime, limit: int
) -> list[tuple[AnyRow, tuple[_Purse, ...]]]:
    """Fetch heads, the most urgent targets first, until nothing that is left could be taken before what was found."""
    share = max(1, limit // max(1, len(queues)))
    heads: list[tuple[AnyRow, tuple[_Purse, ...]]] = []
    for queue in queues:
        count = min(share, *(int(purse.tokens + ALMOST) for purse in queue.purses))
        if count < 1 or any(purse.sated(queue.rank) for purse in queue.purses):
            continue
        for row in _HEADS.ask(conn, {"target": queue.target, "steady": steady, "limit": count}):
            heads.append((row, queue.purses))
            for purse in queue.purses:
                purse.found += 1
                purse.worst = max(purse.worst, row.rank)
    return heads


def _spend(heads: list[tuple[AnyRow, tuple[_Purse, ...]]]) -> list[tuple[AnyRow, str | None]]:
    chosen = []
    for row, purses in sorted(heads, key=lambda head: (head[0].rank, head[0].not_before, head[0].id)):
        if all(purse.tokens >= 1 - ALMOST for purse in purses):
            chosen.append((row, next((purse.held_by for purse in purses if purse.held_by), None)))
            for purse in purses:
                purse.tokens -= 1
    return chosen
