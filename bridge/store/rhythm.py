"""When accounts usually hear something: for each hour of the week, how often it was watched, and in how many something came.

Rule 1: an hour counts as watched when the bridge was there from its beginning to its end, for accounts that could hear.
Rule 2: that something came is written once for each account and hour.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.model.facts import AlertOver
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Platform
from bridge.model.upkeep import Kept
from bridge.rules.accounts.silence import HOUR, LEAST, hour_of, slot_of
from bridge.store import rows
from bridge.store.health import RHYTHM
from bridge.store.schema import Instant, heartbeat, incident, rhythm
from bridge.store.schema import account as accounts
from bridge.store.upkeep import KEPT, kept_from

_quiet = sa.bindparam("quiet", type_=Instant)
_told = sa.exists().where(
    incident.c.account == accounts.c.id, incident.c.kind == "silence", sa.text("incident.closed_at IS NULL")
)
QUIET = KEPT.where(
    accounts.c.wish == "on", accounts.c.health == "ready", accounts.c.heard_at <= _quiet, ~_told
).order_by(accounts.c.id)
BROKEN_SILENCE = sa.select(incident.c.workspace, incident.c.key).where(
    sa.text("incident.closed_at IS NULL"),
    incident.c.kind == "silence",
    incident.c.account.in_(sa.bindparam("ids", expanding=True)),
)


def heard(conn: sa.Connection, known: Collection[tuple[Platform, str]], now: datetime) -> list[AlertOver]:
    """The network has told something of these accounts; the silences that are over with that."""
    if not known:
        return []
    mine = sa.select(
        accounts.c.id, accounts.c.workspace, accounts.c.platform, accounts.c.remote_id, accounts.c.heard_at
    )
    ids = sorted({remote_id for _, remote_id in known})
    found = [
        row
        for row in conn.execute(mine.where(accounts.c.remote_id.in_(ids)))
        if (Platform(row.platform), row.remote_id) in known
    ]
    for row in found:
        conn.execute(sa.update(accounts).where(accounts.c.id == row.id).values(heard_at=now))
        if row.heard_at is None or hour_of(row.heard_at) != hour_of(now):
            _count(conn, row.id, row.workspace, slot_of(now), hours=0, heard=1)
    over = conn.execute(BROKEN_SILENCE, {"ids": [row.id for row in found]}) if found else ()
    return [AlertOver(workspace=WorkspaceId(row.workspace), at=now, key=row.key) for row in over]


def watched(conn: sa.Connection, now: datetime) -> None:
    """Count the hour that has just ended, once, if it was watched from its beginning."""
    query = sa.select(heartbeat.c.at).where(heartbeat.c.process == RHYTHM).with_for_update()
    before, this = conn.execute(query).scalar_one_or_none(), hour_of(now)
    if before == this:
        return
    rows.upsert(conn, heartbeat, [{"process": RHYTHM, "role": RHYTHM, "at": this}])
    if before is None or this - before != HOUR:
        return
    could = sa.select(accounts.c.id, accounts.c.workspace).where(
        accounts.c.wish == "on", accounts.c.health == "ready", accounts.c.connected_at <= before
    )
    for row in conn.execute(could).all():
        _count(conn, row.id, row.workspace, slot_of(before), hours=1, heard=0)


def quiet(conn: sa.Connection, now: datetime) -> list[tuple[Kept, Mapping[int, tuple[int, int]]]]:
    """Accounts of which nothing was told for hours, and of whose silence nobody was told, each with its week."""
    kept = [kept_from(row) for row in conn.execute(QUIET, {"quiet": now - LEAST})]
    weeks: dict[AccountId, dict[int, tuple[int, int]]] = {each.account.id: {} for each in kept}
    if kept:
        for row in conn.execute(rhythm.select().where(rhythm.c.account.in_(list(weeks)))):
            weeks[AccountId(row.account)][row.slot] = (row.hours, row.heard)
    return [(each, weeks[each.account.id]) for each in kept]


def _count(conn: sa.Connection, account: int, workspace: str, slot: int, *, hours: int, heard: int) -> None:
    statement = rows.insert_into(conn, rhythm).values(
        account=account, slot=slot, workspace=workspace, hours=hours, heard=heard
    )
    more = {"hours": rhythm.c.hours + hours, "heard": rhythm.c.heard + heard}
    conn.execute(statement.on_conflict_do_update(index_elements=["account", "slot"], set_=more))
