"""The tables of what alerts channels hear: incidents, the windows about to close, those that lapsed."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.columns import Instant, Key, metadata
from bridge.store.columns import of_workspace as _workspace
from bridge.store.columns import partial as _partial

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    _workspace(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("account", Key),
    sa.Column("values", sa.JSON, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
    sa.Column("ref", sa.Text),
    sa.Column("within", Key),  # the digest that tells of it together with others of its kind
    _partial("uq_incident_open", "closed_at IS NULL", "workspace", "key", unique=True),
    _partial("ix_incident_within", "within IS NOT NULL", "within"),
)

closing = sa.Table(
    "closing",
    metadata,
    sa.Column("incident", Key, primary_key=True, autoincrement=False),
    sa.Column("conversation", Key, primary_key=True, autoincrement=False),
    _workspace(),
    sa.Column("stage", sa.Text, nullable=False),  # which of its closes
    sa.Column("close_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open, or what became of it
    sa.Column("person", sa.Text),  # who ended it
    sa.Column("ended_at", Instant),
    sa.Column("quiet", sa.Boolean, nullable=False),  # nobody was to be mentioned
    sa.Column("reply", sa.Integer, nullable=False),  # under which of its replies it was named first; 0: in the message
    sa.Index("ix_closing_conversation", "conversation"),
    _partial("ix_closing_close_at", "state = 'open'", "close_at"),
)

lapse = sa.Table(
    "lapse",
    metadata,
    sa.Column("conversation", Key, primary_key=True, autoincrement=False),
    sa.Column("close_at", Instant, primary_key=True),
    _workspace(),
    sa.Column("account", Key, nullable=False),
    sa.Column("person", sa.Text),  # who looked after it
    sa.Index("ix_lapse_account", "account", "close_at"),
)
