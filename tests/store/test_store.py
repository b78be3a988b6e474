"""Many share one commit, one bad work spoils no neighbour, and whoever is to be woken is."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.model.errors import AlreadyRunning, StoreUnavailable, UnusableSetting, WrongSchema
from bridge.store import store
from bridge.store.engine import claim_service, parse, write_engine
from bridge.store.ids import Ids
from bridge.store.schema import inbox, target
from bridge.store.transaction import Tx
from tests.store.tools import START, Bench, Times, item, opened, send

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
count = sa.select(sa.func.count()).select_from(inbox)


async def kept(bench: Bench) -> int:
    return await bench.store.write(lambda tx: tx.connection.scalar(count) or 0)


async def test_many_who_wait_share_a_commit(bench: Bench) -> None:
    before = bench.store.commits
    await asyncio.gather(*(bench.store.keep([item(f"k{n}")]) for n in range(200)))
    assert bench.store.commits - before < 20


@SQLITE
async def test_works_and_items_to_keep_share_a_commit_too(bench: Bench) -> None:
    before = bench.store.commits
    works: list[Awaitable[object]] = [bench.store.write(lambda tx: tx.new_id()) for _ in range(100)]
    await asyncio.gather(*works, *(bench.store.keep([item(f"k{n}")]) for n in range(100)))
    assert bench.store.commits - before < 10


async def test_a_work_that_fails_undoes_what_it_did_and_nothing_of_its_neighbours(bench: Bench) -> None:
    def good(tx: Tx, number: int) -> int:
        tx.keep([item(f"good{number}")])
        return number

    def bad(tx: Tx, number: int) -> int:
        tx.keep([item(f"bad{number}")])
        raise LookupError(number)

    works = [bench.store.write(partial(bad if n % 10 == 3 else good, number=n)) for n in range(30)]
    answers = await asyncio.gather(*works, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, LookupError)] == [3, 13, 23]
    assert [answer for answer in answers if isinstance(answer, int)] == [n for n in range(30) if n % 10 != 3]
    assert await kept(bench) == 27


async def test_items_that_cannot_be_kept_spoil_none_of_their_neighbours(bench: Bench) -> None:
    nameless: Any = None
    keeps = [bench.store.keep([item(f"k{n}", nameless if n == 5 else "lane")]) for n in range(20)]
    answers = await asyncio.gather(*keeps, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, sa.exc.IntegrityError)] == [5]
    assert await kept(bench) == 19


async def test_a_savepoint_undoes_only_its_own(bench: Bench) -> None:
    def work(tx: Tx) -> None:
        tx.keep([item("outside")])
        with pytest.raises(LookupError):
            tx.savepoint(lambda: inside(tx))

    def inside(tx: Tx) -> None:
        tx.keep([item("inside")])
        raise LookupError

    await bench.store.write(work)
    assert await bench.due() == ["outside"]


async def test_the_loops_are_woken_after_a_commit_that_gave_them_work(bench: Bench) -> None:
    woken = asyncio.Event()
    bench.store.on_wake(woken.set)
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: bench.store.keep([item("a")]),
        lambda: bench.add(send(1)),
        lambda: bench.store.write(lambda tx: tx.effects.release("any")),
    ]
    for act in acts:
        woken.clear()
        await act()
        await asyncio.wait_for(woken.wait(), 5)


@POSTGRES
async def test_another_process_is_woken_too(bench: Bench, times: Times) -> None:
    woken = asyncio.Event()
    async with opened(bench.url, times) as other:
        other.on_wake(woken.set)
        for number in range(3):
            woken.clear()
            await bench.store.keep([item(f"k{number}")])
            await asyncio.wait_for(woken.wait(), 10)


async def test_what_waits_is_answered_before_the_store_closes_and_nothing_after(bench: Bench) -> None:
    waiting = [asyncio.ensure_future(bench.store.keep([item(f"k{n}")])) for n in range(50)]
    await asyncio.sleep(0)
    await bench.store.close()
    assert [answer.result() for answer in waiting] == [1] * 50
    with pytest.raises(StoreUnavailable):
        await bench.store.keep([item("late")])


async def test_questions_are_answered_but_cannot_write(bench: Bench) -> None:
    await bench.store.keep([item("a")])
    async with bench.store.reading() as connection:
        assert await connection.scalar(count) == 1
        with pytest.raises(sa.exc.DBAPIError):
            await connection.execute(sa.delete(inbox))


@SQLITE
async def test_a_full_disk_is_told_and_nothing_is_lost_or_half_done(bench: Bench) -> None:
    await bench.store.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count = 1").close())
    large = b"x" * 200_000
    keeps = [bench.store.keep([item(f"k{n}", body=large)]) for n in range(5)]
    answers = await asyncio.gather(*keeps, return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    await bench.store.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count = 1000000").close())
    assert await bench.store.keep([item("k0", body=large)]) == 1
    assert await kept(bench) == 1


@SQLITE
async def test_the_databases_trouble_is_told_from_the_works(bench: Bench) -> None:
    """A full disk says nothing of the fact that met it: it must not be buried for that."""

    def met(tx: Tx, work: Callable[[], object]) -> bool:
        try:
            tx.savepoint(work)
        except (sa.exc.SQLAlchemyError, ValueError) as error:
            return tx.broken(error)
        raise AssertionError("it went through")

    def work(tx: Tx) -> list[bool]:
        wrong = met(tx, lambda: tx.connection.exec_driver_sql("SELECT nonsense"))
        odd = met(tx, lambda: int("nothing"))
        tx.connection.exec_driver_sql("PRAGMA max_page_count = 1").close()
        return [wrong, odd, met(tx, lambda: tx.keep([item("large", body=b"x" * 200_000)]))]

    assert await bench.store.write(work) == [False, False, True]


@SQLITE
@pytest.mark.parametrize("neighbours", [0, 1])
async def test_a_work_that_fails_amid_its_rows_does_not_lock_the_database(bench: Bench, neighbours: int) -> None:
    """Promise 1: whoever holds its error holds its question open, and with it what that question saw."""
    held = list[object]()

    def bad(tx: Tx) -> None:
        rows = iter(tx.connection.execute(sa.select(inbox.c.key).execution_options(stream_results=True)).yield_per(1))
        held.extend((rows, next(rows)))
        raise ValueError("in the midst")

    await bench.store.keep([item(f"k{n}") for n in range(5000)])
    works = [bench.store.write(lambda tx: tx.new_id()) for _ in range(neighbours)]
    answers = await asyncio.gather(bench.store.write(bad), *works, return_exceptions=True)
    assert isinstance(answers[0], ValueError)
    with sqlite3.connect(str(parse(bench.url).database)) as other:
        other.execute("UPDATE inbox SET attempts = 1")
    assert await bench.store.keep([item("afterwards")]) == 1
    assert held


@SQLITE
async def test_a_command_that_writes_is_waited_for(bench: Bench) -> None:
    command = sqlite3.connect(parse(bench.url).database or "", isolation_level=None, check_same_thread=False)
    command.execute("BEGIN IMMEDIATE")
    keeping = asyncio.ensure_future(bench.store.keep([item("a")]))
    await asyncio.wait([keeping], timeout=0.1)
    assert not keeping.done()
    command.execute("COMMIT")
    assert await asyncio.wait_for(keeping, 5) == 1
    command.close()


@SQLITE
async def test_whoever_tells_us_something_is_not_left_waiting(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """They tell it again, and it is kept once."""
    monkeypatch.setattr(store, "KEEP_SECONDS", 0.05)
    command = sqlite3.connect(parse(bench.url).database or "", isolation_level=None, check_same_thread=False)
    command.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="too long"):
        await bench.store.keep([item("a")])
    command.execute("COMMIT")
    monkeypatch.undo()
    await bench.store.keep([item("a")])
    assert await kept(bench) == 1
    command.close()


async def test_works_take_turns_also_in_two_processes_and_keeping_waits_for_none(bench: Bench) -> None:
    began, go = threading.Event(), threading.Event()
    done: list[str] = []

    def slow(_: Tx) -> None:
        began.set()
        assert go.wait(timeout=10)
        done.append("slow")

    async with opened(bench.url, bench.times) as other:
        works = [asyncio.ensure_future(bench.store.write(slow))]
        await asyncio.to_thread(began.wait, 10)
        works.append(asyncio.ensure_future(other.write(lambda _: done.append("quick"))))
        keeping = asyncio.ensure_future(other.keep([item("meanwhile")]))
        if not other.alone:  # in SQLite even that needs the one turn there is
            assert await asyncio.wait_for(keeping, 10) == 1
        go.set()
        await asyncio.gather(*works, keeping)
    assert done == ["slow", "quick"]


@POSTGRES
async def test_a_work_that_somebody_else_locked_out_is_run_again(bench: Bench) -> None:
    await bench.add(send(1, account=1), send(2, account=2))
    more = [
        sa.update(target).where(target.c.id == name).values(burst=target.c.burst + 1)
        for name in ("network:1:sends", "network:2:sends")
    ]
    met = threading.Event()

    def work(tx: Tx) -> None:
        tx.connection.execute(more[0])
        met.set()
        tx.connection.execute(more[1])

    engine = write_engine(parse(bench.url))
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '30s'")  # so that it is the work that gives way
        connection.execute(more[1])
        working = asyncio.ensure_future(bench.store.write(work))
        await asyncio.to_thread(met.wait, 10)
        await asyncio.to_thread(connection.execute, more[0])
    await working
    engine.dispose()
    bursts = sa.select(target.c.burst).where(target.c.id.in_(["network:1:sends", "network:2:sends"]))
    assert await bench.store.write(lambda tx: tx.connection.scalars(bursts).all()) == [3.0, 3.0]


@POSTGRES
async def test_a_server_that_was_restarted_is_found_again(bench: Bench) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    await bench.store.keep([item("before")])
    async with bench.store.reading() as connection:
        await connection.exec_driver_sql(kill)
    assert await bench.store.keep([item("after")]) == 1
    assert await kept(bench) == 2


@SQLITE
async def test_an_erased_word_is_in_no_file_after_a_checkpoint(bench: Bench) -> None:
    word = b"himitsu-no-kotoba"
    await bench.store.keep([item(f"k{n}", body=word * 50) for n in range(50)])
    await bench.store.write(lambda tx: tx.connection.execute(sa.delete(inbox)).close())
    async with bench.store.reading() as connection:
        await connection.scalar(count)
        emptying = asyncio.ensure_future(bench.store.checkpoint())
        await asyncio.wait([emptying], timeout=0.3)
    await asyncio.wait_for(emptying, 10)
    files = list(Path(parse(bench.url).database or "").parent.glob("bridge.db*"))
    assert files
    assert not [path.name for path in files if word in path.read_bytes()]


@SQLITE
def test_a_second_service_on_one_file_is_refused(database_url: str) -> None:
    with claim_service(database_url), pytest.raises(AlreadyRunning), claim_service(database_url):
        pass
    with claim_service(database_url):
        pass


@POSTGRES
def test_several_services_may_share_a_postgresql_database(database_url: str) -> None:
    with claim_service(database_url), claim_service(database_url):
        pass


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///bridge.db", "sqlite"),
        ("sqlite+aiosqlite:///bridge.db", "sqlite"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+psycopg"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_a_driver_in_the_address_changes_nothing(url: str, driver: str) -> None:
    assert parse(url).drivername == driver


@pytest.mark.parametrize("url", ["bridge.db", "sqlite://", "sqlite:///:memory:", "mysql://h/d", ""])
def test_an_address_that_cannot_be_used_says_so(url: str) -> None:
    with pytest.raises(UnusableSetting, match="BRIDGE_DATABASE_URL"):
        parse(url)


async def test_an_empty_database_is_not_served(tmp_path: Path, times: Times) -> None:
    with pytest.raises(WrongSchema, match="threadbridge migrate"):
        async with opened(f"sqlite:///{tmp_path / 'empty.db'}", times):
            pass
    assert not (tmp_path / "empty.db").exists()


async def test_a_database_out_of_reach_says_so(tmp_path: Path, times: Times) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    for url in (f"sqlite:///{tmp_path / 'broken.db'}", "postgresql://nobody@127.0.0.1:1/none"):
        with pytest.raises(StoreUnavailable):
            async with opened(url, times):
                pass


def test_ids_grow_and_are_never_the_same() -> None:
    ids = Ids()
    made = [ids.next() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert 0 < made[0] < made[-1] < 2**63


async def test_a_moment_is_kept_to_the_microsecond(bench: Bench) -> None:
    await bench.store.keep([item("a", at=0.000001)])
    [row] = await bench.store.write(lambda tx: tx.facts.next(START, 1))
    assert (row.item.at - START).total_seconds() == 0.000001
