"""Somebody took the app out of their network login: what lives by it waits, and whoever minds it hears why."""

from __future__ import annotations

from bridge import lanes
from bridge.model.decision import Decision
from bridge.model.effects import EditAlert
from bridge.model.facts import LoginWithdrawn
from bridge.ports import Transaction
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import Deauthorised
from bridge.rules.base import Context


def decided(tx: Transaction, fact: LoginWithdrawn, context: Context) -> Decision:
    """Hold each account as after the network's own refusal; erase what is kept of the person, where that is asked."""
    accounts = tx.logins.accounts_of(fact.person, fact.since)
    for account in accounts:
        tx.apply(None, minding.happened(account, Deauthorised(), context), context.moment.steady)
    if fact.code is None:
        return Decision(ignored=None if accounts else "nobody who connected anything")
    told = tx.logins.erase(fact.person, fact.code, fact.since, context.moment.now)
    position = lanes.micros(context.moment.now)
    edits = [
        EditAlert(workspace=each.workspace, incident=each.id, place=each.place) for each in told if each.ref is not None
    ]
    return Decision(effects=tuple(lanes.queue(edit, position=position) for edit in edits))
