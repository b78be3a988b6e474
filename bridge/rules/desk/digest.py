"""The figures of a week, told once in the alerts channel: on Mondays, at the account's own time of day.

A digest is an incident that is over as soon as it is told: so it finds its place, waits and is never told twice as all
alerts do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bridge.model.automatic import AutomaticSettings
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.state import Account, Incident, Value
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

KIND: Final = "digest"
WEEK = timedelta(days=7)


def monday(day: date) -> date:
    """The Monday on or before a day on which a digest was due: that of the latest week, which has only begun then."""
    return day - timedelta(days=day.weekday())


def span(settings: AutomaticSettings, monday: date) -> tuple[datetime, datetime]:
    """The week before a Monday, by the account's own midnights."""
    begin, end = (datetime.combine(day, time(), ZoneInfo(settings.zone)) for day in (monday - WEEK, monday))
    return begin.astimezone(UTC), end.astimezone(UTC)


def told(account: Account, monday: date, figures: Mapping[str, Value], context: Context) -> Decision:
    """The week's figures are to be told."""
    days: dict[str, Value] = {
        "begins": (monday - WEEK).isoformat(),
        "ends": (monday - timedelta(days=1)).isoformat(),
    }
    due = AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=f"{KIND}:{account.id}:{monday.isoformat()}",
        kind=KIND,
        place=alerts_place(account, context.rules),
        account=account.id,
        values=days | dict(figures),
    )
    return Decision(alerts=(due,))


def stands(incident: Incident, context: Context) -> Decision:
    """It was told, and is over with that."""
    over = AlertOver(workspace=incident.workspace, at=context.moment.now, key=incident.key)
    return Decision(alerts=(over,))
