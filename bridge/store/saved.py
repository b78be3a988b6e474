"""Saved replies: a table of `bridge.store.schema`, what is read of it, and what decisions write."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bridge.model.decision import Decision, Scene
from bridge.model.ids import AccountId, MessageId, PersonRef
from bridge.model.saved import SavedReply, SavedReplyId
from bridge.store.columns import Instant, Key, metadata, of_workspace

saved_reply = sa.Table(
    "saved_reply",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    of_workspace(),
    sa.Column("account", Key, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # the house's own words, or copied from `source`, with which they go
    sa.Column("source", Key),  # the message they were made from
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_saved_reply_account", "account", "name"),
    sa.Index("ix_saved_reply_source", "source"),
)

MOST = 99
"""A menu holds no more, with one place for a new one."""


def of_account(conn: sa.Connection, account: AccountId) -> tuple[SavedReply, ...]:
    """An account's saved replies, by name."""
    table = saved_reply
    found = conn.execute(
        table.select()
        .where(table.c.account == account)
        .order_by(table.c.name, table.c.language, table.c.id)
        .limit(MOST)
    )
    return tuple(
        SavedReply(
            id=SavedReplyId(row.id),
            account=AccountId(row.account),
            name=row.name,
            language=row.language,
            text=row.text,
            by=PersonRef(row.by),
            at=row.at,
            source=None if row.source is None else MessageId(row.source),
        )
        for row in found
    )


def apply(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """Write what a decision says of them."""
    table = saved_reply
    for reply in decision.saved:
        changed = {"name": reply.name, "language": reply.language, "text": reply.text, "by": reply.by, "at": reply.at}
        changed |= {} if reply.source is None else {"source": reply.source}
        known = conn.execute(sa.update(table).where(table.c.id == reply.id).values(changed)).rowcount
        if not known and scene is not None:
            whose = {"id": reply.id, "workspace": scene.workspace.id, "account": reply.account}
            conn.execute(sa.insert(table).values({**whose, **changed}))
    if decision.unsaved and scene is not None:
        its = sa.and_(table.c.account == scene.account.id, table.c.id.in_(decision.unsaved))
        conn.execute(sa.delete(table).where(its))
    if decision.unsaved_from:
        forget(conn, decision.unsaved_from)


def forget(conn: sa.Connection, messages: Sequence[MessageId]) -> None:
    """Nothing stays of what was saved from these messages."""
    conn.execute(sa.delete(saved_reply).where(saved_reply.c.source.in_(messages)))
