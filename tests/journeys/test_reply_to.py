"""*Reply to this*: an answer that shows the customer which of their messages it answers."""

from __future__ import annotations

import pytest

from tests.journeys.hands import ASKED, talking
from tests.journeys.opening import carried, fields, opens, post_of, reads, sends_in
from tests.journeys.world import AKI, CHECK, CROSS, GUEST, KINDS, LOCK, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_from_a_window_quotes_what_it_answers(database_url: str, kind: Kind) -> None:
    """The customer sees the quote; the thread shows it in the agent's name, with the signs of any answer."""
    async with talking(database_url, kind) as talk:
        view = await opens(talk, "reply_to", post_of(talk, ASKED))
        assert ASKED in reads(talk, view)
        assert ASKED not in str(carried(view))
        assert await sends_in(talk, view, text="   ") == {"text": "Please fill this in."}
        assert await sends_in(talk, view, text="はい、あります。") == {}
        await talk.reaches("はい、あります。")
        assert [each.reply_to for each in talk.bubbles()] == [{"mid": talk.customer.bubbles[0].mid}]
        await talk.world.until(lambda: "はい、あります。" in "".join(talk.lines()))
        ts = post_of(talk, "はい、あります。")
        await talk.bears(ts, CHECK)
        posted = talk.world.slack.message(talk.root.channel, ts)
        assert posted is not None
        assert posted.username == "Aki"
        assert f"“{ASKED}”" in talk.world.slack.plain(posted)
        await talk.world.until(lambda: "Answered by Aki" in talk.card())


@sqlite
async def test_the_rules_of_the_thread_hold_for_a_window(database_url: str) -> None:
    """ZM-07: the ceiling, the stop, the private note and who may answer; nothing of it needs a mark."""
    async with talking(database_url) as talk:
        ts = post_of(talk, ASKED)
        await talk.world.set("messenger", ceiling=20, answer_mode="explicit")
        assert await sends_in(talk, await opens(talk, "reply_to", ts), text="one two three four five six seven") == {}
        await talk.presses("send_split")
        await talk.reaches("one two three four five six seven")
        assert await sends_in(talk, await opens(talk, "reply_to", ts), text="社内メモ：they are angry") == {}
        await talk.world.until(lambda: "Private note" in "".join(talk.lines()))
        await talk.bears(post_of(talk, "they are angry"), LOCK)
        await talk.world.set("messenger", answer_mode="undo", undo_seconds=30)
        assert await sends_in(talk, await opens(talk, "reply_to", ts), text="Not this one") == {}
        await talk.presses("stop")
        await talk.world.until(lambda: "Not this one" in "".join(talk.lines()))
        await talk.bears(post_of(talk, "Not this one"), LOCK)
        assert await talk.world.slack.shortcut(GUEST, "reply_to", talk.root.channel, ts) == 200
        await talk.world.until_told("Guests of this workspace cannot do this", GUEST)
        assert await talk.world.slack.shortcut(AKI, "reply_to", talk.root.channel, talk.root.ts) == 200
        await talk.world.until_told("as long as it stands")
        await talk.world.calm()
        await talk.reaches("one two three four five six seven")


@sqlite
async def test_what_cannot_be_quoted_goes_only_when_its_author_says_so(database_url: str) -> None:
    """Promise 2: without the quote it may say something else."""
    async with talking(database_url) as talk:
        first = talk.customer.bubbles[0].mid
        view = await opens(talk, "reply_to", post_of(talk, ASKED))
        await talk.world.meta.unsend(talk.customer, first)
        await talk.world.until(lambda: "unsent a message" in "".join(talk.lines()))
        assert await sends_in(talk, view, text="We have two left.") == {}
        await talk.world.until(lambda: "We have two left." in "".join(talk.lines()))
        ts = post_of(talk, "We have two left.")
        await talk.bears(ts, CROSS)
        await talk.presses("unquote", holds="The message that it answers was unsent")
        await talk.reaches("We have two left.")
        await talk.bears(ts, CHECK)
        assert [each.reply_to for each in talk.bubbles()] == [None]
        await talk.world.meta.write(talk.customer, "And in blue?")
        await talk.world.until(lambda: "And in blue?" in "".join(talk.lines()))
        await talk.world.meta.unsend(talk.customer, talk.customer.bubbles[-1].mid, told=False)
        assert await sends_in(talk, await opens(talk, "reply_to", post_of(talk, "And in blue?")), text="Yes") == {}
        await talk.presses("unquote", holds="does not take an answer to that message")
        await talk.hears("Yes")


@sqlite
async def test_a_window_that_could_not_be_opened_says_so_and_one_counts_once(database_url: str) -> None:
    """Nothing is lost, nothing goes twice; a post with several messages asks which one is meant."""
    async with talking(database_url) as talk:
        ts = post_of(talk, ASKED)
        talk.world.slack.faults.add(method="views.open", kind="error", error="expired_trigger_id")
        assert await talk.world.slack.shortcut(AKI, "reply_to", talk.root.channel, ts) == 200
        await talk.world.until_told("Please try again")
        view = await opens(talk, "reply_to", ts)
        assert await sends_in(talk, view, text="Once") == {}
        talk.world.slack.world.views[view.id] = view
        assert await sends_in(talk, view, text="Once") == {}
        await talk.world.calm()
        await talk.reaches("Once")
        assert "which" not in fields(view)
        view = await opens(talk, "reply_to", ts)
        talk.world.refuse_keeping()
        status, _ = await talk.world.slack.submit_view(AKI, view.id, {"text": "Twice"})
        assert (status, view.id in talk.world.slack.world.views) == (503, True)
        talk.world.allow_keeping()
        assert await sends_in(talk, view, text="Twice") == {}
        await talk.reaches("Once", "Twice")


@sqlite
async def test_a_window_speaks_its_readers_language(database_url: str) -> None:
    """Who they are is asked of Slack where nobody has met them yet, before they see anything."""
    async with talking(database_url) as talk:
        talk.world.slack.add_user("U0MEI", "mei", display_name="Mei", locale="ja-JP")
        view = await opens(talk, "reply_to", post_of(talk, ASKED), user="U0MEI")
        assert "このメッセージに返信" in reads(talk, view)
        assert await sends_in(talk, view, user="U0MEI", text=" ") == {"text": "入力してください。"}
        assert await sends_in(talk, view, user="U0MEI", text="はい") == {}
        await talk.reaches("はい")
