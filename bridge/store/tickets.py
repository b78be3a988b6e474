"""Tickets: which are due, what each holds, what signs them, and what is left of them when a customer is erased.

Rule 1: the latest of a conversation stands in its row too, so that its card needs no other; all of them stand in ``ticket``.
Rule 2: a signing secret is kept sealed, and nobody reads it but who signs and who checks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.lanes import micros, queue, tickets_target
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.effects import Queued
from bridge.model.ids import AccountId, ConversationId, TicketId
from bridge.model.state import Author, Message
from bridge.model.tickets import RedactTicket, Step, Ticket
from bridge.store.columns import EPOCH, Instant
from bridge.store.hand import Hand
from bridge.store.reading import read_messages
from bridge.store.rows import upsert
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import inbox, outbox, ticket
from bridge.store.schema import message as messages
from bridge.store.words import Columns, member
from bridge.tickets import way_of

MOST = 50
"""Messages in one ticket, the latest."""

DUE = (
    sa.select(conversations.c.id)
    .where(conversations.c.ticket_at <= sa.bindparam("now", type_=Instant))
    .order_by(conversations.c.ticket_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


COLUMNS = Columns(Ticket, step=member(Step))
read = COLUMNS.read
"""From a row of ``ticket``."""


class SqlTickets:
    """`bridge.due.Tickets` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def due(self, now: datetime, limit: int) -> list[ConversationId]:
        """By the index of what is ahead."""
        found = self._conn.execute(DUE, {"now": now, "limit": limit}).scalars()
        return list(map(ConversationId, found))

    def one(self, wanted: TicketId) -> Ticket | None:
        """By its id."""
        return by_id(self._conn, [wanted]).get(wanted)

    def of(self, conversation: ConversationId) -> tuple[Ticket, ...]:
        """The oldest first."""
        return of(self._conn, conversation)


def by_id(conn: sa.Connection, ids: Collection[TicketId]) -> dict[TicketId, Ticket]:
    """Those of these that there are."""
    if not ids:
        return {}
    found = conn.execute(sa.select(ticket).where(ticket.c.id.in_(list(ids))))
    return {TicketId(row.id): read(row) for row in found}


def of(conn: sa.Connection, conversation: ConversationId) -> tuple[Ticket, ...]:
    """All of a conversation, the oldest first."""
    query = sa.select(ticket).where(ticket.c.conversation == conversation).order_by(ticket.c.id)
    return tuple(read(row) for row in conn.execute(query))


def write(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """Write what a decision says of tickets."""
    if scene is not None and decision.tickets:
        whose = {"workspace": scene.workspace.id}
        rows = [COLUMNS.of(each) | whose for each in decision.tickets]
        upsert(conn, ticket, rows, fixed=("workspace", "conversation", "since", "at", "by"))


def said_in(conn: sa.Connection, wanted: Ticket) -> tuple[Message, ...]:
    """What stands in a ticket: what the customer wrote in its time and has not taken back, the oldest first."""
    query = (
        sa.select(messages.c.id)
        .where(
            messages.c.conversation == wanted.conversation,
            messages.c.at >= wanted.since,
            messages.c.at <= wanted.at,
            messages.c.author == Author.CUSTOMER.value,
            messages.c.unsent_at.is_(None),
            sa.not_(messages.c.withheld),
        )
        .order_by(messages.c.at.desc(), messages.c.id.desc())
        .limit(MOST)
    )
    ids = list(conn.execute(query).scalars())
    found = read_messages(conn, ids)
    return tuple(found[each] for each in reversed(ids))


# ── the account's ─────────────────────────────────────────────────────────────────────────────────────────


def sealed_of(conn: sa.Connection, account: AccountId) -> str | None:
    """What signs an account's tickets, still encrypted; None: nothing does."""
    query = sa.select(accounts.c.ticket_sealed).where(accounts.c.id == account)
    return conn.execute(query).scalar_one_or_none()


def seal(conn: sa.Connection, account: AccountId, sealed: str | None) -> None:
    """Keep what signs an account's tickets from now on, encrypted."""
    conn.execute(sa.update(accounts).where(accounts.c.id == account).values(ticket_sealed=sealed))


def go_again(hand: Hand, account: AccountId) -> None:
    """An account's tickets that wait have their next try now: where they go, or what signs them, is another."""
    hand.tx.effects.hurry(tickets_target(account))


def signer_of(conn: sa.Connection, wanted: TicketId) -> tuple[bool, str | None]:
    """Whether there is such a ticket, and what signs those of its account, still encrypted."""
    query = (
        sa.select(accounts.c.ticket_sealed)
        .select_from(
            ticket.join(conversations, conversations.c.id == ticket.c.conversation).join(
                accounts, accounts.c.id == conversations.c.account
            )
        )
        .where(ticket.c.id == wanted)
    )
    row = conn.execute(query).one_or_none()
    return row is not None, None if row is None else row.ticket_sealed


def signers(conn: sa.Connection) -> tuple[str, ...]:
    """Whatever signs tickets of any account, still encrypted."""
    found = sa.select(accounts.c.ticket_sealed).where(accounts.c.ticket_sealed.is_not(None)).distinct()
    return tuple(conn.execute(found).scalars())


def look_again(conn: sa.Connection, account: AccountId) -> None:
    """What is due of an account's conversations depends on its settings: the next ticks ask anew, some at a time."""
    own = sa.and_(conversations.c.account == account, sa.text("conversation.work = 'waiting'"))
    conn.execute(sa.update(conversations).where(own).values(ticket_at=EPOCH))


# ── erasing ───────────────────────────────────────────────────────────────────────────────────────────────


def erased(conn: sa.Connection, scene: Scene, moment: Moment) -> tuple[Queued, ...]:
    """None that waits is made any more; whoever has one must let all of it go."""
    known = of(conn, scene.conversation.id)
    lanes = [f"ticket:{each.id}" for each in known]
    waits = sa.and_(sa.text("outbox.state = 'ready'"), outbox.c.lane.in_(lanes), outbox.c.kind != "RedactTicket")
    conn.execute(sa.update(outbox).where(waits).values(state="dropped", reason="erased", finished_at=moment.steady))
    told = {"body": b"", "lane": "erased", "state": "applied", "reason": "erased"}  # how they stood, in others' words
    conn.execute(sa.update(inbox).where(inbox.c.lane.in_(lanes)).values(told))
    changes: dict[str, Any] = {"status": None, "link": None, "number": None, "by": None}
    conn.execute(sa.update(ticket).where(ticket.c.conversation == scene.conversation.id).values(changes))
    return _everything(scene, known, moment)


def _everything(scene: Scene, known: Sequence[Ticket], moment: Moment) -> tuple[Queued, ...]:
    return tuple(
        queue(
            RedactTicket(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                ticket=each.id,
            ),
            position=micros(moment.now),
        )
        for each in known
        if way_of(each.sink or scene.account.settings.ticket_sink) != "slack" and each.step is not Step.REFUSED
    )
