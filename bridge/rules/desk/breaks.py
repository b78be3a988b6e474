"""Before a break: who waits and cannot be answered any more once the team is back; told once, edited as they are answered.

Rule 1: it is told in the last hours before the break, when somebody can still answer; never in a break.
Rule 2: who begins to wait after it was told, and before the break, joins the same message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bridge import hours
from bridge.hours import Break
from bridge.lanes import micros
from bridge.model.automatic import AutomaticSettings
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import PlaceRef
from bridge.model.listed import Listing
from bridge.model.state import Account, Incident, Value
from bridge.rules.base import Context
from bridge.rules.desk.places import alerts_place

KIND: Final = "break"
BEFORE = timedelta(hours=3)
"""So long before the hours end that a break follows."""


def due(pause: Break) -> datetime:
    """When it is told; in the last hours before the break, however short they are."""
    return max(pause.begins - BEFORE, pause.opened)


def ahead(settings: AutomaticSettings, now: datetime) -> Break | None:
    """The break before which somebody is to be told now."""
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    for day in (today - timedelta(days=1), today):  # hours may end after midnight
        pause = hours.break_after(settings.hours, settings.zone, settings.holidays, day)
        if pause is not None and due(pause) <= now < pause.begins:
            return pause
    return None


Together = tuple[str, PlaceRef, Break]
"""What accounts share that are told of in one message: workspace, alerts channel, break."""


def together(account: Account, pause: Break, context: Context) -> Together:
    """With which others an account is told of."""
    return account.workspace, alerts_place(account, context.rules), pause


def key(place: PlaceRef, pause: Break) -> str:
    """The incident of a break, of those accounts that have their alerts in a place."""
    return f"{KIND}:{place}:{micros(pause.begins)}:{micros(pause.ends)}"


def told(accounts: Sequence[Account], pause: Break, listing: Listing, context: Context) -> Decision:
    """Who will be too late to be answered after a break. accounts: of one message."""
    first = accounts[0]
    place = alerts_place(first, context.rules)
    times: dict[str, Value] = {"begins": pause.begins.timestamp(), "ends": pause.ends.timestamp()}
    alert = AlertDue(
        workspace=first.workspace,
        at=context.moment.now,
        key=key(place, pause),
        kind=KIND,
        place=place,
        account=first.id,
        values={**times, **listing.values()},
    )
    return Decision(alerts=(alert,))


def still(incident: Incident, listing: Listing, context: Context) -> Decision:
    """How those who were named stand now; when the team is back, how it ended."""
    now = context.moment.now
    if ends(incident) <= now:
        over = AlertOver(workspace=incident.workspace, at=now, key=incident.key, values=listing.values())
        return Decision(alerts=(over,))
    if all(incident.values.get(name) == value for name, value in listing.values().items()):
        return Decision(ignored="told already")
    alert = AlertDue(
        workspace=incident.workspace,
        at=now,
        key=incident.key,
        kind=KIND,
        place=incident.place,
        account=incident.account,
        values={**incident.values, **listing.values()},
    )
    return Decision(alerts=(alert,))


def ends(incident: Incident) -> datetime:
    """When the team is back."""
    moment = incident.values.get("ends")
    return incident.opened_at if not isinstance(moment, int | float) else datetime.fromtimestamp(moment, UTC)
