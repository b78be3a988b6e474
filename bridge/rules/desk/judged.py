"""What the network does about an account as a whole: warns it, stops its messages, lets another app answer first."""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.facts import AccountJudged, AlertDue, AlertFact, AlertOver, Judgement, RolesChanged
from bridge.model.state import Account, Value
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import Blocked, Kind, Unblocked
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place


def judged(account: Account, fact: AccountJudged, context: Context) -> Decision:
    """A warning is told; a block holds the answers, as if one of them had been refused for it; an unblock lets them go."""
    warned = f"policy_warning:{account.id}"
    match fact.judgement:
        case Judgement.WARNING:
            return Decision(alerts=(_due(account, warned, "policy_warning", {}, context),))
        case Judgement.BLOCK:
            return minding.happened(account, Blocked(), context)
        case Judgement.UNBLOCK:
            held = minding.key_of(Kind.RESTRICTED, account.id)
            decision = minding.happened(account, Unblocked(), context)
            over = [_over(account, key, context) for key in (held, warned) if key not in decision.released]
            # A login that is dead besides stays what is said of the account, and holds it on.
            return replace(
                decision, released=(*decision.released, held), alerts=(*decision.alerts, *over), ignored=None
            )


def roles_changed(account: Account, fact: RolesChanged, context: Context) -> Decision:
    """Another app answers first, or we do again."""
    key = f"app_roles:{account.id}"
    if context.rules.apps & set(fact.first):
        return Decision(alerts=(_over(account, key, context),))
    values: dict[str, Value] = {"app": fact.first[0]} if fact.first else {}
    return Decision(alerts=(_due(account, key, "app_roles", values, context),))


def _due(account: Account, key: str, kind: str, values: dict[str, Value], context: Context) -> AlertDue:
    place = alerts_place(account, context.rules)
    now = context.moment.now
    return AlertDue(
        workspace=account.workspace, at=now, key=key, kind=kind, place=place, account=account.id, values=values
    )


def _over(account: Account, key: str, context: Context) -> AlertFact:
    return AlertOver(workspace=account.workspace, at=context.moment.now, key=key)
