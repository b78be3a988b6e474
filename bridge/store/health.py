"""Signs of life: which processes work on this database, in real time, so that a moved clock kills nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.store import rows
from bridge.store.schema import heartbeat

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
