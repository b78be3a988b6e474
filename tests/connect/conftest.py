"""What the journeys of connecting ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.connect.stage import Office, Visitor, office, visitor


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url) as opened:
        yield opened


@pytest.fixture
async def person() -> AsyncIterator[Visitor]:
    """Somebody with a browser in English."""
    opened = visitor()
    yield opened
    await opened.http.close()
