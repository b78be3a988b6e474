"""Second thoughts: until Meta has been called the newest words count, afterwards the author hears what the customer has."""

from datetime import timedelta

import pytest

from tests.journeys.hands import Talk, talking
from tests.journeys.pressing import as_it_was
from tests.journeys.world import AKI, CHECK, CROSS, HOUR, KEN, LOCK, MINUTE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = {"rest": timedelta(seconds=30)}
"""A rest long enough to have second thoughts in."""


async def resting(talk: Talk, words: str) -> str:
    """An answer that we know of and that rests."""
    ts = await talk.says(words)
    await queued(talk)
    return ts


async def queued(talk: Talk) -> None:
    """Wait until an answer stands in the outbox."""
    await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE kind = 'SendToCustomer'"))


async def on_the_wire(talk: Talk) -> None:
    """Wait until Meta is being called."""
    working = "SELECT id FROM outbox WHERE kind = 'SendToCustomer' AND state = 'working'"
    await talk.world.until(lambda: talk.world.rows(working))


def tried(talk: Talk) -> list[str]:
    """The words that Meta was called with, in order."""
    calls = [each for each in talk.world.meta.calls if each.method == "messages"]
    return [each.arguments["message"]["text"] for each in calls if "message" in each.arguments]


def rested(talk: Talk) -> None:
    """The rest is over."""
    talk.world.clock.move(timedelta(seconds=31))


async def test_a_deletion_in_time_withdraws_the_answer(database_url: str) -> None:
    """CT-15: nothing reaches the customer, and nobody is nagged."""
    async with talking(database_url, times=LONG) as talk:
        ts = await resting(talk, "too quick")
        await talk.deletes(ts)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'withdrawn'"))
        rested(talk)
        await talk.world.calm()
        assert talk.sends() == []
        assert talk.world.told(AKI) == []


async def test_an_edit_in_time_replaces_the_words(database_url: str) -> None:
    """CT-15: only the last of three versions is sent, once."""
    async with talking(database_url, times=LONG) as talk:
        ts = await resting(talk, "¥1,000")
        await talk.edits(ts, "¥1,200")
        await talk.edits(ts, "¥1,500")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE text = '¥1,500'"))
        rested(talk)
        await talk.reaches("¥1,500")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 1


async def test_an_edit_into_a_note_keeps_it_inside(database_url: str) -> None:
    """ZI-25: and an edit of a note into words is told not to go by itself."""
    async with talking(database_url, times=LONG) as talk:
        ts = await resting(talk, "Is he always so rude?")
        await talk.edits(ts, "// Is he always so rude?")
        await talk.bears(ts, LOCK)
        rested(talk)
        await talk.world.calm()
        assert talk.sends() == []
        await talk.edits(ts, "Now without the sign")
        await talk.world.until_told("note")
        rested(talk)
        await talk.world.calm()
        assert talk.sends() == []
        await talk.bears(ts, LOCK)


async def test_an_edit_that_brings_a_colleague_in_asks_first(database_url: str) -> None:
    """CT-08: the words as they are now decide whether they may go."""
    async with talking(database_url, times=LONG) as talk:
        ts = await resting(talk, "It is ready")
        await talk.edits(ts, f"It is ready, <@{KEN}>")
        send = as_it_was(talk.world, await talk.line("send"), "send")
        rested(talk)
        await talk.world.ticked(3)
        await talk.world.calm()
        assert talk.sends() == []
        await talk.edits(ts, "It is ready!")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'waiting'"))
        rested(talk)
        await talk.reaches("It is ready!")
        await send()
        await talk.world.calm()
        assert len(talk.sends()) == 1


async def test_an_edit_after_the_call_changes_nothing_and_says_so(database_url: str) -> None:
    """M-24: the customer still sees the earlier text, and the author hears it, once for each edit."""
    async with talking(database_url) as talk:
        ts = await talk.says("We open at 9")
        await talk.reaches("We open at 9")
        await talk.edits(ts, "We open at 10")
        assert "still sees your earlier text" in await talk.world.until_told("customer")
        await talk.world.slack.noise(talk.root.channel, ts)
        await talk.world.calm()
        assert talk.phone() == ["We open at 9"]
        assert len(talk.world.told(AKI)) == 1


async def test_a_deletion_after_the_call_tells_what_the_customer_has(database_url: str) -> None:
    """M-24: the author hears by direct message that nobody can take it back from here."""
    async with talking(database_url) as talk:
        ts = await talk.says("Wrong thread, sorry")
        await talk.bears(ts, CHECK)
        await talk.deletes(ts)
        assert "Yuki Tanaka still has it" in await talk.world.until_told("still has it")
        assert len(talk.world.slack.dms(AKI)) == 1
        await talk.world.calm()
        assert talk.phone() == ["Wrong thread, sorry"]


async def test_a_deletion_while_it_is_on_the_wire_is_told_when_it_has_arrived(database_url: str) -> None:
    """M-24: the call was made before the deletion came; its author hears that the customer has it."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="latency", seconds=2)
        ts = await talk.says("Already gone")
        await on_the_wire(talk)
        await talk.deletes(ts)
        await talk.world.until_told("still has it")
        await talk.world.calm()
        assert talk.phone() == ["Already gone"]
        assert len(talk.sends()) == 1


async def test_an_edit_while_it_is_on_the_wire_is_told(database_url: str) -> None:
    """M-24: the words that went are the words that count."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="latency", seconds=2)
        ts = await talk.says("first")
        await on_the_wire(talk)
        await talk.edits(ts, "second")
        await talk.world.until_told("still sees your earlier text")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["first"]


async def test_an_edit_while_it_is_on_the_wire_goes_when_meta_refuses_what_went(database_url: str) -> None:
    """CT-15: the words that Meta would not have are never tried again, be it by the edit or by *Retry* after it."""
    async with talking(database_url) as talk:
        faults = talk.world.meta.faults
        faults.add(method="messages", kind="latency", seconds=2)
        faults.add(method="messages", kind="error", error="10/2018108", status=400, times=2)
        ts = await talk.says("¥1,000")
        await on_the_wire(talk)
        await talk.edits(ts, "¥1,200")
        await talk.world.until(lambda: len(talk.sends()) == 2)
        await talk.bears(ts, CROSS)
        await talk.presses("retry")
        await talk.reaches("¥1,200")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert tried(talk) == ["¥1,000", "¥1,200", "¥1,200"]


async def test_an_edit_while_it_is_on_the_wire_goes_when_meta_takes_nothing_yet(database_url: str) -> None:
    """CT-15: Meta has not taken it and is to be asked again: with the newest words, of several edits the last."""
    async with talking(database_url) as talk:
        faults = talk.world.meta.faults
        faults.add(method="messages", kind="latency", seconds=2)
        faults.add(method="messages", kind="error", error="613", status=400)
        ts = await talk.says("Monday")
        await on_the_wire(talk)
        await talk.edits(ts, "Tuesday")
        await talk.edits(ts, "Wednesday")
        await talk.world.until(talk.sends)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE text = 'Wednesday'"))
        talk.world.clock.move(HOUR)
        await talk.reaches("Wednesday")
        await talk.world.calm()
        assert tried(talk) == ["Monday", "Wednesday"]


async def test_an_edit_of_a_refused_answer_is_a_new_try(database_url: str) -> None:
    """CT-15: Meta said no to the words; the author mends them in place."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="error", error="100", status=400)
        ts = await talk.says("odd words")
        await talk.bears(ts, CROSS)
        await talk.world.until_told("Not sent")
        await talk.edits(ts, "plain words")
        await talk.reaches("plain words")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 2


async def test_an_answer_too_long_is_shortened_in_place(database_url: str) -> None:
    """ZI-21: an edit below the ceiling goes; the button pressed afterwards sends nothing more."""
    async with talking(database_url) as talk:
        ts = await talk.says("あ" * 1601)
        await talk.bears(ts, CROSS)
        await talk.line("send_split")
        await talk.edits(ts, "短く")
        await talk.reaches("短く")
        await talk.bears(ts, CHECK)
        await talk.presses("send_split")
        await talk.world.calm()
        assert talk.phone() == ["短く"]


async def test_a_refused_answer_that_is_deleted_is_over(database_url: str) -> None:
    """CT-15: its *Retry* does nothing any more."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="error", error="10/2018108", status=400)
        ts = await talk.says("Hello?")
        await talk.bears(ts, CROSS)
        retry = await talk.line("retry")
        await talk.deletes(ts)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'withdrawn'"))
        click = (AKI, retry.said.channel, retry.said.ts, "retry")
        await talk.world.slack.click(*click, ephemeral=retry.private)
        await talk.world.calm()
        assert len(talk.sends()) == 1


async def test_a_deletion_that_overtakes_its_message_withdraws_it(database_url: str) -> None:
    """CT-15: swapped by Slack's delivery; the late message is known and never goes."""
    async with talking(database_url, times=LONG) as talk:
        talk.world.slack.deliveries.hold_and_reverse(2)
        ts = await talk.says("never mind")
        await talk.deletes(ts)
        await talk.world.slack.settle()
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'withdrawn'"))
        await talk.world.calm()
        rested(talk)
        await talk.world.calm()
        assert talk.sends() == []


async def test_an_edit_that_overtakes_its_message_counts(database_url: str) -> None:
    """CT-15: the edit came first and the words it replaced came late: what the author sees is what goes."""
    async with talking(database_url, times=LONG) as talk:
        talk.world.slack.deliveries.hold_and_reverse(2)
        ts = await talk.says("old words")
        await talk.edits(ts, "new words")
        await queued(talk)
        await talk.world.slack.settle()
        await talk.world.until(lambda: not talk.world.rows("SELECT id FROM inbox WHERE state <> 'applied'"))
        rested(talk)
        await talk.reaches("new words")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert len(talk.sends()) == 1


@pytest.mark.parametrize("second", ["deletes", "edits"])
async def test_the_rest_of_300_ms_lets_swapped_events_find_their_order(database_url: str, second: str) -> None:
    """CT-15: an edit or a deletion right behind its message, at the house's own pace, is in time."""
    async with talking(database_url, times={"rest": timedelta(milliseconds=300)}) as talk:
        talk.world.slack.deliveries.pause()
        ts = await talk.says("hasty")
        if second == "deletes":
            await talk.deletes(ts)
            talk.world.slack.deliveries.resume()
            await talk.world.calm()
            assert talk.sends() == []
        else:
            await talk.edits(ts, "careful")
            talk.world.slack.deliveries.resume()
            await talk.reaches("careful")
            await talk.world.calm()
            assert talk.phone() == ["careful"]


async def test_an_answer_that_waits_for_meta_can_still_be_changed(database_url: str) -> None:
    """CT-15: Meta takes no more for a moment; what has not gone is edited, and withdrawn."""
    async with talking(database_url) as talk:
        faults = talk.world.meta.faults
        limited = faults.add(method="messages", kind="error", error="613", status=400, times=None)
        first = await talk.says("one")
        second = await talk.says("two")
        await talk.world.until(talk.sends)
        await talk.edits(first, "one, mended")
        await talk.deletes(second)
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE text = 'one, mended'"))
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM message WHERE state = 'withdrawn'"))
        faults.remove(limited)
        talk.world.clock.move(MINUTE)
        await talk.reaches("one, mended")
        talk.world.clock.move(HOUR)
        await talk.world.calm()
        assert talk.phone() == ["one, mended"]


async def test_what_was_changed_since_is_not_sent_again(database_url: str) -> None:
    """The earlier words alone could go again, under a message that says something else: nobody would know."""
    async with talking(database_url) as talk:
        talk.world.meta.echoes = "never"
        talk.world.meta.faults.add(method="messages", kind="reset_before", times=1)
        ts = await talk.says("price is 100")
        await talk.world.forward(lambda: "grey_question" in talk.signs(ts))
        await talk.edits(ts, "price is 1000")
        await talk.world.until_told("not known yet")
        await talk.presses("send_again")
        await talk.world.until_told("only the earlier text could go again")
        await talk.world.calm()
        await talk.reaches()
        assert "grey_question" in talk.signs(ts)
