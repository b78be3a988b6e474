"""Windows about to close: which are due, what alerts hold of them, and which lapsed.

Rule 1: what becomes of a conversation that an alert holds is written in the transaction that decided it, and the alert is
        drawn anew soon after; conversations of which no alert ever told cost nothing.
Rule 2: a lapse is one row for each close, however often it is found.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge import due, lanes
from bridge.model.change import replace
from bridge.model.closing import Line, LineState, Stage
from bridge.model.decision import Closings, Decision, Scene, Waiter
from bridge.model.effects import AnyEffect, EditAlert, PostStage, Queued, RedrawCard
from bridge.model.ids import AccountId, ConversationId, IncidentId, MessageId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Incident
from bridge.rules.desk import announced, closing
from bridge.store import incidents
from bridge.store.columns import EPOCH, Instant
from bridge.store.reading import read_messages, scene_of
from bridge.store.rows import insert_into, upsert
from bridge.store.schema import closing as lines
from bridge.store.schema import conversation as conversations
from bridge.store.schema import incident, lapse
from bridge.store.sql import among
from bridge.store.words import Columns, member

NAMED = 10
"""So many are shown in an alert, those that close first."""

_now, _limit = sa.bindparam("now", type_=Instant), sa.bindparam("limit", type_=sa.Integer)
_by_time = sa.select(conversations.c.id).order_by(conversations.c.alert_at).limit(_limit)
DUE = _by_time.where(conversations.c.alert_at <= _now, conversations.c.alert_at > EPOCH)
UNTRUE = _by_time.where(conversations.c.alert_at == EPOCH)
"""Those of which only something outside them has changed: they are looked at when nothing is due."""
_UNSETTLED = sa.text("closing.state IN ('open', 'snoozed')")
_WAITING = sa.text("closing.state IN ('open', 'snoozed', 'passed', 'extended')")
PASSED = (
    sa.select(lines)
    .where(sa.text("closing.state = 'open'"), lines.c.close_at <= _now)
    .order_by(lines.c.close_at)
    .limit(_limit)
)
HUSHED = (
    sa.select(lines)
    .where(sa.text("closing.state = 'open'"), lines.c.quiet, lines.c.close_at > _now)
    .order_by(lines.c.close_at)
    .limit(_limit)
)
OF_CONVERSATION = sa.select(lines, incident.c.place, incident.c.ref).join(incident, incident.c.id == lines.c.incident)
OF_CONVERSATION = OF_CONVERSATION.where(lines.c.conversation == sa.bindparam("conversation"))
_waits_still = sa.exists().where(
    lines.c.incident == incident.c.id,
    _UNSETTLED,
    sa.or_(sa.text("closing.state = 'open'"), lines.c.close_at > _now),
)
OVER = (
    sa.select(incident)
    .where(sa.text("incident.closed_at IS NULL"), incident.c.kind == announced.KIND, ~_waits_still)
    .limit(_limit)
)
YOUNGEST = (
    sa.select(incident)
    .where(
        sa.text("incident.closed_at IS NULL"),
        incident.c.workspace == sa.bindparam("workspace"),
        incident.c.kind == announced.KIND,
        incident.c.place == sa.bindparam("place"),
        incident.c.opened_at > sa.bindparam("since", type_=Instant),
        incident.c.opened_at <= _now,
    )
    .order_by(incident.c.opened_at.desc(), incident.c.id.desc())
    .limit(1)
    .with_for_update()
)
HELD = (
    sa.select(lines)
    .where(lines.c.incident == sa.bindparam("incident"))
    .order_by(lines.c.close_at, lines.c.conversation)
)
THESE = sa.select(incident).where(among(incident.c.id, "ids"))
OWNERS = (
    sa.select(conversations.c.owner)
    .where(among(conversations.c.id, "ids"), conversations.c.owner.is_not(None))
    .distinct()
    .order_by(conversations.c.owner)
)
REPLIES = sa.select(sa.func.max(lines.c.reply)).where(lines.c.incident == sa.bindparam("incident"))


COLUMNS = Columns(Line, stage=member(Stage), state=member(LineState))
read = COLUMNS.read
"""From a row of ``closing``."""


def shown(conn: sa.Connection, effect: AnyEffect, incident: Incident) -> Closings | None:
    """What an alert about closing windows, or a reply under it, shows; None: the incident is of another kind."""
    if incident.kind != announced.KIND:
        return None
    number = announced.joined(effect.stage) if isinstance(effect, PostStage) else None
    found = [read(row) for row in conn.execute(HELD, {"incident": incident.id})]
    mine = [line for line in found if number in (None, line.reply)]
    left = [line for line in mine if line.state in closing.UNSETTLED]
    on = [line for line in mine if line.state in closing.WAITING_ON]
    first = [*left, *on, *(line for line in mine if line.state not in (*closing.UNSETTLED, *closing.WAITING_ON))][
        :NAMED
    ]
    scenes = [(line, scene_of(conn, line.conversation)) for line in first]
    said = read_messages(
        conn, [scene.conversation.preview for _, scene in scenes if scene and scene.conversation.preview]
    )
    return Closings(
        shown=tuple(
            Waiter(line=line, scene=replace(scene, message=said.get(scene.conversation.preview or MessageId(0))))
            for line, scene in scenes
            if scene is not None
        ),
        open=len(left),
        settled=len(mine) - len(left),
        lapsed=sum(line.state is LineState.LAPSED for line in mine),
        passed=sum(line.state is LineState.PASSED for line in on),
        extended=sum(line.state is LineState.EXTENDED for line in on),
        owners=_owners(conn, [line.conversation for line in left[NAMED:] if not line.quiet]),
        last=max((line.close_at for line in left), default=None),
    )


def _owners(conn: sa.Connection, ids: Sequence[ConversationId]) -> tuple[PersonRef, ...]:
    """Who looks after these conversations, each once."""
    return tuple(map(PersonRef, conn.execute(OWNERS, {"ids": list(ids)}).scalars())) if ids else ()


def look_again(conn: sa.Connection, account: AccountId) -> None:
    """What is due of an account's conversations depends on its settings: the next ticks ask anew, some at a time."""
    own = sa.and_(conversations.c.account == account, sa.text("conversation.work = 'waiting'"))
    conn.execute(sa.update(conversations).where(own).values(alert_at=EPOCH))


# ── what a decision changes ───────────────────────────────────────────────────────────────────────────────


def settle(conn: sa.Connection, scene: Scene, decision: Decision, steady: datetime) -> tuple[Queued, ...]:
    """Write what becomes of a conversation in the alerts that hold it; return what draws those anew."""
    before, after = scene.conversation, decision.conversation or scene.conversation
    if after is not before:
        unseen = closing.lapsed_unseen(scene.account, before, after)
        if unseen is not None:
            lapsed(conn, scene, unseen)
    if before.alerted is None or (after is before and not _shows(decision)):
        return ()
    who = decision.customer or scene.customer
    redrawn: list[Queued] = []
    for row in conn.execute(OF_CONVERSATION.where(_WAITING), {"conversation": before.id}).all():
        line = read(row)
        became = closing.became(line, scene, after, blocked=who.blocked is not None)
        if became != line:
            write(conn, scene.workspace.id, [became])
        if became != line or _shows(decision):
            redrawn.append(_redraw(scene.workspace.id, row, steady))
    return tuple(redrawn)


def _shows(decision: Decision) -> bool:
    """Whether a decision changes what is shown of a conversation: then its card is drawn anew as well."""
    return decision.customer is not None or any(isinstance(each.effect, RedrawCard) for each in decision.effects)


def erased(
    conn: sa.Connection, workspace: WorkspaceId, conversation: ConversationId, steady: datetime
) -> tuple[Queued, ...]:
    """Nothing of somebody may stand in any alert: they are settled, and all that ever held them are drawn anew."""
    found = conn.execute(OF_CONVERSATION, {"conversation": conversation}).all()
    open_still = [read(row) for row in found if LineState(row.state) in (*closing.UNSETTLED, *closing.WAITING_ON)]
    write(conn, workspace, [replace(line, state=LineState.SETTLED) for line in open_still])
    return tuple(_redraw(workspace, row, steady) for row in found if row.ref is not None)


def write(conn: sa.Connection, workspace: WorkspaceId, changed: Sequence[Line]) -> None:
    """Lines as they are now, new ones among them."""
    upsert(conn, lines, [COLUMNS.of(line) | {"workspace": workspace} for line in changed], fixed=("workspace",))


def lapsed(conn: sa.Connection, scene: Scene, at: datetime) -> None:
    """The last window of somebody who waited closed at *at*."""
    talk = scene.conversation
    row = {
        "conversation": talk.id,
        "close_at": at,
        "workspace": scene.workspace.id,
        "account": scene.account.id,
        "person": talk.owner,
    }
    conn.execute(insert_into(conn, lapse).on_conflict_do_nothing(), [row])


def _redraw(workspace: WorkspaceId, row: Any, steady: datetime) -> Queued:
    edit = EditAlert(workspace=workspace, incident=IncidentId(row.incident), place=PlaceRef(row.place))
    queued = lanes.queue(edit, position=lanes.micros(steady), not_before=steady + announced.REDRAWN_AFTER)
    return replace(queued, once=True)


# ── what has become due ───────────────────────────────────────────────────────────────────────────────────


class SqlClosings(due.Closings):
    """`bridge.due.Closings` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def due(self, now: datetime, limit: int) -> list[ConversationId]:
        """What has become due by itself first, in order of time."""
        given = {"now": now, "limit": limit}
        found = [*self._conn.execute(DUE, given).scalars()]
        if len(found) < limit:
            found += self._conn.execute(UNTRUE, given | {"limit": limit - len(found)}).scalars()
        return list(map(ConversationId, found))

    def passed(self, now: datetime, limit: int) -> list[Line]:
        """In order of their closes."""
        return [read(row) for row in self._conn.execute(PASSED, {"now": now, "limit": limit})]

    def hushed(self, now: datetime, limit: int) -> list[Line]:
        """By their closes."""
        return [read(row) for row in self._conn.execute(HUSHED, {"now": now, "limit": limit})]

    def over(self, now: datetime, limit: int) -> list[Incident]:
        """Those whose lines are all settled; what is put off beyond its close is of no concern."""
        return [incidents.read(row) for row in self._conn.execute(OVER, {"now": now, "limit": limit})]

    def youngest(self, workspace: WorkspaceId, place: PlaceRef, since: datetime, now: datetime) -> Incident | None:
        """The one that was opened last."""
        given = {"workspace": workspace, "place": place, "since": since, "now": now}
        found = self._conn.execute(YOUNGEST, given).first()
        return None if found is None else incidents.read(found)

    def alerts(self, ids: Collection[IncidentId]) -> list[Incident]:
        """As they are now."""
        found = self._conn.execute(THESE, {"ids": list(ids)}) if ids else ()
        return [incidents.read(row) for row in found]

    def replies(self, incident: IncidentId) -> int:
        """By what stands under them."""
        return self._conn.execute(REPLIES, {"incident": incident}).scalar_one() or 0

    def write(self, workspace: WorkspaceId, changed: Sequence[Line]) -> None:
        """New ones, and what became of others."""
        write(self._conn, workspace, changed)

    def lapsed(self, scene: Scene, at: datetime) -> None:
        """Once for each close."""
        lapsed(self._conn, scene, at)
