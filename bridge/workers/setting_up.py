"""What is decided about what somebody sets up."""

from __future__ import annotations

from bridge.model.decision import Decision, Moment
from bridge.model.setup import SetupAsked
from bridge.model.state import Known
from bridge.ports import Transaction
from bridge.rules.setup import asked
from bridge.rules.setup.asked import House
from bridge.workers.base import Tools


def decided(tx: Transaction, tools: Tools, fact: SetupAsked, known: Known, moment: Moment, *, waited: bool) -> Decision:
    """What becomes of what somebody asked for."""
    workspace = tx.scenes.workspace(fact.workspace)
    if workspace is None:
        return Decision(ignored="unknown workspace")
    house = House(workspace=workspace, accounts=tx.scenes.accounts(fact.workspace), known=known, refs=tools.refs)
    return asked.decide(fact, house, tools.context(tx, moment), waited=waited)
