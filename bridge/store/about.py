"""All that a batch of claimed rows is about, in a few statements for the whole batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeGuard, TypeVar

import sqlalchemy as sa

from bridge.lanes import OF_ACCOUNTS
from bridge.model.decision import Scene, Sending
from bridge.model.effects import (
    AnyEffect,
    LearnApp,
    LearnProfile,
    LookForMessage,
    LookForSend,
    MarkSeen,
    MoveControl,
    MoveToSpam,
    OfIncident,
    OfTicket,
    PostRoot,
    PrepareFile,
    ProbeAccount,
    ReactToCustomer,
    ReadHistory,
    RedrawCard,
    SendToCustomer,
    ShowTyping,
    Unsubscribe,
)
from bridge.model.ids import AccountId, ConversationId, IncidentId, MessageId, ThreadId, TicketId, WorkspaceId
from bridge.model.incident import Member
from bridge.model.state import Account, Author, Incident, Wish, Workspace
from bridge.model.tickets import Ticket
from bridge.model.word import Word
from bridge.ports import About, OutboxRow
from bridge.rules.accounts.minding import reauth_key
from bridge.rules.desk.many import KIND as MANY
from bridge.store import incidents, rows, schema, tickets
from bridge.store.apps import names_of
from bridge.store.authors import with_authors
from bridge.store.drawn import drawn
from bridge.store.fresh import Mark, fresh, mark
from bridge.store.held import behind_accounts, waiting
from bridge.store.leaving import looked_up
from bridge.store.named import people_of, with_names
from bridge.store.reading import MessageRows, answering, message_rows, on_the_wire
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import thread as current
from bridge.store.sql import Question, among

T = TypeVar("T")

SCENES = Question(
    sa.select(
        *rows.labelled(customers, "customer"),
        *rows.labelled(conversations, "conversation"),
        *rows.labelled(current, "thread"),
    )
    .select_from(
        conversations.join(customers, customers.c.id == conversations.c.customer).outerjoin(
            current, current.c.id == conversations.c.thread
        )
    )
    .where(among(conversations.c.id, "ids"))
)
"""Without workspaces and accounts: a batch has many conversations and few of those."""
LOCKS = (
    sa.select(conversations.c.id).where(among(conversations.c.id, "ids")).order_by(conversations.c.id).with_for_update()
)

_CONVERSATIONS = sa.select(schema.message.c.conversation).where(among(schema.message.c.id, "ids"))
_THREADS, _WORKSPACES, _ACCOUNTS = (
    Question(sa.select(*rows.labelled(table, table.name)).where(among(table.c.id, "ids")))
    for table in (schema.thread, schema.workspace, schema.account)
)


ON_THE_NETWORK = (
    SendToCustomer, PrepareFile, LookForSend, LearnProfile, LearnApp, MoveControl, MarkSeen, ReactToCustomer, MoveToSpam,
    ShowTyping, ReadHistory, LookForMessage, *OF_ACCOUNTS,
)  # fmt: skip
"""What needs the account's credential."""


class _Read(Word, kw_only=True):
    """What was read for the batch, each by its key."""

    scenes: dict[ConversationId, rows.AnyRow]
    messages: dict[MessageId, MessageRows]
    threads: dict[ThreadId, rows.AnyRow]
    workspaces: dict[WorkspaceId, Workspace]
    incidents: dict[IncidentId, Incident]
    members: dict[IncidentId, tuple[Incident, ...]]
    """Of digests."""
    waiting: dict[str, int]
    accounts: dict[AccountId, tuple[Account, str | None]]
    """With their sealed credentials."""
    sending: dict[ConversationId, tuple[Sending, ...]]
    """Of the conversations that are looked at for what is unsure."""
    answering: frozenset[ConversationId]
    """Of those in which the bridge is to say something by itself: where an agent is answering."""
    apps: dict[str, str | None]
    """Names of the other apps that any of it speaks of."""
    tickets: dict[TicketId, Ticket]
    at: Mark | None
    """When."""


class _SceneRows(NamedTuple):
    """All that a scene is made of: where it is the same, so is the scene."""

    workspace: Workspace
    account: Account
    forwarded: Account | None
    conversation: rows.AnyRow
    message: MessageRows | None
    thread: rows.AnyRow | None
    sending: tuple[Sending, ...]
    answering: bool
    apps: Mapping[str, str | None] | None
    tickets: tuple[Ticket, ...]

    def scene(self) -> Scene:
        return Scene(
            workspace=self.workspace,
            account=self.account,
            forwarded=self.forwarded,
            customer=rows.customer(self.conversation),
            conversation=rows.conversation(self.conversation),
            message=None if self.message is None else rows.message(*self.message),
            thread=None if self.thread is None else rows.thread(self.thread),
            sending=self.sending,
            answering=self.answering,
            apps=self.apps,
            tickets=self.tickets,
        )


def about(
    conn: sa.Connection,
    batch: Sequence[OutboxRow],
    beside: Collection[ConversationId] = (),
    *,
    known: Mapping[int, About] | None = None,
    names: bool = True,
) -> dict[int, About]:
    """All that each row is about, by row. A row whose conversation, message or incident is gone lacks just that.

    beside: conversations that are only locked. known: what was made of some rows before; what nobody has written since is
    not read again, and what still reads the same is not made again. names: whether anything is to be worded.
    """
    before = known or {}
    still = fresh(conn, batch, before)
    batch = [row for row in batch if row.id not in still]
    effects = [row.effect for row in batch]
    wanted = _conversations(conn, effects)
    _lock(conn, wanted.union(beside))
    if not batch:
        return still
    read = _read(conn, effects, wanted)
    drafts = [(row, draft) for row in batch if (draft := _draft(row.effect, read, before.get(row.id))) is not None]
    drafts = [(row, looked_up(conn, row.effect, draft)) for row, draft in drafts]
    if names:
        drafts = with_authors(conn, [(row, drawn(conn, row.effect, draft)) for row, draft in drafts])
    people = people_of(conn, drafts, ON_THE_NETWORK) if names else {}
    return still | {row.id: with_names(row.effect, draft, people) if people else draft for row, draft in drafts}


def _read(conn: sa.Connection, effects: Sequence[AnyEffect], wanted: set[ConversationId]) -> _Read:
    scenes = _scenes(conn, wanted)
    named = {_message_of(effect, scenes) for effect in effects}
    messages = message_rows(conn, [message for message in named if message is not None])
    told = incidents.by_id(conn, {effect.incident for effect in effects if isinstance(effect, OfIncident)})
    members = incidents.members(conn, [each.id for each in told.values() if each.kind == MANY])
    return _Read(
        scenes=scenes,
        messages=messages,
        threads=_threads(conn, effects, scenes, [row for row, *_ in messages.values()]),
        workspaces=_workspaces(conn, effects, scenes),
        incidents=told,
        members=members,
        waiting={found.key: waiting(conn, found) for found in told.values()} | behind_accounts(conn, effects),
        accounts=_accounts(
            conn,
            {
                *_accounts_of(effects),
                *(row.conversation_account for row in scenes.values()),
                *(row.conversation_forwarded_to for row in scenes.values()),
                *(found.account for found in told.values()),
                *(each.account for found in members.values() for each in found),
            },
        ),
        sending=_sending(conn, effects, scenes),
        answering=answering(conn, _by_itself(row for row, *_ in messages.values())),
        apps=names_of(conn, _apps(effects, scenes.values(), [row for row, *_ in messages.values()])),
        tickets=tickets.by_id(conn, {effect.ticket for effect in effects if isinstance(effect, OfTicket)}),
        at=mark(conn),
    )


def _sending(
    conn: sa.Connection, effects: Iterable[AnyEffect], scenes: dict[ConversationId, rows.AnyRow]
) -> dict[ConversationId, tuple[Sending, ...]]:
    looked = [effect for effect in effects if _asks_about_sends(effect, scenes)]
    return {effect.conversation: on_the_wire(conn, effect.conversation) for effect in looked}


def _by_itself(messages: Iterable[rows.AnyRow]) -> set[ConversationId]:
    """Conversations in which the bridge says something by itself."""
    return {ConversationId(row.conversation) for row in messages if row.author == Author.BRIDGE.value}


def _asks_about_sends(
    effect: AnyEffect, scenes: dict[ConversationId, rows.AnyRow]
) -> TypeGuard[LookForSend | RedrawCard]:
    """A look does; a card does where some answer may not have arrived."""
    if isinstance(effect, LookForSend):
        return True
    row = scenes.get(effect.conversation) if isinstance(effect, RedrawCard) else None
    return row is not None and row.conversation_unsure > 0


def _conversation_of(effect: AnyEffect) -> ConversationId | None:
    return getattr(effect, "conversation", None)


def _message_of(effect: AnyEffect, scenes: dict[ConversationId, rows.AnyRow]) -> MessageId | None:
    if isinstance(effect, PostRoot | RedrawCard):
        row = scenes.get(effect.conversation)
        return None if row is None else row.conversation_preview
    return getattr(effect, "message", None)


def _conversations(conn: sa.Connection, effects: Iterable[AnyEffect]) -> set[ConversationId]:
    """Those named, and those of messages named alone."""
    named = {(_conversation_of(effect), getattr(effect, "message", None)) for effect in effects}
    found = {conversation for conversation, _ in named if conversation is not None}
    if alone := {message for conversation, message in named if conversation is None and message is not None}:
        found.update(map(ConversationId, conn.execute(_CONVERSATIONS, {"ids": list(alone)}).scalars()))
    return found


def _lock(conn: sa.Connection, ids: Collection[ConversationId]) -> None:
    if ids and conn.dialect.name == "postgresql":
        conn.execute(LOCKS, {"ids": sorted(ids)})


def _scenes(conn: sa.Connection, ids: set[ConversationId]) -> dict[ConversationId, rows.AnyRow]:
    if not ids:
        return {}
    return {row.conversation_id: row for row in SCENES.ask(conn, {"ids": sorted(ids)})}


def _threads(
    conn: sa.Connection,
    effects: Iterable[AnyEffect],
    scenes: dict[ConversationId, rows.AnyRow],
    messages: Iterable[rows.AnyRow],
) -> dict[ThreadId, rows.AnyRow]:
    threads = {row.thread_id: row for row in scenes.values() if row.thread_id is not None}
    wanted = {effect.thread for effect in effects if isinstance(effect, PostRoot)}
    wanted |= {message.thread for message in messages if message.thread is not None}
    if missing := wanted - threads.keys():
        threads |= {row.thread_id: row for row in _THREADS.ask(conn, {"ids": list(missing)})}
    return threads


def _workspaces(
    conn: sa.Connection, effects: Iterable[AnyEffect], scenes: dict[ConversationId, rows.AnyRow]
) -> dict[WorkspaceId, Workspace]:
    wanted = {effect.workspace for effect in effects} | {row.conversation_workspace for row in scenes.values()}
    return {row.workspace_id: _one(rows.workspace(row)) for row in _WORKSPACES.ask(conn, {"ids": list(wanted)})}


@lru_cache(maxsize=1024)
def _one(word: T) -> T:
    """One thing for all that is equal to it: a batch is then quickly compared with what was known of it."""
    return word


def _apps(effects: Iterable[AnyEffect], scenes: Iterable[rows.AnyRow], messages: Iterable[rows.AnyRow]) -> set[str]:
    """The other apps that are spoken of, by the network's ids."""
    found: set[str | None] = {getattr(effect, "app", None) for effect in effects}
    for row in scenes:
        found |= {row.conversation_controller, row.conversation_wanted_by, row.conversation_answered_app}
    found.update(message.app for message in messages)
    return {app for app in found if app is not None}


def _accounts_of(effects: Iterable[AnyEffect]) -> set[AccountId | None]:
    return {effect.account for effect in effects if isinstance(effect, ON_THE_NETWORK)}


def _accounts(conn: sa.Connection, ids: set[AccountId | None]) -> dict[AccountId, tuple[Account, str | None]]:
    wanted = [account for account in ids if account is not None]
    if not wanted:
        return {}
    found = _ACCOUNTS.ask(conn, {"ids": wanted})
    return {AccountId(row.account_id): (_one(rows.account(row)), row.account_sealed) for row in found}


def _draft(effect: AnyEffect, read: _Read, before: About | None) -> About | None:
    """All but the persons. None: the workspace, or the account, itself is gone. before: what was made for it earlier."""
    workspace = read.workspaces.get(effect.workspace)
    if workspace is None:
        return None
    named = _message_of(effect, read.scenes)
    message = None if named is None else read.messages.get(named)
    conversation = _conversation_of(effect) or (None if message is None else message[0].conversation)
    row = None if conversation is None else read.scenes.get(conversation)
    incident = read.incidents.get(effect.incident) if isinstance(effect, OfIncident) else None
    members = () if incident is None else _members(incident, read)
    account, sealed = _account_of(effect, row, incident, read)
    over = isinstance(effect, OF_ACCOUNTS) and not isinstance(effect, Unsubscribe)
    if over and account is not None and account.wish is Wish.REMOVED:
        return None
    told = (
        reauth_key(effect.account) if isinstance(effect, ProbeAccount) else None if incident is None else incident.key
    )
    waiting = 0 if told is None else read.waiting[told]
    seen = None if row is None else _scene_rows(effect, row, message, read)
    made_of = (workspace, account, sealed, incident, members, waiting, seen)
    if before is not None and before.made_of == made_of:
        return before
    return About(
        workspace=workspace,
        scene=None if seen is None else seen.scene(),
        account=account,
        incident=incident,
        members=members,
        sealed=sealed,
        language=workspace.language,
        waiting=waiting,
        drawn=None if row is None else row.conversation_card,
        made_of=made_of,
        read_at=read.at,
    )


def _members(digest: Incident, read: _Read) -> tuple[Member, ...]:
    """What a digest tells of, each with its account."""
    whose = {number: account for number, (account, _) in read.accounts.items()}
    found = read.members.get(digest.id, ())
    return tuple(Member(incident=each, account=whose.get(each.account) if each.account else None) for each in found)


def _account_of(
    effect: AnyEffect, row: rows.AnyRow | None, incident: Incident | None, read: _Read
) -> tuple[Account | None, str | None]:
    """Whose row or incident it is; with the credential, where it goes to the network."""
    if isinstance(effect, ON_THE_NETWORK) and effect.account in read.accounts:
        return read.accounts[effect.account]
    if incident is not None and incident.account in read.accounts:
        return read.accounts[incident.account][0], None
    if row is not None and row.conversation_account in read.accounts:
        return read.accounts[row.conversation_account][0], None
    return None, None


def _scene_rows(effect: AnyEffect, row: rows.AnyRow, message: MessageRows | None, read: _Read) -> _SceneRows:
    if isinstance(effect, PostRoot):
        stands_in: ThreadId | None = effect.thread
    else:
        stands_in = None if message is None else message[0].thread
    return _SceneRows(
        workspace=read.workspaces[row.conversation_workspace],
        account=read.accounts[row.conversation_account][0],
        forwarded=read.accounts[row.conversation_forwarded_to][0] if row.conversation_forwarded_to else None,
        conversation=row,
        message=message,
        thread=None if stands_in is None else read.threads.get(stands_in),
        sending=read.sending.get(effect.conversation, ()) if isinstance(effect, LookForSend | RedrawCard) else (),
        answering=ConversationId(row.conversation_id) in read.answering,
        apps=read.apps,
        tickets=(read.tickets[effect.ticket],)
        if isinstance(effect, OfTicket) and effect.ticket in read.tickets
        else (),
    )
