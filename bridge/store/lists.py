"""Lists of conversations for whoever may answer in them, read at once on a connection that cannot write.

Rule 1: only what somebody may answer is shown to them: `bridge.roles.authorise`, asked for each account.
Rule 2: of blocked customers nothing is shown, nor of what was taken back or is shown nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Allowed
from bridge.model.ids import AccountId, ConversationId, MessageId, PersonRef, WorkspaceId
from bridge.model.listed import Found, Listed, Which
from bridge.model.state import Person, Work
from bridge.ports import Needs
from bridge.roles import Action
from bridge.store import schema
from bridge.store.admins import to_ask
from bridge.store.reading import listed_scenes, onward, read_messages
from bridge.store.scenes import SqlScenes
from bridge.store.schema import Instant
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages

MOST, MOST_FOUND = 20, 10
"""So many are shown at once."""
SOON, SOON_TAGGED = timedelta(hours=4), timedelta(days=1)
"""What closes later does not close soon; of the week that the human-agent tag gives a day is soon."""
MATCHES = 200
"""So many messages are looked at for conversations that differ."""

_now, _end = sa.bindparam("now", type_=Instant), sa.bindparam("end", type_=Instant)
_end_tagged = sa.bindparam("end_tagged", type_=Instant)
_TAGGED = accounts.c.settings["human_agent"].as_boolean()
CLOSE = sa.case((_TAGGED, conversations.c.human_close), else_=conversations.c.standard_close)
"""`bridge.policy.last_close` in SQL."""
_JOINED = conversations.join(accounts, accounts.c.id == conversations.c.account).join(
    customers, customers.c.id == conversations.c.customer
)


class SqlLists:
    """Answers what people ask for by the slash command (`bridge.slack.lists.Reader`)."""

    def __init__(self, reading: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._reading = reading

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        async with self._reading() as connection:
            return await connection.run_sync(
                lambda conn: SqlScenes(conn).known(workspace, Needs(people=(person,))).people.get(person)
            )

    async def listed(self, workspace: WorkspaceId, person: Person, which: Which, words: str, now: datetime) -> Listed:
        """What they asked for."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: listed(conn, workspace, person, which, words, now))


def listed(
    conn: sa.Connection,
    workspace: WorkspaceId,
    person: Person,
    which: Which,
    words: str,
    now: datetime,
    *,
    most: int = MOST,
    others: bool = False,
) -> Listed:
    """The same on a connection. words: what is looked for, by *find*. others: without what is the asker's own."""
    scenes = SqlScenes(conn)
    home = scenes.workspace(workspace)
    language = person.language or ("en" if home is None else home.language)
    mine = _answerable(scenes, workspace, person)
    if not mine:
        every = scenes.accounts(workspace)
        ask = to_ask(conn, workspace, every)
        return Listed(yours=False, language=language, ask=ask, connected=bool(every))
    theirs = sa.and_(
        conversations.c.workspace == workspace,
        sa.or_(conversations.c.account.in_(mine), conversations.c.forwarded_to.in_(mine)),
        customers.c.blocked.is_(None),
    )
    most = MOST_FOUND if which is Which.FIND else most
    if others:
        theirs = sa.and_(theirs, conversations.c.owner.is_distinct_from(person.ref))
    if which is Which.FIND:
        found = _found(conn, theirs, words)
    else:
        query = _query(which, person.ref).where(theirs).limit(most + 1)
        times = {"now": now, "end": now + SOON, "end_tagged": now + SOON_TAGGED}
        found = [(ConversationId(row.id), None) for row in conn.execute(query, times)]
    shown = tuple(_shown(conn, found[:most]))
    people = {each.scene.conversation.owner for each in shown} - {None}
    named = scenes.known(workspace, Needs(people=tuple(ref for ref in people if ref is not None))).people
    names = {ref: each.name for ref, each in named.items()}
    return Listed(found=shown, more=len(found) > most, language=language, names=names)


def _answerable(scenes: SqlScenes, workspace: WorkspaceId, person: Person) -> list[AccountId]:
    every = scenes.accounts(workspace)
    groups = {group for account in every for group in account.settings.agent_groups}
    known = replace(scenes.known(workspace, Needs(groups=tuple(groups))), people={person.ref: person})
    return [each.id for each in every if isinstance(roles.authorise(person.ref, Action.WORK, [each], known), Allowed)]


def _query(which: Which, person: PersonRef) -> sa.Select[tuple[int]]:
    query = sa.select(conversations.c.id).select_from(_JOINED)
    waits = conversations.c.work == Work.WAITING.value
    since, close = conversations.c.waiting_since, CLOSE
    match which:
        case Which.QUEUE:
            owned = sa.or_(conversations.c.owner.is_not(None), conversations.c.owner_group.is_not(None))
            return query.where(waits).order_by(sa.case((owned, 1), else_=0), since, conversations.c.id)
        case Which.CLOSING:
            soon = sa.case((_TAGGED, _end_tagged), else_=_end)
            return query.where(waits, close > _now, close <= soon).order_by(close, conversations.c.id)
        case _:
            mine = sa.and_(conversations.c.owner == person, conversations.c.work != Work.CLOSED.value)
            return query.where(mine).order_by(
                sa.case((waits, 0), else_=1), since.nulls_last(), conversations.c.last_at.desc(), conversations.c.id
            )


Match = tuple[ConversationId, MessageId | None]


def _found(conn: sa.Connection, theirs: sa.ColumnElement[bool], words: str) -> list[Match]:
    """Conversations by a name, or by their newest message that holds the words; the newest first."""
    named = (
        sa.select(conversations.c.id, conversations.c.last_at.label("at"))
        .select_from(_JOINED)
        .where(
            theirs,
            sa.or_(
                customers.c.name.icontains(words, autoescape=True),
                customers.c.username.icontains(words.removeprefix("@"), autoescape=True),
            ),
        )
        .order_by(conversations.c.last_at.desc().nulls_last(), conversations.c.id.desc())
        .limit(MOST_FOUND + 1)
    )
    said = (
        sa.select(messages.c.conversation, messages.c.id, messages.c.at)
        .select_from(messages.join(_JOINED, conversations.c.id == messages.c.conversation))
        .where(
            theirs,
            sa.text("message.text IS NOT NULL"),
            messages.c.unsent_at.is_(None),
            sa.not_(messages.c.withheld),
            messages.c.text.icontains(words, autoescape=True),
        )
        .order_by(messages.c.at.desc())
        .limit(MATCHES)
    )
    newest: dict[int, tuple[datetime | None, MessageId | None]] = {}
    for row in conn.execute(said):
        newest.setdefault(row.conversation, (row.at, MessageId(row.id)))
    for conversation, at in conn.execute(named):
        newest.setdefault(conversation, (at, None))
    early = datetime.min.replace(tzinfo=schema.EPOCH.tzinfo)
    ordered = sorted(newest.items(), key=lambda each: (each[1][0] or early, each[0]), reverse=True)
    return [(ConversationId(talk), message) for talk, (_, message) in ordered]


def _shown(conn: sa.Connection, found: Sequence[Match]) -> list[Found]:
    if not found:
        return []
    said = read_messages(conn, [message for _, message in found if message is not None])
    scenes = {each.conversation.id: onward(conn, each) for each in listed_scenes(conn, [talk for talk, _ in found])}
    return [
        Found(scene=scenes[talk], message=None if message is None else said.get(message))
        for talk, message in found
        if talk in scenes
    ]
