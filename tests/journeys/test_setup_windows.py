"""Windows in Slack that set accounts up: what they say before, what becomes of it, and what whoever asked reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bridge.demo.slack.model import View
from bridge.model.ids import PlaceRef
from bridge.model.state import Wish
from tests.journeys.hands import Line, begun, reconnect, talking, told
from tests.journeys.test_setup import audited
from tests.journeys.world import AKI, ALERTS, KEN, OTHER, SUPPORT, Kind, World


async def button(world: World, act: str, kind: Kind = "messenger", *, text: str = "Accounts") -> str:
    """A message of the app's with a button for an account, as its lists of accounts have it."""
    platform = "instagram" if kind.startswith("instagram") else "messenger"
    (id_,) = world.rows(f"SELECT id FROM account WHERE platform = '{platform}' ORDER BY id")[:1]  # noqa: S608
    element = {"type": "button", "action_id": act, "text": {"type": "plain_text", "text": act}, "value": str(id_[0])}
    body = {"channel": SUPPORT, "text": text, "blocks": [{"type": "actions", "elements": [element]}]}
    headers = {"Authorization": f"Bearer {world.slack.bot_token}"}
    url = f"{world.slack.api_url}chat.postMessage"
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=headers) as answer:
        said: dict[str, Any] = await answer.json()
    assert said["ok"], said
    return str(said["ts"])


async def opened(world: World, act: str, *, user: str = AKI) -> View:
    """Press an account's button, and have the window that opens."""
    ts = await button(world, act)
    assert await world.slack.click(user, SUPPORT, ts, act) == 200
    return await shown(world, act, user=user)


async def shown(world: World, act: str, *, user: str = AKI) -> View:
    """The window that is open, as soon as it is."""

    def found() -> View | None:
        views = world.slack.world.views.values()
        return next((each for each in views if each.user == user and each.shape.get("callback_id") == act), None)

    return await world.until(found)


def words(world: World, view: View) -> str:
    """What stands in a window."""
    return "\n".join(_texts(view.blocks))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


async def reads(world: World, holds: str, *, user: str = AKI) -> Line:
    """The newest line told to somebody that holds these words."""

    def found() -> Line | None:
        return next((each for each in reversed(told(world, user)) if holds in world.slack.plain(each.said)), None)

    return await world.until(found)


async def sends_in(
    world: World, view: View, *, user: str = AKI, groups: Sequence[str] | None = None, **values: object
) -> dict[str, str]:
    """Send a window in; what is said at its fields, none when it closed. groups: of the agents."""
    values |= {} if groups is None else {"agents.groups": groups}
    status, _ = await world.slack.submit_view(user, view.id, values)
    assert status == 200
    return dict(view.errors) if view.id in world.slack.world.views else {}


def wish(world: World) -> str:
    """What is wanted of the Page."""
    (row,) = world.rows("SELECT wish FROM account WHERE platform = 'messenger'")
    return str(row[0])


async def test_an_account_is_paused_and_resumed_in_windows_that_name_what_it_means(database_url: str) -> None:
    """ZI-31, ZI-32, ZM-20: who may not reads who can; cancelled changes nothing; twice is once; what came meanwhile is counted.

    Whoever resumes it reads how many, and so does the account's channel, once; nobody where none came.
    """
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        ts = await button(world, "setup:pause")
        assert await world.slack.click(KEN, SUPPORT, ts, "setup:pause") == 200
        await reads(world, "only workspace admins", user=KEN)
        view = await opened(world, "setup:pause")
        assert "1 conversation is open" in words(world, view)
        await world.slack.close_view(AKI, view.id)
        assert wish(world) == "on"
        view = await opened(world, "setup:pause")
        payload_id = view.id
        assert await sends_in(world, view) == {}
        line = await reads(world, "is paused")
        world.slack.world.views[payload_id] = view  # sent in again: Slack had not heard that it was taken
        assert await sends_in(world, view) == {}
        await talk.says("Are you there?")
        await world.until_told("is paused. When it is resumed")
        world.clock.move(timedelta(seconds=2))
        await world.meta.write(talk.customer, "まだですか？", at=float(int(world.clock.time())))
        await world.arrived()
        assert "まだですか？" not in "".join(talk.lines())
        assert await world.slack.click(AKI, SUPPORT, await button(world, "setup:pause"), "setup:pause") == 200
        await reads(world, "is paused already")
        assert (
            await world.slack.click(AKI, line.said.channel, line.said.ts, "setup:resume", ephemeral=line.private) == 200
        )
        view = await shown(world, "setup:resume")
        assert "1 message came while it was paused" in words(world, view)
        assert await sends_in(world, view) == {}
        await reads(world, "is on again. 1 message came")
        await world.until(lambda: "まだですか？" in "".join(talk.lines()))

        def at_large() -> list[str]:
            said = [world.slack.plain(each) for each in world.roots()]
            return [text.partition("\n")[0] for text in said if "came while" in text]

        await world.until(at_large)
        for each in (Wish.PAUSED, Wish.ON):  # by hand, and without anything that came
            await world.wish("messenger", each)
        await world.calm()
        assert at_large() == ["bridge: ✅ Hanako Flowers (Messenger) is on again: 1 message came while it was paused"]
        assert len(audited(talk, "account.pause")) == len(audited(talk, "account.resume")) == 2


async def test_an_account_is_removed_with_all_that_follows_and_taken_back_within_30_days(database_url: str) -> None:
    """ZI-28 to ZI-30, ZM-19: history stays, nothing moves any more and says why; taken back, it is what it was, without its login."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        view = await opened(world, "setup:remove")
        text = words(world, view)
        assert "1 conversation is open" in text
        assert "30 days" in text
        assert view.shape["submit"]["text"] == "Yes, remove"
        await world.slack.close_view(AKI, view.id)
        assert wish(world) == "on"
        assert await sends_in(world, await opened(world, "setup:remove")) == {}
        line = await reads(world, "is removed")
        await world.until(lambda: not world.account("messenger").subscribed_fields)
        tokens = "SELECT sealed, leaving FROM account WHERE platform = 'messenger'"
        await world.until(lambda: tuple(world.rows(tokens)[0]) == (None, None))
        await world.until(lambda: "was removed from the bridge" in talk.card())
        await talk.says("Are you there?")
        await world.until_told("no longer connected to the bridge")
        assert talk.phone() == []
        assert (
            await world.slack.click(AKI, line.said.channel, line.said.ts, "setup:restore", ephemeral=line.private)
            == 200
        )
        view = await shown(world, "setup:restore")
        assert await sends_in(world, view) == {}
        line = await reads(world, "is back with its settings")
        assert wish(world) == "on"
        await world.until(lambda: "was removed from the bridge" not in talk.card())
        assert [each[0] for each in world.rows("SELECT who FROM audit WHERE action = 'account.restore'")] == [AKI]
        await world.meta.write(talk.customer, "戻りましたか？", at=float(int(world.clock.time())))
        await reconnect(world, "messenger")  # Meta tells nothing before: what it did not tell is read then
        await world.until(lambda: "戻りましたか？" in "".join(talk.lines()))
        assert "reconnect" in line.buttons or world.config.public_url is None


async def test_what_was_removed_long_ago_is_not_taken_back(database_url: str) -> None:
    """After 30 days settings are offered no more."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        assert await sends_in(world, await opened(world, "setup:remove")) == {}
        await reads(world, "is removed")
        world.clock.move(timedelta(days=30, seconds=1))
        assert await world.slack.click(AKI, SUPPORT, await button(world, "setup:restore"), "setup:restore") == 200
        await reads(world, "more than 30 days ago")
        assert wish(world) == "removed"


# ── settings ──────────────────────────────────────────────────────────────────────────────────────────────


async def turned_to(world: World, view: View, part: str) -> View:
    """Another part of the window of settings."""
    before = view.hash
    assert await world.slack.click_view(AKI, view.id, "part", value=part) == 200
    await world.until(lambda: view.hash != before)
    return view


def stands(world: World, name: str) -> Any:
    """A setting of the Page, as it is kept."""
    (row,) = world.rows("SELECT settings FROM account WHERE platform = 'messenger'")
    return (json.loads(row[0]) if isinstance(row[0], str) else row[0]).get(name)


async def test_settings_are_changed_in_a_window_whole_or_not_at_all(database_url: str) -> None:
    """ZI-13, ZI-16, ZI-24, ZM-16: what is wrong stands at its field; parts keep what was typed; it counts from the next message on."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        world.slack.add_channel("C0ALONE", "alone", members=[AKI], bot_member=False)
        view = await opened(world, "setup:edit")
        wrong = await sends_in(world, view, name="hanako flowers ig", channel="C0ALONE", reopen_days="many")
        assert set(wrong) <= {"name", "channel", "reopen_days"}
        assert "from 0 to 3650" in wrong["reopen_days"]
        wrong = await sends_in(world, view, name="Flowers", channel="C0ALONE", reopen_days="30")
        assert "not in this channel" in wrong["channel"]
        assert await world.slack.click_view(AKI, view.id, "part", value="answers") == 200
        await world.until(lambda: any(block.get("block_id") == "ceiling" for block in view.blocks))
        assert "Changed and not saved yet: Basics" in words(world, view)
        wrong = await sends_in(world, view, ceiling="0", answer_mode="explicit")
        assert "count of characters" in wrong["ceiling"]
        view = await turned_to(world, view, "basics")
        await world.until(lambda: any(block.get("block_id") == "channel" for block in view.blocks))
        wrong = await sends_in(world, view, channel=SUPPORT)
        assert "Answers: Most characters in one answer" in wrong["part"]
        assert stands(world, "answer_mode") == "all"
        view = await turned_to(world, view, "answers")
        await world.until(lambda: any(block.get("block_id") == "ceiling" for block in view.blocks))
        assert await sends_in(world, view, ceiling="1000") == {}
        line = world.slack.plain((await reads(world, "is changed")).said)
        assert "• Name: Hanako Flowers → Flowers" in line.replace("*", "")
        assert "All but private notes → Only what begins with the sign" in line
        assert stands(world, "answer_mode") == "explicit"
        assert world.rows("SELECT name FROM account WHERE platform = 'messenger'")[0][0] == "Flowers"
        assert len(audited(talk, "account.set")) == 1
        await talk.says("Only among us")
        await talk.says("reply: Hello!")
        await talk.reaches("Hello!")
        page = world.account("messenger")
        page.subscribed_fields = page.subscribed_fields - {"feed"}
        assert await sends_in(world, await opened(world, "setup:edit"), comments="on") == {}
        await world.until(lambda: "feed" in page.subscribed_fields)


async def test_who_switches_comments_on_reads_that_meta_has_not_granted_them(database_url: str) -> None:
    """M-05, ZI-24: with the name of what is missing; once that is granted nobody is told anything more."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        scopes, needed = world.meta.token_of(world.account("instagram")).scopes, "instagram_manage_comments"
        scopes.discard(needed)

        async def set_to(choice: str) -> None:
            ts = await button(world, "setup:edit", "instagram")
            assert await world.slack.click(AKI, SUPPORT, ts, "setup:edit") == 200
            assert await sends_in(world, await shown(world, "setup:edit"), comments=choice) == {}
            await world.calm()

        def unheard() -> list[str]:
            return [line for line in world.told(AKI) if "cannot come yet" in line]

        await set_to("on")
        assert [f"Meta has not granted what that needs ({needed})" in line for line in unheard()] == [True]
        scopes.add(needed)
        await set_to("off")
        await set_to("on")
        assert len(unheard()) == 1


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(database_url: str) -> None:
    """ZI-24, ZI-25: people and groups are chosen; what another hand has changed is said, and stands until it is sent in again."""
    async with talking(database_url) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        world.slack.add_usergroup("S0CARE", "care", members=[KEN])
        view = await opened(world, "setup:edit")
        view = await turned_to(world, view, "people")
        await world.until(lambda: any(block.get("block_id") == "agents" for block in view.blocks))
        await world.set("messenger", agents=(KEN,))
        assert await sends_in(world, view, groups=["S0CARE"]) == {}
        assert "Somebody else has changed “Agents”" in words(world, view).replace("\n", "")
        assert KEN in str(view.blocks)
        assert stands(world, "agents") == [KEN]
        assert await sends_in(world, view) == {}
        await reads(world, "is changed")
        assert (stands(world, "agents"), stands(world, "agent_groups")) == ([], ["S0CARE"])


async def test_whose_window_was_overtaken_reads_who_was_quicker_and_what_stands_there(database_url: str) -> None:
    """ZI-24: in plain words in the window; what was typed stays, nothing is written over, and sent in once more it counts."""
    async with talking(database_url) as talk:
        world = talk.world
        for user in (AKI, KEN):
            world.slack.world.users[user].admin = True
        view = await opened(world, "setup:edit")
        other = await opened(world, "setup:edit", user=KEN)
        assert await sends_in(world, other, user=KEN, reopen_days="9", channel=OTHER) == {}
        await reads(world, "is changed", user=KEN)
        typed = {"reopen_days": "31", "channel": ALERTS, "reauth_days": "many"}
        assert set(await sends_in(world, view, **typed)) == {"reauth_days"}, "what is wrong is mended first"
        assert await sends_in(world, view, reauth_days="") == {}
        said = words(world, view).replace("\n", "")
        assert said.count("Ken has changed “") == 2
        assert "since you opened the window. It is now: 9. What you typed is still here" in said
        assert OTHER in str(view.blocks[0])
        assert (view.state["reopen_days"]["reopen_days"]["value"], stands(world, "reopen_days")) == ("31", 9)
        assert await sends_in(world, view) == {}
        await world.until(lambda: (stands(world, "reopen_days"), stands(world, "channel")) == (31, ALERTS))


async def test_a_channel_that_is_full_takes_no_other_account_of_its_network(database_url: str) -> None:
    """ZI-11, ZM-04: the reason stands at the field; an account of another network has room there."""
    async with talking(database_url, routes_per_channel=1) as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        await world.set("instagram", channel=PlaceRef(OTHER))
        await world.set("messenger", channel=PlaceRef(OTHER))
        ts = await button(world, "setup:edit", "instagram")
        assert await world.slack.click(AKI, SUPPORT, ts, "setup:edit") == 200
        view = await shown(world, "setup:edit")
        assert "1 is the most here" in (await sends_in(world, view, channel=SUPPORT))["channel"]
        await world.slack.close_view(AKI, view.id)
        assert await sends_in(world, await opened(world, "setup:edit"), channel=SUPPORT) == {}
        await reads(world, "is changed")
        assert stands(world, "channel") == SUPPORT


# ── icons ─────────────────────────────────────────────────────────────────────────────────────────────────

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
MB = 1024 * 1024


async def test_an_accounts_icon_is_a_picture_of_a_megabyte_at_most_and_stands_on_its_posts(database_url: str) -> None:
    """ZI-12, ZM-05: 1 MB is taken, a byte more is not, nor a GIF, nor a text that calls itself PNG; it is given out to whoever has its name."""
    async with talking(database_url, public_url="http://127.0.0.1:1") as talk:
        world = talk.world
        world.slack.world.users[AKI].admin = True
        view = await opened(world, "setup:icon")
        for content, why in (
            (PNG.ljust(MB + 1, b"\0"), "larger than 1 MB"),
            (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "neither a JPEG nor a PNG"),
            (b"only a text", "neither a JPEG nor a PNG"),
        ):
            file = world.slack.upload(AKI, "icon.png", content, "image/png")
            assert why in (await sends_in(world, view, icon=[file]))["icon"]
        assert icons(world) == [(None,)]
        whole = PNG.ljust(MB, b"\0")
        assert await sends_in(world, view, icon=[world.slack.upload(AKI, "icon.png", whole, "image/png")]) == {}
        await reads(world, "has another icon")
        ((name,),) = icons(world)
        async with world.http.get(f"{world.url}/icons/{name}") as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", whole)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "immutable" in answer.headers["Cache-Control"]
        await begun(world, "messenger", "もしもし", name="Ren", picture=False)
        posted = [each for each in world.slack.calls if each.method == "chat.postMessage"]
        assert any(each.arguments.get("icon_url") == f"http://127.0.0.1:1/icons/{name}" for each in posted)
        assert await sends_in(world, await opened(world, "setup:icon")) == {}
        await reads(world, "has no icon of its own any more")
        async with world.http.get(f"{world.url}/icons/{name}") as answer:
            assert answer.status == 404
        assert len(audited(talk, "account.icon")) == 2


def icons(world: World) -> list[tuple[str | None]]:
    """Which picture the Page's posts bear."""
    return [(row[0],) for row in world.rows("SELECT icon FROM account WHERE platform = 'messenger'")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_connects_again_while_the_end_of_the_webhooks_is_on_its_way_hears_and_once_removed_hears_no_more(
    database_url: str,
) -> None:
    """ZI-28, ZI-29, ZI-31: Meta is slow; whatever it was asked first, how the account stands in the end counts."""
    async with talking(database_url) as talk:
        world = talk.world
        page, keeps = world.account("messenger"), "SELECT state FROM outbox WHERE kind = 'KeepSubscribed'"
        await world.until(
            lambda: {each[0] for each in world.rows(keeps)} == {"done"}
        )  # what the start asks of every account
        ends = "SELECT state FROM outbox WHERE kind = 'Unsubscribe' ORDER BY id"
        await world.calm()
        world.meta.faults.add(method="subscribed_apps", kind="latency", seconds=4)
        await world.wish("messenger", Wish.REMOVED)
        await world.until(lambda: world.rows(ends) == [("working",)])
        await reconnect(world, "messenger")
        await world.until(lambda: world.rows(ends) == [("done",)])
        await world.until(lambda: "messages" in page.subscribed_fields)
        await world.calm()
        world.meta.faults.add(method="subscribed_apps", kind="latency", seconds=4)
        await world.wish("messenger", Wish.REMOVED)
        await world.until(lambda: len(world.rows(ends)) == 2 and ("ready",) not in world.rows(ends))
        await reconnect(world, "messenger")
        await world.wish("messenger", Wish.REMOVED)
        tokens = "SELECT sealed, leaving FROM account WHERE platform = 'messenger'"
        await world.until(lambda: {each[0] for each in world.rows(ends)} == {"done"})
        await world.until(lambda: tuple(world.rows(tokens)[0]) == (None, None))
        assert not page.subscribed_fields
