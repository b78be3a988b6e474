"""Where e-mail and webhooks arrive: an SMTP server and an HTTP server, each as small as it can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiohttp import web


@dataclass(kw_only=True)
class PostOffice:
    """An SMTP server (RFC 5321). refuses: what it answers to a sender, for as long as that is set."""

    url: str = ""
    refuses: str | None = None
    mails: list[EmailMessage] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""

        async def says(*lines: str) -> None:
            writer.write("".join(f"{line}\r\n" for line in lines).encode())
            await writer.drain()

        await says("220 post.example ready")
        while line := await reader.readline():
            verb = line.decode().strip().upper().partition(" ")[0]
            if verb == "EHLO":
                await says("250-post.example", "250 8BITMIME")
            elif verb == "MAIL" and self.refuses is not None:
                await says(self.refuses)
            elif verb == "DATA":
                await says("354 go on")
                await self._taken(await reader.readuntil(b"\r\n.\r\n"))
                await says("250 taken")
            elif verb == "QUIT":
                await says("221 bye")
                break
            else:
                await says("250 fine")
        writer.close()

    async def _taken(self, raw: bytes) -> None:
        mail = message_from_bytes(raw.removesuffix(b".\r\n"), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """An open one."""
    office = PostOffice()
    server = await asyncio.start_server(office.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    office.url = f"smtp://127.0.0.1:{port}?from=bridge@example.com"
    async with server:
        yield office


@dataclass(kw_only=True)
class Letterbox:
    """An HTTP server that takes what is posted. status: what it answers."""

    url: str = ""
    status: int = 204
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        """One call."""
        if request.method == "POST":
            self.posted.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def letterbox() -> AsyncIterator[Letterbox]:
    """An open one."""
    box = Letterbox()
    app = web.Application()
    app.router.add_route("*", "/alerts", box.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        box.url = f"http://127.0.0.1:{runner.addresses[0][1]}/alerts"
        yield box
    finally:
        await runner.cleanup()
