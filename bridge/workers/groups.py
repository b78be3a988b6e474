"""What becomes of groups whose people may answer: decided as they are learnt, and looked after now and then."""

from __future__ import annotations

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.effects import LearnGroup
from bridge.model.facts import GroupLearnt
from bridge.ports import Needs, Transaction
from bridge.rules.desk import departed, groups
from bridge.workers.base import Tools


def decided(tx: Transaction, tools: Tools, fact: GroupLearnt, moment: Moment) -> Decision:
    """Who belongs to it now, and what must be heard of that."""
    before = tx.scenes.known(fact.workspace, Needs(groups=(fact.group,))).groups.get(fact.group)
    told = {
        each.key for kind in groups.KINDS for each in tx.incidents.open_of(kind) if each.workspace == fact.workspace
    }
    accounts, context = tx.scenes.accounts(fact.workspace), tools.context(tx, moment)
    decision = groups.learnt(fact, before, accounts, told, context)
    if not groups.ended(fact):
        return decision
    back = tx.ticks.give_back_group(fact.workspace, fact.group, moment.now)
    left = departed.told(fact.group, back, {each.id: each for each in accounts}, context, group=True)
    return replace(decision, alerts=(*decision.alerts, *left.alerts))


def ask(tx: Transaction, moment: Moment) -> None:
    """Who belongs to the groups that accounts name, or that look after something, read anew."""
    named = dict.fromkeys([*tx.ticks.named_groups(), *tx.ticks.owning_groups()])
    effects = tuple(lanes.queue(LearnGroup(workspace=desk, group=group), position=0) for desk, group in named)
    if effects:
        tx.apply(None, Decision(effects=effects), moment.steady)


def look(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """What was told of groups that no account names any more is over."""
    told = [each for kind in groups.KINDS for each in tx.incidents.open_of(kind)]
    accounts = [each for desk in {each.workspace for each in told} for each in tx.scenes.accounts(desk)]
    decision = groups.left(told, accounts, tools.context(tx, moment))
    if decision.alerts:
        tx.apply(None, decision, moment.steady)
