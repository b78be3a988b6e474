"""Every way in, tried by whoever may not: nothing changes, nothing goes to a customer, and they read why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from tests.journeys import pressed_alerts, pressed_answers, pressed_talks
from tests.journeys.pressing import CASES, Press, Ready
from tests.journeys.test_nothing_twice import FIRST, LAST
from tests.journeys.world import AKI, GUEST, HOUR, KEN, TEAM, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASED = (pressed_alerts, pressed_answers, pressed_talks)
"""Where the cases are."""
NEW, GONE = "U0NEW", "U0GONE"
OTHER_TEAM = "T0OTHER"
TYPED = (Act.EXPORT, Act.ASK)
"""What is asked for in words, and could be asked for once more."""

STATE = (
    "SELECT id, work, control, owner, owner_group, outcome, snoozed_until, forwarded_to FROM conversation ORDER BY id",
    "SELECT id, blocked FROM customer ORDER BY id",
    "SELECT id, name, account FROM saved_reply ORDER BY id",
    "SELECT id, action FROM audit ORDER BY id",
    "SELECT id FROM export UNION SELECT id FROM side_thread UNION SELECT id FROM ticket",
    'SELECT key, CAST("values" AS TEXT) FROM incident WHERE "values" LIKE \'%snoozed%\'',
    "SELECT count(*) FROM outbox WHERE kind IN ('SendToCustomer', 'MoveControl', 'MoveToSpam', 'ReactToCustomer')",
)
"""What an act may change, but for messages."""


def state(world: World, messages: Sequence[int]) -> dict[str, object]:
    """All that an act could have changed, of what was there before."""
    found: dict[str, object] = {statement: [tuple(row) for row in world.rows(statement)] for statement in STATE}
    people = [each for account in world.meta.accounts.values() for each in account.customers.values()]
    found["phones"] = {each.id: [bubble.json() for bubble in each.bubbles] for each in people}
    found["messages"] = [
        tuple(row) for row in world.rows("SELECT id, state FROM message ORDER BY id") if row[0] in messages
    ]
    return found


@contextmanager
def as_if(world: World, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """What people do is heard as done otherwise."""
    before = world.slack.deliveries.heard
    world.slack.deliveries.heard = change
    try:
        yield
    finally:
        world.slack.deliveries.heard = before


class By:
    """As if somebody else had done it. kind: only what holds these words. count: how often that was so."""

    def __init__(self, who: str, kind: bytes = b"") -> None:
        self.count = 0
        self._who = who.encode()
        self._kind = kind

    def __call__(self, body: bytes) -> bytes:
        if self._kind not in body:
            return body
        self.count += 1
        return body.replace(AKI.encode(), self._who).replace(KEN.encode(), self._who)


def elsewhere(body: bytes) -> bytes:
    """As if it had been done in another workspace."""
    return body.replace(TEAM.encode(), OTHER_TEAM.encode())


async def tried(world: World, ready: Sequence[Ready]) -> None:
    """Everything is pressed; who waits for a window that does not open is not waited for."""
    tasks = [(each, asyncio.ensure_future(press())) for each in ready for press in each.presses]
    await asyncio.wait([task for each, task in tasks if each.over])
    await over(world, [task for _, task in tasks])


async def sent_in(world: World, press: Press, heard: By) -> None:
    """A window is opened by who may, and sent in by who may not."""
    before = heard.count
    task: asyncio.Future[object] = asyncio.ensure_future(press())
    await world.until(lambda: heard.count > before or task.done())
    await over(world, [task])


async def over(world: World, tasks: Sequence[asyncio.Future[object]]) -> None:
    """What was done has come to its end."""
    await world.slack.settle()
    await world.calm()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.timeout(240)
async def test_whoever_may_not_changes_nothing_by_any_act(database_url: str) -> None:
    """ZI-10, ZI-25, ZM-03, ZM-18: guests, members who are no agents, who is gone, and people of another workspace."""
    async with World.open(database_url) as world:
        world.slack.add_user(NEW, "new")
        world.slack.add_user(GONE, "gone").deleted = True
        ready = await first(world)
        await only_agents(world)
        await world.calm()
        known = [row[0] for row in world.rows("SELECT id FROM message")]
        before = state(world, known)
        for who in (GUEST, NEW, GONE):
            told = len(world.told(who))
            with as_if(world, By(who)):
                await tried(world, [*ready.values()])
            assert state(world, known) == before, who
            assert len(world.told(who)) > told or who == GONE, who
            assert not world.slack.views(who)
        with as_if(world, elsewhere):
            await tried(world, [*ready.values()])
        assert state(world, known) == before, "of another workspace"
        heard = By(NEW, kind=b"view_submission")
        with as_if(world, heard):
            for each in [each for act, each in ready.items() if not each.over and act not in TYPED]:
                for press in each.presses:  # one window at a time
                    await sent_in(world, press, heard)
        assert state(world, known) == before, "a window sent in by somebody else"


@pytest.mark.timeout(120)
async def test_whoever_may_not_stops_and_forwards_nothing(database_url: str) -> None:
    """ZI-25, ZI-34: what time would end is tried in its time."""
    async with World.open(database_url) as world:
        world.slack.add_user(NEW, "new")
        ready = {act: await CASES[act](world) for act in LAST}
        await only_agents(world)
        where = "SELECT id, forwarded_to FROM conversation ORDER BY id"
        before = world.rows(where)
        with as_if(world, By(NEW)):
            for press in [press for each in ready.values() for press in each.presses]:
                await press()
            await world.until(lambda: len(world.told(NEW)) >= 3)
        assert world.rows(where) == before
        world.clock.move(timedelta(seconds=31))
        await ready[Act.STOP].talk.reaches("too hasty")


async def first(world: World) -> dict[Act, Ready]:
    """A conversation for each act that nothing but a press ends."""
    await world.set("instagram_login", ceiling=20)
    world.clock.move(HOUR)
    order = [*FIRST, *(act for act in CASES if act not in FIRST + LAST)]
    return {act: await CASES[act](world) for act in order}


async def only_agents(world: World) -> None:
    """Two are named, and nobody else."""
    for kind in ("messenger", "instagram", "instagram_login"):
        await world.set(kind, agents=(PersonRef(AKI), PersonRef(KEN)))


def test_all_acts_are_tried(database_url: str) -> None:
    """Whatever is added is tried here as well."""
    assert set(CASES) == set(Act)
    sources = {prepare.__module__ for prepare in CASES.values()}
    assert sources == {module.__name__ for module in CASED}
