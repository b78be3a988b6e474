"""The body of a request as it was signed: read whole, within its size and its time, whoever sends it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web

READING = timedelta(seconds=30)
"""So long a body may take to come."""


async def body(request: web.Request, largest: int) -> bytes | web.Response:
    """The bytes, or why they cannot be had: 413 for more than *largest*, 408 for too slow, 400 for what is no body."""
    if (request.content_length or 0) > largest:
        return web.Response(status=413)
    chunks, size = list[bytes](), 0
    try:
        if request.content.is_eof():  # a small one has come with its head: there is nothing to wait for
            whole = request.content.read_nowait()
            return whole if len(whole) <= largest else web.Response(status=413)
        async with asyncio.timeout(READING.total_seconds()):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > largest:
                    return web.Response(status=413)
                chunks.append(chunk)
    except TimeoutError:
        return web.Response(status=408)
    except (web.RequestPayloadError, ConnectionError):
        return web.Response(status=400)
    return b"".join(chunks)
