"""A desk in memory between the real store and the real rules: what stands there is what the adapter would have sent.

The loops' steps can be taken one at a time, so that a test may put anything between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa

from bridge import threads
from bridge.meta import parse
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Instead, Job, Moment, NotYet, Rules
from bridge.model.effects import (
    LearnProfile,
    LookForPost,
    PostLine,
    PostMessage,
    PostRoot,
    RedrawCard,
    RedrawPost,
    RemovePost,
    RetireCard,
)
from bridge.model.facts import CustomerCommented, FromNetwork, Ignored
from bridge.model.ids import CustomerId, PostRef
from bridge.model.outcomes import Done, Outcome, RawItem, Refused, Unsure
from bridge.model.pace import Pace
from bridge.model.state import Known
from bridge.ports import About, Ending, OutboxRow
from bridge.rules.base import Context
from bridge.slack import render
from bridge.store import schema
from bridge.store.ids import Ids
from bridge.store.transaction import Tx
from bridge.workers import around
from bridge.workers.base import Tools
from bridge.workers.finish import finish
from tests.store.factories import NOON, SECOND, met

FREE = Pace(posts_per_second=None, posts_per_minute=None)


@dataclass(kw_only=True)
class Going:
    """A row in hand, what was drawn when it was taken, and how it will end."""

    row: OutboxRow
    call: dict[str, Any]


@dataclass(kw_only=True)
class LittleDesk:
    """The posts that stand, the rows in hand, and those whose answer was lost."""

    engine: sa.Engine
    steady: Any = NOON
    posts: dict[PostRef, dict[str, Any]] = field(default_factory=dict)
    cards: dict[PostRef, dict[str, Any]] = field(default_factory=dict)
    hand: list[Going] = field(default_factory=list)
    lost: list[tuple[int, PostRef]] = field(default_factory=list)
    stood: list[PostRef] = field(default_factory=list)
    """All that was ever put up, in that order."""
    waiting: list[tuple[RawItem, Any]] = field(default_factory=list)
    """What was heard and lacks something, and since when it waits."""
    in_vain: set[str] = field(default_factory=set)
    """The keys of what has waited too long."""
    ids: Ids = field(default_factory=Ids)

    def moment(self) -> Moment:
        """Both clocks."""
        return Moment(now=NOON + timedelta(minutes=30), steady=self.steady)

    def pass_time(self) -> None:
        """What waits for a moment is due."""
        self.steady += 5 * SECOND
        self._look_again()

    def tx(self, conn: sa.Connection) -> Tx:
        """A transaction on a connection."""
        return Tx(conn, times=self.moment(), pace=FREE, ids=self.ids)

    def context(self, tx: Tx) -> Context:
        """What rules get."""
        return Context(moment=self.moment(), rules=Rules(), new_id=tx.new_id)

    # ── hearing ───────────────────────────────────────────────────────────────────────────────────────────

    def hear(self, item: RawItem) -> None:
        """Keep an item, and decide it, even if it was decided before; then what waited for something."""
        self._decide(item, since=self.steady)
        self._look_again()

    def _look_again(self) -> None:
        waiting, self.waiting = self.waiting, []
        for item, since in waiting:
            self._decide(item, since=since)

    def _decide(self, item: RawItem, *, since: Any) -> None:
        waited = self.steady - since >= Rules().fact_wait
        with self.engine.begin() as conn:
            tx = self.tx(conn)
            tx.facts.keep([item], self.steady)
            fact = parse.MetaParser().read(item, Known(), None)
            decision = Decision()
            if not isinstance(fact, Ignored):
                assert isinstance(fact, FromNetwork)
                if isinstance(fact, CustomerCommented):
                    scene, _ = around.commenter(tx, fact)
                else:
                    scene = around.network(tx, fact)
                assert scene is not None
                first = threads.decide(scene, fact, self.context(tx))
                decision = threads.decide(scene, fact, self.context(tx), waited=True) if waited else first
                self.in_vain |= {item.key} if waited and first.wait is not None else set()
                tx.apply(scene, replace(decision, wait=None), self.steady, item.key)
            named = schema.inbox.c.key == item.key
            if decision.wait is not None:
                self.waiting.append((item, since))
            else:
                conn.execute(sa.update(schema.inbox).where(named).values(state="applied", reason=decision.ignored))

    # ── doing ─────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, limit: int = 1) -> bool:
        """Take rows in hand, drawn as the state is now; False: none was due."""
        with self.engine.begin() as conn:
            tx = self.tx(conn)
            rows = tx.effects.claim(self.moment(), limit)
            about = tx.scenes.about(rows)
            for row in rows:
                self._rule(tx, row, about[row.id])
        return bool(rows)

    def _rule(self, tx: Tx, row: OutboxRow, about: About) -> None:
        match threads.due(about.scene, row.effect, self.context(tx), about.incident):
            case Go():
                self.hand.append(Going(row=row, call=self._drawn(row, about)))
            case Drop(why=why):
                tx.effects.finish(row, Ending(state="dropped", reason=why))
            case NotYet(until=until, why=why):
                tx.effects.finish(row, Ending(state="ready", reason=why, not_before=until))
            case Instead(decision=decision, why=why):
                tx.effects.finish(row, Ending(state="ready" if decision.retry_row else "dropped", reason=why))
                tx.apply(about.scene, decision, self.steady, f"outbox:{row.id}")

    def _drawn(self, row: OutboxRow, about: About) -> dict[str, Any]:
        job = Job(row=row.id, effect=row.effect, attempts=0, scene=about.scene, workspace=about.workspace)
        scene, now = about.scene, self.moment().now
        if scene is None or isinstance(row.effect, RemovePost | LearnProfile | LookForPost):
            return {}
        thread = scene.conversation.thread
        root = thread.ref if thread is not None else None
        match row.effect:
            case PostRoot():
                return render.root(job, scene, scene.account.settings.channel, now, plain=False)
            case PostMessage() if scene.message is not None and root is not None:
                return render.message(job, scene, scene.message, root, now, plain=False)
            case PostLine() as effect if root is not None:
                return render.line(job, effect, root)
            case RedrawCard() if root is not None:
                return render.redrawn(job, scene, root, now)[0] | {"ref": root}
            case RetireCard(root=ref):
                return render.retired(job, scene, ref)
            case RedrawPost() as effect:
                return render.changed(job, scene, effect, now)
            case other:
                raise AssertionError(other)

    def end(self, which: int, *, lose: bool = False) -> None:
        """Let what is in hand reach the desk; *lose*: its answer gets lost, where that matters."""
        going = self.hand.pop(which % len(self.hand))
        outcome = self._reach(going)
        if lose and isinstance(outcome, Done) and isinstance(going.row.effect, PostRoot | PostMessage | PostLine):
            assert outcome.remote_id is not None
            self.lost.append((going.row.id, PostRef(outcome.remote_id)))
            outcome = Unsure(why="lost")
        tools = cast(Tools, SimpleNamespace(rules=Rules(), context=lambda tx, _: self.context(tx)))
        with self.engine.begin() as conn:
            finish(self.tx(conn), tools, [(going.row, outcome)], self.moment())

    def _reach(self, going: Going) -> Outcome:
        match going.row.effect:
            case PostRoot():
                return Done(remote_id=self._stand(going, self.cards))
            case PostMessage() | PostLine():
                return Done(remote_id=self._stand(going, self.posts))
            case RedrawCard():
                self.cards[going.call["ref"]] = going.call
                return Done(remote_id="drawn")
            case RetireCard(root=root):
                self.cards[root] = going.call
                return Done()
            case RedrawPost(ref=ref):
                if ref not in self.posts:
                    return Refused(code="message_not_found", why="desk_message_gone")
                self.posts[ref] = going.call
                return Done()
            case RemovePost(ref=ref):
                self.posts.pop(ref, None)
                return Done()
            case _:
                return Done()

    def _stand(self, going: Going, where: dict[PostRef, Any]) -> PostRef:
        ref = PostRef(f"C1:{int(self.moment().now.timestamp())}.{len(self.stood):06d}")
        self.stood.append(ref)
        where[ref] = going.call
        return ref

    def find(self) -> None:
        """The oldest post whose answer was lost is seen on the desk."""
        row, ref = self.lost.pop(0)
        with self.engine.begin() as conn:
            self.tx(conn).apply(None, Decision(seen_rows=((row, ref),)), self.steady)

    def settle(self) -> None:
        """Go on until nothing is left to do."""
        while self.hand or self.lost or self.waiting or self.take(16) or self._waits():
            while self.hand:
                self.end(0)
            while self.lost:
                self.find()
            self.pass_time()

    def _waits(self) -> bool:
        with self.engine.connect() as conn:
            waiting = schema.outbox.c.state.in_(["ready", "working", "unsure"])
            return conn.execute(sa.select(schema.outbox.c.id).where(waiting)).first() is not None


def meet(desk: LittleDesk, customer: str) -> CustomerId:
    """A customer whose name is known, and whose profile is asked for no more."""
    with desk.engine.begin() as conn:
        scene = met(desk.tx(conn), customer)
        table = schema.customer
        known = {"name": "Yuki", "profile_at": NOON + timedelta(minutes=30)}
        conn.execute(sa.update(table).where(table.c.id == scene.customer.id).values(known))
        return scene.customer.id
