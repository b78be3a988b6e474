"""The customer's side: what comes with messages, what is changed and taken back."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _attachment()
    _message()
    _post()


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
        sa.PrimaryKeyConstraint("message", "seq"),
        sa.UniqueConstraint("workspace", "file", name=op.f("uq_attachment_workspace_file")),
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


def _post() -> None:
    op.add_column("post", sa.Column("file", sa.Text(), nullable=True))
