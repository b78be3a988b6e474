"""A database with tables, of each kind in turn, and a store on it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.store.factories import House, house
from tests.store.tools import Bench, Times, opened


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
async def bench(database_url: str, times: Times) -> AsyncIterator[Bench]:
    """A store without a pace of its own, whose clock stands still."""
    async with opened(database_url, times) as store:
        yield Bench(store, times, database_url)


@pytest.fixture
def home(database_url: str) -> Iterator[House]:
    """Transactions on a database without a store around them."""
    with house(database_url) as made:
        yield made
