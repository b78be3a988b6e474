"""Set up and run from Slack: who may, what was taken back, icons; and customers by the ids of either login."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INSTANT = sa.BigInteger()


def upgrade() -> None:
    _people()
    _accounts()
    _homes()
    _tickets()
    _places()
    _logins()


def _people() -> None:
    """Who is an admin of the workspace is not known of those who were learnt before; what somebody looks after is found."""
    op.add_column("person", sa.Column("admin", sa.Boolean(), nullable=True))
    for column in ("owner", "owner_group"):
        owned = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_conversation_{column}",
            "conversation",
            ["workspace", column],
            sqlite_where=owned,
            postgresql_where=owned,
        )
    op.add_column("workspace", sa.Column("language_by", sa.Text(), nullable=True))


def _accounts() -> None:
    """When an account was removed, by what its webhooks are ended then, and the picture that its posts bear."""
    op.add_column("account", sa.Column("removed_at", INSTANT, nullable=True))
    op.add_column("account", sa.Column("leaving", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("icon", sa.Text(), nullable=True))
    op.create_table(
        "icon",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_icon_account", "icon", ["account"])


def _homes() -> None:
    """Whose own page on the desk stands, and how."""
    op.create_table(
        "home",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("look", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "person"),
    )


def _tickets() -> None:
    """What of a conversation went into another system, when it is due to, and what signs it."""
    op.add_column("account", sa.Column("ticket_sealed", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("ticket_at", INSTANT, nullable=True))
    op.add_column("conversation", sa.Column("ticket", sa.JSON(), nullable=True))
    ahead = sa.text("ticket_at IS NOT NULL")
    op.create_index(
        "ix_conversation_ticket_at", "conversation", ["ticket_at"], sqlite_where=ahead, postgresql_where=ahead
    )
    op.create_table(
        "ticket",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("sink", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_conversation", "ticket", ["conversation"])


def _places() -> None:
    """Places that go by another id."""
    op.create_table(
        "renumbered",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "old"),
    )


def _logins() -> None:
    """Under which ids an account's customers are known, where it has had more than one login."""
    op.create_table(
        "known_as",
        sa.Column("account", KEY, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("customer", KEY, nullable=False),
        sa.PrimaryKeyConstraint("account", "login", "remote_id"),
    )
    op.create_index("ix_known_as_customer", "known_as", ["customer"])
