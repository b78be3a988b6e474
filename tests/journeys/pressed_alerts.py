"""Acts under an alert: see `tests.journeys.pressing`."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.demo.slack import Message
from bridge.model.facts import Act, AlertDue
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.store import alerts
from tests.journeys.pressing import Press, Ready, new, of
from tests.journeys.world import AKI, ALERTS, KEN, TEAM, World


@of(Act.SNOOZE_ALERT)
async def snooze_alert(world: World) -> Ready:
    """An incident of which two owners are told, put off by both at once."""
    talk = await new(world, Act.SNOOZE_ALERT)
    fact = AlertDue(
        workspace=WorkspaceId(TEAM),
        at=datetime.fromtimestamp(world.clock.time(), UTC),
        key="policy_warning:900",
        kind="policy_warning",
        place=PlaceRef(ALERTS),
        account=AccountId(1),
        tell=(PersonRef(AKI), PersonRef(KEN)),
    )
    await world.by_hand(lambda hand: hand.tx.facts.keep([alerts.to_item(fact, hand.tx.new_id())], hand.moment.steady))

    def announced() -> Message | None:
        return next((each for each in world.roots(ALERTS) if Act.SNOOZE_ALERT in str(each.blocks)), None)

    alert = await world.until(announced)
    click = world.slack.click

    def press(user: str) -> Press:
        return lambda: click(user, alert.channel, alert.ts, Act.SNOOZE_ALERT)

    once = {"SELECT count(*) FROM incident WHERE \"values\" LIKE '%snoozed_by%'": 1}
    return Ready(talk=talk, presses=(press(AKI), press(KEN), press(AKI)), rows=once)
