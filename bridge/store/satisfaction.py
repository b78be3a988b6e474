"""How content customers are, as they answered: a table of `bridge.store.schema`."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.columns import Instant, Key, metadata, of_workspace

satisfaction = sa.Table(
    "satisfaction",
    metadata,
    sa.Column("question", Key, primary_key=True, autoincrement=False),  # the message that asked
    of_workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),  # from 1 to 5
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_satisfaction_conversation", "conversation", "at"),
)
