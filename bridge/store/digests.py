"""Digests of accounts: which of them are due, and what a week's say."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from bridge.model.ids import AccountId
from bridge.model.state import Account, Value, Wish
from bridge.store import figures, rows
from bridge.store.schema import account as accounts

MOST_AGENTS = 5
"""So many agents are named, those with the most answers."""
_WANTS = accounts.c.settings["digest"].as_string()
DIGESTING = (
    sa.select(*rows.labelled(accounts, "account"))
    .where(accounts.c.wish != Wish.REMOVED.value, _WANTS != "")
    .order_by(accounts.c.id)
)


def digesting(conn: sa.Connection) -> list[Account]:
    """Accounts that want one."""
    return [rows.account(row) for row in conn.execute(DIGESTING)]


def take(conn: sa.Connection, account: AccountId, day: date) -> date | None:
    """Note that a day was told; the one noted before. None: it was told already, or a later one, or is the first ever."""
    known = conn.execute(sa.select(accounts.c.digested).where(accounts.c.id == account)).scalar_one_or_none()
    if known is not None and known >= day.isoformat():
        return None
    later = sa.or_(accounts.c.digested.is_(None), accounts.c.digested < day.isoformat())
    noted = conn.execute(sa.update(accounts).where(accounts.c.id == account, later).values(digested=day.isoformat()))
    return None if noted.rowcount != 1 or known is None else date.fromisoformat(known)


def values_of(conn: sa.Connection, account: Account, start: datetime, end: datetime, now: datetime) -> dict[str, Value]:
    """The figures of a time, flat: numbers, and agents' refs."""
    told = figures.report(conn, start=start, end=end, now=now, account=account).total
    values: dict[str, Value] = {
        "conversations": told.conversations,
        "messages": told.messages,
        "answers": told.answers,
        "elsewhere": told.answers_elsewhere,
        "first": told.first_answer_time.median,
        "first_most": told.first_answer_time.p90,
        "time": told.answer_time.median,
        "time_most": told.answer_time.p90,
        "waiting": told.waiting,
        "longest": told.longest_wait,
        "lapsed": told.lapsed,
        "asked": told.satisfaction.asked,
        "rated": told.satisfaction.answers,
        "content": told.satisfaction.average,
    }
    for number, each in enumerate(told.agents[:MOST_AGENTS], 1):
        values |= {
            f"agent_{number}": each.agent,
            f"answers_{number}": each.answers,
            f"time_{number}": each.answer_time.median,
            f"lapsed_{number}": each.lapsed,
        }
    return values
