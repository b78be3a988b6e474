"""Files whose way is not straight: lost answers, limits, what is given up, taken back or runs out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.journeys.files import CUPS, PNG, begun, kept, lie, pictures, send, stands, told
from tests.journeys.seen import decided
from tests.journeys.world import DAY, MINUTE, SUPPORT, World

LATE = "is taking longer and will follow below"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# ── what is not known ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "drop_after"])
async def test_a_lost_answer_shows_a_file_once(database_url: str, fault: str) -> None:
    """CT-07, promise 1: whether the question or its answer was lost, it stands once."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.faults.add(method="files.completeUploadExternal", kind=fault)  # type: ignore[arg-type]
        await send(world, yuki, lie(world))
        await world.meta.write(yuki, "after")
        await world.forward(lambda: stands(world, root)[-1] == "after")
        await world.calm()
        assert pictures(world, root) == [PNG]
        assert stands(world, root)[-2:] == ["image.png", "after"]


@SQLITE
@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "garbage_after"])
async def test_a_lost_answer_while_uploading_brings_the_file_again(database_url: str, fault: str) -> None:
    """CT-07: nobody sees what was uploaded twice."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        for method in ("files.getUploadURLExternal", "upload"):
            world.slack.faults.add(method=method, kind=fault)  # type: ignore[arg-type]
        await send(world, yuki, lie(world))
        await world.forward(lambda: pictures(world, root))
        assert pictures(world, root) == [PNG]
        assert len(kept(world)) == 1


@SQLITE
async def test_slack_that_limits_uploads_gets_them_later(database_url: str) -> None:
    """CT-07: as long as it says, and then all of them."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        limited = {"error": "ratelimited"}
        world.slack.faults.add(
            method="files.getUploadURLExternal", kind="error", error=limited, status=429, headers={"Retry-After": "20"}
        )
        await send(world, yuki, lie(world, CUPS[0]), lie(world, CUPS[1]))
        await world.forward(lambda: pictures(world, root) == CUPS[:2])


@SQLITE
async def test_a_file_that_slack_forgot_before_it_was_shown_is_brought_again(database_url: str) -> None:
    """CT-07: once; a thread that was held for long may find what was uploaded gone."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        for method in ("files.completeUploadExternal", "files.info"):
            world.slack.faults.add(method=method, kind="error", error="file_not_found")
        await send(world, yuki, lie(world))
        await world.until(lambda: pictures(world, root) == [PNG])
        assert len(world.meta.cdn.served) == 2


@SQLITE
async def test_what_an_operator_gives_up_is_told_of_in_the_thread(database_url: str) -> None:
    """CT-07: nothing waits for what nobody brings."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        media = lie(world)
        media.gone = 503
        await send(world, yuki, media)
        await world.meta.write(yuki, "after")
        await world.until(lambda: len(world.meta.cdn.served) == 1)
        ready = "kind = 'FetchMedia' AND state = 'ready'"
        await world.until(lambda: world.rows(f"SELECT id FROM outbox WHERE {ready}"))  # noqa: S608 - the test's own words
        ((row,),) = world.rows(f"SELECT id FROM outbox WHERE {ready}")  # noqa: S608 - likewise
        await world.by_hand(lambda hand: hand.tx.effects.drop([row]))
        world.clock.move(MINUTE)
        await told(world, root, "is not shown here: it could not be copied")
        await world.forward(lambda: any("after" in line for line in world.lines(root)))


# ── what takes too long ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "error", "error": "internal_error"}])
async def test_what_was_written_after_a_file_waits_a_minute_for_it_at_most(
    database_url: str, fault: dict[str, Any]
) -> None:
    """CT-07, ZI-33: while Slack takes no uploads a line leads to the file; it stands when they are taken again."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.faults.add(method="files.getUploadURLExternal", times=None, **fault)
        media, other = lie(world, CUPS[0]), lie(world, CUPS[1])
        began = world.clock.time()
        await send(world, yuki, media, text="a cup")
        await send(world, yuki, other)
        await world.meta.write(yuki, "after")
        await decided(world)
        await world.forward(lambda: stands(world, root)[-1] == "after")
        assert world.clock.time() - began < 90
        await world.until(lambda: sum(LATE in line for line in world.lines(root)) == 2)
        posts = str([post.blocks for post in world.slack.thread(SUPPORT, root.ts)])
        assert world.meta.cdn.url(media) in posts
        assert world.meta.cdn.url(other) in posts
        world.slack.faults.clear()
        await world.forward(lambda: pictures(world, root) == CUPS[:2])
        await world.until(lambda: not any(LATE in line for line in world.lines(root)))
        assert stands(world, root)[-3:] == ["after", "image.png", "image.png"]


@SQLITE
async def test_a_file_that_slack_never_takes_is_given_up_and_told_of_with_its_address(database_url: str) -> None:
    """CT-07: a fault of Slack's that lies with this one file is not met for ever."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.faults.add(method="files.getUploadURLExternal", kind="error", error="internal_error", times=None)
        media = lie(world)
        await send(world, yuki, media)
        for _ in range(10):
            world.clock.move(MINUTE)
            await world.ticked(3)
        await told(world, root, "could not be copied")
        assert world.meta.cdn.url(media) in str(world.slack.thread(SUPPORT, root.ts)[-1].blocks)
        await world.calm()


@SQLITE
async def test_slack_that_cannot_say_whether_a_file_stands_holds_up_what_follows_for_a_minute(
    database_url: str,
) -> None:
    """CT-07: nobody knows whether it is to be seen; it is taken away, and its line says so."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.switches.never_share = True
        world.slack.faults.add(method="files.info", kind="status", status=503, times=None)
        began = world.clock.time()
        await send(world, yuki, lie(world))
        await world.meta.write(yuki, "after")
        await world.forward(lambda: stands(world, root)[-1] == "after")
        assert world.clock.time() - began < 150
        await told(world, root, "never showed it")
        await world.until(lambda: not kept(world))


# ── what is taken back, and what runs out ─────────────────────────────────────────────────────────────────


async def test_what_is_taken_back_on_its_way_is_never_shown(database_url: str) -> None:
    """ZI-35, CT-07: and what was brought meanwhile goes from Slack too."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        gate = asyncio.Event()
        mid = await send(world, yuki, lie(world, held=gate))
        await world.until(lambda: world.meta.cdn.served)
        await world.meta.unsend(yuki, mid)
        await decided(world)
        gate.set()
        await world.meta.write(yuki, "after")
        await told(world, root, "after")
        await world.calm()
        assert not pictures(world, root)
        assert kept(world) == []


@SQLITE
async def test_what_is_taken_back_goes_with_its_file(database_url: str) -> None:
    """ZI-35, CT-07: the post and the file."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        mid = await send(world, yuki, lie(world))
        await world.until(lambda: pictures(world, root) == [PNG])
        await world.calm()
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: not pictures(world, root) and not kept(world))


@SQLITE
@pytest.mark.parametrize("fault", ["reset_after", "never"])
async def test_what_is_taken_back_while_nobody_knows_whether_it_stands_goes_in_the_end(
    database_url: str, fault: str
) -> None:
    """ZI-35: the look finds it, or nothing; either way nothing of it stays."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        if fault == "never":
            world.slack.switches.never_share = True
        else:
            world.slack.faults.add(method="files.completeUploadExternal", kind="reset_after")
        mid = await send(world, yuki, lie(world))
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE kind = 'LookForFile'"))
        await world.meta.unsend(yuki, mid)
        await decided(world)
        await world.forward(lambda: not pictures(world, root) and not kept(world), seconds=25)


@SQLITE
async def test_stories_are_never_fetched_and_their_line_ends_with_them(database_url: str) -> None:
    """F6, CT-37: a line and a link; after 24 hours neither the thread nor the database has the address."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, "instagram")
        await world.meta.story_mention(yuki)
        await world.meta.story_reply(yuki, "lovely")
        await told(world, root, "lovely")
        await world.calm()
        assert world.meta.cdn.served == []
        assert "/cdn/media/" in str([post.blocks for post in world.slack.thread(SUPPORT, root.ts)])
        world.clock.move(DAY + MINUTE)
        await world.until(lambda: sum("no longer available" in line for line in world.lines(root)) == 2)
        assert "/cdn/media/" not in str([post.blocks for post in world.slack.thread(SUPPORT, root.ts)])
        assert world.rows("SELECT message FROM attachment WHERE address IS NOT NULL") == []
