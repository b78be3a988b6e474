"""The demo's own web server, in front of the stand-ins alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from yarl import URL

from bridge.demo.server import Demo
from bridge.demo.stage import Stage


@dataclass(frozen=True, kw_only=True)
class Opened:
    stage: Stage
    demo: Demo
    http: aiohttp.ClientSession


@asynccontextmanager
async def opened(port: int = 0, language: str = "en") -> AsyncIterator[Opened]:
    stage = Stage(language=language)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(stage.open())
        async with asyncio.TaskGroup() as tasks:
            demo = Demo(stage, tasks)
            await demo.open(port, stack)
            http = await stack.enter_async_context(aiohttp.ClientSession(demo.url))
            yield Opened(stage=stage, demo=demo, http=http)


async def test_the_clock_is_text_that_the_bridge_can_read() -> None:
    async with opened() as at:
        at.stage.clock.move(90_000)
        async with at.http.get("/clock") as answer:
            assert float(await answer.text()) == pytest.approx(at.stage.clock.time(), abs=5)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_page_is_in_the_language_of_the_bridge(language: str) -> None:
    async with opened(language=language) as at, at.http.get("/") as answer:
        assert f'<html lang="{language}">' in await answer.text()


async def test_a_page_that_comes_later_is_told_what_time_it_is_then() -> None:
    """Or its clock would stand where it stood when somebody last moved it."""
    async with opened() as at:
        at.stage.clock.offset += 540
        now = at.stage.clock.time()
        async with asyncio.timeout(10), at.http.get("/state") as stream:
            while await stream.content.readline() != b"event: clock\n":
                pass
            told = json.loads((await stream.content.readline()).removeprefix(b"data: "))
        assert told["now"] >= now


async def test_an_act_of_the_page_reaches_its_stand_in() -> None:
    async with opened() as at:
        yuki = at.stage.cast.customers["yuki"]
        body = {"account": yuki.account.id, "customer": yuki.id, "text": "hello"}
        async with at.http.post("/act/meta/write", json=body) as answer:
            assert answer.status == 200
        assert [bubble.text for bubble in at.stage.meta.phone(yuki)] == ["hello"]


async def test_an_act_that_cannot_be_done_is_a_sentence() -> None:
    async with opened() as at:
        for path, body in (
            ("clock", {"seconds": -5}),
            ("scene", {"play": "none"}),
            ("trouble", {"key": "x", "on": True}),
        ):
            async with at.http.post(f"/act/{path}", json=body) as answer:
                assert answer.status == 400, path
                assert (await answer.json())["error"], path


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json", "Origin": "https://example.com"},
        {"Content-Type": "application/json", "Host": "example.com"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_pages_of_other_origins_cannot_act(headers: dict[str, str]) -> None:
    async with opened() as at:
        async with at.http.post("/act/clock", data=b'{"seconds": 60}', headers=headers) as answer:
            assert answer.status == 403
        assert at.stage.clock.offset == 0


async def test_the_page_may_load_nothing_from_elsewhere() -> None:
    async with opened() as at, at.http.get("/") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")


@pytest.mark.parametrize(
    "path", ["/of/meta/_drive/state", "/of/slack/api/auth.test", "/of/meta/cdn/%2e%2e/_drive/state"]
)
async def test_only_pictures_and_files_are_fetched_for_the_page(path: str) -> None:
    async with opened() as at, at.http.get(URL(at.demo.url + path, encoded=True)) as answer:
        assert answer.status == 404


async def test_a_port_that_is_taken_gives_way_to_a_free_one() -> None:
    async with opened() as first:
        port = int(first.demo.url.rpartition(":")[2])
        async with opened(port) as second:
            assert second.demo.url != first.demo.url


async def test_a_login_that_ended_and_was_renewed_works_again() -> None:
    async with opened() as at:
        shop = at.stage.cast.accounts["shop"]
        await at.stage.trouble("password", on=True)
        assert at.stage.meta.token_of(shop).dead
        await at.stage.trouble("password", on=False)
        assert not at.stage.meta.token_of(shop).dead
