"""Every table; views stand in `bridge.store.views`. The workspace's id stands in every key, words in `message` and, for a few days, in `inbox`.

Rule 1: what is changed here is changed by a migration too; a test holds the two equal.
Rule 2: customers' and agents' words go nowhere but `message.text`, the titles and addresses of `attachment`, and
        `inbox.body`, so that taking back is one place. The house's own answers stand in `saved_reply`, and go with the
        message that they were made from.
Rule 3: names of people (customers', agents') stand in `customer` and `person` alone.
"""

from __future__ import annotations

import sqlalchemy as sa

from bridge.store import views
from bridge.store.columns import EPOCH, Instant, Key, metadata
from bridge.store.columns import of_workspace as _workspace
from bridge.store.columns import own_key as _own_key
from bridge.store.columns import partial as _partial
from bridge.store.house import (
    account,
    connecting,
    group_member,
    home,
    icon,
    meta_person,
    other_app,
    person,
    rhythm,
    route,
    workspace,
)
from bridge.store.satisfaction import satisfaction
from bridge.store.saved import saved_reply
from bridge.store.ticket import ticket
from bridge.store.trouble import closing, incident, lapse

__all__ = [
    "EPOCH", "Instant", "Key", "account", "closing", "connecting", "group_member", "home", "icon", "incident",
    "lapse", "meta_person", "metadata", "other_app", "person", "rhythm", "route", "satisfaction", "saved_reply",
    "ticket", "workspace",
]  # fmt: skip

customer = sa.Table(
    "customer",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("account", Key, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("username", sa.Text),
    sa.Column("picture", sa.Text),
    sa.Column("followers", sa.BigInteger),
    sa.Column("follows", sa.Boolean),
    sa.Column("verified", sa.Boolean),
    sa.Column("profile_at", Instant),
    sa.Column("comments_as", sa.Text),
    sa.Column("blocked", sa.Text),
    sa.Column("blocked_by", sa.Text),
    sa.Column("blocked_at", Instant),
    sa.Column("blocked_count", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("account", "remote_id"),
    _partial("ix_customer_comments_as", "comments_as IS NOT NULL", "account", "comments_as"),
    sqlite_autoincrement=True,
)

known_as = sa.Table(
    "known_as",  # by the ids of an account's logins, where it has had more than one
    metadata,
    sa.Column("account", Key, primary_key=True, autoincrement=False),
    sa.Column("login", sa.Text, primary_key=True),
    sa.Column("remote_id", sa.Text, primary_key=True),
    sa.Column("customer", Key, nullable=False),
    sa.Index("ix_known_as_customer", "customer"),
)

conversation = sa.Table(
    "conversation",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("account", Key, nullable=False),
    sa.Column("customer", Key, nullable=False, unique=True),
    sa.Column("work", sa.Text, nullable=False),
    sa.Column("control", sa.Text, nullable=False),
    sa.Column("controller", sa.Text),
    sa.Column("control_at", Instant),
    sa.Column("wanted_by", sa.Text),
    sa.Column("ad_at", Instant),
    sa.Column("opened_by", sa.Text),
    sa.Column("opens_at", Instant),
    sa.Column("standard_close", Instant),
    sa.Column("human_close", Instant),
    sa.Column("waiting_since", Instant),
    sa.Column("heard_at", Instant),
    sa.Column("heard_from", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("answered_by", sa.Text),
    sa.Column("answered_app", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("owner_group", sa.Text),
    sa.Column("outcome", sa.Text),  # the house's own word for how it ended
    sa.Column("worked_by", sa.Text),
    sa.Column("worked_at", Instant),
    sa.Column("written_by", sa.Text),
    sa.Column("written_at", Instant),
    sa.Column("read_up_to", Instant),
    sa.Column("eyes", Key),  # the message that bears the sign of what was read
    sa.Column("snoozed_until", Instant),
    sa.Column("last_at", Instant),
    sa.Column("preview", Key),
    sa.Column("told_until", Instant),
    sa.Column("alert_at", Instant),  # when something is due to be said of its windows; None: nothing ahead
    sa.Column("alerted", sa.Text),  # its closes that were told of, each with its stage
    sa.Column("ticket_at", Instant),  # when a ticket is due to be made by itself
    sa.Column("ticket", sa.JSON),  # the latest that was made; never words
    sa.Column("unsure", sa.Integer, nullable=False, server_default="0"),
    sa.Column("comments", sa.JSON),  # ids and times of what was said in public; never words
    sa.Column("spoken", sa.JSON),  # what the bridge has said by itself, and when; never words
    sa.Column("forwarded_to", Key),  # the account in whose channel it goes on
    sa.Column("thread", Key),  # the current one
    sa.Column("card", sa.Text),  # fingerprint of the card as it stands
    sa.Index("ix_conversation_account", "account"),
    _partial("ix_conversation_forwarded_to", "forwarded_to IS NOT NULL", "forwarded_to"),
    sa.Index("ix_conversation_told_until", "told_until"),
    _partial("ix_conversation_owner", "owner IS NOT NULL", "workspace", "owner"),
    _partial("ix_conversation_owner_group", "owner_group IS NOT NULL", "workspace", "owner_group"),
    _partial("ix_conversation_alert_at", "alert_at IS NOT NULL", "alert_at"),
    _partial("ix_conversation_ticket_at", "ticket_at IS NOT NULL", "ticket_at"),
    _partial("ix_conversation_waiting", "work = 'waiting'", "account", "standard_close"),
    sa.Index("ix_conversation_last_at", "workspace", "last_at"),
    sqlite_autoincrement=True,
)

thread = sa.Table(
    "thread",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("ref", sa.Text),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.UniqueConstraint("workspace", "ref"),
    sa.Index("ix_thread_conversation", "conversation"),
    sa.Index("ix_thread_place", "workspace", "place"),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text),
    sa.Column("ref", sa.Text),
    sa.Column("thread", Key),
    sa.Column("person", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("reason", sa.JSON),
    sa.Column("sign", sa.Text),
    sa.Column("signature", sa.Text),
    sa.Column("sent_at", Instant),
    sa.Column("split", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("smaller", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("edited_at", Instant),
    sa.Column("edits", sa.Integer, nullable=False, server_default="0"),
    sa.Column("about", sa.Text),
    sa.Column("app", sa.Text),
    sa.Column("found_later", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("unsent_at", Instant),
    sa.Column("reacted", sa.Text),
    sa.Column("reactions", sa.JSON),
    sa.Column("withheld", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("attached", sa.Integer, nullable=False, server_default="0"),  # how many rows of `attachment` it has
    sa.Column("queued_at", Instant),
    sa.UniqueConstraint("conversation", "remote_id"),
    sa.UniqueConstraint("workspace", "ref"),
    _partial("ix_message_withheld", "withheld", "conversation"),
    _partial("ix_message_about", "about IS NOT NULL", "conversation", "about"),
    sa.Index("ix_message_conversation_at", "conversation", "at"),
    _partial("ix_message_words", "text IS NOT NULL", "at"),  # by age, for pruning
    _partial("ix_message_asking", "state = 'asking'", "queued_at"),
    _partial("ix_message_unmade", "state = 'refused' AND sign = 'waiting'", "queued_at"),
    _partial("ix_message_unsigned", "state IN ('waiting', 'asking') AND sign IS NULL", "queued_at"),
)

attachment = sa.Table(
    "attachment",
    metadata,
    sa.Column("message", Key, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("file", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("expires_at", Instant),
    sa.Column("seconds", sa.Integer),
    sa.Column("remote_id", sa.Text),  # under which the network keeps an agent's file
    sa.Column("remote_at", Instant),
    _partial("ix_attachment_under_way", "state IN ('fetching', 'stored')", "message"),
    _partial("ix_attachment_expires_at", "expires_at IS NOT NULL", "expires_at"),
    _partial("ix_attachment_words", "title IS NOT NULL OR address IS NOT NULL", "message"),  # by age, for pruning
    sa.Index("ix_attachment_conversation", "conversation"),
)

part = sa.Table(
    "part",
    metadata,
    sa.Column("message", Key, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("of", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text),
    sa.Column("answer", sa.JSON),  # the network's code, subcode and trace id; never words
    sa.Column("answered_at", Instant),
    sa.UniqueConstraint("conversation", "remote_id"),
    _partial("ix_part_open", "state IN ('ready', 'unsure')", "conversation"),
)

post = sa.Table(
    "post",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("conversation", Key),
    sa.Column("thread", Key),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("row", Key, nullable=False),  # the outbox row: its mark on the desk
    sa.Column("file", sa.Text),  # the one file of the message that it shows
    sa.Column("posted_at", Instant, nullable=False),
    sa.UniqueConstraint("workspace", "ref"),
    sa.Index("ix_post_posted_at", "posted_at"),
    sa.Index("ix_post_conversation", "conversation"),
)

message_post = sa.Table(
    "message_post",
    metadata,
    sa.Column("message", Key, primary_key=True, autoincrement=False),
    sa.Column("post", Key, primary_key=True, autoincrement=False),
    _workspace(),
    sa.Column("block", sa.Text, nullable=False),  # which block of the post shows the message
    sa.Index("ix_message_post_post", "post"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    _own_key(),
    sa.Column("workspace", sa.Text),  # None until it is decided: the network does not know workspaces
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # bridge.store.queue.INBOX_STEPS
    sa.Column("not_before", Instant, nullable=False),
    sa.Column("first_tried", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reason", sa.Text),
    _partial("ix_inbox_about", "about IS NOT NULL", "about"),
    _partial("ix_inbox_due", "state IN ('ready', 'free')", "not_before", "at", "id"),
    # What holds a lane back, and all of one customer's items, for an erasure: two indexes would cost every arrival one more.
    sa.Index("ix_inbox_lane", "lane", "state", "at", "id"),
    sa.Index("ix_inbox_kept_at", "kept_at"),
    _partial("ix_inbox_dead", "state = 'dead'", "id"),
    _partial("ix_inbox_unknown", "state = 'unknown'", "id"),
    sqlite_autoincrement=True,
)

outbox = sa.Table(
    "outbox",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # bridge.store.queue.STEPS
    sa.Column("not_before", Instant, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", Instant),  # while working: when it counts as dead
    sa.Column("worker", sa.Integer),  # while working: whose hand it is in; None on SQLite, where there is one
    sa.Column("joined", Key),  # in whose post it goes, or went, together with others: the first of them
    sa.Column("unsure_since", Instant),
    sa.Column("blocks", sa.Boolean, nullable=False, server_default=sa.true()),  # an unsure row that holds its lane
    sa.Column("payload", sa.JSON, nullable=False),  # ids and keys, never words
    sa.Column("conversation", Key),
    sa.Column("message", Key),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("remote_id", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("caused_by", sa.Text),
    _partial("ix_outbox_due", "state = 'ready'", "target", "rank", "not_before", "id"),
    _partial("ix_outbox_lane", "state IN ('ready', 'working', 'unsure')", "lane", "position", "id"),
    _partial("ix_outbox_message", "message IS NOT NULL AND state IN ('ready', 'working', 'unsure')", "message"),
    _partial("ix_outbox_lease", "state = 'working'", "lease"),
    _partial("ix_outbox_unsure", "state = 'unsure'", "unsure_since"),
    _partial("ix_outbox_by_word", "state = 'done' AND unsure_since IS NOT NULL AND remote_id IS NULL", "conversation"),
    _partial("ix_outbox_dead", "state = 'dead'", "id"),
    sa.Index("ix_outbox_finished_at", "finished_at"),
    sqlite_autoincrement=True,
)

target = sa.Table(
    "target",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _workspace(),
    sa.Column("parent", sa.Text),
    sa.Column("rate", sa.Float),  # tokens a second; None: no pace of our own
    sa.Column("burst", sa.Float, nullable=False, server_default="1"),
    sa.Column("tokens", sa.Float, nullable=False, server_default="1"),
    sa.Column("filled_at", Instant),
    sa.Column("not_before", Instant),
    sa.Column("held_by", sa.Text),  # an incident's key
    sa.Column("probe", sa.Boolean, nullable=False, server_default=sa.false()),  # one row may pass although it is held
    sa.Index("ix_target_held_by", "held_by"),
)

audit = sa.Table(
    "audit",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sa.Index("ix_audit_at", "at"),
    sa.Index("ix_audit_object", "object", "at"),  # what became of one conversation, for figures
)

export = sa.Table(
    "export",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Index("ix_export_conversation", "conversation"),
    sqlite_autoincrement=True,
)

side_thread = sa.Table(
    "side_thread",
    metadata,
    _own_key(),
    _workspace(),
    sa.Column("conversation", Key, nullable=False),
    sa.Column("message", Key, nullable=False),  # which holds the question
    sa.Column("ref", sa.Text, nullable=False),
    sa.UniqueConstraint("workspace", "ref"),
    sqlite_autoincrement=True,
)

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("process", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),  # real time, so that a moved clock kills nobody
)

views.attach(metadata)
