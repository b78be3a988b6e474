"""Targets: pace and holding, a row each.

Rule 1: a row exists before anything waits for it; whoever queues makes it, its parents first.
Rule 2: holding and delaying touch the target alone, never the rows that wait for it.
Rule 3: a held target may be probed: one waiting row goes through, and its outcome tells whether it is mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.lanes import chain
from bridge.model.pace import Pace
from bridge.store.queue import is_ready
from bridge.store.schema import outbox, target
from bridge.store.sql import insert_once

_delay = (
    sa.update(target)
    .where(
        target.c.id == sa.bindparam("target_id"),
        sa.or_(
            target.c.not_before.is_(None), target.c.not_before < sa.bindparam("until", type_=target.c.not_before.type)
        ),
    )
    .values(not_before=sa.bindparam("until", type_=target.c.not_before.type))
)
_hold = (
    sa.update(target)
    .where(target.c.id == sa.bindparam("target_id"), target.c.held_by.is_(None))
    .values(held_by=sa.bindparam("key"))
)
_release = sa.update(target).where(target.c.held_by == sa.bindparam("key")).values(held_by=None, probe=False)


def ensure(conn: Connection, ids: Iterable[str], pace: Pace, steady: datetime) -> None:
    """Make the rows that are missing of these targets and all their parents, each with its full burst."""
    wanted = sorted({link for end in ids for link in chain(end)})
    if wanted:
        conn.execute(insert_once(conn, target), [_fresh(link, pace, steady) for link in wanted])


def delay(conn: Connection, id: str, until: datetime) -> None:
    """Nothing of this target goes before *until* (steady clock); an earlier time changes nothing."""
    conn.execute(_delay, {"target_id": id, "until": until})


def hurry(conn: Connection, which: sa.ColumnElement[bool]) -> None:
    """What waits at these targets for its next try has it now."""
    conn.execute(sa.update(target).where(which, target.c.not_before.is_not(None)).values(not_before=None))


def hold(conn: Connection, id: str, key: str, pace: Pace, steady: datetime) -> None:
    """Hold it until the incident *key* is over; what another incident holds already stays with that one."""
    ensure(conn, [id], pace, steady)
    conn.execute(_hold, {"target_id": id, "key": key})


def held(conn: Connection, id: str) -> bool:
    """Whether an incident holds this very target."""
    query = sa.select(target.c.id).where(target.c.id == id, target.c.held_by.is_not(None))
    return conn.execute(query).first() is not None


def release(conn: Connection, key: str) -> int:
    """Open all that the incident *key* holds; say how many."""
    return conn.execute(_release, {"key": key}).rowcount


def probe(
    conn: Connection, ids: Iterable[str] | None = None, *, kind: str = "", but: Collection[str] = ()
) -> list[str]:
    """Let one row through for each held target (of the chains of *ids*, or all) behind which something waits.

    kind: how their ids begin. but: incidents whose targets stay as they are.
    """
    by = target.c.held_by
    held = set(conn.scalars(sa.select(target.c.id).where(by.is_not(None), by.not_in(list(but)))))
    if not held:
        return []
    ends = conn.scalars(sa.select(outbox.c.target).where(is_ready).distinct()) if ids is None else ids
    waiting = sorted({link for end in ends for link in chain(end) if link in held and link.startswith(kind)})
    for link in waiting:
        conn.execute(sa.update(target).where(target.c.id == link).values(probe=True, not_before=None))
    return waiting


def let_through(conn: Connection, ids: Collection[str]) -> None:
    """Let one row through for each of these that is held, whether or not something waits there now."""
    there = sa.and_(target.c.id.in_(list(ids)), target.c.held_by.is_not(None))
    conn.execute(sa.update(target).where(there).values(probe=True, not_before=None))


def repace(conn: Connection, pace: Pace, steady: datetime) -> int:
    """Give every known target the pace that is set now; say how many changed."""
    changed = 0
    for row in conn.execute(sa.select(target.c.id, target.c.rate, target.c.burst)).all():
        fresh = _fresh(row.id, pace, steady)
        if (fresh["rate"], fresh["burst"]) != (row.rate, row.burst):
            values = {name: fresh[name] for name in ("rate", "burst", "tokens", "filled_at")}
            conn.execute(sa.update(target).where(target.c.id == row.id).values(values))
            changed += 1
    return changed


def _fresh(id: str, pace: Pace, steady: datetime) -> dict[str, Any]:
    rate, links = pace.of(id), chain(id)
    burst = 1.0 if rate is None else rate.burst
    return {
        "id": id,
        "workspace": _workspace(id),
        "parent": links[1] if len(links) > 1 else None,
        "rate": None if rate is None else rate.per_second,
        "burst": burst,
        "tokens": burst,
        "filled_at": steady,
    }


def _workspace(id: str) -> str:
    """The workspace in a desk target's id; the network's targets belong to none."""
    kind, *rest = id.split(":")
    return rest[0] if kind in {"desk", "probe"} and rest else ""
