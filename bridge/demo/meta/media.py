"""The stand-in's CDN: pictures of customers, what customers and the business sent as files."""

import asyncio
import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

DAY: Final = 86_400.0
UPLOAD_LIFE: Final = 90 * DAY  # https://developers.facebook.com/docs/messenger-platform/reference/attachment-upload-api
PIECE: Final = 16 * 1024
CELLS: Final = 5
CELL_PIXELS: Final = 16


def png(width: int, height: int, rows: list[bytes]) -> bytes:
    """A PNG of RGB rows, three bytes a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def avatar(seed: str) -> bytes:
    """A small mirrored pattern, different for everybody, as a PNG of 80 × 80 pixels."""
    digest = hashlib.sha256(seed.encode()).digest()
    ink, paper = bytes(96 + value % 112 for value in digest[:3]), b"\xf3\xf1\xec"
    rows: list[bytes] = []
    for y in range(CELLS):
        half = [digest[3 + y * 3 + x] % 2 for x in range(3)]
        line = b"".join((ink if on else paper) * CELL_PIXELS for on in [*half, half[1], half[0]])
        rows += [line] * CELL_PIXELS
    return png(CELLS * CELL_PIXELS, CELLS * CELL_PIXELS, rows)


@dataclass(kw_only=True)
class Manner:
    """How a file is served, where not at once and whole.

    redirect: the address to which the CDN sends whoever asks. chunked: without saying how long it is.
    pause: seconds (real time) between its pieces. held: its second half waits until this is set.
    """

    redirect: str | None = None
    status: int = 200
    chunked: bool = False
    pause: float = 0.0
    held: asyncio.Event | None = None

    @property
    def plain(self) -> bool:
        """At once and whole."""
        return self == Manner()


@dataclass(kw_only=True)
class Media:
    """A file on the CDN; `gone` is the status it answers once Meta has taken it away, `until` when it ends by itself.

    network: of an upload, where it may be sent.

    Addresses stop working once what they show is deleted or over:
    https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook
    """

    id: str
    data: bytes
    mime: str
    name: str
    at: float
    owner: str = ""
    network: str | None = None
    gone: int | None = None
    until: float | None = None
    manner: Manner = field(default_factory=Manner)


class Cdn:
    """Files by id, served under `/cdn`."""

    def __init__(self, *, clock: Callable[[], float], base: Callable[[], str], number: Callable[[], int]) -> None:
        self.clock = clock
        self._base = base
        self._number = number
        self.files: dict[str, Media] = {}
        self.served: list[str] = []

    def put(
        self, data: bytes, mime: str, *, name: str = "file", owner: str = "", life: float | None = None,
        network: str | None = None,
    ) -> Media:  # fmt: skip
        """Keep a file, for good or for `life` seconds; its id looks like an attachment id."""
        now = self.clock()
        media = Media(id=f"1601{self._number():012d}", data=data, mime=mime, name=name, at=now, owner=owner, network=network,
                      until=None if life is None else now + life)  # fmt: skip
        self.files[media.id] = media
        return media

    def url(self, media: Media) -> str:
        """The address of a file, signed-looking as Meta's are."""
        return f"{self._base()}/cdn/media/{media.id}/{media.name}?asset_id={media.id}&signature=Ab_{media.id[-6:]}"

    def avatar_url(self, account: str, customer: str, *, number: int = 0) -> str:
        """The address of a customer's picture; `number` counts the pictures they have had before."""
        return f"{self._base()}/cdn/avatar/{account}/{customer}.png" + (f"?set={number}" if number else "")

    def forget(self, urls: Iterable[str], status: int = 403) -> None:
        """Take files away, as when they are unsent or a story is over: their addresses answer `status`."""
        gone = set(urls)
        for media in self.files.values():
            if self.url(media) in gone:
                media.gone = status

    def usable(self, attachment_id: str, owner: str, network: str) -> Media | None:
        """An upload that may still be sent: the owner's own, for this network, and not older than 90 days."""
        media = self.files.get(attachment_id)
        if (
            media is None
            or media.owner != owner
            or media.network not in {None, network}
            or self.clock() >= media.at + UPLOAD_LIFE
        ):
            return None
        return media

    async def serve_avatar(self, request: web.Request) -> web.Response:
        """Answer `GET /cdn/avatar/{account}/{customer}.png`."""
        seed = f"{request.match_info['account']}:{request.match_info['customer']}{request.query.get('set', '')}"
        return web.Response(body=avatar(seed), content_type="image/png")

    async def serve_media(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /cdn/media/{id}/{name}`."""
        media = self.files.get(request.match_info["id"])
        self.served.append(request.match_info["id"])
        if media is None:
            return web.Response(status=404)
        if media.until is not None and self.clock() >= media.until:
            return web.Response(status=403)
        if media.gone is not None:
            return web.Response(status=media.gone)
        if media.manner.redirect is not None:
            return web.Response(status=302, headers={"Location": media.manner.redirect})
        if media.manner.plain:
            return web.Response(body=media.data, content_type=media.mime)
        return await _piecemeal(request, media)


async def _piecemeal(request: web.Request, media: Media) -> web.StreamResponse:
    """Serve a file piece by piece, for as long as anybody listens."""
    manner = media.manner
    answer = web.StreamResponse(status=manner.status, headers={"Content-Type": media.mime})
    if not manner.chunked:
        answer.content_length = len(media.data)
    step = max(1, min(PIECE, len(media.data) // 4))
    try:
        await answer.prepare(request)
        for at in range(0, len(media.data), step):
            if manner.held is not None and at >= len(media.data) // 2:
                await manner.held.wait()
            await answer.write(media.data[at : at + step])
            await asyncio.sleep(manner.pause)
        await answer.write_eof()
    except ConnectionError:
        request.protocol.force_close()
    return answer
