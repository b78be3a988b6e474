"""Whatever is pressed, sent in or told twice, at once, again or after a restart, happens once on both sides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from bridge.model.facts import Act
from tests.journeys.pressing import CASES, Press, Ready
from tests.journeys.world import HOUR, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FIRST = (Act.ARRIVED, Act.SEND_AGAIN, Act.SEND_SMALLER)
"""What needs time to pass, or an account as it was, before the others are made ready."""
LAST = (Act.STOP,)
"""What time would end."""


def test_every_act_has_a_case(database_url: str) -> None:
    """A new act is pressed twice here before it is released."""
    missing = sorted(set(Act) - set(CASES))
    assert not missing, (
        f"say in tests/journeys/pressing.py how {missing} are made ready and pressed, and what they do once"
    )


async def prepared(world: World) -> dict[Act, Ready]:
    """A conversation for each act, in one world."""
    await world.set("instagram_login", ceiling=20)
    world.clock.move(HOUR)
    order = [*FIRST, *(act for act in CASES if act not in FIRST + LAST)]
    ready = {act: await CASES[act](world) for act in order}
    await world.calm()
    return ready | {act: await CASES[act](world) for act in LAST}


async def all_at_once(ready: dict[Act, Ready]) -> None:
    """Everybody presses everything."""
    presses = [press() for each in ready.values() if each.over for press in each.presses]
    windows = [press for each in ready.values() if not each.over for press in each.presses]
    ended = await asyncio.gather(_in_turn(windows), *presses, return_exceptions=True)
    # A window that was sent in is gone when it is sent in once more.
    assert [
        each for each in ended if isinstance(each, Exception) and not isinstance(each, KeyError | LookupError)
    ] == []


async def _in_turn(windows: Sequence[Press]) -> None:
    """One person has one window before them at a time."""
    for press in windows:
        await press()


def happened(world: World, act: Act, ready: Ready) -> dict[str, object]:
    """What stands on both sides because of an act."""
    talk = ready.talk
    numbers = dict(world.rows("SELECT p.remote_id, c.id FROM conversation c JOIN customer p ON p.id = c.customer"))
    about = (f"conversation:{numbers[talk.customer.id]}", f"conversation.{ready.noted}")
    mine = [each for each in world.meta.calls if str(talk.customer.id) in str(each.arguments)]
    asked = Counter(str(each.arguments.get("sender_action") or each.method) for each in mine)
    said: dict[str, object] = {
        "phone": [*world.phone(talk.customer)],
        "calls": {name: asked[name] for name in ready.calls},
    }
    if ready.line is not None:
        said["lines"] = sum(ready.line.strip() in line for line in talk.lines())
    if ready.noted is not None:
        said["noted"] = world.rows("SELECT object, action FROM audit").count(about)
    return said


def once(ready: Ready) -> dict[str, object]:
    """What should."""
    said: dict[str, object] = {"phone": [*ready.phone], "calls": ready.calls}
    if ready.line is not None:
        said["lines"] = 1
    if ready.noted is not None:
        said["noted"] = 1
    return said


def twice(world: World, ready: dict[Act, Ready], acts: Sequence[Act]) -> dict[str, object]:
    """What is otherwise than once."""
    found = {act: (happened(world, act, ready[act]), once(ready[act])) for act in acts}
    return {act.value: each for act, each in found.items() if each[0] != each[1]}


@pytest.mark.timeout(150)
@pytest.mark.parametrize("restart", [False, True])
async def test_every_act_counts_once_whoever_presses_it_how_often(database_url: str, restart: bool) -> None:
    """M-24: by two agents at once and twice by one; and with an end of the service between the press and what it does."""
    async with World.open(database_url) as world:
        ready = await prepared(world)
        await all_at_once(ready)
        if restart:
            await world.stop()
            await world.start()
        await world.slack.settle()
        await world.until(lambda: world.rows("SELECT id FROM message WHERE reason LIKE '%not_relayed.stopped%'"))
        await world.calm()
        assert twice(world, ready, [*CASES]) == {}
        await all_at_once({act: each for act, each in ready.items() if each.over})
        await world.calm()
        again = twice(world, ready, [*CASES])
        assert again == {}, "pressed once more when it is over"
