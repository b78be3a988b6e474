"""The stand-in's dialogs are as strict as Meta's, and can be driven: what the journeys of connecting stand on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from bridge.demo.meta import MetaStandIn
from bridge.demo.meta.people import FACEBOOK_SCOPES
from tests.clock import MovableClock

PAGE, OTHER = "104857600000001", "104857600000002"
BACK = "http://127.0.0.1:9/back"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
async def meta() -> AsyncIterator[MetaStandIn]:
    standin = MetaStandIn(clock=MovableClock().time)
    await standin.start()
    standin.add_page(PAGE, "Hanako Flowers", subscribed=True)
    standin.add_page(OTHER, "Hanako Bakery", subscribed=True)
    standin.login.manner = "grant"
    yield standin
    await standin.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def asked(meta: MetaStandIn, **more: str) -> dict[str, str]:
    given = {"client_id": meta.app_id, "redirect_uri": BACK, "state": "s", "response_type": "code"}
    return {**given, "scope": ",".join(FACEBOOK_SCOPES), **more}


async def dialog(meta: MetaStandIn, http: aiohttp.ClientSession, query: dict[str, str]) -> tuple[int, str]:
    url = f"{meta.facebook_url}/v25.0/dialog/oauth?{urlencode(query)}"
    async with http.get(url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


async def call(meta: MetaStandIn, http: aiohttp.ClientSession, path: str, **params: str) -> dict[str, Any]:
    async with http.get(f"{meta.graph_url}/v25.0/{path}", params=params) as answer:
        return dict(await answer.json())


async def exchanged(
    meta: MetaStandIn, http: aiohttp.ClientSession, query: dict[str, str], **more: str
) -> dict[str, Any]:
    _, back = await dialog(meta, http, query)
    code = parse_qs(urlsplit(back).query)["code"][0]
    own = {"client_id": meta.app_id, "client_secret": meta.app_secret, "redirect_uri": BACK, "code": code}
    return await call(meta, http, "oauth/access_token", **own, **more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "pages_messaging,pages_showlist"},
        {"client_id": "1"},
        {"response_type": "token"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"auth_type": "again"},
        {"config_id": "2"},
        {"redirect_uri": "http://127.0.0.1:9/elsewhere"},
    ],
)
async def test_a_dialog_that_meta_would_not_show_is_not_shown(
    meta: MetaStandIn, http: aiohttp.ClientSession, wrong: dict[str, str]
) -> None:
    """M-16: a misspelt permission is found here."""
    meta.login.config_id, meta.login.redirects = "1", {BACK}
    assert (await dialog(meta, http, asked(meta)))[0] == 302
    assert (await dialog(meta, http, {**asked(meta), **wrong}))[0] == 400


async def test_a_code_is_for_who_kept_the_verifier(meta: MetaStandIn, http: aiohttp.ClientSession) -> None:
    query = asked(meta, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert "error" in await exchanged(meta, http, query)
    assert "error" in await exchanged(meta, http, query, code_verifier="w" * 43)
    assert "access_token" in await exchanged(meta, http, query, code_verifier=VERIFIER)


async def test_a_page_that_is_not_ticked_any_more_loses_its_permissions_silently(
    meta: MetaStandIn, http: aiohttp.ClientSession
) -> None:
    """CT-29: connecting one with a login may end another, and nobody is told."""
    meta.login.manner = "ask"
    url = f"{meta.facebook_url}/v25.0/dialog/oauth?{urlencode(asked(meta))}"
    async with http.get(url) as answer:
        text = await answer.text()
    number = text.partition('name="dialog" value="')[2].partition('"')[0]
    form = [("dialog", number), ("page", PAGE), *(("scope", scope) for scope in FACEBOOK_SCOPES)]
    async with http.post(f"{meta.facebook_url}/consent", data=form, allow_redirects=False) as answer:
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    own = {"client_id": meta.app_id, "client_secret": meta.app_secret, "redirect_uri": BACK, "code": code}
    token = (await call(meta, http, "oauth/access_token", **own))["access_token"]
    listed = await call(meta, http, "me/accounts", access_token=token, fields="id,tasks")
    assert [each["id"] for each in listed["data"]] == [PAGE]
    assert meta.token_of(meta.accounts[OTHER]).scopes == set()
    assert "pages_messaging" in meta.token_of(meta.accounts[PAGE]).scopes


async def test_people_and_what_they_withdraw_can_be_driven(meta: MetaStandIn, http: aiohttp.ClientSession) -> None:
    drive = f"{meta.url}/_drive"

    async def act(what: str, **body: Any) -> int:
        async with http.post(f"{drive}/{what}", json=body) as answer:
            return answer.status

    assert await act("add_person", name="Maya", tasks={PAGE: ["ANALYZE"]}) == 200
    maya = next(each for each in meta.login.people.known.values() if each.name == "Maya")
    assert await act("log_in_as", person=maya.id) == 200
    assert await act("log_in_as", person="nobody") == 400
    token = (await exchanged(meta, http, asked(meta)))["access_token"]
    listed = await call(meta, http, "me/accounts", access_token=token, fields="id,tasks")
    assert listed["data"] == [{"id": PAGE, "tasks": ["ANALYZE"]}]
    assert (await call(meta, http, "me", access_token=token, fields="id,name"))["name"] == "Maya"
    async with http.get(f"{meta.facebook_url}/settings") as answer:
        assert "Maya" in await answer.text()
