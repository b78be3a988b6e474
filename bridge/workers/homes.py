"""People's own pages on the desk are kept true: soon after something on the desk has changed, and now and then.

Rule 1: whoever opened theirs within a day is looked after, and only a page that would differ is drawn: an effect for each.
Rule 2: time passes also where nobody does anything: what closes soon, what another process has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bridge.model.effects import AnswerAsker, AnyEffect, EditAlert, PostAlert, PostRoot, RedrawCard
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.ports import Transaction
from bridge.rules.desk import home
from bridge.workers.base import Tools

EVERY, BETWEEN = 3.0, 0.1
"""Seconds (real time) between two rounds, in which what has changed is one drawing; and between two pages that are looked at."""
ANYWAY: Final = timedelta(minutes=1)
LIMIT: Final = 100
TELLS = (RedrawCard, PostRoot, PostAlert, EditAlert, AnswerAsker)
"""Effects after which a page may be no longer true: what it shows is on a card or in an alert as well, or was set up."""

Whose = tuple[WorkspaceId, PersonRef]


class Homekeeper:
    """The loop that looks after pages."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._anyway: datetime | None = None

    async def run(self) -> None:
        """Look after them, for ever."""
        while True:
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001 - the next round asks the same again
                self._tools.trouble("homes", error)
                self._anyway = None  # of what has changed nothing is known any more
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """One round: nothing is read where nothing has changed, and nothing is written where no page differs."""
        tools, steady = self._tools, self._tools.moment().steady
        every = self._anyway is None or steady - self._anyway >= ANYWAY
        if not every and not tools.changed:
            return
        changed = None if every else frozenset(tools.changed)
        tools.changed.clear()
        before = tools.moment().now - home.LATELY
        lately, idle = await tools.store.write(
            lambda tx: (tx.homes.lately(changed, before), tx.homes.idle(before, LIMIT) if every else [])
        )
        self._anyway = steady if every else self._anyway
        differ = [each for each in lately if not await self._stands(*each)]
        if differ or idle:
            await tools.store.write(lambda tx: self._draw(tx, differ, idle))

    async def _stands(self, workspace: WorkspaceId, person: PersonRef) -> bool:
        stands = await self._tools.desk.home_stands(workspace, person)
        await asyncio.sleep(BETWEEN)
        return stands

    def _draw(self, tx: Transaction, differ: Sequence[Whose], idle: Sequence[Whose]) -> None:
        moment = self._tools.moment()
        tx.apply(None, home.kept_true(differ, idle, self._tools.context(tx, moment)), moment.steady)


def note(tools: Tools, effect: AnyEffect) -> None:
    """An effect has been done."""
    if isinstance(effect, TELLS):
        tools.changed.add(effect.workspace)
