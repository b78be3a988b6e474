"""Which desks take nothing: what waits to be posted there, and when something last was."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.lanes import workspace_of
from bridge.model.ids import WorkspaceId
from bridge.store.schema import Instant, account, outbox, target

_posts = target.c.id.like("desk:%:place:%")
_steady, _since = sa.bindparam("steady", type_=Instant()), sa.bindparam("since", type_=Instant())
_tried = sa.or_(outbox.c.not_before <= _steady, outbox.c.attempts > 0)
# The indexes' own conditions stand literally, or no database would use them.
WAITING = sa.select(target.c.id).where(
    _posts,
    target.c.held_by.is_(None),
    sa.or_(
        sa.exists().where(sa.text("outbox.state = 'ready'"), outbox.c.target == target.c.id, _tried),
        sa.exists().where(sa.text("outbox.state = 'unsure'"), outbox.c.target == target.c.id, outbox.c.blocks),
    ),
)
POSTED = (
    sa.select(outbox.c.target)
    .where(outbox.c.finished_at >= _since, outbox.c.target.like("desk:%:place:%"), outbox.c.remote_id.is_not(None))
    .distinct()
)
DESKS = sa.select(account.c.workspace).where(account.c.wish != "removed").distinct()


def desks(conn: sa.Connection) -> set[WorkspaceId]:
    """Desks that an account is routed to."""
    return {WorkspaceId(each) for each in conn.execute(DESKS).scalars()}


def waiting(conn: sa.Connection, steady: datetime) -> set[WorkspaceId]:
    """Desks on which something waits to be posted that nothing but the desk itself holds up."""
    return {workspace_of(each) for each in conn.execute(WAITING, {"steady": steady}).scalars()}


def posted(conn: sa.Connection, since: datetime) -> set[WorkspaceId]:
    """Desks on which something was posted since then (steady)."""
    return {workspace_of(each) for each in conn.execute(POSTED, {"since": since}).scalars()}
