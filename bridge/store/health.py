"""Signs of life: which processes work on this database, in real time, so that a moved clock kills nobody.

Beside them stands how far the steady clock has come: times that wait are written by it, and the next process goes on there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bridge.lanes import desk_target, workspace_of
from bridge.model.ids import WorkspaceId
from bridge.store import rows
from bridge.store.schema import heartbeat, target

RHYTHM = "rhythm"
"""In the place of a process: the hour that is watched now."""
DEAD_AFTER: Final = timedelta(seconds=30)
"""A process that has not beaten for so long (real time) is taken for dead."""
WORKS: Final = frozenset({"all", "worker"})
HEARS: Final = frozenset({"all", "web"})
"""Roles that do what is to be done, and that Slack and the network reach."""
FORGET = timedelta(days=1)
"""Processes not heard of for so long are left out."""
STEADY = "steady"
"""In the place of a process and of a role."""
HEARING = "hearing"
"""Likewise: when deliveries could last be taken in, in the time people go by."""


def beat(conn: sa.Connection, process: str, role: str, at: datetime) -> None:
    """A process is alive. at: real time."""
    rows.upsert(conn, heartbeat, [{"process": process, "role": role, "at": at}])
    conn.execute(
        sa.delete(heartbeat).where(heartbeat.c.at < at - FORGET, heartbeat.c.process.not_in([STEADY, HEARING, RHYTHM]))
    )


def leave(conn: sa.Connection, process: str) -> None:
    """A process has ended in order."""
    conn.execute(sa.delete(heartbeat).where(heartbeat.c.process == process))


def steady(conn: sa.Connection) -> datetime | None:
    """How far the steady clock had come when it was last told; None: never."""
    return conn.execute(sa.select(heartbeat.c.at).where(heartbeat.c.process == STEADY)).scalar_one_or_none()


def tell_steady(conn: sa.Connection, at: datetime) -> None:
    """The steady clock has come so far; another process may be further."""
    known = steady(conn)
    if known is None or known < at:
        rows.upsert(conn, heartbeat, [{"process": STEADY, "role": STEADY, "at": at}])


def tell_hearing(conn: sa.Connection, now: datetime) -> datetime | None:
    """Deliveries are taken in now; when they last were before, None: never."""
    query = sa.select(heartbeat.c.at).where(heartbeat.c.process == HEARING)
    before = conn.execute(query).scalar_one_or_none()
    rows.upsert(conn, heartbeat, [{"process": HEARING, "role": HEARING, "at": now}])
    return before


def last_beat(conn: sa.Connection, *roles: str) -> datetime | None:
    """When a process of one of these roles was last alive; None: never."""
    query = sa.select(sa.func.max(heartbeat.c.at)).where(heartbeat.c.role.in_(roles))
    return conn.execute(query).scalar_one_or_none()


def alive(conn: sa.Connection, real: datetime) -> frozenset[str]:
    """The roles of the processes that are alive; none where nothing runs. real: now, in real time."""
    query = sa.select(heartbeat.c.role).distinct().where(heartbeat.c.role.in_(WORKS | HEARS))
    return frozenset(conn.execute(query.where(heartbeat.c.at >= real - DEAD_AFTER)).scalars())


def held_desks(conn: sa.Connection) -> list[WorkspaceId]:
    """Workspaces whose desk takes nothing from us until its credentials are mended."""
    query = sa.select(target.c.id).where(target.c.held_by.is_not(None), target.c.id.like("desk:%"))
    held = conn.execute(query).scalars().all()
    return sorted({workspace_of(each) for each in held if each == desk_target(workspace_of(each))})


def revision(conn: sa.Connection) -> str | None:
    """Which version's tables these are."""
    found: str | None = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found
