"""Before a break: who waits and cannot be answered any more once the team is back; told once, edited as they are answered.

Rule 1: it is told in the last hours before the break, when somebody can still answer; never in a break.
Rule 2: who begins to wait after it was told, and before the break, joins the same message.
Rule 3: nobody is paged for a close twice, here and in an alert of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bridge import hours, policy
from bridge.hours import Break
from bridge.lanes import micros
from bridge.model.automatic import AutomaticSettings
from bridge.model.closing import Close
from bridge.model.decision import Decision, Scene
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import ConversationId, PlaceRef
from bridge.model.listed import Listing, listed_in
from bridge.model.state import Account, Incident, Value
from bridge.rules.base import Context
from bridge.rules.desk import announced, closing
from bridge.rules.desk.places import alerts_place

KIND: Final = "break"
PAGED: Final = "paged"
"""In an incident's values: of whom it was told with somebody's mention."""
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


def told(
    accounts: Sequence[Account], pause: Break, listing: Listing, shown: Sequence[Scene], context: Context
) -> Decision:
    """Who will be too late to be answered after a break. accounts: of one message. shown: those that it lists first."""
    first = accounts[0]
    place = alerts_place(first, context.rules)
    times: dict[str, Value] = {"begins": pause.begins.timestamp(), "ends": pause.ends.timestamp()}
    paged = " ".join(str(each.conversation.id) for each in shown if _pages(each, context.moment.now))
    alert = AlertDue(
        workspace=first.workspace,
        at=context.moment.now,
        key=key(place, pause),
        kind=KIND,
        place=place,
        account=first.id,
        values={**times, PAGED: paged, **listing.values()},
    )
    return Decision(alerts=(alert,))


def _pages(scene: Scene, now: datetime) -> bool:
    """Whether somebody is mentioned for them: not where an alert told of this close, nor those on call in quiet hours."""
    talk, last = scene.conversation, policy.last_close(scene.account, scene.conversation)
    if last is not None and closing.told_of(talk, last):
        return False
    return talk.owner is not None or talk.owner_group is not None or not announced.is_quiet(scene.minding, now)


def paged(incident: Incident, conversation: ConversationId) -> bool:
    """Whether somebody was mentioned for a conversation before this break."""
    return PAGED not in incident.values or conversation in listed_in(incident, PAGED)


def has_paged(incident: Incident, scene: Scene, close: Close) -> bool:
    """Whether somebody was mentioned for this very close before this break: one that moved since is another."""
    talk = scene.conversation
    if talk.id not in listed_in(incident, PAGED) or close.at >= ends(incident):
        return False
    same = close.at == policy.last_close(scene.account, talk)
    return same and (talk.last_at is None or talk.last_at <= incident.opened_at)


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


def begins(incident: Incident) -> datetime:
    """When the break of an incident begins."""
    return _moment(incident, "begins")


def ends(incident: Incident) -> datetime:
    """When the team is back."""
    return _moment(incident, "ends")


def _moment(incident: Incident, name: str) -> datetime:
    moment = incident.values.get(name)
    return incident.opened_at if not isinstance(moment, int | float) else datetime.fromtimestamp(moment, UTC)
