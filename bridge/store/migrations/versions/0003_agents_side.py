"""The agent's side: who looks after a conversation, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    op.add_column("conversation", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("worked_by", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("worked_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("signature", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("reacted", sa.Text(), nullable=True))
