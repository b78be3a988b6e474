"""What stands on the desk: posts, the messages they show, the roots of threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from bridge import lanes
from bridge.model.decision import Moment
from bridge.model.effects import (
    AnyEffect,
    PostAlert,
    PostAside,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    PostTicket,
    ShowFile,
)
from bridge.model.ids import ConversationId, FileRef, MessageId, PostRef, ThreadId, WorkspaceId
from bridge.model.state import AttachmentState
from bridge.ports import About, OutboxRow
from bridge.rules.desk.posting import ROOTLESS
from bridge.store import rows, schema
from bridge.store.codec import decode
from bridge.store.queue import is_ready, is_unfinished
from bridge.store.schema import outbox

MARK = "row:"
"""With the number of its outbox row behind it: the mark that a post of ours bears, and what its event is *about*."""


def record_post(
    conn: sa.Connection,
    *,
    workspace: WorkspaceId,
    row: int,
    ref: PostRef,
    kind: str,
    at: datetime,
    conversation: ConversationId | None = None,
    thread: ThreadId | None = None,
    message: MessageId | None = None,
    file: FileRef | None = None,
) -> None:
    """Remember that a post of ours stands under *ref*, which message it shows, and whose root it is; twice is as once.

    kind: ``root``, ``message``, ``file``, ``line``, ``ticket`` or ``alert``. file: the one that it shows. at: the time people go by. thread: of a root, its own.
    """
    post = schema.post
    insert = rows.insert_into(conn, post).values(
        workspace=workspace,
        conversation=conversation,
        thread=thread,
        ref=ref,
        kind=kind,
        row=row,
        file=file,
        posted_at=at,
    )
    made = conn.execute(insert.on_conflict_do_nothing().returning(post.c.id)).scalar_one_or_none()
    if kind == "root" and thread is not None:
        threads = schema.thread
        conn.execute(sa.update(threads).where(threads.c.id == thread, threads.c.ref.is_(None)).values(ref=ref))
    if message is not None and made is None:
        # It shows others too, and stands already.
        same = sa.select(post.c.id).where(post.c.workspace == workspace, post.c.ref == ref)
        made = conn.execute(same).scalar_one()
    if message is not None:
        shown = rows.insert_into(conn, schema.message_post).values(
            message=message, post=made, workspace=workspace, block=f"{MARK}{row}"
        )
        conn.execute(shown.on_conflict_do_nothing())


def record_effect(
    conn: sa.Connection,
    row: int,
    effect: AnyEffect,
    ref: PostRef,
    at: datetime,
    steady: datetime,
    thread: ThreadId | None = None,
) -> None:
    """Remember the post that *effect* made; of other effects nothing. *thread*: where it stands, for all but roots."""
    record = partial(record_post, conn, workspace=effect.workspace, row=row, ref=ref, at=at)
    match effect:
        case PostRoot(conversation=conversation, thread=own):
            record(kind="root", conversation=conversation, thread=own)
            _go_on(conn, conversation, steady)
        case PostMessage(conversation=conversation, message=message):
            record(kind="message", conversation=conversation, thread=thread, message=message)
            if effect.own:
                _is_its_message(conn, message, ref, steady)
        case ShowFile(conversation=conversation, message=message, attachment=seq):
            file = _shown(conn, message, seq)
            record(kind="file", conversation=conversation, thread=thread, message=message, file=file)
        case PostLine(conversation=conversation):
            record(kind="line", conversation=conversation, thread=thread)
        case PostAside(conversation=conversation, message=message):
            record(kind="aside", conversation=conversation)
            beside = {"workspace": effect.workspace, "conversation": conversation, "message": message, "ref": ref}
            insert = rows.insert_into(conn, schema.side_thread).values(beside)
            conn.execute(insert.on_conflict_do_nothing())
        case PostTicket(conversation=conversation):
            record(kind="ticket", conversation=conversation)
        case PostStage():
            record(kind="alert")
        case PostAlert(incident=incident):
            record(kind="alert")
            incidents = schema.incident
            conn.execute(
                sa.update(incidents).where(incidents.c.id == incident, incidents.c.ref.is_(None)).values(ref=ref)
            )
        case _:
            pass


def _is_its_message(conn: sa.Connection, message: MessageId, ref: PostRef, steady: datetime) -> None:
    """What an agent wrote in a window stands here from now on; its signs have waited for that."""
    table = schema.message
    conn.execute(sa.update(table).where(table.c.id == message, table.c.ref.is_(None)).values(ref=ref))
    signs = sa.and_(is_unfinished, is_ready, outbox.c.lane == f"sign:{message}")
    conn.execute(sa.update(outbox).where(signs).values(not_before=steady))


def _shown(conn: sa.Connection, message: MessageId, seq: int) -> FileRef | None:
    """The file that stands in the thread now, which its attachment remembers; None: it was taken back meanwhile."""
    table = schema.attachment
    its = sa.and_(table.c.message == message, table.c.seq == seq)
    step = sa.update(table).where(its, table.c.state == AttachmentState.STORED.value)
    conn.execute(step.values(state=AttachmentState.SHOWN.value))
    file = conn.execute(sa.select(table.c.file).where(its)).scalar_one_or_none()
    return None if file is None else FileRef(file)


def _go_on(conn: sa.Connection, conversation: ConversationId, steady: datetime) -> None:
    """What waits for a conversation's root goes on: its card, and the lines in earlier threads that lead to it."""
    post = schema.post
    roots = conn.execute(sa.select(post.c.ref).where(post.c.conversation == conversation, post.c.kind == "root"))
    waiting = [lanes.card_lane(conversation), *(lanes.thread_lane(PostRef(ref)) for ref in roots.scalars())]
    its = sa.and_(is_unfinished, is_ready, outbox.c.lane.in_(waiting), outbox.c.reason == ROOTLESS)
    conn.execute(sa.update(outbox).where(its).values(not_before=steady))


_given_up = sa.and_(
    outbox.c.state == "dropped", outbox.c.kind == "PostMessage", outbox.c.message.in_(sa.select(schema.message.c.id))
)


def record_seen(conn: sa.Connection, seen: Sequence[tuple[int, PostRef]], steady: datetime) -> list[PostMessage]:
    """End the rows whose posts were seen on the desk as done, whatever their state, and remember their posts.

    A message's post is remembered also when its row was given up: else nothing that becomes of the message would find it.
    They count as posted at *steady*: nobody waits to hear of a post that was just seen. Returned are those that show
    messages, which may have changed since they were drawn.
    """
    shown: list[PostMessage] = []
    if not seen:
        return shown
    refs = dict(seen)
    query = sa.select(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.conversation).where(
        outbox.c.id.in_(refs), sa.or_(outbox.c.state.not_in(["done", "dropped"]), _given_up)
    )
    # In the order of their marks: a post goes by its first row.
    order = {row: number for number, row in enumerate(refs)}
    for row in sorted(conn.execute(query).all(), key=lambda row: order[row.id]):
        conn.execute(
            sa.update(outbox)
            .where(outbox.c.id == row.id)
            .values(state="done", reason="seen", remote_id=refs[row.id], finished_at=steady, lease=None)
        )
        thread = None
        if row.conversation is not None:
            conversation = schema.conversation
            current = sa.select(conversation.c.thread).where(conversation.c.id == row.conversation)
            thread = conn.execute(current).scalar_one_or_none()
        effect = decode(row.kind, row.payload)
        record_effect(conn, row.id, effect, refs[row.id], steady, steady, thread)
        if isinstance(effect, PostMessage):
            shown.append(effect)
    return shown


def record_posted(conn: sa.Connection, row: OutboxRow, ref: PostRef, about: About, moment: Moment) -> None:
    """The post of a row in hand stands under *ref*."""
    current = None if about.scene is None else about.scene.conversation.thread
    record_effect(conn, row.id, row.effect, ref, moment.now, moment.steady, None if current is None else current.id)


def cards_drawn(conn: sa.Connection, cards: Mapping[ConversationId, str]) -> None:
    """Remember how the cards stand on the desk; in the order of ids, in which everybody locks conversations."""
    if cards:
        conn.execute(_drawn, [{"which": which, "print": drawn} for which, drawn in sorted(cards.items())])


_drawn = (
    sa.update(schema.conversation)
    .where(schema.conversation.c.id == sa.bindparam("which"))
    .values(card=sa.bindparam("print"))
)
