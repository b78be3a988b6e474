"""What is made of a message: the posts that show or quote it, what is drawn in a post, what left the house.

Read only for what changes or takes back a message, and for what draws a post anew or with a quote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.copies import Copies, Export, Quoted
from bridge.model.decision import Scene
from bridge.model.effects import AnyEffect, PostMessage, RedrawPost, Revise, SendToCustomer
from bridge.model.ids import ConversationId, MessageId, PostRef, RemoteId, WorkspaceId
from bridge.model.state import NO_PREVIEW, Author, Conversation, Message, Post, ReplyState, Work
from bridge.rules.answers import repeated as repeating
from bridge.store import schema, tickets
from bridge.store.reading import posts_of, read_messages, with_parts
from bridge.store.schema import audit, inbox, message_post, outbox, part, post
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads

ABOUT = "mid:"
"""With the network's id of a message behind it: what a raw item of the network's is *about*."""
EXPORT = "conversation.export"

_conversation: sa.BindParameter[int] = sa.bindparam("conversation")
QUOTES = (
    sa.select(post.c.ref, messages.c.id)
    .select_from(
        messages.outerjoin(message_post, message_post.c.message == messages.c.id).outerjoin(
            post, post.c.id == message_post.c.post
        )
    )
    .where(
        messages.c.conversation == _conversation,
        sa.text("message.about IS NOT NULL"),
        messages.c.about == sa.bindparam("about"),
        post.c.file.is_(None),
    )
    .order_by(post.c.id)
)
UNDER_WAY = sa.select(sa.func.max(outbox.c.position)).where(
    sa.text("outbox.state IN ('ready', 'working', 'unsure')"),
    outbox.c.lane == sa.bindparam("lane"),
    outbox.c.state != "ready",
)
IN_HAND = UNDER_WAY.where(outbox.c.kind != Revise.__name__, sa.or_(outbox.c.state == "working", outbox.c.blocks))
LATEST = (
    messages.select()
    .where(
        messages.c.conversation == _conversation,
        messages.c.author == Author.CUSTOMER.value,
        messages.c.unsent_at.is_(None),
        messages.c.kind.not_in(sorted(NO_PREVIEW)),
        messages.c.id != sa.bindparam("but"),
    )
    .order_by(messages.c.at.desc(), messages.c.id.desc())
    .limit(1)
)
_answered, _since = sa.bindparam("answered", type_=schema.Instant), sa.bindparam("since", type_=schema.Instant)
UNANSWERED = (
    sa.select(messages.c.at)
    .where(
        messages.c.conversation == _conversation,
        messages.c.author == Author.CUSTOMER.value,
        messages.c.at > _answered,
        messages.c.unsent_at.is_(None),
        messages.c.kind.not_in(sorted(NO_PREVIEW)),
        messages.c.id != sa.bindparam("but"),
    )
    .order_by(sa.case((messages.c.at >= _since, 0), else_=1), messages.c.at)
    .limit(1)
)
_LATER = messages.alias("later")
_NOT_ANSWERED = ~sa.exists().where(
    _LATER.c.conversation == _conversation,
    _LATER.c.at >= messages.c.at,
    sa.or_(
        _LATER.c.author == Author.ELSEWHERE.value,
        # An agent's answer answers what was known when it was written: ids grow with time.
        sa.and_(
            _LATER.c.author == Author.AGENT.value,
            _LATER.c.state == ReplyState.SENT.value,
            _LATER.c.id > messages.c.id,
        ),
    ),
)
_WAITED_FOR = (
    sa.select(messages.c.at, messages.c.id)
    .where(
        messages.c.conversation == _conversation,
        messages.c.author == Author.CUSTOMER.value,
        messages.c.at >= _since,
        messages.c.unsent_at.is_(None),
        messages.c.kind.not_in(sorted(NO_PREVIEW)),
        messages.c.id != sa.bindparam("but"),
        _NOT_ANSWERED,
    )
    .limit(1)
)
FIRST_WAITED_FOR = _WAITED_FOR.order_by(messages.c.at, messages.c.id)
LAST_WAITED_FOR = _WAITED_FOR.order_by(messages.c.at.desc(), messages.c.id.desc())
ELSEWHERE = sa.select(messages.c.id).where(
    messages.c.conversation == _conversation,
    messages.c.at >= sa.bindparam("at", type_=schema.Instant),
    messages.c.author == Author.ELSEWHERE.value,
).limit(1)  # fmt: skip
NEWER_STANDS = (
    sa.select(messages.c.id)
    .select_from(messages.outerjoin(message_post, message_post.c.message == messages.c.id))
    .where(
        messages.c.conversation == _conversation,
        messages.c.at > sa.bindparam("at", type_=schema.Instant),
        sa.or_(messages.c.ref.is_not(None), message_post.c.message.is_not(None)),
    )
    .limit(1)
)
REPLIES = (
    messages.select()
    .where(
        messages.c.conversation == _conversation,
        messages.c.author == Author.AGENT.value,
        messages.c.at >= _since,
        messages.c.text.is_not(None),
        messages.c.ref.is_not(None),
        messages.c.state != ReplyState.WITHDRAWN.value,
    )
    .order_by(messages.c.at)
)
EXPORTED = sa.select(sa.func.max(audit.c.at)).where(
    audit.c.at >= sa.bindparam("since", type_=schema.Instant),
    audit.c.workspace == sa.bindparam("workspace"),
    audit.c.action == EXPORT,
    audit.c.object == sa.bindparam("object"),
)
SHOWN_IN = (
    sa.select(message_post.c.message)
    .join(post, post.c.id == message_post.c.post)
    .where(post.c.workspace == sa.bindparam("workspace"), post.c.ref == sa.bindparam("ref"))
)
QUOTED = sa.select(messages.c.id, messages.c.remote_id).where(
    messages.c.conversation == _conversation,
    messages.c.remote_id.in_(sa.bindparam("abouts", expanding=True)),
).union_all(
    sa.select(part.c.message, part.c.remote_id).where(
        part.c.conversation == _conversation, part.c.remote_id.in_(sa.bindparam("abouts", expanding=True))
    )
)  # fmt: skip
STANDS = (
    sa.select(message_post.c.message, post.c.ref, threads.c.ref.label("root"))
    .select_from(
        message_post.join(post, post.c.id == message_post.c.post).outerjoin(threads, threads.c.id == post.c.thread)
    )
    .where(message_post.c.message.in_(sa.bindparam("messages", expanding=True)))
    .order_by(sa.case((post.c.file.is_(None), 1), else_=0), post.c.id)
)
ROOTS = sa.select(threads.c.id, threads.c.ref).where(threads.c.id.in_(sa.bindparam("threads", expanding=True)))
EARLIER = (
    sa.select(threads.c.ref)
    .distinct()
    .select_from(message_post.join(post, post.c.id == message_post.c.post).join(threads, threads.c.id == post.c.thread))
    .where(
        message_post.c.message == sa.bindparam("message"),
        threads.c.id != sa.bindparam("current"),
        threads.c.ref.is_not(None),
    )
)
EMPTY = (
    sa.update(inbox)
    .where(
        sa.text("inbox.about IS NOT NULL"),
        inbox.c.about.in_(sa.bindparam("abouts", expanding=True)),
        sa.or_(inbox.c.state.not_in(["ready", "free"]), inbox.c.key == sa.bindparam("deciding")),
    )
    .values(
        body=b"",
        state=sa.case((inbox.c.state.in_(["dead", "unknown"]), "applied"), else_=inbox.c.state),
        reason="unsent",
    )
)


# ── for facts ─────────────────────────────────────────────────────────────────────────────────────────────


def with_copies(conn: sa.Connection, scene: Scene, remote_id: RemoteId, at: datetime, *, left: bool) -> Scene:
    """The scene with what else is made of its message, which the network knows as *remote_id*.

    at: of the event; what comes in its order needs no look at what else was said. left: look at what left the house too.
    """
    talk, known = scene.conversation, scene.message
    late = talk.last_at is not None and at < talk.last_at
    passed = talk.answered_at is not None and at <= talk.answered_at
    shown = known is not None and talk.preview == known.id
    quotes, coming = _quotes(conn, talk.id, remote_id)
    repeated = _repeated(conn, known) if left and known is not None else ()
    for remote in repeating.heard_back(repeated):
        quotes = (*quotes, *_quotes(conn, talk.id, remote)[0])
    for reply in repeated:
        quotes = (*quotes, *posts_of(conn, reply.id))
    copies = Copies(
        repeated=repeated,
        quotes=quotes,
        coming=coming,
        under_way=known is not None and _under_way(conn, talk.id),
        latest=_latest(conn, talk, known) if late or shown else None,
        exported_at=_exported(conn, scene, known) if left and known is not None else None,
        exports=_exports(conn, talk.id) if left and known is not None else (),
        asked_at=_unanswered(conn, talk, known) if left and known is not None else None,
        earlier=_earlier(conn, scene, known) if left and known is not None else (),
        overtaken=known is None and (late or passed) and _overtaken(conn, talk.id, at),
        seen_elsewhere=passed and conn.execute(ELSEWHERE, {"conversation": talk.id, "at": at}).first() is not None,
    )
    made = tickets.of(conn, talk.id) if left and talk.ticket is not None else ()
    return replace(scene, copies=copies, posts=() if known is None else posts_of(conn, known.id), tickets=made)


def _exports(conn: sa.Connection, conversation: ConversationId) -> tuple[Export, ...]:
    """The text files of a conversation that stand on the desk."""
    found = conn.execute(schema.export.select().where(schema.export.c.conversation == conversation))
    return tuple(Export(person=row.person, file=row.file, made_at=row.made_at) for row in found)


def _quotes(conn: sa.Connection, conversation: ConversationId, about: RemoteId) -> tuple[tuple[Post, ...], bool]:
    """The posts that quote a message; and whether there are messages that do so and do not stand yet."""
    found = conn.execute(QUOTES, {"conversation": conversation, "about": about}).all()
    stand = [row for row in found if row.ref is not None]
    posts = tuple(Post(ref=PostRef(row.ref), messages=(MessageId(row.id),)) for row in stand)
    return posts, len(stand) < len(found)


def _under_way(conn: sa.Connection, conversation: ConversationId) -> bool:
    return conn.execute(UNDER_WAY, {"lane": f"desk:{conversation}"}).scalar() is not None


def _overtaken(conn: sa.Connection, conversation: ConversationId, at: datetime) -> bool:
    """Whether what is newer stands on the desk already; what is being posted now will."""
    newer = conn.execute(NEWER_STANDS, {"conversation": conversation, "at": at}).first()
    return newer is not None or _under_way(conn, conversation)


def _latest(conn: sa.Connection, talk: Conversation, but: Message | None) -> Message | None:
    """Of the customer's other messages the latest that they wait for, else the latest of all."""
    given = {"conversation": talk.id, "but": 0 if but is None else but.id}
    if talk.work is Work.WAITING and talk.waiting_since is not None:
        found = conn.execute(LAST_WAITED_FOR, {**given, "since": talk.waiting_since}).first()
        if found is not None:
            return read_messages(conn, [MessageId(found.id)]).get(MessageId(found.id))
    return next(iter(with_parts(conn, conn.execute(LATEST, given).all()).values()), None)


def _unanswered(conn: sa.Connection, talk: Conversation, but: Message) -> datetime | None:
    """When the customer wrote what they wait for, *but* one message of theirs; what they waited for in vain comes last."""
    given = {
        "conversation": talk.id,
        "answered": talk.answered_at or schema.EPOCH,
        "since": talk.waiting_since or schema.EPOCH,
        "but": but.id,
    }
    found: datetime | None = conn.execute(FIRST_WAITED_FOR, given).scalar() or conn.execute(UNANSWERED, given).scalar()
    return found


def _repeated(conn: sa.Connection, message: Message) -> tuple[Message, ...]:
    """Agents' replies since then that repeat its words."""
    words = message.text
    if not words:
        return ()
    replies = with_parts(conn, conn.execute(REPLIES, {"conversation": message.conversation, "since": message.at}).all())
    return tuple(reply for reply in replies.values() if repeating.repeats(reply.text or "", words))


def _exported(conn: sa.Connection, scene: Scene, message: Message) -> datetime | None:
    subject = {"workspace": scene.workspace.id, "object": exported(scene.conversation.id), "since": message.at}
    found: datetime | None = conn.execute(EXPORTED, subject).scalar()
    return found


def _earlier(conn: sa.Connection, scene: Scene, message: Message) -> tuple[PostRef, ...]:
    current = scene.conversation.thread
    given = {"message": message.id, "current": 0 if current is None else current.id}
    return tuple(map(PostRef, conn.execute(EARLIER, given).scalars()))


def exported(conversation: ConversationId) -> str:
    """What the audit calls a conversation."""
    return f"conversation:{conversation}"


# ── for effects ───────────────────────────────────────────────────────────────────────────────────────────


def beside(conn: sa.Connection, effect: AnyEffect, scene: Scene) -> Scene:
    """The scene with what drawing needs: what stands in the post, and whatever that answers or reacts to."""
    match effect:
        case RedrawPost(workspace=workspace, ref=ref):
            shown = _shown_in(conn, workspace, ref)
            return replace(scene, shown=shown, quoted=quoted_in(conn, scene, shown))
        case PostMessage() if scene.message is not None and scene.message.about is not None:
            message = scene.message
            stands = posts_of(conn, message.id) if message.kind == "reaction" else ()
            return replace(scene, posts=stands, quoted=quoted_in(conn, scene, [message]))
        case SendToCustomer(part=1) if scene.message is not None and scene.message.about is not None:
            return replace(scene, quoted=quoted_in(conn, scene, [scene.message]))
        case Revise(message=message):
            quotes: tuple[Post, ...] = ()
            if scene.message is not None and scene.message.remote_id is not None:
                quotes, _ = _quotes(conn, scene.conversation.id, scene.message.remote_id)
            behind = conn.execute(IN_HAND, {"lane": f"desk:{scene.conversation.id}"}).scalar()
            return replace(scene, posts=posts_of(conn, message), copies=Copies(quotes=quotes, behind=behind))
        case _:
            return scene


def _shown_in(conn: sa.Connection, workspace: WorkspaceId, ref: PostRef) -> tuple[Message, ...]:
    """The messages that stand in a post, in the order of the events' own times."""
    ids = conn.execute(SHOWN_IN, {"workspace": workspace, "ref": ref}).scalars().all()
    return tuple(sorted(read_messages(conn, ids).values(), key=lambda message: (message.at, message.id)))


def quoted_in(conn: sa.Connection, scene: Scene, shown: Iterable[Message]) -> dict[RemoteId, Quoted]:
    """What these messages answer or react to, as far as it is known, by the network's ids."""
    abouts = {message.about for message in shown if message.about is not None}
    if not abouts:
        return {}
    given = {"conversation": scene.conversation.id, "abouts": sorted(abouts)}
    named = {RemoteId(row.remote_id): MessageId(row.id) for row in conn.execute(QUOTED, given)}
    found = read_messages(conn, list(named.values()))
    where = _where(conn, list(found.values()))
    return {
        remote: Quoted(message=found[which], ref=where[which][0], root=where[which][1])
        for remote, which in named.items()
        if which in found
    }


def _where(conn: sa.Connection, found: Sequence[Message]) -> dict[MessageId, tuple[PostRef | None, PostRef | None]]:
    """Where each of these stands, and in which thread: an agent's own message, or a post of ours."""
    where: dict[MessageId, tuple[PostRef | None, PostRef | None]] = {message.id: (None, None) for message in found}
    for row in conn.execute(STANDS, {"messages": [message.id for message in found]}) if found else ():
        where[MessageId(row.message)] = (PostRef(row.ref), None if row.root is None else PostRef(row.root))
    named = {message.thread for message in found if message.ref is not None and message.thread is not None}
    roots = {row.id: row.ref for row in conn.execute(ROOTS, {"threads": list(named)})} if named else {}
    where |= {message.id: (message.ref, roots.get(message.thread)) for message in found if message.ref is not None}
    return where


# ── what is forgotten ─────────────────────────────────────────────────────────────────────────────────────


def forget(conn: sa.Connection, messages: Sequence[RemoteId], deciding: str | None) -> None:
    """Empty what was heard of these messages; their keys stay, so that what is delivered again is not shown again.

    deciding: the key of the item in hand, emptied too. What is not decided yet is emptied when it is.
    """
    conn.execute(EMPTY, {"abouts": [f"{ABOUT}{each}" for each in messages], "deciding": deciding or ""})


def unpost(conn: sa.Connection, workspace: WorkspaceId, refs: Collection[PostRef]) -> None:
    """Nothing stands in these posts any more: they are about to go."""
    own = sa.select(post.c.id).where(post.c.workspace == workspace, post.c.ref.in_(refs))
    conn.execute(sa.delete(message_post).where(message_post.c.post.in_(own)))
