"""`/meta/data-deletion/{code}`: whether what was kept of somebody's login is erased, and since when.

https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from bridge.connect.show import page
from bridge.meta.callbacks import DELETION
from bridge.model.errors import StoreUnavailable
from bridge.store.logins import erased_at
from bridge.store.store import SqlStore
from bridge.wording.pages import preferred

CODE: Final = re.compile(r"[0-9a-f]{8,64}")


class DeletionStatus:
    """The handler. language: spoken where the browser says none that we speak."""

    def __init__(self, *, store: SqlStore, language: str) -> None:
        self._store = store
        self._language = language

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Hang the page where the contract has it."""
        router.add_get(f"{DELETION}/{{code}}", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Say when; 404 for a code that nothing is known of yet."""
        language = preferred(request.headers.get("Accept-Language", ""), self._language)
        code = request.match_info["code"]
        if CODE.fullmatch(code) is None:
            return page("deletion", language, status=404, workspace="", code="–", when="")
        try:
            async with self._store.reading() as connection:
                at = await connection.run_sync(lambda conn: erased_at(conn, code))
        except StoreUnavailable:
            return web.Response(status=503)
        when = "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
        return page("deletion", language, status=200 if when else 404, workspace="", code=code, when=when)
