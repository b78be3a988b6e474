"""What customers send as files: how they come to stand in the thread, and what the thread says where they cannot."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from bridge.demo.meta.samples import sample
from bridge.model.decision import Rules
from bridge.store.accounts import Hand
from bridge.workers.base import Tools
from bridge.workers.finish import died
from bridge.workers.tick import LONG
from tests.journeys.files import CUPS, PNG, begun, kept, lie, pictures, send, stands, told
from tests.journeys.world import KINDS, SUPPORT, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
async def test_a_picture_stands_between_the_words_before_and_after_it(database_url: str, kind: Kind) -> None:
    """CT-07: uploaded by default, under the customer's name, in the order in which they wrote."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, kind)
        await send(world, yuki, lie(world, pause=0.01, chunked=True))
        await world.meta.write(yuki, "after")
        await told(world, root, "after")
        assert stands(world, root)[-2:] == ["image.png", "after"]
        assert pictures(world, root) == [PNG]
        post = world.slack.thread(SUPPORT, root.ts)[-2]
        assert world.slack.author(post).startswith("Yuki · ")
        assert "Yuki" in world.slack.world.files[post.files[0]].alt_text


@SQLITE
async def test_a_try_that_our_own_end_cut_off_leaves_the_next_its_whole_time(database_url: str) -> None:
    """CT-07: a slow file that is interrupted twice by a restart still has its longest try, and comes."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        gate = asyncio.Event()
        await send(world, yuki, lie(world, held=gate), text="slow")
        tools = cast(Tools, SimpleNamespace(rules=Rules()))

        def dead(hand: Hand) -> None:
            ours = [
                each for each in hand.tx.effects.overdue(hand.moment.steady + LONG) if each.lane.startswith("media:")
            ]
            died(hand.tx, tools, ours, hand.moment)

        async def interrupted(times: int) -> None:
            await world.until(lambda: [row[0] for row in world.rows(fetches)] == ["dropped"] * times + ["working"])
            await world.by_hand(dead)

        fetches = "SELECT state, attempts FROM outbox WHERE kind = 'FetchMedia' ORDER BY id"
        for times in range(2):
            await interrupted(times)
        gate.set()
        await world.until(lambda: pictures(world, root) == [PNG])
        await world.calm()
        assert world.rows(fetches) == [("dropped", 0), ("dropped", 0), ("done", 0)]


async def test_several_files_of_one_message_stand_in_its_order(database_url: str) -> None:
    """CT-07, ZI-33: also when the first is the slowest, and with words that came along."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        gate = asyncio.Event()
        await send(
            world, yuki, lie(world, CUPS[0], held=gate), lie(world, CUPS[1]), lie(world, CUPS[2]), text="three cups"
        )
        await world.meta.write(yuki, "which one?")
        await told(world, root, "three cups")
        assert not pictures(world, root)
        gate.set()
        await told(world, root, "which one?")
        assert pictures(world, root) == CUPS
        assert stands(world, root)[-1] == "which one?"


@SQLITE
async def test_a_voice_message_says_how_long_it_lasts(database_url: str) -> None:
    """CT-07: as far as its own headers tell."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        data, mime = sample("voice.m4a")
        await world.meta.send_audio(yuki, data, mime=mime)
        await world.until(lambda: pictures(world, root) == [data])
        assert stands(world, root)[-1].startswith("Voice message, 0:0")


@SQLITE
async def test_a_film_and_a_document_stand_too_and_the_document_keeps_its_name(database_url: str) -> None:
    """CT-07, ZI-33."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        data, mime = sample("clip.mp4")
        await world.meta.send_video(yuki, data, mime=mime)
        await world.until(lambda: pictures(world, root) == [data])
        await world.meta.send_file(yuki, "file", b"one cup, one saucer", mime="text/plain", name="order.txt")
        await world.until(lambda: len(pictures(world, root)) == 2)
        assert [each for each in stands(world, root) if "." in each] == ["video.mp4", "order.txt"]


@SQLITE
async def test_a_picture_sent_in_the_native_app_stands_under_the_bridges_own_name(database_url: str) -> None:
    """CT-38, CT-07: what colleagues sent elsewhere is copied too, and never looks as if the customer had sent it."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        await world.meta.native_send(yuki, "photo")
        await world.until(lambda: pictures(world, root))
        post = next(post for post in world.slack.thread(SUPPORT, root.ts) if post.files)
        assert "Yuki" not in world.slack.author(post)
        assert "Yuki" not in world.slack.world.files[post.files[0]].alt_text


@SQLITE
async def test_an_account_may_have_links_only(database_url: str) -> None:
    """CT-07: the other mode; nothing is fetched, and the line leads to the network's own copy."""
    async with World.open(database_url) as world:
        await world.set("messenger", media="link")
        yuki, root = await begun(world)
        media = lie(world)
        await send(world, yuki, media)
        await world.meta.write(yuki, "after")
        await told(world, root, "after")
        await world.calm()
        assert world.meta.cdn.served == []
        assert not pictures(world, root)
        assert world.meta.cdn.url(media) in world.slack.world.messages[SUPPORT][
            world.slack.thread(SUPPORT, root.ts)[-2].ts
        ].text or any(world.meta.cdn.url(media) in str(post.blocks) for post in world.slack.thread(SUPPORT, root.ts))


@SQLITE
async def test_a_post_or_a_reel_that_was_shared_is_a_link_and_never_copied(database_url: str) -> None:
    """CT-07: what others published is not the customer's file."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        media = lie(world)
        for kind in ("share", "ig_reel"):
            await world.meta.attach(yuki, kind, {"url": world.meta.cdn.url(media), "title": "spring"})
        await world.meta.write(yuki, "after")
        await told(world, root, "after")
        await world.calm()
        assert world.meta.cdn.served == []
        assert not pictures(world, root)


# ── what holds up nobody else ─────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_slow_files_of_one_customer_hold_up_nobody_else(database_url: str) -> None:
    """Twenty slow files of one: another's words and pictures come at once."""
    async with World.open(database_url) as world:
        slow, _ = await begun(world, name="Slow")
        quick, root = await begun(world, name="Quick")
        gate = asyncio.Event()
        for _ in range(20):
            await send(world, slow, lie(world, held=gate))
        await world.until(lambda: len(world.meta.cdn.served) == 1)
        await world.meta.write(quick, "and mine?")
        await send(world, quick, lie(world, CUPS[1]))
        await world.until(lambda: pictures(world, root) == [CUPS[1]])
        assert len(world.meta.cdn.served) == 2
        gate.set()


# ── what cannot be shown ──────────────────────────────────────────────────────────────────────────────────


@SQLITE
@pytest.mark.parametrize(
    ("data", "mime", "manner", "why"),
    [
        (PNG, "image/png", {"redirect": "http://127.0.0.1:9/secret"}, "a server that the bridge may not fetch from"),
        (b"<html>Log in</html>", "text/html", {}, "not what it claims to be"),
        (b"MZ" + bytes(3000), "image/png", {}, "not what it claims to be"),
        (PNG + bytes(33_000_000), "image/png", {}, "too large"),
        (PNG + bytes(33_000_000), "image/png", {"chunked": True}, "too large"),
    ],
)
async def test_what_may_not_be_fetched_is_told_with_the_reason_and_its_address(
    database_url: str, data: bytes, mime: str, manner: dict[str, object], why: str
) -> None:
    """CT-07: never silence, and what was written after it is not kept waiting."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        media = lie(world, data, mime, **manner)
        await send(world, yuki, media)
        await world.meta.write(yuki, "after")
        await told(world, root, why)
        await told(world, root, "after")
        assert any(world.meta.cdn.url(media) in str(post.blocks) for post in world.slack.thread(SUPPORT, root.ts))
        assert not pictures(world, root)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_file_that_is_gone_is_told_of(database_url: str, status: int) -> None:
    """CT-07, F6: an address that no longer works means that the file was taken away."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        media = lie(world)
        media.gone = status
        await send(world, yuki, media)
        await told(world, root, "it is no longer there")


@SQLITE
async def test_a_cdn_that_stumbles_is_asked_again(database_url: str) -> None:
    """CT-07: a fault that passes is nobody's concern."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        media = lie(world)
        media.gone = 503
        await send(world, yuki, media)
        await world.until(lambda: world.meta.cdn.served)
        media.gone = None
        await world.forward(lambda: pictures(world, root) == [PNG])


@SQLITE
async def test_a_cdn_that_stays_down_is_given_up_and_told_of(database_url: str) -> None:
    """CT-07: within a minute or so; what was written after it stands then."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        media = lie(world)
        media.gone = 503
        await send(world, yuki, media)
        await world.meta.write(yuki, "after")
        await world.forward(lambda: any("server answered with an error" in line for line in world.lines(root)))
        await told(world, root, "after")
        assert len(world.meta.cdn.served) == 3


@SQLITE
@pytest.mark.parametrize(
    ("method", "error", "why"),
    [
        ("files.getUploadURLExternal", "file_uploads_disabled", "turned off in this workspace"),
        ("files.getUploadURLExternal", "file_uploads_except_images_disabled", "no files but images"),
        ("files.getUploadURLExternal", "file_type_not_allowed", "does not allow files of its type"),
        ("files.getUploadURLExternal", "storage_limit_reached", "no room left for files"),
        ("files.getUploadURLExternal", "file_upload_size_restricted", "too large for Slack"),
        ("files.getUploadURLExternal", "missing_scope", "lacks the permission for files"),
        ("files.getUploadURLExternal", "something_new", "Slack did not take it"),
        ("files.completeUploadExternal", "file_type_not_allowed", "does not allow files of its type"),
        ("files.completeUploadExternal", "slack_connect_blocked_file_type", "does not allow files of its type"),
        ("files.completeUploadExternal", "posting_to_channel_denied", "a rule of the workspace"),
        ("files.completeUploadExternal", "restricted_action", "a rule of the workspace"),
        ("files.completeUploadExternal", "something_new", "Slack did not take it"),
    ],
)
async def test_what_slack_refuses_is_told_with_its_reason(database_url: str, method: str, error: str, why: str) -> None:
    """CT-07, F9: each refusal in words of its own, and never silence."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.faults.add(method=method, kind="error", error=error, times=None)
        await send(world, yuki, lie(world))
        await world.meta.write(yuki, "after")
        await told(world, root, why)
        await told(world, root, "after")
        await world.calm()
        assert not pictures(world, root)
        assert kept(world) == []
        assert world.rows("SELECT id FROM target WHERE held_by IS NOT NULL") == []


@SQLITE
async def test_a_picture_of_the_customer_that_slack_cannot_load_costs_no_file(database_url: str) -> None:
    """CT-07: it stands without it."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        said = {
            "error": "invalid_arguments",
            "response_metadata": {"messages": ["must be a valid URL [json-pointer:/icon_url]"]},
        }
        world.slack.faults.add(method="files.completeUploadExternal", kind="error", error=said)
        await send(world, yuki, lie(world))
        await world.until(lambda: pictures(world, root) == [PNG])


@SQLITE
async def test_a_file_that_slack_never_shows_is_told_of_and_goes(database_url: str) -> None:
    """CT-07: it says that it is done, and nothing stands anywhere; what was written after it stands in the end."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.switches.never_share = True
        await send(world, yuki, lie(world))
        await world.meta.write(yuki, "after")
        await world.forward(lambda: any("never showed it" in line for line in world.lines(root)), seconds=25)
        await told(world, root, "after")
        await world.until(lambda: not kept(world))
