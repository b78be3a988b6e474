"""The customer's side: what comes with messages, what is changed and taken back."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _account()
    _attachment()
    _conversation()
    _customer()
    _inbox()
    _message()
    _other_app()
    _outbox()
    _post()


def _account() -> None:
    op.add_column("account", sa.Column("hinted_at", sa.BigInteger(), nullable=True))


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("message", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("message", "seq"),
    )
    op.create_index("ix_attachment_conversation", "attachment", ["conversation"], unique=False)
    op.create_index(
        "ix_attachment_expires_at",
        "attachment",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_attachment_under_way",
        "attachment",
        ["message"],
        unique=False,
        sqlite_where=sa.text("state IN ('fetching', 'stored')"),
        postgresql_where=sa.text("state IN ('fetching', 'stored')"),
    )
    op.create_index(
        "ix_attachment_words",
        "attachment",
        ["message"],
        unique=False,
        sqlite_where=sa.text("title IS NOT NULL OR address IS NOT NULL"),
        postgresql_where=sa.text("title IS NOT NULL OR address IS NOT NULL"),
    )


def _conversation() -> None:
    op.add_column("conversation", sa.Column("controller", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("control_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("wanted_by", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("ad_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("answered_app", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("comments", sa.JSON(), nullable=True))


def _customer() -> None:
    op.add_column("customer", sa.Column("followers", sa.BigInteger(), nullable=True))
    op.add_column("customer", sa.Column("follows", sa.Boolean(), nullable=True))
    op.add_column("customer", sa.Column("verified", sa.Boolean(), nullable=True))
    op.add_column("customer", sa.Column("comments_as", sa.Text(), nullable=True))
    op.create_index(
        "ix_customer_comments_as",
        "customer",
        ["account", "comments_as"],
        unique=False,
        sqlite_where=sa.text("comments_as IS NOT NULL"),
        postgresql_where=sa.text("comments_as IS NOT NULL"),
    )


def _inbox() -> None:
    op.drop_index("ix_inbox_heard", "inbox")
    op.drop_index("ix_inbox_lane", "inbox")
    op.create_index("ix_inbox_lane", "inbox", ["lane", "state", "at", "id"], unique=False)
    op.create_index(
        "ix_inbox_unknown",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )


def _message() -> None:
    op.add_column("message", sa.Column("edits", sa.Integer(), server_default="0", nullable=False))
    op.add_column("message", sa.Column("about", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("app", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("found_later", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("message", sa.Column("unsent_at", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("attached", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_message_about",
        "message",
        ["conversation", "about"],
        unique=False,
        sqlite_where=sa.text("about IS NOT NULL"),
        postgresql_where=sa.text("about IS NOT NULL"),
    )


def _other_app() -> None:
    op.create_table(
        "other_app",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id"),
    )


def _outbox() -> None:
    op.add_column("outbox", sa.Column("joined", KEY, nullable=True))
    by_word = sa.text("state = 'done' AND unsure_since IS NOT NULL AND remote_id IS NULL")
    op.create_index(
        "ix_outbox_by_word",
        "outbox",
        ["conversation"],
        unique=False,
        sqlite_where=by_word,
        postgresql_where=by_word,
    )


def _post() -> None:
    op.add_column("post", sa.Column("file", sa.Text(), nullable=True))
