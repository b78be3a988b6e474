"""Fetch one file from the network's servers into a file without a name, guarded at every step.

Rule 1: each hop is checked by its name, then by every address that the name leads to; the connection goes to just those.
Rule 2: nothing is held in memory but the chunk in hand; the file has no name, so that a process that dies leaves nothing.
Rule 3: what cannot be had is an outcome with a reason (`bridge.ports.Media`), never an exception.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import BinaryIO, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bridge.media import sniff
from bridge.media.hosts import Forbidden, Hosts, is_public
from bridge.media.spool import TooLong, spooled
from bridge.model.outcomes import Later, Outcome, Refused, Scope
from bridge.model.state import Attachment
from bridge.model.word import Word
from bridge.ports import Fetched

AGAIN: Final = timedelta(seconds=2)
GONE: Final = frozenset({400, 401, 403, 404, 410, 451})
"""An address whose signature has run out, or whose file was taken back, answers one of these."""
MOVED: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = {"User-Agent": "Threadbridge", "Accept": "*/*", "Accept-Encoding": "identity"}


class Limits(Word, kw_only=True):
    """What one file may take. most: bytes; tries: seconds for each, after the last of them it is given up."""

    most: int = 32_000_000
    """The network takes 25 MB from its customers (developers.facebook.com, Send API, attachments)."""
    tries: tuple[float, ...] = (30.0, 15.0, 10.0)
    idle: float = 10.0
    connect: float = 5.0
    hops: int = 3


class Unfetched(Exception):
    """It cannot be had; *reason* is a key of the wording catalogue's ``media.*``, *passing*: perhaps a little later."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


class GuardedResolver(AbstractResolver):
    """Looks names up by another resolver, once for each connection, and gives no address that may not be used."""

    def __init__(self, inner: AbstractResolver, hosts: Hosts) -> None:
        self._inner = inner
        self._hosts = hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return where *host* is; Forbidden if any of its addresses is private and the operator did not name it."""
        found = await self._inner.resolve(host, port, family)
        if not self._hosts.is_named(host, port) and not all(is_public(each["host"]) for each in found):
            raise Forbidden("a private address")
        return found

    async def close(self) -> None:
        """Let the other one go."""
        await self._inner.close()


class MediaFetcher:
    """`bridge.ports.Media` over HTTP."""

    def __init__(self, http: aiohttp.ClientSession, hosts: Hosts, limits: Limits) -> None:
        self._http = http
        self._hosts = hosts
        self._limits = limits

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, hosts: Hosts, *, limits: Limits | None = None, resolver: AbstractResolver | None = None
    ) -> AsyncIterator[MediaFetcher]:
        """A fetcher with connections of its own. resolver: by whom names are looked up."""
        guarded = GuardedResolver(resolver or aiohttp.ThreadedResolver(), hosts)
        connector = aiohttp.TCPConnector(resolver=guarded, use_dns_cache=False, limit=64)
        limits = limits or Limits()
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect, sock_read=limits.idle),
        )
        async with session:
            yield cls(session, hosts, limits)

    @asynccontextmanager
    async def fetched(self, attachment: Attachment, tries: int) -> AsyncIterator[Fetched | Outcome]:
        """Hand out the file for as long as the block lasts, or say why there is none. tries: those before this one."""
        with tempfile.TemporaryFile(prefix="threadbridge-") as file:
            yield await self._outcome(attachment, file, tries)

    async def _outcome(self, attachment: Attachment, file: BinaryIO, tries: int) -> Fetched | Outcome:
        seconds = self._limits.tries[min(tries, len(self._limits.tries) - 1)]
        clock = asyncio.timeout(seconds)
        try:
            async with clock:
                return await self._into(file, attachment)
        except Forbidden:
            return Refused(code="forbidden_host", why="")
        except Unfetched as error:
            return self._ended(error.reason, tries, passing=error.passing)
        except TimeoutError:
            # Something came all the time, or nothing came for a while: only the second may be better next time.
            return self._ended("slow", tries, passing=not clock.expired())
        except (aiohttp.ClientError, OSError) as error:
            return self._ended("no_room" if _is_of_disk(error) else "unreachable", tries, passing=True)

    def _ended(self, reason: str, tries: int, *, passing: bool) -> Outcome:
        if passing and tries + 1 < len(self._limits.tries):
            return Later(after=AGAIN, why=reason, scope=Scope.ROW)
        return Refused(code=reason, why="")

    async def _into(self, file: BinaryIO, attachment: Attachment) -> Fetched:
        async with self._answer(attachment.address or "") as answer:
            try:
                head, length = await spooled(answer, file, self._limits.most)
            except TooLong:
                raise Unfetched("too_large") from None
            if not length:
                raise Unfetched("empty")
        said = answer.content_disposition
        attached = said is not None and said.type == "attachment"
        mime = sniff.settled(attachment.kind, answer.headers.get("Content-Type", ""), head, attached=attached)
        if mime is None:
            raise Unfetched("refused_type")
        name = attachment.title or (said.filename if said is not None else None) or answer.url.name
        seconds = None
        if mime.partition("/")[0] in {"audio", "video"}:
            seconds = await asyncio.to_thread(sniff.seconds_of, file, length)
        return Fetched(
            file=file, length=length, mime=mime, name=sniff.named(attachment.kind, mime, name), seconds=seconds
        )

    @asynccontextmanager
    async def _answer(self, address: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Follow redirects by hand; what is yielded is the file itself."""
        url = _url(address)
        for _ in range(self._limits.hops + 1):
            self._hosts.check(url.scheme, url.raw_host or "", url.port or 0)
            async with self._http.get(url, allow_redirects=False) as answer:
                if answer.status not in MOVED:
                    _check(answer, self._limits.most)
                    yield answer
                    return
                url = url.join(_url(answer.headers.get("Location", "")))
                answer.close()  # its body is nobody's, and may be endless
        raise Unfetched("led_on")


def _url(address: str) -> URL:
    try:
        # A signature holds for the address as it was written, so that one that is ready to be sent is left as it is.
        url = URL(address, encoded=address.isascii() and address.isprintable() and " " not in address)
    except ValueError:
        raise Unfetched("unreachable") from None
    if url.user or url.password:
        raise Forbidden("an address with a name in it")
    return url


def _check(answer: aiohttp.ClientResponse, most: int) -> None:
    if answer.status in GONE:
        raise Unfetched("gone")
    if answer.status != 200:
        raise Unfetched("server_error", passing=answer.status == 429 or answer.status >= 500)
    if (answer.content_length or 0) > most:
        raise Unfetched("too_large")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        # Nobody asked for it, and what it holds may be any size.
        raise Unfetched("refused_type")


def _is_of_disk(error: aiohttp.ClientError | OSError) -> bool:
    """Whether writing failed, not the network."""
    full = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}
    return isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError) and error.errno in full
