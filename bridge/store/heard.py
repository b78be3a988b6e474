"""Whether what we post comes back as events: by that it is known that agents' answers would reach us, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import ConversationId, WorkspaceId, place_of_post
from bridge.model.word import Word
from bridge.ports import LostPost
from bridge.rules.desk.places import LOST_IN
from bridge.store.alerts import LANE as ALERTS
from bridge.store.posts import MARK
from bridge.store.schema import EPOCH, Instant, inbox, incident, post

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
# What is over is so once the alert is decided; until then everything would be read again at each look.
_told = sa.exists().where(
    inbox.c.lane == sa.literal(ALERTS) + incident.c.workspace, inbox.c.state.in_(["ready", "free"])
)
_earlier = incident.alias("earlier")
MISSING = sa.select(
    incident.c.workspace,
    incident.c.key,
    incident.c.opened_at,
    incident.c["values"][LOST_IN].as_string().label("lost_in"),
    sa.select(sa.func.max(_earlier.c.closed_at))
    .where(_earlier.c.workspace == incident.c.workspace, _earlier.c.kind == incident.c.kind)
    .scalar_subquery()
    .label("closed_before"),
).where(sa.text("incident.closed_at IS NULL"), incident.c.kind == "events_missing", ~_told)
_place = sa.func.rtrim(post.c.ref, "0123456789.")
"""The place of a post, with the colon behind it."""
PLACES = (
    sa.select(
        _place.label("place"),
        sa.func.min(
            sa.case((sa.and_(_HEARD, post.c.posted_at > sa.bindparam("opened", type_=Instant)), post.c.posted_at))
        ).label("first"),
        sa.func.max(sa.case((_HEARD, post.c.posted_at))).label("heard"),
        sa.func.max(
            sa.case(
                (
                    sa.and_(
                        post.c.posted_at <= _before, post.c.posted_at > sa.bindparam("closed", type_=Instant), ~_HEARD
                    ),
                    post.c.posted_at,
                )
            )
        ).label("lost"),
    )
    .where(
        post.c.workspace == sa.bindparam("workspace"),
        post.c.posted_at > sa.bindparam("after", type_=Instant),
        post.c.kind != "file",
    )
    .group_by(_place)
)


class Heard(Word, kw_only=True):
    """What of our posts in one place came back: the *first* since an incident began, the last; and the last that did not."""

    place: str
    first: datetime | None
    last: datetime | None
    lost: datetime | None

    @property
    def back(self) -> bool:
        """Whether what is posted there comes back again."""
        return self.first is not None and self.last is not None and (self.lost is None or self.last > self.lost)


def over(found: Sequence[Heard], lost_in: str | None) -> bool:
    """Whether posts come back where they did not, and nowhere else one was lost since then.

    Of a place in which none was lost that tells nothing: where nothing of one place comes and all of another's does, each
    heard post would end what the next lost one begins. Where nobody posts any more none need come back.
    lost_in: the place that the incident began with; None: any.
    """
    first = [each.first for each in found if each.back and each.first and (lost_in in (None, each.place) or each.lost)]
    return bool(first) and not any(each.lost and each.lost > min(first) for each in found if not each.back)


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
                place=place_of_post(row.ref),
            )
            for row in found
        ]

    def heard_again(self, now: datetime, settled: datetime) -> list[tuple[WorkspaceId, str]]:
        """Where our posts come back in a place that had lost some; after an hour in any place.

        settled: what was posted until then and was not heard of is lost.
        """
        return [
            (WorkspaceId(row.workspace), row.key)
            for row in self._conn.execute(MISSING).all()
            if self._over(row, now, settled)
        ]

    def _over(self, row: Any, now: datetime, settled: datetime) -> bool:
        given = {
            "workspace": row.workspace,
            "opened": row.opened_at,
            "closed": row.closed_before or EPOCH,
            "after": now - LATELY,
            "before": settled,
        }
        found = [
            Heard(place=each.place.removesuffix(":"), first=each.first, last=each.heard, lost=each.lost)
            for each in self._conn.execute(PLACES, given)
        ]
        return over(found, row.lost_in) or (row.opened_at <= now - LATELY and any(each.first for each in found))
