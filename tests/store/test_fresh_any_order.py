"""In any order of claims and writes, what is not read again is what would be read."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.ports import About
from bridge.store import fresh
from bridge.store.engine import parse, write_engine
from bridge.store.transaction import Tx
from tests.store.claims import Claimed, at_the_end, claimed, on_connection
from tests.store.factories import furnish, met

TALKS = 3
CHANGES: dict[str, str] = {
    "conversation": "UPDATE conversation SET owner = :new WHERE id = :talk",
    "customer": "UPDATE customer SET name = :new WHERE id = (SELECT customer FROM conversation WHERE id = :talk)",
    "message": "UPDATE message SET text = :new WHERE conversation = :talk",
    "part": "UPDATE part SET remote_id = :new WHERE conversation = :talk",
    "attachment": "UPDATE attachment SET reason = :new WHERE conversation = :talk",
    "thread": "UPDATE thread SET place = :new WHERE conversation = :talk",
    "account": "UPDATE account SET sealed = :new",
    "workspace": "UPDATE workspace SET name = :new",
    "other_app": "UPDATE other_app SET name = :new",
}
steps = st.one_of(
    st.tuples(st.sampled_from(["claim", "end"]), st.integers(0, TALKS - 1), st.none()),
    st.tuples(
        st.sampled_from(["write", "elsewhere", "undone", "between"]),
        st.integers(0, TALKS - 1),
        st.sampled_from(sorted(CHANGES)),
    ),
    st.tuples(st.just("taken anew"), st.just(0), st.none()),
)
Step = tuple[str, int, str | None]


@dataclass(kw_only=True)
class Writer:
    """The one connection that the service writes with, another process's, and what is in hand."""

    engine: sa.Engine
    other: sa.Engine
    conn: sa.Connection
    talks: list[Claimed] = field(default_factory=list)
    known: dict[int, dict[int, About]] = field(default_factory=dict)
    news: Iterator[int] = field(default_factory=itertools.count)

    def tx(self) -> Tx:
        return on_connection(self.conn)

    def step(self, what: str, talk: int, table: str | None) -> None:
        of, change = self.talks[talk], partial(self.change, talk, table)
        match what:
            case "claim":
                with self.conn.begin():
                    self.known[talk] = self.tx().scenes.about(of.rows)
            case "end":
                with self.conn.begin():
                    self.compare(of, talk)
            case "write":
                with self.conn.begin():
                    change(self.conn)
            case "elsewhere":
                with self.other.begin() as conn:
                    change(conn)
            case "undone":
                with self.conn.begin() as undone:
                    change(self.conn)
                    self.compare(of, talk)
                    undone.rollback()
            case "between":
                with self.conn.begin():
                    self.known[talk] = self.tx().scenes.about(of.rows)
                    with self.conn.begin_nested() as undone:
                        change(self.conn)
                        undone.rollback()
                    self.compare(of, talk)
                    change(self.conn)
                    self.compare(of, talk)
            case _:
                self.conn.close()
                self.conn = self.engine.connect()
                fresh.watch(self.conn)

    def change(self, talk: int, table: str | None, conn: sa.Connection) -> None:
        given = {"new": f"new{next(self.news)}", "talk": self.talks[talk].scene.conversation.id}
        of_parts = "UPDATE part SET remote_id = :new || message || seq WHERE conversation = :talk"
        conn.execute(sa.text(of_parts if table == "part" else CHANGES[table or ""]), given)

    def compare(self, of: Claimed, talk: int) -> None:
        found, true = at_the_end(self.tx(), of, self.known.get(talk, {}))
        assert found == true


@contextmanager
def writer(template: Path) -> Iterator[Writer]:
    with TemporaryDirectory() as folder:
        url = parse(f"sqlite:///{shutil.copy(template, Path(folder) / 'bridge.db')}")
        engine, other = write_engine(url), write_engine(url)
        made = Writer(engine=engine, other=other, conn=engine.connect())
        fresh.watch(made.conn)
        with made.conn.begin():
            first = furnish(made.tx())
            made.talks = [claimed(made.tx(), first if n == 0 else met(made.tx(), f"300{n}")) for n in range(TALKS)]
        try:
            yield made
        finally:
            made.conn.close()
            engine.dispose()
            other.dispose()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@example(story=[("claim", 0, None), *(("write", 0, table) for table in CHANGES)])
@example(story=[("claim", 0, None), ("write", 0, "message"), ("taken anew", 0, None)])
@given(story=st.lists(steps, max_size=25))
def test_in_any_order_of_claims_and_writes_the_end_finds_what_is_true(tables: Path, story: list[Step]) -> None:
    with writer(tables) as on:
        for what, talk, table in story:
            on.step(what, talk, table)
        for talk in range(TALKS):
            on.step("end", talk, None)
