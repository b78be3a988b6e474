"""Whoever wants something changed hears within seconds that it is kept, where no worker has got to it by then."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.setup import SetupAsked
from bridge.model.state import Person, Workspace
from bridge.model.word import Word, field
from bridge.ports import Inbox
from bridge.slack import kept
from bridge.slack.calls import SDK_LOG, ClientFor
from bridge.slack.phrase import Json
from bridge.wording import Wording

log = structlog.get_logger(__name__)

LOOKS: Final = (0.3, 0.5, 0.7, 1.0)
"""Seconds (real time) before each look whether it is made; after the last one whoever asked is told, if no worker is awake."""
AWAKE: Final = timedelta(seconds=7)
"""A worker beats every five seconds: one that did so within this (real time) is only behind, and gets more time."""
MORE: Final = (1.0,) * 8
"""Seconds before each look that it gets."""
TOLD_WITHIN: Final = 5.0
"""Seconds (real time) for telling."""
MOST: Final = 64
"""So many are waited for at once."""


class Reader(Protocol):
    """What this needs of the store besides, which only looks."""

    async def undecided(self, key: str) -> bool:
        """Whether an item still waits for a worker."""
        ...

    async def awake(self, within: timedelta) -> bool:
        """Whether a worker has given a sign of life within this time."""
        ...

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        ...


class Attended(Word, kw_only=True):
    """An inbox beside which somebody looks what becomes of changes. tasks: whose the looks are."""

    store: Inbox
    reader: Reader
    client_for: ClientFor
    workspaces: Callable[[], Sequence[Workspace]]
    tasks: asyncio.TaskGroup
    looks: set[asyncio.Task[None]] = field(default_factory=set)

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items; return after the commit."""
        fresh = await self.store.keep(items)
        for item in items if fresh else ():
            if item.key.startswith(kept.KEYS) and len(self.looks) < MOST:
                task = self.tasks.create_task(self._attend(item))
                self.looks.add(task)
                task.add_done_callback(self.looks.discard)
        return fresh

    async def _attend(self, item: RawItem) -> None:
        try:
            for count, pause in enumerate((*LOOKS, *MORE), start=1):
                await asyncio.sleep(pause)
                if not await self.reader.undecided(item.key):
                    return
                if count >= len(LOOKS) and not await self.reader.awake(AWAKE):
                    break
            async with asyncio.timeout(TOLD_WITHIN):
                await self._tell(item)
        except Exception as error:  # noqa: BLE001 - what is kept is made in its time, whether this can be said or not
            log.warning("slack.not_made_yet_not_told", error=type(error).__name__)

    async def _tell(self, item: RawItem) -> None:
        """Say it privately where they asked; on their own page, directly."""
        workspace = next((each for each in self.workspaces() if each.id == item.workspace), None)
        asked = None if workspace is None else kept.fact(json.loads(item.body), item.at, workspace)
        client = None if workspace is None else await self.client_for(workspace.id)
        if workspace is None or client is None or not isinstance(asked, SetupAsked):
            return
        person = await self.reader.person(workspace.id, asked.person)
        language = (None if person is None else person.language) or workspace.language
        said: Json = {"text": Wording(language).say("command.not_made_yet")}
        if asked.handle is not None:
            body = {"response_type": "ephemeral", "replace_original": False, **said}
            webhook = AsyncWebhookClient(asked.handle, session=client.session, retry_handlers=[], logger=SDK_LOG)
            await webhook.send_dict(body)
        elif asked.place is not None:
            await client.chat_postEphemeral(channel=asked.place, user=asked.person, parse="none", **said)
        else:
            await client.chat_postMessage(channel=asked.person, parse="none", **said)
