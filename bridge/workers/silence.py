"""Accounts that usually hear something by now: watched hour by hour, and asked about when they are silent."""

from __future__ import annotations

from datetime import timedelta

from bridge.model.decision import Moment
from bridge.ports import Transaction
from bridge.rules.accounts import silence
from bridge.workers.base import Tools

EVERY = timedelta(minutes=5)


def listen(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Count what was watched, and ask about silences that chance alone would hardly bring."""
    tx.ticks.watched(moment.now)
    context = tools.context(tx, moment)
    for kept, week in tx.ticks.quiet(moment.now):
        decision = silence.wondered(kept, week, context)
        if decision.effects:
            tx.apply(None, decision, moment.steady, "tick")
