"""What the stand-in of Meta answers when it is asked: profiles, conversations, tokens, logins; and its control page."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bridge.demo.meta import Customer
from tests.demo.meta_stage import DAY, HOUR, NOON, Stage, error, put_up


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


async def read(stage: Stage, url: str, **more: Any) -> Any:
    async with stage.http.get(url, **more) as answer:
        return await answer.json()


async def test_who_am_i_differs_by_login(stage: Stage) -> None:
    path = "me?fields=id,name,instagram_business_account{id,username}"
    linked = {"id": stage.shop.id, "username": stage.shop.username}
    page = {"id": stage.page.id, "name": "Shop Hanako", "instagram_business_account": linked}
    assert (await stage.call("GET", stage.page, path))[1] == page
    mine = (await stage.call("GET", stage.direct, "me?fields=user_id,username,id"))[1]
    assert mine["user_id"] == stage.direct.id != mine["id"]


async def test_a_profile_holds_what_may_be_known(stage: Stage) -> None:
    yuki = stage.meta.add_customer(stage.page, name="Yuki Tanaka")
    path = f"{yuki.id}?fields=first_name,last_name,profile_pic"
    profile = (await stage.call("GET", stage.page, path))[1]
    assert (profile["first_name"], profile["last_name"]) == ("Yuki", "Tanaka")
    async with stage.http.get(profile["profile_pic"]) as picture:
        assert picture.content_type == "image/png"
        assert (await picture.read()).startswith(b"\x89PNG")
    assert error(await stage.call("GET", stage.page, f"{yuki.id}?fields=username")) == "100"


@pytest.mark.parametrize(("profile", "wrote", "code"), [("230", True, "230"), ("9010", True, "9010"), (False, True, "100/33"),
                                                        (True, False, "230")])  # fmt: skip
async def test_a_profile_may_be_kept_from_us(stage: Stage, profile: bool | str, wrote: bool, code: str) -> None:
    customer = stage.meta.add_customer(stage.shop, username="yuki_333", profile=profile)
    if wrote:
        await stage.meta.write(customer, "hello")
    assert error(await stage.call("GET", stage.shop, f"{customer.id}?fields=name,username,profile_pic")) == code


async def test_one_number_may_be_two_people(stage: Stage) -> None:
    await stage.meta.write(stage.meta.add_customer(stage.shop, username="yuki", id="900000000000001"), "a")
    await stage.meta.write(stage.meta.add_customer(stage.direct, username="taro", id="900000000000001"), "b")
    names = [
        (await stage.call("GET", a, "900000000000001?fields=username"))[1]["username"]
        for a in (stage.shop, stage.direct)
    ]
    assert names == ["yuki", "taro"]


async def test_conversations_list_every_message_and_tell_the_newest_twenty(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.shop, username="yuki")
    mids = [await stage.meta.write(customer, str(number), at=NOON + number) for number in range(30)]
    await stage.meta.unsend(customer, mids[29])
    path = (
        f"me/conversations?platform=instagram&user_id={customer.id}&fields=id,updated_time,messages{{id,message,from}}"
    )
    [thread] = (await stage.call("GET", stage.shop, path))[1]["data"]
    first = thread["messages"]["data"]
    rest = (await read(stage, thread["messages"]["paging"]["next"]))["data"]
    assert [message["id"] for message in [*first, *rest]] == mids[::-1]
    assert [message.get("message") for message in first[:3]] == [None, "28", "27"]
    assert sum("message" in message for message in first) == 19

    told = await stage.call("GET", stage.shop, f"{mids[10]}?fields=id,created_time,from,to,message")
    assert told[1]["message"] == "10"
    assert told[1]["created_time"] == "2026-02-27T00:00:10+0000"
    assert told[1]["from"] == {"username": "yuki", "id": customer.id}
    assert error(await stage.call("GET", stage.shop, f"{mids[9]}?fields=message")) == "9000001"
    assert error(await stage.call("GET", stage.shop, f"{mids[29]}?fields=message")) == "9000001"
    ids = await stage.call("GET", stage.shop, f"{thread['id']}?fields=messages.limit(2){{id}}")
    assert [message["id"] for message in ids[1]["messages"]["data"]] == [mids[29], mids[28]]


async def test_conversations_come_in_pages_newest_first(stage: Stage) -> None:
    customers = [stage.meta.add_customer(stage.page) for _ in range(5)]
    for number, customer in enumerate(customers):
        await stage.meta.write(customer, "hello", at=NOON + number)
    page = (await stage.call("GET", stage.page, "me/conversations?platform=messenger&limit=2&fields=id"))[1]
    seen = list(page["data"])
    while following := page["paging"].get("next"):
        page = await read(stage, following)
        seen += page["data"]
    assert [row["id"] for row in seen] == [customer.conversation for customer in reversed(customers)]


async def test_a_request_nobody_answered_is_forgotten_after_thirty_days(stage: Stage) -> None:
    await stage.meta.write(stage.meta.add_customer(stage.direct), "anybody?")
    stage.clock.now = NOON + 30 * DAY - 1
    assert len((await stage.call("GET", stage.direct, "me/conversations?platform=instagram"))[1]["data"]) == 1
    stage.clock.now = NOON + 30 * DAY
    assert (await stage.call("GET", stage.direct, "me/conversations?platform=instagram"))[1] == {"data": []}


async def test_a_creator_is_silent_until_the_first_conversations_call(stage: Stage) -> None:
    creator = stage.meta.add_instagram("17841400000000099", "Mika", login="instagram", creator=True, subscribed=True)
    customer = stage.meta.add_customer(creator)
    await stage.meta.write(customer, "unheard")
    await stage.call("GET", creator, "me/conversations?platform=instagram")
    await stage.meta.write(customer, "heard")
    await stage.meta.settle()
    assert stage.hook.texts == ["heard"]


async def test_an_account_that_is_not_eligible_says_so(stage: Stage) -> None:
    account = stage.meta.add_instagram("17841400000000098", "Ren", login="instagram", eligible=False)
    assert error(await stage.call("GET", account, "me/conversations?platform=instagram")) == "36103"


async def test_two_reads_a_second_are_enough_for_meta() -> None:
    async with put_up(pace=True) as stage:
        answers = [await stage.call("GET", stage.page, "me/conversations?platform=messenger") for _ in range(3)]
        assert [answer[0] for answer in answers] == [200, 200, 400]
        assert error(answers[2]) == "613"
        stage.clock.now += 1
        assert (await stage.call("GET", stage.page, "me/conversations?platform=messenger"))[0] == 200


async def test_usage_climbs_in_the_headers_until_sends_are_refused(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    await stage.meta.write(customer, "hello")
    stage.meta.use_up(stage.page, 100, regain_minutes=3)
    async with stage.http.get(f"{stage.meta.graph_url}/v25.0/me?access_token={stage.page.token}") as answer:
        [row] = json.loads(answer.headers["X-Business-Use-Case-Usage"])[stage.page.id]
    assert (row["type"], row["call_count"], row["estimated_time_to_regain_access"]) == ("messenger", 100, 3)
    assert error(await stage.say(customer, "answer")) == "80006"


async def test_debug_token_tells_of_the_living_and_the_dead(stage: Stage) -> None:
    own = f"{stage.meta.app_id}|{stage.meta.app_secret}"
    url = f"{stage.meta.graph_url}/v25.0/debug_token"
    query = {"input_token": stage.page.token, "access_token": own}
    living = (await read(stage, url, params=query))["data"]
    assert (living["is_valid"], living["expires_at"], living["profile_id"]) == (True, 0, stage.page.id)
    assert living["data_access_expires_at"] == NOON + 90 * DAY
    stage.meta.revoke(stage.page, 463)
    dead = (await read(stage, url, params=query))["data"]
    assert (dead["is_valid"], dead["error"]["subcode"]) == (False, 463)
    wrong = await read(stage, url, params=query | {"access_token": "nobody"})
    assert wrong["error"]["code"] == 190


async def granted(stage: Stage, url: str, query: dict[str, str]) -> str:
    async with stage.http.get(url, params=query, allow_redirects=False) as answer:
        return answer.headers["Location"]


async def test_facebook_login_gives_a_dead_page_a_new_token(stage: Stage) -> None:
    stage.meta.login.manner = "grant"
    stage.meta.revoke(stage.page, 460)
    old = stage.page.token
    client = {"client_id": stage.meta.app_id, "redirect_uri": "http://127.0.0.1:9/meta/callback"}
    asked = client | {"response_type": "code", "state": "s1", "config_id": "1"}
    back = parse_qs(urlsplit(await granted(stage, f"{stage.meta.facebook_url}/v25.0/dialog/oauth", asked)).query)
    assert back["state"] == ["s1"]
    token_url = f"{stage.meta.graph_url}/v25.0/oauth/access_token"
    secret = {"client_secret": stage.meta.app_secret}
    redeem = client | secret | {"code": back["code"][0]}
    short = await read(stage, token_url, params=redeem)
    assert (await read(stage, token_url, params=redeem))["error"]["code"] == 100
    exchange = {"grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    long = await read(stage, token_url, params=client | secret | exchange)
    assert (short["expires_in"], long["expires_in"]) == (HOUR, 60 * DAY)
    accounts = f"{stage.meta.graph_url}/v25.0/me/accounts?fields=id,name,access_token,instagram_business_account"
    rows = (await read(stage, accounts, headers={"Authorization": f"Bearer {long['access_token']}"}))["data"]
    assert rows[0]["access_token"] == stage.page.token == stage.shop.token != old
    assert rows[0]["instagram_business_account"]["id"] == stage.shop.id
    assert (await stage.call("GET", stage.page, "me"))[0] == 200


async def test_instagram_login_gives_sixty_days_and_sixty_more_after_the_first(stage: Stage) -> None:
    stage.meta.login.manner = "grant"
    client = {"client_id": stage.meta.app_id, "redirect_uri": "http://127.0.0.1:9/meta/callback"}
    scope = "instagram_business_basic,instagram_business_manage_messages"
    asked = client | {"response_type": "code", "state": "s", "scope": scope}
    location = await granted(stage, f"{stage.meta.instagram_url}/oauth/authorize", asked)
    assert location.endswith("#_")
    code = parse_qs(urlsplit(location).query)["code"][0]
    secret = {"client_secret": stage.meta.app_secret}
    form = client | secret | {"code": code, "grant_type": "authorization_code"}
    async with stage.http.post(f"{stage.meta.instagram_api_url}/oauth/access_token", data=form) as answer:
        [short] = (await answer.json())["data"]
    assert short["user_id"] == stage.direct.id
    exchange = secret | {"grant_type": "ig_exchange_token", "access_token": short["access_token"]}
    long = await read(stage, f"{stage.meta.instagram_graph_url}/access_token", params=exchange)
    refresh = {"grant_type": "ig_refresh_token", "access_token": long["access_token"]}
    refresh_url = f"{stage.meta.instagram_graph_url}/refresh_access_token"
    assert (await read(stage, refresh_url, params=refresh))["error"]["code"] == 10
    stage.clock.now += DAY
    fresh = await read(stage, refresh_url, params=refresh)
    assert fresh["access_token"] == stage.direct.token != long["access_token"]
    stage.clock.now += 60 * DAY
    assert error(await stage.call("GET", stage.direct, "me")) == "190/463"


async def test_a_denied_login_comes_back_with_the_reason(stage: Stage) -> None:
    stage.meta.login.manner = "deny"
    asked = {"client_id": stage.meta.app_id, "redirect_uri": "http://127.0.0.1:9/back", "response_type": "code",
             "state": "s", "scope": "pages_messaging"}  # fmt: skip
    back = parse_qs(urlsplit(await granted(stage, f"{stage.meta.facebook_url}/v25.0/dialog/oauth", asked)).query)
    assert (back["error"], back["error_reason"], back["state"]) == (["access_denied"], ["user_denied"], ["s"])


async def drive(stage: Stage, act: str, **body: Any) -> Any:
    async with stage.http.post(f"{stage.meta.url}/_drive/{act}", json=body) as answer:
        return await answer.json()


async def test_the_demo_page_acts_and_looks(stage: Stage) -> None:
    who = {"account": stage.page.id}
    who["customer"] = (await drive(stage, "add_customer", account=stage.page.id, name="Aki"))["result"]
    customer: Customer = stage.page.customers[who["customer"]]
    mid = (await drive(stage, "write", **who, text="hello"))["result"]
    await drive(stage, "react", **who, mid=mid, reaction="love")
    await drive(stage, "edit", **who, mid=mid, text="hello!")
    await drive(stage, "attach", **who)
    await drive(stage, "tap", **who, title="Opening hours")
    await drive(stage, "native_reply", **who, text="from the inbox")
    state = await read(stage, f"{stage.meta.url}/_drive/state")
    shown = next(c for a in state["accounts"] for c in a["customers"] if c["id"] == customer.id)
    assert [bubble["text"] for bubble in shown["bubbles"]] == ["hello!", None, "Opening hours", "from the inbox"]
    assert shown["bubbles"][0]["reactions"] == {"customer": "❤️"}
    assert shown["window"]["standard_until"] == NOON + DAY
    assert "token" not in state["accounts"][0]
    later = aiohttp.ClientTimeout(total=5)
    async with stage.http.get(f"{stage.meta.url}/_drive/state?since={state['version'] - 1}", timeout=later) as answer:
        assert (await answer.json())["version"] >= state["version"]
    assert (await drive(stage, "unsend", **who, mid="m_of_nobody"))["ok"] is False
    await drive(stage, "fault", method="messages", kind="error", error="2")
    assert error(await stage.say(customer, "answer")) == "2"


async def test_the_demo_page_hears_of_the_next_change(stage: Stage) -> None:
    customer = stage.meta.add_customer(stage.page)
    version = stage.meta.world.version
    async with asyncio.TaskGroup() as group:
        polled = group.create_task(read(stage, f"{stage.meta.url}/_drive/state?since={version}"))
        await read(stage, f"{stage.meta.url}/_drive/state?since=-1")
        assert not polled.done()
        await stage.meta.write(customer, "news")
    assert polled.result()["version"] > version
