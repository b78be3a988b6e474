"""The token by which the webhooks of a removed account are ended: nothing else reads it, and it is forgotten when that is done.

Rule: whoever connects the account again, takes its removal back or has their data erased empties it; then nothing is ended.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bridge import lanes
from bridge.model.change import replace
from bridge.model.effects import AnyEffect
from bridge.model.ids import AccountId
from bridge.model.queues import About
from bridge.model.state import Account, Wish
from bridge.model.upkeep import Unsubscribe
from bridge.store import rows
from bridge.store.hand import Hand
from bridge.store.queue import is_ready, is_unfinished
from bridge.store.schema import account as accounts
from bridge.store.schema import outbox

_TOKEN = sa.select(accounts.c.leaving).where(accounts.c.id == sa.bindparam("account"))
_CONNECTED = sa.select(*rows.labelled(accounts, "account")).where(
    accounts.c.wish != Wish.REMOVED.value, accounts.c.id != sa.bindparam("account")
)
_own_rows = outbox.c.target == sa.literal("account:") + sa.cast(accounts.c.id, sa.Text)


def begin(hand: Hand, account: Account) -> None:
    """Have the webhooks of an account ended that is about to be removed; nothing where it has no token."""
    has_one = sa.and_(accounts.c.id == account.id, accounts.c.sealed.is_not(None))
    if hand.conn.execute(sa.update(accounts).where(has_one).values(leaving=accounts.c.sealed)).rowcount:
        effect = Unsubscribe(workspace=account.workspace, account=account.id)
        hand.tx.effects.add((lanes.queue(effect, position=0),), hand.moment.steady)


def looked_up(conn: sa.Connection, effect: AnyEffect, about: About) -> About:
    """What is known for an effect, with the token that it alone may use, and who is connected now."""
    if not isinstance(effect, Unsubscribe):
        return about
    own = {"account": effect.account}
    token: str | None = conn.execute(_TOKEN, own).scalar_one_or_none()
    return replace(about, sealed=token, connected=_connected(conn, effect.account) if token else ())


def _connected(conn: sa.Connection, but: AccountId) -> tuple[Account, ...]:
    found: Sequence[rows.AnyRow] = conn.execute(_CONNECTED, {"account": but}).all()
    return tuple(map(rows.account, found))


def ended(conn: sa.Connection, account: AccountId) -> None:
    """One end of its webhooks is over: its token is kept where the account was removed anew, for the end that waits now."""
    again = sa.exists().where(outbox.c.kind == Unsubscribe.__name__, _own_rows, is_unfinished, is_ready)
    conn.execute(sa.update(accounts).where(accounts.c.id == account, ~again).values(leaving=None))


def forget(conn: sa.Connection) -> None:
    """Keep no token for what nobody is about to do any more, because an operator has dropped it."""
    waits = sa.exists().where(outbox.c.kind == Unsubscribe.__name__, _own_rows, is_unfinished)
    conn.execute(sa.update(accounts).where(accounts.c.leaving.is_not(None), ~waits).values(leaving=None))
