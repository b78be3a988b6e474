"""What the network's other apps are called, as it once told."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from bridge.store.schema import other_app
from bridge.store.sql import among

_NAMES = sa.select(other_app.c.id, other_app.c.name).where(among(other_app.c.id, "ids"))


def names_of(conn: sa.Connection, ids: Collection[str]) -> dict[str, str | None]:
    """The names of those that were asked for; None: the network does not tell it. Who was never asked for is missing."""
    if not ids:
        return {}
    return {row.id: row.name for row in conn.execute(_NAMES, {"ids": sorted(ids)})}
