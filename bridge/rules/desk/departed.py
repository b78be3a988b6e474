"""Who has left the desk: what they looked after goes back to the queue, and each alerts channel hears of it once.

Rule 1: one message for a person and an alerts channel, however many conversations they had; no line in their threads.
Rule 2: an answer that waited for their word stays inside. What nobody but they could be told stands in the thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bridge.model.decision import Decision
from bridge.model.departed import GivenBack
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, GroupRef, PersonRef, PlaceRef
from bridge.model.state import Account, Value, Wish
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

KIND: Final = "departed"
NAMED: Final = 5
"""So many of those who wait are led to."""


def told(
    whose: PersonRef | GroupRef,
    back: Sequence[GivenBack],
    accounts: Mapping[AccountId, Account],
    context: Context,
    *,
    group: bool = False,
) -> Decision:
    """Each alerts channel is to hear what of its accounts' goes back to the queue.

    whose: a person's, or a *group*'s. back: of conversations that are not closed.
    """
    places: dict[PlaceRef, list[GivenBack]] = {}
    for each in back:
        account = accounts.get(each.account)
        if account is not None and account.wish is not Wish.REMOVED:
            places.setdefault(alerts_place(account, context.rules), []).append(each)
    who: dict[str, Value] = {"group" if group else "person": whose}
    alerts = [_alert(who, place, accounts[some[0].account], some, context) for place, some in places.items()]
    return Decision(alerts=tuple(alerts))


def _alert(
    who: Mapping[str, Value], place: PlaceRef, account: Account, back: Sequence[GivenBack], context: Context
) -> AlertDue:
    longest = datetime.max.replace(tzinfo=UTC)
    waiting = sorted((each for each in back if each.since is not None), key=lambda each: each.since or longest)
    values: dict[str, Value] = {**who, "count": len(back), "waiting": len(waiting)}
    led = [each for each in waiting if each.thread is not None][:NAMED]
    for number, each in enumerate(led, 1):
        values[f"waiting_{number}"] = each.thread
        values[f"waiting_{number}_at"] = None if each.since is None else int(each.since.timestamp())
    return AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=":".join((KIND, *map(str, who.values()), place)),
        kind=KIND,
        place=place,
        account=account.id,
        values=values,
    )
