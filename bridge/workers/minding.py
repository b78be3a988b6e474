"""Accounts whose turn has come: the network is asked how they stand, and their owners are warned of a login's end."""

from __future__ import annotations

from datetime import timedelta

from bridge.model.decision import Moment
from bridge.ports import Transaction
from bridge.rules.accounts import minding, warnings
from bridge.workers.base import Tools

EVERY = timedelta(seconds=5)
LIMIT = 100


def mind(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Do what has become due of accounts as a whole."""
    now = moment.now
    for kept in tx.ticks.probing(now, now + minding.LATEST, LIMIT):
        account, at = kept.account, kept.dates.probe_at
        due = at is not None and at <= now
        decision = minding.asked(account, now) if due else minding.first_probe(account, now)
        tx.apply(None, decision, moment.steady, "tick")
    for kept in tx.ticks.refreshing(now, now + minding.REFRESH + minding.DAY, LIMIT):
        tx.apply(None, minding.refresh(kept, now), moment.steady, "tick")
    context = tools.context(tx, moment)
    for kept in tx.ticks.warning(now, LIMIT):
        tx.apply(None, warnings.due(kept, context), moment.steady, "tick")
