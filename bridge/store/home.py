"""People's own pages on the desk: what is kept of them, which are to be drawn, and what stands in one.

Rule 1: what stands in one is read on a connection that cannot write, outside of every transaction, and kept nowhere.
Rule 2: figures are read anew after `FRESH`, however often a page is drawn: they are the dearest thing on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.alerts import OUTSIDE, TOLD_ONCE
from bridge.looking import Homes
from bridge.model.home import HomeKept
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.listed import Which
from bridge.model.setup import RESTORABLE
from bridge.model.sheet import Managed, Removed, Sheet, Trouble
from bridge.model.state import Account, Health, Person, Value, Wish
from bridge.ports import Needs
from bridge.rules.desk import announced, board, breaks, many
from bridge.rules.desk.home import AT_MOST, managed
from bridge.store import digests, incidents
from bridge.store.admins import admins
from bridge.store.held import waiting
from bridge.store.lists import listed
from bridge.store.rows import upsert
from bridge.store.scenes import SqlScenes
from bridge.store.schema import account as accounts
from bridge.store.schema import home
from bridge.store.schema import incident as incident_table
from bridge.store.setups import removed_since

FRESH = timedelta(minutes=10)
WEEK = timedelta(days=7)
RESTING = "resting"
"""The look of a page that bears nobody's name."""
LISTS = frozenset({announced.KIND, board.KIND, breaks.KIND, many.KIND, *TOLD_ONCE, *OUTSIDE})
"""Kinds of incidents that tell of nothing to be mended, or only of others."""

Whose = tuple[WorkspaceId, PersonRef]
_OPEN = incident_table.select().where(
    sa.text("incident.closed_at IS NULL"),
    incident_table.c.workspace == sa.bindparam("workspace"),
    incident_table.c.kind.not_in(sorted(LISTS)),
)


def keep(conn: sa.Connection, workspace: WorkspaceId, pages: Sequence[HomeKept]) -> None:
    """Write what is kept of pages: an opened one whole or anew, of others what is said."""
    for page in pages:
        own = sa.and_(home.c.workspace == workspace, home.c.person == page.person)
        if page.opened_at is not None:
            row = {"workspace": workspace, "person": page.person, "opened_at": page.opened_at}
            upsert(conn, home, [row])
        elif page.closed:
            conn.execute(sa.delete(home).where(own))
        else:
            conn.execute(sa.update(home).where(own).values(look=page.look, version=page.version))


class SqlHomes(Homes):
    """`bridge.looking.Homes` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def lately(self, workspaces: Collection[WorkspaceId] | None, since: datetime) -> list[Whose]:
        """The one that was opened last first."""
        query = sa.select(home.c.workspace, home.c.person).where(home.c.opened_at > since)
        if workspaces is not None:
            query = query.where(home.c.workspace.in_(sorted(workspaces)))
        return _whose(self._conn.execute(query.order_by(home.c.opened_at.desc())).all())

    def idle(self, before: datetime, limit: int) -> list[Whose]:
        """The oldest first."""
        query = sa.select(home.c.workspace, home.c.person).where(
            home.c.opened_at <= before, home.c.look.is_not(None), home.c.look != RESTING
        )
        return _whose(self._conn.execute(query.order_by(home.c.opened_at).limit(limit)).all())


def _whose(found: Sequence[Any]) -> list[Whose]:
    return [(WorkspaceId(row.workspace), PersonRef(row.person)) for row in found]


class SqlSheets:
    """What stands in a page (`bridge.slack.home.Reader`)."""

    def __init__(self, reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._reading = reading
        self._figures: dict[AccountId, tuple[datetime, Mapping[str, Value]]] = {}

    async def sheet(self, workspace: WorkspaceId, person: PersonRef, now: datetime) -> Sheet | None:
        """All of it, as far as they may see it; None: nobody knows who they are."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: self._sheet(conn, workspace, person, now))

    def _sheet(self, conn: sa.Connection, workspace: WorkspaceId, person: PersonRef, now: datetime) -> Sheet | None:
        scenes = SqlScenes(conn)
        here = scenes.workspace(workspace)
        who = scenes.known(workspace, Needs(people=(person,))).people.get(person)
        if here is None or who is None:
            return None
        every = scenes.accounts(workspace)
        lists = {
            which: listed(conn, workspace, who, which, "", now, most=AT_MOST, others=which is Which.QUEUE)
            for which in SHOWN
        }
        theirs = managed(who, every)
        told = troubles(conn, workspace)
        own = {each.id: [one for one in told if one.incident.account == each.id] for each in theirs}
        first = sorted(theirs, key=lambda each: (not own[each.id], _well(each)))[:AT_MOST]
        until, signing = ends(conn, [each.id for each in first]), signed(conn, workspace)
        stands = conn.execute(
            sa.select(home.c.look, home.c.version).where(home.c.workspace == workspace, home.c.person == person)
        ).one_or_none()
        return Sheet(
            workspace=here,
            person=who,
            connected=bool(every),
            mine=lists[Which.MINE],
            waiting=lists[Which.QUEUE],
            closing=lists[Which.CLOSING],
            managed=tuple(
                Managed(
                    account=each,
                    troubles=tuple(own[each.id]),
                    ends_at=until.get(each.id),
                    signed=each.id in signing,
                    figures=self._week(conn, each, now),
                )
                for each in first
            ),
            more=len(theirs) - len(first),
            others=_others(who, told, theirs),
            removed=_removed(conn, workspace, who, now),
            admins=() if every else admins(conn, workspace),
            look=None if stands is None else stands.look,
            version=None if stands is None else stands.version,
        )

    def _week(self, conn: sa.Connection, account: Account, now: datetime) -> Mapping[str, Value]:
        read = self._figures.get(account.id)
        if read is None or not timedelta() <= now - read[0] < FRESH:
            read = self._figures[account.id] = (now, digests.values_of(conn, account, now - WEEK, now, now))
        return read[1]


SHOWN = (Which.MINE, Which.QUEUE, Which.CLOSING)


def _well(account: Account) -> bool:
    return account.health is Health.READY and account.wish is Wish.ON


def troubles(conn: sa.Connection, workspace: WorkspaceId) -> list[Trouble]:
    """What is open in a workspace, the oldest first."""
    found = map(incidents.read, conn.execute(_OPEN.order_by(incident_table.c.id), {"workspace": workspace}))
    return [Trouble(incident=each, waiting=waiting(conn, each)) for each in found]


def _others(person: Person, told: Sequence[Trouble], theirs: Sequence[Account]) -> tuple[Trouble, ...]:
    """What belongs to no account that is told of."""
    if not person.admin:
        return ()
    ids = {each.id for each in theirs}
    return tuple(each for each in told if each.incident.account not in ids)[:AT_MOST]


def _removed(conn: sa.Connection, workspace: WorkspaceId, person: Person, now: datetime) -> tuple[Removed, ...]:
    """What they may take back."""
    lately = removed_since(conn, workspace, now - RESTORABLE)
    theirs = managed(person, [each for each, _ in lately])
    return tuple(Removed(account=each, until=at + RESTORABLE) for each, at in lately if each in theirs)


def ends(conn: sa.Connection, ids: Sequence[AccountId]) -> dict[AccountId, datetime]:
    """When the logins that there are end, by the earlier of the two ends that the network tells."""
    columns = (accounts.c.token_expires_at, accounts.c.data_access_expires_at)
    there = sa.and_(accounts.c.id.in_(ids), accounts.c.sealed.is_not(None))
    found = conn.execute(sa.select(accounts.c.id, *columns).where(there))
    known = {AccountId(row.id): [at for at in row[1:] if at is not None] for row in found}
    return {account: min(several) for account, several in known.items() if several}


def signed(conn: sa.Connection, workspace: WorkspaceId) -> frozenset[AccountId]:
    """The accounts that have something to sign their tickets with."""
    there = sa.and_(accounts.c.workspace == workspace, accounts.c.ticket_sealed.is_not(None))
    return frozenset(map(AccountId, conn.execute(sa.select(accounts.c.id).where(there)).scalars()))
