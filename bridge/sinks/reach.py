"""The way to machines whose addresses operators give: public ones, by HTTPS; this machine itself only among stand-ins.

Each connection is checked by every address that its name leads to, and goes to just those; a redirect is no answer.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bridge.media.hosts import Forbidden, is_public
from bridge.model.word import Word

HEADERS: Final = {"User-Agent": "Threadbridge", "Accept": "application/json"}


class Reach(Word, kw_only=True):
    """Where something may be posted. loopback: this machine itself too, without encryption: every other service is a stand-in."""

    loopback: bool = False

    def check(self, url: URL) -> None:
        """Raise Forbidden for what may not be posted to, as far as its address tells."""
        host = url.host or ""
        here = self.loopback and (host == "localhost" or is_loopback(host))
        if not here and url.scheme != "https":
            raise Forbidden("not encrypted")
        if is_address(host) and not self.takes(host):
            raise Forbidden("a private address")

    def takes(self, address: str) -> bool:
        """Whether a connection may go to this address."""
        return is_public(address) or (self.loopback and is_loopback(address))


def is_address(host: str) -> bool:
    """Whether a host is an address, and no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    return is_address(address) and ipaddress.ip_address(address.partition("%")[0]).is_loopback


class ReachingResolver(AbstractResolver):
    """Looks names up by another resolver, once for each connection, and gives no address that may not be used."""

    def __init__(self, inner: AbstractResolver, reach: Reach) -> None:
        self._inner = inner
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return where *host* is; Forbidden if any of its addresses may not be used."""
        found = await self._inner.resolve(host, port, family)
        if not all(self._reach.takes(each["host"]) for each in found):
            raise Forbidden("a private address")
        return found

    async def close(self) -> None:
        """Let the other one go."""
        await self._inner.close()


@asynccontextmanager
async def reaching(reach: Reach, resolver: AbstractResolver | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A session of its own that connects to nothing else. resolver: by whom names are looked up."""
    guarded = ReachingResolver(resolver or aiohttp.ThreadedResolver(), reach)
    connector = aiohttp.TCPConnector(resolver=guarded, use_dns_cache=False, limit=32)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, headers=HEADERS) as session:
        yield session
