"""Watches what belongs to no account, and lets the operator's channel hear of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.facts import AlertOver
from bridge.model.ids import WorkspaceId
from bridge.model.word import Word
from bridge.ports import Transaction
from bridge.rules.desk import ops
from bridge.rules.desk.ops import Found
from bridge.workers.base import Tools

EVERY = 5.0
"""Seconds (real time) between two looks at who knocked."""


class Watch:
    """Remembers which other processes it has seen alive."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def look(self, tx: Transaction, tools: Tools, moment: Moment) -> None:
        """How everything stands."""
        account = tx.scenes.first_account(None)
        if account is None:
            return
        context = tools.context(tx, moment)
        known = [each for kind in ops.KINDS for each in tx.incidents.open_of(kind)]
        tx.apply(None, ops.told(account, self._found(tx, moment), known, context), moment.steady)
        for each in tx.incidents.open_of(ops.LIMITED):
            tx.apply(None, ops.no_longer(each, context), moment.steady)
        for workspace, key in tx.ticks.revived():
            over = AlertOver(workspace=workspace, at=moment.now, key=key)
            tx.apply(None, Decision(alerts=(over,)), moment.steady)

    def _found(self, tx: Transaction, moment: Moment) -> list[Found]:
        found = []
        if dead := tx.ticks.dead_rows():
            found.append(Found(key=ops.DEAD, kind=ops.DEAD, values={"count": dead}))
        if unsure := tx.ticks.unsure_rows(moment.steady - ops.UNSURE_FOR):
            found.append(Found(key=ops.UNSURE, kind=ops.UNSURE, values={"count": unsure}))
        if tx.ticks.behind(moment.steady - ops.BEHIND_FOR):
            found.append(Found(key=ops.BEHIND, kind=ops.BEHIND))
        roles = self._stopped(tx.ticks.processes(), datetime.now(UTC))
        return [
            *found,
            *(Found(key=f"{ops.STOPPED}:{role}", kind=ops.STOPPED, values={"role": role}) for role in roles),
        ]

    def _stopped(self, alive: dict[str, tuple[str, datetime]], now: datetime) -> list[str]:
        """Roles of which a process was seen alive, is gone without a word, and was followed by no other."""
        return stopped(self._seen, alive, now)


class Seen(Word, kw_only=True):
    """A process that left signs of life: since when, None: before anybody looked; and the last.

    lives: it was seen to do so, and did not only leave one behind. follows: it took the place of one that died.
    """

    role: str
    since: datetime | None
    last: datetime
    lives: bool
    follows: bool = False


def stopped(seen: dict[str, Seen], alive: dict[str, tuple[str, datetime]], now: datetime) -> list[str]:
    """Bring *seen* up to date, and say the roles of which a process has died. alive: by role and last sign of life.

    Who ended in order has taken its sign away. A process that comes after the last sign of one that died takes its
    place, also where that does not count as dead yet: it was started again at once, and nobody need hear of it.
    """
    for name in [each for each in seen if each not in alive]:
        del seen[name]
    since = now if seen else None
    fresh = {name: each for name, each in alive.items() if now - each[1] < ops.GONE_FOR}
    for name, (role, last) in fresh.items():
        known = seen.get(name) or Seen(role=role, since=since, last=last, lives=since is not None)
        seen[name] = replace(known, last=last, lives=known.lives or last > known.last)
    for name, dead in sorted(seen.items(), key=lambda each: each[1].last):
        if name in fresh:
            continue
        heir = _followed_by(dead, seen, fresh) if dead.lives else None
        if heir is not None:
            seen[heir] = replace(seen[heir], follows=True)
        if heir is not None or not dead.lives:
            del seen[name]
    return sorted({each.role for name, each in seen.items() if name not in fresh})


def _followed_by(dead: Seen, seen: dict[str, Seen], fresh: Collection[str]) -> str | None:
    """The process that took its place; each takes one."""
    for name in fresh:
        each = seen[name]
        if each.role == dead.role and not each.follows and each.since is not None and each.since > dead.last:
            return name
    return None


class Knocks:
    """Counts deliveries with a wrong signature, by source. steady: the clock that never goes back."""

    def __init__(self, steady: Callable[[], datetime]) -> None:
        self._steady = steady
        self._heard: dict[str, deque[datetime]] = defaultdict(deque)

    def refused(self, source: str) -> None:
        """One was turned away."""
        heard = self._heard[source]
        heard.append(self._steady())
        while len(heard) > ops.MANY_FORGED:
            heard.popleft()

    def counts(self) -> dict[str, int]:
        """How many within the last ten minutes, of each source that was ever refused."""
        steady = self._steady()
        for heard in self._heard.values():
            while heard and steady - heard[0] > ops.FORGED_WITHIN:
                heard.popleft()
        return {source: len(heard) for source, heard in self._heard.items()}


async def tell_of_knocks(tools: Tools, knocks: Knocks) -> None:
    """Let the operator's channel hear of who knocks, for ever."""
    while True:
        try:
            moment = tools.moment()
            if counts := knocks.counts():
                await tools.store.write(partial(told, tools=tools, counts=counts, moment=moment))
        except Exception as error:  # noqa: BLE001 - the next look asks the same again
            tools.trouble("knocks", error)
        await asyncio.sleep(EVERY)


def told(tx: Transaction, tools: Tools, counts: dict[str, int], moment: Moment) -> None:
    """What is to be said of each source."""
    account = tx.scenes.first_account(None)
    if account is None:
        return
    for source, count in counts.items():
        workspace: WorkspaceId = account.workspace
        incident = tx.scenes.incident(workspace, f"forged:{source}")
        decision = ops.forged(account, source, count, incident, tools.context(tx, moment))
        if decision.alerts:
            tx.apply(None, decision, moment.steady)
