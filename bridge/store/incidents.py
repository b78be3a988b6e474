"""Rows of incidents become the model's words here, and back; and what is open beside one.

Rule: whoever reads an incident to change it locks its row, because it is written whole.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.alerts import SENDING
from bridge.looking import Incidents
from bridge.model.change import asdict
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, IncidentId, PlaceRef, PostRef, WorkspaceId
from bridge.model.incident import Company, Incident, Mark
from bridge.rules.desk import many
from bridge.rules.desk.incidents import SNOOZED, marked
from bridge.store import through
from bridge.store.schema import incident as table

_open = sa.text("incident.closed_at IS NULL")
MOST_ALIKE = 50
"""So many are enough to be told together."""


def by_id(conn: sa.Connection, ids: Collection[IncidentId]) -> dict[IncidentId, Incident]:
    """Some incidents, locked in the order of their ids."""
    if not ids:
        return {}
    query = table.select().where(table.c.id.in_(sorted(ids))).order_by(table.c.id).with_for_update()
    return {row.id: read(row) for row in conn.execute(query)}


def mark(conn: sa.Connection, marks: Collection[Mark]) -> None:
    """Note what became of ways to tell incidents, on what they are now."""
    found = by_id(conn, {each.incident for each in marks})
    for each in marks:
        if (told := found.get(each.incident)) is not None:
            found[told.id] = marked(told, each)
    for told in found.values():
        step = sa.update(table).where(table.c.id == told.id)
        conn.execute(step.values({"values": dict(told.values), "ref": told.ref}))


def members(conn: sa.Connection, digests: Collection[IncidentId]) -> dict[IncidentId, tuple[Incident, ...]]:
    """What digests tell of: what is open before what is over, the oldest first."""
    found: dict[IncidentId, tuple[Incident, ...]] = dict.fromkeys(digests, ())
    if not found:
        return found
    # The index's own condition stands literally, or no database would use it.
    within = sa.and_(sa.text("incident.within IS NOT NULL"), table.c.within.in_(sorted(found)))
    query = table.select().where(within).order_by(table.c.closed_at.is_not(None), table.c.id)
    for row in conn.execute(query):
        found[row.within] = (*found[row.within], read(row))
    return found


def told_in(conn: sa.Connection, workspace: WorkspaceId) -> list[Incident]:
    """The open ones of a workspace whose alerts stand, the oldest first."""
    query = table.select().where(_open, table.c.workspace == workspace, table.c.ref.is_not(None)).order_by(table.c.id)
    return list(map(read, conn.execute(query)))


class SqlIncidents(Incidents):
    """`bridge.ports.Incidents` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def one(self, workspace: WorkspaceId, id: IncidentId) -> Incident | None:
        """By its id."""
        found = by_id(self._conn, [id]).get(id)
        return found if found is not None and found.workspace == workspace else None

    def company(self, of: Incident | AlertDue, since: datetime) -> Company:
        """A digest's own members are its company's; of what is alike only what stands alone counts."""
        digest = self._digest(of)
        left = set() if digest is None else {each.id for each in self._members(digest) if each.closed_at is None}
        kin = table.select().where(
            _open,
            table.c.workspace == of.workspace,
            table.c.kind == of.kind,
            table.c.place == of.place,
            table.c.key != of.key,
            table.c.within.is_(None),
            table.c.opened_at >= since,
        )
        found = self._conn.execute(kin.order_by(table.c.id).limit(MOST_ALIKE).with_for_update())
        return Company(digest=digest, left=frozenset(left), alike=tuple(map(read, found)))

    def open_of(self, kind: str) -> list[Incident]:
        """The oldest first."""
        query = table.select().where(_open, table.c.kind == kind).order_by(table.c.id).with_for_update()
        return list(map(read, self._conn.execute(query)))

    def put_off(self, until: datetime, limit: int) -> list[Incident]:
        """Of all that is open there is never much."""
        moment = table.c["values"][SNOOZED].as_float()
        query = table.select().where(_open, moment <= until.timestamp()).order_by(table.c.id).limit(limit)
        return [read(row) for row in self._conn.execute(query.with_for_update())]

    def sending(self, since: datetime, limit: int) -> list[tuple[Incident, int, int]]:
        """The latest first: it is theirs that somebody looks at."""
        query = table.select().where(table.c.closed_at >= since, table.c["values"][SENDING].as_float().is_not(None))
        found = [
            read(row) for row in self._conn.execute(query.order_by(table.c.id.desc()).limit(limit).with_for_update())
        ]
        return [(each, *through.counted(self._conn, each.account, float(each.values[SENDING] or 0))) for each in found]

    def _digest(self, of: Incident | AlertDue) -> Incident | None:
        if isinstance(of, Incident) and of.within is not None:
            return by_id(self._conn, [of.within]).get(of.within)
        key = many.key(of.kind, of.place)
        query = table.select().where(_open, table.c.workspace == of.workspace, table.c.key == key)
        row = self._conn.execute(query.with_for_update()).one_or_none()
        return None if row is None else read(row)

    def _members(self, digest: Incident) -> tuple[Incident, ...]:
        return members(self._conn, [digest.id])[digest.id]


def read(row: Any) -> Incident:
    """From a row of ``incident``."""
    return Incident(
        id=IncidentId(row.id),
        workspace=WorkspaceId(row.workspace),
        key=row.key,
        kind=row.kind,
        place=PlaceRef(row.place),
        account=None if row.account is None else AccountId(row.account),
        values=row._mapping["values"],
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        ref=None if row.ref is None else PostRef(row.ref),
        within=None if row.within is None else IncidentId(row.within),
    )


def values(of: Incident) -> dict[str, Any]:
    """A row of ``incident``."""
    return {**asdict(of), "values": dict(of.values)}
