"""The tables of who there is on the desk and which accounts are connected; `bridge.store.schema` has them all."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store.columns import Instant, Key, metadata
from bridge.store.columns import of_workspace as _workspace
from bridge.store.columns import own_key as _own_key

ASIDE = {"aside": True}
"""Of columns that no conversation's scene needs: whoever does reads them by name."""

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("language_by", sa.Text, info=ASIDE),  # who chose it on the desk; None: whoever runs the bridge
    sa.Column("bot_person", sa.Text, nullable=False),
    sa.Column("bot_author", sa.Text, nullable=False),
    sa.Column("heard_at", Instant),  # the desk's last event, for the gap after a downtime
    sa.Column("enterprise", sa.Text, info=ASIDE),  # the organisation whose installation speaks for it, if any does
)

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # of a workspace, or of an organisation with all of its
    sa.Column("enterprise", sa.Text),
    sa.Column("sealed", sa.Text),  # the bot's token, encrypted; None: revoked
    sa.Column("refresh", sa.Text),  # the token that brings the next one, encrypted, where tokens are rotated
    sa.Column("bot_person", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("installed_by", sa.Text),
    sa.Column("installed_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),  # of the bot's token; None: it does not
    sa.Column("refreshing_until", Instant),  # one process has the refresh to itself
    sa.Column("revoked_at", Instant),
)

spent = sa.Table(
    "spent",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # of something that counts once: the digest of a state
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index("ix_spent_expires_at", "expires_at"),
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
    sa.Column("ticket_sealed", sa.Text, info=ASIDE),  # what signs its tickets, encrypted
    sa.Column("connected_at", Instant),
    sa.Column("connected_by", Key, info=ASIDE),  # who of `meta_person` logged in
    sa.Column("token_expires_at", Instant, info=ASIDE),  # by the network's word; None: never, or not told
    sa.Column("data_access_expires_at", Instant, info=ASIDE),
    sa.Column("probe_at", Instant, info=ASIDE),  # when the network is asked next how the account stands
    sa.Column(
        "refresh_at", Instant, info=ASIDE
    ),  # when its token is exchanged for a younger one, where the login has that
    sa.Column("warn_at", Instant, info=ASIDE),  # when the next warning of its end is due
    sa.Column("warned", sa.Text, info=ASIDE),  # the latest stage that was told, with the end it was told of
    sa.Column("heard_at", Instant, info=ASIDE),  # when the network last told anything of it
    sa.Column("hinted_at", Instant),  # when its agents were told of the network's folders
    sa.Column("digested", sa.Text),  # the latest day, as YYYY-MM-DD, whose digest was told or passed over
    sa.Column("planned", Instant, info=ASIDE),  # when the latest break began of which somebody was told
    sa.Column("leaving", sa.Text, info=ASIDE),  # a removed one's token, encrypted, until its webhooks have ended
    sa.Column("removed_at", Instant, info=ASIDE),  # when it was disconnected; it can be taken back for a while
    sa.Column("icon", sa.Text),  # which of `icon` its posts bear
    sa.Column("settings", sa.JSON, nullable=False),  # bridge.settings' names; people and places are refs, never names
    sa.UniqueConstraint("workspace", "platform", "remote_id"),
    sa.Index("ix_account_remote_id", "remote_id"),
    sa.Index("ix_account_probe_at", "probe_at"),
    sa.Index("ix_account_refresh_at", "refresh_at"),
    sa.Index("ix_account_warn_at", "warn_at"),
    sqlite_autoincrement=True,
)

meta_person = sa.Table(
    "meta_person",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("app", sa.Text, nullable=False),  # by which login: a person has an id of their own for each app
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("logged_in_at", Instant, nullable=False),
    sa.UniqueConstraint("workspace", "app", "remote_id"),
    sqlite_autoincrement=True,
)

connecting = sa.Table(
    "connecting",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # what the link holds besides its seal
    _workspace(),
    sa.Column("account", Key),  # which is to be renewed; None: whatever the person chooses
    sa.Column("person", sa.Text),  # who of the desk asked for the link
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("state", sa.JSON, nullable=False),  # what is known so far: ids and findings, never a secret
    sa.Column("sealed", sa.Text),  # tokens on the way, encrypted
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.Index("ix_connecting_expires_at", "expires_at"),
)

icon = sa.Table(
    "icon",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # cannot be guessed: whoever has it may see the picture
    _workspace(),
    sa.Column("account", Key, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # as HTTP names it
    sa.Column("picture", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Index("ix_icon_account", "account"),
)

rhythm = sa.Table(
    "rhythm",
    metadata,
    sa.Column("account", Key, primary_key=True, autoincrement=False),
    sa.Column("slot", sa.Integer, primary_key=True),  # the hour of the week, from Monday 0:00 UTC
    _workspace(),
    sa.Column("hours", sa.Integer, nullable=False),  # how many such hours were watched
    sa.Column("heard", sa.Integer, nullable=False),  # in how many of them something came
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
    sa.Column("admin", sa.Boolean),  # of the workspace; None: learnt before that was asked
    sa.Column("learnt_at", Instant, nullable=False),
)

home = sa.Table(
    "home",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("look", sa.Text),  # the fingerprint of what stands there; None: nothing of ours yet
    sa.Column("version", sa.Text),  # the desk's own word for what stands there
)

renumbered = sa.Table(
    "renumbered",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("old", sa.Text, primary_key=True),  # the id by which a place went
    sa.Column("new", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
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
