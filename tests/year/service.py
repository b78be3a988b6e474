"""The product between the two: the real store, rules and loops, taken step by step, and killed where a test says.

A step of the loops is what the service does between two waits. Nothing here waits: when nothing is left to do, time
passes to the next moment at which something is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bridge import lanes
from bridge.model.decision import Job, Moment, Rules
from bridge.model.facts import DeliveriesMissed
from bridge.model.outcomes import Outcome, Page, RawItem
from bridge.model.pace import Pace
from bridge.ports import Transaction
from bridge.rules.customers import history
from bridge.slack.refs import REFS
from bridge.store.accounts import Hand
from bridge.store.alerts import OwnFacts
from bridge.store.store import SqlStore, open_store
from bridge.store.transaction import Tx
from bridge.workers import gaps
from bridge.workers.base import Bell, Tools
from bridge.workers.decide import Decider
from bridge.workers.deliver import Deliverer
from bridge.workers.tick import Ticker, after_start
from tests.year.heard import DESK, NETWORK, Heard
from tests.year.meta import Meta
from tests.year.slack import TEAM, Desk
from tests.year.times import MINUTE, SECOND, Times

RESTS = 3 * MINUTE
"""What rests no longer than this is waited for; longer waits end at the next step of the year."""
NEXT = sa.text(
    """SELECT min(due) FROM (
         SELECT min(o.not_before) AS due FROM outbox o JOIN target t ON t.id = o.target
          LEFT JOIN target p ON p.id = t.parent LEFT JOIN target q ON q.id = p.parent
          WHERE o.state = 'ready' AND o.not_before > :steady AND (t.held_by IS NULL OR t.probe)
            AND (p.held_by IS NULL OR p.probe) AND (q.held_by IS NULL OR q.probe)
         UNION ALL SELECT min(not_before) FROM inbox WHERE state IN ('ready', 'free') AND not_before > :steady
       ) AS dues"""
)
MINDED = 5 * SECOND
"""Accounts are minded no more often; what rests shorter waits as long."""
TICKED = sa.text(
    """SELECT min(due) FROM (
         SELECT min(unsure_since) + 60000001 AS due FROM outbox WHERE state = 'unsure' AND blocks
         UNION ALL SELECT min(lease) + 1 FROM outbox WHERE state = 'working'
         UNION ALL SELECT min(queued_at) + 3000001 FROM message
          WHERE state IN ('waiting', 'asking') AND sign IS NULL) AS dues"""
)
"""What only a tick looks at."""


DUE = sa.text(
    """SELECT min(due) FROM (
         SELECT min(alert_at) AS due FROM conversation WHERE alert_at IS NOT NULL AND alert_at > 0
         UNION ALL SELECT min(warn_at) FROM account WHERE warn_at IS NOT NULL) AS dues"""
)


class Died(BaseException):
    """The process ends here."""


class Quiet:
    """`bridge.workers.base.Told`: counts; what must not happen at all is remembered."""

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.troubles: list[str] = []

    def outcome(self, kind: str, outcome: str, seconds: float) -> None:
        """One try of an effect ended."""
        self.outcomes[kind, outcome] += 1

    def buried(self, source: str, error: str) -> None:
        """A fact could not be decided."""
        self.troubles.append(f"buried {source}: {error}")

    def left_subscribed(self, account: int, reason: str) -> None:
        """Webhooks that would not end."""
        self.troubles.append(f"left subscribed {account}: {reason}")

    def untold(self, row: int, kind: str, reason: str, *, dead: bool) -> None:
        """The desk would not show an alert."""
        self.troubles.append(f"untold {kind}: {reason}")

    def trouble(self, loop: str, error: str, why: str | None = None) -> None:
        """A loop met an error."""
        self.troubles.append(f"{loop}: {error} {why}")

    def ignored(self, why: str) -> None:
        """A fact changed nothing."""

    def held(self, target: str, cause: str) -> None:
        """Nothing of a target goes."""

    def relayed(self, direction: str, seconds: float) -> None:
        """What somebody wrote stands on the other side."""

    def gap(self, workspace: str, count: int, left: int) -> None:
        """Threads are to be read again."""

    def history(self, account: int, page: Page) -> None:
        """Conversations of an account were read."""

    def found_later(self, author: str) -> None:
        """A message that no delivery told is shown."""

    def beat(self, loop: str) -> None:
        """A loop is alive."""


class Stepped(Deliverer):
    """The loop that does what the outbox holds, one batch at a time."""

    def __init__(self, tools: Tools, mortal: Callable[[str], bool]) -> None:
        super().__init__(tools, Bell())
        self._mortal = mortal
        """Whether the process dies at this point."""

    async def once(self) -> int:
        """Claim, do and finish one batch; say how many rows it was."""
        claimed = await self._claim()
        if not claimed:
            return 0
        rows = [row.id for each in claimed for row in each.rows]
        self._tools.in_hand.update(rows)
        for each in claimed:
            self._perhaps("claimed")
            await self._deliver(each)
            self._perhaps("done")
        batch, self._ended = self._ended, []
        await self._finish(batch)
        self._tools.in_hand.difference_update(rows)
        return len(claimed)

    def _perhaps(self, where: str) -> None:
        if self._mortal(where):
            raise Died


class Seldom(Ticker):
    """The loop that asks what has become due, but for one question.

    Whether webhooks come is asked of each account every hour: 1.7 million times in such a year. The daily question asks
    for it as well, and tests/journeys/test_backfill.py shows what follows.
    """

    def _now_and_then(self, moment: Moment) -> tuple[tuple[str, timedelta, Callable[[Transaction], None]], ...]:
        return tuple(each for each in super()._now_and_then(moment) if each[0] != "subscribed")


@dataclass(kw_only=True)
class Service:
    """One process after another on one database."""

    url: str
    times: Times
    desk: Desk
    meta: Meta
    heard: Heard
    rules: Rules
    told: Quiet = field(default_factory=Quiet)
    mortal: Callable[[str], bool] = lambda _where: False
    up: bool = False
    ticks: int = 0
    died: set[int] = field(default_factory=set)
    """Rows in the hands of processes that were killed."""
    _store: SqlStore | None = None
    _tools: Tools | None = None
    _decider: Decider | None = None
    _deliverer: Stepped | None = None
    _ticker: Ticker | None = None
    _untold: list[RawItem] = field(default_factory=list)
    _since: datetime | None = None

    @property
    def store(self) -> SqlStore:
        """The one that is open."""
        assert self._store is not None
        return self._store

    async def start(self) -> None:
        """Take up what a former process left; what was told in vain is told again."""
        if self._store is None:
            pace = Pace(posts_per_second=None, posts_per_minute=None)
            self._store = await open_store(self.url, clock=self.times, pace=pace)
        tools = self._tools = self._made(self._store)
        self._decider, self._ticker = Decider(tools, Bell()), Seldom(tools)
        self._deliverer = Stepped(tools, self.mortal)
        await self._store.write(lambda tx: after_start(tx, tools, [TEAM]))
        if self._since is not None:
            missed = DeliveriesMissed(at=self.times.now(), since=self._since)
            await self._store.write(
                lambda tx: tx.facts.keep([history.to_item(missed, tx.new_id())], tools.moment().steady)
            )
        self.up, self._since, untold, self._untold = True, None, self._untold, []
        await self.tell(*untold)

    async def stop(self, *, close: bool = False) -> None:
        """It ends; *close*: its database as well."""
        self.up, self._since = False, self.times.now()
        if close:
            await self.store.close()
            self._store = None

    async def _dropped(self) -> None:
        """Where several may work, a process that is gone is known by its connection, which goes with it."""
        await self.store.close()
        self._store = None

    def _made(self, store: SqlStore) -> Tools:
        return Tools(
            store=store, clock=self.times, given=self.rules, desk=self.desk, network=self.meta, media=_NoFiles(), outside=_NoOtherWay(),
            parsers={
                DESK: self.heard, NETWORK: self.heard, "bridge": OwnFacts(), gaps.SOURCE: gaps.Gaps(),
                history.SOURCE: gaps.Missed(),
            },
            refs=REFS,
            desk_source=DESK, told=self.told,
        )  # fmt: skip

    async def tell(self, *items: RawItem) -> None:
        """Something is heard; while nothing runs it is told again later."""
        if not self.up:
            self._untold += items
        elif items:
            await self.store.keep(items)

    async def by_hand(self, work: Callable[[Hand], Any]) -> None:
        """Somebody runs a command."""
        moment = Moment(now=self.times.now(), steady=self.times.steady())
        await self.store.write(lambda tx: work(Hand(tx=tx, moment=moment, who="operator")))

    # ── going on ──────────────────────────────────────────────────────────────────────────────────────────

    async def settle(self) -> None:
        """Tick, do all that is due, and let short rests pass; a process that dies is followed by another."""
        until, tick, busy = self.times.steady() + RESTS, True, False
        while self.up:
            try:
                await self._quiet(tick=tick)
            except Died:
                assert self._tools is not None
                self.died |= self._tools.in_hand
                if not self.store.alone:
                    await self._dropped()
                await self.start()
                continue
            rests, ticked = await self._next()
            due = min((each for each in (rests, ticked) if each is not None), default=until)
            done = due >= until or self.times.steady() >= until
            if done and not busy:
                return
            # What short rests lead to needs no tick, but a last one: it looks at what has come of them.
            tick, busy = done or due == ticked, not done
            self.times.pass_to(self.times.steady() + MINDED if done else max(due, self.times.steady() + MINDED))

    async def between(self, until: datetime) -> None:
        """Do what becomes due at moments of its own before then: of windows and logins; the rest is done with the next step."""
        while self.up and (due := await self._moment(DUE)) is not None and due < until:
            self.times.pass_to(max(due, self.times.steady() + MINDED))
            await self.settle()

    async def _quiet(self, *, tick: bool) -> None:
        assert self._ticker is not None
        assert self._decider is not None
        assert self._deliverer is not None
        if tick:
            # What has long been due is done before anybody looks whether something does not move.
            await self._deliverer.once()
            self.ticks += 1
            await self._ticker.once()
        busy = True
        while busy:
            busy = bool(await self._decider.once())
            busy |= bool(await self._deliverer.once())
            if self.desk.own:
                own, self.desk.own = self.desk.own, []
                await self.store.keep(own)

    async def _next(self) -> tuple[datetime | None, datetime | None]:
        given = {"steady": lanes.micros(self.times.steady())}
        return await self.store.write(lambda tx: (_read(tx, NEXT, given), _read(tx, TICKED, {})))

    async def _moment(self, question: sa.TextClause) -> datetime | None:
        """A moment that people go by, as what has passed by then."""
        found = await self.store.write(lambda tx: _read(tx, question, {}))
        return None if found is None else found - self.times.now() + self.times.steady()


def _read(tx: Tx, question: sa.TextClause, given: dict[str, int]) -> datetime | None:
    micros = tx.connection.execute(question, given).scalar()
    return None if micros is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros))


class _NoOtherWay:
    """`bridge.ports.Outside`: none is set."""

    async def tell(self, job: Job) -> Outcome:
        """Nobody asks."""
        raise AssertionError("nobody does that in this world")


class _NoFiles:
    """`bridge.ports.Media`: nobody sends files here."""

    def fetched(self, attachment: Any, tries: int) -> Any:
        """Nobody asks."""
        raise AssertionError("nobody does that in this world")
