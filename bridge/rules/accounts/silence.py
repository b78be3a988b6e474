"""Whether an account is silent although it usually hears something by now: learnt for each hour of the week (UTC). Pure.

Rule 1: nobody is alarmed before three weeks were watched, nor for less than three hours.
Rule 2: nor before the network was asked how the account stands, and to tell of it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge import lanes
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue
from bridge.model.state import Account
from bridge.model.upkeep import Kept, ProbeAccount
from bridge.rules.base import Context, nothing
from bridge.rules.desk.places import alerts_place

HOUR: Final = timedelta(hours=1)
WEEK: Final = 168
"""Hours of a week: slots, from Monday 0:00 UTC."""
ENOUGH: Final = 3 * WEEK
"""Watched hours before which nothing is concluded."""
LEAST: Final = timedelta(hours=3)
UNLIKELY: Final = 0.01
"""A silence that chance alone brings less often than this is told."""
KIND: Final = "silence"


def hour_of(at: datetime) -> datetime:
    """The hour in which a moment is, by its beginning."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def slot_of(at: datetime) -> int:
    """The hour of the week, from 0 to 167."""
    utc = at.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


def chance(week: Mapping[int, tuple[int, int]], since: datetime, now: datetime) -> float:
    """How likely it is, from 0 to 1, that nothing comes from *since* to *now*, by whole hours.

    week: by slot, how many such hours were watched, and in how many something came. One hour more without anything is
    added to each, so that what came every time so far is likely, and never certain.
    """
    likely, hour = 1.0, hour_of(since) + HOUR
    while hour + HOUR <= now and likely >= UNLIKELY:
        hours, heard = week.get(slot_of(hour), (0, 0))
        likely *= 1 - min(heard, hours) / (hours + 1)
        hour += HOUR
    return likely


def is_odd(kept: Kept, week: Mapping[int, tuple[int, int]], now: datetime) -> bool:
    """Whether an account's silence is worth a question."""
    since = kept.dates.heard_at
    if since is None or now - since < LEAST or sum(hours for hours, _ in week.values()) < ENOUGH:
        return False
    return chance(week, since, now) < UNLIKELY


def wondered(kept: Kept, week: Mapping[int, tuple[int, int]], context: Context) -> Decision:
    """Ask how a silent account stands, and for what was missed, before anybody is alarmed."""
    if not is_odd(kept, week, context.moment.now):
        return nothing("not odd")
    account = kept.account
    effect = ProbeAccount(workspace=account.workspace, account=account.id, silent_since=kept.dates.heard_at)
    return Decision(account=account.id, effects=(lanes.queue(effect, position=0),))


def alarm(account: Account, since: datetime, context: Context) -> AlertDue:
    """The network says that all is well, and tells nothing."""
    return AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=f"{KIND}:{account.id}",
        kind=KIND,
        place=alerts_place(account, context.rules),
        account=account.id,
        values={"heard": int(since.timestamp())},
        tell=account.settings.owners,
    )
