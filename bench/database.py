"""Databases to measure on: empty ones, and ones with a long past."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import cast
from bridge import lanes
from bridge.model.effects import SendToCustomer
from bridge.model.ids import AccountId, ConversationId, MessageId, PlaceRef, WorkspaceId
from bridge.model.state import AccountSettings
from bridge.secrets import Sealer
from bridge.store import migrations, rows, schema
from bridge.store.codec import encode
from bridge.store.engine import parse, write_engine
from tests.postgres import SETTINGS, Postgres

DURABLE = SETTINGS | {
    "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
    "shared_buffers": "256MB", "max_wal_size": "4GB",
}  # fmt: skip
PEOPLE = 200
"""Conversations that are always there."""
LONG_AGO, LATER, SOON = timedelta(days=3), timedelta(hours=12), timedelta(days=2)
BODY = (
    '{"object":"page","entry":{"id":"104857600000001"},"container":"messaging","item":{"sender":{"id":"2400000000000001"},'
    '"recipient":{"id":"104857600000001"},"timestamp":1753842600000,"message":{"mid":"m_old","text":"Is it in stock?"}}}'
)


@dataclass(frozen=True, kw_only=True)
class Database:
    """One to measure on. rows: finished ones in it, of each kind."""

    name: str
    url: str
    rows: int

    def run(self, work: Callable[[sa.Connection], Any]) -> Any:
        """A transaction of its own, as a command beside the service makes it."""
        engine = write_engine(parse(self.url))
        try:
            with engine.begin() as conn:
                return work(conn)
        finally:
            engine.dispose()

    async def finish_all(self) -> None:
        """What is not decided yet is history."""
        await asyncio.to_thread(self.run, _finish_all)


@contextmanager
def databases(folder: Path, wanted: Sequence[tuple[str, int]]) -> Iterator[list[Database]]:
    """All that are asked for, by kind and size, prepared; they are gone afterwards."""
    server = Postgres.start(DURABLE) if any(kind == "postgres" for kind, _ in wanted) else None
    try:
        found = []
        for kind, size in wanted:
            url = server.url(server.create()) if kind == "postgres" and server else f"sqlite:///{folder}/{size}.db"
            found.append(Database(name=kind, url=url, rows=size))
        for database in found:
            prepare(database)
        yield found
    finally:
        if server is not None:
            server.stop()


def prepare(database: Database) -> None:
    """Tables, who is there, and the past."""
    migrations.migrate(database.url)
    database.run(furnish)
    database.run(lambda conn: converse(conn, 1, PEOPLE))
    if database.rows and database.name == "sqlite":
        _age_file(str(parse(database.url).database), database.rows)
    elif database.rows:
        unhurried = (
            "SET LOCAL statement_timeout = 0"  # a million rows may take longer than the service lets anything take
        )
        lines = (unhurried, *past(database.rows, sqlite=False))
        database.run(lambda conn: [conn.exec_driver_sql(line) for line in lines])
        engine = write_engine(parse(database.url))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM (ANALYZE)")
            conn.exec_driver_sql("CHECKPOINT")
        engine.dispose()


def _age_file(path: str, count: int) -> None:
    """With nothing but sqlite3, and no care for power cuts: it may be made anew."""
    conn = sqlite3.connect(path, isolation_level=None)
    for line in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
        conn.execute(f"PRAGMA {line}")
    conn.execute("BEGIN")
    for line in past(count, sqlite=True):
        conn.execute(line)
    conn.execute("COMMIT")
    conn.execute("PRAGMA journal_mode = WAL")
    conn.close()


def furnish(conn: sa.Connection) -> None:
    """One workspace, one agent whom we know, one connected Page: whose token nobody asks about, for what stands for Meta here
    would not know it, and everything would be told that the account has to be connected anew."""
    now = datetime.now(UTC)
    conn.execute(
        sa.insert(schema.workspace).values(
            id=cast.TEAM, name="Bench", url="https://bench.slack.com/", language="en",
            bot_person=cast.BOT_USER, bot_author=cast.BOT,
        )
    )  # fmt: skip
    conn.execute(
        sa.insert(schema.person).values(workspace=cast.TEAM, ref=cast.AGENT, kind="member", name="Aki", learnt_at=now)
    )
    settings = AccountSettings(channel=PlaceRef(cast.CHANNEL), alerts_channel=PlaceRef(cast.ALERTS))
    conn.execute(
        sa.insert(schema.account).values(
            id=cast.ACCOUNT, workspace=cast.TEAM, platform="messenger", remote_id=cast.PAGE, name="Bench",
            login="facebook", wish="on", health="ready", sealed=Sealer((cast.KEY,)).seal("EAAG-made-up"),
            connected_at=now, probe_at=now + LATER, settings=rows.settings_json(settings),
        )
    )  # fmt: skip
    conn.execute(
        sa.insert(schema.route).values(
            workspace=cast.TEAM, account=cast.ACCOUNT, place=cast.CHANNEL, alerts_place=cast.ALERTS
        )
    )


def converse(conn: sa.Connection, first: int, count: int) -> None:
    """Customers with a known face, an open window, and a thread whose root stands."""
    now, numbers = datetime.now(UTC), range(first, first + count)
    known = {"workspace": cast.TEAM, "account": cast.ACCOUNT}
    customers = [
        {"id": n, **known, "remote_id": cast.customer_of(n), "name": f"C{n}", "profile_at": now} for n in numbers
    ]
    conversations = [
        {
            "id": n, **known, "customer": n, "work": "waiting", "control": "ours", "opened_by": "message", "opens_at": now,
            "standard_close": now + SOON, "human_close": now + SOON, "waiting_since": now, "last_at": now,
            "told_until": now + SOON, "thread": n,
        }
        for n in numbers
    ]  # fmt: skip
    threads = [
        {
            "id": n, "workspace": cast.TEAM, "conversation": n, "place": cast.CHANNEL,
            "ref": cast.ref(cast.root_of(n)), "gone": False,
        }
        for n in numbers
    ]  # fmt: skip
    for table, values in (
        (schema.customer, customers), (schema.conversation, conversations), (schema.thread, threads),
    ):  # fmt: skip
        conn.execute(sa.insert(table), values)


def queue_answers(conn: sa.Connection, first: int, count: int) -> None:
    """An answer waiting in each of so many conversations, all behind a held network; see `release`."""
    now = datetime.now(UTC)
    converse(conn, first, count)
    messages, parts, sends = [], [], []
    for n in range(first, first + count):
        message = MessageId(n)
        messages.append(
            {
                "id": n, "workspace": cast.TEAM, "conversation": n, "author": "agent", "at": now, "text": f"Yes, {n}.",
                "kind": "text", "ref": cast.ref(f"1700000001.{n:06}"), "thread": n, "person": cast.AGENT,
                "state": "waiting", "queued_at": now,
            }
        )  # fmt: skip
        parts.append({"message": n, "seq": 1, "workspace": cast.TEAM, "conversation": n, "of": 1, "state": "ready"})
        effect = SendToCustomer(
            workspace=WorkspaceId(cast.TEAM), conversation=ConversationId(n), account=AccountId(cast.ACCOUNT),
            message=message, part=1,
        )  # fmt: skip
        queued, (kind, payload) = lanes.queue(effect, position=lanes.micros(now)), encode(effect)
        sends.append(
            {
                "workspace": cast.TEAM, "lane": queued.lane, "kind": kind, "target": queued.target, "rank": queued.rank,
                "position": queued.position, "state": "ready", "not_before": now, "payload": payload,
                "conversation": n, "message": n, "created_at": now,
            }
        )  # fmt: skip
    targets = sorted({link for each in sends for link in lanes.chain(str(each["target"]))})
    for link in targets:
        values = {"id": link, "workspace": "", "parent": (*lanes.chain(link), None)[1]}
        conn.execute(rows.insert_into(conn, schema.target).values(**values).on_conflict_do_nothing())
    hold(conn, lanes.NETWORK)
    for table, values_ in ((schema.message, messages), (schema.part, parts), (schema.outbox, sends)):
        conn.execute(sa.insert(table), values_)


def hold(conn: sa.Connection, target: str) -> None:
    """Let nothing of a target go."""
    fresh = rows.insert_into(conn, schema.target).values(id=target, workspace="")
    conn.execute(fresh.on_conflict_do_nothing())
    conn.execute(
        sa.update(schema.target).where(schema.target.c.id == target).values(not_before=datetime.now(UTC) + SOON)
    )


def closed(conn: sa.Connection, first: int) -> None:
    """The windows of conversations from this id on are over, so that a service that starts reads none of their threads."""
    over = {"standard_close": datetime.now(UTC) - LONG_AGO, "human_close": datetime.now(UTC) - LONG_AGO}
    conn.execute(sa.update(schema.conversation).where(schema.conversation.c.id >= first).values(over))


def release(conn: sa.Connection, target: str) -> None:
    """Let it go."""
    conn.execute(sa.update(schema.target).where(schema.target.c.id == target).values(not_before=None))


def past(count: int, *, sqlite: bool) -> list[str]:
    """So many facts, effects and messages, all finished, written by the database itself."""
    series = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n"
    numbers = f"({series}) AS n" if sqlite else f"generate_series(1, {count}) AS n(i)"
    at = f"{lanes.micros(datetime.now(UTC) - LONG_AGO)} + i"
    body = f"CAST('{BODY}' AS BLOB)" if sqlite else f"convert_to('{BODY}', 'UTF8')"
    who = f"(i {'%' if sqlite else '%%'} {PEOPLE} + 1)"
    effect = f'{{"workspace":"{cast.TEAM}","conversation":1,"message":1}}'
    return [
        f"""INSERT INTO inbox (key, source, lane, at, kept_at, about, body, state, not_before, attempts)
            SELECT 'meta:page:old:' || i, 'meta', 'meta:page:{cast.PAGE}:' || {who}, {at}, {at}, 'mid:m_old' || i, {body},
                   'applied', {at}, 0 FROM {numbers}""",
        f"""INSERT INTO message (id, workspace, conversation, author, at, text, kind, remote_id)
            SELECT 1000000 + i, '{cast.TEAM}', {who}, 'customer', {at}, 'Is it in stock?', 'text', 'm_old' || i
            FROM {numbers}""",
        f"""INSERT INTO outbox (workspace, lane, kind, target, rank, position, state, not_before, attempts, payload,
                                conversation, message, created_at, finished_at, remote_id)
            SELECT '{cast.TEAM}', 'desk:' || {who}, 'PostMessage', 'desk:{cast.TEAM}:place:{cast.CHANNEL}', 20, {at}, 'done',
                   {at}, 0, '{effect}', {who}, 1000000 + i, {at}, {at}, 'C:' || i FROM {numbers}""",
    ]


def _finish_all(conn: sa.Connection) -> None:
    conn.exec_driver_sql("UPDATE inbox SET state = 'applied' WHERE state IN ('ready', 'free')")


def unfinished(conn: sa.Connection) -> int:
    """Effects not yet done, but for those behind a held target."""
    left = """SELECT count(*) FROM outbox o JOIN target t ON t.id = o.target LEFT JOIN target p ON p.id = t.parent
              LEFT JOIN target top ON top.id = p.parent
              WHERE o.state IN ('ready', 'working', 'unsure')
              AND coalesce(t.not_before, p.not_before, top.not_before) IS NULL"""
    return int(conn.exec_driver_sql(left).scalar_one())


def timed(work: Callable[[], Any]) -> float:
    """Seconds that *work* takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
