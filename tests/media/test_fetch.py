"""Fetching with guards, from real servers on loopback."""

from __future__ import annotations

import asyncio
import gzip
import tempfile
from pathlib import Path

import pytest
from aiohttp import web

from bridge.demo.meta.media import avatar
from tests.media.server import QUICK, Had, Names, had, serving

PNG = avatar("cup") + bytes(3000)


async def picture(request: web.Request) -> web.StreamResponse:
    return web.Response(body=PNG, content_type="image/png")


async def test_a_file_comes_whole_with_its_type() -> None:
    """CT-07."""
    async with serving(picture) as host:
        assert await had(f"http://{host}/a/b.png?sig=%2F1", host) == Had(data=PNG, mime="image/png", name="image.png")


async def test_its_address_is_asked_for_as_it_was_written() -> None:
    """A signature holds for one way of writing it."""
    asked: list[str] = []

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append(request.raw_path)
        return web.Response(body=PNG, content_type="image/png")

    async with serving(note) as host:
        for path in ("/a%2Fb/c.png?x=%E3%81%82&y=a%2bb&z=~", "/plain?x=1;2"):
            assert (await had(f"http://{host}{path}", host)).data == PNG
            assert asked.pop() == path


@pytest.mark.parametrize("address", ["/a\r\nX-Evil: 1\r\n\r\n", "/a b\nc", "/写真.png", "/a\x00b"])
async def test_an_address_cannot_smuggle_a_header_in(address: str) -> None:
    asked: list[str] = []

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append("evil" if "X-Evil" in request.headers else request.path)
        return web.Response(body=PNG, content_type="image/png")

    async with serving(note) as host:
        assert (await had(f"http://{host}{address}", host)).reason in {"", "unreachable"}
    assert "evil" not in asked
    assert len(asked) <= 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_what_meta_has_taken_away_is_gone(status: int) -> None:
    """Addresses stop working once the file is deleted or its signature has run out."""

    async def gone(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    async with serving(gone) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="gone")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_fault_of_the_server_is_tried_again_and_then_told(status: int) -> None:
    async def fault(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    async with serving(fault) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="server_error", later=True)
        assert await had(f"http://{host}/a", host, tries=2) == Had(reason="server_error")


async def test_nobody_there_is_tried_again_and_then_told() -> None:
    async with serving(picture) as host:
        address = f"http://{host}/a"
    assert await had(address, host) == Had(reason="unreachable", later=True)
    assert await had(address, host, tries=2) == Had(reason="unreachable")


@pytest.mark.parametrize("address", ["", "nothing", "http://", "http://[::1", "/reel/123/"])
async def test_what_is_no_address_is_no_file(address: str) -> None:
    assert (await had(address, "fbcdn.net")).reason in {"forbidden_host", "unreachable"}


async def test_a_size_that_is_told_is_refused_at_once_and_one_that_is_not_on_the_way() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": "image/png"})
        await answer.prepare(request)
        try:
            while True:
                await answer.write(PNG)
                sent += len(PNG)
        except ConnectionError:
            return answer

    async def told(request: web.Request) -> web.StreamResponse:
        return web.Response(body=bytes(QUICK.most + 1), content_type="image/png")

    for handler in (endless, told):
        async with serving(handler) as host:
            assert await had(f"http://{host}/a", host) == Had(reason="too_large")
    assert 0 < sent < 50 * QUICK.most


async def test_the_largest_that_may_come_comes() -> None:
    async def largest(request: web.Request) -> web.StreamResponse:
        return web.Response(body=PNG.ljust(QUICK.most, b"\0"), content_type="image/png")

    async with serving(largest) as host:
        assert len((await had(f"http://{host}/a", host)).data) == QUICK.most


async def test_a_drip_ends_with_the_time_for_a_file_and_is_not_tried_again() -> None:
    """Each piece comes in time, and the whole never would."""

    over = asyncio.get_running_loop().create_future()

    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "image/png"})
        await answer.prepare(request)
        try:
            for byte in PNG:
                await answer.write(bytes([byte]))
                await asyncio.wait({over}, timeout=0.05)
        except ConnectionError:
            return answer
        raise AssertionError("somebody was patient")

    limits = type(QUICK)(most=QUICK.most, tries=(0.5, 0.5), idle=0.3)
    async with serving(drip) as host:
        assert await had(f"http://{host}/a", host, limits=limits) == Had(reason="slow")


async def test_a_server_that_falls_silent_is_tried_again() -> None:
    silence = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "image/png"})
        await answer.prepare(request)
        await answer.write(PNG[:100])
        await silence.wait()
        return answer

    async with serving(silent) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="slow", later=True)
        assert await had(f"http://{host}/a", host, tries=2) == Had(reason="slow")
        silence.set()


async def test_half_a_file_is_none() -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(PNG))})
        await answer.prepare(request)
        await answer.write(PNG[:100])
        assert request.transport is not None
        request.transport.abort()
        return answer

    async with serving(half) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="unreachable", later=True)


async def test_an_empty_file_is_said_to_be_empty() -> None:
    async def empty(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"", content_type="image/png")

    async with serving(empty) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="empty")


async def test_a_page_in_the_place_of_a_picture_is_refused() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html><body>Log in</body></html>", content_type="text/html")

    async with serving(page) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="refused_type")


async def test_what_is_packed_is_not_unpacked() -> None:
    """A small body could become any size."""

    async def packed(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        body = gzip.compress(bytes(10_000_000))
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "image/png"})

    async with serving(packed) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="refused_type")


# ── where it leads ────────────────────────────────────────────────────────────────────────────────────────


class Redirects:
    """Sends whoever asks on to the next address, and serves a picture after the last."""

    def __init__(self, to: list[str]) -> None:
        self._to = list(to)
        self.served = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self._to:
            return web.Response(status=302, headers={"Location": self._to.pop(0)})
        self.served += 1
        return await picture(request)


async def test_a_redirect_is_followed_where_it_may_be() -> None:
    async with serving(picture) as other, serving(Redirects(["/b", f"http://{other}/c"]).serve) as host:
        assert (await had(f"http://{host}/a", host, other)).data == PNG


async def test_a_redirect_leads_to_no_private_address_that_is_not_named() -> None:
    """The host that redirects is on the list; where it leads is not."""
    inner = Redirects([])
    async with serving(inner.serve) as other:
        for to in (
            f"http://{other}/c",
            f"http://localhost:{other.partition(':')[2]}/c",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ):
            async with serving(Redirects([to]).serve) as host:
                assert await had(f"http://{host}/a", host) == Had(reason="forbidden_host"), to
    assert inner.served == 0


async def test_redirects_have_an_end() -> None:
    async with serving(Redirects([f"/{number}" for number in range(50)]).serve) as host:
        assert await had(f"http://{host}/a", host) == Had(reason="led_on")


async def test_a_redirect_to_nowhere_is_no_file() -> None:
    async def nowhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302)

    async with serving(nowhere) as host:
        assert (await had(f"http://{host}/a", host)).reason == "led_on"


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
async def test_a_name_on_the_list_that_leads_to_a_private_address_is_refused(private: str) -> None:
    """Whoever can set a name's address cannot make us fetch from inside."""
    names = Names(media_fbcdn_net=[[private]])
    assert await had("https://media.fbcdn.net/a", "fbcdn.net", resolver=names) == Had(reason="forbidden_host")
    assert names.asked == ["media.fbcdn.net"]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    names = Names(media_fbcdn_net=[["157.240.1.1", "10.0.0.1"]])
    assert await had("https://media.fbcdn.net/a", "fbcdn.net", resolver=names) == Had(reason="forbidden_host")


async def test_a_name_that_changes_its_address_between_two_looks_is_looked_up_once() -> None:
    """DNS rebinding: what was checked is what is connected to."""
    names = Names(cdn_test=[["127.0.0.1"], ["169.254.169.254"]])
    async with serving(picture) as host:
        port = host.partition(":")[2]
        assert (await had(f"http://cdn.test:{port}/a", f"cdn.test:{port}", resolver=names)).data == PNG
    assert names.asked == ["cdn.test"]


async def test_a_name_is_checked_anew_for_every_connection() -> None:
    names = Names(cdn_test=[["127.0.0.1"]], media_fbcdn_net=[["127.0.0.1"]])
    async with serving(Redirects(["https://media.fbcdn.net/b"]).serve) as host:
        port = host.partition(":")[2]
        found = await had(f"http://cdn.test:{port}/a", f"cdn.test:{port}", "fbcdn.net", resolver=names)
    assert found == Had(reason="forbidden_host")
    assert names.asked == ["cdn.test", "media.fbcdn.net"]


async def test_a_name_that_nobody_knows_is_tried_again() -> None:
    assert await had("https://media.fbcdn.net/a", "fbcdn.net", resolver=Names()) == Had(
        reason="unreachable", later=True
    )


@pytest.mark.parametrize(
    "address", ["https://somebody:secret@fbcdn.net/a", "http://fbcdn.net/a", "https://fbcdn.net:8443/a"]
)
async def test_an_address_of_another_shape_is_refused_before_its_name_is_looked_up(address: str) -> None:
    names = Names(fbcdn_net=[["157.240.1.1"]])
    assert await had(address, "fbcdn.net", resolver=names) == Had(reason="forbidden_host")
    assert names.asked == []


# ── on our disk ───────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_on_its_way_has_no_name_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies leaves nothing, because there is nothing that anybody could find."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[int] = []

    async def watched(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "image/png"})
        await answer.prepare(request)
        await answer.write(PNG)
        seen.append(len(list(tmp_path.iterdir())))
        return answer

    async with serving(watched) as host:
        assert (await had(f"http://{host}/a", host)).data == PNG
    assert seen == [0]
    assert list(tmp_path.iterdir()) == []
