"""Rows that more than one module of the store reads, and how they become scenes and messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Scene, Sending
from bridge.model.ids import AccountId, ConversationId, MessageId, PostRef, ThreadId, WorkspaceId
from bridge.model.state import Account, Author, Message, Part, PartState, Post, Sign, Thread
from bridge.store import rows, schema
from bridge.store.schema import Instant, attachment, message_post, outbox, part, post
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads
from bridge.store.schema import workspace as workspaces
from bridge.store.sql import Question, among

SENT_BY_US = (Author.AGENT.value, Author.BRIDGE.value)
"""Authors whose messages have parts."""
UNFINISHED = sa.text("outbox.state IN ('ready', 'working', 'unsure')")

SCENE = sa.select(
    *rows.labelled(workspaces, "workspace"),
    *rows.labelled(accounts, "account"),
    *rows.labelled(customers, "customer"),
    *rows.labelled(conversations, "conversation"),
    *rows.labelled(threads, "thread"),
).select_from(
    conversations.join(accounts, accounts.c.id == conversations.c.account)
    .join(workspaces, workspaces.c.id == conversations.c.workspace)
    .join(customers, customers.c.id == conversations.c.customer)
    .outerjoin(threads, threads.c.id == conversations.c.thread)
)
"""A conversation with all that is always looked at beside it; read it with `scene`."""


ON_THE_WIRE = (
    sa.select(outbox.c.id, outbox.c.payload, outbox.c.state, outbox.c.unsure_since, outbox.c.blocks)
    .where(
        outbox.c.lane == sa.bindparam("lane"),
        UNFINISHED,
        outbox.c.state != "ready",
        outbox.c.kind == "SendToCustomer",
    )
    .order_by(outbox.c.position, outbox.c.id)
)

BY_WORD = (
    sa.select(outbox.c.id, outbox.c.payload, outbox.c.state, outbox.c.unsure_since, outbox.c.blocks)
    .where(
        sa.text("outbox.state = 'done' AND outbox.unsure_since IS NOT NULL AND outbox.remote_id IS NULL"),
        outbox.c.conversation == sa.bindparam("conversation"),
        outbox.c.kind == "SendToCustomer",
    )
    .order_by(outbox.c.id)
)

PRIVATE = [
    sa.select(outbox.c.id, outbox.c.payload, outbox.c.state, outbox.c.unsure_since, outbox.c.blocks)
    .where(sa.text(state), outbox.c.kind == "SendToCustomer", outbox.c.target == sa.bindparam("target"))
    .order_by(outbox.c.id)
    for state in ("outbox.state = 'working'", "outbox.state = 'unsure'")
]

_since = sa.bindparam("since", type_=schema.Instant)
WITHHELD = messages.select().where(
    messages.c.conversation == sa.bindparam("conversation"),
    messages.c.author == Author.CUSTOMER.value,
    messages.c.unsent_at.is_(None),
    sa.or_(
        sa.text("message.withheld"),
        messages.c.edited_at >= _since,
        sa.and_(messages.c.kind == "reaction", messages.c.at >= _since),
    ),
)
MOST_WITHHELD = 500
"""So many are shown when a customer is blocked no longer, the newest; the others can be exported."""

_MESSAGES = Question(messages.select().where(among(messages.c.id, "ids")))
_PARTS = Question(part.select().where(among(part.c.message, "answers")).order_by(part.c.seq))

LAST_READ = (
    messages.select()
    .where(
        messages.c.conversation == sa.bindparam("conversation"),
        messages.c.author == Author.AGENT.value,
        messages.c.sign == Sign.SENT.value,
        messages.c.sent_at <= sa.bindparam("until", type_=Instant),
    )
    .order_by(messages.c.at.desc(), messages.c.id.desc())
    .limit(1)
)

_ATTACHMENTS = Question(
    attachment.select().where(among(attachment.c.message, "messages")).order_by(attachment.c.message, attachment.c.seq)
)
_OF_MESSAGE = message_post.alias("of_message")
_POSTS = (
    sa.select(post.c.ref, post.c.file, message_post.c.message)
    .select_from(
        _OF_MESSAGE.join(post, post.c.id == _OF_MESSAGE.c.post).join(message_post, message_post.c.post == post.c.id)
    )
    .where(_OF_MESSAGE.c.message == sa.bindparam("message"))
    .order_by(post.c.id, message_post.c.message)
)


def scene(row: rows.AnyRow, **more: Any) -> Scene:
    """A scene from a row of `SCENE`."""
    return Scene(
        workspace=rows.workspace(row),
        account=rows.account(row),
        customer=rows.customer(row),
        conversation=rows.conversation(row),
        **more,
    )


def scene_of(conn: sa.Connection, id: ConversationId) -> Scene | None:
    """A conversation's scene for somebody who only looks: nothing is locked."""
    row = conn.execute(SCENE.where(conversations.c.id == id)).one_or_none()
    return None if row is None else onward(conn, scene(row))


def listed_scenes(conn: sa.Connection, ids: Sequence[ConversationId]) -> tuple[Scene, ...]:
    """Conversations' scenes in the order of their ids, as far as they are there still; nothing is locked."""
    found = {row.conversation_id: row for row in conn.execute(SCENE.where(conversations.c.id.in_(ids)))}
    return tuple(scene(found[each]) for each in ids if each in found)


def onward(conn: sa.Connection, found: Scene) -> Scene:
    """The scene with the account it was forwarded to, if it was."""
    to = found.conversation.forwarded_to
    return found if to is None else replace(found, forwarded=account_of(conn, to))


MessageRows = tuple[rows.AnyRow, Sequence[rows.AnyRow], Sequence[rows.AnyRow]]
"""A message as it is read: its row, those of its parts, those of its attachments; `rows.message` makes it of them."""


def read_messages(conn: sa.Connection, ids: Collection[int]) -> dict[MessageId, Message]:
    """Messages with their parts, by id."""
    return {name: rows.message(*read) for name, read in message_rows(conn, ids).items()}


def message_rows(conn: sa.Connection, ids: Collection[int]) -> dict[MessageId, MessageRows]:
    """What messages are made of, by id."""
    return _with_pieces(conn, _MESSAGES.ask(conn, {"ids": list(ids)})) if ids else {}


def with_parts(conn: sa.Connection, found: Sequence[rows.AnyRow]) -> dict[MessageId, Message]:
    """Messages from rows of ``message``, with their parts and attachments, by id."""
    return {name: rows.message(*read) for name, read in _with_pieces(conn, found).items()}


def _with_pieces(conn: sa.Connection, found: Sequence[rows.AnyRow]) -> dict[MessageId, MessageRows]:
    answers = [row.id for row in found if row.author in SENT_BY_US]
    parts: dict[int, list[rows.AnyRow]] = {}
    if answers:
        for row in _PARTS.ask(conn, {"answers": answers}):
            parts.setdefault(row.message, []).append(row)
    attachments: dict[int, list[rows.AnyRow]] = {}
    if attached := [row.id for row in found if row.attached]:
        for row in _ATTACHMENTS.ask(conn, {"messages": attached}):
            attachments.setdefault(row.message, []).append(row)
    return {MessageId(row.id): (row, parts.get(row.id, ()), attachments.get(row.id, ())) for row in found}


def posts_of(conn: sa.Connection, message: MessageId) -> tuple[Post, ...]:
    """The posts that show a message, and those that show its files, each with all messages that stand in it."""
    found: dict[PostRef, Post] = {}
    for row in conn.execute(_POSTS, {"message": message}):
        before = found.get(row.ref)
        shown = (*(() if before is None else before.messages), MessageId(row.message))
        found[row.ref] = Post(ref=PostRef(row.ref), messages=shown, file=row.file)
    return tuple(found.values())


def last_read(conn: sa.Connection, scene: Scene) -> Message | None:
    """The last of a conversation's answers that its customer has read, of those that stand as sent."""
    if scene.conversation.read_up_to is None:
        return None
    given = {"conversation": scene.conversation.id, "until": scene.conversation.read_up_to}
    return next(iter(with_parts(conn, conn.execute(LAST_READ, given).all()).values()), None)


def read_thread(conn: sa.Connection, id: ThreadId) -> Thread | None:
    """One thread, by id."""
    row = conn.execute(sa.select(*rows.labelled(threads, "thread")).where(threads.c.id == id)).one_or_none()
    return None if row is None else rows.thread(row)


def on_the_wire(conn: sa.Connection, conversation: ConversationId) -> tuple[Sending, ...]:
    """What of a conversation's replies is in hand or unsure, in the order of sending.

    That is: the parts whose outbox row is *working* or *unsure*. What a person was asked about (and so *blocks* nothing)
    stays among them until it is settled.
    """
    return _sending(conn, conn.execute(ON_THE_WIRE, {"lane": lanes.sends_lane(conversation)}).all())


def by_word(conn: sa.Connection, conversation: ConversationId) -> tuple[Sending, ...]:
    """What of a conversation's replies arrived as a person said, and of which the network's id was never heard."""
    found = _sending(conn, conn.execute(BY_WORD, {"conversation": conversation}).all())
    return tuple(each for each in found if any(part.seq == each.part and _unnamed(part) for part in each.message.parts))


def withheld(conn: sa.Connection, scene: Scene) -> Scene:
    """The scene with what a blocked customer wrote or changed since, the oldest first."""
    if scene.customer.blocked_at is None:
        return scene
    given = {"conversation": scene.conversation.id, "since": scene.customer.blocked_at}
    found = with_parts(conn, conn.execute(WITHHELD, given).all()).values()
    return replace(scene, withheld=tuple(sorted(found, key=lambda message: (message.at, message.id))[-MOST_WITHHELD:]))


def all_said(conn: sa.Connection, conversation: ConversationId) -> tuple[Message, ...]:
    """Everything that was said in a conversation, the oldest first."""
    query = messages.select().where(messages.c.conversation == conversation).order_by(messages.c.at, messages.c.id)
    return tuple(with_parts(conn, conn.execute(query).all()).values())


def _unnamed(part: Part) -> bool:
    return part.state is PartState.SENT and part.remote_id is None


def private_replies(conn: sa.Connection, account: AccountId) -> tuple[Sending, ...]:
    """What of an account's private replies is in hand or unsure."""
    given = {"target": lanes.private_target(account)}
    return _sending(conn, [row for question in PRIVATE for row in conn.execute(question, given)])


def _sending(conn: sa.Connection, found: Sequence[rows.AnyRow]) -> tuple[Sending, ...]:
    by_id = read_messages(conn, {row.payload["message"] for row in found})
    return tuple(
        Sending(
            row=row.id,
            message=by_id[row.payload["message"]],
            part=row.payload["part"],
            unsure_since=None if row.state == "working" else row.unsure_since,
            asked=not row.blocks,
            comment=row.payload.get("comment"),
            by=row.payload.get("by"),
        )
        for row in found
    )


ANSWERING = (
    sa.select(messages.c.conversation)
    .join(conversations, conversations.c.id == messages.c.conversation)
    .where(
        messages.c.conversation.in_(sa.bindparam("ids", expanding=True)),
        messages.c.at >= sa.type_coerce(conversations.c.opens_at, sa.BigInteger) - 86_400_000_000,
        messages.c.author == Author.AGENT.value,
        messages.c.state.in_(["waiting", "asking", "unsure"]),
    )
    .distinct()
)


def answering(conn: sa.Connection, ids: Collection[int]) -> frozenset[ConversationId]:
    """In which of these conversations an agent's answer of late waits, is asked about, or may have arrived."""
    return frozenset(map(ConversationId, conn.execute(ANSWERING, {"ids": list(ids)}).scalars())) if ids else frozenset()


def account_of(conn: sa.Connection, id: AccountId) -> Account | None:
    """One account, by our own id."""
    row = conn.execute(sa.select(*rows.labelled(accounts, "account")).where(accounts.c.id == id)).one_or_none()
    return None if row is None else rows.account(row)


def accounts_of(conn: sa.Connection, workspace: WorkspaceId | None = None) -> list[Account]:
    """All accounts, removed ones too, or those of one workspace; in the order in which they first came."""
    query = sa.select(*rows.labelled(accounts, "account")).order_by(accounts.c.id)
    if workspace is not None:
        query = query.where(accounts.c.workspace == workspace)
    return [rows.account(row) for row in conn.execute(query)]
