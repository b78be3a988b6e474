"""What could not be decided: kept, told of in one incident, and over when an operator's retry succeeds."""

import json
from datetime import timedelta

import pytest

from bridge.meta.envelope import lanes_of
from bridge.store import conversations as stored
from bridge.store.accounts import Hand
from tests.journeys.seen import figure, posted, words
from tests.journeys.test_webhook import body, text
from tests.journeys.world import ALERTS, World

BURIED = "SELECT key FROM inbox WHERE state = 'dead'"


def incidents(world: World) -> list[tuple[str, bool]]:
    """Their keys, and whether each is over."""
    rows = world.rows("SELECT key, closed_at FROM incident ORDER BY id")
    return [(key, closed_at is not None) for key, closed_at in rows]


async def run(world: World, statement: str) -> None:
    """One statement, beside the service."""
    await world.by_hand(lambda hand: hand.conn.exec_driver_sql(statement).rowcount)


async def buried(world: World, count: int) -> None:
    """Until so many facts have failed for longer than our patience."""
    await world.until(lambda: world.rows("SELECT 1 FROM inbox WHERE state = 'ready' AND first_tried IS NOT NULL"))
    await world.forward(lambda: len(world.rows(BURIED)) == count)


async def test_what_could_not_be_decided_is_told_once_and_over_when_a_retry_succeeds(database_url: str) -> None:
    """CT-36, I-10: one incident for a source, its count grows, and nothing is lost."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        root = await world.root("one")
        await world.calm()
        await run(world, "UPDATE conversation SET work = 'nonsense'")
        await world.meta.write(yuki, "two")
        await buried(world, 1)
        await world.until(lambda: any("1 message from Meta" in text for text in posted(world, ALERTS)))
        await world.meta.write(yuki, "three")
        await buried(world, 2)
        await world.until(lambda: any("2 messages from Meta" in text for text in posted(world, ALERTS)))
        assert incidents(world) == [("dead_inbox:meta", False)]
        assert len([text for text in posted(world, ALERTS) if "📛" in text]) == 1

        await world.by_hand(lambda hand: hand.tx.facts.retry(hand.moment.steady))
        await buried(world, 2)
        assert incidents(world) == [("dead_inbox:meta", False)]

        await run(world, "UPDATE conversation SET work = 'waiting'")
        await world.by_hand(lambda hand: hand.tx.facts.retry(hand.moment.steady))
        await world.until(lambda: words(world, root) == ["one", "two", "three"])
        await world.until(lambda: incidents(world) == [("dead_inbox:meta", True)])
        await world.until(lambda: any("Mended" in text for text in posted(world, ALERTS)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_decided_again_for_its_neighbours_sake_is_counted_once(database_url: str) -> None:
    """The first try of both is undone by the one that fails."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        await world.root("one")
        await world.calm()
        await run(world, "UPDATE conversation SET work = 'nonsense'")
        now = world.clock.now().timestamp()
        of_nobody = body(yuki.account, messaging=[text(yuki, "of nobody", "m_of_nobody", at=now)])
        of_nobody["entry"][0]["id"] = "5550000"
        two = body(yuki.account, messaging=[text(yuki, "two", "m_two", at=now + 1)])
        together = of_nobody | {"entry": [*of_nobody["entry"], *two["entry"]]}
        assert await world.meta.deliver(json.dumps(together).encode()) == 200
        await buried(world, 1)
        assert await figure(world, "threadbridge_facts_ignored_total", reason="not connected") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_fact_that_cannot_even_be_told_of_is_kept_all_the_same(database_url: str) -> None:
    """What is in the way of deciding may be in the way of telling; its neighbours go on."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "one")
        await world.root("one")
        await world.calm()
        await run(world, "UPDATE account SET wish = 'nonsense'")
        await world.meta.write(yuki, "two")
        await buried(world, 1)
        assert incidents(world) == []
        await run(world, "UPDATE account SET wish = 'on'")
        world.clock.move(timedelta(seconds=1))
        await world.meta.write(yuki, "three")
        await world.until(lambda: any("three" in line for root in world.roots() for line in world.lines(root)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_was_erased_while_their_name_was_asked_for_is_not_remembered_by_the_answer(database_url: str) -> None:
    """F14: the answer comes a moment after the erasure, and nothing of it is kept."""

    def erase(hand: Hand) -> None:
        talk = hand.conn.exec_driver_sql("SELECT id FROM conversation").scalar_one()
        stored.erase(
            hand.conn,
            talk,
            hand.moment,
            who="cli",
            heard=lambda account, customer, _: lanes_of(account.platform, account.remote_id, customer.remote_id),
        )

    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki Erasable")
        world.meta.faults.add(method="profile", kind="latency", seconds=1.5)
        await world.meta.write(yuki, "one")
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'LearnProfile' AND state = 'working'"))
        await world.by_hand(erase)
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'LearnProfile' AND state = 'done'"))
        await world.calm()
        kept = world.rows("SELECT body, lane, key FROM inbox")
        assert not any(b"Erasable" in bytes(body) or lane.startswith("profile:") for body, lane, _ in kept)
        assert not any("profile" in key and yuki.id in key for _, _, key in kept)
