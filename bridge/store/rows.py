"""Rows become the model's words here, and the model's words rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bridge import aliases
from bridge.model.answer import Answer
from bridge.model.change import asdict
from bridge.model.comment import Comment
from bridge.model.ids import (
    ThreadId,
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
from bridge.store.words import Columns, member

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


# ── settings ──────────────────────────────────────────────────────────────────────────────────────────────

_SETTINGS = frozenset(AccountSettings.__struct_fields__)
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


def settings_json(settings: AccountSettings) -> dict[str, Any]:
    """An account's settings for JSON."""
    values = asdict(settings)
    values |= {name: values[name].isoformat() for name in MOMENTS if values[name] is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────


def _comments(comments: tuple[Comment, ...]) -> Any:
    return comments_json(comments) if comments else None


def _said(kept: Mapping[str, Any]) -> Said:
    return Said(key=kept["key"], values=kept["values"])


def _answer(kept: Mapping[str, Any]) -> Answer:
    return Answer(**kept)


def _as_it_is(value: Any) -> Any:
    return value


def _is_there(_value: Any) -> bool:
    return True


def _id(thread: Thread | None) -> ThreadId | None:
    return None if thread is None else thread.id


CUSTOMER = Columns(Customer, prefix="customer_", fixed={"id", "remote_id", "comments_as"}, blocked=member(Block))
THREAD = Columns(Thread, prefix="thread_")
CONVERSATION = Columns(
    Conversation, prefix="conversation_", fixed={"id", "workspace", "account", "customer"}, beside={"thread"},
    work=member(Work), control=member(Control), opened_by=member(Opener), comments=(comments_of, _comments),
    spoken=(spoken_of, spoken_json), ticket=(jsons.ticket_of, jsons.ticket_json), thread=(_as_it_is, _id),
)  # fmt: skip
PART = Columns(Part, state=member(PartState), answer=(_answer, answer_json))
ATTACHMENT = Columns(Attachment, state=member(AttachmentState))
MESSAGE = Columns(
    Message, named={"attachments": "attached"}, fixed={"parts"}, beside={"attachments", "parts"},
    author=member(Author), state=member(ReplyState), sign=member(Sign), reason=(_said, said_json),
    reactions=(jsons.reactions_of, jsons.reactions_json), attachments=(_as_it_is, len),
)  # fmt: skip


def conversation(row: AnyRow) -> Conversation:
    """From columns labelled ``conversation_*``, and ``thread_*`` for its current thread."""
    return CONVERSATION.read(row, thread=None if row.thread_id is None else thread(row))


def message(row: AnyRow, parts: Iterable[AnyRow] = (), attachments: Iterable[AnyRow] = ()) -> Message:
    """From a row of ``message`` and rows of ``part`` and ``attachment``, as they are called there."""
    pieces = {"attachments": tuple(map(ATTACHMENT.read, attachments)), "parts": tuple(map(PART.read, parts))}
    return MESSAGE.read(row, **pieces)


workspace = Columns(Workspace, prefix="workspace_").read
"""From columns labelled ``workspace_*``."""
account = Columns(
    Account, prefix="account_", named={"hinted": "hinted_at"},
    platform=member(Platform), login=member(Login), wish=member(Wish), health=member(Health),
    settings=(settings_of, settings_json), hinted=(_is_there, _as_it_is),
).read  # fmt: skip
"""From columns labelled ``account_*``."""
customer, thread = CUSTOMER.read, THREAD.read
"""From columns labelled ``customer_*`` and ``thread_*``."""
person = Columns(Person, kind=member(PersonKind)).read
"""From a row of ``person``."""
