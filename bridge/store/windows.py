"""What windows show, read at once on a connection that cannot write: nothing is locked, nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge import roles
from bridge.model.asked import Asked, Ended
from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.ids import ConversationId, MessageId, PersonRef, PostRef, ThreadId, WorkspaceId
from bridge.model.state import Known, Message, Person
from bridge.ports import Needs
from bridge.store import copies, rows, saved, schema
from bridge.store.reading import read_messages, read_thread, scene_of, with_parts
from bridge.store.scenes import BY_POST, BY_REF, SqlScenes

Reading = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

_ROOT = sa.select(schema.thread.c.id, schema.thread.c.conversation).where(
    schema.thread.c.workspace == sa.bindparam("w"), schema.thread.c.ref == sa.bindparam("r")
)

_FIRST = sa.select(sa.func.min(schema.message.c.at, type_=schema.Instant())).where(
    schema.message.c.conversation == sa.bindparam("c")
)
_EARLIER = (
    sa.select(schema.thread.c.id, schema.thread.c.ref)
    .where(schema.thread.c.conversation == sa.bindparam("c"), schema.thread.c.ref.is_not(None))
    .order_by(schema.thread.c.id.desc())
    .limit(6)
)
_HEARD = (
    sa.select(schema.inbox.c.body)
    .where(schema.inbox.c.lane == sa.bindparam("lane"), schema.inbox.c.state == "applied")
    .order_by(schema.inbox.c.at.desc(), schema.inbox.c.id.desc())
    .limit(100)
)
_ENDS = (
    sa.select(schema.audit.c.at, schema.audit.c.who, schema.audit.c.after)
    .where(schema.audit.c.object == sa.bindparam("o"), schema.audit.c.action == "conversation.close")
    .order_by(schema.audit.c.at.desc(), schema.audit.c.id.desc())
    .limit(3)
)


class SqlQuestions:
    """Answers what windows ask (`bridge.slack.windows.asking.Reader`)."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def asked(
        self,
        workspace: WorkspaceId,
        person: PersonRef,
        *,
        root: PostRef,
        ref: PostRef | None,
        message: MessageId | None,
    ) -> Asked | None:
        """What a window shows of a message, of what stands in a post, or of a thread."""
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: asked(conn, workspace, person, root, ref, message))

    async def heard(self, lane: str) -> Sequence[bytes]:
        """What was heard lately in a lane of the inbox, raw, the latest first."""
        async with self._reading() as connection:
            return list((await connection.execute(_HEARD, {"lane": lane})).scalars())

    async def known(self, workspace: WorkspaceId, people: Sequence[PersonRef]) -> Known:
        """What was learnt of these people."""
        needs = Needs(people=tuple(people))
        async with self._reading() as connection:
            return await connection.run_sync(lambda conn: SqlScenes(conn).known(workspace, needs))


def asked(
    conn: sa.Connection,
    workspace: WorkspaceId,
    person: PersonRef,
    root: PostRef,
    ref: PostRef | None,
    message: MessageId | None,
) -> Asked | None:
    """The same on a connection."""
    shown = _shown(conn, workspace, ref, message)
    stands_in = conn.execute(_ROOT, {"w": workspace, "r": root}).one_or_none()
    named = shown[0].conversation if shown else None if stands_in is None else ConversationId(stands_in.conversation)
    scene = None if named is None else scene_of(conn, named)
    if scene is None or scene.workspace.id != workspace:
        return None
    stands = stands_in.id if stands_in is not None else shown[0].thread if shown else None
    thread = scene.conversation.thread if stands is None else read_thread(conn, ThreadId(stands))
    scene = replace(scene, message=shown[0] if shown else None, shown=shown, thread=thread)
    ends = _ends(conn, scene)
    people = _people(conn, scene, person, ends)
    scenes = SqlScenes(conn)
    groups = scenes.known(workspace, Needs(groups=roles.groups_of(scene))).groups
    reader = people.get(person)
    known = Known(people={} if reader is None else {person: reader}, groups=groups)
    return Asked(
        scene=replace(scene, known=known, others=scenes.accounts(workspace)),
        language=(reader.language if reader else None) or scene.workspace.language,
        names={who: each.name for who, each in people.items()},
        first_at=conn.execute(_FIRST, {"c": scene.conversation.id}).scalar(),
        earlier=_earlier(conn, scene),
        ends=ends,
        saved=saved.of_account(conn, scene.account.id),
    )


def _shown(
    conn: sa.Connection, workspace: WorkspaceId, ref: PostRef | None, message: MessageId | None
) -> tuple[Message, ...]:
    """The message that is meant, or all that a post shows, in the order of the events' own times."""
    if message is not None:
        return tuple(read_messages(conn, [message]).values())
    if ref is None:
        return ()
    found = BY_REF.ask(conn, {"w": workspace, "r": ref}) or BY_POST.ask(conn, {"w": workspace, "r": ref})
    return tuple(sorted(with_parts(conn, found).values(), key=lambda each: (each.at, each.id)))


def _earlier(conn: sa.Connection, scene: Scene) -> tuple[PostRef, ...]:
    """The roots of threads that the current one has followed, the latest first."""
    current = None if scene.conversation.thread is None else scene.conversation.thread.id
    found = conn.execute(_EARLIER, {"c": scene.conversation.id})
    return tuple(PostRef(row.ref) for row in found if row.id != current)


def _ends(conn: sa.Connection, scene: Scene) -> tuple[Ended, ...]:
    """When it was closed, by whom and as what, the latest first."""
    found = conn.execute(_ENDS, {"o": copies.exported(scene.conversation.id)})
    return tuple(Ended(at=row.at, who=row.who, outcome=(row.after or {}).get("outcome")) for row in found)


def _people(conn: sa.Connection, scene: Scene, reader: PersonRef, ends: Sequence[Ended]) -> dict[PersonRef, Person]:
    """The reader, and everybody who is named."""
    talk = scene.conversation
    wanted = {reader, talk.owner, talk.answered_by, talk.worked_by, scene.customer.blocked_by}
    wanted |= {each.person for each in scene.shown} | {each.who for each in ends}
    table = schema.person
    query = table.select().where(
        table.c.workspace == scene.workspace.id, table.c.ref.in_([who for who in wanted if who is not None])
    )
    return {PersonRef(row.ref): rows.person(row) for row in conn.execute(query)}
