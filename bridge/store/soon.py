"""What closes soon, and what has lapsed: of some accounts, those forwarded to them among it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.state import Value, Wish
from bridge.rules.desk.days import Times
from bridge.store.lists import CLOSE
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, lapse
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import thread as threads

NAMED = 3
"""So many of each are led to in a digest."""
_now = sa.bindparam("now", type_=Instant)
_ids: sa.BindParameter[int] = sa.bindparam("ids", expanding=True, type_=sa.BigInteger)
_WAITS = sa.and_(
    sa.text("conversation.work = 'waiting'"),
    sa.or_(
        sa.and_(conversations.c.account.in_(_ids), conversations.c.forwarded_to.is_(None)),
        conversations.c.forwarded_to.in_(_ids),
    ),
    conversations.c.human_close > _now,
    _now < CLOSE,
    customers.c.blocked.is_(None),
    accounts.c.wish != Wish.REMOVED.value,
)
_FROM = conversations.join(accounts, accounts.c.id == conversations.c.account).join(
    customers, customers.c.id == conversations.c.customer
)
WAITING = (
    sa.select(
        sa.func.count().label("waiting"),
        sa.func.min(conversations.c.waiting_since, type_=Instant()).label("since"),
        sa.func.count(sa.case((sa.bindparam("until", type_=Instant) > CLOSE, 1))).label("closing"),
    )
    .select_from(_FROM)
    .where(_WAITS)
)
CLOSING = (
    sa.select(threads.c.ref, CLOSE.label("at"))
    .select_from(_FROM.outerjoin(threads, threads.c.id == conversations.c.thread))
    .where(_WAITS, sa.bindparam("until", type_=Instant) > CLOSE, threads.c.ref.is_not(None), sa.not_(threads.c.gone))
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
    sa.select(threads.c.ref, lapse.c.close_at.label("at"))
    .select_from(
        lapse.join(conversations, conversations.c.id == lapse.c.conversation).join(
            threads, threads.c.id == conversations.c.thread
        )
    )
    .where(_LAPSED, threads.c.ref.is_not(None), sa.not_(threads.c.gone))
    .order_by(lapse.c.close_at, lapse.c.conversation)
    .limit(NAMED)
)


def standing(
    conn: sa.Connection, workspace: WorkspaceId, ids: Collection[AccountId], times: Times, now: datetime
) -> dict[str, Value]:
    """How accounts stand on a day, flat: numbers, and where the first few of those are that close or have lapsed."""
    given = {"ids": list(ids), "now": now, "until": times.tomorrow}
    lapses = {"ids": list(ids), "workspace": workspace, "since": times.yesterday, "until": times.today}
    waiting = conn.execute(WAITING, given).one()
    longest = None if waiting.since is None else int((now - waiting.since).total_seconds())
    return {
        "waiting": waiting.waiting,
        "longest": longest,
        "closing": waiting.closing,
        "lapsed": conn.execute(LAPSED, lapses).scalar_one(),
        **_led("closing", conn.execute(CLOSING, given).all()),
        **_led("lapsed", conn.execute(LAPSES, lapses).all()),
    }


def _led(what: str, found: Sequence[AnyRow]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for number, row in enumerate(found, 1):
        values |= {f"{what}_{number}": row.ref, f"{what}_{number}_at": row.at.timestamp()}
    return values
