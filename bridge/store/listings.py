"""Both queues as operators see them, and their figures. No words: ids, keys and times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import WorkspaceId
from bridge.model.word import Word, field
from bridge.store.conversations import rfc3339
from bridge.store.held import HELD_BY, TARGET_ID, WITH_PARENTS
from bridge.store.rows import AnyRow
from bridge.store.schema import audit, inbox, message, outbox

HELD = "held"
"""What a ready row is called while its target, or one above it, is held."""
LIVE_INBOX = ("ready", "free", "dead", "unknown")
LIVE_OUTBOX = ("ready", HELD, "working", "unsure", "dead")

_STATE = sa.case((sa.and_(outbox.c.state == "ready", HELD_BY.is_not(None)), HELD), else_=outbox.c.state)
_ENDED = ("done", "dropped")


def inbox_rows(
    conn: sa.Connection, states: Iterable[str] = LIVE_INBOX, limit: int | None = None
) -> list[dict[str, Any]]:
    """Facts in these states, the oldest first; without being asked, those not yet applied."""
    columns = ("id", "source", "lane", "state", "attempts", "at", "kept_at", "not_before", "reason")
    found: list[dict[str, Any]] = []
    for state in sorted(set(states)):
        query: sa.Select[Any] = (
            sa.select(*(inbox.c[name] for name in columns)).where(_is(inbox, state)).order_by(inbox.c.id).limit(limit)
        )
        found += map(_shown, conn.execute(query).all())
    return sorted(found, key=lambda row: row["id"])[:limit]


def outbox_rows(
    conn: sa.Connection, states: Iterable[str] = LIVE_OUTBOX, limit: int | None = None
) -> list[dict[str, Any]]:
    """Effects in these states, the oldest first; without being asked, those not yet done. Of held ones, who holds them."""
    columns = ("id", "lane", "kind", "target", "attempts", "not_before", "created_at", "conversation")
    wanted = set(states)
    found: list[dict[str, Any]] = []
    for state in sorted({"ready" if state == HELD else state for state in wanted}):
        joined = outbox.outerjoin(WITH_PARENTS, outbox.c.target == TARGET_ID)
        query: sa.Select[Any] = (
            sa.select(
                *(outbox.c[name] for name in columns),
                _STATE.label("state"),
                sa.case((_STATE == HELD, HELD_BY), else_=outbox.c.reason).label("reason"),
            )
            .select_from(joined)
            .where(_is(outbox, state))
            .order_by(outbox.c.id)
        )
        if state == "ready" and not wanted >= {"ready", HELD}:
            query = query.where(HELD_BY.is_not(None) if HELD in wanted else HELD_BY.is_(None))
        found += map(_shown, conn.execute(query.limit(limit)).all())
    return sorted(found, key=lambda row: row["id"])[:limit]


def states_of(conn: sa.Connection, table: sa.Table, ids: Sequence[int]) -> dict[int, str]:
    """The state of each of these rows of a queue that is there."""
    query = sa.select(table.c.id, table.c.state).where(table.c.id.in_(ids))
    return {row.id: row.state for row in conn.execute(query)}


def _is(table: sa.Table, state: str) -> sa.ColumnElement[bool]:
    """A condition that the partial indexes say, too."""
    if state not in (*LIVE_INBOX, *LIVE_OUTBOX, *_ENDED, "applied"):
        raise ValueError(f"no such state: {state}")
    return table.c.state == sa.literal_column(f"'{state}'", sa.Text())


def _shown(row: AnyRow) -> dict[str, Any]:
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in row._mapping.items()}


def audit_rows(
    conn: sa.Connection,
    *,
    workspace: WorkspaceId | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """What was changed, by whom; the latest first."""
    columns = ("id", "workspace", "at", "who", "action", "object", "before", "after")
    query: sa.Select[Any] = (
        sa.select(*(audit.c[name] for name in columns)).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
    )
    if workspace is not None:
        query = query.where(audit.c.workspace == workspace)
    if since is not None:
        query = query.where(audit.c.at >= since)
    return list(map(_shown, conn.execute(query).all()))


class Figures(Word, kw_only=True):
    """Both queues in numbers. *oldest*: since when the longest waiting row might have gone (steady clock).

    What is held is counted, but does not make the outbox look late; *holds*: held targets by the incident that holds them.
    """

    inbox: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    inbox_oldest: datetime | None = None
    outbox_oldest: datetime | None = None
    holds: dict[str, int] = field(default_factory=dict)
    answers_unsure: int = 0
    """Of the unsure: answers to customers, of which people are asked. For the others, its own posts, the bridge looks."""


_HELD_TARGETS = (
    sa.select(TARGET_ID.label("id"), HELD_BY.label("by")).select_from(WITH_PARENTS).where(HELD_BY.is_not(None))
)
_READY = (
    sa.select(outbox.c.target, sa.func.count().label("rows"), sa.func.min(outbox.c.not_before).label("oldest"))
    .where(_is(outbox, "ready"))
    .group_by(outbox.c.target)
)
_COUNTS = sa.select(
    *(
        sa.select(sa.func.count())
        .select_from(table)
        .where(_is(table, state))
        .scalar_subquery()
        .label(f"{name}_{state}")
        for name, table, states in (
            ("inbox", inbox, ("ready", "dead", "unknown")),
            ("outbox", outbox, ("working", "unsure", "dead")),
        )
        for state in states
    ),
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(_is(outbox, "unsure"), outbox.c.kind == "SendToCustomer")
    .scalar_subquery()
    .label("answers_unsure"),
    sa.select(sa.func.count())
    .select_from(inbox)
    .where(sa.text("inbox.state IN ('ready', 'free')"))
    .scalar_subquery()
    .label("inbox_open"),
    sa.select(sa.func.min(inbox.c.not_before))
    .where(sa.text("inbox.state IN ('ready', 'free')"))
    .scalar_subquery()
    .label("inbox_oldest"),
)


def queue_figures(conn: sa.Connection) -> Figures:
    """The figures for monitoring; each comes from an index of unfinished rows alone, however many have ended."""
    held = {row.id: row.by for row in conn.execute(_HELD_TARGETS)}
    ready = conn.execute(_READY).all()
    counts = conn.execute(_COUNTS).one()
    going = [row for row in ready if row.target not in held]
    holds: dict[str, int] = {}
    for key in held.values():
        holds[key] = holds.get(key, 0) + 1
    return Figures(
        inbox={
            "ready": counts.inbox_ready,
            "free": counts.inbox_open - counts.inbox_ready,
            "dead": counts.inbox_dead,
            "unknown": counts.inbox_unknown,
        },
        outbox={
            "ready": sum(row.rows for row in going),
            HELD: sum(row.rows for row in ready if row.target in held),
            "working": counts.outbox_working,
            "unsure": counts.outbox_unsure,
            "dead": counts.outbox_dead,
        },
        inbox_oldest=counts.inbox_oldest,
        outbox_oldest=min((row.oldest for row in going), default=None),
        holds=holds,
        answers_unsure=counts.answers_unsure,
    )


_ASKING = sa.select(sa.func.count()).select_from(message).where(sa.text("message.state = 'asking'"))


def asking(conn: sa.Connection) -> int:
    """How many answers are held until their authors say whether they are to go: no effect waits for that."""
    return conn.execute(_ASKING).scalar_one()
