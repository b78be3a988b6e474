"""What tests of the running service share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where services and commands are started from."""
    made = Nursery.open()
    yield made
    made.close()
