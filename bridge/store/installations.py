"""Where the app was installed by OAuth: one row for each workspace, or for a whole organisation, with its sealed token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from bridge.model.change import asdict
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.word import Word
from bridge.store import rows
from bridge.store.house import installation, spent, workspace
from bridge.store.sql import insert_once

REFRESHING_FOR: Final = timedelta(minutes=1)
"""So long one process has a refresh to itself: a refresh token counts once."""


class Installation(Word, kw_only=True):
    """One installation. id: the workspace's, or the organisation's (E…) where it is for all of its workspaces.

    sealed, refresh: tokens, encrypted; None: dead, or never given. expires_at: of the token; None: it does not.
    """

    HIDDEN: ClassVar = frozenset({"sealed", "refresh"})

    id: str
    enterprise: str | None
    sealed: str | None
    refresh: str | None = None
    bot_person: PersonRef
    scopes: tuple[str, ...]
    installed_by: PersonRef | None
    installed_at: datetime
    expires_at: datetime | None = None
    refreshing_until: datetime | None = None
    revoked_at: datetime | None = None


class Installed(Word, kw_only=True):
    """All of them, and of which organisation each workspace is, from one moment."""

    by_id: Mapping[str, Installation]
    enterprises: Mapping[WorkspaceId, str]

    def of(self, workspace: WorkspaceId) -> Installation | None:
        """The one that counts for a workspace: its own, else its organisation's; None: there is none."""
        for whose in (workspace, self.enterprises.get(workspace)):
            found = self.by_id.get(whose) if whose is not None else None
            if found is not None and found.revoked_at is None and found.sealed is not None:
                return found
        return None

    def workspaces(self, id: str) -> tuple[WorkspaceId, ...]:
        """The workspaces that are spoken for by an installation, as far as they are known."""
        return tuple(each for each, org in self.enterprises.items() if org == id) or (WorkspaceId(id),)


NOWHERE: Final = Installed(by_id={}, enterprises={})


def installed(conn: sa.Connection) -> Installed:
    """Read them all."""
    kept = [_installation(row) for row in conn.execute(sa.select(installation))]
    orgs = conn.execute(sa.select(workspace.c.id, workspace.c.enterprise).where(workspace.c.enterprise.is_not(None)))
    return Installed(
        by_id={each.id: each for each in kept}, enterprises={WorkspaceId(row.id): row.enterprise for row in orgs}
    )


def keep_installation(conn: sa.Connection, kept: Installation) -> None:
    """Keep one, new or again: what was revoked counts again."""
    values = {**asdict(kept), "scopes": ",".join(kept.scopes)}
    rows.upsert(conn, installation, [values])


def belongs(conn: sa.Connection, workspaces: Sequence[WorkspaceId], enterprise: str | None) -> None:
    """Remember of which organisation workspaces are; None: of none."""
    conn.execute(sa.update(workspace).where(workspace.c.id.in_(workspaces)).values(enterprise=enterprise))


def revoke(conn: sa.Connection, id: str, at: datetime) -> None:
    """Its tokens are dead, and forgotten."""
    dead = {"revoked_at": at, "sealed": None, "refresh": None, "expires_at": None}
    conn.execute(sa.update(installation).where(installation.c.id == id).values(**dead))


def claim_refresh(conn: sa.Connection, id: str, now: datetime) -> bool:
    """Take the refresh of a token for oneself; False: somebody else has it."""
    free = sa.or_(installation.c.refreshing_until.is_(None), installation.c.refreshing_until < now)
    mine = sa.and_(installation.c.id == id, free)
    until = {"refreshing_until": now + REFRESHING_FOR}
    return conn.execute(sa.update(installation).where(mine).values(**until)).rowcount > 0


def refreshed(
    conn: sa.Connection, id: str, before: str, *, sealed: str, refresh: str | None, expires_at: datetime | None
) -> None:
    """Keep a younger token, unless it was installed anew meanwhile. before: the sealed refresh token that was used."""
    same = sa.and_(installation.c.id == id, installation.c.refresh == before)
    values = {"sealed": sealed, "refresh": refresh, "expires_at": expires_at, "refreshing_until": None}
    conn.execute(sa.update(installation).where(same).values(**values))


def spend(conn: sa.Connection, id: str, expires_at: datetime) -> bool:
    """Let something count once; False: it has. expires_at: when it no longer counts by itself."""
    once = insert_once(conn, spent).returning(spent.c.id)
    return conn.execute(once, {"id": id, "expires_at": expires_at}).first() is not None


def forget_spent(conn: sa.Connection, now: datetime) -> None:
    """Drop what would not count any more anyway."""
    conn.execute(sa.delete(spent).where(spent.c.expires_at < now))


def _installation(row: sa.Row[Any]) -> Installation:
    values = {**row._mapping, "scopes": tuple(filter(None, row.scopes.split(",")))}
    return Installation(**values)
