"""Who has left the desk, or may answer no more: what they looked after goes back to the queue, and each alerts channel hears of it once.

Rule 1: one message for a person and an alerts channel, however many conversations they had. Whoever is still there, and may
no longer answer for an account, is named in the threads that are alive as well: their colleagues see them at work there.
Rule 2: an answer that waited for their word stays inside. What nobody but they could be told stands in the thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.departed import GivenBack, Looks
from bridge.model.effects import PostLine
from bridge.model.facts import AlertDue
from bridge.model.ids import AccountId, GroupRef, PersonRef, PlaceRef
from bridge.model.state import Account, Said, Value, Wish
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


def barred(looks: Looks, back: Sequence[GivenBack], account: Account, context: Context) -> Decision:
    """Somebody may answer for an account no more: its alerts channel is to hear what they looked after, and their threads."""
    moment = context.moment
    said = Said(key="thread.work_barred", values={"owner": looks.person})
    lines = tuple(
        lanes.queue(
            PostLine(workspace=looks.workspace, conversation=each.conversation, said=said),
            position=lanes.micros(moment.now),
            place=each.place,
        )
        for each in back
        if each.place is not None
    )
    if not back:
        return Decision()
    who: dict[str, Value] = {"person": looks.person, "of": account.id}
    alert = _alert(who, alerts_place(account, context.rules), account, back, context)
    return Decision(effects=lines, alerts=(replace(alert, values={**alert.values, "barred": account.name}),))


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
