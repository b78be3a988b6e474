"""Whom somebody turns to on the desk who may not do something themselves."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.state import Account, PersonKind
from bridge.roles import MOST_NAMED
from bridge.store.schema import person as people


def admins(conn: sa.Connection, workspace: WorkspaceId) -> tuple[PersonRef, ...]:
    """Some of those who may set up whatever there is, as far as that was learnt."""
    query = sa.select(people.c.ref).where(
        people.c.workspace == workspace, people.c.admin, people.c.kind == PersonKind.MEMBER.value
    )
    return tuple(map(PersonRef, conn.execute(query.order_by(people.c.name).limit(MOST_NAMED)).scalars()))


def to_ask(conn: sa.Connection, workspace: WorkspaceId, accounts: Sequence[Account]) -> tuple[PersonRef, ...]:
    """The accounts' owners, else the admins; of either the first few."""
    owners = tuple(dict.fromkeys(owner for each in accounts for owner in each.settings.owners))
    return owners[:MOST_NAMED] or admins(conn, workspace)
