"""The tables of who there is on the desk and which accounts are connected; `bridge.store.schema` has them all."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.columns import Instant, Key, metadata
from bridge.store.columns import of_workspace as _workspace
from bridge.store.columns import own_key as _own_key

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("bot_person", sa.Text, nullable=False),
    sa.Column("bot_author", sa.Text, nullable=False),
    sa.Column("heard_at", Instant),  # the desk's last event, for the gap after a downtime
)

account = sa.Table(
    "account",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("wish", sa.Text, nullable=False),
    sa.Column("health", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("sealed", sa.Text),  # the access token, encrypted
    sa.Column("connected_at", Instant),
    sa.Column("hinted_at", Instant),  # when its agents were told of the network's folders
    sa.Column("digested", sa.Text),  # the Monday, as YYYY-MM-DD, of the latest week whose figures were told
    sa.Column("settings", sa.JSON, nullable=False),  # bridge.settings' names; people and places are refs, never names
    sa.UniqueConstraint("workspace", "platform", "remote_id"),
    sa.Index("ix_account_remote_id", "remote_id"),
    sqlite_autoincrement=True,
)

route = sa.Table(
    "route",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("account", Key, nullable=False, unique=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("alerts_place", sa.Text),
    sa.Index("ix_route_workspace_place", "workspace", "place"),
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("picture", sa.Text),
    sa.Column("learnt_at", Instant, nullable=False),
)

group_member = sa.Table(
    "group_member",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("group", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),  # "" : the group itself, so that an empty one is known
)

other_app = sa.Table(
    "other_app",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),  # the network's
    sa.Column("name", sa.Text),  # None: the network does not tell it
    sa.Column("learnt_at", Instant, nullable=False),
)
