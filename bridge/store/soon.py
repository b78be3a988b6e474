"""What closes soon, and what has lapsed: of some accounts, those forwarded to them among it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge import policy
from bridge.model.ids import AccountId, ConversationId, WorkspaceId
from bridge.model.listed import Listing
from bridge.model.state import Control, Value, Wish, Work
from bridge.rules.desk.days import Times
from bridge.store import rows
from bridge.store.lists import CLOSE
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, lapse
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import thread as threads

NAMED = 3
"""So many of each are led to in a digest."""
MOST, MOST_NAMED = 15, 100
"""So many are listed at once, and so many are looked after in all."""
_now, _until, _week_ago = (sa.bindparam(name, type_=Instant) for name in ("now", "until", "week_ago"))
_ids: sa.BindParameter[int] = sa.bindparam("ids", expanding=True, type_=sa.BigInteger)
_own, _forwarded = conversations.alias("own"), conversations.alias("forwarded")
_OWN = sa.select(_own.c.id).where(
    sa.text("own.work = 'waiting'"),
    _own.c.account.in_(_ids),
    _own.c.forwarded_to.is_(None),
    # No close is later than a week after the first one: so the index finds them.
    _own.c.standard_close > _week_ago,
)
_FORWARDED = sa.select(_forwarded.c.id).where(_forwarded.c.forwarded_to.in_(_ids))
_WAITS = sa.and_(
    sa.text("conversation.work = 'waiting'"),
    _now < CLOSE,
    customers.c.blocked.is_(None),
    conversations.c.control == Control.OURS.value,
    accounts.c.wish == Wish.ON.value,
)
_ALL = sa.and_(_WAITS, conversations.c.id.in_(sa.union_all(_OWN, _FORWARDED)))
_SOON = sa.and_(
    _WAITS,
    conversations.c.id.in_(sa.union_all(_OWN.where(_own.c.standard_close < _until), _FORWARDED)),
    _until > CLOSE,
)
_FROM = conversations.join(accounts, accounts.c.id == conversations.c.account).join(
    customers, customers.c.id == conversations.c.customer
)
_SEEN = _FROM.outerjoin(threads, threads.c.id == conversations.c.thread)
WAITING = (
    sa.select(
        sa.func.count().label("waiting"),
        sa.func.min(conversations.c.waiting_since, type_=Instant()).label("since"),
        sa.func.count(sa.case((_until > CLOSE, 1))).label("closing"),
    )
    .select_from(_FROM)
    .where(_ALL)
)
CLOSING = (
    sa.select(threads.c.ref, CLOSE.label("at"), accounts.c.name)
    .select_from(_SEEN)
    .where(_SOON, threads.c.ref.is_not(None), sa.not_(threads.c.gone))
    .order_by(CLOSE, conversations.c.id)
    .limit(NAMED)
)
_LAPSED = sa.and_(
    lapse.c.workspace == sa.bindparam("workspace"),
    lapse.c.account.in_(_ids),
    lapse.c.close_at >= sa.bindparam("since", type_=Instant),
    lapse.c.close_at < sa.bindparam("until", type_=Instant),
)
LAPSED = sa.select(sa.func.count()).select_from(lapse).where(_LAPSED)
LAPSES = (
    sa.select(threads.c.ref, lapse.c.close_at.label("at"), accounts.c.name)
    .select_from(
        lapse.join(conversations, conversations.c.id == lapse.c.conversation)
        .join(threads, threads.c.id == conversations.c.thread)
        .join(accounts, accounts.c.id == lapse.c.account)
    )
    .where(_LAPSED, threads.c.ref.is_not(None), sa.not_(threads.c.gone))
    .order_by(lapse.c.close_at, lapse.c.conversation)
    .limit(NAMED)
)


_STATE = (
    conversations.c.id, conversations.c.work, conversations.c.control, conversations.c.waiting_since,
    conversations.c.owner, conversations.c.owner_group, CLOSE.label("close"), threads.c.ref, threads.c.gone,
    customers.c.name, customers.c.username, customers.c.blocked, accounts.c.name.label("account"), accounts.c.wish,
)  # fmt: skip
NEXT = (
    sa.select(*_STATE, sa.func.count().over().label("whole"))
    .select_from(_SEEN)
    .where(_SOON)
    .order_by(CLOSE, conversations.c.id)
    .limit(MOST)
)
AGAIN = (
    sa.select(*_STATE)
    .select_from(_SEEN)
    .where(conversations.c.id.in_(sa.bindparam("talks", expanding=True, type_=sa.BigInteger)))
    .order_by(CLOSE, conversations.c.id)
)
PLANNING = (
    sa.select(*rows.labelled(accounts, "account"))
    .where(accounts.c.wish == Wish.ON.value, accounts.c.settings["hours"].as_string() != "")
    .order_by(accounts.c.id)
)

BOARDS = (
    sa.select(*rows.labelled(accounts, "account"))
    .where(accounts.c.wish != Wish.REMOVED.value, accounts.c.settings["board"].as_boolean())
    .order_by(accounts.c.id)
)


def closing(
    conn: sa.Connection,
    ids: Collection[AccountId],
    now: datetime,
    until: datetime,
    named: Collection[ConversationId] | None = None,
    begins: datetime | None = None,
) -> Listing:
    """Who waits and closes before *until*; with *named*, these and those together, as they stand. begins: of the break."""
    found = conn.execute(NEXT, _given(ids, now, until)).all() if ids else []
    whole = found[0].whole if found else 0
    if named is None:
        return Listing(talks=_talks(found), whole=whole, look=_look(found))
    every = tuple(dict.fromkeys((*named, *_talks(found))))[:MOST_NAMED]
    rows_ = conn.execute(AGAIN, {"talks": every}).all() if every else []
    waits = [row for row in rows_ if _waits(row) and now < row.close < until]
    lapsed = [row for row in rows_ if _waits(row) and row.close <= now]
    early = 0 if begins is None else sum(row.close < begins for row in lapsed)
    return Listing(
        talks=_talks(waits[:MOST]),
        whole=max(whole, len(waits)),
        named=every,
        done=len(rows_) - len(waits) - len(lapsed),
        lapsed=len(lapsed) - early,
        early=early,
        look=_look(waits[:MOST]),
    )


def _given(ids: Collection[AccountId], now: datetime, until: datetime) -> dict[str, Any]:
    return {"ids": list(ids), "now": now, "until": until, "week_ago": now - policy.HUMAN}


def take_break(conn: sa.Connection, account: AccountId, begins: datetime) -> bool:
    """Note that a break was told of; False: it was already, or a later one."""
    later = sa.or_(accounts.c.planned.is_(None), accounts.c.planned < begins)
    noted = conn.execute(sa.update(accounts).where(accounts.c.id == account, later).values(planned=begins))
    return noted.rowcount == 1


def _talks(found: Sequence[AnyRow]) -> tuple[ConversationId, ...]:
    return tuple(ConversationId(row.id) for row in found)


def _waits(row: AnyRow) -> bool:
    ours = row.work == Work.WAITING.value and row.control == Control.OURS.value and row.wish == Wish.ON.value
    return ours and row.blocked is None and row.close is not None


def _look(found: Sequence[AnyRow]) -> str:
    """What changes when one of them would be shown otherwise; nothing can be read out of it."""
    shown = [
        (
            row.id,
            row.waiting_since,
            row.close,
            row.owner,
            row.owner_group,
            row.ref,
            row.gone,
            row.name,
            row.username,
            row.account,
        )
        for row in found
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24] if shown else ""


def standing(
    conn: sa.Connection, workspace: WorkspaceId, ids: Collection[AccountId], times: Times, now: datetime
) -> dict[str, Value]:
    """How accounts stand on a day, flat: numbers, and where the first few of those are that close or have lapsed."""
    given = _given(ids, now, times.tomorrow)
    lapses = {"ids": list(ids), "workspace": workspace, "since": times.yesterday, "until": times.today}
    waiting = conn.execute(WAITING, given).one()
    several = len(ids) > 1
    longest = None if waiting.since is None else int((now - waiting.since).total_seconds())
    return {
        "waiting": waiting.waiting,
        "longest": longest,
        "closing": waiting.closing,
        "lapsed": conn.execute(LAPSED, lapses).scalar_one(),
        **_led("closing", conn.execute(CLOSING, given).all(), several=several),
        **_led("lapsed", conn.execute(LAPSES, lapses).all(), several=several),
    }


def _led(what: str, found: Sequence[AnyRow], *, several: bool) -> dict[str, Value]:
    """The way to each; and of *several* accounts, which it is."""
    values: dict[str, Value] = {}
    for number, row in enumerate(found, 1):
        values |= {f"{what}_{number}": row.ref, f"{what}_{number}_at": row.at.timestamp()}
        if several:
            values[f"{what}_{number}_account"] = row.name
    return values
