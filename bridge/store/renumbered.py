"""A place that goes by another id: everything that is kept under the old one is kept under the new one, in one transaction.

What was on its way meanwhile may come back under the old id; so the same is done again for a while, and costs little when
there is nothing to do.
Rule 1: ids of places stand in refs, targets, lanes, settings and payloads, and in nobody's words.
Rule 2: where something stands under both ids already, the older of the two is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.respelt import respelt
from bridge.rules.desk.places import place_key
from bridge.store import house, schema
from bridge.store.queue import is_undecided, is_unfinished
from bridge.store.sql import insert_once
from bridge.store.ticket import ticket

AFTER = ";"
"""What comes right after the colon that ends a place in a ref."""


class RenumberedTicks:
    """The part of `bridge.due.Ticks` that is about places that go by another id."""

    _conn: sa.Connection

    def renumbered(self) -> dict[PlaceRef, tuple[WorkspaceId, PlaceRef, datetime]]:
        """All there ever were: there are few."""
        found = self._conn.execute(sa.select(house.renumbered))
        return {PlaceRef(row.old): (WorkspaceId(row.workspace), PlaceRef(row.new), row.at) for row in found}

    def renumber(self, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef, now: datetime) -> bool:
        """The first time it says whether an account lives there."""
        table = house.renumbered
        mine = table.c.workspace == workspace
        self._conn.execute(sa.update(table).where(mine, table.c.new == old).values(new=new))
        values = {"workspace": workspace, "old": old, "new": new, "at": now}
        self._conn.execute(insert_once(self._conn, table).values(**values))
        lived = _accounts(self._conn, workspace, old, new, now)
        _refs(self._conn, workspace, old, new)
        _tickets(self._conn, workspace, old, new)
        _targets(self._conn, workspace, old, new)
        _queues(self._conn, workspace, old, new)
        _incidents(self._conn, workspace, old, new)
        return lived


def _accounts(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef, now: datetime) -> bool:
    """Settings, routes, and a line of the audit for each."""
    account, route, lived = schema.account, schema.route, False
    for column in (route.c.place, route.c.alerts_place):
        conn.execute(sa.update(route).where(route.c.workspace == workspace, column == old).values({column.name: new}))
    for row in conn.execute(sa.select(account).where(account.c.workspace == workspace)).all():
        after = _spelt(row.settings, old, new)
        if after == row.settings:
            continue
        lived = True
        conn.execute(sa.update(account).where(account.c.id == row.id).values(settings=after))
        changed = [name for name in after if after[name] != row.settings[name]]
        line = {"workspace": workspace, "at": now, "who": "bridge", "action": "account.renumbered"}
        line |= {"object": f"{row.platform}:{row.remote_id}", "before": {name: row.settings[name] for name in changed}}
        conn.execute(sa.insert(schema.audit).values(**line, after={name: after[name] for name in changed}))
    return lived


def _refs(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef) -> None:
    """Threads, messages, posts and side threads; by their index, as each ref begins with its place."""
    thread = schema.thread
    conn.execute(sa.update(thread).where(thread.c.workspace == workspace, thread.c.place == old).values(place=new))
    tables = (schema.thread, schema.message, schema.post, schema.side_thread, ticket)
    for table in tables:
        there = table.alias("there")
        renamed = new + sa.func.substr(table.c.ref, len(old) + 1)
        conn.execute(
            sa.update(table)
            .where(
                table.c.workspace == workspace,
                table.c.ref >= f"{old}:",
                table.c.ref < f"{old}{AFTER}",
                ~sa.exists().where(there.c.workspace == workspace, there.c.ref == renamed),
            )
            .values(ref=renamed)
        )


def _tickets(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef) -> None:
    """Where those were put that stand on the desk, and what conversations say of theirs."""
    conversation, mine = schema.conversation, ticket.c.workspace == workspace
    conn.execute(sa.update(ticket).where(mine, ticket.c.sink == f"slack:{old}").values(sink=f"slack:{new}"))
    theirs = sa.select(ticket.c.conversation).where(mine, ticket.c.sink == f"slack:{new}")
    for row in conn.execute(
        sa.select(conversation.c.id, conversation.c.ticket).where(conversation.c.id.in_(theirs))
    ).all():
        after = None if row.ticket is None else _spelt(row.ticket, old, new)
        if after != row.ticket:
            conn.execute(sa.update(conversation).where(conversation.c.id == row.id).values(ticket=after))


def _targets(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef) -> None:
    """What is paced and held by place; what held the old one because nothing is there any more holds the new one not."""
    target, outbox = schema.target, schema.outbox
    ends_so = target.c.id.like(f"desk:{workspace}:%:{old}")
    for row in conn.execute(sa.select(target).where(target.c.workspace == workspace, ends_so)).all():
        values = dict(row._mapping)
        values |= {"id": row.id.removesuffix(old) + new}
        if row.held_by == place_key(old):
            values |= {"held_by": None, "probe": False}
        conn.execute(insert_once(conn, target).values(**values))
        waiting = sa.and_(is_unfinished, outbox.c.target == row.id)
        conn.execute(sa.update(outbox).where(waiting).values(target=values["id"]))
        conn.execute(sa.delete(target).where(target.c.id == row.id))


def _queues(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef) -> None:
    """What is not done yet, and what is not decided yet; that the old place has ended is told under its own key."""
    outbox, inbox = schema.outbox, schema.inbox
    named = sa.or_(outbox.c.lane.contains(old), sa.cast(outbox.c.payload, sa.Text).contains(old))
    waiting = sa.and_(outbox.c.workspace == workspace, is_unfinished, named)
    for row in conn.execute(sa.select(outbox.c.id, outbox.c.lane, outbox.c.payload).where(waiting)).all():
        values = {"lane": respelt(row.lane, old, new), "payload": _spelt(row.payload, old, new)}
        conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(values))
    undecided = sa.and_(inbox.c.workspace == workspace, is_undecided)
    for row in conn.execute(sa.select(inbox.c.id, inbox.c.lane, inbox.c.body).where(undecided)).all():
        text = row.body.decode(errors="surrogateescape")
        body = respelt(text, old, new).replace(place_key(new), place_key(old))
        if body != text:
            moved: dict[str, Any] = {"lane": respelt(row.lane, old, new), "body": body.encode(errors="surrogateescape")}
            conn.execute(sa.update(inbox).where(inbox.c.id == row.id).values(moved))


def _incidents(conn: sa.Connection, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef) -> None:
    """Where they are told, and what they are about; but what the place's own end has opened ends by its own key."""
    table = schema.incident
    named = sa.or_(
        table.c.place == old,
        table.c.ref.startswith(f"{old}:"),
        table.c.key.contains(old),
        sa.cast(table.c["values"], sa.Text).contains(old),
    )
    known = set(conn.execute(sa.select(table.c.key).where(table.c.workspace == workspace, _open())).scalars())
    for row in conn.execute(sa.select(table).where(table.c.workspace == workspace, named)).all():
        closing = row.key == place_key(old) or row.key.startswith(f"{place_key(old)}:")
        key = row.key if closing else respelt(row.key, old, new)
        values: dict[str, Any] = {
            "place": new if row.place == old else row.place,
            "ref": None if row.ref is None else respelt(row.ref, old, new),
            "key": row.key if key in known else key,
            "values": _spelt(row.values, old, new),
        }
        conn.execute(sa.update(table).where(table.c.id == row.id).values(values))


def _open() -> sa.TextClause:
    return sa.text("closed_at IS NULL")


def _spelt(value: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """The same with the other id wherever the old one stands."""
    spelt: dict[str, Any] = json.loads(respelt(json.dumps(value, ensure_ascii=False), old, new))
    return spelt
