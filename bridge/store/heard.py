"""Whether what we post comes back as events: by that it is known that agents' answers would reach us, too."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.model.ids import ConversationId, PlaceRef, WorkspaceId
from bridge.ports import LostPost
from bridge.rules.desk.places import LOST_IN
from bridge.store.alerts import LANE as ALERTS
from bridge.store.posts import MARK
from bridge.store.schema import Instant, inbox, incident, post

LATELY = timedelta(hours=1)
"""What was posted earlier tells nothing of now. So old, what was lost in one place is over by what comes from any: perhaps nobody
posts in the first any more."""

_before = sa.bindparam("before", type_=Instant)
_limit = sa.bindparam("limit", type_=sa.Integer)

_HEARD = sa.exists().where(inbox.c.about == MARK + sa.cast(post.c.row, sa.Text))
LOST_POSTS = (
    sa.select(post.c.workspace, post.c.row, post.c.conversation, post.c.ref)
    .where(
        post.c.posted_at > sa.bindparam("after", type_=Instant),
        post.c.posted_at <= _before,
        post.c.kind != "file",  # Slack posts it, without our mark
        ~_HEARD,
        ~sa.exists().where(
            incident.c.workspace == post.c.workspace,
            incident.c.kind == "events_missing",
            sa.or_(sa.text("incident.closed_at IS NULL"), incident.c.closed_at >= post.c.posted_at),
        ),
    )
    .order_by(post.c.posted_at)
    .limit(_limit)
)
# Where nothing of one place comes and all of another's does, each heard post would end what the next lost one begins.
_lost_in = incident.c["values"][LOST_IN].as_string()
_there = sa.or_(
    _lost_in.is_(None),
    sa.func.substr(post.c.ref, 1, sa.func.length(_lost_in) + 1) == _lost_in + ":",
    incident.c.opened_at <= _before,
)
# What is over is so once the alert is decided; until then everything would be read again at each look.
_told = sa.exists().where(
    inbox.c.lane == sa.literal(ALERTS) + incident.c.workspace, inbox.c.state.in_(["ready", "free"])
)
HEARD_AGAIN = sa.select(incident.c.workspace, incident.c.key).where(
    sa.text("incident.closed_at IS NULL"),
    incident.c.kind == "events_missing",
    ~_told,
    sa.exists().where(
        post.c.workspace == incident.c.workspace,
        post.c.posted_at > incident.c.opened_at,
        post.c.posted_at > sa.bindparam("after", type_=Instant),
        _there,
        _HEARD,
    ),
)


class HeardTicks:
    """The part of `bridge.due.Ticks` that is about events that do not come; on a connection whose transaction is open."""

    _conn: sa.Connection

    def lost_posts(self, after: datetime, before: datetime, limit: int) -> list[LostPost]:
        """Posts whose own event the inbox does not hold, the oldest first; what an incident has told of is left out."""
        found = self._conn.execute(LOST_POSTS, {"after": after, "before": before, "limit": limit})
        return [
            LostPost(
                workspace=WorkspaceId(row.workspace),
                row=row.row,
                conversation=None if row.conversation is None else ConversationId(row.conversation),
                place=PlaceRef(row.ref.partition(":")[0]),
            )
            for row in found
        ]

    def heard_again(self, now: datetime) -> list[tuple[WorkspaceId, str]]:
        """Where a later post of ours in the same place was heard of, lately; after an hour in any place."""
        found = self._conn.execute(HEARD_AGAIN, {"after": now - LATELY, "before": now - LATELY})
        return [(WorkspaceId(row.workspace), row.key) for row in found]
