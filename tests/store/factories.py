"""Rows for the store's tests: one workspace, one account, customers and their conversations, all made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.lanes import micros, queue
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.effects import AnyEffect, PostMessage, PostRoot, Queued, SendToCustomer
from bridge.model.ids import MessageId, PersonRef, PlaceRef, PostRef, ThreadId, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.pace import Pace
from bridge.model.state import Author, Conversation, Message, Part, Platform, ReplyState, Thread
from bridge.ports import OutboxRow
from bridge.store import schema
from bridge.store.engine import parse, write_engine
from bridge.store.ids import Ids
from bridge.store.outbox import outbox_row
from bridge.store.transaction import Tx

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEAM = WorkspaceId("T1")
PLACE, ELSEWHERE = PlaceRef("C1"), PlaceRef("C2")
PAGE, PSID = "1001", "2001"
AKI = PersonRef("U1")
SETTINGS: dict[str, Any] = {
    "channel": PLACE,
    "alerts_channel": None,
    "owners": [AKI],
    "agents": [],
    "agent_groups": [],
    "human_agent": True,
    "ceiling": 1600,
}


@dataclass(kw_only=True)
class House:
    """A database with the schema, and transactions on it."""

    engine: sa.Engine
    ids: Ids = field(default_factory=Ids)
    moment: Moment = field(default_factory=lambda: Moment(now=NOON, steady=NOON))

    @contextmanager
    def open(self) -> Iterator[Tx]:
        """A transaction, committed at the end of the block."""
        with self.engine.begin() as conn:
            yield Tx(conn, times=self.moment, pace=Pace(), ids=self.ids)

    def pass_time(self, by: timedelta) -> None:
        """Let both clocks go on."""
        self.moment = Moment(now=self.moment.now + by, steady=self.moment.steady + by)

    def all(self, table: sa.Table) -> Sequence[sa.Row[Any]]:
        """Every row of a table."""
        with self.engine.connect() as conn:
            return conn.execute(table.select().order_by(*table.primary_key)).all()

    def one(self, table: sa.Table) -> sa.Row[Any]:
        """The only row of a table."""
        (row,) = self.all(table)
        return row

    def statements(self) -> list[str]:
        """What is said to the database from now on; transactions' own words left out."""
        said: list[str] = []

        def heard(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT")):
                said.append(statement)

        sa.event.listen(self.engine, "before_cursor_execute", heard)
        return said


@contextmanager
def house(url: str) -> Iterator[House]:
    """A house on the database at *url*, which has its tables."""
    engine = write_engine(parse(url))
    try:
        yield House(engine=engine)
    finally:
        engine.dispose()


def add_workspace(tx: Tx, id: str = TEAM, language: str = "en") -> WorkspaceId:
    tx.connection.execute(
        sa.insert(schema.workspace).values(
            id=id, name="Team", url="https://team.test", language=language, bot_person="UB", bot_author="B1"
        )
    )
    return WorkspaceId(id)


def add_account(tx: Tx, workspace: str = TEAM, remote_id: str = PAGE, **more: Any) -> int:
    values: dict[str, Any] = {
        "workspace": workspace,
        "platform": "messenger",
        "remote_id": remote_id,
        "name": "Shop",
        "login": "facebook",
        "wish": "on",
        "health": "ready",
        "sealed": "sealed-token",
        "connected_at": NOON,
        "settings": SETTINGS,
    } | more
    made: int = tx.connection.execute(
        sa.insert(schema.account).values(values).returning(schema.account.c.id)
    ).scalar_one()
    tx.connection.execute(
        sa.insert(schema.route).values(workspace=workspace, account=made, place=values["settings"]["channel"])
    )
    return made


def add_person(tx: Tx, ref: str = AKI, name: str = "Aki", **more: Any) -> None:
    values = {"workspace": TEAM, "ref": ref, "kind": "member", "name": name, "learnt_at": NOON} | more
    tx.connection.execute(sa.insert(schema.person).values(values))


def furnish(tx: Tx) -> Scene:
    """A workspace, an account, and a first customer without a thread."""
    add_workspace(tx)
    add_account(tx)
    return met(tx)


def met(tx: Tx, customer: str = PSID) -> Scene:
    """The scene of a customer, who may be new."""
    scene = tx.scenes.of_customer(Platform.MESSENGER, PAGE, customer, create=True)
    assert scene is not None
    return scene


def said(tx: Tx, scene: Scene, text: str = "hello", **more: Any) -> Message:
    """A customer's message, not kept yet."""
    values: dict[str, Any] = {
        "id": MessageId(tx.new_id()),
        "conversation": scene.conversation.id,
        "author": Author.CUSTOMER,
        "at": NOON,
        "text": text,
    }
    return Message(**(values | more))


def reply(tx: Tx, scene: Scene, text: str = "yes", *, parts: int = 1, **more: Any) -> Message:
    """An agent's answer that waits, not kept yet."""
    values: dict[str, Any] = {
        "author": Author.AGENT,
        "person": AKI,
        "state": ReplyState.WAITING,
        "queued_at": NOON,
        "parts": tuple(Part(seq=seq, of=parts) for seq in range(1, parts + 1)),
    }
    return said(tx, scene, text, **(values | more))


def threaded(tx: Tx, scene: Scene, ref: str | None = "C1:1.0", place: PlaceRef = PLACE) -> Scene:
    """The scene with a fresh current thread."""
    thread = Thread(id=ThreadId(tx.new_id()), place=place, ref=None if ref is None else PostRef(ref))
    changed = replace(scene.conversation, thread=thread)
    return applied(tx, scene, Decision(conversation=changed, threads=(thread,)))


def changed(tx: Tx, scene: Scene, **more: Any) -> Scene:
    """The scene with other values in its conversation."""
    return applied(tx, scene, Decision(conversation=replace(scene.conversation, **more)))


def applied(tx: Tx, scene: Scene, decision: Decision, at: datetime = NOON) -> Scene:
    """Apply a decision; the scene as it is then."""
    tx.apply(scene, decision, at)
    after = tx.scenes.of_conversation(scene.conversation.id)
    assert after is not None
    return after


def sending(scene: Scene, message: Message) -> tuple[Queued, ...]:
    """The sends of an answer's parts."""
    return tuple(
        queued(
            SendToCustomer(
                workspace=scene.workspace.id,
                conversation=scene.conversation.id,
                account=scene.account.id,
                message=message.id,
                part=part.seq,
            )
        )
        for part in message.parts
    )


def shows(scene: Scene, message: Message) -> Queued:
    return queued(PostMessage(workspace=TEAM, conversation=scene.conversation.id, message=message.id))


def root(conversation: Conversation) -> Queued:
    assert conversation.thread is not None
    return queued(PostRoot(workspace=TEAM, conversation=conversation.id, thread=conversation.thread.id))


def queued(effect: AnyEffect, place: PlaceRef = PLACE) -> Queued:
    return queue(effect, position=micros(NOON), place=place)


def outbox_rows(tx: Tx) -> list[OutboxRow]:
    """All rows of the outbox, as if they were in hand."""
    return [outbox_row(row) for row in tx.connection.execute(schema.outbox.select().order_by(schema.outbox.c.id))]


def set_row(tx: Tx, row: int, **values: Any) -> None:
    """Put an outbox row into a state that takes long to reach honestly."""
    tx.connection.execute(sa.update(schema.outbox).where(schema.outbox.c.id == row).values(values))


def heard(lane: str, key: str, body: bytes = b"{}", **more: Any) -> RawItem:
    return RawItem(key=key, source="meta", lane=lane, at=NOON, body=body, **more)


def state_of(house: House, row: int) -> str:
    (found,) = [each.state for each in house.all(schema.outbox) if each.id == row]
    return str(found)
