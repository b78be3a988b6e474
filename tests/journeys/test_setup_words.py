"""``/bridge`` and its words: what is set up, read by whoever may know it and changed by whoever may change it."""

from __future__ import annotations

import pytest

from bridge.demo.slack.model import View
from bridge.model.state import Health, Wish
from bridge.store import accounts
from tests.journeys.hands import talking
from tests.journeys.house import ids_of
from tests.journeys.test_setup_windows import sends_in, shown
from tests.journeys.test_setup_windows import words as text
from tests.journeys.world import ACCOUNTS, AKI, CHECK, DAY, GUEST, KEN, SUPPORT, Kind, World


async def answer(world: World, words: str, user: str = AKI, place: str = SUPPORT) -> str:
    """What somebody reads privately after a command, as soon as it is there."""
    before = len(world.slack.ephemerals(user))
    status, _ = await world.slack.command(user, place, "/bridge", words)
    assert status == 200
    await world.until(lambda: len(world.slack.ephemerals(user)) > before)
    line = world.slack.ephemerals(user)[-1]
    assert len(line.blocks) <= 50
    return world.slack.plain(line)


def buttons(world: World, user: str = AKI) -> dict[str, str]:
    """What stands under the last private line: values by action, the last of each."""
    line = world.slack.ephemerals(user)[-1]
    elements = [each for block in line.blocks for each in [*block.get("elements", ()), block.get("accessory") or {}]]
    return {each["action_id"]: each.get("value", "") for each in elements if "action_id" in each}


async def opens(world: World, words: str, act: str, user: str = AKI) -> View:
    """The window that a command opens; nothing is said besides."""
    before = len(world.slack.ephemerals(user))
    status, _ = await world.slack.command(user, SUPPORT, "/bridge", words)
    assert status == 200
    view = await shown(world, act, user=user)
    assert len(world.slack.ephemerals(user)) == before
    return view


async def opens_by_a_button(world: World, words: str, act: str, effect: str) -> None:
    """Where Slack did not take the command's trigger."""
    world.slack.faults.add(method="views.open", kind="error", error="expired_trigger_id")
    assert effect in await answer(world, words)
    assert buttons(world).keys() == {act}
    line = world.slack.ephemerals(AKI)[-1]
    assert await world.slack.click(AKI, line.channel, line.ts, act, ephemeral=True) == 200
    view = await shown(world, act)
    assert effect in text(world, view)
    del world.slack.world.views[view.id]


async def confirmed(world: World, view: View) -> None:
    """Send a window in: twice, as a slow connection may."""
    for _ in range(2):
        assert await sends_in(world, view) == {}
        world.slack.world.views[view.id] = view
    del world.slack.world.views[view.id]


async def health(world: World, kind: Kind, health: Health, cause: str | None) -> None:
    """The network allows an account no more than this."""

    def work(hand: accounts.Hand) -> None:
        found = accounts.find(hand.conn, *ids_of(kind))
        assert found is not None
        accounts.set_health(hand.conn, found.id, health, cause)

    await world.by_hand(work)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_accounts_tells_about_every_account_and_one_by_its_name(database_url: str) -> None:
    """I-03, ZI-24: how each stands and why, in the reader's language, with what its reader may do; one by a part of its name."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        await health(world, "instagram", Health.NEEDS_REAUTHENTICATION, "password_changed")
        await world.wish("instagram_login", Wish.PAUSED)
        every = await answer(world, "accounts")
        for words in ("Hanako Flowers", "Shop Hanako", "Hanako Studio", "Connected", "password", "is paused"):
            assert words in every
        assert {"setup:edit", "setup:check", "setup:resume", "setup:remove"} <= buttons(world).keys()
        one = await answer(world, "account flowers")
        assert "Hanako Flowers" in one
        assert "Studio" not in one
        assert f"messenger:{ACCOUNTS['messenger']}" in one
        assert buttons(world)["setup:pause"].isdigit()
        assert "Studio" in await answer(world, f"account instagram:{ACCOUNTS['instagram_login']}")
        assert "Did you mean `/bridge account Hanako Studio`?" in await answer(world, "account Hanoko Stdio")
        assert "Several accounts are called “hanako”" in await answer(world, "account hanako")
        assert "No account is called “Taro”" in await answer(world, "account Taro")
        read = await answer(world, "accounts", KEN)
        assert "Hanako Studio" in read
        assert "Workspace admins" in read
        assert buttons(world, KEN).keys() == {"setup:check"}
        assert "Only full members" in await answer(world, "accounts", GUEST)
        world.slack.world.users[KEN].locale = "ja-JP"
        assert "一時停止中" in await answer(world, "accounts", KEN)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_pausing_resuming_and_removing_are_asked_about_in_a_window_by_typing(database_url: str) -> None:
    """ZI-10, ZM-03, ZI-24, ZI-31, ZI-32: only by who may; each is asked once, and alone changes nothing.

    Where Slack opens no window, a button does, under the same words.
    """
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        assert "orkspace admins" in await answer(world, "account Hanako Studio pause", KEN)
        wish = f"SELECT wish FROM account WHERE remote_id = '{ACCOUNTS['instagram_login']}'"  # noqa: S608
        assert "is on already" in await answer(world, "account studio resume")
        for verb, effect in {"pause": "is kept, and shown", "remove": "can take this back"}.items():
            view = await opens(world, f"account Hanako Studio {verb}", f"setup:{verb}")
            assert effect in text(world, view)
            del world.slack.world.views[view.id]
            await opens_by_a_button(world, f"account Hanako Studio {verb}", f"setup:{verb}", effect)
        assert world.rows(wish) == [("on",)]
        await confirmed(world, await opens(world, "アカウント　studio　一時停止", "setup:pause"))
        await world.until(lambda: world.rows(wish) == [("paused",)])
        await world.until(lambda: "is paused. What customers" in world.slack.plain(world.slack.ephemerals(AKI)[-1]))
        assert "is paused already" in await answer(world, "account pause studio")
        view = await opens(world, "account studio resume", "setup:resume")
        assert world.rows(wish) == [("paused",)]
        await confirmed(world, view)
        await world.until(
            lambda: "What customers write is shown at once" in world.slack.plain(world.slack.ephemerals(AKI)[-1])
        )
        await world.until(lambda: world.rows(wish) == [("on",)])
        await world.wish("instagram_login", Wish.REMOVED)
        assert "is removed" in await answer(world, "account studio")
        assert buttons(world).keys() == {"setup:restore"}
        assert "is removed. That can be taken back until" in await answer(world, "accounts")
        removed = buttons(world)["setup:restore"]
        await answer(world, "accounts", KEN)
        assert buttons(world, KEN).keys() == {"setup:check"}, "who may not set up is offered nothing"
        await world.slack.open_home(AKI)
        await world.until(lambda: f"'value': '{removed}'" in str(getattr(world.slack.home(AKI), "blocks", "")))
        assert "orkspace admins" in await answer(world, "account studio restore", KEN)
        assert "is back with its settings" in await answer(world, "account studio restore")
        assert "is not removed" in await answer(world, "account studio restore")
        await world.wish("instagram_login", Wish.REMOVED)
        world.clock.move(31 * DAY)
        assert "can be taken back" not in await answer(world, "accounts")
        assert "Removed: Hanako Studio" in world.slack.plain(world.slack.ephemerals(AKI)[-1])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_accounts_settings_open_in_a_window_by_typing_it(database_url: str) -> None:
    """ZI-24: by the command's own trigger; a button opens them where Slack does not take that, or somebody may not."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True

        def titles() -> list[str]:
            return [str(each.shape.get("callback_id")) for each in world.slack.world.views.values() if each.user == AKI]

        status, told = await world.slack.command(AKI, SUPPORT, "/bridge", "account flowers edit")
        assert (status, titles()) == (200, ["setup:edit"]), told
        assert world.slack.ephemerals(AKI) == []
        world.slack.faults.add(method="views.open", kind="error", error="expired_trigger_id")
        assert "open in a window" in await answer(world, "account edit flowers")
        assert buttons(world).keys() == {"setup:edit"}
        assert "orkspace admins" in await answer(world, "account flowers edit", KEN)


async def test_who_answers_is_changed_from_that_moment_on(database_url: str) -> None:
    """ZM-17, ZI-25: whoever is named answers, whoever is not named any more does not; the last one stays unless all are meant."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        flowers = "Hanako Flowers"
        assert "every full member" in await answer(world, "agents")
        assert "Which account" in await answer(world, f"agents add <@{AKI}|aki>")
        assert "From now on only" in await answer(world, f"agents add <@{AKI}|aki> {flowers}")
        await talk.says("Kens first", user=KEN)
        await world.until_told("Not sent", KEN)
        assert "may answer" in await answer(world, f"agents add <@{KEN}|ken> to flowers")
        ts = await talk.says("Kens second", user=KEN)
        await talk.bears(ts, CHECK)
        assert "can no longer answer" in await answer(world, f"agents remove <@{KEN}> {flowers}")
        await talk.says("Kens third", user=KEN)
        await world.until(lambda: sum("Not sent" in each for each in world.told(KEN)) == 2)
        assert [each for each in talk.phone() if "Kens" in each] == ["Kens second"]
        assert "without anybody named" in await answer(world, f"agents remove <@{AKI}> {flowers}")
        assert "every full member" in await answer(world, f"agents everyone {flowers}")
        assert "names nobody" in await answer(world, f"agents remove <@{AKI}> {flowers}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whom_slack_does_not_know_is_not_named(database_url: str) -> None:
    """ZM-17: nobody who could never answer; nobody by a name that Slack has not made a mention of."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        for words, told in {
            "agents add @ken flowers": "nobody whom Slack named",
            "agents add flowers": "Whom?",
            "agents add <@U0NOBODY> flowers": "Slack knows nobody",
            "agents add <@U0ROBOT> flowers": "is a bot",
            "agents add <!subteam^S0NOBODY|@x> flowers": "no user group",
            "owners add <!subteam^S0NOBODY|@x> flowers": "not user groups",
            "agents add <@U0KEN> flwers": "Did you mean",
            "leads add <@U0KEN> flowers": "to others",
            "owners add <@U0KEN> flowers": "owns Hanako Flowers",
        }.items():
            assert told in await answer(world, words), words
        assert "is kept, and shown" in text(world, await opens(world, "account flowers pause", "setup:pause", KEN))
        assert "orkspace admins" in await answer(world, "account studio pause", KEN)
        assert "Messenger · @Ken" in await answer(world, "owners", KEN)
