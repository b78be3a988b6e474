"""A CDN on loopback that serves whatever a test hands it, and what a fetcher makes of it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bridge.media.fetch import Limits, MediaFetcher
from bridge.media.hosts import Hosts
from bridge.model.outcomes import Later, Outcome, Refused
from bridge.model.state import Attachment
from bridge.ports import Fetched

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
QUICK = Limits(most=200_000, tries=(2.0, 2.0, 2.0), idle=0.3, connect=1.0)


@dataclass(frozen=True)
class Had:
    """What was fetched, read whole; *reason* where there was nothing, *later* where it may be tried again."""

    data: bytes = b""
    mime: str = ""
    name: str = ""
    seconds: int | None = None
    reason: str = ""
    later: bool = False


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve everything by one handler on loopback; HOST:PORT."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


class Names(AbstractResolver):
    """Leads each name to the addresses of its turn, and counts how often it was asked."""

    def __init__(self, **turns: list[list[str]]) -> None:
        self._turns = {name.replace("_", "."): list(turn) for name, turn in turns.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        turns = self._turns.get(host)
        if turns is None:
            raise OSError(None, "nobody knows that name")
        addresses = turns.pop(0) if len(turns) > 1 else turns[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to let go."""


async def had(
    address: str,
    *hosts: str,
    kind: str = "image",
    tries: int = 0,
    limits: Limits = QUICK,
    resolver: AbstractResolver | None = None,
    **more: Any,
) -> Had:
    """Fetch once."""
    attachment = Attachment(seq=1, kind=kind, address=address, **more)
    async with (
        MediaFetcher.opened(Hosts.of(hosts), limits=limits, resolver=resolver) as fetcher,
        fetcher.fetched(attachment, tries) as got,
    ):
        return read(got)


def read(got: Fetched | Outcome) -> Had:
    match got:
        case Fetched():
            got.file.seek(0)
            data = got.file.read()
            assert len(data) == got.length
            return Had(data=data, mime=got.mime, name=got.name, seconds=got.seconds)
        case Refused(code=code):
            return Had(reason=code)
        case Later(why=why):
            return Had(reason=why, later=True)
        case _:
            raise AssertionError(f"neither a file nor a reason: {got}")
