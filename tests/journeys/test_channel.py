"""The channel is a list of customers: a card each, and one line when a customer begins to wait again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from tests.journeys.hands import ASKED, Talk, talking
from tests.journeys.opening import fields, opens, post_of, sends_in
from tests.journeys.seen import decided, words
from tests.journeys.world import ALERTS, CHECK, DAY, HOUR, SUPPORT, World

SECOND = timedelta(seconds=1)
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def seen(world: World) -> list[str]:
    """The words of customers that stand in the channel itself."""
    return [
        world.slack.plain(each).split(": ", 1)[1] for each in world.slack.channel_messages(SUPPORT) if each.is_reply
    ]


async def writes(talk: Talk, text: str, *, at: float | None = None) -> None:
    """The customer writes, and it stands in their thread."""
    await talk.world.meta.write(talk.customer, text, at=at)
    await talk.world.until(lambda: text in words(talk.world, talk.root))


@SQLITE
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_the_first_message_of_a_waiting_period_is_shown_in_the_channel_too(database_url: str, kind: str) -> None:
    """The card tells of the first contact, later messages of the same wait stay in the thread; after an answer anew."""
    async with talking(database_url, kind) as talk:  # type: ignore[arg-type]
        await writes(talk, "hello?")
        await writes(talk, "anybody there?")
        assert seen(talk.world) == []
        await talk.bears(await talk.says("Yes."), CHECK)
        await writes(talk, "and in blue?")
        await writes(talk, "or green?")
        assert seen(talk.world) == ["and in blue?"]
        await talk.bears(await talk.says("Both."), CHECK)
        await writes(talk, "thank you")
        assert seen(talk.world) == ["and in blue?", "thank you"]
        assert words(talk.world, talk.root).count("thank you") == 1


@SQLITE
async def test_each_customer_is_seen_for_themselves(database_url: str) -> None:
    """One who waits says nothing of another."""
    async with talking(database_url) as talk:
        ken = talk.world.customer(name="Ken")
        await talk.world.meta.write(ken, "first")
        root = await talk.world.root("first")
        ts = await talk.world.answer(root, "Hi Ken")
        await talk.world.signed(root, ts, CHECK)
        await writes(talk, "still me")
        await talk.world.meta.write(ken, "again")
        await talk.world.until(lambda: seen(talk.world) == ["again"])


@SQLITE
async def test_a_late_message_that_was_answered_by_what_went_after_it_is_not_shown_in_the_channel(
    database_url: str,
) -> None:
    """It is history: whoever answered in the network's own app saw it, and nobody waits because of it."""
    async with talking(database_url) as talk:
        before = talk.world.clock.time() - 60
        await talk.world.meta.native_reply(talk.world.account("messenger"), talk.customer, "Yes.")
        await talk.world.until(lambda: "Answered" in talk.card())
        await writes(talk, "an hour late", at=before)
        await talk.world.calm()
        assert seen(talk.world) == []
        assert "Answered" in talk.card()


@SQLITE
async def test_a_late_message_that_no_agent_saw_is_shown_in_the_channel(database_url: str) -> None:
    """UX: it was told after the answer, which is none to it therefore: a new waiting period begins."""
    async with talking(database_url) as talk:
        before = talk.world.clock.time() - 60
        await talk.bears(await talk.says("Yes."), CHECK)
        await writes(talk, "an hour late", at=before)
        await talk.world.until(lambda: any("an hour late" in each for each in seen(talk.world)))
        await talk.world.until(lambda: "Waiting since" in talk.card())


@SQLITE
async def test_who_waited_until_the_window_closed_and_writes_again_is_seen_again(database_url: str) -> None:
    """ZI-23, ZM-08: nobody could answer any more; now somebody can."""
    async with talking(database_url) as talk:
        talk.world.clock.move(DAY + HOUR)
        await talk.world.until(lambda: "Closed" in talk.card())
        await writes(talk, "still here")
        await writes(talk, "hello?")
        assert seen(talk.world) == ["still here"]
        await talk.world.until(lambda: "Waiting since" in talk.card())


@SQLITE
@pytest.mark.parametrize(
    "error", ["cant_broadcast_message", "restricted_action", "restricted_action_thread_only_channel"]
)
async def test_where_slack_forbids_it_the_message_stands_in_the_thread_alone(database_url: str, error: str) -> None:
    """Refused for the channel, taken for the thread: nothing is held, nothing announced."""
    async with talking(database_url) as talk:
        await talk.bears(await talk.says("Yes."), CHECK)
        talk.world.slack.faults.add(
            method="chat.postMessage", kind="error", error=error, match={"reply_broadcast": "true"}, times=1
        )
        await writes(talk, "and in blue?")
        await writes(talk, "or green?")
        assert [call.error for call in talk.world.slack.calls if call.error] == [error]
        await decided(talk.world)
        assert seen(talk.world) == []
        assert words(talk.world, talk.root) == [ASKED, "Yes.", "and in blue?", "or green?"]
        assert talk.world.roots(ALERTS) == []


# ── bursts ────────────────────────────────────────────────────────────────────────────────────────────────


def spoken(world: World, root: Message) -> list[str]:
    """What stands in a thread, message by message, whether in posts of their own or together."""
    return [part for post in words(world, root) for part in post.split("\n")]


async def late(talk: Talk, texts: list[str], *, customer: Customer | None = None) -> None:
    """The customer writes in a burst, while the channel has no room; then two seconds pass."""
    for text in texts:
        await talk.world.meta.write(customer or talk.customer, text)
    await decided(talk.world)
    talk.world.clock.move(2 * SECOND)


PACED: dict[str, Any] = {"slack_posts_per_second": 1.0}
BURST = [f"number {number}" for number in range(1, 8)]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_burst_stands_in_one_post_in_order_when_the_channel_is_behind(database_url: str, kind: str) -> None:
    """One block for each message, which bears the mark of its own row; the next is shown singly again."""
    async with talking(database_url, kind, **PACED) as talk:  # type: ignore[arg-type]
        world = talk.world
        await late(talk, BURST)
        await world.until(lambda: spoken(world, talk.root)[1:] == BURST)
        posts = world.slack.thread(talk.root.channel, talk.root.ts)[1:]
        assert len(posts) <= 2
        together = posts[-1]
        await world.calm()
        rows = dict(world.rows("SELECT id, joined FROM outbox WHERE kind = 'PostMessage' AND joined IS NOT NULL"))
        assert [block["block_id"] for block in together.blocks] == [f"row:{row}" for row in sorted(rows)]
        assert set(rows.values()) == {min(rows)}
        shown = world.rows("SELECT post, COUNT(*) FROM message_post GROUP BY post ORDER BY COUNT(*) DESC")
        assert shown[0][1] == len(rows) == len(together.blocks)
        world.clock.move(5 * SECOND)
        await world.meta.write(talk.customer, "one more")
        await world.until(lambda: words(world, talk.root)[-1] == "one more")


@SQLITE
async def test_what_is_shown_in_the_channel_is_never_joined(database_url: str) -> None:
    """The first of a waiting period stands alone, in the channel too; what follows it may be joined."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        await talk.bears(await talk.says("Yes."), CHECK)
        await late(talk, BURST)
        await world.until(lambda: seen(world) == ["number 1"])
        world.clock.move(2 * SECOND)
        await world.until(lambda: spoken(world, talk.root)[2:] == BURST)
        assert "number 1" in words(world, talk.root)


@SQLITE
async def test_one_post_holds_no_more_than_slack_shows_whole(database_url: str) -> None:
    """At most 3,900 characters; nothing is cut, nothing changes places."""
    texts = [f"{number}{'x' * 900}" for number in range(9)]
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        await late(talk, texts)
        await world.forward(lambda: spoken(world, talk.root)[1:] == texts)
        posts = world.slack.thread(talk.root.channel, talk.root.ts)[1:]
        assert all(len(post.text) <= 3_900 for post in posts)
        assert 3 <= len(posts) <= 5


@SQLITE
async def test_customers_are_not_mixed(database_url: str) -> None:
    """Two bursts at once: each stays in its thread, each in its order."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        ken = world.customer(name="Ken")
        await late(talk, ["hello"], customer=ken)
        other = await world.root("hello")
        for text in BURST:
            await world.meta.write(talk.customer, text)
            await world.meta.write(ken, f"ken {text}")
        await world.forward(lambda: spoken(world, talk.root)[1:] == BURST)
        await world.forward(lambda: spoken(world, other)[1:] == [f"ken {text}" for text in BURST])


@SQLITE
async def test_what_slack_refuses_together_goes_singly(database_url: str) -> None:
    """Refused as drawn: each is tried for itself, in order, and nothing is announced."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        world.slack.faults.add(
            method="chat.postMessage", kind="error", error="invalid_blocks", match={"text": "number 7"}
        )
        await late(talk, BURST)
        await world.forward(lambda: spoken(world, talk.root)[1:] == BURST)
        assert [call.error for call in world.slack.calls if call.error] == ["invalid_blocks"]
        assert world.roots(ALERTS) == []


@pytest.mark.parametrize("heard", [True, False], ids=["own event", "looked for"])
async def test_a_joined_post_whose_answer_is_lost_is_settled_as_one(database_url: str, heard: bool) -> None:
    """Nothing doubled, nothing lost: our own event, or a look by the first row's mark, ends all of its rows."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        if not heard:
            world.slack.deliveries.drop_next(len(BURST))
        world.slack.faults.add(method="chat.postMessage", kind="drop_after", match={"text": "number 7"})
        await late(talk, BURST)
        await world.until(lambda: spoken(world, talk.root)[1:] == BURST)
        await world.forward(lambda: not world.rows("SELECT id FROM outbox WHERE state IN ('unsure', 'working')"))
        await world.calm()
        assert spoken(world, talk.root)[1:] == BURST
        assert len(world.rows("SELECT message FROM message_post")) == len(BURST) + 1


async def test_a_joined_post_that_never_came_to_be_goes_again(database_url: str) -> None:
    """The connection broke before Slack had it: a look proves that, and all of it is shown, in order."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        world.slack.faults.add(method="chat.postMessage", kind="reset_before", match={"text": "number 7"})
        await late(talk, BURST)
        await world.forward(lambda: spoken(world, talk.root)[1:] == BURST)
        await world.calm()
        assert spoken(world, talk.root)[1:] == BURST


def said(world: World, root: Message) -> list[str]:
    """What stands in a thread after its first message, without the line that tells of what was taken back."""
    return [text for text in spoken(world, root)[1:] if "unsent a message" not in text]


async def unsends(talk: Talk, mids: dict[str, str], text: str) -> None:
    """The customer takes one of their messages back."""
    await talk.world.meta.unsend(talk.customer, mids[text])


@SQLITE
async def test_of_a_joined_post_only_what_was_taken_back_goes(database_url: str) -> None:
    """F6: the others stay where they stand, and nothing is posted again."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        mids = {text: await world.meta.write(talk.customer, text) for text in BURST}
        await decided(world)
        world.clock.move(2 * SECOND)
        await world.until(lambda: spoken(world, talk.root)[1:] == BURST)
        await world.calm()
        await unsends(talk, mids, "number 5")
        left = [text for text in BURST if text != "number 5"]
        await world.forward(lambda: said(world, talk.root) == left)
        assert not [call for call in world.slack.calls if call.method == "chat.delete"]


@SQLITE
async def test_an_answer_to_one_message_of_a_joined_post_asks_which(database_url: str) -> None:
    """Two answers from one post: each quotes the message that was chosen, and none is chosen by itself."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        mids = {text: await world.meta.write(talk.customer, text) for text in BURST}
        await decided(world)
        world.clock.move(2 * SECOND)
        await world.until(lambda: spoken(world, talk.root)[1:] == BURST)
        await world.calm()
        for text in ("number 5", "number 7"):
            view = await opens(talk, "reply_to", post_of(talk, "number 7"))
            assert fields(view) == ["which", "text"]
            (which,) = [each for each in view.blocks if each["block_id"] == "which"]
            options = {each["text"]["text"]: each["value"] for each in which["element"]["options"]}
            assert list(options) == BURST
            assert await sends_in(talk, view, which=options[text], text=f"About {text}.") == {}
            await talk.hears(f"About {text}.")
        assert [each.reply_to for each in talk.bubbles()] == [{"mid": mids["number 5"]}, {"mid": mids["number 7"]}]


@SQLITE
async def test_what_is_taken_back_while_its_joined_post_is_on_its_way_goes_alone(database_url: str) -> None:
    """F6: as soon as the post stands its part is taken out; the others are shown once."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=1, match={"text": "number 7"})
        mids = {text: await world.meta.write(talk.customer, text) for text in BURST}
        await decided(world)
        world.clock.move(2 * SECOND)
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'working' AND joined IS NOT NULL"))
        await unsends(talk, mids, "number 5")
        left = [text for text in BURST if text != "number 5"]
        await world.forward(lambda: said(world, talk.root) == left)
        await world.calm()
        assert said(world, talk.root) == left


@SQLITE
async def test_what_is_taken_back_before_its_turn_is_not_shown_at_all(database_url: str) -> None:
    """F6: the post shows the others together."""
    async with talking(database_url, **PACED) as talk:
        world = talk.world
        mids = {text: await world.meta.write(talk.customer, text) for text in BURST}
        await unsends(talk, mids, "number 5")
        await decided(world)
        world.clock.move(2 * SECOND)
        left = [text for text in BURST if text != "number 5"]
        await world.forward(lambda: said(world, talk.root) == left)
        assert not [call for call in world.slack.calls if call.method == "chat.delete"]
