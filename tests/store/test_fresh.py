"""What was read at a claim serves at the end too, but only while nobody has written any of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, SettledSend
from bridge.model.effects import PostRoot, SendToCustomer, ShowFile
from bridge.model.ids import MessageId, PostRef, RemoteId
from bridge.model.state import Health, ReplyState, Sign, Wish, Work
from bridge.ports import About
from bridge.store import accounts, fresh, schema
from bridge.store.conversations import erase
from bridge.store.engine import parse, write_engine
from bridge.store.hand import Hand
from bridge.store.posts import record_effect
from bridge.store.transaction import Tx
from bridge.store.workspaces import speak
from tests.store.claims import APP, MOMENT, Claimed, at_the_end, claimed, on_connection
from tests.store.factories import NOON, TEAM, applied, house, met, reply, sending, threaded
from tests.store.tools import Bench

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def decided(tx: Tx, message: MessageId, **more: Any) -> None:
    """A message is another, as the loops write it."""
    scene = tx.scenes.of_message(message)
    assert scene is not None
    assert scene.message is not None
    tx.apply(scene, Decision(messages=(replace(scene.message, **more),)), NOON)


def makes(tx: Tx, of: Claimed, decision: Decision) -> None:
    tx.apply(tx.scenes.of_conversation(of.scene.conversation.id), decision, NOON)


def wishes(tx: Tx, of: Claimed, wish: Wish) -> None:
    hand = Hand(tx=tx, moment=Moment(now=NOON, steady=NOON), who="operator")
    accounts.set_wish(hand, of.scene.account, wish)


def stands(tx: Tx, of: Claimed) -> None:
    """The root's post, and the answer's file, stand."""
    thread, file = of.scene.conversation.thread, ShowFile(workspace=TEAM, conversation=of.scene.conversation.id, message=of.answer.id, attachment=1)  # fmt: skip
    assert thread is not None
    top = PostRoot(workspace=TEAM, conversation=of.scene.conversation.id, thread=thread.id)
    record_effect(tx.connection, 1, top, PostRef("C1:1.0"), NOON, NOON)
    record_effect(tx.connection, 2, file, PostRef("C1:2.0"), NOON, NOON, thread.id)


MEANWHILE: dict[str, Callable[[Tx, Claimed], object]] = {
    "its author edits the answer": lambda tx, of: decided(tx, of.answer.id, text="no"),
    "its author deletes the answer": lambda tx, of: decided(tx, of.answer.id, state=ReplyState.WITHDRAWN),
    "its echo settles the answer": lambda tx, of: makes(
        tx, of, Decision(settled=(SettledSend(message=of.answer.id, part=1, remote_id=RemoteId("m_9")),))
    ),
    "the answer bears another sign": lambda tx, of: decided(tx, of.answer.id, sign=Sign.WAITING),
    "what came with the answer is taken away": lambda tx, of: decided(tx, of.answer.id, attachments=()),
    "a part of the answer is taken away": lambda tx, of: decided(tx, of.answer.id, parts=()),
    "the customer edits the question": lambda tx, of: decided(tx, of.question.id, text="hm?", edits=1),
    "the customer takes the question back": lambda tx, of: decided(tx, of.question.id, text=None, unsent_at=NOON),
    "the conversation is closed": lambda tx, of: makes(
        tx, of, Decision(conversation=replace(of.scene.conversation, work=Work.CLOSED))
    ),
    "the conversation goes on in another thread": lambda tx, of: threaded(tx, of.scene, ref="C1:5.0"),
    "the customer tells a name": lambda tx, of: makes(
        tx, of, Decision(customer=replace(of.scene.customer, name="Mio"))
    ),
    "the customer is found under another id": lambda tx, of: makes(tx, of, Decision(writes_as="2999")),
    "posts stand": stands,
    "what became of the answer is lost": lambda tx, _: tx.connection.execute(
        sa.update(schema.outbox)
        .where(schema.outbox.c.kind == "SendToCustomer")
        .values(state="unsure", unsure_since=NOON)
    ),
    "the card is drawn": lambda tx, of: tx.drawn({of.scene.conversation.id: "drawn"}),
    "the conversation is erased": lambda tx, of: erase(
        tx.connection, of.scene.conversation.id, MOMENT, who="operator", heard=lambda *_: ()
    ),
    "the account is paused": lambda tx, of: wishes(tx, of, Wish.PAUSED),
    "the account is removed": lambda tx, of: wishes(tx, of, Wish.REMOVED),
    "the network locks the account": lambda tx, of: accounts.set_health(
        tx.connection, of.scene.account.id, Health.RESTRICTED, "restricted"
    ),
    "the house speaks another language": lambda tx, _: speak(tx.connection, "ja"),
    "another app tells its name": lambda tx, of: makes(tx, of, Decision(apps=((APP, "Helper"),))),
    "age takes the words": lambda tx, _: tx.connection.execute(sa.update(schema.message).values(text=None)),
    "messages are lost": lambda tx, _: tx.connection.execute(sa.delete(schema.message)),
}


@pytest.mark.parametrize("what", MEANWHILE)
async def test_what_is_written_between_claim_and_end_is_seen_at_the_end(bench: Bench, what: str) -> None:
    of = await bench.store.write(claimed)
    before, _ = await bench.store.write(lambda tx: at_the_end(tx, of))
    assert before == await bench.store.write(lambda tx: tx.scenes.about(of.rows, known=of.about, names=False))

    def in_the_same(tx: Tx) -> tuple[dict[int, About], dict[int, About]]:
        MEANWHILE[what](tx, of)
        return at_the_end(tx, of)

    found, true = await bench.store.write(in_the_same)
    assert found == true
    assert found != before
    found, true = await bench.store.write(lambda tx: at_the_end(tx, of))
    assert found == true


@pytest.mark.parametrize("what", MEANWHILE)
async def test_what_another_process_writes_between_claim_and_end_is_seen_at_the_end(bench: Bench, what: str) -> None:
    of = await bench.store.write(claimed)
    before, _ = await bench.store.write(lambda tx: at_the_end(tx, of))
    with house(bench.url) as other, other.open() as tx:
        MEANWHILE[what](tx, of)
    found, true = await bench.store.write(lambda tx: at_the_end(tx, of))
    assert found == true
    assert found != before


def another_writes(tx: Tx) -> None:
    scene = threaded(tx, met(tx, "2002"))
    answer = reply(tx, scene)
    applied(tx, scene, Decision(messages=(answer,), effects=sending(scene, answer)))


@SQLITE
async def test_what_nobody_has_written_is_not_read_again(bench: Bench) -> None:
    of = await bench.store.write(claimed)
    lasting = [row for row in of.rows if isinstance(row.effect, SendToCustomer | PostRoot)]
    asked: list[str] = []

    def end(tx: Tx) -> dict[int, About]:
        with heard(tx.connection.engine, asked):
            return tx.scenes.about(lasting, known=of.about, names=False)

    # Nor does it matter what is written of another customer, and of the queues.
    await bench.store.write(another_writes)
    found = await bench.store.write(end)
    assert lasting
    assert all(found[row.id] is of.about[row.id] for row in lasting)
    assert not [statement for statement in asked if "conversation." in statement or "message." in statement]


@contextmanager
def heard(engine: sa.Engine, statements: list[str]) -> Iterator[None]:
    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", hear)
    yield
    sa.event.remove(engine, "before_cursor_execute", hear)


@SQLITE
async def test_everything_is_read_again_by_a_connection_that_has_not_seen_what_was_written(bench: Bench) -> None:
    """After a failure the writer takes a connection, perhaps one that it had before: what is written in between it cannot know."""
    of = await bench.store.write(claimed)

    def fail(tx: Tx) -> None:
        decided(tx, of.answer.id, text="never")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await bench.store.write(fail)
    found, true = await bench.store.write(lambda tx: at_the_end(tx, of))
    assert found == true
    engine = write_engine(parse(bench.url))
    with engine.connect() as one:
        fresh.watch(one)
        with one.begin():
            another_writes(on_connection(one))
            known = on_connection(one).scenes.about(of.rows)
        with engine.connect() as two:
            fresh.watch(two)
            with two.begin():
                decided(on_connection(two), of.answer.id, text="no")
                found, true = at_the_end(on_connection(two), of, known)
                assert found == true
        fresh.watch(one)
        with one.begin():
            found, true = at_the_end(on_connection(one), of, known)
            assert found == true
    engine.dispose()


@SQLITE
async def test_of_many_writes_only_the_newest_are_remembered_and_then_all_is_read_again(bench: Bench) -> None:
    of = await bench.store.write(claimed)

    def write_often(tx: Tx) -> int:
        decided(tx, of.answer.id, text="no")
        file = {"seq": 1, "workspace": TEAM, "conversation": 0, "kind": "image", "state": "gone"}
        tx.connection.execute(sa.insert(schema.attachment), [{"message": n, **file} for n in range(fresh.MOST)])
        return int(tx.connection.execute(sa.text("SELECT count(*) FROM temp.written")).scalar_one())

    assert await bench.store.write(write_often) == fresh.MOST
    found, true = await bench.store.write(lambda tx: at_the_end(tx, of))
    assert found == true


@SQLITE
async def test_all_tables_that_the_end_reads_are_watched(bench: Bench) -> None:
    of = await bench.store.write(claimed)
    read: set[str] = set()

    def hear(_act: int, table: str | None, _column: str | None, database: str | None, _trigger: str | None) -> int:
        if database == "main" and table is not None:
            read.add(table)
        return 0

    def end(tx: Tx) -> dict[int, About]:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        driver.set_authorizer(hear)
        rows = [row for row in of.rows if isinstance(row.effect, fresh.LASTING)]
        found = tx.scenes.about(rows, names=False)
        driver.set_authorizer(None)
        return found

    assert await bench.store.write(end)
    assert {"conversation", "message", "part", "attachment", "thread", "account", "other_app"} <= read
    assert read & schema.metadata.tables.keys() <= fresh.WATCHED.keys()
