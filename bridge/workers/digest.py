"""Weekly figures, once each: whoever writes first that a week was told tells it."""

from __future__ import annotations

from bridge.model.decision import Moment
from bridge.ports import Transaction
from bridge.rules.desk import digest
from bridge.workers.base import Tools


def tell(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Tell the figures of each account whose time has come; after a downtime those of the latest week alone."""
    for account in tx.ticks.digesting():
        monday = digest.week(account.settings, moment.now)
        if tx.ticks.take_digest(account.id, monday):
            start, end = digest.span(account.settings, monday)
            figures = tx.ticks.figures(account, start, end, moment.now)
            tx.apply(None, digest.told(account, monday, figures, tools.context(tx, moment)), moment.steady)
