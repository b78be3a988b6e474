"""What is set up in a workspace, read at once on a connection that cannot write, outside of every transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.model.ids import AccountId, GroupRef, PersonRef, PostRef, WorkspaceId
from bridge.model.saved import SavedReply
from bridge.model.sheet import Managed
from bridge.model.state import Account, Person, Wish
from bridge.model.survey import Change, Survey
from bridge.ports import Needs
from bridge.store import health, saved
from bridge.store.admins import admins
from bridge.store.home import ends, signed, troubles
from bridge.store.reading import accounts_of
from bridge.store.scenes import SqlScenes
from bridge.store.schema import account as accounts
from bridge.store.schema import audit, inbox
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads
from bridge.store.setups import chosen, removed_since

Talk = tuple[str | None, PostRef | None]
"""What a customer is called, and the thread's first post."""
NOBODY: Talk = (None, None)
MOST_DIGITS = 19
"""No id has so many."""


class SqlSurveys:
    """Answers what people ask of what is set up (`bridge.slack.setup.door.Reader`)."""

    def __init__(self, reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._reading = reading

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        async with self._reading() as connection:
            return await connection.run_sync(
                lambda conn: SqlScenes(conn).known(workspace, Needs(people=(person,))).people.get(person)
            )

    async def undecided(self, key: str) -> bool:
        """Whether an item of the inbox still waits for a worker."""
        query = sa.select(inbox.c.id).where(inbox.c.key == key, inbox.c.state.in_(["ready", "free"]))
        async with self._reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def awake(self, within: timedelta) -> bool:
        """Whether a worker has given a sign of life within this (real) time."""
        async with self._reading() as connection:
            beat = await connection.run_sync(lambda conn: health.last_beat(conn, *health.WORKS))
        return beat is not None and datetime.now(UTC) - beat <= within

    async def survey(self, workspace: WorkspaceId) -> Survey | None:
        """All of it; None: the workspace is not ours."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: _survey(conn, workspace, datetime.now(UTC)))

    async def changes(self, workspace: WorkspaceId, objects: Sequence[str] | None, most: int) -> tuple[Change, ...]:
        """The latest changes first, at most so many; objects: of these alone."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: _changes(conn, workspace, objects, most))

    async def replies(self, accounts: Sequence[AccountId]) -> tuple[SavedReply, ...]:
        """The saved replies of these accounts, one account's after another's."""
        async with self._reading() as connection:
            return await connection.run_sync(
                lambda conn: tuple(reply for each in accounts for reply in saved.of_account(conn, each))
            )


def _survey(conn: sa.Connection, workspace: WorkspaceId, real: datetime) -> Survey | None:
    scenes = SqlScenes(conn)
    here = scenes.workspace(workspace)
    if here is None:
        return None
    every = accounts_of(conn, workspace)
    live = [each for each in every if each.wish is not Wish.REMOVED]
    open_ones, until = troubles(conn, workspace), ends(conn, [each.id for each in live])
    signing, there = signed(conn, workspace), health.alive(conn, real)
    return Survey(
        workspace=here,
        managed=tuple(
            Managed(
                account=each,
                troubles=tuple(one for one in open_ones if one.incident.account == each.id),
                ends_at=until.get(each.id),
                signed=each.id in signing,
            )
            for each in live
        ),
        others=tuple(one for one in open_ones if one.incident.account is None),
        removed=tuple(each for each in every if each.wish is Wish.REMOVED),
        removed_at={each.id: at for each, at in removed_since(conn, workspace)},
        heard=_heard(conn, workspace),
        chosen=chosen(conn, live),
        groups=scenes.known(workspace, Needs(groups=_groups(live))).groups,
        admins=admins(conn, workspace),
        no_worker=bool(there) and health.WORKS.isdisjoint(there),
    )


def _groups(accounts: Sequence[Account]) -> tuple[GroupRef, ...]:
    named = [(*each.settings.agent_groups, *each.settings.lead_groups) for each in accounts]
    return tuple(dict.fromkeys(group for groups in named for group in groups))


def _heard(conn: sa.Connection, workspace: WorkspaceId) -> frozenset[AccountId]:
    """Accounts to which somebody ever wrote."""
    any_of_its = sa.exists().where(conversations.c.account == accounts.c.id)
    query = sa.select(accounts.c.id).where(accounts.c.workspace == workspace, any_of_its)
    return frozenset(map(AccountId, conn.execute(query).scalars()))


def _changes(
    conn: sa.Connection, workspace: WorkspaceId, objects: Sequence[str] | None, most: int
) -> tuple[Change, ...]:
    query = sa.select(audit).where(audit.c.workspace == workspace)
    if objects is not None:
        query = query.where(audit.c.object.in_(objects))
    found = list(conn.execute(query.order_by(audit.c.at.desc(), audit.c.id.desc()).limit(most)))
    talks = _talks(conn, workspace, [row.object for row in found])
    return tuple(
        Change(
            at=row.at,
            who=row.who,
            action=row.action,
            subject=row.object,
            before=row.before or {},
            after=row.after or {},
            customer=talks.get(row.object, NOBODY)[0],
            thread=talks.get(row.object, NOBODY)[1],
        )
        for row in found
    )


def _talks(conn: sa.Connection, workspace: WorkspaceId, objects: Sequence[str]) -> dict[str, Talk]:
    """Whose conversations these are, or in whose these messages stand, and where; by what the audit calls them."""
    named = [(each, *each.partition(":")[::2]) for each in dict.fromkeys(objects)]
    wanted = {
        (kind, int(number)): name for name, kind, number in named if number.isdecimal() and len(number) < MOST_DIGITS
    }
    ids = {kind: [number for each, number in wanted if each == kind] for kind in ("conversation", "message")}
    who = sa.func.coalesce(customers.c.name, customers.c.username).label("who")
    joined = conversations.join(customers, customers.c.id == conversations.c.customer)
    joined = joined.outerjoin(threads, sa.and_(threads.c.id == conversations.c.thread, sa.not_(threads.c.gone)))
    here = conversations.c.workspace == workspace
    talk = sa.select(conversations.c.id, who, threads.c.ref).select_from(joined)
    found = {
        ("conversation", row.id): row
        for row in conn.execute(talk.where(here, conversations.c.id.in_(ids["conversation"])))
    }
    said = sa.select(messages.c.id, who, threads.c.ref)
    said = said.select_from(joined.join(messages, messages.c.conversation == conversations.c.id))
    found |= {("message", row.id): row for row in conn.execute(said.where(here, messages.c.id.in_(ids["message"])))}
    return {wanted[key]: (row.who, None if row.ref is None else PostRef(row.ref)) for key, row in found.items()}
