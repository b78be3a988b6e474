"""After something was taken back: bring it out of the database's own log too, however often that must be tried."""

from __future__ import annotations

import asyncio

from bridge.workers.base import AWAY, Tools


class Forgetter:
    """The loop that empties the database's log whenever there is something in it that nobody may keep."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def run(self) -> None:
        """Once at the start, because a former process may have died before its turn; then after each erasure, for ever."""
        while True:
            self._tools.forgot.clear()
            try:
                await self._tools.store.checkpoint()
            except Exception as error:  # noqa: BLE001 - tried again until it succeeds
                self._tools.trouble("forget", error)
                await asyncio.sleep(AWAY)
                continue
            await self._tools.forgot.wait()
