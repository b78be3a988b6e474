"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _account()
    _audit()
    _conversation()
    _customer()
    _group_member()
    _heartbeat()
    _inbox()
    _incident()
    _message()
    _message_post()
    _outbox()
    _part()
    _person()
    _post()
    _route()
    _target()
    _thread()
    _workspace()
    _statistics()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("health", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=True),
        sa.Column("sealed", sa.Text, nullable=True),
        sa.Column("connected_at", sa.BigInteger, nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace", "platform", "remote_id", name=op.f("uq_account_workspace_platform_remote_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_remote_id", "account", ["remote_id"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("customer", KEY, nullable=False),
        sa.Column("work", sa.Text, nullable=False),
        sa.Column("control", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=True),
        sa.Column("opens_at", sa.BigInteger, nullable=True),
        sa.Column("standard_close", sa.BigInteger, nullable=True),
        sa.Column("human_close", sa.BigInteger, nullable=True),
        sa.Column("waiting_since", sa.BigInteger, nullable=True),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        sa.Column("answered_by", sa.Text, nullable=True),
        sa.Column("last_at", sa.BigInteger, nullable=True),
        sa.Column("preview", KEY, nullable=True),
        sa.Column("told_until", sa.BigInteger, nullable=True),
        sa.Column("unsure", sa.Integer(), server_default="0", nullable=False),
        sa.Column("thread", KEY, nullable=True),
        sa.Column("card", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer", name=op.f("uq_conversation_customer")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversation_account", "conversation", ["account"], unique=False)
    op.create_index("ix_conversation_last_at", "conversation", ["workspace", "last_at"], unique=False)
    op.create_index("ix_conversation_told_until", "conversation", ["told_until"], unique=False)


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("username", sa.Text, nullable=True),
        sa.Column("picture", sa.Text, nullable=True),
        sa.Column("profile_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "remote_id", name=op.f("uq_customer_account_remote_id")),
        sqlite_autoincrement=True,
    )


def _group_member() -> None:
    op.create_table(
        "group_member",
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("group", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "group", "person"),
    )


def _heartbeat() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("process"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
        sa.Column("about", sa.Text, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("first_tried", sa.BigInteger, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name=op.f("uq_inbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_about",
        "inbox",
        ["about"],
        unique=False,
        sqlite_where=sa.text("about IS NOT NULL"),
        postgresql_where=sa.text("about IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_dead",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_inbox_due",
        "inbox",
        ["not_before", "at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('ready', 'free')"),
        postgresql_where=sa.text("state IN ('ready', 'free')"),
    )
    op.create_index("ix_inbox_heard", "inbox", ["lane"], unique=False)
    op.create_index("ix_inbox_kept_at", "inbox", ["kept_at"], unique=False)
    op.create_index(
        "ix_inbox_lane",
        "inbox",
        ["lane", "at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("account", KEY, nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger, nullable=True),
        sa.Column("ref", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_incident_open",
        "incident",
        ["workspace", "key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=True),
        sa.Column("ref", sa.Text, nullable=True),
        sa.Column("thread", KEY, nullable=True),
        sa.Column("person", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=True),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("sign", sa.Text, nullable=True),
        sa.Column("split", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("edited_at", sa.BigInteger, nullable=True),
        sa.Column("queued_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation", "remote_id", name=op.f("uq_message_conversation_remote_id")),
        sa.UniqueConstraint("workspace", "ref", name=op.f("uq_message_workspace_ref")),
    )
    op.create_index(
        "ix_message_asking",
        "message",
        ["queued_at"],
        unique=False,
        sqlite_where=sa.text("state = 'asking'"),
        postgresql_where=sa.text("state = 'asking'"),
    )
    op.create_index("ix_message_conversation_at", "message", ["conversation", "at"], unique=False)
    op.create_index(
        "ix_message_unsigned",
        "message",
        ["queued_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'asking') AND sign IS NULL"),
        postgresql_where=sa.text("state IN ('waiting', 'asking') AND sign IS NULL"),
    )
    op.create_index(
        "ix_message_words",
        "message",
        ["at"],
        unique=False,
        sqlite_where=sa.text("text IS NOT NULL"),
        postgresql_where=sa.text("text IS NOT NULL"),
    )


def _message_post() -> None:
    op.create_table(
        "message_post",
        sa.Column("message", KEY, autoincrement=False, nullable=False),
        sa.Column("post", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("block", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("message", "post"),
    )
    op.create_index("ix_message_post_post", "message_post", ["post"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease", sa.BigInteger, nullable=True),
        sa.Column("worker", sa.Integer(), nullable=True),
        sa.Column("unsure_since", sa.BigInteger, nullable=True),
        sa.Column("blocks", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("conversation", KEY, nullable=True),
        sa.Column("message", KEY, nullable=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=True),
        sa.Column("remote_id", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("caused_by", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_dead",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["target", "rank", "not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index("ix_outbox_finished_at", "outbox", ["finished_at"], unique=False)
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["lane", "position", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('ready', 'working', 'unsure')"),
        postgresql_where=sa.text("state IN ('ready', 'working', 'unsure')"),
    )
    op.create_index(
        "ix_outbox_lease",
        "outbox",
        ["lease"],
        unique=False,
        sqlite_where=sa.text("state = 'working'"),
        postgresql_where=sa.text("state = 'working'"),
    )
    op.create_index(
        "ix_outbox_message",
        "outbox",
        ["message"],
        unique=False,
        sqlite_where=sa.text("message IS NOT NULL AND state IN ('ready', 'working', 'unsure')"),
        postgresql_where=sa.text("message IS NOT NULL AND state IN ('ready', 'working', 'unsure')"),
    )
    op.create_index(
        "ix_outbox_unsure",
        "outbox",
        ["unsure_since"],
        unique=False,
        sqlite_where=sa.text("state = 'unsure'"),
        postgresql_where=sa.text("state = 'unsure'"),
    )


def _part() -> None:
    op.create_table(
        "part",
        sa.Column("message", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("remote_id", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("message", "seq"),
        sa.UniqueConstraint("conversation", "remote_id", name=op.f("uq_part_conversation_remote_id")),
    )
    op.create_index(
        "ix_part_open",
        "part",
        ["conversation"],
        unique=False,
        sqlite_where=sa.text("state IN ('ready', 'unsure')"),
        postgresql_where=sa.text("state IN ('ready', 'unsure')"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=True),
        sa.Column("learnt_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "ref"),
    )


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("conversation", KEY, nullable=True),
        sa.Column("thread", KEY, nullable=True),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("row", KEY, nullable=False),
        sa.Column("posted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace", "ref", name=op.f("uq_post_workspace_ref")),
    )
    op.create_index("ix_post_conversation", "post", ["conversation"], unique=False)
    op.create_index("ix_post_posted_at", "post", ["posted_at"], unique=False)


def _route() -> None:
    op.create_table(
        "route",
        sa.Column("id", KEY, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("alerts_place", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", name=op.f("uq_route_account")),
    )
    op.create_index("ix_route_workspace_place", "route", ["workspace", "place"], unique=False)


def _target() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("parent", sa.Text, nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("burst", sa.Float(), server_default="1", nullable=False),
        sa.Column("tokens", sa.Float(), server_default="1", nullable=False),
        sa.Column("filled_at", sa.BigInteger, nullable=True),
        sa.Column("not_before", sa.BigInteger, nullable=True),
        sa.Column("held_by", sa.Text, nullable=True),
        sa.Column("probe", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_target_held_by", "target", ["held_by"], unique=False)


def _thread() -> None:
    op.create_table(
        "thread",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("workspace", "ref", name=op.f("uq_thread_workspace_ref")),
    )
    op.create_index("ix_thread_conversation", "thread", ["conversation"], unique=False)
    op.create_index("ix_thread_place", "thread", ["workspace", "place"], unique=False)


def _workspace() -> None:
    op.create_table(
        "workspace",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("bot_person", sa.Text, nullable=False),
        sa.Column("bot_author", sa.Text, nullable=False),
        sa.Column("heard_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _statistics() -> None:
    """What PostgreSQL once learnt of empty queues must not be what it goes by when they are long.

    Finished rows are nearly all there is, so that it would expect none in hand, and read whole indexes for each.
    """
    if op.get_bind().dialect.name == "postgresql":
        for table in ("inbox", "outbox"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN state SET STATISTICS 0")
