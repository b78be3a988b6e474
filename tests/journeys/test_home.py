"""The app's Home tab: what is theirs, who waits, how the accounts stand; shown when it is opened, and kept true."""

from __future__ import annotations

from typing import Any

from bridge.demo.slack import View
from bridge.model.state import Wish
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.world import AKI, GUEST, KEN, KINDS, World


def shown(world: World, user: str = AKI) -> str:
    """What somebody reads on their page."""
    home = world.slack.home(user)
    return "" if home is None else world.slack.plain(home)


async def opens(world: World, user: str, *words: str) -> View:
    """Somebody opens their page; it says all of this soon."""
    await world.slack.open_home(user)
    return await says(world, user, *words)


async def says(world: World, user: str, *words: str) -> View:
    """Their page says all of this soon."""
    await world.until(lambda: all(each in shown(world, user) for each in words))
    home = world.slack.home(user)
    assert home is not None
    assert len(home.blocks) <= 100
    return home


def published(world: World, user: str = AKI) -> int:
    """How often somebody's page was published."""
    calls = [each for each in world.slack.calls if each.method == "views.publish" and each.ok]
    return sum(each.arguments["user_id"] == user for each in calls)


def row(home: View, name: str) -> dict[str, Any]:
    """The line about one customer under *Waiting*."""
    return next(block for block in home.blocks if name in str(block.get("text")))


async def presses(talk: Talk, user: str, name: str) -> None:
    """Somebody presses *Take* beside a customer."""
    home = talk.world.slack.home(user)
    assert home is not None
    taken = row(home, name)["accessory"]["value"]
    assert await talk.world.slack.click_view(user, home.id, "take", value=taken) == 200


async def test_an_agents_page_shows_what_is_theirs_and_follows_what_changes(database_url: str) -> None:
    """ZI-25, I-03: *Take* on it works, the page follows without being opened, and nobody's who never opened theirs."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        await opens(world, AKI, "Yours", "Waiting for an answer", "Yuki Tanaka", "You look after no conversation")
        assert "Accounts" not in shown(world)
        assert "<https://hanako.slack.com/archives/" in str(row(await says(world, AKI), "Yuki"))
        await begun(world, "instagram", "Second in line", name="Kenji")
        await says(world, AKI, "Kenji")
        await presses(talk, AKI, "Yuki")
        await says(world, AKI, "Aki looks after it")
        assert "You look after no conversation" not in shown(world)
        assert "looks after it" in talk.card()
        await opens(world, KEN, "Kenji", "Yuki Tanaka")
        assert world.slack.home(GUEST) is None
        await world.calm()
        times = published(world)
        await opens(world, AKI, "Aki looks after it")
        await world.calm()
        assert published(world) == times  # nothing was different
        await world.set("instagram", agents=(KEN,))
        for kind in KINDS[:1] + KINDS[2:]:
            await world.wish(kind, Wish.REMOVED)
        await opens(world, AKI, "You may answer none of the accounts")
