"""What an operator does beside the running service: it goes on meanwhile, and follows."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.demo.slack import Message
from bridge.store.engine import parse, write_engine
from bridge.store.schema import inbox
from tests.crash.load import Load, settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, Result, installed
from tests.journeys.house import ACCOUNTS
from tests.journeys.world import CHECK, CROSS, DAY, HOURGLASS, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"messenger:{ACCOUNTS['messenger']}"
FOLLOWS = 3.0
"""Seconds within which the service does as a command said."""
SHORT = 40
"""Characters; what agents write under load is shorter."""
OLD_ITEMS = 20_000


async def done(home: Installation, *words: str) -> Result:
    """A command that must end well."""
    result = await home.service.command(*words)
    assert result.code == 0, result.err
    return result


@pytest.mark.timeout(120)
async def test_commands_work_beside_load_which_loses_nothing_and_is_held_up_by_none(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """ZI-24; promises 1, 2 and 3: `prune` goes in slices, and the service follows within 3 s."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        grow_old(world)
        load = Load(world, random.Random(6))
        running = asyncio.create_task(load.run())
        await home.until(lambda: len(world.roots()) == load.people)
        assert (await done(home, "prune", "--json")).json["inbox"] >= 0
        assert (await done(home, "outbox", "retry", "--json")).json["retried"] == 0
        assert len((await done(home, "conversations", "export", "--json")).json) == load.people
        await done(home, "accounts", "set", PAGE, f"ceiling={SHORT}")
        root = load.root("p0")
        assert root is not None
        ts = await world.answer(root, "x" * (SHORT + 1))
        await world.signed(root, ts, CROSS, seconds=FOLLOWS)
        load.stop()
        await running
        await settled(world)
        assert world.rows("SELECT count(*) FROM inbox WHERE source = 'old'") == [(0,)]
        assert {tuple(each.attempts) for each in world.meta.deliveries.record} == {(200,)}
        assert {each.status for each in world.slack.deliveries.records} == {200}
        load.check()


def grow_old(world: World) -> None:
    """So much that was heard a month ago that no one statement could remove it in passing."""
    at = world.clock.now() - 30 * DAY
    old: dict[str, Any] = {"source": "old", "lane": "old", "body": b"x" * 200, "state": "applied", "attempts": 0}
    old |= {"at": at, "kept_at": at, "not_before": at}
    engine = write_engine(parse(world.config.database_url))
    with engine.begin() as connection:
        connection.execute(sa.insert(inbox), [{**old, "key": f"old:{number}"} for number in range(OLD_ITEMS)])
    engine.dispose()


async def test_retry_lets_one_through_for_each_held_target_and_drop_gives_up(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """M-24: a mended account or channel of which nobody told us is found by one row each."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        await world.calm()
        world.meta.revoke(world.account("messenger"))
        answers = [await world.answer(root, text) for text in ("One.", "Two.", "Three.")]
        for ts in answers:
            await world.signed(root, ts, HOURGLASS)
        rows = (await done(home, "outbox", "list", "--json")).json
        waiting = [row["id"] for row in rows if row["kind"] == "SendToCustomer"]
        assert len(waiting) == 3
        assert (await done(home, "outbox", "drop", str(waiting[1]), "--json")).json == {"dropped": [waiting[1]]}
        assert (await home.service.command("outbox", "drop", str(waiting[1]))).code == 1
        assert await probed(home) == [f"network:{account_of(world)}"]
        await home.until(lambda: len(refusals(world)) == 2)
        await world.ticked(5)
        assert len(refusals(world)) == 2
        world.meta.restore(world.account("messenger"))
        assert await probed(home) == [f"network:{account_of(world)}"]
        await home.until(lambda: world.phone(yuki) == ["One.", "Three."])
        for ts in (answers[0], answers[2]):
            await world.signed(root, ts, CHECK)


def refusals(world: World) -> list[str]:
    """How sends ended that Meta took for nothing."""
    return [call.outcome for call in world.meta.calls if call.method == "messages" and call.outcome != "ok"]


async def probed(home: Installation) -> list[str]:
    """What `outbox retry` lets one through for."""
    answer = (await done(home, "outbox", "retry", "--json")).json
    assert answer["retried"] == 0
    return [str(each) for each in answer["probed"]]


def account_of(world: World) -> int:
    """Our own number of the Page."""
    (own,) = [own for own, name in world.rows("SELECT id, remote_id FROM account") if name == ACCOUNTS["messenger"]]
    return int(own)


async def test_what_another_version_heard_is_buried_holds_nobody_up_and_is_decided_after_the_upgrade(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """M-24: buried for an operator, shown without a word of it, and never lost."""
    async with installed(nursery, database_url, tmp_path) as home:
        world = home.world
        yuki = world.customer("messenger", name="Yuki")
        await world.meta.write(yuki, "Is it open today?")
        root = await world.root("open today")
        await world.calm()
        from_tomorrow(world, "open today", "in the evening")
        await world.meta.write(yuki, "And tomorrow?")
        await home.until(lambda: any("tomorrow" in line for line in world.lines(root)))
        (dead,) = (await done(home, "inbox", "list", "--state", "dead", "--json")).json
        assert dead["reason"].startswith("KeyError at decide.py")
        assert 'threadbridge_inbox_rows{state="dead"} 1.0' in (await home.service.get("/metrics"))[1]
        upgraded(world)
        assert (await done(home, "inbox", "retry", str(dead["id"]), "--json")).json == {"retried": 1}
        await home.until(lambda: any("in the evening" in line for line in world.lines(root)))
        assert (await done(home, "inbox", "list", "--json")).json == []
        assert await shown_once(world, root, "open today", "tomorrow", "in the evening")


def from_tomorrow(world: World, known: str, fresh: str) -> None:
    """Put into the inbox what says *fresh* as another item says *known*, but from a source that this version has not."""
    engine = write_engine(parse(world.config.database_url))
    with engine.begin() as connection:
        rows = connection.execute(sa.select(inbox).where(inbox.c.source == "meta").order_by(inbox.c.id)).all()
        (row,) = [row for row in rows if known in row.body.decode()]
        body = row.body.replace(known.encode(), fresh.encode()).replace(b'"m_', b'"m_other')
        values = row._asdict() | {"key": f"{row.key}:other", "source": "tomorrow", "body": body, "state": "ready"}
        del values["id"]
        connection.execute(sa.insert(inbox).values(values))
    engine.dispose()


def upgraded(world: World) -> None:
    """The version that knows the source; here it is one that is known already."""
    engine = write_engine(parse(world.config.database_url))
    with engine.begin() as connection:
        connection.execute(sa.update(inbox).where(inbox.c.source == "tomorrow").values(source="meta"))
    engine.dispose()


async def shown_once(world: World, root: Message, *texts: str) -> bool:
    """Whether each stands once in the thread."""
    await world.calm()
    lines = world.lines(root)
    return all(sum(text in line for line in lines) == 1 for text in texts)
