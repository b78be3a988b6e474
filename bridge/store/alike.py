"""What is like something that somebody wants done, and may have been done already."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.model.act import Act
from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.ids import MessageId
from bridge.model.state import Message
from bridge.rules.acts.correcting import ACTION, corrected
from bridge.store import saved, schema
from bridge.store.reading import read_messages

_CORRECTIONS = (
    sa.select(schema.audit.c.after)
    .where(schema.audit.c.object == sa.bindparam("o"), schema.audit.c.action == ACTION)
    .order_by(schema.audit.c.at.desc(), schema.audit.c.id.desc())
    .limit(100)
)


def asked_of(conn: sa.Connection, scene: Scene, act: Act) -> Scene:
    """The scene with the account's saved replies for who saves one, and what corrected a message for who corrects it."""
    match act:
        case Act.SAVE_REPLY:
            return replace(scene, saved=saved.of_account(conn, scene.account.id))
        case Act.CORRECT if scene.message is not None:
            found = _corrections(conn, scene.message)
            return replace(scene, copies=replace(scene.copies, corrections=found))
        case _:
            return scene


def _corrections(conn: sa.Connection, message: Message) -> tuple[Message, ...]:
    """What was sent in to correct a message, as far as it is known still."""
    noted = conn.execute(_CORRECTIONS, {"o": corrected(message.id)}).scalars()
    ids = [MessageId(each["correction"]) for each in noted if isinstance((each or {}).get("correction"), int)]
    return tuple(read_messages(conn, ids).values())
