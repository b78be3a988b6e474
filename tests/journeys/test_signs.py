"""What an agent can see and ask at any time: signs, *What happened?*, and refusals of accounts that are off."""

from datetime import timedelta

import pytest

from bridge.model.state import Wish
from tests.journeys.hands import Talk, begun, reconnect, talking
from tests.journeys.world import AKI, CHECK, CROSS, GUEST, HOURGLASS, KEN, LOCK, QUESTION

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATIENCE = timedelta(seconds=4)


async def waiting(talk: Talk, words: str = "patience") -> str:
    """An answer that Meta takes no more of for a while."""
    talk.world.meta.faults.add(method="messages", kind="error", error="80006", status=400, match={"message": words})
    ts = await talk.says(words)
    await talk.world.until(talk.sends)
    return ts


async def test_an_answer_that_waits_longer_than_3_s_shows_the_hourglass(database_url: str) -> None:
    """M-24: not before; and when it has gone, the check mark alone."""
    async with talking(database_url) as talk:
        ts = await waiting(talk)
        talk.world.clock.frozen = True
        assert talk.signs(ts) == set()
        talk.world.clock.frozen = False
        talk.world.clock.move(PATIENCE)
        await talk.bears(ts, HOURGLASS)
        talk.world.clock.move(timedelta(minutes=6))
        await talk.reaches("patience")
        await talk.bears(ts, CHECK)


async def test_a_quick_answer_never_shows_the_hourglass(database_url: str) -> None:
    """M-24: the check mark is the first sign and the only one."""
    async with talking(database_url) as talk:
        ts = await talk.says("quick")
        await talk.bears(ts, CHECK)
        added = [call.arguments.get("name") for call in talk.world.slack.calls if call.method == "reactions.add"]
        assert added == [CHECK]


async def test_the_last_true_sign_stays_whatever_came_before(database_url: str) -> None:
    """M-24: hourglass, cross, hourglass, question, check: one at a time, the last one alone."""
    async with talking(database_url) as talk:
        faults = talk.world.meta.faults
        ts = await waiting(talk, "many ways")
        talk.world.clock.move(PATIENCE)
        await talk.bears(ts, HOURGLASS)
        faults.add(method="messages", kind="error", error="551", status=400)
        talk.world.clock.move(timedelta(minutes=6))
        await talk.bears(ts, CROSS)
        faults.add(method="messages", kind="reset_before")
        await talk.presses("retry")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        talk.world.clock.move(timedelta(seconds=61))
        await talk.bears(ts, QUESTION)
        await talk.presses("send_again")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.signs(ts) == {CHECK}
        assert talk.phone() == ["many ways"]


async def test_signs_come_though_slack_limits_them(database_url: str) -> None:
    """M-24: Slack refuses reactions for a while; the last true one stands afterwards."""
    async with talking(database_url) as talk:
        limited = talk.world.slack.faults.add(
            method="reactions.add", kind="error", error="ratelimited", status=429, headers={"Retry-After": "5"}, times=2
        )
        ts = await talk.says("signed late")
        await talk.reaches("signed late")
        await talk.world.until(lambda: limited.times == 1)
        talk.world.clock.move(timedelta(seconds=6))
        await talk.world.until(lambda: limited.times == 0)
        talk.world.clock.move(timedelta(seconds=6))
        await talk.bears(ts, CHECK)


async def test_what_happened_tells_every_state(database_url: str) -> None:
    """M-24: sent, noted, refused, asked about, waiting, from the customer, from elsewhere, of nobody's."""
    async with talking(database_url) as talk:
        sent = await talk.says("sent")
        note = await talk.says("// note")
        for ts, sign in ((sent, CHECK), (note, LOCK)):
            await talk.bears(ts, sign)
        assert "Yuki Tanaka has it" in await talk.asks(sent)
        assert "private note" in await talk.asks(note)
        talk.world.meta.faults.add(method="messages", kind="error", error="551", status=400)
        refused = await talk.says("refused")
        await talk.bears(refused, CROSS)
        assert "cannot receive messages" in await talk.asks(refused, user=KEN)
        question = await talk.says(f"<@{KEN}>?")
        await talk.line("send")
        assert "its author was asked" in await talk.asks(question, user=KEN)
        kept = await talk.line("keep_inside")
        await talk.world.slack.click(AKI, kept.said.channel, kept.said.ts, "keep_inside")
        await talk.bears(question, LOCK)
        assert "kept it inside" in await talk.asks(question)
        waits = await waiting(talk, "waits")
        assert "waits" in await talk.asks(waits)


async def test_what_happened_is_asked_of_other_posts_too(database_url: str) -> None:
    """M-24: a customer's line, one from the native app, the card, a message that is none of ours."""
    async with talking(database_url) as talk:
        await talk.world.meta.native_reply(talk.world.account("messenger"), talk.customer, "from the app")
        await talk.world.until(lambda: len(talk.lines()) == 2)
        customers, elsewhere = talk.world.slack.thread(talk.root.channel, talk.root.ts)
        assert "Yuki Tanaka wrote it" in await talk.asks(customers.ts)
        assert "Somebody wrote it in the Page inbox" in await talk.asks(elsewhere.ts)
        assert "The bridge wrote this line" in await talk.asks(talk.root.ts)
        loose = await talk.world.slack.say(KEN, talk.root.channel, "just talking")
        assert "The bridge knows nothing of this message" in await talk.asks(loose)


async def test_a_guest_may_not_ask_what_happened(database_url: str) -> None:
    """ZI-25: one `authorise` for answers and for buttons."""
    async with talking(database_url) as talk:
        ts = await talk.says("sent")
        await talk.bears(ts, CHECK)
        assert "Guests" in await talk.asks(ts, user=GUEST)


async def test_a_long_answer_that_was_withdrawn_in_the_middle_tells_how_far_it_came(database_url: str) -> None:
    """M-24: one of two parts had gone when it was deleted; the rest never goes."""
    async with talking(database_url, "instagram") as talk:
        faults = talk.world.meta.faults
        faults.add(method="messages", kind="error", error="80002", status=400, match={"message": "二"}, times=None)
        ts = await talk.says("一" * 333 + "二" * 10)
        await talk.reaches("一" * 333)
        await talk.world.until(lambda: len(talk.sends()) == 2)
        await talk.deletes(ts)
        assert "1 of 2 parts had gone" in await talk.world.until_told("parts had gone")
        faults.clear()
        talk.world.clock.move(timedelta(minutes=6))
        await talk.world.calm()
        assert talk.phone() == ["一" * 333]


async def test_a_paused_account_refuses_with_the_reason_and_a_retry(database_url: str) -> None:
    """ZI-31: nothing is sent while it is paused; after resuming, *Retry* sends it."""
    async with talking(database_url) as talk:
        elsewhere = await begun(talk.world, "instagram", "elsewhere", name="Mei")
        await talk.world.wish("messenger", Wish.PAUSED)
        ts = await talk.says("hello")
        await talk.bears(ts, CROSS)
        assert "Hanako Flowers is paused" in await talk.world.until_told("Not sent")
        await elsewhere.says("not paused")
        await elsewhere.reaches("not paused")
        await talk.presses("retry")
        await talk.world.calm()
        assert talk.sends() == []
        await talk.world.wish("messenger", Wish.ON)
        again = await talk.says("hello again")
        await talk.reaches("hello again")
        await talk.bears(again, CHECK)
        await talk.world.until(lambda: "is paused" not in talk.card())


async def test_an_answer_in_the_outbox_is_not_sent_once_its_account_is_paused(database_url: str) -> None:
    """ZI-31: ruled again just before sending."""
    async with talking(database_url, times={"rest": timedelta(seconds=30)}) as talk:
        ts = await talk.says("too late")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE kind = 'SendToCustomer'"))
        await talk.world.wish("messenger", Wish.PAUSED)
        talk.world.clock.move(timedelta(seconds=31))
        await talk.bears(ts, CROSS)
        await talk.world.calm()
        assert talk.sends() == []


async def test_a_removed_account_sends_nothing_and_its_thread_stays(database_url: str) -> None:
    """ZI-28, ZI-29: refused with the reason; connected again it answers in the same thread."""
    async with talking(database_url) as talk:
        await talk.world.wish("messenger", Wish.REMOVED)
        ts = await talk.says("anybody?")
        await talk.bears(ts, CROSS)
        assert "no longer connected" in await talk.world.until_told("Not sent")
        assert len(talk.lines()) == 2
        await talk.world.calm()
        assert talk.sends() == []
        await reconnect(talk.world, "messenger")
        await talk.says("back again")
        await talk.reaches("back again")


async def test_another_app_that_has_the_conversation_is_named(database_url: str) -> None:
    """M-19, F7: Meta says that another app answers; refused with *Retry*, which sends when it is ours again."""
    async with talking(database_url) as talk:
        talk.world.meta.own_thread(talk.customer, "9988776655")
        ts = await talk.says("mine?")
        await talk.bears(ts, CROSS)
        assert "with another app now" in await talk.world.until_told("Not sent")
        await talk.world.meta.other_app(talk.customer, takes=False, app_id="9988776655")
        await talk.world.until(lambda: any("with the bridge again" in line for line in talk.lines()))
        await talk.presses("retry")
        await talk.reaches("mine?")
        await talk.bears(ts, CHECK)
