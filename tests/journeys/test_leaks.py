"""No internal word reaches a customer: every way in which one could, each with the sign that says why it stayed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.slack import Message
from bridge.model.state import Wish
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.pressing import as_it_was
from tests.journeys.world import (
    AKI,
    ALERTS,
    BOT,
    CHECK,
    CROSS,
    GUEST,
    HOUR,
    HOURGLASS,
    KEN,
    LOCK,
    OTHER,
    STRANGER,
    SUPPORT,
    World,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MODES = pytest.mark.parametrize("mode", ["all", "explicit", "undo"])
GONE = timedelta(minutes=1)
"""Longer than any rest."""


async def proved(talk: Talk, *earlier: str) -> None:
    """After all that, what is meant for the customer goes, and nothing but that has gone."""
    talk.world.clock.move(GONE)
    await talk.world.calm()
    assert talk.phone() == [*earlier]
    await talk.says("reply: For you" if await mode_of(talk) == "explicit" else "For you", user=KEN)
    talk.world.clock.move(GONE)
    await talk.reaches(*earlier, "For you")
    await talk.world.calm()
    assert talk.phone() == [*earlier, "For you"]
    assert len([each for each in talk.sends() if each == "ok"]) >= len(earlier) + 1
    for call in talk.world.meta.calls:
        assert "inner" not in str(call.arguments), call.method


async def mode_of(talk: Talk) -> str:
    """The account's way of answering."""
    ((found,),) = talk.world.rows("SELECT json_extract(settings, '$.answer_mode') FROM account WHERE id = 1")
    return str(found or "all")


async def sends(talk: Talk, ts: str, *, user: str = KEN) -> None:
    """Somebody uses *Send to customer* on a message."""
    assert await talk.world.slack.shortcut(user, "send_to_customer", talk.root.channel, ts) == 200


def signed(talk: Talk, *answers: str) -> bool:
    """Whether each bears a sign that it has not gone."""
    return all(talk.signs(ts) & {LOCK, CROSS, HOURGLASS} and CHECK not in talk.signs(ts) for ts in answers)


ODD = [
    "\u3000／／ inner",
    "\u200b\u2060// inner",
    "\u00a0\u2003ＮＯＴＥ： inner",
    "\ufeffﾒﾓ： inner",
    "\u202e// inner",
    "\u3164note: inner",
    "> メモ： inner",
    "*_note:_* inner",
    "reply: // inner",
    "返信：メモ： inner",
    "🔒 inner",
    "社内メモ： inner",
    "・【メモ】 inner",
]


@MODES
async def test_notes_in_every_shape_stay_inside(database_url: str, mode: str) -> None:
    """ZI-25, CT-08: odd widths and spaces, by /me, in the channel too, in a file's comment; a lock, and nobody is nagged."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode=mode)
        notes = [await talk.says(text) for text in ODD]
        notes.append(await talk.says("note: inner", me=True))
        notes.append(await talk.says("// inner", broadcast=True))
        notes.append(await talk.says("// inner", files=[("inner.png", b"\x89PNG", "image/png")]))
        notes.append(await talk.says(f"// <@{KEN}> inner"))
        for ts in notes:
            await talk.bears(ts, LOCK)
        for ts in (notes[0], notes[-2]):
            await sends(talk, ts)
        await talk.world.until_told("private note", KEN)
        assert "It is a private note" in await talk.asks(notes[0])
        assert all("Send" not in line.split(" ", 1)[0] for line in talk.world.told(AKI))
        await proved(talk)
        assert all(talk.signs(ts) == {LOCK} for ts in notes)


@MODES
async def test_what_nobody_means_for_the_customer_stays_inside(database_url: str, mode: str) -> None:
    """ZI-25, CT-08, I-14: bots, workflows, guests, other companies, forwarded messages, canvases, lists, links, mentions."""
    async with talking(database_url) as talk:
        slack, sign = talk.world.slack, "reply: " if mode == "explicit" else ""
        slack.add_usergroup("S0HELP", "helpers", [AKI, KEN])
        slack.share_channel(SUPPORT)
        await talk.world.set("messenger", answer_mode=mode, shared_channel=True)
        told = await slack.say(KEN, OTHER, "inner plans")
        locked = [
            await talk.says(f"{sign}inner of a bot", user=BOT, bot=True),
            await talk.says(f"{sign}inner in her name", bot=True),
            await talk.says(f"{sign}inner of a workflow", workflow=True),
            await talk.says(f"{sign}inner, look", shares=(OTHER, told)),
            await talk.says("", shares=(OTHER, told), blocks=[]),
            await talk.says(f"<@{slack.world.names.bot_user_id}> inner?"),
        ]
        refused = [
            await talk.says(f"{sign}inner of a guest", user=GUEST),
            await talk.says(f"{sign}inner of a partner", user=STRANGER),
        ]
        whole = [
            await talk.says(f"{sign}inner", files=[("Plan", b"<html>inner</html>", "application/vnd.slack-docs")]),
            await talk.says(f"{sign}inner", files=[("List", b"inner", "application/vnd.slack-list")]),
        ]
        asked = [
            await talk.says(f"{sign}{mention} inner")
            for mention in (
                f"<@{KEN}>",
                "<!subteam^S0HELP>",
                "<!here>",
                "<!channel>",
                "<!everyone>",
                f"<#{OTHER}|support-2>",
                f"https://hanako.slack.com/archives/{OTHER}/p{told.replace('.', '')}",
                "https://hanako.slack.com/docs/T0DEMO/F0INNER",
                "https://app.slack.com/lists/T0DEMO/F0INNER",
            )
        ]
        for ts in locked:
            await talk.bears(ts, LOCK)
        for ts in (*refused, *whole):
            await talk.bears(ts, CROSS)
        assert "passes on another message" in await talk.asks(locked[3], user=KEN)
        talk.world.clock.move(HOUR - GONE)
        await talk.world.until(lambda: all(talk.signs(ts) == {HOURGLASS} for ts in asked))
        await talk.line("send", holds="cannot open")
        talk.world.clock.move(2 * GONE)
        for ts in asked:
            await talk.bears(ts, LOCK)
        await proved(talk)


async def test_no_change_of_words_or_of_the_way_of_answering_lets_anything_out(database_url: str) -> None:
    """CT-08: notes changed into answers and back, marks taken away, the way changed in all directions, and every button then."""
    async with talking(database_url) as talk:
        ways = [("all", "explicit"), ("explicit", "all"), ("explicit", "undo"), ("undo", "all"), ("all", "undo")]
        inside: list[str] = []
        for before, after in ways:
            await talk.world.set("messenger", answer_mode=before, undo_seconds=30)
            note, kept = await talk.says("// inner"), await talk.says(f"reply: <@{KEN}> inner")
            unmarked = [await talk.says("inner thoughts")] if before == "explicit" else []
            for ts in (note, *unmarked):
                await talk.bears(ts, LOCK)
            await talk.line("keep_inside")
            await talk.presses("keep_inside")
            await talk.bears(kept, LOCK)
            await talk.world.set("messenger", answer_mode=after)
            await talk.edits(note, "inner after all")
            await talk.edits(note, "reply: inner after all")
            await talk.edits(note, "// inner again")
            await talk.edits(kept, "note: inner now")
            for ts in unmarked:
                await talk.edits(ts, "inner thoughts, put better")
            for ts in (note, kept):
                await talk.world.calm()
                await sends(talk, ts)
            inside += [note, kept, *unmarked]
        await talk.world.until_told("written as a note is not sent")
        await talk.world.until_told("private note", KEN)
        await proved(talk)
        assert all(talk.signs(ts) == {LOCK} for ts in inside)


async def test_until_it_has_gone_every_change_and_every_deletion_counts(database_url: str) -> None:
    """CT-08, CT-15: a rest, a question, a refusal: then a note, the mark taken away, or gone; and the old buttons after that."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        await talk.world.set("messenger", answer_mode="undo", undo_seconds=30)
        noted, deleted, asked = await talk.says("inner"), await talk.says("inner"), await talk.says(f"<@{KEN}> inner")
        await talk.world.until(lambda: len(talk.world.rows("SELECT id FROM message WHERE state = 'waiting'")) == 2)
        send = as_it_was(talk.world, await talk.line("send"), "send")
        await talk.edits(noted, "// inner")
        await talk.deletes(deleted)
        await talk.edits(asked, "// inner")
        await talk.bears(noted, LOCK)
        await talk.bears(asked, LOCK)
        await send()
        overtaken = await swapped(talk)
        await talk.world.set("messenger", answer_mode="explicit")
        slack.deliveries.hold_and_reverse(2)
        late = await talk.says("reply: inner")
        await talk.edits(late, "note: inner")
        await talk.bears(late, LOCK)
        talk.world.meta.faults.add(method="messages", kind="error", error="551", status=400, match={"text": "Sorry"})
        await talk.world.set("messenger", answer_mode="all")
        await talk.world.wish("messenger", Wish.PAUSED)
        refused = await talk.says("inner, refused")
        await talk.bears(refused, CROSS)
        await talk.edits(refused, "// inner")
        await talk.bears(refused, LOCK)
        await talk.world.wish("messenger", Wish.ON)
        await talk.presses("retry")
        await sends(talk, refused)
        await talk.world.until_told("private note", KEN)
        await proved(talk)
        assert signed(talk, noted, asked, late, refused)
        assert overtaken not in [each.ts for each in slack.thread(talk.root.channel, talk.root.ts)]


async def swapped(talk: Talk) -> str:
    """A message and its deletion, of which Slack tells the deletion first."""
    talk.world.slack.deliveries.hold_and_reverse(2)
    ts = await talk.says("inner")
    await talk.deletes(ts)
    await talk.world.slack.settle()
    await talk.world.calm()
    return ts


async def test_words_of_other_threads_and_channels_reach_nobody(database_url: str) -> None:
    """CT-05, ZI-25: loose in the channel, in the team's own threads, under an alert; notes and bots in an earlier thread."""
    async with talking(database_url) as talk:
        slack = talk.world.slack
        loose = await slack.say(AKI, SUPPORT, "inner, loose")
        for place in (SUPPORT, OTHER, ALERTS):
            root = await slack.say(KEN, place, "inner talk")
            await slack.say(AKI, place, "inner reply", thread_ts=root)
            await slack.say(AKI, place, "inner, for all", thread_ts=root, broadcast=True)
        await talk.world.set("messenger", channel=OTHER)
        await talk.world.meta.write(talk.customer, "another day")
        moved = await talk.world.root("another day", OTHER)
        earlier = [await talk.says("// inner"), await talk.says("inner", user=BOT, bot=True)]
        here = [await say(talk.world, moved, "// inner"), await say(talk.world, moved, "inner", bot=True)]
        ren = await begun(talk.world, "instagram", "別の人です", name="Ren")
        await ren.says("// inner")
        for ts in earlier:
            await talk.bears(ts, LOCK)
        for ts in here:
            await talk.world.signed(moved, ts, LOCK)
        assert talk.signs(loose) == set()
        await proved(talk)
        assert ren.phone() == []


async def say(world: World, root: Message, text: str, **how: Any) -> str:
    """Somebody writes in a thread."""
    return await world.slack.say(AKI, root.channel, text, thread_ts=root.ts, **how)


async def test_what_became_a_note_while_nobody_listened_stays_inside(database_url: str) -> None:
    """CT-15: it rested when the service ended; its author made a note of it, and Slack's retries were all in vain."""
    async with talking(database_url, times={"rest": timedelta(hours=2)}) as talk:
        ts = await talk.says("inner")
        asked = await talk.says(f"<@{KEN}> inner")
        await talk.line("send")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'waiting'"))
        await talk.world.stop()
        talk.world.slack.request_url = "http://127.0.0.1:9/slack/events"
        talk.world.slack.deliveries.retry_delays = ()
        await talk.edits(ts, "// inner")
        await talk.edits(asked, "// inner")
        written = await talk.says("note: inner")
        await talk.world.slack.settle()
        await talk.world.start()
        for each in (ts, asked, written):
            await talk.bears(each, LOCK)
        talk.world.clock.move(3 * HOUR)
        await talk.world.calm()
        assert talk.sends() == []
        assert talk.phone() == []


async def test_what_was_taken_back_while_nobody_listened_does_not_go_at_the_start(database_url: str) -> None:
    """CT-15: its time to be stopped has passed meanwhile; the thread is read before anything of it goes."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="undo", undo_seconds=30)
        noted, deleted, kept = [await talk.says(text) for text in ("inner", "inner too", "for you")]
        await talk.world.until(lambda: len(talk.world.rows("SELECT id FROM message WHERE state = 'waiting'")) == 3)
        await talk.world.stop()
        talk.world.slack.request_url = "http://127.0.0.1:9/slack/events"
        talk.world.slack.deliveries.retry_delays = ()
        await talk.edits(noted, "// inner")
        await talk.deletes(deleted)
        await talk.world.slack.settle()
        talk.world.clock.move(GONE)
        await talk.world.start()
        await talk.reaches("for you")
        await talk.bears(kept, CHECK)
        await talk.bears(noted, LOCK)
        await talk.world.calm()
        assert talk.phone() == ["for you"]
