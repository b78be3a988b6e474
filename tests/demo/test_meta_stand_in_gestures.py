"""Everything a customer can do on the phone besides writing, in the stand-in of Meta: the shapes it sends, and what can be read again."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.demo.meta.kinds import KINDS
from bridge.demo.meta.world import Customer
from tests.demo.meta_stage import DAY, Stage, error, put_up

MESSAGE_FIELDS = "id,message,attachments,shares,story,reply_to,is_unsupported"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


async def told(stage: Stage) -> dict[str, Any]:
    """The newest item, without its ends."""
    await stage.meta.settle()
    return {k: v for k, v in stage.hook.items[-1].items() if k not in {"sender", "recipient", "timestamp"}}


async def attached(stage: Stage, customer: Customer, kind: str, **wish: Any) -> list[tuple[str, set[str]]]:
    """Each attachment's type and the names its payload has, as the webhook heard it."""
    await stage.meta.send(customer, kind, **wish)
    message = (await told(stage))["message"]
    return [(each["type"], set(each.get("payload", ()))) for each in message["attachments"]]


async def test_every_kind_has_the_shape_that_meta_gives_it(stage: Stage) -> None:
    """CT-06: each kind of both platforms, twins only where they are asked for."""
    yuki, jonas = stage.meta.add_customer(stage.shop), stage.meta.add_customer(stage.page)
    assert await attached(stage, yuki, "photo") == [("image", {"url"})]
    assert await attached(stage, jonas, "photos") == [("image", {"url"})] * 3
    assert await attached(stage, yuki, "voice") == [("audio", {"url"})]
    assert await attached(stage, jonas, "file") == [("file", {"url"})]
    assert await attached(stage, jonas, "location") == [("location", {"coordinates"})]
    assert await attached(stage, jonas, "link", text="https://example.com/mugs") == [("fallback", {"url", "title"})]
    assert await attached(stage, yuki, "like") == [("like_heart", set())]
    assert await attached(stage, jonas, "like") == [("sticker", {"url", "sticker_id"})]
    assert await attached(stage, yuki, "view_once") == [("ephemeral", set())]
    shared = {"url", "title", "ig_post_media_id"}
    assert await attached(stage, yuki, "post") == [("ig_post", shared)]
    assert await attached(stage, yuki, "post", twins=True) == [("share", shared), ("ig_post", shared)]
    sticker = {"url", "sticker_id"}
    assert await attached(stage, jonas, "sticker", twins=True) == [("image", sticker), ("sticker", sticker)]
    assert await attached(stage, yuki, "reel") == [("ig_reel", {"url", "title", "reel_video_id"})]
    assert await attached(stage, jonas, "product") == [("template", {"product"})]
    await stage.meta.send(yuki, "unsupported")
    assert set((await told(stage))["message"]) == {"mid", "is_unsupported"}


async def test_every_kind_can_be_sent_and_read_again_and_its_files_can_be_fetched(stage: Stage) -> None:
    for account in (stage.shop, stage.page):
        customer = stage.meta.add_customer(account)
        for name, kind in KINDS.items():
            if account.platform not in kind.platforms:
                with pytest.raises(ValueError, match="nobody can send"):
                    await stage.meta.send(customer, name)
                continue
            mid = await stage.meta.send(customer, name)
            status, _ = await stage.call("GET", account, mid, params={"fields": MESSAGE_FIELDS})
            assert status == 200, name
            addresses = [each.get("payload", {}).get("url", "") for each in stage.meta.phone(customer)[-1].attachments]
            for address in [each for each in addresses if each.startswith(stage.meta.url)]:
                async with stage.http.get(address) as answer:
                    assert answer.status == 200, name
                    assert await answer.read(), name


async def test_a_message_that_is_read_again_says_what_the_webhook_said(stage: Stage) -> None:
    """ZI-35: what was missed can be found."""
    customer = stage.meta.add_customer(stage.shop)
    said = await stage.meta.write(customer, "これ")
    post = await stage.meta.send(customer, "post", title="春の新作", reply_to=said)
    story = await stage.meta.story_reply(customer, "かわいい")
    _, body = await stage.call("GET", stage.shop, post, params={"fields": MESSAGE_FIELDS})
    assert body["shares"]["data"][0]["name"] == "春の新作"
    assert body["reply_to"] == {"mid": said, "is_self_reply": True}
    _, body = await stage.call("GET", stage.shop, story, params={"fields": MESSAGE_FIELDS})
    assert body["story"]["reply_to"]["link"].startswith(stage.meta.url)


async def test_a_message_taken_back_on_the_web_is_gone_without_a_word(stage: Stage) -> None:
    """F10: no webhook, its address ends, and reading it says that it was deleted."""
    customer = stage.meta.add_customer(stage.shop)
    mid = await stage.meta.send(customer, "photo")
    address = stage.meta.phone(customer)[0].attachments[0]["payload"]["url"]
    await stage.meta.settle()
    heard = len(stage.hook.items)
    await stage.meta.unsend(customer, mid, told=False)
    await stage.meta.settle()
    assert len(stage.hook.items) == heard
    assert error(await stage.call("GET", stage.shop, mid)) == "9000001"
    async with stage.http.get(address) as answer:
        assert answer.status == 403


async def test_a_story_can_be_looked_at_for_a_day(stage: Stage) -> None:
    """F6: afterwards its address answers 403."""
    customer = stage.meta.add_customer(stage.shop)
    await stage.meta.story_mention(customer)
    address = (await told(stage))["message"]["attachments"][0]["payload"]["url"]
    for later, status in ((0.0, 200), (DAY - 1, 200), (1.0, 403)):
        stage.clock.now += later
        async with stage.http.get(address) as answer:
            assert answer.status == status


async def test_somebody_new_brings_the_ad_along_with_their_first_message(stage: Stage) -> None:
    """CT-09: and only with that one; on Messenger a tap of Get Started brings it as well."""
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.arrive(customer, "ad", title="春の新作")
    await stage.meta.settle()
    assert stage.hook.items == []
    await stage.meta.tap(customer, "Get started", "GS")
    referral = (await told(stage))["postback"]["referral"]
    assert (referral["source"], referral["ads_context_data"]["ad_title"]) == ("ADS", "春の新作")
    await stage.meta.write(customer, "詳細を")
    assert "referral" not in (await told(stage))["message"]
    await stage.meta.arrive(customer, "link")
    assert (await told(stage))["referral"] == {"ref": "window", "source": "SHORTLINK", "type": "OPEN_THREAD"}


async def test_a_changed_name_and_picture_are_told_to_nobody_and_found_in_the_profile(stage: Stage) -> None:
    """CT-40."""
    customer = stage.meta.add_customer(stage.shop, name="Yuki", username="yuki_333")
    await stage.meta.write(customer, "hello")
    fields = {"fields": "name,username,profile_pic"}
    _, before = await stage.call("GET", stage.shop, customer.id, params=fields)
    await stage.meta.rename(customer, name="Yuki Mori", username="yuki.mori")
    await stage.meta.new_picture(customer)
    _, after = await stage.call("GET", stage.shop, customer.id, params=fields)
    assert (after["name"], after["username"]) == ("Yuki Mori", "yuki.mori")
    assert after["profile_pic"] != before["profile_pic"]
    await stage.meta.settle()
    assert len(stage.hook.items) == 1


async def test_what_the_business_does_in_its_own_app_comes_back_as_an_echo(stage: Stage) -> None:
    """With what it shows; quick replies stand on the phone, and tapping one is told."""
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    await stage.meta.native_send(customer, "photo", text="this one?")
    echo = (await told(stage))["message"]
    assert (echo["is_echo"], echo["text"], echo["attachments"][0]["type"]) == (True, "this one?", "image")
    await stage.meta.native_send(customer, text="Which?", choices=["Blue", "White"])
    shown = stage.meta.phone(customer)[-1]
    assert [each["title"] for each in shown.quick_replies] == ["Blue", "White"]
    await stage.meta.write(customer, "Blue", quick_reply="Blue")
    assert (await told(stage))["message"]["quick_reply"] == {"payload": "Blue"}


async def test_another_app_takes_the_conversation_and_hands_it_back(stage: Stage) -> None:
    """F7: both are told, and in between what the customer does comes as standby."""
    customer = stage.meta.add_customer(stage.page)
    ours = stage.meta.world.app_id
    await stage.meta.other_app(customer)
    taken = (await told(stage))["take_thread_control"]
    assert (taken["previous_owner_app_id"], taken["new_owner_app_id"]) == (ours, "263902037430900")
    await stage.meta.write(customer, "hello")
    await stage.meta.settle()
    assert "standby" in json.loads(stage.hook.bodies[-1])["entry"][0]
    await stage.meta.other_app(customer, takes=False)
    assert (await told(stage))["pass_thread_control"]["new_owner_app_id"] == ours
    await stage.meta.write(customer, "hello again")
    await stage.meta.settle()
    assert "messaging" in json.loads(stage.hook.bodies[-1])["entry"][0]


async def test_the_page_reaches_every_gesture(stage: Stage) -> None:
    yuki = stage.meta.add_customer(stage.shop, name="Yuki")
    who = {"account": stage.shop.id, "customer": yuki.id}

    async def act(act: str, **more: Any) -> Any:
        async with stage.http.post(f"{stage.meta.url}/_drive/{act}", json=who | more) as answer:
            body = await answer.json()
            assert answer.status == 200, body
            return body.get("result")

    mid = await act("send", kind="photo", which="broken", text="割れていました")
    await act("unsend", mid=mid, told=False)
    await act("arrive", by="link")
    await act("rename", name="Yuki Mori")
    await act("new_picture")
    await act("native_send", text="はい", choices=["青"])
    await act("comment", text="値段は？", under="LIVE")
    await act("rate")
    await act("opt_in", title="新着")
    await act("block")
    await stage.meta.settle()
    async with stage.http.get(f"{stage.meta.url}/_drive/state") as answer:
        accounts = (await answer.json())["accounts"]
    shown = next(each for each in accounts if each["id"] == stage.shop.id)["customers"][0]
    assert [note["kind"] for note in shown["notes"]] == ["link", "renamed", "picture", "commented", "blocked"]
    assert (shown["past_names"], shown["pictures"], shown["blocked"]) == (["Yuki"], 1, True)
    bodies = [json.loads(body)["entry"][0] for body in stage.hook.bodies]
    comment = next(entry["changes"][0] for entry in bodies if "changes" in entry)
    assert (comment["field"], comment["value"]["from"]["id"]) == ("live_comments", yuki.id)
    async with stage.http.post(f"{stage.meta.url}/_drive/send", json=who | {"kind": "moon"}) as answer:
        assert answer.status == 400
