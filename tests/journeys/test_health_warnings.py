"""Before a login ends its owners hear of it, in stages, once each; until Meta refuses, everything goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import begun, reconnect
from tests.journeys.world import AKI, ALERTS, DAY, HOUR, KEN, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FLOWERS = "Hanako Flowers"


def alerts(world: World) -> list[Message]:
    """The alerts about one account."""
    return [root for root in world.roots(ALERTS) if FLOWERS in world.slack.plain(root)]


def direct(world: World, user: str, words: str) -> int:
    """How often somebody was told something directly of that account."""
    return sum(FLOWERS in line and words in line for line in map(world.slack.plain, world.slack.dms(user)))


async def stage(world: World, days: timedelta, words: str) -> Message:
    """Let so many days pass, and wait until the alert, or a reply under it, holds these words, and both owners have heard."""
    world.clock.move(days)
    await world.until(lambda: direct(world, AKI, words) and direct(world, KEN, words))
    (alert,) = alerts(world)
    await world.until(lambda: words in world.slack.plain(alerts(world)[0]))
    return alert


async def test_a_login_that_ends_is_told_of_in_stages_and_its_end_is_the_same_incident(database_url: str) -> None:
    """CT-30, CT-31, CT-32, CT-35, ZM-14, F15: five stages, a restart between; answers go until Meta refuses; one incident."""
    async with World.open(database_url) as world:
        await world.set("messenger", owners=(AKI, KEN), reauth_days=60)
        alert = await stage(world, 46 * DAY, "ends in 14 days")
        assert "replies go" in world.slack.plain(alert)
        await world.stop()
        await world.start()
        await stage(world, 7 * DAY, "ends in 7 days")
        (week,) = await world.until(lambda: world.slack.thread(ALERTS, alert.ts))
        assert week.subtype != "thread_broadcast"
        await world.stop()
        world.clock.move(6 * DAY + HOUR)
        await world.start()
        await stage(world, timedelta(0), "ends within a day")
        assert direct(world, AKI, "ends in 3 days") == 0, "of several that have passed the latest alone is told"
        await stage(world, DAY, "was to end by now")
        await world.until(lambda: len(world.slack.thread(ALERTS, alert.ts)) == 3)
        replies = world.slack.thread(ALERTS, alert.ts)
        assert [reply.subtype == "thread_broadcast" for reply in replies] == [False, True, True]

        talk = await begun(world, "messenger", "hello", name="Yuki")
        await talk.says("still goes")
        await talk.hears("still goes")
        world.meta.revoke(world.account("messenger"), 460)
        await talk.says("waits")
        await world.until(lambda: direct(world, AKI, "password"))
        await world.until(lambda: "replies wait (1)" in world.slack.plain(alerts(world)[0]))
        assert len(alerts(world)) == 1
        assert talk.phone() == ["still goes"]
        assert [direct(world, AKI, words) for words in ("14 days", "7 days", "within a day", "by now")] == [1, 1, 1, 1]

        world.meta.restore(world.account("messenger"))
        await reconnect(world, "messenger")
        await talk.hears("waits")
        await world.until(lambda: "Mended" in world.slack.plain(alerts(world)[0]))
        await world.ticked()
        assert len(alerts(world)) == 1
        await world.until(lambda: direct(world, AKI, "Mended") == len(world.slack.dms(AKI)))


async def test_a_login_before_the_end_ends_the_warnings(database_url: str) -> None:
    """CT-30, CT-35, F15: data access as Meta tells it by the probe; a new login moves it, and the incident is over."""
    async with World.open(database_url) as world:
        await world.set("messenger", owners=(AKI, KEN))
        await world.until(lambda: not world.rows("SELECT id FROM account WHERE probe_at IS NULL"))
        world.clock.move(timedelta(minutes=5))
        await world.until(
            lambda: all(
                at for (at,) in world.rows("SELECT data_access_expires_at FROM account WHERE login = 'facebook'")
            )
        )
        await stage(world, 83 * DAY, "ends in 7 days")
        world.meta.token_of(world.account("messenger")).data_access_expires_at += 90 * DAY.total_seconds()
        await reconnect(world, "messenger")
        await world.until(lambda: "Mended" in world.slack.plain(alerts(world)[0]))
        world.clock.move(8 * DAY)
        await world.ticked()
        assert len(alerts(world)) == 1
