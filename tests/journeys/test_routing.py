"""Several apps of one account: who has a conversation, what agents see of it, and how it moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.demo.slack import Message
from tests.journeys.hands import Line, Talk, talking, told
from tests.journeys.seen import words
from tests.journeys.world import AKI, CHECK, CROSS, GUEST, Kind

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOT_APP, BOT_NAME = "8800880088008800", "Flower *Bot*"
OURS = "1517000000000001"


def card(talk: Talk) -> Message:
    """The card as it stands."""
    found = talk.world.slack.message(talk.root.channel, talk.root.ts)
    assert found is not None
    return found


def buttons(talk: Talk) -> list[str]:
    """What can be pressed on the card about who answers."""
    rows = [block["elements"] for block in card(talk).blocks if block["type"] == "actions"]
    labels = [element["text"]["text"] for row in rows for element in row]
    return [label for label in labels if label not in ("Take", "Close", "More…")]


async def press(talk: Talk, label: str, *, user: str = AKI) -> None:
    """Press a button of the card, as soon as it is there."""
    await talk.world.until(lambda: label in buttons(talk))
    rows = [block["elements"] for block in card(talk).blocks if block["type"] == "actions"]
    act = next(element["action_id"] for row in rows for element in row if element["text"]["text"] == label)
    assert await talk.world.slack.click(user, talk.root.channel, talk.root.ts, act) == 200


def refusals(talk: Talk) -> list[Line]:
    """The private lines with a button that takes over and sends."""
    return [line for line in told(talk.world, AKI) if line.buttons.get("take_over") == "Take over and send"]


def calls(talk: Talk, method: str) -> list[str]:
    """How each call of an edge ended."""
    return [call.outcome for call in talk.world.meta.calls if call.path.endswith(f"/{method}")]


@SQLITE
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_while_another_app_has_a_conversation_nothing_is_sent_and_the_card_says_who(
    database_url: str, kind: Kind
) -> None:
    """M-19, F7: take_thread_control and pass_thread_control; the app's name is asked for once, and is never mark-up."""
    async with talking(database_url, kind) as talk:
        meta = talk.world.meta
        meta.world.apps[BOT_APP] = BOT_NAME
        await meta.other_app(talk.customer, app_id=BOT_APP)
        await talk.world.until(lambda: "🔁 With Flower" in talk.card())
        await talk.world.until(lambda: any("This conversation is with Flower" in line for line in talk.lines()))
        ts = await talk.says("ours?")
        await talk.bears(ts, CROSS)
        assert "is with Flower" in await talk.world.until_told("Not sent")
        await talk.world.calm()
        assert talk.sends() == []
        await meta.other_app(talk.customer, takes=False, app_id=BOT_APP)
        await talk.world.until(lambda: "now ·" not in talk.card())
        await talk.world.until(lambda: any("with the bridge again" in line for line in talk.lines()))
        await talk.presses("retry")
        await talk.reaches("ours?")
        await talk.bears(ts, CHECK)
        assert len([call for call in meta.calls if call.path == BOT_APP]) == 1
        everything = " ".join(str(post.blocks) for post in talk.world.slack.thread(talk.root.channel, talk.root.ts))
        assert "<!channel>" not in everything


@SQLITE
async def test_what_a_customer_writes_to_another_app_is_shown_and_teaches_who_has_it(database_url: str) -> None:
    """M-19, F7: *standby* is shown like everything else; a message that comes as to us says that it is ours again."""
    async with talking(database_url) as talk:
        talk.world.meta.own_thread(talk.customer, BOT_APP)
        await talk.world.meta.write(talk.customer, "is the bot there?")
        await talk.world.until(lambda: "is the bot there?" in words(talk.world, talk.root))
        await talk.world.until(lambda: "With another app now" in talk.card())
        ts = await talk.says("I am not a bot")
        await talk.bears(ts, CROSS)
        assert talk.sends() == []
        talk.world.meta.own_thread(talk.customer, None)
        await talk.world.meta.write(talk.customer, "a person please")
        await talk.world.until(lambda: "With another app now" not in talk.card())
        await talk.presses("retry")
        await talk.reaches("I am not a bot")


async def test_an_agent_takes_a_conversation_over_and_hands_it_back(database_url: str) -> None:
    """M-19, F7: buttons on the card; the thread says who did it, and to whom it went."""
    async with talking(database_url) as talk:
        meta = talk.world.meta
        meta.world.apps[BOT_APP] = "Flower Bot"
        await meta.other_app(talk.customer, app_id=BOT_APP)
        await press(talk, "Take over")
        await talk.world.until(lambda: any("Aki took this conversation over" in line for line in talk.lines()))
        await talk.world.until(lambda: buttons(talk) == ["Hand back"])
        await talk.says("I am Aki")
        await talk.reaches("I am Aki")
        await press(talk, "Hand back")
        await talk.world.until(lambda: any("handed this conversation to Flower Bot" in line for line in talk.lines()))
        await talk.world.until(lambda: "With Flower Bot now" in talk.card())
        assert talk.customer.thread_owner == BOT_APP
        assert (calls(talk, "take_thread_control"), calls(talk, "pass_thread_control")) == (["ok"], ["ok"])


@SQLITE
async def test_a_conversation_of_which_nobody_said_who_had_it_is_let_go(database_url: str) -> None:
    """F7: without a name there is nobody to hand it back to: released, and Meta says who answers."""
    async with talking(database_url, "instagram") as talk:
        talk.world.meta.own_thread(talk.customer, BOT_APP)
        await talk.world.meta.write(talk.customer, "hello?")
        await press(talk, "Take over")
        await press(talk, "Hand back")
        await talk.world.until(lambda: any("Aki let this conversation go" in line for line in talk.lines()))
        assert calls(talk, "release_thread_control") == ["ok"]


@SQLITE
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_refusal_teaches_who_has_it_and_one_button_takes_it_over_and_sends(
    database_url: str, kind: Kind
) -> None:
    """M-19, F7: 2018300 and 100/2534037; the answer goes once, and no other is tried meanwhile."""
    async with talking(database_url, kind) as talk:
        talk.world.meta.own_thread(talk.customer, BOT_APP)
        first = await talk.says("first")
        await talk.bears(first, CROSS)
        await talk.world.until(lambda: "With another app now" in talk.card())
        second = await talk.says("second")
        await talk.bears(second, CROSS)
        assert len(talk.sends()) == 1
        lines = await talk.world.until(lambda: refusals(talk) if len(refusals(talk)) == 2 else None)
        for line in reversed(lines):
            await talk.world.slack.click(AKI, line.said.channel, line.said.ts, "take_over", ephemeral=line.private)
        await talk.bears(first, CHECK)
        await talk.bears(second, CHECK)
        assert sorted(talk.phone()) == ["first", "second"]
        assert calls(talk, "take_thread_control") == ["ok"]


@SQLITE
async def test_what_cannot_be_taken_over_says_why(database_url: str) -> None:
    """F7: only the default app may take a conversation from another; the agent reads the reason, and it stays refused."""
    async with talking(database_url) as talk:
        talk.customer.account.default_app = BOT_APP
        await talk.world.meta.other_app(talk.customer, app_id=BOT_APP)
        await press(talk, "Take over")
        await talk.world.until_told("stays where it is")
        await talk.world.calm()
        assert "Take over" in buttons(talk)
        assert not any("took this conversation over" in line for line in talk.lines())


@SQLITE
async def test_another_app_that_asks_for_a_conversation_is_answered_by_an_agent(database_url: str) -> None:
    """M-19: request_thread_control; *Keep it* tells nobody, *Hand over* passes it to that app."""
    async with talking(database_url) as talk:
        meta = talk.world.meta
        await meta.ask_for_thread(talk.customer)
        await talk.world.until(lambda: "Asked for by the Page inbox" in talk.card())
        await talk.world.until(lambda: any("Asked for by the Page inbox" in line for line in talk.lines()))
        await press(talk, "Keep it")
        await talk.world.until(lambda: "Asked for" not in talk.card())
        await talk.world.until_told("stays here")
        assert calls(talk, "pass_thread_control") == []
        talk.world.clock.move(timedelta(seconds=1))
        await meta.ask_for_thread(talk.customer)
        await press(talk, "Hand over")
        await talk.world.until(lambda: "With the Page inbox now" in talk.card())
        assert talk.customer.thread_owner == "263902037430900"


@SQLITE
async def test_who_may_not_answer_may_not_move_a_conversation(database_url: str) -> None:
    """M-19: the same people, by the same rule."""
    async with talking(database_url) as talk:
        await talk.world.meta.other_app(talk.customer, app_id=BOT_APP)
        await press(talk, "Take over", user=GUEST)
        await talk.world.until(lambda: talk.world.told(GUEST))
        await talk.world.calm()
        assert calls(talk, "take_thread_control") == []


@SQLITE
async def test_a_late_event_does_not_bring_an_older_owner_back(database_url: str) -> None:
    """M-19: the newest event's own time counts, whatever order they come in."""
    async with talking(database_url) as talk:
        meta = talk.world.meta
        meta.deliveries.hold_and_reverse(2)
        await meta.other_app(talk.customer, app_id=BOT_APP)
        talk.world.clock.move(timedelta(seconds=2))
        await meta.other_app(talk.customer, takes=False, app_id=BOT_APP)
        await talk.world.calm()
        assert "now ·" not in talk.card()
        await talk.says("still ours")
        await talk.reaches("still ours")


@SQLITE
async def test_without_our_apps_id_the_role_in_which_we_are_told_decides(database_url: str) -> None:
    """M-19, F7: what was passed came to us, what was taken went away; said in the operator's pages."""
    async with talking(database_url, meta_app_id=None) as talk:
        meta = talk.world.meta
        await meta.other_app(talk.customer, app_id=BOT_APP)
        await talk.world.until(lambda: "With another app" in talk.card())
        await meta.other_app(talk.customer, takes=False, app_id=BOT_APP)
        await talk.world.until(lambda: "now ·" not in talk.card())
        await talk.says("back")
        await talk.reaches("back")
