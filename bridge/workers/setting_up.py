"""What is decided about what somebody sets up."""

from __future__ import annotations

from bridge.model.decision import Decision, Moment
from bridge.model.setup import Beside, SetupAsked
from bridge.model.state import Known, Wish
from bridge.ports import Transaction
from bridge.rules.setup import asked
from bridge.rules.setup.asked import House
from bridge.workers.base import Tools


def decided(tx: Transaction, tools: Tools, fact: SetupAsked, known: Known, moment: Moment, *, waited: bool) -> Decision:
    """What becomes of what somebody asked for."""
    workspace = tx.scenes.workspace(fact.workspace)
    if workspace is None:
        return Decision(ignored="unknown workspace")
    meant = None if fact.account is None else tx.scenes.account(fact.account)
    here = meant if meant is not None and meant.workspace == fact.workspace else None
    house = House(
        workspace=workspace,
        accounts=tx.scenes.accounts(fact.workspace),
        known=known,
        refs=tools.refs,
        removed=here if here is not None and here.wish is Wish.REMOVED else None,
        beside=Beside() if here is None else tx.setups.beside(here),
    )
    return asked.decide(fact, house, tools.context(tx, moment), waited=waited)
