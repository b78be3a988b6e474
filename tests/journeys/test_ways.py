"""The three ways of answering, and what no way lets out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.hands import Talk, talking, told
from tests.journeys.world import AKI, CHECK, HOUR, HOURGLASS, KEN, KINDS, LOCK, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def sends(talk: Talk, ts: str, *, user: str = KEN) -> None:
    """Somebody uses *Send to customer* on a message."""
    assert await talk.world.slack.shortcut(user, "send_to_customer", talk.root.channel, ts) == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_where_answers_are_marked_only_those_go(database_url: str, kind: Kind) -> None:
    """CT-08: without the sign, in whatever width, everything is internal; a mention is asked about in an answer alone."""
    async with talking(database_url, kind) as talk:
        await talk.world.set(kind, answer_mode="explicit")
        inside = await talk.says("Do we have this in red?")
        await talk.bears(inside, LOCK)
        asked = await talk.says(f"<@{KEN}> can you look?")
        await talk.bears(asked, LOCK)
        goes = await talk.says("返信：はい、ございます。")
        await talk.bears(goes, CHECK)
        await talk.says("REPLY: Anything else?", user=KEN)
        await talk.reaches("はい、ございます。", "Anything else?")
        note = await talk.says("reply: note: do not tell them")
        await talk.bears(note, LOCK)
        await talk.world.calm()
        await talk.reaches("はい、ございます。", "Anything else?")


@sqlite
async def test_a_message_that_gets_its_mark_later_goes_and_a_note_does_not(database_url: str) -> None:
    """CT-08: the sign was forgotten; a note stays one whatever it is changed to."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="explicit")
        forgotten, note = await talk.says("Yes, we have"), await talk.says("// no")
        await talk.bears(forgotten, LOCK)
        await talk.bears(note, LOCK)
        await talk.edits(forgotten, "reply: Yes, we have")
        await talk.edits(note, "reply: no")
        await talk.reaches("Yes, we have")
        await talk.world.until_told("written as a note is not sent")
        await talk.world.calm()
        await talk.reaches("Yes, we have")


@sqlite
async def test_what_stayed_inside_is_sent_by_the_menu_once_and_a_note_never(database_url: str) -> None:
    """CT-08: two colleagues press at once, and it goes once."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="explicit")
        ts, note = await talk.says("Tomorrow at ten"), await talk.says("メモ：まだ")
        await talk.bears(ts, LOCK)
        await talk.bears(note, LOCK)
        await sends(talk, ts)
        await sends(talk, ts, user=AKI)
        await sends(talk, note)
        await talk.world.until_told("private note", KEN)
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        await talk.reaches("Tomorrow at ten")


@sqlite
async def test_after_the_way_has_changed_what_was_inside_stays_there(database_url: str) -> None:
    """CT-08: a change of the setting lets nothing out by itself."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="explicit")
        inside = await talk.says("internal thoughts")
        await talk.bears(inside, LOCK)
        await talk.world.set("messenger", answer_mode="all")
        await talk.says("For you")
        await talk.reaches("For you")
        await talk.world.calm()
        await talk.bears(inside, LOCK)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_can_be_stopped_until_it_goes(database_url: str, kind: Kind) -> None:
    """It rests as long as its account says; *Stop* keeps it inside, and the menu sends it after all."""
    async with talking(database_url, kind) as talk:
        await talk.world.set(kind, answer_mode="undo", undo_seconds=30)
        ts = await talk.says("Too hasty")
        line = await talk.line("stop")
        assert line.private
        assert "30 seconds" in talk.world.slack.plain(line.said)
        assert talk.phone() == []
        await talk.presses("stop")
        await talk.bears(ts, LOCK)
        talk.world.clock.move(timedelta(minutes=1))
        await talk.world.calm()
        await talk.reaches()
        await sends(talk, ts, user=AKI)
        await talk.reaches("Too hasty")


@sqlite
async def test_what_rests_is_changed_taken_back_or_goes_in_its_time(database_url: str) -> None:
    """Edits count until it goes, a deletion takes it back, and the others go by themselves, in their order."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="undo", undo_seconds=20)
        first, second, third = [await talk.says(text) for text in ("one", "two", "three")]
        await talk.world.until(lambda: all(HOURGLASS in talk.signs(ts) for ts in (first, second, third)))
        await talk.edits(first, "one, I mean")
        await talk.deletes(second)
        assert talk.phone() == []
        await talk.world.forward(lambda: len(talk.phone()) == 2)
        assert talk.phone() == ["one, I mean", "three"]
        await talk.presses("stop", holds="20 seconds")
        await talk.world.until_told("already")


@sqlite
async def test_what_looks_like_a_misspelt_note_is_asked_about(database_url: str) -> None:
    """CT-08: held with the hourglass; an hour without a word keeps it inside."""
    async with talking(database_url) as talk:
        kept = await talk.says("ntoe: they always complain")
        line = await talk.line("keep_inside", holds="private note")
        assert not line.private
        sent = await talk.says("Notes: your order is on its way")
        await talk.world.until(lambda: len(told(talk.world, AKI)) == 2)
        await talk.presses("send")
        await talk.reaches("Notes: your order is on its way")
        await talk.bears(sent, CHECK)
        talk.world.clock.move(HOUR + timedelta(minutes=1))
        await talk.world.until_told("stays inside")
        await talk.bears(kept, LOCK)
        await talk.reaches("Notes: your order is on its way")


@sqlite
async def test_what_was_written_where_answers_are_marked_stays_inside_though_heard_after_the_change(
    database_url: str,
) -> None:
    """CT-08: what counts is the way in which it was written; the menu may still send it."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="explicit")
        await talk.world.calm()
        talk.world.slack.deliveries.pause()
        inside, marked = await talk.says("they always complain"), await talk.says("reply: Yes, we have")
        talk.world.clock.move(timedelta(minutes=1))
        await talk.world.set("messenger", answer_mode="all")
        talk.world.slack.deliveries.resume()
        await talk.bears(inside, LOCK)
        await talk.bears(marked, CHECK)
        await talk.says("For you")
        await talk.reaches("Yes, we have", "For you")
        await sends(talk, inside)
        await talk.reaches("Yes, we have", "For you", "they always complain")


@sqlite
async def test_a_misspelt_mark_is_told_and_its_answer_sent_by_the_button(database_url: str) -> None:
    """CT-08: its author alone reads it; what follows the word goes, once."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", answer_mode="explicit")
        ts = await talk.says("replay: Yes, we have")
        await talk.bears(ts, LOCK)
        line = await talk.line("send_to_customer", holds="Perhaps you meant `reply:`")
        assert line.private
        await talk.presses("send_to_customer")
        await talk.reaches("Yes, we have")
        await talk.bears(ts, CHECK)
        await sends(talk, talk.root.ts)
        await talk.world.until_told("you or a colleague wrote", KEN)
        await talk.reaches("Yes, we have")
