"""What the network does about an account as a whole: warns it, stops its messages, lets another app answer first."""

from __future__ import annotations

from bridge import lanes
from bridge.model.decision import Decision, Hold
from bridge.model.facts import AccountJudged, AlertDue, AlertFact, AlertOver, Judgement, RolesChanged
from bridge.model.state import Account, Health, Value
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

RESTRICTED = "restricted"
WORSE = frozenset({Health.NEEDS_REAUTHENTICATION, Health.NOT_ELIGIBLE})
"""What an unblock does not mend: it stays what is said of the account."""


def judged(account: Account, fact: AccountJudged, context: Context) -> Decision:
    """A warning is told; a block holds the answers, as if one of them had been refused for it; an unblock lets them go."""
    held, warned = f"{RESTRICTED}:{account.id}", f"policy_warning:{account.id}"
    match fact.judgement:
        case Judgement.WARNING:
            return Decision(alerts=(_due(account, warned, "policy_warning", {}, context),))
        case Judgement.BLOCK:
            values: dict[str, Value] = {"cause": "policy", "code": ""}
            return Decision(
                account=account.id,
                health=None if account.health in WORSE else (Health.RESTRICTED, "policy"),
                holds=tuple(Hold(target=target, key=held) for target in lanes.sending_targets(account)),
                alerts=(_due(account, held, RESTRICTED, values, context),),
            )
        case Judgement.UNBLOCK:
            blocked = account.health is Health.RESTRICTED
            return Decision(
                account=account.id,
                health=(Health.READY, None) if blocked else None,
                released=(held,),
                alerts=(_over(account, held, context), _over(account, warned, context)),
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
