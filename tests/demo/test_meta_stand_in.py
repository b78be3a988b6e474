"""The stand-in of Meta, driven over HTTP as the bridge drives Meta."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from bridge.demo.meta import Account
from tests.demo.meta_stage import DAY, HOUR, NOON, Stage, error, put_up


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


OF_EACH: list[Callable[[Stage], Account]] = [lambda s: s.page, lambda s: s.shop, lambda s: s.direct]


@pytest.mark.parametrize("account_of", OF_EACH, ids=["messenger", "instagram through a page", "instagram login"])
async def test_a_text_goes_both_ways_and_its_echo_has_the_mid_of_the_answer(
    stage: Stage, account_of: Callable[[Stage], Account]
) -> None:
    account = account_of(stage)
    customer = stage.meta.add_customer(account, name="Yuki Tanaka")
    mid = await stage.meta.write(customer, "在庫ありますか？ 😀 a/b")
    await stage.meta.settle()
    status, answer = await stage.say(customer, "ございます")
    assert (status, answer["recipient_id"]) == (200, customer.id)
    await stage.meta.until(lambda: len(stage.meta.deliveries.record) == 2)
    await stage.meta.settle()

    asked, echo = stage.hook.items
    assert asked["message"] == {"mid": mid, "text": "在庫ありますか？ 😀 a/b"}
    assert asked["timestamp"] == NOON * 1000
    assert echo["message"]["mid"] == answer["message_id"]
    assert echo["message"]["is_echo"] is True
    assert ("app_id" in echo["message"]) is (account is stage.page)
    assert [bubble.text for bubble in stage.meta.sent(customer)] == ["ございます"]


async def test_a_body_is_ascii_with_escaped_slashes_and_signed_as_it_is_sent(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "日本語 😀 a/b")
    await stage.meta.settle()
    raw = stage.hook.bodies[0]
    assert b"\\u65e5\\u672c\\u8a9e \\ud83d\\ude00 a\\/b" in raw
    right = hmac.new(b"meta-secret", raw, hashlib.sha256).hexdigest()
    assert stage.hook.headers[0]["X-Hub-Signature-256"] == f"sha256={right}"


async def test_the_window_is_half_open_and_counts_from_the_event(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello", at=NOON - HOUR)
    stage.clock.now = NOON - HOUR + DAY - 0.001
    assert (await stage.say(customer, "in time"))[0] == 200
    stage.clock.now = NOON - HOUR + DAY
    assert error(await stage.say(customer, "too late")) == "10/2018278"
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert error(await stage.say(customer, "not granted", **tagged)) == "10"


async def test_a_human_agent_may_answer_for_seven_days(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop)
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    await stage.meta.write(customer, "hello")
    assert (await stage.say(customer, "needless", **tagged))[0] == 200
    stage.clock.now = NOON + 7 * DAY - 1
    assert error(await stage.say(customer, "untagged")) == "10/2534022"
    assert (await stage.say(customer, "in time", **tagged))[0] == 200
    stage.clock.now = NOON + 7 * DAY
    assert error(await stage.say(customer, "too late", **tagged)) == "10/2534022"
    assert [(b.tag, b.needless_tag) for b in stage.meta.sent(customer)] == [
        ("HUMAN_AGENT", True),
        ("HUMAN_AGENT", False),
    ]


@pytest.mark.parametrize(
    ("account_of", "text", "taken"),
    [
        (OF_EACH[0], "x" * 1999, True),
        (OF_EACH[0], "x" * 2000, False),
        (OF_EACH[0], "😀" * 999, True),
        (OF_EACH[0], "😀" * 1000, False),
        (OF_EACH[1], "あ" * 333 + "x", True),
        (OF_EACH[1], "あ" * 334, False),
        (OF_EACH[2], "x" * 1001, False),
    ],
)
async def test_a_text_that_is_too_long_is_refused(
    stage: Stage, account_of: Callable[[Stage], Account], text: str, taken: bool
) -> None:
    customer = stage.meta.add_customer(account_of(stage))
    await stage.meta.write(customer, "hello")
    answer = await stage.say(customer, text)
    assert answer[0] == 200 if taken else error(answer) == "100"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": {"id": "1"}}, "100/2018001"),
        ({"surprise": 1}, "100"),
        ({"message": {"text": "a", "surprise": 1}}, "100"),
        ({"message": {"text": "a", "attachment": {"type": "image"}}}, "100"),
        ({"message": {"text": "a", "metadata": "x" * 1000}}, "100"),
        ({"sender_action": "typing_on"}, "100/2018014"),
        ({"messaging_type": "MESSAGE_TAG"}, "100"),
        ({"tag": "HUMAN_AGENT"}, "100"),
        ({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, "100"),
        ({"reply_to": {"mid": "m_of_nobody"}}, "100"),
    ],
)
async def test_what_meta_does_not_take_is_refused_and_changes_nothing(
    stage: Stage, change: dict[str, Any], code: str
) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    assert error(await stage.say(customer, "answer", **change)) == code
    assert stage.meta.sent(customer) == []


async def test_a_token_speaks_only_for_its_own_account(stage: Stage) -> None:
    other = stage.meta.add_page("104857600000002", "Another shop")
    body = {"recipient": {"id": "1"}, "message": {"text": "a"}}
    assert error(await stage.call("POST", stage.page, f"{other.id}/messages", json=body)) == "190"
    url = f"{stage.meta.instagram_graph_url}/v25.0/me"
    async with stage.http.get(url, headers={"Authorization": f"Bearer {stage.page.token}"}) as answer:
        assert error((answer.status, await answer.json())) == "190"


async def test_a_dead_token_says_why_and_a_new_one_works(stage: Stage) -> None:
    stage.meta.revoke(stage.shop, 460)
    assert error(await stage.call("GET", stage.page, "me")) == "190/460"
    stage.meta.graph.auth_status = 401
    assert (await stage.call("GET", stage.page, "me"))[0] == 401
    old = stage.page.token
    stage.meta.restore(stage.page, "EAAG-new")
    assert (await stage.call("GET", stage.page, "me"))[1] == {"id": stage.page.id, "name": "Shop Hanako"}
    async with stage.http.get(f"{stage.meta.graph_url}/v25.0/me?access_token={old}") as answer:
        assert error((answer.status, await answer.json())) == "190/460"


async def test_nothing_is_told_without_a_subscription(stage: Stage) -> None:
    fresh = stage.meta.add_page("104857600000003", "New shop")
    customer = stage.meta.add_customer(fresh)
    await stage.meta.write(customer, "unheard")
    assert (await stage.call("GET", fresh, "me/subscribed_apps"))[1] == {"data": []}
    wrong = await stage.call("POST", fresh, "me/subscribed_apps?subscribed_fields=messages,message_edit")
    assert error(wrong) == "100"
    right = await stage.call("POST", fresh, f"{fresh.id}/subscribed_apps?subscribed_fields=messages,message_edits")
    assert right == (200, {"success": True})
    await stage.meta.write(customer, "heard")
    await stage.meta.react(customer, stage.meta.phone(customer)[0].mid)
    await stage.meta.settle()
    assert stage.hook.texts == ["heard"]
    assert [kind for _, kind, _ in stage.meta.deliveries.suppressed] == ["message", "reaction"]


async def test_an_echo_may_come_before_the_answer_late_or_never(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    await stage.meta.settle()
    stage.meta.echoes = "before"
    await stage.say(customer, "one")
    assert stage.hook.texts == ["hello", "one"]
    stage.meta.echoes = "late"
    await stage.say(customer, "two")
    stage.meta.echoes = "never"
    await stage.say(customer, "three")
    await stage.meta.settle()
    assert stage.hook.texts == ["hello", "one"]
    stage.meta.release_echoes()
    await stage.meta.settle()
    assert stage.hook.texts == ["hello", "one", "two"]


async def test_metadata_comes_back_on_messenger_alone(stage: Stage) -> None:
    for account in (stage.page, stage.direct):
        customer = stage.meta.add_customer(account)
        await stage.meta.write(customer, "hello")
        await stage.say(customer, "x", message={"text": "x", "metadata": "part:7"})
    await stage.meta.until(lambda: len(stage.meta.deliveries.record) == 4)
    await stage.meta.settle()
    echoes = [item["message"] for item in stage.hook.items if item["message"].get("is_echo")]
    assert sorted(echo.get("metadata", "") for echo in echoes) == ["", "part:7"]


async def test_deliveries_are_kept_in_order_while_paused(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    stage.meta.deliveries.pause()
    for number in range(5):
        await stage.meta.write(customer, str(number))
    await stage.meta.settle()
    assert stage.hook.texts == []
    stage.meta.deliveries.resume()
    await stage.meta.settle()
    assert stage.hook.texts == ["0", "1", "2", "3", "4"]


async def test_deliveries_are_dropped_doubled_turned_round_and_gathered(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    stage.meta.deliveries.drop_next()
    await stage.meta.write(customer, "lost")
    stage.meta.deliveries.duplicate_next()
    await stage.meta.write(customer, "twice")
    await stage.meta.settle()
    stage.meta.deliveries.hold_and_reverse(3)
    for text in "abc":
        await stage.meta.write(customer, text)
    await stage.meta.write(customer, "d")
    await stage.meta.settle()
    stage.meta.deliveries.batch(2)
    await stage.meta.write(customer, "e")
    await stage.meta.write(stage.meta.add_customer(stage.page), "f")
    await stage.meta.settle()
    assert stage.hook.texts == ["twice", "twice", "c", "b", "a", "d", "e", "f"]
    assert len(json.loads(stage.hook.bodies[-1])["entry"][0]["messaging"]) == 2


async def test_a_refused_delivery_comes_again_with_the_same_bytes(stage: Stage) -> None:
    stage.meta.deliveries.retry_seconds = (0.01, 0.01)
    stage.hook.statuses = [500, 503]
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    await stage.meta.settle()
    assert stage.meta.deliveries.record[0].attempts == [500, 503, 200]
    assert len(set(stage.hook.bodies)) == 1
    stage.hook.statuses = [500, 500, 500]
    await stage.meta.write(customer, "never taken")
    await stage.meta.settle()
    assert stage.meta.deliveries.record[1].state == "given up"


@pytest.mark.parametrize(
    ("kind", "sent"), [("reset_before", 0), ("reset_after", 1), ("drop_after", 1), ("garbage_after", 1)]
)
async def test_a_lost_answer_leaves_the_truth_on_the_phone(stage: Stage, kind: Any, sent: int) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    await stage.meta.settle()
    stage.meta.faults.add(method="messages", kind=kind)
    with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
        await stage.say(customer, "answer")
    assert len(stage.meta.sent(customer)) == sent
    await stage.meta.settle()
    assert stage.hook.texts == ["hello", "answer"][: 1 + sent]
    assert stage.meta.calls[-1].outcome == kind


async def test_a_send_that_timed_out_still_arrives_and_echoes(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    stage.meta.faults.add(method="messages", kind="latency", seconds=0.2)
    body = {"recipient": {"id": customer.id}, "message": {"text": "answer"}}
    with pytest.raises(TimeoutError):
        await stage.call("POST", stage.page, "me/messages", json=body, timeout=aiohttp.ClientTimeout(total=0.05))
    await stage.meta.until(lambda: stage.meta.sent(customer))
    await stage.meta.settle()
    assert stage.hook.texts == ["hello", "answer"]


async def test_any_row_of_the_error_table_can_be_ordered(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    stage.meta.faults.add(method="messages", kind="error", error="368")
    stage.meta.faults.add(method="messages", kind="error", error={"code": 551, "error_subcode": 1545041}, status=500)
    assert error(await stage.say(customer, "a")) == "368"
    answer = await stage.say(customer, "a")
    assert (answer[0], error(answer)) == (500, "551/1545041")
    assert answer[1]["error"]["fbtrace_id"]
    assert (await stage.say(customer, "a"))[0] == 200


async def test_an_unknown_version_and_a_wrong_proof_are_refused(stage: Stage) -> None:
    token = stage.page.token
    async with stage.http.get(f"{stage.meta.graph_url}/v19.0/me?access_token={token}") as answer:
        assert error((answer.status, await answer.json())) == "2635"
    right = hmac.new(b"meta-secret", token.encode(), hashlib.sha256).hexdigest()
    assert (await stage.call("GET", stage.page, f"me?appsecret_proof={right}"))[0] == 200
    assert error(await stage.call("GET", stage.page, "me?appsecret_proof=00")) == "100"


async def test_the_date_of_an_answer_is_the_clocks(stage: Stage) -> None:
    async with stage.http.get(f"{stage.meta.graph_url}/v25.0/me?access_token={stage.page.token}") as answer:
        assert answer.headers["Date"] == "Fri, 27 Feb 2026 00:00:00 GMT"


async def test_a_wait_that_fails_says_what_happened(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    with pytest.raises(AssertionError, match="webhook message: "):
        await stage.meta.until(lambda: False, seconds=0.05)


async def test_a_raw_body_goes_with_any_signature(stage: Stage) -> None:
    body = {"object": "instagram", "entry": [{"id": "0", "time": 1, "changes": []}]}
    assert await stage.meta.deliver(body) == 200
    assert await stage.meta.deliver(b"{}", signature="missing") == 200
    assert await stage.meta.deliver(b"{}", signature="sha256=12") == 200
    assert [h.get("X-Hub-Signature-256", "")[:9] for h in stage.hook.headers][1:] == ["", "sha256=12"]
