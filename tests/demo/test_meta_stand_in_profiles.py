"""What an account shows before anybody writes, in the stand-in of Meta."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.demo.meta_stage import Stage, error, put_up

ASKED: list[dict[str, Any]] = [
    {"locale": "default", "call_to_actions": [{"question": "営業時間は？", "payload": "HOURS"}]}
]
MENU = [{"locale": "default", "call_to_actions": [{"type": "postback", "title": "相談", "payload": "TALK"}]}]
BARE = [{"locale": "default", "call_to_actions": [{"type": "web_url", "title": "A", "url": "http://a"}]}]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


async def test_instagram_is_reached_through_its_page_by_the_platform(stage: Stage) -> None:
    whose = {"platform": "instagram"}
    set_ = await stage.call("POST", stage.page, "me/messenger_profile", json=whose | {"ice_breakers": ASKED})
    assert set_ == (200, {"result": "success"})
    assert (stage.shop.profile, stage.page.profile) == ({"ice_breakers": ASKED}, {})
    _, told = await stage.call("GET", stage.page, "me/messenger_profile?platform=instagram&fields=ice_breakers")
    assert told == {"data": [{"ice_breakers": ASKED}]}
    await stage.call("DELETE", stage.page, "me/messenger_profile", json=whose | {"fields": ["ice_breakers"]})
    assert stage.shop.profile == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"greeting": [{"locale": "default", "text": "x" * 161}]},
        {"greeting": [{"locale": "ja_JP", "text": "x"}]},
        {"ice_breakers": [{**ASKED[0], "call_to_actions": ASKED[0]["call_to_actions"] * 5}]},
        {"persistent_menu": MENU},
        {"persistent_menu": BARE, "get_started": {"payload": "X"}},
        {"platform": "instagram", "greeting": [{"locale": "default", "text": "x"}]},
        {"platform": "instagram", "get_started": {"payload": "X"}},
    ],
)
async def test_what_meta_would_refuse_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    assert error(await stage.call("POST", stage.page, "me/messenger_profile", json=body)) == "100"
    assert (stage.shop.profile, stage.page.profile) == ({}, {})


async def test_a_menu_keeps_its_first_button(stage: Stage) -> None:
    body = {"persistent_menu": MENU, "get_started": {"payload": "GET_STARTED"}}
    assert (await stage.call("POST", stage.page, "me/messenger_profile", json=body))[0] == 200
    gone = await stage.call("DELETE", stage.page, "me/messenger_profile", json={"fields": ["get_started"]})
    assert error(gone) == "100"
