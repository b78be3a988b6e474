"""What people of the business, other apps and Meta itself do beside the bridge, as agents and operators see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import structlog

from bridge.demo.meta.world import Customer
from tests.journeys.hands import begun, talking
from tests.journeys.seen import figure, posted, words
from tests.journeys.world import ALERTS, CHECK, HOURGLASS, KINDS, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOT_APP = "8800880088008800"
TICK = timedelta(seconds=1)


# ── answers from elsewhere ────────────────────────────────────────────────────────────────────────────────


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_in_the_native_app_is_shown_once_as_what_it_is_and_counts(
    database_url: str, kind: Kind
) -> None:
    """CT-38, M-19: shown once though told twice, never sent by us, never as a bot's; nobody waits any more."""
    async with talking(database_url, kind) as talk:
        where = "in the Page inbox" if kind == "messenger" else "in the Instagram app"
        talk.world.meta.deliveries.duplicate_next()
        await talk.world.meta.native_reply(talk.customer.account, talk.customer, "こちらでお答えします")
        line = await talk.world.until(lambda: next((one for one in words(talk.world, talk.root) if where in one), None))
        assert line == f"{talk.customer.account.name} answered {where}\n> こちらでお答えします"
        await talk.world.until(lambda: f"🟢 Answered {where}" in talk.card())
        await talk.world.calm()
        assert "Waiting since" not in talk.card()
        assert len(talk.lines()) == 2
        assert talk.sends() == []
        assert talk.phone() == ["こちらでお答えします"]


@SQLITE
@pytest.mark.parametrize("inbox", ["26390203743090", "263902037430900"])
async def test_both_numbers_of_the_page_inbox_are_the_page_inbox(database_url: str, inbox: str) -> None:
    """CT-38: Meta's pages print two, and no name is asked for."""
    async with talking(database_url) as talk:
        account = talk.world.account("messenger")
        await talk.world.meta.native_reply(account, talk.customer, "from the inbox", app_id=inbox)
        await talk.world.until(lambda: "Hanako Flowers answered in the Page inbox" in " ".join(talk.lines()))
        await talk.world.calm()
        assert [call.path for call in talk.world.meta.calls if call.path == inbox] == []


@SQLITE
async def test_another_app_is_named_as_far_as_its_name_is_known(database_url: str) -> None:
    """CT-38, M-19: its name is asked for once; an app whose name Meta does not tell goes by its number."""
    async with talking(database_url) as talk:
        meta, account = talk.world.meta, talk.world.account("messenger")
        meta.world.apps[BOT_APP] = "Flower Bot"
        await meta.native_reply(account, talk.customer, "I am a bot", app_id=BOT_APP)
        await talk.world.until(lambda: "I am a bot" in " ".join(talk.lines()))
        await meta.native_reply(account, talk.customer, "still a bot", app_id=BOT_APP)
        await talk.world.until(lambda: "still a bot" in " ".join(talk.lines()))
        await meta.native_reply(account, talk.customer, "who am I", app_id="424242424242")
        await talk.world.until(lambda: "through another app (424242424242)" in talk.card())
        await talk.world.calm()
        assert sum("answered through another app (Flower Bot)" in line for line in talk.lines()) == 2
        assert [call.outcome for call in meta.calls if call.path == BOT_APP] == ["ok"]
        assert len([call for call in meta.calls if call.path == "424242424242"]) == 1
        assert talk.sends() == []


@SQLITE
async def test_a_picture_from_the_native_app_is_shown_too(database_url: str) -> None:
    """CT-38: what an echo brings along stands in the thread like what a customer sends."""
    async with talking(database_url, "instagram") as talk:
        await talk.world.meta.native_send(talk.customer, "photo")
        await talk.world.until(lambda: "answered in the Instagram app" in " ".join(talk.lines()))
        await talk.world.until(lambda: "sent an image" in " ".join(talk.lines()))


@SQLITE
async def test_an_older_answer_from_elsewhere_does_not_answer_what_was_asked_later(database_url: str) -> None:
    """CT-38: by the events' own times; who wrote afterwards still waits."""
    async with talking(database_url) as talk:
        talk.world.meta.deliveries.hold_and_reverse(2)
        await talk.world.meta.native_reply(talk.world.account("messenger"), talk.customer, "one moment")
        await talk.world.meta.write(talk.customer, "and in blue?", at=talk.world.clock.time() + 5)
        await talk.world.calm()
        assert "Waiting since" in talk.card()


# ── seen, and folders ─────────────────────────────────────────────────────────────────────────────────────


def marks(world: World, customer: Customer) -> list[str]:
    """The calls that would mark a customer's messages seen."""
    asked = [call for call in world.meta.calls if call.method == "messages" and "sender_action" in call.arguments]
    return [
        str(call.arguments["sender_action"]) for call in asked if call.arguments["recipient"] == {"id": customer.id}
    ]


@SQLITE
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_nothing_is_marked_seen_unless_the_account_is_set_so(database_url: str, kind: Kind) -> None:
    """M-13: off by default; on, it follows an answer, and holds up nobody when it fails."""
    async with talking(database_url, kind) as talk:
        await talk.says("first")
        await talk.reaches("first")
        await talk.world.calm()
        assert marks(talk.world, talk.customer) == []
        await talk.world.set(kind, seen=True)
        await talk.says("second")
        await talk.world.until(lambda: marks(talk.world, talk.customer) == ["mark_seen"])
        faults = talk.world.meta.faults
        faults.add(method="messages", kind="error", error="190", status=400, match={"sender_action": "mark_seen"})
        await talk.says("third")
        await talk.world.until(lambda: len(marks(talk.world, talk.customer)) == 2)
        ts = await talk.says("fourth")
        await talk.bears(ts, CHECK)
        await talk.reaches("first", "second", "third", "fourth")


async def test_the_general_folder_is_told_once_for_an_account(database_url: str) -> None:
    """M-11: with the first answer on Instagram, in its thread; Messenger has no such folders."""
    async with talking(database_url, "instagram") as talk:
        other = await begun(talk.world, "instagram", "me too", name="Ren")
        page = await begun(talk.world, "messenger", "and I", name="Mei")
        await talk.says("first")
        await talk.world.until(lambda: "moves the conversation to General" in " ".join(talk.world.lines(talk.root)))
        for one in (talk, other, page):
            await one.says("again")
        await page.reaches("again")
        await other.reaches("again")
        await talk.reaches("first", "again")
        await talk.world.calm()
        told = [line for one in (talk, other, page) for line in one.world.lines(one.root) if "General" in line]
        assert len(told) == 1


@SQLITE
@pytest.mark.parametrize("kind", ["instagram", "instagram_login"])
async def test_no_card_promises_a_folder(database_url: str, kind: Kind) -> None:
    """M-12: Meta tells no app where a conversation lies."""
    async with talking(database_url, kind) as talk:
        await talk.says("あります。")
        await talk.reaches("あります。")
        await talk.world.until(lambda: "Answered by Aki" in talk.card())
        assert not any(word in talk.card() for word in ("Primary", "General", "Requests", "folder", "Folder"))


# ── what Meta does about an account ───────────────────────────────────────────────────────────────────────


def alerts(world: World) -> str:
    """What the alerts channel says now."""
    return "\n".join(posted(world, ALERTS))


@SQLITE
@pytest.mark.parametrize("key", ["policy_enforcement", "policy-enforcement"])
async def test_a_block_of_the_network_holds_the_answers_until_it_ends(database_url: str, key: str) -> None:
    """M-19: told once in the alerts channel, in our words; nothing is sent meanwhile, everything afterwards."""
    async with talking(database_url) as talk:
        meta, account = talk.world.meta, talk.world.account("messenger")
        await policy(talk.world, key, "warning", "Mei wrote: words")
        await talk.world.until(lambda: "has warned Hanako Flowers" in alerts(talk.world))
        talk.world.clock.move(TICK)
        await policy(talk.world, key, "block", "Mei wrote: words")
        await talk.world.until(lambda: "Hanako Flowers (Messenger) may not send" in alerts(talk.world))
        await talk.world.until(lambda: "has restricted" in talk.card())
        ts = await talk.says("are we back?")
        await talk.world.forward(lambda: HOURGLASS in talk.signs(ts))
        assert talk.sends() == []
        talk.world.clock.move(TICK)
        await meta.policy(account, "unblock")
        await talk.reaches("are we back?")
        await talk.bears(ts, CHECK)
        await talk.world.until(lambda: alerts(talk.world).count("Mended") == 2)
        await talk.world.until(lambda: "has restricted" not in talk.card())
        assert "Mei wrote" not in alerts(talk.world)


async def policy(world: World, key: str, action: str, reason: str) -> None:
    """Deliver a policy event in one of its two spellings; it has no sender."""
    account = world.account("messenger")
    item: dict[str, Any] = {"recipient": {"id": account.id}, "timestamp": round(world.clock.time() * 1000)}
    entry = {"id": account.id, "time": 1, "messaging": [item | {key: {"action": action, "reason": reason}}]}
    assert await world.meta.deliver({"object": "page", "entry": [entry]}) == 200


@SQLITE
async def test_another_app_that_answers_first_is_told_in_the_alerts_channel(database_url: str) -> None:
    """M-19, F7: app_roles; over as soon as it is the bridge again."""
    async with talking(database_url) as talk:
        meta, account = talk.world.meta, talk.world.account("messenger")
        await meta.change_roles(account, [BOT_APP], [meta.app_id])
        await talk.world.until(lambda: f"another app ({BOT_APP}) now answers first" in alerts(talk.world))
        talk.world.clock.move(TICK)
        await meta.change_roles(account, [meta.app_id], [BOT_APP])
        await talk.world.until(lambda: "Mended" in alerts(talk.world))


@SQLITE
@pytest.mark.parametrize(
    "group",
    [
        {"recipient": {"ids": ["104857600000001", "7200000000000002"]}},
        {"thread": {"id": "t_1", "is_group": True}},
        {"participants": [{"id": "1"}, {"id": "2"}, {"id": "104857600000001"}]},
    ],
)
async def test_a_conversation_with_several_people_is_refused_and_counted(
    database_url: str, group: dict[str, Any]
) -> None:
    """M-25: no thread, one line in the log without a word of it, one more in the figures."""
    async with World.open(database_url) as world:
        account = world.account("messenger")
        item = {"sender": {"id": "7200000000000001"}, "recipient": {"id": account.id}, "timestamp": 1795291853000}
        item |= {"message": {"mid": "m_group", "text": "hello all"}} | group
        entry = {"id": account.id, "time": 1, "messaging": [item]}
        with structlog.testing.capture_logs() as logs:
            assert await world.meta.deliver({"object": "page", "entry": [entry]}) == 200
            await world.until(lambda: [line["reason"] for line in logs if line["event"] == "fact.refused"] == ["group"])
        assert world.roots() == []
        assert await figure(world, "threadbridge_facts_ignored_total", reason="group") == 1
        assert "hello all" not in str(logs)
