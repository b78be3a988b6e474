"""People who are still on the desk and may answer no more: what they looked after goes back to the queue.

Who may answer changes where settings are changed, by whatever process, and where groups and people are learnt anew; so
what decides it is compared now and then, and only when it differs are those asked for who look after something.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bridge import roles
from bridge.model.decision import Moment
from bridge.model.departed import Looks
from bridge.model.ids import AccountId, GroupRef, PersonRef, WorkspaceId
from bridge.model.state import Account, PersonKind
from bridge.ports import Needs, Transaction
from bridge.rules.desk import departed
from bridge.workers.base import Tools

EVERY: Final = timedelta(seconds=5)
ANYWAY: Final = timedelta(minutes=10)
"""A member may have become a guest meanwhile: that is not compared."""

Named = tuple[AccountId, tuple[PersonRef, ...], tuple[tuple[GroupRef, tuple[PersonRef, ...]], ...]]


class Watch:
    """Remembers who might answer when it looked last."""

    def __init__(self) -> None:
        self._named: tuple[Named, ...] | None = None
        self._at: datetime | None = None

    def look(self, tx: Transaction, tools: Tools, moment: Moment) -> None:
        """Whoever looks after something of an account that they may no longer answer for, does so no more."""
        accounts = tx.ticks.connected()
        named = tuple(_named(tx, each) for each in accounts)
        if named == self._named and self._at is not None and moment.steady - self._at < ANYWAY:
            return
        by_id = {each.id: each for each in accounts}
        for each in tx.ticks.owners():
            if _is_barred(tx, each, by_id):
                back = tx.ticks.give_back_of(each, moment.now)
                minded = by_id.get(each.forwarded or each.account, by_id[each.account])
                tx.apply(None, departed.barred(each, back, minded, tools.context(tx, moment)), moment.steady)
        self._named, self._at = named, moment.steady


def _named(tx: Transaction, account: Account) -> Named:
    return account.id, account.settings.agents, _members(tx, account.workspace, account.settings.agent_groups)


def _members(
    tx: Transaction, workspace: WorkspaceId, groups: tuple[GroupRef, ...]
) -> tuple[tuple[GroupRef, tuple[PersonRef, ...]], ...]:
    return tuple(tx.scenes.known(workspace, Needs(groups=groups)).groups.items()) if groups else ()


def _is_barred(tx: Transaction, looks: Looks, by_id: dict[AccountId, Account]) -> bool:
    """Who has left the desk is somebody else's affair: that is told once for all of their accounts."""
    own = (looks.account, looks.forwarded)
    accounts = [by_id[each] for each in own if each is not None and each in by_id]
    groups = tuple(dict.fromkeys(group for each in accounts for group in each.settings.agent_groups))
    known = tx.scenes.known(looks.workspace, Needs(people=(looks.person,), groups=groups))
    who = known.people.get(looks.person)
    if who is None or who.kind is PersonKind.GONE:
        return False
    return roles.barred(looks.person, accounts, known) is not None
