"""What agents wrote while nobody listened: read again afterwards, sent while it is young, asked about when it is old."""

import json
from datetime import timedelta

import pytest

from bridge.demo.meta.media import avatar
from bridge.telemetry import log_to
from bridge.workers import gaps
from tests.journeys.hands import Talk, begun, talking
from tests.journeys.world import AKI, CHECK, CROSS, HOUR, KEN, LOCK, MINUTE, SUPPORT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def down(talk: Talk) -> None:
    """The service is down, and Slack gives up on what it tells."""
    await talk.world.calm()
    await talk.world.stop()
    talk.world.slack.request_url = "http://127.0.0.1:9/slack/events"


async def up(talk: Talk) -> None:
    """It comes back after Slack's last retry."""
    await talk.world.slack.settle()
    await talk.world.start()


async def test_a_young_reply_written_during_downtime_goes(database_url: str) -> None:
    """CT-15: Slack's retries all failed; nine minutes later the answer is found in the thread and sent, once."""
    async with talking(database_url) as talk:
        await talk.says("before")
        await talk.reaches("before")
        await down(talk)
        ts = await talk.says("while you were away")
        note = await talk.says("// a note")
        talk.world.clock.move(9 * MINUTE)
        await up(talk)
        await talk.reaches("before", "while you were away")
        await talk.bears(ts, CHECK)
        await talk.bears(note, LOCK)
        await talk.world.calm()
        assert talk.world.told(AKI) == []
        assert len(talk.sends()) == 2


async def test_an_old_reply_written_during_downtime_is_asked_about(database_url: str) -> None:
    """CT-15: eleven minutes later nobody can know whether it still fits; its author decides."""
    async with talking(database_url) as talk:
        await down(talk)
        first = await talk.says("Today at 6?")
        second = await talk.says("Tomorrow then", user=KEN)
        talk.world.clock.move(11 * MINUTE)
        await up(talk)
        await talk.line("send")
        assert "Still send this to Yuki Tanaka" in talk.world.told(AKI)[0]
        await talk.line("send", to=KEN)
        await talk.world.calm()
        assert talk.phone() == []
        await talk.presses("keep_inside")
        await talk.bears(first, LOCK)
        await talk.presses("send", user=KEN, to=KEN)
        await talk.reaches("Tomorrow then")
        await talk.bears(second, CHECK)


async def test_what_is_read_again_and_told_late_goes_once(database_url: str) -> None:
    """CT-15: the service reads the thread, and then Slack's retry comes after all."""
    async with talking(database_url) as talk:
        await talk.world.calm()
        await talk.world.stop()
        talk.world.slack.deliveries.pause()
        ts = await talk.says("both ways")
        talk.world.clock.move(MINUTE)
        await talk.world.start()
        await talk.reaches("both ways")
        talk.world.slack.deliveries.resume()
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["both ways"]
        assert len(talk.sends()) == 1


async def test_what_was_changed_during_downtime_is_asked_about_and_goes_as_it_stands(database_url: str) -> None:
    """CT-15, CT-08: it may have been a note; the last words count, and what was deleted again never goes."""
    async with talking(database_url) as talk:
        await down(talk)
        edited = await talk.says("¥1,000")
        await talk.edits(edited, "¥1,200")
        note = await talk.says("// they always haggle", user=KEN)
        await talk.edits(note, "they always haggle", user=KEN)
        deleted = await talk.says("forget it")
        await talk.deletes(deleted)
        await up(talk)
        await talk.presses("send", holds="changed it before")
        await talk.reaches("¥1,200")
        await talk.bears(edited, CHECK)
        await talk.line("send", to=KEN, holds="changed it before")
        await talk.edits(note, "they always haggle, do they", user=KEN)
        await talk.world.calm()
        assert talk.phone() == ["¥1,200"]


async def test_the_rules_hold_for_what_is_found_late(database_url: str) -> None:
    """ZI-25, CT-08: files, mentions and lengths are ruled on as ever."""
    async with talking(database_url) as talk:
        await down(talk)
        filed = await talk.says("with a picture", files=[("shop.png", avatar("shop"), "image/png")])
        long = await talk.says("a" * 1601)
        mention = await talk.says(f"<@{KEN}>?")
        broadcast = await talk.says("also to the channel", broadcast=True)
        await up(talk)
        await talk.bears(filed, CHECK)
        await talk.bears(long, CROSS)
        await talk.bears(broadcast, CHECK)
        await talk.line("send")
        assert talk.phone() == ["with a picture", "", "also to the channel"]
        await talk.presses("keep_inside")
        await talk.bears(mention, LOCK)


async def test_what_was_answered_before_is_not_found_anew(database_url: str) -> None:
    """CT-15: five restarts in a row send nothing twice and ask nothing."""
    async with talking(database_url) as talk:
        await talk.says("one")
        await talk.says("// note")
        await talk.reaches("one")
        for _ in range(5):
            await talk.world.calm()
            await talk.world.stop()
            talk.world.clock.move(20 * MINUTE)
            await talk.world.start()
        await talk.world.calm()
        assert talk.phone() == ["one"]
        assert talk.world.told(AKI) == []


async def test_a_thread_whose_time_is_over_is_not_read(database_url: str) -> None:
    """CT-15: within limits: open conversations alone, and no further back than a day."""
    async with talking(database_url) as talk:
        await down(talk)
        await talk.says("too late anyway")
        talk.world.clock.move(25 * HOUR)
        before = reads(talk)
        await up(talk)
        await talk.world.ticked()
        await talk.world.calm()
        assert reads(talk) == before
        assert talk.phone() == []


def reads(talk: Talk) -> int:
    """How often a thread was read."""
    return [call.method for call in talk.world.slack.calls].count("conversations.replies")


async def test_what_was_written_while_the_bridge_was_out_of_the_channel_is_read(database_url: str) -> None:
    """CT-15: removed and invited again: the young go, of the old the author is asked, of two customers."""
    async with talking(database_url) as talk:
        other = await begun(talk.world, "instagram", "二人目です", name="Ren")
        await talk.world.calm()
        talk.world.slack.remove_bot(SUPPORT)
        await talk.world.slack.settle()
        await talk.says("old")
        talk.world.clock.move(11 * MINUTE)
        await other.says("young")
        talk.world.slack.invite_bot(SUPPORT)
        await other.reaches("young")
        await talk.line("send")
        assert talk.phone() == []
        await talk.presses("send")
        await talk.reaches("old")
        await talk.says("and live again")
        await talk.reaches("old", "and live again")


async def test_an_answer_that_rested_when_the_service_stopped_goes_after_it(database_url: str) -> None:
    """CT-15: kept before it was acknowledged, sent once after the restart, though no thread tells of it."""
    async with talking(database_url, times={"rest": timedelta(seconds=60)}) as talk:
        ts = await talk.says("kept")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE kind = 'SendToCustomer'"))
        await talk.world.stop()
        talk.world.clock.move(2 * MINUTE)
        await talk.world.start()
        await talk.reaches("kept")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 1


async def test_what_was_sent_and_deleted_during_downtime_is_told_once(database_url: str) -> None:
    """M-24: its author hears what the customer has, however often the thread is read; what stands is not spoken of."""
    async with talking(database_url) as talk:
        sent, kept = await talk.says("sent"), await talk.says("kept")
        await talk.bears(sent, CHECK)
        await talk.bears(kept, CHECK)
        live = await talk.says("deleted before")
        await talk.bears(live, CHECK)
        await talk.deletes(live)
        await talk.world.until_told("still has it")
        await down(talk)
        await talk.deletes(sent)
        for _ in range(3):
            await up(talk)
            await talk.world.until(lambda: len(talk.world.told(AKI)) == 2)
            await down(talk)
            talk.world.clock.move(HOUR)
        await up(talk)
        await talk.world.calm()
        assert len(talk.world.told(AKI)) == 2
        assert talk.phone() == ["sent", "kept", "deleted before"]


async def test_what_had_not_gone_and_was_deleted_during_downtime_never_goes(database_url: str) -> None:
    """CT-15: Meta had not been called: the reading of the thread withdraws it as the event would have."""
    async with talking(database_url, times={"rest": timedelta(hours=2)}) as talk:
        resting, kept = await talk.says("never mind"), await talk.says("kept")
        await talk.world.until(lambda: len(talk.world.rows("SELECT id FROM message WHERE state = 'waiting'")) == 2)
        await talk.world.stop()
        talk.world.slack.request_url = "http://127.0.0.1:9/slack/events"
        await talk.deletes(resting)
        await up(talk)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'withdrawn'"))
        talk.world.clock.move(3 * HOUR)
        await talk.reaches("kept")
        await talk.bears(kept, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 1
        assert talk.world.told(AKI) == []


async def test_a_gap_in_many_conversations_is_read_to_its_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """CT-15: more than one slice holds: the latest active first, then the others, each once; the log counts them."""
    monkeypatch.setattr(gaps, "SLICE", 2)
    async with talking(database_url) as talk:
        talks = [talk]
        for number in range(4):
            talk.world.clock.move(MINUTE)
            talks.append(await begun(talk.world, "messenger", f"customer {number}", name=f"N{number}"))
        await down(talk)
        for each in talks:
            await each.says("while you were away")
        before = len(talk.world.slack.calls)
        log_to("info")
        await up(talk)
        for each in talks:
            await each.reaches("while you were away")
        await talk.world.calm()
        read = [call for call in talk.world.slack.calls[before:] if call.method == "conversations.replies"]
        assert sorted(str(call.arguments["ts"]) for call in read) == sorted(each.root.ts for each in talks)
        queued = talk.world.rows(
            "SELECT thread.ref FROM outbox JOIN thread ON thread.conversation = outbox.conversation"
            " WHERE outbox.kind = 'ReadThread' ORDER BY outbox.id"
        )
        assert {ref.partition(":")[2] for (ref,) in queued[:2]} == {each.root.ts for each in talks[-2:]}
        logged = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"gap.reading"' in line]
        assert [(line["count"], line["left"]) for line in logged] == [(2, 3), (2, 1), (1, 0)]


async def test_a_question_outlives_a_restart(database_url: str) -> None:
    """CT-08: asked before, pressed after: it goes."""
    async with talking(database_url) as talk:
        await talk.says(f"<@{KEN}>?")
        await talk.line("send")
        await talk.world.calm()
        await talk.world.stop()
        await talk.world.start()
        await talk.presses("send")
        await talk.reaches("@Ken?")


async def test_what_was_written_during_downtime_goes_before_what_is_written_after_it(database_url: str) -> None:
    """Promise 3: however long Slack takes to be read again, the later answer waits for it, ten seconds at most."""
    async with talking(database_url) as talk:
        world = talk.world
        await world.stop()
        world.slack.deliveries.drop_next()
        first = await talk.says("first")
        world.slack.faults.add(method="conversations.replies", kind="latency", seconds=1.5)
        await world.start()
        second = await talk.says("second")
        await talk.reaches("first", "second")
        await talk.bears(first, CHECK)
        await talk.bears(second, CHECK)
