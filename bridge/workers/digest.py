"""Digests of days and weeks, once each: whoever writes first that a day was told tells of it."""

from __future__ import annotations

from bridge.model.decision import Moment
from bridge.model.state import Account
from bridge.ports import Transaction
from bridge.rules.desk import days, digest
from bridge.workers.base import Tools


def tell(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Tell of each account whose time has come; after a downtime of today and of the latest week alone."""
    context = tools.context(tx, moment)
    together: dict[days.Together, list[Account]] = {}
    for account in tx.ticks.digesting():
        day = days.latest(account.settings, moment.now)
        before = tx.ticks.take_digest(account.id, day)
        if before is None:
            continue
        monday = digest.monday(day)
        if before < monday:
            start, end = digest.span(account.settings, monday)
            figures = tx.ticks.figures(account, start, end, moment.now)
            tx.apply(None, digest.told(account, monday, figures, context), moment.steady)
        if days.young(account.settings, day, moment.now):
            together.setdefault(days.together(account, context), []).append(account)
    for accounts in together.values():
        settings = accounts[0].settings
        times, ids = days.times(settings, moment.now), [each.id for each in accounts]
        standing = tx.ticks.standing(accounts[0].workspace, ids, times, moment.now)
        decision = days.told(accounts, days.latest(settings, moment.now), standing, context)
        if decision.alerts:
            tx.apply(None, decision, moment.steady)
