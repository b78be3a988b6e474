"""One memory for all engines of a process of how statements are written for a kind of database.

Each test opens databases of its own, and each engine would work out the same SQL anew: a sixth of what a journey costs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Compiled, Connection


class Written(dict[Any, Compiled]):
    """Statements as they are written out; SQLAlchemy's keys begin with the engine's own dialect, which is left out here."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What is known, if it is."""
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Compiled) -> None:
        super().__setitem__(key[1:], compiled)


def share() -> None:
    """Let every engine that is opened from now on use it."""
    memory: defaultdict[object, Written] = defaultdict(Written)

    def remember(connection: Connection) -> None:
        dialect = connection.dialect
        # How JSON is written belongs to the statements: engines that differ in it share nothing.
        kind = (type(dialect), dialect.server_version_info, getattr(dialect, "_json_serializer", None) is None)
        connection.execution_options(compiled_cache=memory[kind])

    sa.event.listen(sa.Engine, "engine_connect", remember)
