"""``/bridge`` alone, and what it tells of how things stand: the guide, the check, channels, hours, changes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bridge.model.state import Wish
from bridge.store.saved import saved_reply
from tests.journeys.hands import ASKED, begun, talking
from tests.journeys.test_setup_words import answer, buttons
from tests.journeys.world import AKI, ALERTS, GUEST, KEN, KINDS, OTHER, SUPPORT, TEAM, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def leave(world: World, channel: str) -> None:
    """Somebody takes the bridge out of a channel; nothing is told of it."""
    world.slack.world.channels[channel].bot_member = False


async def test_a_step_is_offered_when_those_before_it_are_done(database_url: str) -> None:
    """ZI-05, I-03, ZI-10: connect, channel, agents, alerts, first message; each with one button, for whoever may."""
    async with World.open(database_url, public_url="http://127.0.0.1:1") as world:
        world.slack.world.users[AKI].admin = True
        for kind in KINDS:
            await world.wish(kind, Wish.REMOVED)
        first = await answer(world, "")
        assert "Connect an account" in first
        assert "After that: the channel" in first
        assert "After that: who answers" in first
        assert buttons(world).keys() == {"setup:connect", "setup:restore"}
        read = await answer(world, "setup", KEN)
        assert "can change this" in read
        assert buttons(world, KEN) == {}


@SQLITE
async def test_the_guide_follows_what_is_done_until_one_line_is_left(database_url: str) -> None:
    """ZI-05: a channel that the bridge is not in comes before everything that rests on it; when all is done it says what is next."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        for kind in KINDS[1:]:
            await world.wish(kind, Wish.REMOVED)
        leave(world, SUPPORT)
        guide = await answer(world, "")
        assert "The bridge is not in" in guide
        assert "After that: a first message" in guide
        assert buttons(world).keys() == {"setup:again", "setup:edit"}
        world.slack.world.channels[SUPPORT].bot_member = True
        line = world.slack.ephemerals(AKI)[-1]
        assert await world.slack.click(AKI, line.channel, line.ts, "setup:again", ephemeral=True) == 200
        await world.until(lambda: "Say who answers for Hanako Flowers" in world.slack.plain(line))
        assert "write to Hanako Flowers from another phone" in world.slack.plain(line)
        assert "as before" in await answer(world, "agents everyone")
        assert "like that already" in await answer(world, "agents everyone")
        settled = await answer(world, "setup")
        assert "Say who answers" not in settled
        assert "Every full member answers for Hanako Flowers" in settled
        assert "may answer" in await answer(world, f"agents add <@{AKI}>")
        await begun(world, "messenger", ASKED, name="Yuki")
        done = await answer(world, "setup")
        assert "Everything is set up" in done
        assert "human-agent tag" in done
        world.slack.world.users[KEN].locale = "ja-JP"
        assert "設定はすべて完了" in await answer(world, "setup", KEN)


@SQLITE
async def test_check_tells_about_every_account_and_whether_page_and_instagram_are_linked(database_url: str) -> None:
    """CT-26, I-03: by Meta's and Slack's word at that moment; a button asks of one account again."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        told = await answer(world, "check")
        for name in ("Hanako Flowers", "Shop Hanako", "Hanako Studio", "linked with its Facebook Page"):
            assert name in told
        assert "messages can flow" in told
        world.account("instagram").unlinked = True
        leave(world, SUPPORT)
        told = await answer(world, "check")
        assert "It is not linked with its Facebook Page" in told
        assert "The bridge is not in" in told
        await answer(world, "account shop")
        line = world.slack.ephemerals(AKI)[-1]
        before = len(world.slack.ephemerals(AKI))
        assert await world.slack.click(AKI, line.channel, line.ts, "setup:check", ephemeral=True) == 200
        await world.until(lambda: len(world.slack.ephemerals(AKI)) > before)
        pressed = world.slack.plain(world.slack.ephemerals(AKI)[-1])
        assert "not linked" in pressed
        assert "Hanako Studio" not in pressed
        assert pressed == await answer(world, "account Shop Hanako check")


@SQLITE
async def test_channels_and_hours_are_set_where_they_are_typed_and_every_change_is_told(database_url: str) -> None:
    """ZI-24, ZI-10, I-03: nothing is routed to where the bridge is not; the audit says who, what, before and after, to admins."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        world.slack.world.users[AKI].tz = "Asia/Tokyo"
        for words, place, told in (
            ("channel", SUPPORT, "the conversations of Hanako Flowers"),
            ("channel", OTHER, "No account’s conversations"),
            ("channel here flowers", OTHER, "Hanako Flowers is changed"),
            ("channel", OTHER, "the conversations of Hanako Flowers"),
            ("channel alerts studio", OTHER, "Hanako Studio is changed"),
            ("channel here Nobodys", OTHER, "No account is called"),
            ("channel her studio", OTHER, "Did you mean `/bridge channel here studio`?"),
            ("hours flowers Mon-Fri 09:00-18:00 Asia/Tokyo", OTHER, "of the time zone Asia/Tokyo"),
            ("hours shop monday to friday 9am-6pm", OTHER, "of the time zone Asia/Tokyo"),
            ("hours shop Mon-Fri 9-18", OTHER, "Time zone: Asia/Tokyo"),
            ("hours", OTHER, "`Mon-Fri 09:00-18:00` Asia/Tokyo"),
            ("hours flowers Mon-Fri 25:00-18:00", OTHER, "“25:00-18:00” is no time"),
            ("hours always", OTHER, "is changed"),
            ("hours Mon-Fri 09:00-18:00", SUPPORT, "Which account"),
            ("replies", SUPPORT, "no saved replies yet"),
            ("about", SUPPORT, "Threadbridge 0."),
            ("language", SUPPORT, "speaks English"),
        ):
            assert told in await answer(world, words, place=place), words
        alerts = world.slack.world.channels[ALERTS]
        for trouble, words in (
            ("archived", "is archived"),
            ("shared", "another company"),
            ("read_only", "nobody may write"),
        ):
            setattr(alerts, trouble, True)
            told = await answer(world, "channel here studio", place=ALERTS)
            assert "Not changed" in told
            assert words in told
            setattr(alerts, trouble, False)
        leave(world, ALERTS)
        assert "Not changed: the bridge is not in" in await answer(world, "channel here studio", place=ALERTS)
        audit = await answer(world, "audit")
        assert "Channel: #support → #support-2" in audit, audit
        assert "→ Mon-Fri 09:00-18:00" in audit
        assert "orkspace admins" in await answer(world, "audit", KEN)
        assert "orkspace admins" in await answer(world, "hours flowers always", KEN)
        assert "Only full members" in await answer(world, "check", GUEST)


@SQLITE
async def test_saved_replies_are_told_to_whoever_may_answer(database_url: str) -> None:
    """ZI-25: those of accounts that the asker may not answer are not among them."""
    async with talking(database_url) as talk:
        world = talk.world
        row = world.rows("SELECT id FROM account WHERE platform = 'messenger'")[0][0]
        kept = {"id": 1, "workspace": TEAM, "account": row, "name": "Greeting", "language": "en", "by": AKI}
        words = {"text": "Good morning, how can we help?", "at": world.clock.now()}
        await world.by_hand(lambda hand: hand.conn.execute(sa.insert(saved_reply).values({**kept, **words})))
        assert "Greeting" in await answer(world, "replies")
        await world.set("messenger", agents=(KEN,))
        assert "no saved replies" in await answer(world, "replies")


@SQLITE
async def test_check_on_somebodys_own_page_is_answered_directly(database_url: str) -> None:
    """I-03: of a page there is no way back but a direct message."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        await world.slack.open_home(AKI)
        home = await world.until(lambda: world.slack.home(AKI))
        await world.until(lambda: "setup:check" in str(home.blocks))
        assert await world.slack.click_view(AKI, home.id, "setup:check") == 200
        await world.until(lambda: any("messages can flow" in world.slack.plain(each) for each in world.slack.dms(AKI)))


@SQLITE
async def test_what_the_other_sides_say_late_follows_and_changes_nothing_meanwhile(database_url: str) -> None:
    """I-03, CT-26: Slack is answered in time whoever is slow; the whole check follows, a change that cannot be looked at is not made."""
    async with World.open(database_url) as world:
        world.slack.world.users[AKI].admin = True
        assert "in order" in await answer(world, "check")
        world.meta.faults.add(method="debug_token", kind="latency", seconds=2.5, times=1)
        before = len(world.slack.ephemerals(AKI))
        early = await answer(world, "check")
        assert "have not answered everything yet" in early
        await world.until(lambda: len(world.slack.ephemerals(AKI)) == before + 2)
        whole = world.slack.plain(world.slack.ephemerals(AKI)[-1])
        assert "messages can flow" in whole
        assert "have not answered" not in whole
        world.slack.faults.add(method="conversations.info", kind="latency", seconds=3.0, times=1)
        assert "nothing was changed" in await answer(world, "channel here flowers", place=OTHER)
        assert "No account’s conversations" in await answer(world, "channel", place=OTHER)
