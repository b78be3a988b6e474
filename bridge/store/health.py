"""Signs of life: which processes work on this database, in real time, so that a moved clock kills nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.lanes import desk_target, workspace_of
from bridge.model.ids import WorkspaceId
from bridge.store import rows
from bridge.store.schema import heartbeat, target

FORGET = timedelta(days=1)
"""Processes not heard of for so long are left out."""


def beat(conn: sa.Connection, process: str, role: str, at: datetime) -> None:
    """A process is alive. at: real time."""
    rows.upsert(conn, heartbeat, [{"process": process, "role": role, "at": at}])
    conn.execute(sa.delete(heartbeat).where(heartbeat.c.at < at - FORGET))


def leave(conn: sa.Connection, process: str) -> None:
    """A process has ended in order."""
    conn.execute(sa.delete(heartbeat).where(heartbeat.c.process == process))


def last_beat(conn: sa.Connection, *roles: str) -> datetime | None:
    """When a process of one of these roles was last alive; None: never."""
    query = sa.select(sa.func.max(heartbeat.c.at)).where(heartbeat.c.role.in_(roles))
    return conn.execute(query).scalar_one_or_none()


def held_desks(conn: sa.Connection) -> list[WorkspaceId]:
    """Workspaces whose desk takes nothing from us until its credentials are mended."""
    query = sa.select(target.c.id).where(target.c.held_by.is_not(None), target.c.id.like("desk:%"))
    held = conn.execute(query).scalars().all()
    return sorted({workspace_of(each) for each in held if each == desk_target(workspace_of(each))})


def revision(conn: sa.Connection) -> str | None:
    """Which version's tables these are."""
    found: str | None = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found
