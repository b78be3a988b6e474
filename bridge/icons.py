"""`GET /icons/{name}`: accounts' pictures, for Slack to fetch."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from bridge.model.errors import StoreUnavailable
from bridge.store.icons import PATH, SqlIcons

NAME: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
"""A name is never given to another picture; and what comes is a picture, whatever a browser makes of it."""


class IconPages:
    """The handler."""

    def __init__(self, icons: SqlIcons) -> None:
        self._icons = icons

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Hang it where the contract has it."""
        router.add_get(f"{PATH}/{{name}}", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Give it out; 404 for a name that is none, or none any more."""
        name = request.match_info["name"]
        if NAME.fullmatch(name) is None:
            return web.Response(status=404)
        try:
            found = await self._icons.given(name)
        except StoreUnavailable:
            return web.Response(status=503)
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found.content, content_type=found.kind, headers=HEADERS)
