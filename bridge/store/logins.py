"""Who has logged in to the network, and how far somebody has come who follows a link to connect an account."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.incident import BY_LOGIN, Incident
from bridge.model.state import Account, Login, Wish
from bridge.model.word import Word, field
from bridge.settings import Audit
from bridge.store import incidents, rows
from bridge.store.schema import account as accounts
from bridge.store.schema import audit, connecting, incident, meta_person
from bridge.store.workspaces import note

TOKENS_FOR: Final = timedelta(days=1)
"""So long tokens of a login are kept for somebody who has not chosen their accounts yet."""


class NetworkPerson(Word, kw_only=True):
    """Who logged in. remote_id: the id that only this app has for them; name: None where it was erased or not told."""

    id: int
    app: str
    remote_id: str
    name: str | None


class Session(Word, kw_only=True):
    """How far somebody has come by a link. state: ids and findings; *sealed*: tokens on the way, encrypted.

    used_at: when the login by it was finished, so that nobody else may go on.
    """

    HIDDEN: ClassVar = frozenset({"sealed"})

    id: str
    workspace: WorkspaceId
    account: AccountId | None
    person: PersonRef | None
    step: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    sealed: str | None = None


# ── who ───────────────────────────────────────────────────────────────────────────────────────────────────


def person_of(
    conn: sa.Connection, workspace: WorkspaceId, app: str, remote_id: str, *, name: str | None, at: datetime
) -> int:
    """Remember that somebody has logged in; their key."""
    row = {"workspace": workspace, "app": app, "remote_id": remote_id}
    same = _same(workspace, app, remote_id)
    values = {"name": name, "logged_in_at": at}
    known = conn.execute(sa.update(meta_person).where(same).values(**values).returning(meta_person.c.id)).scalar()
    if known is None:
        known = conn.execute(sa.insert(meta_person).values(**row, **values).returning(meta_person.c.id)).scalar_one()
    return int(known)


def person_behind(conn: sa.Connection, account: AccountId) -> NetworkPerson | None:
    """Who logged in for an account last; None where nobody knows."""
    query = sa.select(meta_person).join(accounts, accounts.c.connected_by == meta_person.c.id)
    return _person(conn.execute(query.where(accounts.c.id == account)).first())


def behind_others(conn: sa.Connection, these: Collection[int]) -> bool:
    """Whether one who logged in for these accounts did so for others that are connected, too."""
    whose = sa.select(accounts.c.connected_by).where(accounts.c.id.in_(these), accounts.c.connected_by.is_not(None))
    others = sa.and_(accounts.c.id.not_in(these), accounts.c.wish != Wish.REMOVED.value)
    query = sa.select(accounts.c.id).where(accounts.c.connected_by.in_(whose), others).limit(1)
    return conn.execute(query).first() is not None


def people_named(conn: sa.Connection, remote_id: str) -> list[NetworkPerson]:
    """Everybody of this id, in every workspace and for each of our apps."""
    found = conn.execute(sa.select(meta_person).where(meta_person.c.remote_id == remote_id))
    return [person for person in map(_person, found) if person is not None]


def _same(workspace: WorkspaceId, app: str, remote_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(meta_person.c.workspace == workspace, meta_person.c.app == app, meta_person.c.remote_id == remote_id)


def _person(row: sa.Row[Any] | None) -> NetworkPerson | None:
    return None if row is None else NetworkPerson(id=row.id, app=row.app, remote_id=row.remote_id, name=row.name)


# ── how far ───────────────────────────────────────────────────────────────────────────────────────────────


def session_of(conn: sa.Connection, id: str) -> Session | None:
    """What is known of a link that somebody has followed."""
    row = conn.execute(sa.select(connecting).where(connecting.c.id == id)).first()
    return None if row is None else Session(**row._mapping)


def keep_session(conn: sa.Connection, session: Session) -> None:
    """Keep how far it has come."""
    rows.upsert(conn, connecting, [{column.name: getattr(session, column.name) for column in connecting.c}])


def forget_sessions(conn: sa.Connection, now: datetime) -> None:
    """Drop what belongs to links that are no longer good, and tokens that nobody has come back for."""
    conn.execute(sa.delete(connecting).where(connecting.c.expires_at < now - TOKENS_FOR))
    late = sa.and_(connecting.c.sealed.is_not(None), connecting.c.created_at < now - TOKENS_FOR)
    conn.execute(sa.update(connecting).where(late).values(sealed=None))


# ── withdrawn ─────────────────────────────────────────────────────────────────────────────────────────────

MARGIN: Final = timedelta(minutes=1)
"""The network's clock may be so far behind ours when it tells since when a login is withdrawn."""
ERASED: Final = "login.erase"
"""The audit's word for a person whose data was erased; its object is the code of the request."""


class SqlLogins:
    """`bridge.ports.Logins` in SQL."""

    def __init__(self, connection: sa.Connection) -> None:
        self._conn = connection

    def accounts_of(self, person: str, since: datetime) -> Sequence[Account]:
        """Those that this person connected, and the one that logged in by itself under this id."""
        latest = since + MARGIN
        known = sa.select(meta_person.c.id).where(
            meta_person.c.remote_id == person, meta_person.c.logged_in_at <= latest
        )
        itself = sa.and_(
            accounts.c.login == Login.INSTAGRAM.value, accounts.c.remote_id == person, accounts.c.connected_at <= latest
        )
        query = sa.select(*rows.labelled(accounts, "account")).where(
            sa.or_(accounts.c.connected_by.in_(known), itself), accounts.c.wish != Wish.REMOVED.value
        )
        return [rows.account(row) for row in self._conn.execute(query.order_by(accounts.c.id))]

    def erase(self, person: str, code: str, since: datetime, at: datetime) -> list[Incident]:
        """Nothing leads from what is left to the person, but for a younger login; the code does not either."""
        latest = since + MARGIN
        old = sa.and_(meta_person.c.remote_id == person, meta_person.c.logged_in_at <= latest)
        known = sa.select(meta_person.c.id).where(old)
        itself = sa.and_(
            accounts.c.login == Login.INSTAGRAM.value, accounts.c.remote_id == person, accounts.c.connected_at <= latest
        )
        theirs = sa.or_(accounts.c.connected_by.in_(known), itself)
        unsaid = self._unsaid(known)
        self._conn.execute(sa.update(accounts).where(theirs).values(sealed=None, leaving=None, connected_by=None))
        self._conn.execute(sa.delete(meta_person).where(old))
        on_their_way = sa.and_(
            connecting.c.state["came"]["person"].as_string() == person, connecting.c.created_at <= latest
        )
        self._conn.execute(sa.delete(connecting).where(on_their_way))
        note(self._conn, at, Audit(who="meta", action=ERASED, object=code, before={}, after={}))
        return unsaid

    def _unsaid(self, known: sa.Select[tuple[int]]) -> list[Incident]:
        """Take them out of what alerts channels were told: nobody knows any more who mended it."""
        refs = [f"{BY_LOGIN}{key}" for key in self._conn.execute(known).scalars()]
        query = sa.select(incident).where(incident.c["values"]["by"].as_string().in_(refs)).with_for_update()
        found = [
            replace(told, values={**told.values, "by": ""}) for told in map(incidents.read, self._conn.execute(query))
        ]
        for told in found:
            self._conn.execute(sa.update(incident).where(incident.c.id == told.id).values(values=told.values))
        digests = incidents.by_id(self._conn, {told.within for told in found if told.within is not None})
        return [*found, *digests.values()]


def erased_at(conn: sa.Connection, code: str) -> datetime | None:
    """When a request to erase was carried out; None: it is not known, or not yet."""
    done = sa.select(sa.func.min(audit.c.at)).where(audit.c.action == ERASED, audit.c.object == code)
    return conn.execute(done).scalar()
