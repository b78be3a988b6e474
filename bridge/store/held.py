"""What incidents hold, and how much waits behind each."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from bridge.model.effects import AnyEffect, ProbeAccount
from bridge.model.state import Incident
from bridge.rules.accounts.minding import keys_of, reauth_key
from bridge.rules.desk.places import holding, place_in
from bridge.store.schema import conversation, incident, outbox, target
from bridge.store.sql import among

_TARGET, _PARENT, _TOP = target.alias("t"), target.alias("parent"), target.alias("top")
WITH_PARENTS = _TARGET.outerjoin(_PARENT, _PARENT.c.id == _TARGET.c.parent).outerjoin(
    _TOP, _TOP.c.id == _PARENT.c.parent
)
"""A target as ``t`` with its two parents."""
TARGET_ID = _TARGET.c.id
HELD_BY = sa.func.coalesce(_TARGET.c.held_by, _PARENT.c.held_by, _TOP.c.held_by)
"""The incident that holds the target of `WITH_PARENTS`, or one of its parents."""

_answers = sa.func.count(sa.distinct(sa.case((outbox.c.kind == "SendToCustomer", outbox.c.message))))
# A message's own post, to be shown or to be taken away; not its files, nor the lines beside it.
_of_message = sa.or_(
    outbox.c.kind == "PostMessage",
    sa.and_(outbox.c.kind == "RemovePost", outbox.c.payload["said"].as_string().is_not(None)),
)
_posts = sa.func.count(sa.case((_of_message, 1)))
WAITING = sa.select(_answers + _posts).where(
    sa.text("outbox.state = 'ready'"),
    outbox.c.target.in_(
        sa.select(TARGET_ID)
        .select_from(WITH_PARENTS)
        .where(sa.or_(*(level.c.held_by == sa.bindparam("key") for level in (_TARGET, _PARENT, _TOP))))
    ),
)
HOLDING = sa.select(target.c.held_by).where(among(target.c.held_by, "keys")).distinct()
"""Which of these hold anything at all: of most accounts nothing does."""
_of_account = sa.select(conversation.c.id).where(conversation.c.account == sa.bindparam("account"))
_WAITING_OF_ACCOUNT = WAITING.where(outbox.c.conversation.in_(_of_account))


def waiting(conn: sa.Connection, told: Incident) -> int:
    """How many answers and messages wait behind an incident; behind one of a single account of a place, its own."""
    key = holding(told.key)
    if key == told.key:
        return behind(conn, key)
    return int(conn.execute(_WAITING_OF_ACCOUNT, {"key": key, "account": told.account}).scalar_one())


def behind(conn: sa.Connection, key: str) -> int:
    """How many answers and messages wait behind what *key* holds."""
    return int(conn.execute(WAITING, {"key": key}).scalar_one())


def behind_accounts(conn: sa.Connection, effects: Iterable[AnyEffect]) -> dict[str, int]:
    """How many answers wait for the accounts that are asked about, whatever holds them; by the key of their logins."""
    asked = {effect.account for effect in effects if isinstance(effect, ProbeAccount)}
    keys = {key: reauth_key(each) for each in asked for key in keys_of(each)}
    found = dict.fromkeys(keys.values(), 0)
    for key in conn.execute(HOLDING, {"keys": list(keys)}).scalars() if keys else ():
        found[keys[key]] += behind(conn, key)
    return found


def told_of(key: str) -> sa.ColumnElement[bool]:
    """The incidents that are over with *key*: its own, and those of the accounts of a place."""
    own = incident.c.key == key
    return own if place_in(key) is None else sa.or_(own, incident.c.key.startswith(f"{key}:", autoescape=True))
