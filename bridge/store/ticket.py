"""Tickets that were made of conversations: a table of `bridge.store.schema`."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.columns import Instant, Key, metadata, of_workspace

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    of_workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("since", Instant, nullable=False),  # from when on, and until when, what the customer wrote stands in it
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.Text),  # None: the timer
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("sink", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("link", sa.Text),
    sa.Column("ref", sa.Text),
    sa.Column("status", sa.Text),  # the other system's word
    sa.Column("status_at", Instant),
    sa.Index("ix_ticket_conversation", "conversation"),
)
