"""The agent's side, whole: files, windows, what the bridge says by itself."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"

SURVEY = """
CREATE VIEW survey AS
SELECT message.workspace, conversation.account, message.conversation, message.id AS question, message.at AS asked_at,
       satisfaction.score, satisfaction.at AS scored_at
  FROM message
  JOIN conversation ON conversation.id = message.conversation
  LEFT JOIN satisfaction ON satisfaction.question = message.id
 WHERE author = 'bridge' AND kind = 'auto_csat' AND (state = 'sent' OR satisfaction.score IS NOT NULL)
"""

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _forwarding()
    _customer()
    _conversation()
    _message()
    _person()
    _part()
    _saved_reply()
    _automatic()
    _attachment()
    _worked()
    _export()
    _side_thread()
    _views()


def _forwarding() -> None:
    op.add_column("conversation", sa.Column("forwarded_to", KEY, nullable=True))
    op.create_index(
        "ix_conversation_forwarded_to",
        "conversation",
        ["forwarded_to"],
        unique=False,
        sqlite_where=sa.text("forwarded_to IS NOT NULL"),
        postgresql_where=sa.text("forwarded_to IS NOT NULL"),
    )


def _customer() -> None:
    op.add_column("customer", sa.Column("blocked", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("blocked_by", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("blocked_at", sa.BigInteger(), nullable=True))
    op.add_column("customer", sa.Column("blocked_count", sa.Integer(), server_default="0", nullable=False))


def _conversation() -> None:
    """What customers have read, and who answered just before."""
    op.add_column("conversation", sa.Column("written_by", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("written_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("heard_at", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("heard_from", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("read_up_to", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("eyes", KEY, nullable=True))


def _message() -> None:
    op.add_column("message", sa.Column("sent_at", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("reactions", sa.JSON(), nullable=True))
    op.add_column("message", sa.Column("withheld", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_message_withheld",
        "message",
        ["conversation"],
        unique=False,
        sqlite_where=sa.text("withheld"),
        postgresql_where=sa.text("withheld"),
    )


def _attachment() -> None:
    """Agents' files: that pictures may be made smaller, and under which id the network keeps one."""
    op.add_column("message", sa.Column("smaller", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("attachment", sa.Column("remote_id", sa.Text(), nullable=True))
    op.add_column("attachment", sa.Column("remote_at", sa.BigInteger(), nullable=True))


def _person() -> None:
    op.add_column("person", sa.Column("picture", sa.Text(), nullable=True))


def _automatic() -> None:
    op.add_column("account", sa.Column("digested", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("spoken", sa.JSON(), nullable=True))
    op.create_table(
        "satisfaction",
        sa.Column(
            "question", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("conversation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("question"),
    )
    op.create_index("ix_satisfaction_conversation", "satisfaction", ["conversation", "at"])


def _part() -> None:
    op.add_column("part", sa.Column("answer", sa.JSON(), nullable=True))
    op.add_column("part", sa.Column("answered_at", sa.BigInteger(), nullable=True))


def _saved_reply() -> None:
    op.create_table(
        "saved_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_reply_account", "saved_reply", ["account", "name"])
    op.create_index("ix_saved_reply_source", "saved_reply", ["source"])


def _worked() -> None:
    op.add_column("conversation", sa.Column("owner_group", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("outcome", sa.Text(), nullable=True))


def _export() -> None:
    op.create_table(
        "export",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_conversation", "export", ["conversation"])


def _side_thread() -> None:
    op.create_table(
        "side_thread",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("message", KEY, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace", "ref"),
        sqlite_autoincrement=True,
    )


def _views() -> None:
    """The figures as they were, without what was withheld or tells how content somebody is; and that beside them."""
    before, run = import_module("bridge.store.migrations.versions.0003_agents_side"), op.get_bind().exec_driver_sql
    for name in ("account_day", "waiting_period", "waiting_start", "answer", "asked"):
        run(f"DROP VIEW {name}")
    human = before.HUMAN[op.get_bind().dialect.name]
    for view in before.VIEWS:
        asks = view.replace("unsent_at IS NULL AND", "unsent_at IS NULL AND NOT withheld AND")
        asks = asks.replace("'named', 'reaction'", "'named', 'rating', 'reaction'")
        run(asks.strip().replace("{human}", human))
    run(SURVEY.strip())
