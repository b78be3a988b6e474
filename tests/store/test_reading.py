"""Whoever reads is in nobody's way: not when it is given up in the middle, and not for as long as it takes."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.store.engine import parse
from bridge.store.schema import inbox
from tests.store.tools import Bench, item

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
count = sa.select(sa.func.count()).select_from(inbox)
PATIENCE = 30.0


def log_of(bench: Bench) -> int:
    """How many bytes the database's log has."""
    database = parse(bench.url).database or ""
    return Path(f"{database}-wal").stat().st_size


async def test_a_question_that_is_given_up_in_the_middle_holds_nothing_afterwards(bench: Bench) -> None:
    """A service that ends, or whoever waits no longer, may be asking just then: the log can be emptied all the same."""
    await bench.store.keep([item(f"k{n}") for n in range(3)])
    asked, given_up = threading.Event(), threading.Event()

    def slow() -> int:
        asked.set()
        return int(given_up.wait(PATIENCE))

    async def ask() -> None:
        async with bench.store.reading() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.create_function("slow", 0, slow)
            await connection.exec_driver_sql("SELECT slow(), key FROM inbox")

    asking = asyncio.ensure_future(ask())
    assert await asyncio.to_thread(asked.wait, PATIENCE)
    asking.cancel()
    given_up.set()
    with pytest.raises(asyncio.CancelledError) as how_it_ended:
        await asking
    await bench.store.keep([item("later")])
    await bench.store.checkpoint(2)
    assert log_of(bench) == 0
    assert how_it_ended.tb is not None, "whoever looks at it later keeps alive what it was given up in"


async def test_while_the_log_cannot_be_emptied_everybody_else_goes_on_writing(bench: Bench) -> None:
    """A long reading, such as a copy being made, keeps the log: no message waits for it."""
    await bench.store.keep([item("before")])
    async with bench.store.reading() as connection:
        await connection.scalar(count)
        await bench.store.keep([item("meanwhile")])
        emptying = asyncio.ensure_future(bench.store.checkpoint(PATIENCE))
        for n in range(20):
            await asyncio.sleep(0)
            assert await bench.store.keep([item(f"k{n}")]) == 1
        assert not emptying.done()
    await emptying
    assert log_of(bench) == 0
