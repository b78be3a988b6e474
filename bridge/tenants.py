"""Which token speaks for which workspace: the operator's one, or that of each installation. Slack is not asked for it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bridge.model.errors import StoreUnavailable
from bridge.model.ids import WorkspaceId
from bridge.model.state import Workspace
from bridge.secrets import SealError
from bridge.slack.calls import web_client
from bridge.slack.probe import SlackProbe, Whoami
from bridge.store.installations import NOWHERE, Installed, installed
from bridge.store.scenes import workspaces_of
from bridge.store.store import SqlStore
from bridge.store.workspaces import busy, keep_workspace

log = structlog.get_logger("bridge")

MET_EVERY = 10
"""Every so many seconds a token is asked whose it is, as long as nobody knows."""


@dataclass(kw_only=True)
class Tenants:
    """Gives each workspace its client. single: the one token of a single-workspace install; None: by OAuth.

    alone: the workspace that this one token speaks for, as soon as accounts are connected to one; it speaks for no other.

    open_token: unseals. read: the installations as they are kept, asked for where a workspace seems to have none: it may
    have been installed a moment ago. A workspace whose installation is gone has no client; what waits for it is held.
    """

    single: str | None
    base_url: str
    http: aiohttp.ClientSession
    open_token: Callable[[str], str]
    read: Callable[[], Awaitable[Installed]] | None = None
    installed: Installed = NOWHERE
    alone: WorkspaceId | None = None
    _clients: dict[tuple[str, WorkspaceId | None], AsyncWebClient] = field(default_factory=dict)
    _shut: set[str] = field(default_factory=set)

    def learn(self, installed: Installed) -> None:
        """Heed the installations as they are now."""
        if installed == self.installed:
            return
        self.installed = installed
        live = {each.sealed for each in installed.by_id.values()}
        self._clients = {key: client for key, client in self._clients.items() if key[0] in live}

    async def client_for(self, workspace: WorkspaceId) -> AsyncWebClient | None:
        """The client of a workspace; None: there is no token for it."""
        sealed, team = self._sealed(workspace)
        if sealed is None and self.read is not None:
            with contextlib.suppress(StoreUnavailable):
                self.learn(await self.read())
            sealed, team = self._sealed(workspace)
        if sealed is None:
            return None
        key = (sealed, team)
        if key not in self._clients:
            token = self.single if self.single is not None else self._opened(sealed)
            if token is None:
                return None
            client = web_client(token, base_url=self.base_url, session=self.http)
            client.default_params |= {} if team is None else {"team_id": team}
            self._clients[key] = client
        return self._clients[key]

    def probe_for(self, workspace: WorkspaceId) -> SlackProbe | None:
        """Who asks Slack about a workspace; None: there is no token for it."""
        sealed, team = self._sealed(workspace)
        if sealed is None:
            return None
        token = self.single if self.single is not None else self._opened(sealed)
        return None if token is None else SlackProbe(token=token, base_url=self.base_url, http=self.http, team=team)

    def _sealed(self, workspace: WorkspaceId) -> tuple[str | None, WorkspaceId | None]:
        """The token that counts, sealed, and the workspace that must be named with it: an organisation's speaks for several."""
        if self.single is not None:
            return ("" if self.alone in (None, workspace) else None), None
        found = self.installed.of(workspace)
        if found is None:
            return None, None
        return found.sealed, workspace if found.id != workspace else None

    def _opened(self, sealed: str) -> str | None:
        try:
            return self.open_token(sealed)
        except SealError:
            if sealed not in self._shut:
                self._shut.add(sealed)
                log.error("tenants.sealed", problem="BRIDGE_SECRET_KEY does not open an installation's token")  # noqa: TRY400 - one line says all
            return None


@dataclass(kw_only=True)
class Workspaces:
    """The installations as last read; commands beside the running service add to them.

    language: what a workspace is spoken to in that is met first by the operator's one token.
    """

    store: SqlStore
    tenants: Tenants
    language: str = "en"
    known: dict[WorkspaceId, Workspace] = field(default_factory=dict)

    async def read(self) -> None:
        """Read them again."""
        async with self.store.reading() as connection:
            found, now, there = await connection.run_sync(
                lambda conn: (workspaces_of(conn), installed(conn), busy(conn))
            )
        self.tenants.learn(now)
        if len(there) == 1:
            (self.tenants.alone,) = there
        self.known = {workspace.id: workspace for workspace in found}

    def all(self) -> tuple[Workspace, ...]:
        """As last read."""
        return tuple(self.known.values())

    async def follow(self) -> None:
        """Read them again and again, for ever: what a command changes is heeded within 3 s."""
        for turn in itertools.count():
            with contextlib.suppress(StoreUnavailable):
                if not self.known and turn % MET_EVERY == 0:
                    await self._meet()
                await self.read()
            await asyncio.sleep(1.0)

    async def _meet(self) -> None:
        """Ask whose the operator's one token is, where nothing is known yet: setting up from Slack begins with that."""
        token = self.tenants.single
        if token is None:
            return
        asked = await SlackProbe(token=token, base_url=self.tenants.base_url, http=self.tenants.http).whoami()
        if isinstance(asked, Whoami):
            workspace = asked.as_workspace(self.language)
            await self.store.write(lambda tx: keep_workspace(tx.connection, workspace))
            self.known = {workspace.id: workspace}


async def installed_now(store: SqlStore) -> Installed:
    """Where the app is installed by OAuth, as it is kept."""
    async with store.reading() as connection:
        return await connection.run_sync(installed)
