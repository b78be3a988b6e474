"""The digest of a day: who waits, what closes today, what lapsed yesterday; told once, at the accounts' own time of day.

Rule 1: a day is told of while it lasts; one that was slept or jumped over is not told of later.
Rule 2: a day on which nothing waits, closes or lapsed is not told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bridge import hours
from bridge.model.automatic import AutomaticSettings
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue
from bridge.model.ids import PlaceRef
from bridge.model.state import Account, Value
from bridge.model.word import Word
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

KIND: Final = "day"
DAY = timedelta(days=1)
LATE = timedelta(hours=12)
"""So long after its time a day is still told of."""


def due(settings: AutomaticSettings, day: date) -> datetime:
    """When a day's digest is due; aware, UTC."""
    hour, _, minute = settings.digest.partition(":")
    return hours.time_of_day(day, int(hour) * 60 + int(minute), settings.zone)


def latest(settings: AutomaticSettings, now: datetime) -> date:
    """The latest day whose digest is due."""
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    return today if due(settings, today) <= now else today - DAY


def young(settings: AutomaticSettings, day: date, now: datetime) -> bool:
    """Whether a day whose digest is due may still be told of."""
    return now < due(settings, day) + LATE


class Times(Word, kw_only=True):
    """Today and yesterday by the accounts' own midnights; aware, UTC."""

    yesterday: datetime
    today: datetime
    tomorrow: datetime


def times(settings: AutomaticSettings, now: datetime) -> Times:
    """Of the day that it is now."""
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    yesterday, begin, end = (hours.time_of_day(today + count * DAY, 0, settings.zone) for count in (-1, 0, 1))
    return Times(yesterday=yesterday, today=begin.astimezone(UTC), tomorrow=end)


Together = tuple[str, PlaceRef, str, str]
"""What accounts share that are told of in one message: workspace, alerts channel, time of day, zone."""


def together(account: Account, context: Context) -> Together:
    """With which others an account is told of."""
    settings = account.settings
    return account.workspace, alerts_place(account, context.rules), settings.digest, settings.zone


def told(accounts: Sequence[Account], day: date, figures: Mapping[str, Value], context: Context) -> Decision:
    """How these accounts stand on a day; nothing where there is nothing to tell. accounts: of one message."""
    if not any(figures.get(name) for name in ("waiting", "closing", "lapsed")):
        return Decision(ignored="nothing to tell")
    first, (_, place, time, zone) = accounts[0], together(accounts[0], context)
    others: dict[str, Value] = {"others": len(accounts) - 1} if len(accounts) > 1 else {}
    alert = AlertDue(
        workspace=first.workspace,
        at=context.moment.now,
        key=f"{KIND}:{place}:{time}:{zone}:{day.isoformat()}",
        kind=KIND,
        place=place,
        account=first.id,
        values={**figures, **others},
    )
    return Decision(alerts=(alert,))
