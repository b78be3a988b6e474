"""Accounts that stay connected, windows that do not lapse: logins and their ends, what alerts channels hear."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.BigInteger()


def upgrade() -> None:
    _account()
    _partial("ix_message_unmade", "message", ["queued_at"], "state = 'refused' AND sign = 'waiting'")
    _logins()
    _incident()
    _windows()
    _installations()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)


def _account() -> None:
    """Who logged in, until when it lasts, when it is looked at next."""
    op.add_column("account", sa.Column("connected_by", KEY, nullable=True))
    for name in ("token_expires_at", "data_access_expires_at", "probe_at", "refresh_at", "warn_at"):
        op.add_column("account", sa.Column(name, INSTANT, nullable=True))
    op.add_column("account", sa.Column("warned", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("heard_at", INSTANT, nullable=True))
    op.add_column("account", sa.Column("planned", INSTANT, nullable=True))
    for name in ("probe_at", "refresh_at", "warn_at"):
        op.create_index(f"ix_account_{name}", "account", [name])


def _logins() -> None:
    op.create_table(
        "meta_person",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("logged_in_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace", "app", "remote_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connecting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("account", KEY, nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_connecting_expires_at", "connecting", ["expires_at"])
    op.create_table(
        "rhythm",
        sa.Column("account", KEY, autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "slot"),
    )


def _incident() -> None:
    op.add_column("incident", sa.Column("within", KEY, nullable=True))
    _partial("ix_incident_within", "incident", ["within"], "within IS NOT NULL")


def _windows() -> None:
    op.add_column("conversation", sa.Column("alert_at", INSTANT, nullable=True))
    op.add_column("conversation", sa.Column("alerted", sa.Text(), nullable=True))
    _partial("ix_conversation_alert_at", "conversation", ["alert_at"], "alert_at IS NOT NULL")
    _partial("ix_conversation_waiting", "conversation", ["account", "standard_close"], "work = 'waiting'")
    op.create_table(
        "closing",
        sa.Column("incident", KEY, autoincrement=False, nullable=False),
        sa.Column("conversation", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("close_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "conversation"),
    )
    op.create_index("ix_closing_conversation", "closing", ["conversation"])
    _partial("ix_closing_close_at", "closing", ["close_at"], "state = 'open'")
    op.create_table(
        "lapse",
        sa.Column("conversation", KEY, autoincrement=False, nullable=False),
        sa.Column("close_at", INSTANT, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conversation", "close_at"),
    )
    op.create_index("ix_lapse_account", "lapse", ["account", "close_at"])


def _installations() -> None:
    """Where the app was installed by OAuth, and what counted once."""
    op.add_column("workspace", sa.Column("enterprise", sa.Text(), nullable=True))
    op.create_table(
        "installation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("refresh", sa.Text(), nullable=True),
        sa.Column("bot_person", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=True),
        sa.Column("installed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("refreshing_until", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "spent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_spent_expires_at", "spent", ["expires_at"])
