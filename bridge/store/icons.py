"""Accounts' pictures: kept before somebody's wish for one is decided, given out by a name that nobody can guess."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Account
from bridge.settings import Audit, subject
from bridge.store import accounts
from bridge.store.hand import Hand
from bridge.store.house import icon as table
from bridge.store.schema import account as account_table

if TYPE_CHECKING:
    from bridge.store.store import SqlStore

PATH = "/icons"
"""Where pictures are given out."""
BYTES = 24
"""Of chance in a picture's name."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture and its type, as HTTP names it."""

    kind: str
    content: bytes


def choose(hand: Hand, account: Account, icon: str | None) -> None:
    """Let an account's posts bear this picture, or none; others of it are forgotten."""
    own = table.c.account == account.id
    hand.conn.execute(sa.delete(table).where(own if icon is None else sa.and_(own, table.c.id != icon)))
    hand.conn.execute(sa.update(account_table).where(account_table.c.id == account.id).values(icon=icon))
    before, after = {"icon": account.icon is not None}, {"icon": icon is not None}
    line = Audit(who=hand.who, action="account.icon", object=subject(account), before=before, after=after)
    accounts.audit(hand, account, line)


class SqlIcons:
    """The pictures (`bridge.slack.setup.icons.Icons`)."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def keep(self, workspace: WorkspaceId, account: AccountId, kind: str, content: bytes, now: datetime) -> str:
        """Keep a picture; return its name."""
        name = secrets.token_urlsafe(BYTES)
        row = {"id": name, "workspace": workspace, "account": account, "kind": kind, "picture": content, "made_at": now}
        await self._store.write(lambda tx: tx.connection.execute(sa.insert(table).values(**row)))
        return name

    async def given(self, name: str) -> Picture | None:
        """One by its name."""
        query = sa.select(table.c.kind, table.c.picture).where(table.c.id == name)
        async with self._store.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Picture(kind=row.kind, content=bytes(row.picture))
