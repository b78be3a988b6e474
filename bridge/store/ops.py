"""What an operator has to hear of, asked of both queues and of the signs of life."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.model.ids import WorkspaceId
from bridge.store import outages
from bridge.store.health import HEARING, STEADY
from bridge.store.held import HELD_BY, TARGET_ID, WITH_PARENTS
from bridge.store.schema import Instant, heartbeat, incident, outbox

_before = sa.bindparam("before", type_=Instant())
_told = sa.exists().where(
    sa.text("incident.closed_at IS NULL"), incident.c.key == "dead_row:" + sa.cast(outbox.c.id, sa.Text)
)
# The indexes' own conditions stand literally, or no database would use them.
ALERTS = ("PostAlert", "EditAlert", "PostStage", "TellOutside")
"""Of an alert that cannot be told the log and the figures tell: another one would meet the same."""
TOLD = ("RedrawCard", "RetireCard", "RedrawPost", "RemovePost", "RemoveFile")
"""What may show something it must not has an incident of its own, in which a person is asked."""
DEAD = (
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(sa.text("outbox.state = 'dead'"), outbox.c.kind.not_in((*ALERTS, *TOLD)), ~_told)
)
UNSURE = (
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(sa.text("outbox.state = 'unsure'"), outbox.c.kind == "SendToCustomer", outbox.c.unsure_since <= _before)
)
_ahead = outbox.alias("ahead")
_waits = sa.exists().where(
    sa.text("outbox.state = 'ready'"),
    outbox.c.target == TARGET_ID,
    outbox.c.not_before <= _before,
    # Behind something that is tried again, or doubtful: that is told of by itself.
    ~sa.exists().where(
        sa.text("ahead.state IN ('ready', 'working', 'unsure')"),
        _ahead.c.lane == outbox.c.lane,
        sa.or_(
            _ahead.c.position < outbox.c.position,
            sa.and_(_ahead.c.position == outbox.c.position, _ahead.c.id < outbox.c.id),
        ),
    ),
)
_moving = sa.exists().where(
    sa.text("incident.closed_at IS NULL"),
    incident.c.kind == "desk_moving",
    TARGET_ID.startswith("desk:" + incident.c.workspace),
)
BEHIND = (
    sa.select(TARGET_ID)
    .select_from(WITH_PARENTS)
    .where(HELD_BY.is_(None), ~TARGET_ID.startswith("sink:"), ~_moving, _waits)
    .limit(1)
)
REVIVED = sa.select(incident.c.workspace, incident.c.key).where(
    sa.text("incident.closed_at IS NULL"),
    incident.c.kind == "dead_row",
    ~sa.exists().where(sa.text("outbox.state = 'dead'"), incident.c.key == "dead_row:" + sa.cast(outbox.c.id, sa.Text)),
)
ALIVE = sa.select(heartbeat.c.process, heartbeat.c.role, heartbeat.c.at).where(
    heartbeat.c.process.not_in([STEADY, HEARING])
)


def dead(conn: sa.Connection) -> int:
    """How many effects were given up that no incident of their own tells of."""
    return int(conn.execute(DEAD).scalar_one())


def unsure(conn: sa.Connection, before: datetime) -> int:
    """How many answers have been doubtful since *before* (steady)."""
    return int(conn.execute(UNSURE, {"before": before}).scalar_one())


def behind(conn: sa.Connection, before: datetime) -> bool:
    """Whether something has been able to go since *before* (steady), and nothing that is told of keeps it."""
    return conn.execute(BEHIND, {"before": before}).first() is not None


def processes(conn: sa.Connection) -> dict[str, tuple[str, datetime]]:
    """Which processes there are, with their role and their last sign of life (real time)."""
    return {row.process: (row.role, row.at) for row in conn.execute(ALIVE)}


def revived(conn: sa.Connection) -> list[tuple[WorkspaceId, str]]:
    """Incidents of effects that were given up and are so no longer."""
    return [(WorkspaceId(row.workspace), row.key) for row in conn.execute(REVIVED)]


class OpsTicks:
    """The part of `bridge.ports.Ticks` that asks what belongs to no account."""

    _conn: sa.Connection

    def dead_rows(self) -> int:
        """By the index of what is dead."""
        return dead(self._conn)

    def unsure_rows(self, before: datetime) -> int:
        """By the index of what is unsure."""
        return unsure(self._conn, before)

    def behind(self, before: datetime) -> bool:
        """From the targets, never from the rows."""
        return behind(self._conn, before)

    def revived(self) -> list[tuple[WorkspaceId, str]]:
        """Of all that is open there is never much."""
        return revived(self._conn)

    def processes(self) -> dict[str, tuple[str, datetime]]:
        """By their signs of life."""
        return processes(self._conn)

    def posts_waiting(self, steady: datetime) -> set[WorkspaceId]:
        """By the places into which it is to go."""
        return outages.waiting(self._conn, steady)

    def desks(self) -> set[WorkspaceId]:
        """By the accounts."""
        return outages.desks(self._conn)

    def posted_since(self, since: datetime) -> set[WorkspaceId]:
        """By what the outbox has done."""
        return outages.posted(self._conn, since)
