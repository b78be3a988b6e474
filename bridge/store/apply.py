"""What a decision says becomes rows, in the transaction that decided it.

Rule 1: rows that are withdrawn end before new ones are added, so that a second try is not withdrawn with the first.
Rule 2: conditions of partial indexes stand in statements literally, or no database would use the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from bridge import lanes
from bridge.model.decision import Decision, Scene, SettledSend
from bridge.model.effects import Queued
from bridge.model.ids import GroupRef, PersonRef, ThreadId, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import PartState, Person, Thread
from bridge.rules.accounts.health import OF_THE_LOGIN
from bridge.rules.desk.tickets import followed
from bridge.store import (
    alerts,
    cards,
    closing,
    copies,
    home,
    incidents,
    leaving,
    posts,
    rows,
    saved,
    schema,
    tickets,
    upkeep,
)
from bridge.store.changes import Changes
from bridge.store.schema import outbox, part

FINISHED = {"finished_at": sa.bindparam("steady", type_=schema.Instant), "lease": None}

# The index's own condition stands beside the narrower one: SQLite does not see that one follows from the other.
_of_messages = sa.and_(
    outbox.c.message.in_(sa.bindparam("messages", expanding=True)),
    sa.text("outbox.state IN ('ready', 'working', 'unsure')"),
)
WITHDRAW = (
    sa.update(outbox)
    .where(_of_messages, sa.text("outbox.state = 'ready'"))
    .values(state="dropped", reason="withdrawn", **FINISHED)
)
SETTLE = (
    sa.update(outbox)
    .where(
        outbox.c.message == sa.bindparam("reply"),
        outbox.c.payload["part"].as_integer() == sa.bindparam("seq"),
        sa.text("outbox.state IN ('ready', 'working', 'unsure')"),
    )
    .values(state="done", reason="settled", remote_id=sa.bindparam("remote"), **FINISHED)
)
DROP_UNSURE = (
    sa.update(outbox)
    .where(_of_messages, sa.text("outbox.state = 'unsure'"))
    .values(state="dropped", reason="sent again", **FINISHED)
)
DROP_ROWS = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("rows", expanding=True)), sa.text("outbox.state = 'unsure'"))
    .values(state="dropped", reason="never seen", **FINISHED)
)
UNSEEN = (
    sa.update(outbox)
    .where(
        sa.or_(
            outbox.c.id.in_(sa.bindparam("rows", expanding=True)),
            outbox.c.joined.in_(sa.bindparam("rows", expanding=True)),
        ),
        sa.text("outbox.state = 'unsure'"),
    )
    .values(
        state="ready",
        joined=None,
        unsure_since=None,
        blocks=True,
        not_before=sa.bindparam("steady", type_=schema.Instant),
        reason="not_there",
        lease=None,
    )
)


class Outbox(Protocol):
    """What applying needs of the outbox."""

    def add(self, queued: Sequence[Queued], steady: datetime, caused_by: str | None = None) -> None:
        """Add effects, each once where it says so."""
        ...

    def hold(self, target: str, key: str) -> None:
        """Hold a target until the incident *key* is over."""
        ...

    def release(self, key: str) -> object:
        """Open what *key* holds."""
        ...

    def let_through(self, ids: Sequence[str]) -> None:
        """Let one row through for each of these targets that is held."""
        ...


class Inbox(Protocol):
    """What applying needs of the inbox."""

    def keep(self, items: Sequence[RawItem], steady: datetime) -> int:
        """Keep each item once for its key."""
        ...


def apply_decision(
    conn: sa.Connection,
    scene: Scene | None,
    decision: Decision,
    steady: datetime,
    caused_by: str | None = None,
    *,
    effects: Outbox,
    facts: Inbox,
    new_id: Callable[[], int],
) -> None:
    """Write everything that *decision* says; *scene* is what it was made from."""
    _account(conn, scene, decision, steady)
    if scene is not None:
        _threads(conn, scene, decision)
        changes = Changes(conn)
        changes.add(scene, decision)
        changes.write()
        _person(conn, scene, decision)
    if decision.withdrawn:
        conn.execute(WITHDRAW, {"messages": list(decision.withdrawn), "steady": steady})
    if decision.unposted and scene is not None:
        copies.unpost(conn, scene.workspace.id, decision.unposted)
    if decision.forgotten:
        copies.forget(conn, decision.forgotten, caused_by)
    _unsure(conn, decision, steady)
    seen = posts.record_seen(conn, decision.seen_rows, steady)
    rows.upsert(
        conn,
        schema.incident,
        [incidents.values(incident) for incident in decision.incidents],
        fixed=("workspace", "key", "opened_at"),
    )
    incidents.mark(conn, decision.marks)
    _desk(conn, scene, decision, steady)
    saved.apply(conn, scene, decision)
    _besides(conn, scene, decision)
    for hold in decision.holds:
        effects.hold(hold.target, hold.key)
    for key in decision.released:
        effects.release(key)
    if decision.tried:
        effects.let_through(decision.tried)
    settled = () if scene is None else (*closing.settle(conn, scene, decision, steady), *followed(scene, decision))
    if queued := (*decision.effects, *(lanes.look_again(each) for each in seen), *settled):
        effects.add(queued, steady, caused_by)
    if decision.alerts:
        facts.keep([alerts.to_item(alert, new_id()) for alert in decision.alerts], steady)


def _besides(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """What stands beside a conversation."""
    _noted(conn, scene, decision)
    _exported(conn, scene, decision)
    _rated(conn, scene, decision)
    tickets.write(conn, scene, decision)


def _noted(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """Lines of the audit."""
    if scene is None or not decision.noted:
        return
    about = copies.exported(scene.conversation.id)
    lines = [
        {"workspace": scene.workspace.id, "object": each.object or about}
        | {
            "at": each.at,
            "who": each.who,
            "action": each.action,
            "before": dict(each.before),
            "after": dict(each.after),
        }
        for each in decision.noted
    ]
    conn.execute(sa.insert(schema.audit), lines)


def _rated(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """How content a customer is: the last word on one question."""
    if scene is None or decision.rated is None:
        return
    rated = decision.rated
    value = {"question": rated.question, "score": rated.score, "at": rated.at}
    whose = {"workspace": scene.workspace.id, "conversation": scene.conversation.id}
    rows.upsert(conn, schema.satisfaction, [value | whose])


def _exported(conn: sa.Connection, scene: Scene | None, decision: Decision) -> None:
    """Text files that stand on the desk, and that are to stand there no more."""
    if decision.unexported:
        conn.execute(
            sa.delete(schema.export).where(schema.export.c.file.in_([each.file for each in decision.unexported]))
        )
    if scene is not None and decision.exports:
        of = {"workspace": scene.workspace.id, "conversation": scene.conversation.id}
        lines = [of | {"person": each.person, "file": each.file, "made_at": each.made_at} for each in decision.exports]
        conn.execute(sa.insert(schema.export), lines)


def _account(conn: sa.Connection, scene: Scene | None, decision: Decision, steady: datetime) -> None:
    """The account's health and upkeep, and that its agents were told of the network's folders."""
    account = schema.account
    if decision.hinted and scene is not None:
        conn.execute(sa.update(account).where(account.c.id == scene.account.id).values(hinted_at=steady))
    of = decision.account or (None if scene is None else scene.account.id)
    if decision.upkeep and of is not None:
        upkeep.write(conn, [(of, decision.upkeep)])
    if decision.has_left and of is not None:
        leaving.ended(conn, of)
    if decision.health is None or of is None:
        return
    health, cause = decision.health
    conn.execute(sa.update(account).where(account.c.id == of).values(health=health.value, cause=cause))
    if scene is None or (health, cause) != (scene.account.health, scene.account.cause):
        cards.have_become_untrue(conn, of)
    now = decision.upkeep.get("warn_at")
    if cause in OF_THE_LOGIN and isinstance(now, datetime):
        upkeep.look_at_those_beside(conn, of, now)


def _person(conn: sa.Connection, scene: Scene, decision: Decision) -> None:
    """Who comments is found under the id they write under, from now on; whoever was known under that is the same person."""
    if decision.writes_as is None:
        return
    table, mine = schema.customer, schema.customer.c.id == scene.customer.id
    commenter = {"comments_as": scene.customer.comments_as or scene.customer.remote_id}
    known = sa.and_(table.c.account == scene.account.id, table.c.remote_id == decision.writes_as)
    if conn.execute(sa.update(table).where(known).values(commenter)).rowcount:
        conn.execute(sa.update(table).where(mine).values(comments_as=None))
    else:
        conn.execute(sa.update(table).where(mine).values(remote_id=decision.writes_as, **commenter))


def _threads(conn: sa.Connection, scene: Scene, decision: Decision) -> None:
    """Those that the decision names, and the conversation's own where it forgot to."""
    changed: dict[ThreadId, Thread] = {}
    current = None if decision.conversation is None else decision.conversation.thread
    if current is not None and current not in (scene.conversation.thread, scene.thread):
        changed[current.id] = current
    changed.update((thread.id, thread) for thread in decision.threads)
    whose = {"workspace": scene.workspace.id, "conversation": scene.conversation.id}
    values = [rows.THREAD.of(thread) | whose for thread in changed.values()]
    rows.upsert(conn, schema.thread, values, fixed=("workspace", "conversation"))


def _unsure(conn: sa.Connection, decision: Decision, steady: datetime) -> None:
    """What becomes of rows of which nobody knew whether they were done."""
    if decision.dropped:
        conn.execute(DROP_UNSURE, {"messages": list(decision.dropped), "steady": steady})
    if decision.dropped_rows:
        conn.execute(DROP_ROWS, {"rows": list(decision.dropped_rows), "steady": steady})
    for settled in decision.settled:
        _settle(conn, settled, steady)
    if decision.unseen_rows:
        conn.execute(UNSEEN, {"rows": list(decision.unseen_rows), "steady": steady})


def _settle(conn: sa.Connection, settled: SettledSend, steady: datetime) -> None:
    conn.execute(
        sa.update(part)
        .where(part.c.message == settled.message, part.c.seq == settled.part)
        .values(state=PartState.SENT.value, remote_id=settled.remote_id)
    )
    given = {"reply": settled.message, "seq": settled.part, "remote": settled.remote_id, "steady": steady}
    conn.execute(SETTLE, given)


def _desk(conn: sa.Connection, scene: Scene | None, decision: Decision, steady: datetime) -> None:
    """Persons and groups, as the desk describes them now; other apps, as the network does."""
    if not (decision.people or decision.groups or decision.apps or decision.homes):
        return
    workspace = decision.workspace or (None if scene is None else scene.workspace.id)
    if workspace is None:
        raise ValueError("a decision about persons must say of which workspace they are")
    known = [person for person in decision.people if person.name or not _has_left(conn, person, workspace, steady)]
    rows.upsert(conn, schema.person, [_person_values(person, workspace, steady) for person in known])
    learnt = {"workspace": workspace, "learnt_at": steady}
    rows.upsert(conn, schema.other_app, [{**learnt, "id": app, "name": name} for app, name in decision.apps])
    for group, people in decision.groups:
        _replace_group(conn, workspace, group, people)
    home.keep(conn, workspace, decision.homes)


def _has_left(conn: sa.Connection, person: Person, workspace: WorkspaceId, steady: datetime) -> bool:
    """Whether somebody of whom nothing is told any more was known before: they keep their name."""
    table = schema.person
    theirs = sa.and_(table.c.workspace == workspace, table.c.ref == person.ref)
    left = {"kind": person.kind.value, "learnt_at": steady}
    return bool(conn.execute(sa.update(table).where(theirs).values(left)).rowcount)


def _person_values(person: Person, workspace: WorkspaceId, steady: datetime) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "ref": person.ref,
        "kind": person.kind.value,
        "name": person.name,
        "language": person.language,
        "picture": person.picture,
        "admin": person.admin,
        "learnt_at": steady,
    }


def _replace_group(conn: sa.Connection, workspace: WorkspaceId, group: GroupRef, people: Iterable[PersonRef]) -> None:
    table = schema.group_member
    conn.execute(sa.delete(table).where(table.c.workspace == workspace, table.c.group == group))
    members = [{"workspace": workspace, "group": group, "person": person} for person in ("", *people)]
    conn.execute(rows.insert_into(conn, table).on_conflict_do_nothing(), members)
