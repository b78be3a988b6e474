"""What installing by OAuth keeps and forgets: installations, their workspaces, and that they are over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import aiohttp
import structlog

from bridge.model.change import replace
from bridge.model.errors import StoreUnavailable
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.state import Workspace
from bridge.model.word import Word, field
from bridge.ports import Clock
from bridge.secrets import Sealer, SealError
from bridge.settings import Audit
from bridge.slack import sift
from bridge.slack.oauth import Granted, SlackOAuth
from bridge.slack.probe import NoSlack, SlackProbe
from bridge.slack.shapes import Json, items, label, thing
from bridge.store import installations
from bridge.store.columns import EPOCH
from bridge.store.installations import Installation
from bridge.store.scenes import workspaces_of
from bridge.store.store import SqlStore
from bridge.store.transaction import Tx
from bridge.store.workspaces import keep_workspace, note_in

EARLY: Final = timedelta(hours=2)
"""So long before its end a token is exchanged; it lives for twelve hours (docs.slack.dev, Using token rotation)."""
WORKSPACES_EVERY: Final = timedelta(minutes=30)
"""How often an organisation's workspaces are asked for."""
LOOK_EVERY: Final = 2.0
"""Seconds (real time) between two looks at a clock that may be moved."""

ASKED_WITHIN: Final = 1.5
"""Seconds (real time) that Slack gets to say whether a token lives: it waits for our answer meanwhile."""
DEAD: Final = frozenset({"token_revoked", "invalid_auth", "account_inactive", "token_expired", "app_uninstalled"})
"""What Slack says of a token that is over."""

log = structlog.get_logger("bridge")


class Installing(Word, kw_only=True):
    """Takes installations in, and lets them go.

    language: of a workspace that is new. changed: lets this process heed it at once; others follow within seconds.
    """

    store: SqlStore
    clock: Clock
    sealer: Sealer
    oauth: SlackOAuth
    http: aiohttp.ClientSession
    base_url: str
    language: str
    changed: Callable[[], Awaitable[None]]

    async def spend(self, state: str, expires_at: datetime) -> bool:
        """Let a state count once; False: it has."""
        return await self.store.write(lambda tx: installations.spend(tx.connection, state, expires_at))

    async def take_in(self, code: str, redirect: str | None) -> tuple[Installation, Sequence[Workspace]] | NoSlack:
        """Exchange a code and keep what came of it; with every workspace that is spoken for from now on."""
        granted = await self.oauth.granted(code, redirect=redirect)
        if isinstance(granted, NoSlack):
            return granted
        found = await self.workspaces(
            granted.id, granted.token.token, granted.bot_person, whole=granted.workspace is None
        )
        if isinstance(found, NoSlack):
            return found
        kept = self._installation(granted)
        await self.store.write(lambda tx: self._keep(tx, kept, found))
        await self.changed()
        return kept, found

    async def workspaces(self, id: str, token: str, bot: PersonRef, *, whole: bool) -> Sequence[Workspace] | NoSlack:
        """The workspaces that an installation speaks for, as Slack tells of them."""
        asked = await SlackProbe(token=token, base_url=self.base_url, http=self.http).whoami()
        if isinstance(asked, NoSlack):
            return asked
        one = asked.as_workspace(self.language)
        if not whole:
            return [replace(one, id=WorkspaceId(id))]
        listed = await self.oauth.workspaces(token)
        if isinstance(listed, NoSlack):
            return listed
        return [replace(one, id=team, name=name, bot_person=bot) for team, name in listed.items()]

    def _installation(self, granted: Granted) -> Installation:
        token, now = granted.token, self.clock.now()
        return Installation(
            id=granted.id,
            enterprise=granted.enterprise,
            sealed=self.sealer.seal(token.token),
            refresh=None if token.refresh is None else self.sealer.seal(token.refresh),
            bot_person=granted.bot_person,
            scopes=granted.scopes,
            installed_by=granted.installed_by,
            installed_at=now,
            expires_at=None if token.after is None else now + token.after,
        )

    def _keep(self, tx: Tx, kept: Installation, found: Sequence[Workspace]) -> None:
        """Whole or not at all. What waits for a workspace goes on; its language stays as it was."""
        installations.keep_installation(tx.connection, kept)
        self.keep_workspaces(tx, found, kept.enterprise)
        who = f"slack:{kept.installed_by}" if kept.installed_by else "slack"
        for each in found:
            line = Audit(
                who=who, action="installation.add", object=kept.id, before={}, after={"scopes": list(kept.scopes)}
            )
            note_in(tx.connection, each.id, kept.installed_at, line)
        alive = [sift.learnt(each, "alive", tx.new_id(), self.clock.now()) for each in found]
        tx.facts.keep(alive, self.clock.steady())

    def keep_workspaces(self, tx: Tx, found: Sequence[Workspace], enterprise: str | None) -> None:
        """Keep workspaces as Slack tells of them."""
        there = {each.id: each for each in workspaces_of(tx.connection)}
        for each in found:
            known = there.get(each.id)
            keep_workspace(tx.connection, each if known is None else replace(each, language=known.language))
        installations.belongs(tx.connection, [each.id for each in found], enterprise)

    async def ended(self, payload: Json) -> Sequence[WorkspaceId]:
        """Forget the tokens that an event calls dead; the workspaces it concerns, none where they live.

        Such an event may come late, after the app was installed again: Slack is asked. Without an answer the event's time tells.
        """
        installed = payload.get("authorizations")
        authorization: Mapping[str, object] = (items(installed) or [{}])[0]
        whole = authorization.get("is_enterprise_install") is True
        org = label(payload.get("enterprise_id")) or label(authorization.get("enterprise_id"))
        whose = org if whole and org else sift.team_of(payload)
        async with self.store.reading() as connection:
            kept = (await connection.run_sync(installations.installed)).by_id.get(whose)
        lives = None if kept is None or kept.sealed is None else await self._lives(kept.sealed)
        if lives or (lives is None and kept is not None and not _may_be_ours(payload, kept)):
            return ()
        at = sift.time_of(payload) or self.clock.now()

        def work(tx: Tx) -> Sequence[WorkspaceId]:
            known = installations.installed(tx.connection)
            now = known.by_id.get(whose)
            if now is not None and now.sealed is not None:
                if kept is None or now.sealed != kept.sealed:
                    return ()  # installed again since
                installations.revoke(tx.connection, whose, at)
            return known.workspaces(whose)

        concerned = await self.store.write(work)
        await self.changed()
        return concerned

    async def _lives(self, sealed: str) -> bool | None:
        """Whether Slack takes a token; None: it does not say."""
        try:
            token = self.sealer.open(sealed)
            async with asyncio.timeout(ASKED_WITHIN):
                asked = await SlackProbe(token=token, base_url=self.base_url, http=self.http).whoami()
        except (SealError, TimeoutError):
            return None
        if isinstance(asked, NoSlack):
            return False if asked.code in DEAD else None
        return True


def _may_be_ours(payload: Json, kept: Installation) -> bool:
    """Whether an event may mean this installation's token: by whose tokens it names, and by when it happened."""
    event, at = thing(payload.get("event")), sift.time_of(payload)
    bots = thing(event.get("tokens")).get("bot")
    others = event.get("type") == "tokens_revoked" and not (isinstance(bots, list) and kept.bot_person in bots)
    return not others and (at is None or at >= kept.installed_at)


class Renewing(Word, kw_only=True):
    """Brings the next token before one ends, where the app's tokens are rotated; and an organisation's new workspaces."""

    installing: Installing
    looked: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Look again and again, for ever; a database that is away is asked again."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.once()
            await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> None:
        """Do what is due."""
        work, now = self.installing, self.installing.clock.now()
        async with work.store.reading() as connection:
            known = await connection.run_sync(installations.installed)
        for each in known.by_id.values():
            if each.sealed is None:
                continue
            try:
                if each.refresh is not None and each.expires_at is not None and each.expires_at - now < EARLY:
                    await self._refresh(each, each.refresh, now)
                elif each.id == each.enterprise and now - self.looked.get(each.id, EPOCH) >= WORKSPACES_EVERY:
                    self.looked[each.id] = now
                    await self._look(each, each.sealed)
            except SealError:
                log.warning("installation.sealed", workspace=each.id, problem="BRIDGE_SECRET_KEY does not open it")

    async def _refresh(self, kept: Installation, refresh: str, now: datetime) -> None:
        """Exchange it, once among all processes."""
        work = self.installing
        token = work.sealer.open(refresh)
        if not await work.store.write(lambda tx: installations.claim_refresh(tx.connection, kept.id, now)):
            return
        fresh = await work.oauth.refreshed(token)
        if isinstance(fresh, NoSlack):
            log.warning("installation.not_refreshed", workspace=kept.id, code=fresh.code)
            return
        sealed = work.sealer.seal(fresh.token)
        following = None if fresh.refresh is None else work.sealer.seal(fresh.refresh)
        ends = None if fresh.after is None else now + fresh.after
        await work.store.write(
            lambda tx: installations.refreshed(
                tx.connection, kept.id, refresh, sealed=sealed, refresh=following, expires_at=ends
            )
        )
        await work.changed()

    async def _look(self, kept: Installation, sealed: str) -> None:
        work = self.installing
        found = await work.workspaces(kept.id, work.sealer.open(sealed), kept.bot_person, whole=True)
        if isinstance(found, NoSlack):
            log.warning("installation.workspaces_unknown", workspace=kept.id, code=found.code)
            return
        await work.store.write(lambda tx: work.keep_workspaces(tx, found, kept.enterprise))
        await work.changed()
