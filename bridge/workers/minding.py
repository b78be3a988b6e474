"""Accounts whose turn has come: the network is asked how they stand, and their owners are warned of a login's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bridge.model.decision import Decision, Made, Moment
from bridge.model.upkeep import Kept
from bridge.ports import Transaction
from bridge.rules.accounts import minding, warnings
from bridge.workers.base import Tools

EVERY = timedelta(seconds=5)
LIMIT = 100


def mind(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Do what has become due of accounts as a whole."""
    now = moment.now
    probed = tx.ticks.probing(now, now + minding.LATEST, LIMIT)
    _apply(tx, (_probe(kept, now) for kept in probed), moment)
    refreshed = tx.ticks.refreshing(now, now + minding.REFRESH + minding.DAY, LIMIT)
    _apply(tx, (minding.refresh(kept, now) for kept in refreshed), moment)
    context = tools.context(tx, moment)
    _apply(tx, (warnings.due(kept, context) for kept in tx.ticks.warning(now, LIMIT)), moment)


def _probe(kept: Kept, now: datetime) -> Decision:
    at = kept.dates.probe_at
    due = at is not None and at <= now
    return minding.asked(kept.account, now) if due else minding.first_probe(kept.account, now)


def _apply(tx: Transaction, decisions: Iterable[Decision], moment: Moment) -> None:
    tx.apply_all([Made(scene=None, decision=each, caused_by="tick") for each in decisions], moment.steady)
