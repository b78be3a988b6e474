"""Who waits is told of in the alerts channel before a window closes: once, edited until nobody waits, with what can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.demo.slack import Message
from bridge.model.ids import GroupRef, PersonRef, PlaceRef
from bridge.store import schema
from bridge.store.accounts import Hand
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.seen import posted
from tests.journeys.test_work import asks
from tests.journeys.world import AKI, ALERTS, DAY, HOUR, HOURGLASS, KEN, MINUTE, OTHER, SUPPORT, World

SECOND = timedelta(seconds=1)
TEAM = "S0TEAM"


def alerts(world: World) -> list[str]:
    """The words of the alerts about closing windows, oldest first."""
    return [world.slack.plain(each) for each in cards(world)]


def cards(world: World) -> list[Message]:
    return [each for each in world.roots(ALERTS) if any(sign in world.slack.plain(each) for sign in "⏳⚫✅")]


def replies(world: World, alert: Message) -> list[Message]:
    return list(world.slack.thread(ALERTS, alert.ts))


def wrote(world: World) -> timedelta:
    """Since the epoch: when the first customer wrote."""
    ((at,),) = world.rows("SELECT last_at FROM conversation WHERE last_at IS NOT NULL ORDER BY last_at LIMIT 1")
    return timedelta(microseconds=at)


async def to(world: World, since: timedelta, waited: timedelta) -> None:
    """The clock shows so long after a time."""
    world.clock.move(since + waited - timedelta(seconds=world.clock.time()))
    await world.arrived()


async def press(talk: Talk, act: str, *, user: str = AKI) -> None:
    """Somebody presses a button under the line of a conversation in the newest alert."""
    known = dict(talk.world.rows("SELECT u.remote_id, c.id FROM conversation c JOIN customer u ON u.id = c.customer"))
    alert = cards(talk.world)[-1]
    await talk.world.slack.click(user, ALERTS, alert.ts, act, value=f"conversation:{known[talk.customer.id]}")


async def test_who_waits_is_named_once_before_each_close_they_can_still_be_answered_in(database_url: str) -> None:
    """F2, CT-39, ZI-22, I-12: in the account's alerts channel, and the same message says what became of them."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        await world.set("messenger", human_agent=True)
        await to(world, at, 22 * HOUR - 5 * SECOND)
        await world.ticked()
        assert alerts(world) == []
        await to(world, at, 22 * HOUR)
        await world.until(lambda: alerts(world))
        assert "1 conversation closes within 2 hours" in alerts(world)[0]
        for word in ("Yuki Tanaka", "Hanako Flowers", "この商品の在庫ありますか"):
            assert word in alerts(world)[0]
        await to(world, at, DAY)
        await world.forward(lambda: "a person can still answer" in alerts(world)[0])
        await to(world, at, 6 * DAY + 12 * HOUR)
        await world.until(lambda: len(alerts(world)) == 2)
        assert "within 12 hours" in alerts(world)[1]
        await to(world, at, 7 * DAY)
        await world.forward(lambda: "unanswered" in alerts(world)[1])
        assert "Closed" in talk.card()
        world.clock.move(-2 * DAY)
        world.clock.move(3 * DAY)
        await world.arrived()
        await world.ticked()
        assert len(alerts(world)) == 2
        assert world.rows("SELECT count(*) FROM lapse") == [(1,)]


async def test_several_are_one_message_that_says_of_each_how_it_ended(database_url: str) -> None:
    """F2, ZI-23, ZI-35, CT-39: answered here or in the app, put off, not to be answered, taken back, written again."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        mei, sora, rio, nao, ami = [
            await begun(world, words=f"Hello, {name} here", name=name) for name in ("Mei", "Sora", "Rio", "Nao", "Ami")
        ]
        mid = await world.meta.write(ami.customer, "secret words", at=world.clock.time())
        await to(world, at, 22 * HOUR + MINUTE)
        await world.until(lambda: alerts(world))
        assert "6 conversations close within 2 hours" in alerts(world)[0]
        assert "secret words" in alerts(world)[0]
        await press(talk, "take")
        await world.forward(lambda: "👤 Aki" in alerts(world)[0])
        ts = await talk.says("Yes.")
        await talk.reaches("Yes.")
        await world.meta.native_reply(world.account("messenger"), mei.customer, "Yes!")
        await press(sora, "no_answer", user=KEN)
        await press(rio, "snooze")
        await world.meta.write(nao.customer, "Are you there?", at=world.clock.time())
        await world.meta.unsend(ami.customer, mid)
        said = await world.forward(
            lambda: next(
                (
                    each
                    for each in alerts(world)
                    if all(
                        word in each
                        for word in ("answered by Aki", "answered in", "closed by Ken", "put off by Aki", "more time")
                    )
                    and "secret words" not in each
                ),
                None,
            )
        )
        assert "2 conversations close within 2 hours" in said
        assert said.count("Hello, ") == 1
        assert any("no answer needed" in line for line in sora.lines())
        assert ts
        await world.meta.native_reply(world.account("messenger"), ami.customer, "Yes!")
        await rio.says("Yes, Rio.")
        await world.forward(lambda: "⏳ 1 conversation here, with more time by now, still waits" in alerts(world)[0])
        await nao.says("Yes, Nao.")
        await world.forward(lambda: "✅ Nobody here is waiting any more" in alerts(world)[0])
        await world.until(lambda: world.rows("SELECT count(*) FROM incident WHERE closed_at IS NULL") == [(0,)])
        assert len(alerts(world)) == 1


async def test_whoever_comes_later_is_added_by_an_edit_and_counted_in_one_reply(database_url: str) -> None:
    """F2: who looks after them is mentioned, else whoever is on call; nobody is paged twice for one close."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        await world.set("messenger", on_call=(PersonRef(KEN),), on_call_groups=(GroupRef(TEAM),))
        await world.slack.click(AKI, talk.root.channel, talk.root.ts, "take")
        await world.until(lambda: "Aki looks after it" in talk.card())
        world.clock.move(5 * MINUTE)
        later = [await begun(world, words=f"Hello, {name} here", name=name) for name in ("Mei", "Sora")]
        await to(world, at, 22 * HOUR)
        await world.until(lambda: alerts(world))
        assert cards(world)[0].notified == {AKI}
        await to(world, at, 22 * HOUR + 5 * MINUTE + 3 * SECOND)
        await world.forward(lambda: "3 conversations" in alerts(world)[0] and replies(world, cards(world)[0]))
        (reply,) = replies(world, cards(world)[0])
        assert reply.notified == {KEN, TEAM}
        assert cards(world)[0].notified == {AKI}
        assert "2 more conversations are about to close" in world.slack.plain(reply)
        # What is said under an alert is never edited: names and words stand in the alert alone.
        assert not any(str(each.customer.name) in world.slack.plain(reply) for each in later)
        assert all(str(each.customer.name) in alerts(world)[0] for each in later)
        assert len(alerts(world)) == 1


async def test_in_quiet_hours_nobody_is_mentioned_but_when_they_are_over(database_url: str) -> None:
    """F2: an edit would notify nobody, so that is a reply; and it is one."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        await world.set("messenger", on_call=(PersonRef(KEN),), quiet="00:00-24:00")
        await to(world, at, 22 * HOUR)
        await world.until(lambda: alerts(world))
        world.clock.move(MINUTE)
        await world.ticked()
        await world.calm()
        assert cards(world)[0].notified == frozenset()
        assert replies(world, cards(world)[0]) == []
        await world.set("messenger", quiet="")
        for _ in range(2):
            world.clock.move(MINUTE)
            await world.until(lambda: replies(world, cards(world)[0]))
            await world.calm()
        (reply,) = replies(world, cards(world)[0])
        assert reply.notified == {KEN}
        assert "Quiet hours are over: 1 conversation" in world.slack.plain(reply)


async def test_what_is_set_anew_counts_for_whoever_waits_by_then(database_url: str) -> None:
    """F2, CT-39, I-14: also what was put off, and an account that was paused."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        await world.set("messenger", alert_standard=0)
        await to(world, at, 22 * HOUR)
        await world.ticked()
        assert alerts(world) == []
        await world.set("messenger", alert_standard=60)
        await to(world, at, 23 * HOUR - 5 * SECOND)
        await world.ticked()
        assert alerts(world) == []
        await to(world, at, 23 * HOUR)
        await world.until(lambda: alerts(world))
        assert "within 1 hour" in alerts(world)[0]


async def test_where_the_alerts_channel_is_closed_it_is_told_elsewhere(database_url: str) -> None:
    """F2, I-15: told or not that the channel is closed, nothing is lost; of a login that is dead the line says so."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        world.meta.faults.add(method="messages", kind="error", error="190/460", status=400, times=100)
        ts = await talk.says("Yes.")
        await talk.bears(ts, HOURGLASS)
        world.slack.world.channels[ALERTS].archived = True
        await to(world, at, 22 * HOUR)
        told = await world.until(
            lambda: next(
                (each for each in posted(world, SUPPORT) if "1 conversation closes within 2 hours" in each), None
            )
        )
        assert "needs re-authentication" in told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_forwarded_is_told_of_where_it_goes_on_and_only_agents_act_on_it(database_url: str) -> None:
    """F2, ZI-34: by the account whose people mind it; whoever may not answer its customers is told so."""
    async with talking(database_url) as talk:
        world, at = talk.world, wrote(talk.world)
        await world.set("messenger", agents=(PersonRef(KEN),))
        await world.set("instagram", channel=PlaceRef(OTHER), alerts_channel=PlaceRef(OTHER), agents=(PersonRef(KEN),))
        await asks(talk, f"forward <#{OTHER}>", KEN)
        await world.until(lambda: world.roots(OTHER))
        await to(world, at, 22 * HOUR)
        alert = await world.until(
            lambda: next((each for each in world.roots(OTHER) if "⏳" in world.slack.plain(each)), None)
        )
        assert alerts(world) == []
        assert "Hanako Flowers" in world.slack.plain(alert)
        ((known,),) = world.rows("SELECT id FROM conversation WHERE forwarded_to IS NOT NULL")
        for user in (AKI, KEN):
            await world.slack.click(user, OTHER, alert.ts, "no_answer", value=f"conversation:{known}")
            if user == AKI:
                await world.until(lambda: world.told(AKI))
                assert world.rows("SELECT work FROM conversation WHERE forwarded_to IS NOT NULL") == [("waiting",)]
        shown = await world.forward(
            lambda: next((each for each in posted(world, OTHER) if "closed by Ken" in each), None)
        )
        assert "Nobody here is waiting any more" in shown


def many(hand: Hand, count: int) -> None:
    """So many customers have waited for 22 hours."""
    conn = hand.conn
    account = conn.execute(sa.select(schema.account.c.id).where(schema.account.c.platform == "messenger")).scalar_one()
    of: dict[str, Any] = {"workspace": "T0DEMO", "account": account}
    now = hand.moment.now
    people = [{**of, "remote_id": f"many-{number}", "name": f"Customer {number}"} for number in range(count)]
    conn.execute(sa.insert(schema.customer), people)
    ids = conn.execute(sa.select(schema.customer.c.id).where(schema.customer.c.remote_id.startswith("many-"))).scalars()
    waits = {**of, "work": "waiting", "control": "ours", "opens_at": now - 22 * HOUR, "waiting_since": now - 22 * HOUR}
    waits |= {
        "last_at": now - 22 * HOUR,
        "standard_close": now + 2 * HOUR,
        "human_close": now + 6 * DAY,
        "alert_at": now,
    }
    conn.execute(sa.insert(schema.conversation), [{**waits, "customer": each} for each in ids])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_thousand_at_once_are_a_handful_of_messages(database_url: str) -> None:
    """F2: the ten that close first, and where the others are found."""
    async with World.open(database_url) as world:
        await world.by_hand(lambda hand: many(hand, 1_000))
        await world.until(lambda: alerts(world))
        await world.forward(lambda: "1000 conversations close" in alerts(world)[0])
        assert "990 more: `/bridge closing`" in alerts(world)[0]
        assert len(alerts(world)) == 1
        assert len(replies(world, cards(world)[0])) <= 2
        assert world.rows("SELECT count(*) FROM closing") == [(1_000,)]
