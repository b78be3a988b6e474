"""A pinned list of what closes soon in the alerts channel, kept up to date where it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import begun
from tests.journeys.seen import posted
from tests.journeys.world import AKI, ALERTS, CHECK, DAY, HOUR, World

CLOSED = "SELECT count(*) FROM incident WHERE kind = 'board' AND closed_at IS NOT NULL"


def boards(world: World) -> list[Message]:
    """Every board that stands, with how it reads."""
    return [each for each in world.slack.channel_messages(ALERTS) if "losing soon" in world.slack.plain(each)]


def pinned(world: World) -> list[str]:
    return world.slack.world.channels[ALERTS].pins


async def later(world: World, predicate: Callable[[], object]) -> None:
    """Let half a minute pass, after which a board is looked at, as often as it takes."""
    for _ in range(40):
        if predicate():
            return
        await world.calm()
        world.clock.move(timedelta(seconds=31))
        await world.ticked(3)
        await world.calm()
    raise AssertionError(f"it did not come to be in 20 minutes\n{world.dump()}")


async def reads(world: World, *names: str) -> None:
    """Wait until the only board shows these customers, and none besides."""

    def shows() -> bool:
        said = [world.slack.plain(each) for each in boards(world)]
        return [[name for name in ("Yuki", "Mia", "Zoe") if name in each] for each in said] == [list(names)]

    await later(world, shows)


async def test_one_board_lists_what_closes_soon_of_all_accounts_of_the_channel_and_goes_when_it_is_switched_off(
    database_url: str,
) -> None:
    """ZI-09: the next to close first, edited as they are answered, across a restart; pinned once."""
    async with World.open(database_url) as world:
        yuki = await begun(world, name="Yuki")
        world.clock.move(HOUR)
        for kind in ("messenger", "instagram"):
            await world.set(kind, board=True, human_agent=False)
        await later(world, lambda: boards(world))
        await begun(world, "instagram", name="Mia", words="Another shop?")
        await reads(world, "Yuki", "Mia")
        await later(world, lambda: pinned(world) == [boards(world)[0].ts])
        await world.stop()
        await world.start()
        ts = await yuki.says("Yes, we have it.")
        await yuki.bears(ts, CHECK)
        await reads(world, "Mia")
        world.clock.move(DAY)
        await reads(world)
        assert "nobody is waiting" in world.slack.plain(boards(world)[0])
        assert len([call for call in world.slack.calls if call.method == "pins.add"]) == 1
        await world.set("messenger", board=False)
        await begun(world, "instagram", name="Zoe", words="And roses?")
        await reads(world, "Zoe")
        await world.set("instagram", board=False)
        await later(world, lambda: not boards(world) and not pinned(world))
        assert any("not kept any more" in each for each in posted(world, ALERTS))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_board_that_cannot_be_pinned_says_so_and_one_that_is_deleted_comes_again_once(
    database_url: str,
) -> None:
    """I-08: the permission is named; whoever does not want the board is not fought."""
    async with World.open(database_url) as world:
        install = world.slack.world.install
        install.scopes -= {"pins:write"}
        await world.set("messenger", board=True, human_agent=False)
        await later(world, lambda: any("`pins:write`" in world.slack.plain(each) for each in boards(world)))
        install.scopes |= {"pins:write"}
        world.clock.move(HOUR)
        await later(world, lambda: pinned(world) == [each.ts for each in boards(world)])
        await later(world, lambda: not any("Not pinned" in world.slack.plain(each) for each in boards(world)))
        await world.slack.delete(AKI, ALERTS, boards(world)[0].ts)
        await begun(world, name="Yuki")
        await reads(world, "Yuki")
        await later(world, lambda: pinned(world) == [each.ts for each in boards(world)])
        await world.slack.delete(AKI, ALERTS, boards(world)[0].ts)
        await begun(world, name="Zoe", words="And roses?")
        left = "SELECT count(*) FROM incident WHERE kind = 'board' AND CAST(\"values\" AS TEXT) LIKE '%left%'"
        await later(world, lambda: world.rows(left) == [(1,)])
        await world.calm()
        assert boards(world) == []
        await world.set("messenger", board=False)
        await later(world, lambda: world.rows(CLOSED) == [(1,)])
        await world.set("messenger", board=True)
        await reads(world, "Yuki", "Zoe")
