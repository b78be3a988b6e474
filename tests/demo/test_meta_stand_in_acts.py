"""What customers and the business do in Meta's own apps, and the files that travel, in the stand-in of Meta."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bridge.demo.meta import Account
from tests.demo.meta_stage import DAY, NOON, Stage, error, put_up

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
AD = {
    "ad_id": "23850000000000001",
    "source": "ADS",
    "type": "OPEN_THREAD",
    "ads_context_data": {"ad_title": "春の新作"},
}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


async def heard(stage: Stage) -> list[dict[str, Any]]:
    """What each item told, without its ends."""
    await stage.meta.settle()
    return [{k: v for k, v in i.items() if k not in {"sender", "recipient", "timestamp"}} for i in stage.hook.items]


async def test_every_act_is_told_in_metas_words(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop)
    mid = await stage.meta.write(customer, "在庫は")
    await stage.meta.edit(customer, mid, "在庫ありますか")
    answer = await stage.meta.native_reply(stage.shop, customer, "あります")
    await stage.meta.react(customer, answer, "love")
    await stage.meta.unreact(customer, answer)
    await stage.meta.read(customer)
    tapped = await stage.meta.tap(customer, "営業時間", "HOURS")
    await stage.meta.refer(customer, {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"})
    await stage.meta.unsend(customer, mid)
    assert await heard(stage) == [
        {"message": {"mid": mid, "text": "在庫は"}},
        {"message_edit": {"mid": mid, "text": "在庫ありますか", "num_edit": 1}},
        {"message": {"mid": answer, "text": "あります", "is_echo": True}},
        {"reaction": {"mid": answer, "action": "react", "reaction": "love", "emoji": "❤️"}},
        {"reaction": {"mid": answer, "action": "unreact"}},
        {"read": {"mid": answer}},
        {"postback": {"mid": tapped, "title": "営業時間", "payload": "HOURS"}},
        {"referral": {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
        {"message": {"mid": mid, "is_deleted": True}},
    ]
    assert stage.meta.phone(customer)[0].removed
    assert {json.loads(body)["object"] for body in stage.hook.bodies} == {"instagram"}


async def test_what_opens_the_window_and_what_does_not(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    mid = await stage.meta.write(customer, "hello")
    stage.clock.now = NOON + DAY
    await stage.meta.edit(customer, mid, "hello!")
    await stage.meta.read(customer)
    await stage.meta.unsend(customer, mid)
    assert error(await stage.say(customer, "answer")) == "10/2018278"
    await stage.meta.react(customer, mid)
    assert (await stage.say(customer, "answer"))[0] == 200
    stage.clock.now += DAY
    await stage.meta.tap(customer, "Menu", "MENU")
    assert (await stage.say(customer, "answer"))[0] == 200
    stage.clock.now += DAY
    await stage.meta.refer(customer, {"source": "SHORTLINK", "type": "OPEN_THREAD"})
    assert (await stage.say(customer, "answer"))[0] == 200


async def test_the_first_message_after_an_ad_opens_seven_days(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.refer(customer, AD)
    await stage.meta.write(customer, "about the ad")
    await stage.meta.write(customer, "and more")
    stage.clock.now = NOON + 7 * DAY - 1
    assert (await stage.say(customer, "in time"))[0] == 200
    stage.clock.now = NOON + 7 * DAY
    assert error(await stage.say(customer, "too late")) == "10/2018278"


async def test_another_apps_thread_is_told_as_standby_and_takes_no_answer(stage: Stage) -> None:
    for account, code in ((stage.page, "2018300"), (stage.direct, "100/2534037")):
        customer = stage.meta.add_customer(account)
        stage.meta.own_thread(customer, "999")
        await stage.meta.write(customer, "hello")
        assert error(await stage.say(customer, "answer")) == code
    await stage.meta.settle()
    assert [list(json.loads(body)["entry"][0])[2] for body in stage.hook.bodies] == ["standby", "standby"]


async def test_a_restricted_account_and_a_customer_who_blocked_us_take_nothing(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    stage.meta.restrict(stage.page)
    assert error(await stage.say(customer, "answer")) == "10/1893063"
    stage.meta.restrict(stage.page, None)
    stage.meta.block(customer)
    assert error(await stage.say(customer, "answer")) == "551/1545041"


async def test_a_file_of_a_customer_is_gone_once_it_is_unsent(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop)
    mid = await stage.meta.send_image(customer, PNG)
    url = stage.meta.phone(customer)[0].attachments[0]["payload"]["url"]
    async with stage.http.get(url) as answer:
        assert (await answer.read(), answer.content_type) == (PNG, "image/png")
    await stage.meta.unsend(customer, mid)
    async with stage.http.get(url) as answer:
        assert answer.status == 403


async def upload(stage: Stage, account: Account, kind: str, mime: str, size: int, edge: str = "message_attachments",
                 **fields: Any) -> tuple[int, dict[str, Any]]:  # fmt: skip
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, json.dumps(value) if isinstance(value, dict) else value)
    form.add_field("message", json.dumps({"attachment": {"type": kind, "payload": {"is_reusable": True}}}))
    form.add_field("filedata", io.BytesIO(bytes(size)), filename="a.bin", content_type=mime)
    return await stage.call("POST", account, f"me/{edge}", data=form)


@pytest.mark.parametrize(
    ("login", "kind", "mime", "size", "code"),
    [
        ("page", "image", "image/png", 100, None),
        ("page", "image", "image/png", 8 * 1024 * 1024 + 1, "100/2018109"),
        ("page", "image", "text/plain", 100, "100/2018047"),
        ("page", "file", "application/zip", 100, None),
        ("direct", "file", "application/pdf", 100, None),
        ("direct", "file", "application/zip", 100, "100/2018047"),
    ],
)
async def test_files_are_taken_or_refused_by_kind_and_size(
    stage: Stage, login: str, kind: str, mime: str, size: int, code: str | None
) -> None:
    account = stage.page if login == "page" else stage.direct
    customer = stage.meta.add_customer(account)
    await stage.meta.write(customer, "hello")
    answer = await upload(stage, account, kind, mime, size)
    if code is not None:
        assert error(answer) == code
        return
    item = {"type": kind, "payload": {"attachment_id": answer[1]["attachment_id"]}}
    assert (await stage.say(customer, "", message={"attachment": item}))[0] == 200
    assert stage.meta.sent(customer)[0].attachments[0]["type"] == kind
    stage.clock.now = NOON + 90 * DAY
    stage.meta.token_of(account).expires_at = 0
    await stage.meta.write(customer, "much later")
    assert error(await stage.say(customer, "", message={"attachment": item})) == "100/2018074"


async def test_a_file_may_go_with_the_send_itself(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop)
    await stage.meta.write(customer, "hello")
    to = {"id": customer.id}
    assert (await upload(stage, stage.shop, "image", "image/png", 10, "messages", recipient=to))[0] == 200
    url = stage.meta.sent(customer)[0].attachments[0]["payload"]["url"]
    async with stage.http.get(url) as answer:
        assert await answer.read() == bytes(10)


async def test_meta_fetches_what_is_sent_by_address(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.send_image(customer, PNG)
    url = stage.meta.phone(customer)[0].attachments[0]["payload"]["url"]
    for address, code in ((url, None), (f"{stage.meta.url}/nothing", "100/2018008")):
        item = {"type": "image", "payload": {"url": address}}
        answer = await stage.say(customer, "", message={"attachment": item})
        assert answer[0] == 200 if code is None else error(answer) == code


async def test_a_comment_gets_one_answer_in_private(stage: Stage) -> None:
    comment = await stage.meta.comment(stage.direct, "値段は？")
    to = {"comment_id": comment}
    body = {"recipient": to, "message": {"text": "DMでご案内します"}}
    status, answer = await stage.call("POST", stage.direct, "me/messages", json=body)
    assert status == 200
    assert error(await stage.call("POST", stage.direct, "me/messages", json=body)) == "100/2534025"
    more = {"recipient": {"id": answer["recipient_id"]}, "message": {"text": "more"}}
    assert error(await stage.call("POST", stage.direct, "me/messages", json=more)) == "10/2534022"


async def test_sender_actions_show_on_the_phone(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    mid = await stage.meta.write(customer, "hello")
    for body in ({"sender_action": "typing_on"}, {"sender_action": "mark_seen"},
                 {"sender_action": "react", "payload": {"message_id": mid, "reaction": "👍"}}):  # fmt: skip
        answer = await stage.call("POST", stage.page, "me/messages", json={"recipient": {"id": customer.id}} | body)
        assert answer == (200, {"recipient_id": customer.id})
    assert (customer.typing, customer.seen_at) == (True, NOON)
    assert stage.meta.phone(customer)[0].reactions == {"business": "👍"}


async def test_odd_shapes_are_told_as_they_are(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop)
    await stage.meta.attach(customer, "ephemeral")
    await stage.meta.attach_many(customer, [("share", {"url": "https://a/"}), ("ig_post", {"url": "https://a/"})])
    await stage.meta.unsupported(customer)
    await stage.meta.unknown_event(customer, {"hologram": {"mid": "x"}})
    told = await heard(stage)
    assert told[0]["message"]["attachments"] == [{"type": "ephemeral"}]
    assert [item["type"] for item in told[1]["message"]["attachments"]] == ["share", "ig_post"]
    assert told[2]["message"]["is_unsupported"] is True
    assert told[3] == {"hologram": {"mid": "x"}}


async def test_the_webhook_is_asked_to_prove_itself(stage: Stage) -> None:
    assert (await stage.meta.handshake())[0] == 405  # this webhook takes deliveries alone
