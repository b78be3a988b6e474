"""The app's Home tab: what is theirs, who waits, how the accounts stand; shown when it is opened, and kept true."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.slack import View
from bridge.model.state import Wish
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.world import AKI, DAY, GUEST, HOUR, KEN, KINDS, MINUTE, World

PAUSE = "setup:pause"
PUBLIC = "https://bridge.example.com"


def shown(world: World, user: str = AKI) -> str:
    """What somebody reads on their page."""
    home = world.slack.home(user)
    return "" if home is None else world.slack.plain(home).replace("*", "")


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
        await world.until(lambda: "looks after it" in talk.card())
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


def refused(world: World) -> list[str]:
    """Why pages were not published, in order."""
    return [each.error for each in world.slack.calls if each.method == "views.publish" and not each.ok]


def links(home: View) -> dict[str, str]:
    """Where its buttons lead, by what they are called."""
    found = [each for block in home.blocks if block["type"] == "actions" for each in block["elements"]]
    return {each["text"]["text"]: each["url"] for each in found if "url" in each}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_admins_page_says_how_the_accounts_stand_and_leads_to_the_login(database_url: str) -> None:
    """I-03, CT-33: the alert's own words, *Reconnect* beside them, figures; an agent reads nothing of it."""
    async with talking(database_url, "messenger", public_url=PUBLIC) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        well = "Connected: messages arrive and replies go."
        await opens(world, AKI, "Accounts", "Hanako Studio · Instagram", well, "1 message in 1 conversation")
        world.meta.revoke(world.account("messenger"), subcode=460)
        await talk.says("held")
        home = await says(world, AKI, "Hanako Flowers (Messenger) needs re-authentication", "The password of its login")
        assert shown(world).index("Hanako Flowers · Messenger") < shown(world).index("Hanako Studio")  # troubles first
        assert links(home)["Reconnect"].startswith(f"{PUBLIC}/meta/connect?link=")
        assert "Connect another account" in links(home)
        pause = next(
            each for block in home.blocks for each in block.get("elements", ()) if each.get("action_id") == PAUSE
        )
        assert await world.slack.click_view(AKI, home.id, PAUSE, value=pause["value"]) == 200
        (window,) = await world.until(lambda: world.slack.views(AKI))
        await world.slack.submit_view(AKI, window.id)
        await says(world, AKI, "Hanako Flowers is paused", "needs re-authentication", "Resume")
        await opens(world, KEN, "Yuki Tanaka")
        assert "Accounts" not in shown(world, KEN)
        await world.set("instagram", owners=(KEN,))
        await opens(world, KEN, "Accounts", "Shop Hanako · Instagram")
        assert "Hanako Flowers · Messenger" not in shown(world, KEN)
        assert [*links(await says(world, KEN))] == ["Connect another account"]  # nothing of his to mend
        ken = world.slack.world.users[KEN]
        ken.locale = "ja-JP"
        changed = {"type": "user_change", "user": ken.payload(locale=True, now=world.clock.time())}
        world.slack.world.feed.announce(changed | {"event_ts": f"{world.clock.time():.6f}"})
        world.clock.move(MINUTE)
        await says(world, KEN, "返信待ち", "アカウント")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_newcomers_page_has_the_steps_and_the_button_for_whoever_may_begin(database_url: str) -> None:
    """ZI-05, ZI-10, I-03: for others a sentence that says who; the link is young whenever the page is opened."""
    async with World.open(database_url, public_url=PUBLIC) as world:
        world.slack.world.users[AKI].admin = True
        for kind in KINDS:
            await world.wish(kind, Wish.REMOVED)
        home = await opens(world, AKI, "Welcome to Threadbridge", "1. Get ready", "2. Connect")
        link = links(home)["Log in at Meta"]
        assert link.startswith(f"{PUBLIC}/meta/connect?link=")
        await opens(world, KEN, "An admin of this workspace connects the first account", "Ask @Aki")
        assert links(await says(world, KEN)) == {}
        await world.slack.open_home(AKI)
        await world.calm()
        assert published(world) == 1
        world.clock.move(31 * MINUTE)
        await world.slack.open_home(AKI)
        await world.until(lambda: published(world) == 2)
        assert links(await says(world, AKI))["Log in at Meta"] != link


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_slack_says_to_a_page_is_heeded_and_a_page_nobody_looks_at_forgets(database_url: str) -> None:
    """F15: too fast, a dead token, another's hand, no Home tab; and after a day no customer's name is left."""
    async with talking(database_url, "messenger") as talk:
        world = talk.world
        world.slack.faults.add(method="views.publish", kind="error", error="ratelimited")
        await opens(world, AKI, "Yuki Tanaka")
        assert refused(world) == ["ratelimited"]
        world.slack.world.homes[AKI].hash = "1.another"
        await begun(world, "messenger", "Second in line", name="Kenji")
        await says(world, AKI, "Kenji")
        assert refused(world)[1:] == ["hash_conflict"]
        world.slack.faults.add(method="views.publish", kind="error", error="token_revoked")
        await begun(world, "messenger", "Third in line", name="Mia")
        await world.forward(lambda: "Mia" in shown(world))
        assert refused(world)[2:] == ["token_revoked"]
        world.slack.switches.home_tab = False
        await world.slack.open_home(KEN)
        await world.until(lambda: refused(world)[3:] == ["not_enabled"])
        await world.calm()
        assert world.rows("SELECT person FROM home") == [(AKI,)]
        world.slack.switches.home_tab = True
        await opens(world, KEN, "Yuki Tanaka")
        world.clock.move(DAY + HOUR)
        await world.until(lambda: "One moment" in shown(world) and "One moment" in shown(world, KEN))
        assert not any(name in shown(world) for name in ("Yuki", "Kenji", "Mia"))
        times = published(world)
        world.clock.move(timedelta(minutes=5))
        await world.ticked()
        assert published(world) == times
        await opens(world, AKI, "Yours", "Closing soon")
