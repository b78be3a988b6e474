"""The installations on a desk, as commands write them; `bridge.store.scenes` reads them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.model.change import asdict
from bridge.model.ids import WorkspaceId
from bridge.model.state import Wish, Workspace
from bridge.settings import Audit
from bridge.store import rows, schema
from bridge.store.scenes import workspaces_of
from bridge.store.schema import workspace as workspaces


def keep_workspace(conn: sa.Connection, workspace: Workspace) -> None:
    """Remember one as it is now."""
    rows.upsert(conn, workspaces, [asdict(workspace)])


def speak(conn: sa.Connection, language: str) -> None:
    """Let all of them be spoken to in this language, but for those that have chosen theirs."""
    conn.execute(sa.update(workspaces).where(workspaces.c.language_by.is_(None)).values(language=language))


def note_in(conn: sa.Connection, workspace: WorkspaceId, at: datetime, line: Audit) -> None:
    """Keep one line of the audit that concerns one workspace."""
    values = {"at": at, "who": line.who, "action": line.action, "object": line.object}
    values |= {"before": dict(line.before), "after": dict(line.after)}
    conn.execute(sa.insert(schema.audit).values(workspace=workspace, **values))


def note(conn: sa.Connection, at: datetime, line: Audit) -> None:
    """Keep one line of the audit that concerns all workspaces of the database: one in each."""
    for workspace in workspaces_of(conn):
        note_in(conn, workspace.id, at, line)


def busy(conn: sa.Connection) -> frozenset[WorkspaceId]:
    """The workspaces to which accounts are connected."""
    account = schema.account
    query = sa.select(account.c.workspace).where(account.c.wish != Wish.REMOVED.value).distinct()
    return frozenset(map(WorkspaceId, conn.execute(query).scalars()))
