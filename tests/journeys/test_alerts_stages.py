"""An incident from its first word to its end: the alert, replies under it, direct messages, *Snooze*, *Reconnect*, and five of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.demo.slack import Message
from bridge.model.facts import AlertDue, AlertFact, AlertOver
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.store import alerts, logins
from bridge.store.hand import Hand
from tests.journeys.hands import begun, reconnect
from tests.journeys.world import AKI, ALERTS, DAY, KEN, TEAM, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC = "https://bridge.example.com"


async def tell(world: World, *facts: AlertFact) -> None:
    """The bridge tells itself something."""

    def keep(hand: Hand) -> None:
        hand.tx.facts.keep([alerts.to_item(fact, hand.tx.new_id()) for fact in facts], hand.moment.steady)

    await world.by_hand(keep)


def due(world: World, stage: str | None, *, number: int = 1, loud: bool = False, key: str = "") -> AlertDue:
    """The login of an account ends; both owners are to hear of it."""
    return AlertDue(
        workspace=WorkspaceId(TEAM),
        at=datetime.fromtimestamp(world.clock.time(), UTC),
        key=key or f"reauth:{number}",
        kind="reauth",
        place=PlaceRef(ALERTS),
        account=AccountId(number),
        values={"cause": "token_expired"},
        stage=stage,
        loud=loud,
        tell=(PersonRef(AKI), PersonRef(KEN)),
    )


def over(world: World, key: str, **values: str) -> AlertOver:
    """It is mended."""
    now = datetime.fromtimestamp(world.clock.time(), UTC)
    return AlertOver(workspace=WorkspaceId(TEAM), at=now, key=key, values={**values})


def elements(message: Message) -> Iterator[dict[str, Any]]:
    """The buttons of a message."""
    return (each for block in message.blocks if block["type"] == "actions" for each in block["elements"])


def texts(world: World, user: str) -> list[str]:
    """What somebody was told directly."""
    return [world.slack.plain(each) for each in world.slack.dms(user)]


async def the_alert(world: World) -> Message:
    """The one alert in the channel, as it is now."""
    (alert,) = await world.until(lambda: world.roots(ALERTS))
    return alert


async def test_each_stage_is_told_once_put_off_and_over(database_url: str) -> None:
    """ZM-14, CT-30…33, CT-35: one alert, replies under it, a message to each owner; *Snooze* for a day; *mended by* at last."""
    async with World.open(database_url, public_url=PUBLIC) as world:
        await world.set("messenger", owners=(AKI, KEN))
        ((number,),) = world.rows("SELECT id FROM account WHERE platform = 'messenger'")
        account = {"number": number}
        await tell(world, due(world, "far", **account), due(world, "far", **account))
        await world.until(lambda: texts(world, AKI) and texts(world, KEN))
        alert = await the_alert(world)
        assert [each["action_id"] for each in elements(alert)] == ["reconnect", "snooze_alert"]
        (direct,) = world.slack.dms(AKI)
        assert "Hanako Flowers (Messenger) needs re-authentication" in world.slack.plain(direct)
        urls = {each["url"] for message in (alert, direct) for each in elements(message) if "url" in each}
        assert len(urls) == 2, "each link is good for itself"
        assert all(each.startswith(f"{PUBLIC}/meta/connect?link=") for each in urls)

        await tell(world, due(world, "near", **account), due(world, "near", **account))
        await world.until(lambda: len(texts(world, AKI)) == 2)
        (reply,) = await world.until(lambda: world.slack.thread(ALERTS, alert.ts))
        assert "🔑 Hanako Flowers (Messenger)" in world.slack.plain(reply)
        assert reply.subtype != "thread_broadcast"

        mine = world.slack.dms(KEN)[0]
        assert await world.slack.click(KEN, mine.channel, mine.ts, "snooze_alert") == 200
        await world.until(lambda: [each for each in world.told(KEN) if "nothing more is said of it" in each])
        await world.until(lambda: "Snoozed by Ken until" in world.slack.plain(world.roots(ALERTS)[0]))
        await tell(world, due(world, "nearer", **account))
        await world.until(lambda: world.rows("SELECT id FROM incident WHERE CAST(\"values\" AS TEXT) LIKE '%owed%'"))
        await world.calm()
        assert (len(world.slack.thread(ALERTS, alert.ts)), len(texts(world, KEN))) == (1, 2)
        world.clock.move(DAY)
        await world.until(lambda: len(texts(world, KEN)) == 3)
        await world.until(lambda: len(world.slack.thread(ALERTS, alert.ts)) == 2)
        assert "Snoozed" not in world.slack.plain(await the_alert(world))
        await tell(world, due(world, "now", loud=True, **account))
        await world.until(lambda: len(texts(world, KEN)) == 4)
        replies = await world.until(lambda: _three(world.slack.thread(ALERTS, alert.ts)))
        assert [each.subtype == "thread_broadcast" for each in replies] == [False, False, True]

        await _is_over(world, number)


async def _is_over(world: World, number: int) -> None:
    """Mended by Aki: the alert says so, and both owners hear of it."""
    await tell(world, over(world, f"reauth:{number}", by=AKI))
    await world.until(lambda: len(texts(world, AKI)) == len(texts(world, KEN)) == 5)
    assert "✅ Mended by Aki" in texts(world, KEN)[-1]
    await world.calm()
    closed = await the_alert(world)
    assert "✅ Mended by Aki" in world.slack.plain(closed)
    assert not list(elements(closed))
    for person in (AKI, KEN):
        told = [each for each in world.slack.dms(person) if "Hanako Flowers" in world.slack.plain(each)]
        assert len(told) == 5
        assert all("✅ Mended by Aki" in world.slack.plain(each) for each in told)
        assert not [button for each in told for button in elements(each)]


def _three(found: list[Message]) -> list[Message] | None:
    return found if len(found) == 3 else None


async def test_an_alert_that_somebody_deleted_is_announced_anew_at_the_next_stage(database_url: str) -> None:
    """A reply without its root would stand in the channel and say nothing of what came before."""
    async with World.open(database_url) as world:
        await tell(world, due(world, "far"))
        alert = await the_alert(world)
        await world.until(lambda: texts(world, AKI))
        await world.slack.delete(AKI, ALERTS, alert.ts)
        await tell(world, due(world, "near"))
        again = await world.until(lambda: [each for each in world.roots(ALERTS) if each.ts != alert.ts])
        assert "needs re-authentication" in world.slack.plain(again[0])


async def test_two_hundred_at_once_are_one_alert_and_one_message_each(database_url: str) -> None:
    """A thousand conversations, two hundred accounts, one password: one alert, edited; one message to each owner, and one at the end."""
    async with World.open(database_url, times={"alert_rest": timedelta(seconds=1)}) as world:
        keys = [f"reauth:{number}" for number in range(1000, 1200)]
        await tell(world, *(due(world, None, key=key) for key in keys))
        await world.until(lambda: texts(world, AKI) and texts(world, KEN))
        await world.calm()
        (alert,) = world.roots(ALERTS)
        shown = world.slack.plain(alert)
        assert "🔑 200 accounts need re-authentication" in shown
        assert "and 140 more" in shown
        assert [len(texts(world, user)) for user in (AKI, KEN)] == [1, 1]
        await tell(world, *(over(world, key) for key in keys[:199]))
        await world.until(lambda: "1 account needs" in world.slack.plain(world.roots(ALERTS)[0]))
        await tell(world, over(world, keys[199]))
        await world.until(lambda: len(texts(world, AKI)) == 2)
        await world.calm()
        assert "✅ Mended" in world.slack.plain(world.roots(ALERTS)[0])
        assert (len(world.roots(ALERTS)), len(texts(world, KEN))) == (1, 2)


async def test_the_end_counts_what_went_and_names_who_logged_in(database_url: str) -> None:
    """CT-35: *mended by … · 1 reply sent*: of two that were held, one went back to its author, as its window had closed."""
    async with World.open(database_url) as world:
        first = await begun(world, "messenger", "first", name="Yuki")
        world.meta.revoke(world.account("messenger"), 460)
        await first.says("too late")
        await world.until(lambda: world.rows("SELECT id FROM target WHERE held_by LIKE 'reauth%'"))
        world.clock.move(DAY)
        second = await begun(world, "messenger", "second", name="Ken")
        await second.says("in time")
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE kind = 'SendToCustomer' AND state = 'ready'"))
        world.meta.restore(world.account("messenger"))

        def named(hand: Hand) -> int:
            now = datetime.fromtimestamp(world.clock.time(), UTC)
            return logins.person_of(hand.conn, WorkspaceId(TEAM), "facebook", "42", name="K. Sato", at=now)

        await reconnect(world, "messenger", by=await world.by_hand(named))
        await second.reaches("in time")
        await world.until(lambda: "✅ Mended by K. Sato" in "".join(map(world.slack.plain, world.roots(ALERTS))))
        await world.until(lambda: "· 1 reply sent" in "".join(map(world.slack.plain, world.roots(ALERTS))))
        assert first.phone() == []
