"""Accounts' pictures: kept before somebody's wish for one is decided, given out by a name that nobody can guess."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.word import Word
from bridge.store.house import icon as table
from bridge.store.store import SqlStore

PATH = "/icons"
"""Where pictures are given out."""
BYTES = 24
"""Of chance in a picture's name."""


class Picture(Word, kw_only=True):
    """A picture and its type, as HTTP names it."""

    kind: str
    content: bytes


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
