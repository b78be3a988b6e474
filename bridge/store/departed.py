"""Who is no longer on the desk and still has something here; and who is to be asked for again, because nobody told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bridge.model.axes import PersonKind, Wish, Work
from bridge.model.departed import GivenBack, Looks
from bridge.model.facts import Act
from bridge.model.ids import AccountId, ConversationId, GroupRef, MessageId, PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.state import Account
from bridge.store import rows
from bridge.store.copies import exported
from bridge.store.schema import EPOCH, Instant, audit, person
from bridge.store.schema import account as accounts
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
LOOKED_AFTER = (
    sa.select(conversations.c.workspace, conversations.c.account, conversations.c.forwarded_to, conversations.c.owner)
    .join(accounts, accounts.c.id == conversations.c.account)
    .where(_has_owner, conversations.c.work != Work.CLOSED.value, accounts.c.wish != Wish.REMOVED.value)
    .distinct()
)
_now = sa.bindparam("now", type_=Instant)
_LEFT = (
    sa.select(
        conversations.c.id,
        conversations.c.work,
        conversations.c.waiting_since,
        sa.func.coalesce(conversations.c.forwarded_to, conversations.c.account).label("account"),
        threads.c.ref,
        threads.c.place,
        threads.c.gone,
        sa.or_(conversations.c.work == Work.WAITING.value, conversations.c.human_close > _now).label("alive"),
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

    def connected(self) -> list[Account]:
        """In the order of their ids."""
        asked = sa.select(*rows.labelled(accounts, "account")).where(accounts.c.wish != Wish.REMOVED.value)
        return [rows.account(row) for row in self._conn.execute(asked.order_by(accounts.c.id))]

    def owners(self) -> list[Looks]:
        """In no order."""
        return [
            Looks(
                workspace=WorkspaceId(row.workspace),
                account=AccountId(row.account),
                forwarded=None if row.forwarded_to is None else AccountId(row.forwarded_to),
                person=PersonRef(row.owner),
            )
            for row in self._conn.execute(LOOKED_AFTER)
        ]

    def give_back_of(self, looks: Looks, now: datetime) -> list[GivenBack]:
        """Cards say so by and by; the audit at once."""
        forwarded = conversations.c.forwarded_to.is_not_distinct_from(looks.forwarded)
        meant = sa.and_(conversations.c.account == looks.account, forwarded)
        return self._given_back(conversations.c.owner, looks.workspace, looks.person, now, meant)

    def give_back_group(self, workspace: WorkspaceId, group: GroupRef, now: datetime) -> list[GivenBack]:
        """Likewise."""
        return self._given_back(conversations.c.owner_group, workspace, group, now)

    def _given_back(
        self,
        owner: sa.Column[str],
        workspace: WorkspaceId,
        whose: str,
        now: datetime,
        meant: sa.ColumnElement[bool] | None = None,
    ) -> list[GivenBack]:
        has_owner = sa.text(f"conversation.{owner.name} IS NOT NULL")
        theirs = sa.and_(conversations.c.workspace == workspace, owner == whose, has_owner)
        theirs = theirs if meant is None else sa.and_(theirs, meant)
        found = self._conn.execute(_LEFT.where(theirs), {"now": now}).all()
        self._conn.execute(sa.update(conversations).where(theirs).values({owner.name: None, "told_until": _TOLD_UNTIL}))
        open_ones = [row for row in found if row.work != Work.CLOSED.value]
        if open_ones:
            line = {"workspace": workspace, "at": now, "who": BRIDGE, "action": f"conversation.{Act.RELEASE.value}"}
            line |= {"before": {"owner": whose}, "after": {"owner": None}}
            self._conn.execute(sa.insert(audit), [line | {"object": exported(row.id)} for row in open_ones])
        return [
            GivenBack(
                conversation=ConversationId(row.id),
                account=AccountId(row.account),
                since=row.waiting_since if row.work == Work.WAITING.value else None,
                thread=PostRef(row.ref) if row.ref is not None and not row.gone else None,
                place=PlaceRef(row.place) if row.place is not None and not row.gone and row.alive else None,
            )
            for row in open_ones
        ]
