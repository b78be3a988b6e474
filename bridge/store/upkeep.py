"""Accounts whose turn it is: to be asked about, to have their token exchanged, to be warned of their login's end.

Rule 1: whoever reads an account here may write it: its row is locked, so that of two processes one does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import AccountId
from bridge.model.upkeep import Dates, Kept, Upkeep
from bridge.store import rows
from bridge.store.schema import Instant
from bridge.store.schema import account as accounts

_now, _far = sa.bindparam("now", type_=Instant), sa.bindparam("far", type_=Instant)
_limit = sa.bindparam("limit", type_=sa.Integer)
BEING_ASKED = timedelta(hours=1)
"""Whoever is asked about is not asked about again within this, unless an answer comes."""
DATES = (
    "connected_at",
    "token_expires_at",
    "data_access_expires_at",
    "probe_at",
    "refresh_at",
    "warn_at",
    "warned",
    "heard_at",
)
KEPT = sa.select(
    *rows.labelled(accounts, "account"), *(accounts.c[name].label(f"date_{name}") for name in DATES)
).where(accounts.c.wish != "removed")
PROBING = (
    KEPT.where(sa.or_(accounts.c.probe_at <= _now, accounts.c.probe_at > _far, accounts.c.probe_at.is_(None)))
    .order_by(accounts.c.probe_at, accounts.c.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)

WARNING = (
    KEPT.where(accounts.c.warn_at <= _now)
    .order_by(accounts.c.warn_at, accounts.c.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)

REFRESHING = (
    KEPT.where(
        accounts.c.login == "instagram",
        sa.or_(accounts.c.refresh_at <= _now, accounts.c.refresh_at > _far, accounts.c.refresh_at.is_(None)),
    )
    .order_by(accounts.c.refresh_at, accounts.c.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)


def refreshing(conn: sa.Connection, now: datetime, far: datetime, limit: int) -> list[Kept]:
    """Accounts whose token is to be exchanged for a younger one."""
    return [kept_from(row) for row in conn.execute(REFRESHING, {"now": now, "far": far, "limit": limit})]


def warning(conn: sa.Connection, now: datetime, limit: int) -> list[Kept]:
    """Accounts of whose login's end something may have to be told."""
    return [kept_from(row) for row in conn.execute(WARNING, {"now": now, "limit": limit})]


def kept_of(conn: sa.Connection, account: AccountId) -> Kept | None:
    """One account with its dates; None: it is removed."""
    row = conn.execute(KEPT.where(accounts.c.id == account)).one_or_none()
    return None if row is None else kept_from(row)


def probing(conn: sa.Connection, now: datetime, far: datetime, limit: int) -> list[Kept]:
    """Accounts to be asked about, or of which it is not known when, or that it will not be for too long."""
    return [kept_from(row) for row in conn.execute(PROBING, {"now": now, "far": far, "limit": limit})]


def look_at_those_beside(conn: sa.Connection, account: AccountId, now: datetime) -> None:
    """A login is dead that others may share: ask at once about those that are well, but for what is being asked already.

    Where it is not known who logged in: all of the workspace that are connected in the same way, by nobody known.
    """
    own = accounts.alias("dead")
    same = sa.or_(
        accounts.c.connected_by == own.c.connected_by,
        sa.and_(accounts.c.connected_by.is_(None), own.c.connected_by.is_(None), accounts.c.login == own.c.login),
    )
    shared = sa.exists().where(own.c.id == account, own.c.workspace == accounts.c.workspace, same)
    well = sa.and_(accounts.c.health == "ready", accounts.c.wish != "removed", accounts.c.id != account)
    idle = accounts.c.probe_at > now + BEING_ASKED
    conn.execute(sa.update(accounts).where(well, idle, shared).values(probe_at=now))


def kept_from(row: sa.Row[Any]) -> Kept:
    """What `KEPT` reads."""
    dates = {name: getattr(row, f"date_{name}") for name in DATES}
    return Kept(account=rows.account(row), dates=Dates(**dates))


def write(conn: sa.Connection, changed: Sequence[tuple[AccountId, Mapping[Upkeep, datetime | str | None]]]) -> None:
    """What is kept of accounts, of each at most once: every account is asked about every day."""
    by_names: dict[tuple[Upkeep, ...], list[dict[str, Any]]] = {}
    for account, values in changed:
        names = tuple(sorted(values))
        by_names.setdefault(names, []).append({"kept": account} | {name: values[name] for name in names})
    for names, each in by_names.items():
        conn.execute(_writing(names), each)


@cache
def _writing(names: tuple[Upkeep, ...]) -> sa.Update:
    own = accounts
    return sa.update(own).where(own.c.id == sa.bindparam("kept")).values({name: sa.bindparam(name) for name in names})
