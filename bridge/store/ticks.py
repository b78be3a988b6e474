"""What has become due by itself: each question reads one end of one index, and nothing when nothing is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bridge.lanes import place_of, workspace_of
from bridge.model.decision import Scene
from bridge.model.ids import AccountId, ConversationId, GroupRef, MessageId, PlaceRef, PostRef, WorkspaceId
from bridge.model.listed import Listing
from bridge.model.state import Account, Author, Incident, ReplyState, Value
from bridge.ports import OutboxRow, Ticks
from bridge.rules.desk.days import Times
from bridge.rules.desk.places import holding
from bridge.store import digests, incidents, rows, soon
from bridge.store.codec import decode
from bridge.store.departed import DepartedTicks
from bridge.store.heard import HeardTicks
from bridge.store.held import waiting
from bridge.store.minded import MindedTicks
from bridge.store.ops import OpsTicks
from bridge.store.reading import SCENE, scene
from bridge.store.renumbered import RenumberedTicks
from bridge.store.schema import Instant, attachment, incident, outbox, post, target
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads

_before = sa.bindparam("before", type_=Instant)
_limit = sa.bindparam("limit", type_=sa.Integer)

UNSIGNED = (
    sa.select(messages.c.id)
    .where(
        sa.text("message.state IN ('waiting', 'asking') AND message.sign IS NULL"),
        messages.c.queued_at < _before,
        messages.c.author != Author.BRIDGE.value,
    )
    .order_by(messages.c.queued_at)
    .limit(_limit)
)
QUESTIONS = (
    sa.select(messages.c.id)
    .where(sa.text("message.state = 'asking'"), messages.c.queued_at < _before)
    .order_by(messages.c.queued_at)
    .limit(_limit)
)
UNMADE = (
    sa.select(messages.c.id)
    .where(sa.text("message.state = 'refused' AND message.sign = 'waiting'"), messages.c.queued_at < _before)
    .order_by(messages.c.queued_at)
    .limit(_limit)
)
"""Pictures that could go smaller."""
UNSURE = (
    sa.select(outbox)
    .where(sa.text("outbox.state = 'unsure'"), outbox.c.blocks)
    .order_by(outbox.c.unsure_since)
    .limit(_limit)
)
_look, _shut = outbox.alias("look"), target.alias("shut")
_closed_to_us = sa.exists().where(
    _shut.c.id.in_([target.c.id, target.c.parent]), _shut.c.held_by.startswith("desk_scope:")
)
_looked_for = sa.exists().where(
    _look.c.lane.in_(
        ["find:" + sa.cast(outbox.c.id, sa.Text), "find:" + sa.cast(sa.func.coalesce(outbox.c.joined, 0), sa.Text)]
    ),
    _look.c.state.in_(["ready", "working"]),
    target.c.id == _look.c.target,
    ~_closed_to_us,
)
UNLOOKED = (
    sa.select(outbox)
    .where(
        sa.text("outbox.state = 'unsure'"),
        outbox.c.blocks,
        outbox.c.kind != "SendToCustomer",
        outbox.c.unsure_since <= _before,
        ~_looked_for,
    )
    .order_by(outbox.c.unsure_since)
    .limit(_limit)
)
WINDOWS = (
    sa.select(conversations.c.id)
    .where(conversations.c.told_until <= sa.bindparam("now", type_=Instant))
    .order_by(conversations.c.told_until)
    .limit(_limit)
)
MOVED = sa.select(incident.c.workspace, incident.c.key).where(
    sa.text("incident.closed_at IS NULL"),
    incident.c.kind == "desk_moving",
    sa.exists().where(post.c.workspace == incident.c.workspace, post.c.posted_at > incident.c.opened_at),
)
WARNINGS = ("tag_misuse", "policy_warning", "app_roles")
"""Kinds of incidents that no event ends for sure."""
WARNED = sa.select(incident.c.workspace, incident.c.key).where(
    sa.text("incident.closed_at IS NULL"), incident.c.kind.in_(WARNINGS), incident.c.opened_at <= _before
)


_now = sa.bindparam("now", type_=Instant)
_human = sa.and_(accounts.c.settings["human_agent"].as_boolean(), conversations.c.human_close > _now)
OPEN_THREADS = SCENE.where(
    threads.c.ref.is_not(None),
    sa.not_(threads.c.gone),
    accounts.c.wish != "removed",
    sa.or_(conversations.c.standard_close > _now, _human),
).order_by(conversations.c.last_at.desc())
OPEN_CONVERSATIONS = OPEN_THREADS.with_only_columns(conversations.c.id, maintain_column_froms=True).where(
    conversations.c.workspace == sa.bindparam("workspace")
)
OPEN_CONVERSATIONS_OF_PLACE = OPEN_CONVERSATIONS.where(
    threads.c.workspace == conversations.c.workspace, threads.c.place == sa.bindparam("place")
)
OF_THESE = OPEN_THREADS.where(conversations.c.id.in_(sa.bindparam("ids", expanding=True)))
STANDING = (
    sa.select(messages.c.conversation, messages.c.ref)
    .join(conversations, conversations.c.id == messages.c.conversation)
    .where(
        messages.c.conversation.in_(sa.bindparam("ids", expanding=True)),
        messages.c.at > sa.bindparam("since", type_=Instant),
        messages.c.thread == conversations.c.thread,
        messages.c.author == Author.AGENT.value,
        messages.c.ref.is_not(None),
        messages.c.state != ReplyState.WITHDRAWN.value,
        # Of an answer that was sent, a deletion leaves no more than that: it bears no sign any longer.
        sa.or_(messages.c.state != ReplyState.SENT.value, messages.c.sign.is_not(None)),
    )
    .order_by(messages.c.at, messages.c.id)
)


HEARD_OF = (
    sa.select(
        *rows.labelled(accounts, "account"),
        sa.select(sa.func.max(conversations.c.last_at, type_=Instant()))
        .where(conversations.c.account == accounts.c.id)
        .scalar_subquery()
        .label("heard"),
    )
    .where(accounts.c.wish != "removed")
    .order_by(accounts.c.id)
)


_under_way = outbox.alias("under_way")
STRANDED = (
    sa.select(attachment.c.message)
    .where(
        sa.text("attachment.state IN ('fetching', 'stored')"),
        ~sa.exists().where(
            _under_way.c.message == attachment.c.message,
            sa.text("under_way.state IN ('ready', 'working', 'unsure')"),
            sa.text("under_way.message IS NOT NULL"),
            _under_way.c.kind == sa.case((attachment.c.state == "fetching", "FetchMedia"), else_="ShowFile"),
        ),
    )
    .distinct()
    .limit(_limit)
)
RUN_OUT = (
    sa.select(attachment.c.message)
    .where(sa.text("attachment.expires_at IS NOT NULL"), attachment.c.expires_at <= sa.bindparam("now", type_=Instant))
    .order_by(attachment.c.expires_at)
    .limit(_limit)
)


def _unsure_row(row: sa.Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        effect=decode(row.kind, row.payload),
        lane=row.lane,
        target=row.target,
        attempts=row.attempts,
        position=row.position,
        rank=row.rank,
        unsure_since=row.unsure_since,
        since=row.not_before,
        joined=row.joined,
    )


class SqlTicks(DepartedTicks, HeardTicks, MindedTicks, OpsTicks, RenumberedTicks, Ticks):
    """`bridge.ports.Ticks` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def unsigned(self, before: datetime, limit: int) -> list[MessageId]:
        """Replies that wait, or ask, without a sign; those that wait longest first."""
        return self._messages(UNSIGNED, before, limit)

    def questions(self, before: datetime, limit: int) -> list[MessageId]:
        """Replies whose authors have not answered; those asked first come first."""
        return [*self._messages(QUESTIONS, before, limit), *self._messages(UNMADE, before, limit)]

    def unsure(self, limit: int) -> list[OutboxRow]:
        """Rows of which nobody knows how they ended and that hold their lane, the oldest first."""
        return [_unsure_row(row) for row in self._conn.execute(UNSURE, {"limit": limit})]

    def unlooked(self, before: datetime, limit: int) -> list[OutboxRow]:
        """Posts whose look was refused, or waits for a permission, the oldest first."""
        return [_unsure_row(row) for row in self._conn.execute(UNLOOKED, {"before": before, "limit": limit})]

    def windows(self, now: datetime, limit: int) -> list[ConversationId]:
        """Conversations whose card must change, in order of their closes."""
        found = self._conn.execute(WINDOWS, {"now": now, "limit": limit}).scalars()
        return list(map(ConversationId, found))

    def stranded(self, limit: int) -> list[MessageId]:
        """Messages with a file that is on its way and for which no row is left."""
        return list(map(MessageId, self._conn.execute(STRANDED, {"limit": limit}).scalars()))

    def run_out(self, now: datetime, limit: int) -> list[MessageId]:
        """Those that ran out first come first; each once."""
        found = self._conn.execute(RUN_OUT, {"now": now, "limit": limit}).scalars()
        return list(dict.fromkeys(map(MessageId, found)))

    def moved(self) -> list[tuple[WorkspaceId, str]]:
        """Workspaces in which a post of ours stands that is younger than the incident, with its key."""
        return [(WorkspaceId(row.workspace), row.key) for row in self._conn.execute(MOVED)]

    def warned(self, before: datetime) -> list[tuple[WorkspaceId, str]]:
        """Of all that is open there is never much."""
        found = self._conn.execute(WARNED, {"before": before})
        return [(WorkspaceId(row.workspace), row.key) for row in found]

    def open_conversations(self, workspace: WorkspaceId, place: PlaceRef | None, now: datetime) -> list[ConversationId]:
        """Those in which an agent's answer may still go."""
        given: dict[str, Any] = {"workspace": workspace, "now": now}
        if place is None:
            found = self._conn.execute(OPEN_CONVERSATIONS, given)
        else:
            found = self._conn.execute(OPEN_CONVERSATIONS_OF_PLACE, given | {"place": place})
        return list(map(ConversationId, found.scalars()))

    def open_threads(self, conversations: Sequence[ConversationId], now: datetime, *, since: datetime) -> list[Scene]:
        """Their rows are not locked."""
        ids = list(conversations)
        standing: dict[int, list[PostRef]] = {}
        for row in self._conn.execute(STANDING, {"ids": ids, "since": since}):
            standing.setdefault(row.conversation, []).append(PostRef(row.ref))
        found = self._conn.execute(OF_THESE, {"ids": ids, "now": now})
        return [scene(row, standing=tuple(standing.get(row.conversation_id, ()))) for row in found]

    def shut_places(self, causes: Collection[str]) -> list[tuple[WorkspaceId, PlaceRef]]:
        """Those of which an incident says why."""
        why = incident.c["values"]["cause"].as_string()
        told = sa.select(incident.c.workspace, incident.c.key).where(
            sa.text("incident.closed_at IS NULL"), incident.c.key.startswith("place:"), why.in_(list(causes))
        )
        closed = {(row.workspace, holding(row.key)) for row in self._conn.execute(told)}
        held = sa.select(target.c.id, target.c.workspace, target.c.held_by).where(
            target.c.held_by.in_(sorted({key for _, key in closed}))
        )
        found = [row.id for row in self._conn.execute(held) if (row.workspace, row.held_by) in closed]
        return list(dict.fromkeys((workspace_of(each), place_of(each)) for each in found))

    def behind_holds(self) -> list[tuple[Incident, int]]:
        """By the targets that each of them holds."""
        told = sa.select(incident).where(sa.text("incident.closed_at IS NULL"), incident.c.ref.is_not(None))
        found = [incidents.read(row) for row in self._conn.execute(told)]
        keys = {holding(each.key) for each in found}
        held = sa.select(target.c.workspace, target.c.held_by).where(target.c.held_by.in_(sorted(keys)))
        holds = {(row.workspace, row.held_by) for row in self._conn.execute(held.distinct())} if keys else set()
        return [(each, waiting(self._conn, each)) for each in found if (each.workspace, holding(each.key)) in holds]

    def dead_desks(self) -> list[WorkspaceId]:
        """Held whole: by the incident of the workspace itself."""
        held = sa.select(target.c.workspace).where(target.c.held_by == "desk:" + target.c.workspace)
        return [WorkspaceId(workspace) for workspace in self._conn.execute(held.distinct()).scalars()]

    def heard_of(self, account: AccountId | None) -> list[tuple[Account, datetime | None]]:
        """By what customers said last; where none ever did, by when the account was connected."""
        which = HEARD_OF if account is None else HEARD_OF.where(accounts.c.id == account)
        return [(rows.account(row), row.heard or row.account_connected_at) for row in self._conn.execute(which)]

    def named_groups(self) -> list[tuple[WorkspaceId, GroupRef]]:
        """Of accounts that are not removed; each once."""
        found = self._conn.execute(sa.select(*rows.labelled(accounts, "account")).where(accounts.c.wish != "removed"))
        named = [rows.account(row) for row in found]
        return sorted(
            {
                (each.workspace, group)
                for each in named
                for group in (*each.settings.agent_groups, *each.settings.lead_groups)
            }
        )

    def digesting(self) -> list[Account]:
        """In the order of their ids."""
        return digests.digesting(self._conn)

    def take_digest(self, account: AccountId, day: date) -> date | None:
        """In one statement, so that of two processes one is told so."""
        return digests.take(self._conn, account, day)

    def standing(
        self, workspace: WorkspaceId, accounts: Collection[AccountId], times: Times, now: datetime
    ) -> dict[str, Value]:
        """By the conversations that wait, and the windows that lapsed."""
        return soon.standing(self._conn, workspace, accounts, times, now)

    def planning(self) -> list[Account]:
        """In the order of their ids."""
        return [rows.account(row) for row in self._conn.execute(soon.PLANNING)]

    def take_break(self, account: AccountId, begins: datetime) -> bool:
        """In one statement, so that of two processes one is told so."""
        return soon.take_break(self._conn, account, begins)

    def boards(self) -> list[Account]:
        """In the order of their ids."""
        return [rows.account(row) for row in self._conn.execute(soon.BOARDS)]

    def listings(self, kind: str) -> list[Incident]:
        """By the index of what is open."""
        told = sa.select(incident).where(sa.text("incident.closed_at IS NULL"), incident.c.kind == kind)
        return [incidents.read(row) for row in self._conn.execute(told.order_by(incident.c.id))]

    def closing(
        self,
        accounts: Collection[AccountId],
        now: datetime,
        until: datetime,
        *,
        named: Collection[ConversationId] | None = None,
        begins: datetime | None = None,
    ) -> Listing:
        """Their rows are not locked."""
        return soon.closing(self._conn, accounts, now, until, named, begins)

    def figures(self, account: Account, start: datetime, end: datetime, now: datetime) -> dict[str, Value]:
        """By the views that the report reads."""
        return digests.values_of(self._conn, account, start, end, now)

    def _messages(self, query: sa.Select[Any], before: datetime, limit: int) -> list[MessageId]:
        found = self._conn.execute(query, {"before": before, "limit": limit}).scalars()
        return list(map(MessageId, found))
