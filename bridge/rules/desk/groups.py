"""Groups whose people may answer: who belongs to them, and when nobody does any more.

Rule 1: a group that lets nobody answer is an incident of each account that names it, over when it does again or is named no more.
Rule 2: while nobody can tell who belongs to a group, those who were known to may go on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from bridge import lanes
from bridge.model.decision import Decision
from bridge.model.effects import LearnGroup
from bridge.model.facts import AlertDue, AlertFact, AlertOver, GroupLearnt
from bridge.model.ids import AccountId, GroupRef, PersonRef
from bridge.model.state import Account, Incident, Wish
from bridge.rules.base import Context, nothing
from bridge.rules.desk.places import alerts_place

EMPTY: Final = "group"
"""Nobody belongs to it."""
UNREAD: Final = "group_unread"
"""Nobody can tell who does."""
KINDS: Final = (EMPTY, UNREAD)
MORE: Final = "more"
"""Why nobody can tell from a fact: more belong to it than were told."""


def key(kind: str, group: GroupRef, account: AccountId) -> str:
    """The incident of one account that names this group."""
    return f"{kind}:{group}:{account}"


def names(account: Account, group: GroupRef) -> bool:
    """Whether an account that is connected lets a group's people answer."""
    return account.wish is not Wish.REMOVED and group in account.settings.agent_groups


def ended(fact: GroupLearnt) -> bool:
    """Whether there is no such group any more."""
    return fact.people == () and fact.why in ("gone", "plan")


def learnt(
    fact: GroupLearnt,
    before: tuple[PersonRef, ...] | None,
    accounts: Sequence[Account],
    open_ones: Collection[str],
    context: Context,
) -> Decision:
    """Who belongs to it now. before: who did; None: never learnt. open_ones: keys of what is told of now.

    accounts: those of the workspace.
    """
    naming = [each for each in accounts if names(each, fact.group)]
    if fact.people is None and fact.why == MORE:
        if not naming and before is None:
            return nothing("a group nobody asked for")
        learn = LearnGroup(workspace=fact.workspace, group=fact.group)
        return Decision(effects=(lanes.queue(learn, position=0),))
    alerts = _alerts(fact, naming, accounts, open_ones, context)
    people = before or () if fact.people is None else fact.people
    return Decision(workspace=fact.workspace, groups=((fact.group, people),), alerts=alerts)


def _alerts(
    fact: GroupLearnt,
    naming: Sequence[Account],
    accounts: Sequence[Account],
    open_ones: Collection[str],
    context: Context,
) -> tuple[AlertFact, ...]:
    trouble = None if fact.people else UNREAD if fact.people is None else EMPTY
    due = [] if trouble is None else [_due(trouble, fact, account, context) for account in naming]
    told = {each.key for each in due}
    mended = [
        AlertOver(workspace=fact.workspace, at=context.moment.now, key=each)
        for each in (key(kind, fact.group, account.id) for kind in KINDS for account in accounts)
        if each in open_ones and each not in told
    ]
    return (*due, *mended)


def _due(kind: str, fact: GroupLearnt, account: Account, context: Context) -> AlertDue:
    return AlertDue(
        workspace=fact.workspace,
        at=context.moment.now,
        key=key(kind, fact.group, account.id),
        kind=kind,
        place=alerts_place(account, context.rules),
        account=account.id,
        values={"group": fact.group, "cause": fact.why or "empty"},
    )


def left(told: Sequence[Incident], accounts: Sequence[Account], context: Context) -> Decision:
    """What was told of groups that an account names no more is over."""
    by_id = {each.id: each for each in accounts}
    over = [
        AlertOver(workspace=each.workspace, at=context.moment.now, key=each.key)
        for each in told
        if (account := None if each.account is None else by_id.get(each.account)) is None
        or not names(account, GroupRef(str(each.values.get("group"))))
    ]
    return Decision(alerts=tuple(over))
