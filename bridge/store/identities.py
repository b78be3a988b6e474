"""Customers under the ids of an account's other login: the network knows each of them by another id in each.

Rule 1: once an account's login changes, every id that was heard until then is kept with the login it belongs to.
Rule 2: a customer stands under the id of the login that the account has now, as soon as that is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from bridge.model.decision import Scene
from bridge.model.earlier import Earlier
from bridge.model.ids import ConversationId, CustomerId, RemoteId
from bridge.model.state import Account, Login, Wish
from bridge.store import rows
from bridge.store.schema import EPOCH, Instant, known_as, outbox, part
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages

MOST = 2
"""Of several nobody is taken for another; that there are is all that counts."""
UNDER_OTHER = conversations.join(customers, customers.c.id == conversations.c.customer).join(
    known_as, sa.and_(known_as.c.account == customers.c.account, known_as.c.remote_id == customers.c.remote_id)
)


def meant_account() -> sa.Select[tuple[int]]:
    """The account that the network means: of several workspaces', the latest that is on."""
    means = accounts.alias("means")
    return (
        sa.select(means.c.id)
        .where(
            means.c.remote_id == sa.bindparam("account"),
            means.c.platform == sa.bindparam("platform"),
            means.c.wish != Wish.REMOVED.value,
        )
        .order_by(
            sa.case((means.c.wish == Wish.ON.value, 0), else_=1),
            sa.func.coalesce(means.c.connected_at, sa.literal(EPOCH, Instant)).desc(),
            means.c.id.desc(),
        )
        .limit(1)
    )


OF_REMOVED = (
    sa.select(conversations.c.id)
    .select_from(
        accounts.join(customers, customers.c.account == accounts.c.id)
        .join(conversations, conversations.c.customer == customers.c.id)
        .join(messages, messages.c.conversation == conversations.c.id)
    )
    .where(
        accounts.c.remote_id == sa.bindparam("account"),
        accounts.c.platform == sa.bindparam("platform"),
        accounts.c.wish == Wish.REMOVED.value,
        customers.c.remote_id == sa.bindparam("customer"),
        messages.c.remote_id == sa.bindparam("message"),
    )
    .order_by(messages.c.unsent_at.is_not(None), conversations.c.id)
    .limit(1)
)
"""Where a customer's message stands of an account that was removed; of several workspaces', where it still is to be read."""

BEHIND = (
    sa.select(conversations.c.id)
    .join(known_as, known_as.c.customer == conversations.c.customer)
    .where(
        known_as.c.account == meant_account().scalar_subquery(),
        known_as.c.remote_id == sa.bindparam("customer"),
        known_as.c.login.in_([login.value for login in Login]),  # so that the whole key is used
    )
)


def login_changed(conn: sa.Connection, before: Account, login: Login) -> None:
    """Keep under which login's ids the account's customers are known; who is known by the new one's too goes by that."""
    if before.login is login:
        return
    mine = customers.c.account == before.id
    own = sa.select(customers.c.account, sa.literal(before.login.value), customers.c.remote_id, customers.c.id)
    # Erased ones have no id of the network's any more.
    named = sa.exists().where(known_as.c.account == before.id, known_as.c.remote_id == customers.c.remote_id)
    own = own.where(mine, customers.c.remote_id.not_like("erased:%"), sa.not_(named))
    keep = rows.insert_into(conn, known_as).from_select(["account", "login", "remote_id", "customer"], own)
    conn.execute(keep.on_conflict_do_nothing())
    known = sa.select(known_as.c.customer, known_as.c.remote_id).where(
        known_as.c.account == before.id, known_as.c.login == login.value
    )
    for row in conn.execute(known).all():
        conn.execute(sa.update(customers).where(customers.c.id == row.customer).values(remote_id=row.remote_id))


def customer_behind(conn: sa.Connection, given: Mapping[str, str]) -> ConversationId | None:
    """The conversation of whom the account knew under this id by its other login."""
    found = conn.execute(BEHIND, given).scalars().first()
    return None if found is None else ConversationId(found)


def earlier(conn: sa.Connection, scene: Scene, heard: Collection[RemoteId]) -> Earlier | None:
    """Who of the account's customers, known by its other login's ids alone, a stranger may be; None: there are none such.

    heard: messages that the network has named to both.
    """
    under_other = sa.and_(known_as.c.account == scene.account.id, known_as.c.login != scene.account.login.value)
    whose = sa.select(conversations.c.id).select_from(UNDER_OTHER).where(under_other)
    if conn.execute(whose.limit(1)).first() is None:
        return None
    by_message: Collection[int] = ()
    if heard:
        said = sa.select(messages.c.conversation).where(messages.c.remote_id.in_(heard))
        sent = sa.select(part.c.conversation).where(part.c.remote_id.in_(heard))
        both = said.where(messages.c.conversation.in_(whose)).union(sent.where(part.c.conversation.in_(whose)))
        by_message = conn.execute(both.limit(MOST)).scalars().all()
    by_handle: Collection[int] = ()
    if handle := scene.customer.username:
        same = sa.func.lower(customers.c.username) == handle.lower()
        by_handle = conn.execute(whose.where(same).limit(MOST)).scalars().all()
    return Earlier(by_message=tuple(map(ConversationId, by_message)), by_handle=tuple(map(ConversationId, by_handle)))


def join(conn: sa.Connection, stranger: Scene, known: Scene) -> None:
    """Let a customer take over the id of a stranger, of whom nothing is kept yet but that they are there."""
    talk, who = stranger.conversation.id, stranger.customer
    ready = sa.and_(sa.text("outbox.state = 'ready'"), outbox.c.conversation == talk)
    conn.execute(sa.update(outbox).where(ready).values(state="dropped", reason="joined"))
    conn.execute(sa.delete(conversations).where(conversations.c.id == talk))
    conn.execute(sa.delete(customers).where(customers.c.id == who.id))
    own = {"remote_id": who.remote_id}
    conn.execute(sa.update(customers).where(customers.c.id == known.customer.id).values(own))
    both = {"account": stranger.account.id, "customer": known.customer.id}
    keep = rows.insert_into(conn, known_as).values(**both, login=stranger.account.login.value, **own)
    conn.execute(keep.on_conflict_do_nothing())


def is_known_as(remote_id: str) -> sa.ColumnElement[bool]:
    """The condition that the network knows, or knew, a customer by this id."""
    other = sa.select(known_as.c.customer).where(known_as.c.remote_id == remote_id)
    return sa.or_(customers.c.remote_id == remote_id, customers.c.id.in_(other))


def others_of(conn: sa.Connection, customer: CustomerId) -> list[str]:
    """Every id that a customer has been known by."""
    return list(conn.execute(sa.select(known_as.c.remote_id).where(known_as.c.customer == customer)).scalars())


def forget(conn: sa.Connection, customer: CustomerId) -> None:
    """Forget all of them."""
    conn.execute(sa.delete(known_as).where(known_as.c.customer == customer))
