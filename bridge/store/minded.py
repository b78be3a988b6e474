"""What becomes due of accounts as a whole: the part of `bridge.due.Ticks` that is about keeping them connected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bridge.model.upkeep import Kept
from bridge.store import rhythm, upkeep


class MindedTicks:
    """On a connection whose transaction is open."""

    _conn: sa.Connection

    def probing(self, now: datetime, far: datetime, limit: int) -> list[Kept]:
        """Those whose turn was earliest come first."""
        return upkeep.probing(self._conn, now, far, limit)

    def warning(self, now: datetime, limit: int) -> list[Kept]:
        """Those that wait longest come first."""
        return upkeep.warning(self._conn, now, limit)

    def refreshing(self, now: datetime, far: datetime, limit: int) -> list[Kept]:
        """Of the login that has younger tokens."""
        return upkeep.refreshing(self._conn, now, far, limit)

    def watched(self, now: datetime) -> None:
        """By a mark beside the signs of life."""
        rhythm.watched(self._conn, now)

    def quiet(self, now: datetime) -> list[tuple[Kept, Mapping[int, tuple[int, int]]]]:
        """Those that could hear."""
        return rhythm.quiet(self._conn, now)
