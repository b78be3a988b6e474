"""What nobody has written since it was read: then what a row in hand is about is not read again when it ends.

Rule 1: SQLite itself notes whose rows are written, whoever writes them and however: by triggers of the one connection
        that writes. That another connection has written, `PRAGMA data_version` tells; then nothing counts as fresh.
Rule 2: what belongs to no one conversation counts as written of all.
Rule 3: in PostgreSQL several processes write all the time: nothing counts as fresh there.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import orjson
from sqlalchemy.engine import Connection

from bridge.model.effects import PostLine, PostMessage, PostRoot, SendToCustomer, ShowFile
from bridge.model.queues import About, OutboxRow

Mark = tuple[int, int]
"""A moment: the database's version as others have left it, and the last note of what was written here."""
WATCHED: Final[Mapping[str, str]] = {
    "conversation": "SELECT {row}.id",
    "customer": "SELECT id FROM conversation WHERE customer = {row}.id",
    **dict.fromkeys(("message", "part", "attachment", "thread"), "SELECT {row}.conversation"),
    **dict.fromkeys(("workspace", "account", "other_app"), "SELECT NULL"),
}
"""By table: in which conversations a row stands; NULL: in all."""
LASTING: Final = (SendToCustomer, PostRoot, PostMessage, PostLine, ShowFile)
"""What is about rows of these tables alone, and goes often enough."""
MOST: Final = 65_536
"""Notes that are kept, the newest."""

_NOTES: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS written (at INTEGER PRIMARY KEY, conversation INTEGER)",
    f"""CREATE TEMP TRIGGER IF NOT EXISTS written_long_ago AFTER INSERT ON written
        BEGIN DELETE FROM written WHERE at <= new.at - {MOST}; END""",  # noqa: S608 - our own names, here and below
    *(
        f"""CREATE TEMP TRIGGER IF NOT EXISTS {table}_{act} AFTER {act} ON main.{table}
            BEGIN INSERT INTO written (conversation) {whose.format(row=row)}; END"""
        for table, whose in WATCHED.items()
        for act, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
    ),
)
_ALL: Final = "INSERT INTO written VALUES (?, NULL)"
_MARK: Final = "SELECT data_version, (SELECT max(at) FROM written) FROM pragma_data_version"
_SINCE: Final = f"""SELECT (SELECT json_group_array(DISTINCT conversation) FROM written WHERE at > ?2)
    FROM pragma_data_version WHERE data_version = ?1 AND ?2 > (SELECT max(at) FROM written) - {MOST}"""  # noqa: S608
_WATCHED: Final = "watched"


def watch(conn: Connection) -> None:
    """Note what this connection writes from now on. To be called each time that it is taken to write."""
    if conn.dialect.name == "sqlite":
        with conn.begin():
            for statement in _NOTES:
                conn.exec_driver_sql(statement)
            # What was written before, nobody knows. Numbers never come again, on whichever connection.
            conn.exec_driver_sql(_ALL, (time.monotonic_ns(),))
        conn.info[_WATCHED] = True


def mark(conn: Connection) -> Mark | None:
    """This moment; None: nobody notes what is written after it."""
    if _WATCHED not in conn.info:
        return None
    version, at = conn.exec_driver_sql(_MARK).one()
    return version, at


def fresh(conn: Connection, batch: Sequence[OutboxRow], known: Mapping[int, About]) -> dict[int, About]:
    """Of what was *known* of these rows, that of which nobody has written anything since it was read."""
    lasting = [(row.id, known[row.id]) for row in batch if row.id in known and isinstance(row.effect, LASTING)]
    written = {read_at: _since(conn, read_at) for read_at in {about.read_at for _, about in lasting}}
    return {row: about for row, about in lasting if _stands(about, written[about.read_at])}


def _stands(about: About, written: Collection[int] | None) -> bool:
    """Whether it still says what would be read now. written: conversations; None: all may be."""
    if written is None or about.scene is None or about.made_of is None:
        return False
    message = about.scene.message
    return about.scene.conversation.id not in written and (message is None or message.conversation not in written)


def _since(conn: Connection, read_at: Mark | None) -> Collection[int] | None:
    """Whose rows were written since then; None: everybody's may be."""
    if read_at is None or _WATCHED not in conn.info:
        return None
    found = conn.exec_driver_sql(_SINCE, read_at).scalar()
    written = None if found is None else frozenset(orjson.loads(found))
    return None if written is None or None in written else written
