"""Files that pass through: written from the network piece by piece, and read again so; never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

import aiohttp

from bridge.media.sniff import HEAD

CHUNK: Final = 256 * 1024
"""Bytes that are gathered before they are written."""


class TooLong(Exception):
    """There is more of it than may be."""


async def spooled(answer: aiohttp.ClientResponse, file: BinaryIO, most: int) -> tuple[bytes, int]:
    """Write an answer's body; return its first bytes, and how many there are. TooLong: more than *most*."""
    head, length, gathered = b"", 0, bytearray()
    async for chunk in answer.content.iter_any():
        length += len(chunk)
        if length > most:
            raise TooLong
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
        gathered += chunk
        if len(gathered) >= CHUNK:
            await asyncio.to_thread(file.write, bytes(gathered))
            gathered = bytearray()
    await asyncio.to_thread(_finish, file, bytes(gathered))
    return head, length


async def pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    """Read a file from its beginning."""
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, CHUNK):
        yield piece


def _finish(file: BinaryIO, rest: bytes) -> None:
    file.write(rest)
    file.flush()
