"""The queues stay quick however much is finished, or waits behind something held: counted in steps, not in time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bridge.model.decision import Moment
from bridge.model.ids import ConversationId, PlaceRef, WorkspaceId
from bridge.model.pace import Pace
from bridge.store.engine import parse, write_engine
from bridge.store.ids import Ids
from bridge.store.schema import EPOCH, attachment, inbox, outbox
from bridge.store.transaction import Tx
from tests.store.tools import START, item, send

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MANY = 20_000
MOMENT = Moment(now=START, steady=START)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = write_engine(parse(database_url))
    yield engine
    engine.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Tx]:
    with engine.begin() as connection:
        yield Tx(connection, times=MOMENT, pace=Pace(), ids=Ids())


def fill(connection: Connection, target: str, state: str) -> None:
    """Add many rows, each in its own lane."""
    row = {"workspace": "T1", "kind": "SendToCustomer", "rank": 20, "position": 1, "created_at": START}
    row |= {"payload": {"workspace": "T1", "conversation": 1, "account": 9, "message": 1, "part": 1}}
    row |= {"target": target, "state": state, "not_before": EPOCH, "finished_at": None}
    connection.execute(sa.insert(outbox), [{**row, "lane": f"bulk:{n}"} for n in range(MANY)])


def steps(tx: Tx, work: Callable[[], object]) -> int:
    """How many steps of its machine SQLite needs for *work*."""
    driver: Any = tx.connection.connection.driver_connection
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    driver.set_progress_handler(tick, 1)
    try:
        work()
    finally:
        driver.set_progress_handler(None, 0)
    return count


def plans(tx: Tx, work: Callable[[], object]) -> str:
    """How the database goes about the statements of *work*."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE")):
            seen.append((statement, parameters))

    sa.event.listen(tx.connection, "before_cursor_execute", note)
    work()
    sa.event.remove(tx.connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if tx.connection.dialect.name == "sqlite" else "EXPLAIN "
    lines: list[str] = []
    for statement, parameters in seen:
        lines += [str(row[-1]) for row in tx.connection.exec_driver_sql(explain + statement, parameters)]
    return "\n".join(lines)


@SQLITE
@pytest.mark.parametrize(("target", "state"), [("network:9:sends", "ready"), ("network:1:sends", "done")])
def test_a_claim_costs_the_same_whatever_is_held_or_finished(engine: Engine, target: str, state: str) -> None:
    def measured(first: int) -> int:
        with transaction(engine) as tx:
            tx.effects.add([send(first + n) for n in range(10)], START)
            return steps(tx, lambda: tx.effects.claim(MOMENT, 10))

    before = measured(0)
    with transaction(engine) as tx:
        tx.effects.hold("network:9:sends", "reauth:9")
        fill(tx.connection, target, state)
    assert measured(100) < before * 1.2


@SQLITE
def test_the_next_facts_cost_the_same_however_many_were_applied(engine: Engine) -> None:
    def measured(name: str) -> int:
        with transaction(engine) as tx:
            tx.keep([item(f"{name}{n}", f"{name}{n}") for n in range(10)])
            return steps(tx, lambda: [tx.facts.applied(row) for row in tx.facts.next(START, 10)])

    before = measured("a")
    with transaction(engine) as tx:
        tx.keep([item(f"old{n}", f"old{n % 50}") for n in range(MANY)])
        tx.connection.exec_driver_sql("UPDATE inbox SET state = 'applied'")
    assert measured("b") < before * 1.2


def test_claims_and_facts_go_by_the_partial_indexes(engine: Engine) -> None:
    with transaction(engine) as tx:
        fill(tx.connection, "network:1:sends", "done")
        tx.effects.add([send(n) for n in range(10)], START)
        tx.keep([item(f"old{n}", f"a{n % 10}") for n in range(MANY)])
        tx.connection.exec_driver_sql("UPDATE inbox SET state = 'applied'")
        tx.keep([item(f"a{n}", f"a{n}") for n in range(10)])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
    with transaction(engine) as tx:
        claim = plans(tx, lambda: tx.effects.claim(MOMENT, 10))
        facts = plans(tx, lambda: tx.facts.next(START, 10))
        overdue = plans(tx, lambda: tx.effects.overdue(START))
    assert "ix_outbox_due" in claim
    assert "ix_outbox_lane" in claim
    assert "ix_inbox_due" in facts
    assert "ix_inbox_lane" in facts
    assert "ix_outbox_lease" in overdue
    assert not {"SCAN outbox", "Seq Scan on outbox", "SCAN inbox"} & set((claim + facts + overdue).split("\n"))


@SQLITE
def test_whether_anything_is_unread_costs_the_same_however_much_was_applied(engine: Engine) -> None:
    """It is asked at each claim in the first seconds after a start."""
    before = _unread(engine)
    with transaction(engine) as tx:
        fill(tx.connection, "network:1:sends", "done")
        tx.keep([item(f"old{n}", f"a{n % 10}") for n in range(MANY)])
        tx.connection.execute(sa.update(inbox).values(state="applied"))
    assert _unread(engine) <= before + 50


def _unread(engine: Engine) -> int:
    with transaction(engine) as tx:
        whole = steps(tx, lambda: tx.effects.rereading(ConversationId(1), whole=True))
        return whole + steps(tx, tx.effects.rereading_any)


def test_files_that_are_stranded_or_run_out_are_found_by_their_indexes(engine: Engine) -> None:
    """However many files stand in threads, and however much is finished."""
    row = {"workspace": "T1", "conversation": 1, "kind": "image", "seq": 1}
    with transaction(engine) as tx:
        fill(tx.connection, "network:1:sends", "done")
        old = [{**row, "message": n, "state": "shown", "expires_at": None} for n in range(MANY)]
        tx.connection.execute(sa.insert(attachment), old)
        lost = [{**row, "message": MANY + n, "state": "fetching", "expires_at": START} for n in range(3)]
        tx.connection.execute(sa.insert(attachment), lost)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    with transaction(engine) as tx:
        assert sorted(tx.ticks.stranded(10)) == sorted(tx.ticks.run_out(START, 10)) == [MANY, MANY + 1, MANY + 2]
        stranded = plans(tx, lambda: tx.ticks.stranded(10))
        run_out = plans(tx, lambda: tx.ticks.run_out(START, 10))
    assert "ix_attachment_under_way" in stranded
    assert "ix_outbox_message" in stranded
    assert "ix_attachment_expires_at" in run_out


@SQLITE
def test_what_people_leave_behind_and_what_a_place_holds_are_found_by_their_indexes(engine: Engine) -> None:
    """However many conversations, messages and posts there are: it is asked every few seconds."""
    with transaction(engine) as tx:
        people = (tx.ticks.departed, tx.ticks.asked_in_vain, lambda limit: tx.ticks.unseen_owners(START, limit))
        asked = (*people, lambda _: tx.ticks.owners())
        left = "\n".join(plans(tx, lambda ask=ask: ask(10)) for ask in asked)  # type: ignore[misc]
        moved = plans(tx, lambda: tx.ticks.renumber(WorkspaceId("T1"), PlaceRef("C1"), PlaceRef("C2"), START))
    for index in ("ix_conversation_owner", "ix_message_asking"):
        assert index in left
    assert not {"SCAN conversation", "SCAN message"} & set(left.split("\n"))
    assert not {"SCAN thread", "SCAN message", "SCAN post", "SCAN inbox", "SCAN outbox"} & set(moved.split("\n"))


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_no_plan_rests_on_how_long_the_queues_were_once(engine: Engine) -> None:
    """Learnt of empty queues and a million finished rows, PostgreSQL's plans took seconds when the queues were long."""
    learnt = "SELECT tablename FROM pg_stats WHERE attname = 'state' AND tablename IN ('inbox', 'outbox')"
    with transaction(engine) as tx:
        fill(tx.connection, "network:1:sends", "done")
        tx.keep([item(f"old{n}", f"a{n % 10}") for n in range(100)])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
        assert connection.exec_driver_sql(learnt).all() == []
