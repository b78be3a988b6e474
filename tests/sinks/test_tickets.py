"""Where tickets may go, and the receiver that the documents give: run as it stands there."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bridge.media.hosts import Forbidden
from bridge.sinks.reach import Reach, reaching
from bridge.sinks.webhook import is_signed, signature
from tests.journeys.hands import talking
from tests.journeys.opening import does
from tests.journeys.ticketing import SECRET, uses

PAGE = Path(__file__).parents[2] / "docs/tickets.md"


START = """
import time
from http.server import ThreadingHTTPServer
began, serve = time.monotonic(), ThreadingHTTPServer.serve_forever
time.time = lambda: {now} + time.monotonic() - began
ThreadingHTTPServer.serve_forever = lambda server: (print("up", flush=True), serve(server))
"""
"""What runs before the program: its clock is the test's, and it says when it listens."""


class Leads(AbstractResolver):
    """Says that every name is at one address."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One answer."""
        return [
            ResolveResult(hostname=host, host=self._address, port=port, family=family, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"]
)
async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(address: str) -> None:
    """As with media: what counts is where the name leads at the moment of the call."""
    async with reaching(Reach(), Leads(address)) as http:
        with pytest.raises(Forbidden):
            await http.post("https://tickets.example.com/", data=b"words", timeout=aiohttp.ClientTimeout(total=5))


@pytest.mark.parametrize(
    ("url", "loopback", "goes"),
    [
        ("https://tickets.example.com/", False, True),
        ("http://tickets.example.com/", True, False),
        ("http://127.0.0.1:8099/", True, True),
        ("http://127.0.0.1:8099/", False, False),
        ("https://127.0.0.1/", False, False),
        ("https://[::1]/", True, True),
        ("https://10.1.2.3/", True, False),
    ],
)
def test_addresses_are_public_and_encrypted_but_for_loopback_among_stand_ins(
    url: str, loopback: bool, goes: bool
) -> None:
    """Plain HTTP is for trying out alone."""
    reach = Reach(loopback=loopback)
    if goes:
        reach.check(URL(url))
        return
    with pytest.raises(Forbidden):
        reach.check(URL(url))


def test_any_of_the_signatures_may_be_the_right_one_and_any_of_the_keys() -> None:
    """Standard Webhooks: several stand with spaces between them while a secret is rotated."""
    old, new = b"o" * 24, b"n" * 24
    right = signature(new, "msg", 1, b"{}")
    assert is_signed((old, new), "msg", 1, b"{}", f"v1,AAAA {right}")
    for given in ("", "v1,", right.removeprefix("v1,"), f"v1a,{right[3:]}", "v1,\udcff"):
        assert not is_signed((old, new), "msg", 1, b"{}", given)
    assert not is_signed((old,), "msg", 1, b"{}", right)
    assert not is_signed((new,), "msg", 2, b"{}", right)
    assert len(base64.b64decode(right.removeprefix("v1,"))) == 32


@asynccontextmanager
async def receiver(now: float) -> AsyncIterator[str]:
    """The program of the documents in a process of its own, at a time; where it listens."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = START.format(now=now)
    environment = {"PATH": os.defpath, "SECRET": SECRET, "PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        began + program,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"up\n"
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_receiver_in_the_documents_takes_tickets_and_redactions(database_url: str) -> None:
    """ZI-04, CT-33: whoever copies it has a ticket system that the bridge is content with."""
    async with talking(database_url) as talk, receiver(talk.world.clock.time()) as url:
        world = talk.world
        await uses(world, "messenger", url)
        assert await does(talk, "ticket") == {}
        await world.until(lambda: any("made ticket HELP-1" in line for line in talk.lines()))
        ((mid,),) = world.rows("SELECT remote_id FROM message WHERE author = 'customer'")
        await world.meta.unsend(talk.customer, mid)
        done = "SELECT count(*) FROM outbox WHERE kind = 'RedactTicket' AND state = 'done'"
        await world.until(lambda: world.rows(done) == [(1,)])
        assert world.rows("SELECT count(*) FROM incident") == [(0,)]
