"""Who is no longer on the desk and still has something here; and who is to be asked for again, because nobody told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.model.axes import PersonKind, Work
from bridge.model.departed import GivenBack
from bridge.model.facts import Act
from bridge.model.ids import AccountId, GroupRef, MessageId, PersonRef, PostRef, WorkspaceId
from bridge.store.copies import exported
from bridge.store.schema import EPOCH, Instant, audit, person
from bridge.store.schema import conversation as conversations
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads

BRIDGE = "bridge"
"""Who did it, in the audit, where nobody did."""

_gone = person.c.kind == PersonKind.GONE.value
_limit = sa.bindparam("limit", type_=sa.Integer)
_owned = sa.and_(conversations.c.workspace == person.c.workspace, conversations.c.owner == person.c.ref)
# The index's own condition stands beside the narrower one: neither database sees that one follows from the other.
_has_owner = sa.text("conversation.owner IS NOT NULL")
DEPARTED = (
    sa.select(person.c.workspace, person.c.ref)
    .where(_gone, sa.exists().where(_owned, _has_owner))
    .order_by(person.c.workspace, person.c.ref)
    .limit(_limit)
)
ASKED = (
    sa.select(messages.c.id)
    .join(
        person,
        sa.and_(person.c.workspace == messages.c.workspace, person.c.ref == messages.c.person),
    )
    .where(sa.text("message.state = 'asking'"), _gone)
    .order_by(messages.c.queued_at)
    .limit(_limit)
)
OWNERS = (
    sa.select(conversations.c.workspace, conversations.c.owner)
    .outerjoin(person, _owned)
    .where(
        _has_owner,
        conversations.c.work != Work.CLOSED.value,
        sa.or_(person.c.ref.is_(None), person.c.learnt_at < sa.bindparam("before", type_=Instant)),
    )
    .distinct()
    .limit(_limit)
)
_LEFT = (
    sa.select(
        conversations.c.id,
        conversations.c.work,
        conversations.c.waiting_since,
        sa.func.coalesce(conversations.c.forwarded_to, conversations.c.account).label("account"),
        threads.c.ref,
        threads.c.gone,
    )
    .outerjoin(threads, threads.c.id == conversations.c.thread)
    .order_by(conversations.c.id)
    .with_for_update(of=conversations)
)
_looked_at = sa.or_(conversations.c.told_until.is_not(None), conversations.c.work != Work.CLOSED.value)
_TOLD_UNTIL = sa.case(
    (sa.and_(conversations.c.thread.is_not(None), _looked_at), sa.literal(EPOCH, Instant)),
    else_=conversations.c.told_until,
)
GROUPS = (
    sa.select(conversations.c.workspace, conversations.c.owner_group)
    .where(sa.text("conversation.owner_group IS NOT NULL"), conversations.c.work != Work.CLOSED.value)
    .distinct()
)


class DepartedTicks:
    """The part of `bridge.due.Ticks` that is about people who have left; on a connection whose transaction is open."""

    _conn: sa.Connection

    def departed(self, limit: int) -> list[tuple[WorkspaceId, PersonRef]]:
        """In the order of their ids."""
        found = self._conn.execute(DEPARTED, {"limit": limit})
        return [(WorkspaceId(row.workspace), PersonRef(row.ref)) for row in found]

    def asked_in_vain(self, limit: int) -> list[MessageId]:
        """The oldest first."""
        return list(map(MessageId, self._conn.execute(ASKED, {"limit": limit}).scalars()))

    def unseen_owners(self, before: datetime, limit: int) -> list[tuple[WorkspaceId, PersonRef]]:
        """In no order."""
        found = self._conn.execute(OWNERS, {"before": before, "limit": limit})
        return [(WorkspaceId(row.workspace), PersonRef(row.owner)) for row in found]

    def owning_groups(self) -> list[tuple[WorkspaceId, GroupRef]]:
        """In no order."""
        found = self._conn.execute(GROUPS)
        return [(WorkspaceId(row.workspace), GroupRef(row.owner_group)) for row in found]

    def give_back(self, workspace: WorkspaceId, person: PersonRef, now: datetime) -> list[GivenBack]:
        """Cards say so by and by; the audit at once."""
        return self._given_back(conversations.c.owner, workspace, person, now)

    def give_back_group(self, workspace: WorkspaceId, group: GroupRef, now: datetime) -> list[GivenBack]:
        """Likewise."""
        return self._given_back(conversations.c.owner_group, workspace, group, now)

    def _given_back(self, owner: sa.Column[str], workspace: WorkspaceId, whose: str, now: datetime) -> list[GivenBack]:
        has_owner = sa.text(f"conversation.{owner.name} IS NOT NULL")
        theirs = sa.and_(conversations.c.workspace == workspace, owner == whose, has_owner)
        found = self._conn.execute(_LEFT.where(theirs)).all()
        self._conn.execute(sa.update(conversations).where(theirs).values({owner.name: None, "told_until": _TOLD_UNTIL}))
        open_ones = [row for row in found if row.work != Work.CLOSED.value]
        if open_ones:
            line = {"workspace": workspace, "at": now, "who": BRIDGE, "action": f"conversation.{Act.RELEASE.value}"}
            line |= {"before": {"owner": whose}, "after": {"owner": None}}
            self._conn.execute(sa.insert(audit), [line | {"object": exported(row.id)} for row in open_ones])
        return [
            GivenBack(
                account=AccountId(row.account),
                since=row.waiting_since if row.work == Work.WAITING.value else None,
                thread=PostRef(row.ref) if row.ref is not None and not row.gone else None,
            )
            for row in open_ones
        ]
