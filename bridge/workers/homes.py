"""People's own pages on the desk are kept true: soon after something on the desk has changed, and now and then.

Rule 1: whoever opened theirs within a day gets it drawn anew; it is published only where it differs.
Rule 2: time passes also where nobody does anything: what closes soon, what another process has changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bridge.model.decision import Moment
from bridge.model.effects import AnyEffect, EditAlert, PostAlert, PostRoot, RedrawCard
from bridge.ports import Transaction
from bridge.rules.desk import home
from bridge.workers.base import Tools

EVERY: Final = timedelta(seconds=3)
"""What changes within it is one drawing."""
ANYWAY: Final = timedelta(minutes=1)
LIMIT: Final = 100
TELLS = (RedrawCard, PostRoot, PostAlert, EditAlert)
"""Effects after which a page may be no longer true: whatever it shows is on a card or in an alert as well."""


class Watch:
    """Which pages are to be drawn anew."""

    def __init__(self) -> None:
        self._anyway: datetime | None = None

    def look(self, tx: Transaction, tools: Tools, moment: Moment) -> None:
        """Ask for those; nothing is read where nothing has changed."""
        every = self._anyway is None or moment.steady - self._anyway >= ANYWAY
        if not every and not tools.changed:
            return
        changed = None if every else frozenset(tools.changed)
        tools.changed.clear()
        before = moment.now - home.LATELY
        idle = tx.homes.idle(before, LIMIT) if every else []
        decision = home.kept_true(tx.homes.lately(changed, before), idle, tools.context(tx, moment))
        if every:
            self._anyway = moment.steady
        if decision.effects:
            tx.apply(None, decision, moment.steady)


def note(tools: Tools, effect: AnyEffect) -> None:
    """An effect has been done."""
    if isinstance(effect, TELLS):
        tools.changed.add(effect.workspace)
