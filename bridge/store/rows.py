"""Rows become the model's words here, and the model's words rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from itertools import compress
from operator import is_not
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bridge import aliases
from bridge.model.answer import Answer
from bridge.model.automatic import Spoken
from bridge.model.comment import Comment
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    MessageId,
    PersonRef,
    PlaceRef,
    RemoteId,
    ThreadId,
    WorkspaceId,
)
from bridge.model.state import (
    Account,
    AccountSettings,
    Attachment,
    AttachmentState,
    Author,
    Block,
    CardField,
    Control,
    Conversation,
    Customer,
    Health,
    Login,
    Message,
    Opener,
    Part,
    PartState,
    Person,
    PersonKind,
    Platform,
    ReplyState,
    Said,
    Sign,
    Thread,
    Wish,
    Work,
    Workspace,
)
from bridge.store import jsons
from bridge.store.jsons import answer_json, comments_json, comments_of, said_json, spoken_json, spoken_of

UNSPOKEN = Spoken()
AnyRow = Any
"""A `Row`, or one of `bridge.store.sql.Question`: its values by name."""


def labelled(table: sa.FromClause, prefix: str) -> list[sa.Label[Any]]:
    """The columns of a table, named so that several tables may stand in one row; without those that stand aside."""
    return [column.label(f"{prefix}_{column.name}") for column in table.c if not column.info]


def upsert(
    conn: sa.Connection, table: sa.Table, values: Sequence[Mapping[str, Any]], *, fixed: Iterable[str] = ()
) -> None:
    """Write rows by their primary key: new ones whole; of those that exist all but the *fixed* columns change."""
    if values:
        conn.execute(_upsert(conn.dialect.name, table, tuple(values[0]), frozenset(fixed)), list(values))


@cache
def _upsert(
    dialect: str, table: sa.Table, names: tuple[str, ...], fixed: frozenset[str]
) -> sqlite.Insert | postgresql.Insert:
    """Made once: to put it together takes longer than to run it."""
    keys = [column.name for column in table.primary_key]
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    changes = {name: insert.excluded[name] for name in names if name not in fixed and name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=changes)


def insert_into(conn: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict, in the words of the connection's database."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


_platform, _login, _wish, _health = cache(Platform), cache(Login), cache(Wish), cache(Health)
_work, _control, _opener, _author = cache(Work), cache(Control), cache(Opener), cache(Author)
_reply_state, _part_state, _sign = cache(ReplyState), cache(PartState), cache(Sign)
"""By value: an enumeration takes ten times as long to say which of its members it is."""


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def workspace(row: AnyRow) -> Workspace:
    """From columns labelled ``workspace_*``."""
    return Workspace(
        id=WorkspaceId(row.workspace_id),
        name=row.workspace_name,
        url=row.workspace_url,
        language=row.workspace_language,
        bot_person=PersonRef(row.workspace_bot_person),
        bot_author=row.workspace_bot_author,
    )


def account(row: AnyRow) -> Account:
    """From columns labelled ``account_*``."""
    return Account(
        id=AccountId(row.account_id),
        workspace=WorkspaceId(row.account_workspace),
        platform=_platform(row.account_platform),
        remote_id=row.account_remote_id,
        name=row.account_name,
        login=_login(row.account_login),
        wish=_wish(row.account_wish),
        health=_health(row.account_health),
        cause=row.account_cause,
        settings=settings_of(row.account_settings),
        icon=row.account_icon,
        hinted=row.account_hinted_at is not None,
    )


def customer(row: AnyRow) -> Customer:
    """From columns labelled ``customer_*``."""
    return Customer(
        id=CustomerId(row.customer_id),
        remote_id=row.customer_remote_id,
        name=row.customer_name,
        username=row.customer_username,
        picture=row.customer_picture,
        followers=row.customer_followers,
        follows=row.customer_follows,
        verified=row.customer_verified,
        profile_at=row.customer_profile_at,
        comments_as=row.customer_comments_as,
        blocked=None if row.customer_blocked is None else Block(row.customer_blocked),
        blocked_by=row.customer_blocked_by,
        blocked_at=row.customer_blocked_at,
        blocked_count=row.customer_blocked_count,
    )


def conversation(row: AnyRow) -> Conversation:
    """From columns labelled ``conversation_*``, and ``thread_*`` for its current thread."""
    opener = row.conversation_opened_by
    return Conversation(
        id=ConversationId(row.conversation_id),
        workspace=WorkspaceId(row.conversation_workspace),
        account=AccountId(row.conversation_account),
        customer=CustomerId(row.conversation_customer),
        work=_work(row.conversation_work),
        control=_control(row.conversation_control),
        controller=row.conversation_controller,
        control_at=row.conversation_control_at,
        wanted_by=row.conversation_wanted_by,
        ad_at=row.conversation_ad_at,
        opened_by=None if opener is None else _opener(opener),
        opens_at=row.conversation_opens_at,
        standard_close=row.conversation_standard_close,
        human_close=row.conversation_human_close,
        waiting_since=row.conversation_waiting_since,
        heard_at=row.conversation_heard_at,
        heard_from=row.conversation_heard_from,
        answered_at=row.conversation_answered_at,
        answered_by=row.conversation_answered_by,
        answered_app=row.conversation_answered_app,
        owner=row.conversation_owner,
        owner_group=row.conversation_owner_group,
        outcome=row.conversation_outcome,
        worked_by=row.conversation_worked_by,
        worked_at=row.conversation_worked_at,
        written_by=row.conversation_written_by,
        written_at=row.conversation_written_at,
        read_up_to=row.conversation_read_up_to,
        eyes=row.conversation_eyes,
        snoozed_until=row.conversation_snoozed_until,
        last_at=row.conversation_last_at,
        preview=row.conversation_preview,
        told_until=row.conversation_told_until,
        alert_at=row.conversation_alert_at,
        alerted=row.conversation_alerted,
        ticket_at=row.conversation_ticket_at,
        ticket=jsons.ticket_of(row.conversation_ticket) if row.conversation_ticket else None,
        unsure=row.conversation_unsure,
        comments=comments_of(row.conversation_comments) if row.conversation_comments else (),
        spoken=spoken_of(row.conversation_spoken) if row.conversation_spoken else UNSPOKEN,
        forwarded_to=row.conversation_forwarded_to,
        thread=None if row.thread_id is None else thread(row),
    )


def thread(row: AnyRow) -> Thread:
    """From columns labelled ``thread_*``."""
    return Thread(
        id=ThreadId(row.thread_id), place=PlaceRef(row.thread_place), ref=row.thread_ref, gone=row.thread_gone
    )


def message(row: AnyRow, parts: Iterable[AnyRow] = (), attachments: Iterable[AnyRow] = ()) -> Message:
    """From a row of ``message`` and rows of ``part`` and ``attachment``, as they are called there."""
    return Message(
        id=MessageId(row.id),
        conversation=ConversationId(row.conversation),
        author=_author(row.author),
        at=row.at,
        text=row.text,
        kind=row.kind,
        remote_id=row.remote_id,
        ref=row.ref,
        thread=row.thread,
        person=row.person,
        state=None if row.state is None else _reply_state(row.state),
        reason=None if row.reason is None else Said(key=row.reason["key"], values=row.reason["values"]),
        sign=None if row.sign is None else _sign(row.sign),
        signature=row.signature,
        sent_at=row.sent_at,
        split=row.split,
        smaller=row.smaller,
        edited_at=row.edited_at,
        edits=row.edits,
        about=row.about,
        app=row.app,
        found_later=row.found_later,
        unsent_at=row.unsent_at,
        reacted=row.reacted,
        reactions=jsons.reactions_of(row.reactions or ()),
        withheld=row.withheld,
        attachments=tuple(attachment(each) for each in attachments),
        queued_at=row.queued_at,
        parts=tuple(
            Part(
                seq=part.seq,
                of=part.of,
                state=_part_state(part.state),
                remote_id=None if part.remote_id is None else RemoteId(part.remote_id),
                answer=None if part.answer is None else Answer(**part.answer),
                answered_at=part.answered_at,
            )
            for part in parts
        ),
    )


def attachment(row: AnyRow) -> Attachment:
    """From a row of ``attachment``."""
    return Attachment(
        seq=row.seq,
        kind=row.kind,
        address=row.address,
        title=row.title,
        state=AttachmentState(row.state),
        file=row.file,
        reason=row.reason,
        expires_at=row.expires_at,
        seconds=row.seconds,
        remote_id=row.remote_id,
        remote_at=row.remote_at,
    )


def person(row: AnyRow) -> Person:
    """From a row of ``person``."""
    return Person(
        ref=PersonRef(row.ref),
        kind=PersonKind(row.kind),
        name=row.name,
        language=row.language,
        picture=row.picture,
        admin=row.admin,
    )


_SETTINGS = frozenset(field.name for field in fields(AccountSettings))
MOMENTS = ("marked_until", "ticket_from")
"""Settings that are times."""
_CARD_FIELDS = frozenset(field.value for field in CardField)


def settings_of(kept: Mapping[str, Any]) -> AccountSettings:
    """An account's settings from JSON; what this version does not know is left alone. The same are read once."""
    return _settings_of(orjson.dumps(kept))


@lru_cache(maxsize=1024)
def _settings_of(kept: bytes) -> AccountSettings:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in orjson.loads(kept).items()
        if name in _SETTINGS
    }
    if values.get("card_fields") is not None:
        values["card_fields"] = tuple(CardField(name) for name in values["card_fields"] if name in _CARD_FIELDS)
    if "aliases" in values:
        values["aliases"] = aliases.kept(values["aliases"])
    for name in MOMENTS:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    return AccountSettings(**values)


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────


def settings_json(settings: AccountSettings) -> dict[str, Any]:
    """An account's settings for JSON."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    values |= {name: values[name].isoformat() for name in MOMENTS if values[name] is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


Write = Callable[[Any], Any]


class Columns:
    """How words of a kind are written: each field in the column of its name, *but* those that never change there.

    written: how a field's value stands in its column, where not as it is. named: columns that are not called as the field.
    """

    def __init__(
        self, word: type[Any], *, but: Collection[str] = (), named: Mapping[str, str] | None = None, **written: Write
    ) -> None:
        names = [field.name for field in fields(word) if field.name not in but]
        self._columns = [(name, (named or {}).get(name, name), written.get(name, _as_it_is)) for name in names]
        self._by_name = {name: (column, write) for name, column, write in self._columns}

    def of(self, word: Any) -> dict[str, Any]:
        """All columns of a word."""
        values = vars(word)
        return {column: write(values[name]) for name, column, write in self._columns}

    def changed(self, before: Any, after: Any) -> dict[str, Any]:
        """Those columns that are to be written where *before* stands, so that *after* does: most fields of a copy are shared."""
        was, now = vars(before), vars(after)
        changed = {}
        for name in compress(now, map(is_not, now.values(), was.values())):  # both have their fields in one order
            column, write = self._by_name.get(name, _NEVER)
            if column is not None and (value := write(now[name])) != write(was[name]):
                changed[column] = value
        return changed


def _as_it_is(value: Any) -> Any:
    return value


_NEVER: tuple[str | None, Write] = (None, _as_it_is)
"""A field that never changes there."""


def _value(member: Enum | None) -> Any:
    return None if member is None else member.value


def _comments(comments: tuple[Comment, ...]) -> Any:
    return comments_json(comments) if comments else None


def _id(thread: Thread | None) -> ThreadId | None:
    return None if thread is None else thread.id


CONVERSATION = Columns(
    Conversation, but={"id", "workspace", "account", "customer"}, work=_value, control=_value, opened_by=_value,
    comments=_comments, spoken=spoken_json, ticket=jsons.ticket_json, thread=_id,
)  # fmt: skip
CUSTOMER = Columns(Customer, but={"id", "remote_id", "comments_as"}, blocked=_value)
THREAD = Columns(Thread)
MESSAGE = Columns(
    Message, but={"parts"}, named={"attachments": "attached"},
    author=_value, state=_value, sign=_value, reason=said_json, attachments=len, reactions=jsons.reactions_json,
)  # fmt: skip
PART = Columns(Part, state=_value, answer=answer_json)
ATTACHMENT = Columns(Attachment, state=_value)
