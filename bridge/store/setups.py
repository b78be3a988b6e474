"""What stands beside an account when it is set up: for the rules, and for the windows, which only look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.looking import Setups
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.setup import Beside, SetupSheet
from bridge.model.state import Account, Author, Wish, Work
from bridge.ports import Needs
from bridge.settings import mark, subject
from bridge.store.reading import account_of, accounts_of
from bridge.store.scenes import SqlScenes
from bridge.store.schema import Instant, audit, outbox
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import message as messages
from bridge.store.tickets import sealed_of

_of_account = sa.select(conversations.c.id).where(conversations.c.account == sa.bindparam("account"))
_OPEN = (
    sa.select(sa.func.count())
    .select_from(conversations)
    .where(conversations.c.account == sa.bindparam("account"), conversations.c.work != Work.CLOSED.value)
)
_ON_THEIR_WAY = sa.select(sa.func.count(sa.distinct(outbox.c.message))).where(
    sa.text("outbox.state IN ('ready', 'working')"),
    outbox.c.kind == "SendToCustomer",
    outbox.c.conversation.in_(_of_account),
)
_PAUSED_AT = sa.select(sa.func.max(audit.c.at, type_=Instant())).where(
    audit.c.object == sa.bindparam("object"),
    audit.c.workspace == sa.bindparam("workspace"),
    audit.c.action == "account.pause",
)
_CAME_SINCE = (
    sa.select(sa.func.count())
    .select_from(messages)
    .where(
        messages.c.conversation.in_(_of_account),
        messages.c.author == Author.CUSTOMER.value,
        messages.c.at >= sa.bindparam("since", type_=Instant),
    )
)
_REMOVED_AT = sa.select(accounts.c.removed_at).where(accounts.c.id == sa.bindparam("account"))
_ELSEWHERE = sa.select(accounts.c.id).where(
    accounts.c.platform == sa.bindparam("platform"),
    accounts.c.remote_id == sa.bindparam("remote"),
    accounts.c.id != sa.bindparam("account"),
    accounts.c.wish != Wish.REMOVED.value,
)


def beside(conn: sa.Connection, account: Account) -> Beside:
    """What depends on an account, and how it came to be removed."""
    own = {"account": account.id}
    named = {**own, "platform": account.platform.value, "remote": account.remote_id}
    removed = account.wish is Wish.REMOVED
    signer = sealed_of(conn, account.id)
    return Beside(
        open=_count(conn, _OPEN, own),
        waiting=_count(conn, _ON_THEIR_WAY, own),
        missed=_missed(conn, account) if account.wish is Wish.PAUSED else 0,
        removed_at=conn.execute(_REMOVED_AT, own).scalar_one_or_none() if removed else None,
        elsewhere=conn.execute(_ELSEWHERE, named).first() is not None if removed else False,
        signed=signer is not None,
        signer="" if signer is None else mark(signer),
        chosen=account.id in chosen(conn, [account]),
    )


def chosen(conn: sa.Connection, every: Sequence[Account]) -> frozenset[AccountId]:
    """Those of these accounts of which somebody has said who answers, be it everybody: the audit remembers it."""
    by_subject = {subject(each): each.id for each in every}
    query = sa.select(audit.c.object).where(
        audit.c.workspace.in_({each.workspace for each in every}),
        audit.c.object.in_(by_subject),
        audit.c.action == "account.set",
        audit.c.after["agents"].as_string().is_not(None),
    )
    return frozenset(by_subject[each] for each in conn.execute(query.distinct()).scalars())


def removed_since(
    conn: sa.Connection, workspace: WorkspaceId, since: datetime | None = None
) -> tuple[tuple[Account, datetime], ...]:
    """The accounts of a workspace that were removed, each with when. since: after this alone."""
    query = sa.select(accounts.c.id, accounts.c.removed_at).where(
        accounts.c.workspace == workspace, accounts.c.wish == Wish.REMOVED.value, accounts.c.removed_at.is_not(None)
    )
    if since is not None:
        query = query.where(accounts.c.removed_at > since)
    when = {AccountId(row.id): row.removed_at for row in conn.execute(query)}
    found = accounts_of(conn, workspace) if when else []
    return tuple((each, when[each.id]) for each in found if each.id in when)


def _count(conn: sa.Connection, query: sa.Select[int], given: Mapping[str, object]) -> int:
    return conn.execute(query, given).scalar_one()


def _missed(conn: sa.Connection, account: Account) -> int:
    """How many messages customers have written since the account was paused."""
    named = {"object": subject(account), "workspace": account.workspace}
    since: datetime | None = conn.execute(_PAUSED_AT, named).scalar_one_or_none()
    if since is None:
        return 0
    return _count(conn, _CAME_SINCE, {"account": account.id, "since": since})


class SqlSetups(Setups):
    """`bridge.looking.Setups` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def beside(self, account: Account) -> Beside:
        """See `beside`."""
        return beside(self._conn, account)


class SqlSetupSheets:
    """What windows show that set up an account (`bridge.slack.setup.asking.Reader`)."""

    def __init__(self, reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._reading = reading

    async def sheet(self, workspace: WorkspaceId, person: PersonRef, account: AccountId) -> SetupSheet | None:
        """All that a window may show of an account; None: the workspace has no such account."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: _sheet(conn, workspace, person, account))


def _sheet(conn: sa.Connection, workspace: WorkspaceId, person: PersonRef, account: AccountId) -> SetupSheet | None:
    scenes = SqlScenes(conn)
    here, meant = scenes.workspace(workspace), account_of(conn, account)
    if here is None or meant is None or meant.workspace != workspace:
        return None
    named = (*meant.settings.agents, *(who for who, _ in meant.settings.aliases))
    known = scenes.known(workspace, Needs(people=(person, *named)))
    reader = known.people.get(person)
    return SetupSheet(
        workspace=here,
        account=meant,
        others=tuple(each for each in scenes.accounts(workspace) if each.id != account),
        beside=beside(conn, meant),
        known=known,
        language=(reader.language if reader else None) or here.language,
    )
