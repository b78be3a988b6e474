"""Neighbours: what waits right behind a row of its lane, so that one post shows them together when a place is behind.

Rule 1: only what is next in the lane, without a gap: the order of what a customer wrote is never changed.
Rule 2: taken like any row, but for no token of their own; `outbox.joined` says in whose post they go, the first's too.
Rule 3: what was tried and refused, and what has a look of its own, goes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.model.effects import PostMessage
from bridge.model.pace import Pace
from bridge.ports import OutboxRow
from bridge.store.claim import LEASE, ROW
from bridge.store.queue import is_ready, is_unfinished, literal
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, outbox

BEHIND = timedelta(milliseconds=1500)
"""A post that has been due for longer than this waits for its place's pace: it takes others along."""
MOST = 14
"""Besides the first; each message takes up to three of a post's fifty blocks (docs.slack.dev, Blocks)."""

_here = sa.tuple_(outbox.c.position, outbox.c.id)
_FOLLOWING = (
    sa.select(*ROW, outbox.c.state)
    .where(
        outbox.c.lane == sa.bindparam("lane"),
        is_unfinished,
        sa.or_(outbox.c.state != literal("unsure"), outbox.c.blocks),
        _here > sa.tuple_(sa.bindparam("position", type_=sa.BigInteger), sa.bindparam("id", type_=sa.BigInteger)),
    )
    .order_by(outbox.c.position, outbox.c.id)
    .limit(MOST)
)
_LOCKED = (
    sa.select(outbox.c.id)
    .where(outbox.c.id.in_(sa.bindparam("rows", expanding=True)), is_ready)
    .order_by(outbox.c.position, outbox.c.id)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("rows", expanding=True)))
    .values(
        state="working",
        lease=sa.bindparam("until", type_=Instant()),
        worker=sa.bindparam("worker"),
        joined=sa.bindparam("first"),
    )
)


def is_behind(row: OutboxRow, pace: Pace, steady: datetime) -> bool:
    """Whether a row in hand has waited for its place's pace so long that others should go with it."""
    late = row.since is not None and steady - row.since >= BEHIND
    return late and row.attempts == 0 and joins(row.effect) and pace.of(row.target) is not None


def joins(effect: object) -> bool:
    """Whether it may stand in one post with others: nothing that is shown in the channel, or was refused before."""
    return isinstance(effect, PostMessage) and not (effect.broadcast or effect.plain or effect.bare)


def following(conn: Connection, row: OutboxRow, steady: datetime) -> list[AnyRow]:
    """What is next in the lane of a row in hand and due to the same place, up to the first that is not."""
    found = conn.execute(_FOLLOWING, {"lane": row.lane, "position": row.position, "id": row.id}).all()
    next_ones: list[AnyRow] = []
    for each in found:
        same = each.kind == "PostMessage" and each.target == row.target and each.attempts == 0
        if not same or each.state != "ready" or each.not_before > steady:
            break
        next_ones.append(each)
    return next_ones


def take(
    conn: Connection, first: OutboxRow, wanted: Sequence[OutboxRow], steady: datetime, worker: int | None
) -> list[OutboxRow]:
    """Take them in hand together with the first; where somebody else holds one locked, only those before it."""
    free = set(conn.scalars(_LOCKED, {"rows": [row.id for row in wanted]}))
    taken: list[OutboxRow] = []
    for row in wanted:
        if row.id not in free:
            break
        taken.append(row)
    if taken:
        ids = [first.id, *(row.id for row in taken)]
        conn.execute(_TAKE, {"rows": ids, "until": steady + LEASE, "worker": worker, "first": first.id})
    return taken
