"""Installing by OAuth: where people are sent, and what Slack gives for the code they come back with.

https://docs.slack.dev/authentication/installing-with-oauth and /authentication/using-token-rotation
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.word import Word
from bridge.slack.calls import web_client
from bridge.slack.probe import NoSlack
from bridge.slack.shapes import items, label, thing


class Token(Word, kw_only=True):
    """A bot's token. refresh: brings the next one, where tokens are rotated; after: how long this one lives."""

    HIDDEN: ClassVar = frozenset({"token", "refresh"})

    token: str
    refresh: str | None = None
    after: timedelta | None = None


class Granted(Word, kw_only=True):
    """What somebody allowed. workspace: None where it is for all of an organisation's, whose id is *enterprise*."""

    token: Token
    workspace: WorkspaceId | None
    enterprise: str | None
    bot_person: PersonRef
    scopes: tuple[str, ...]
    installed_by: PersonRef | None

    @property
    def id(self) -> str:
        """Of the installation: the workspace's, or the organisation's."""
        return self.workspace or self.enterprise or ""


class SlackOAuth(Word, kw_only=True):
    """Asks Slack as the app itself. base_url: of the Web API; the page for people is found from it."""

    HIDDEN: ClassVar = frozenset({"client_secret"})

    client_id: str
    client_secret: str
    base_url: str
    http: aiohttp.ClientSession

    def page(self, *, scopes: Collection[str], state: str, redirect: str | None) -> str:
        """Where somebody is sent to allow it. redirect: where they come back; None: where the app's settings say."""
        asked = {"client_id": self.client_id, "scope": ",".join(sorted(scopes)), "state": state}
        if redirect is not None:
            asked["redirect_uri"] = redirect
        return f"{urljoin(self.base_url, '../oauth/v2/authorize')}?{urlencode(asked)}"

    async def granted(self, code: str, *, redirect: str | None) -> Granted | NoSlack:
        """Exchange a code, which counts once."""
        answer = await self._access({"code": code} | ({"redirect_uri": redirect} if redirect is not None else {}))
        if isinstance(answer, NoSlack):
            return answer
        team, org = (label(thing(answer.get(each)).get("id")) for each in ("team", "enterprise"))
        whole = answer.get("is_enterprise_install") is True
        by = label(thing(answer.get("authed_user")).get("id"))
        found = Granted(
            token=_token(answer),
            workspace=None if whole or not team else WorkspaceId(team),
            enterprise=org or None,
            bot_person=PersonRef(label(answer.get("bot_user_id"))),
            scopes=tuple(sorted(filter(None, label(answer.get("scope")).split(",")))),
            installed_by=PersonRef(by) if by else None,
        )
        return found if found.id and found.token.token else NoSlack(code="no_bot_token")

    async def refreshed(self, refresh: str) -> Token | NoSlack:
        """Exchange a refresh token, which counts once, for the next token."""
        answer = await self._access({"grant_type": "refresh_token", "refresh_token": refresh})
        return answer if isinstance(answer, NoSlack) else _token(answer)

    async def workspaces(self, token: str) -> dict[WorkspaceId, str] | NoSlack:
        """The workspaces of an organisation that may use the app, and their names (docs.slack.dev, auth.teams.list)."""
        client, found, cursor = (
            web_client(token, base_url=self.base_url, session=self.http),
            dict[WorkspaceId, str](),
            "",
        )
        while True:
            try:
                answer = await client.auth_teams_list(cursor=cursor or None, limit=100)
            except SlackApiError as error:
                return NoSlack(code=_code(error))
            except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError, ValueError):
                return NoSlack()
            said = answer.data if isinstance(answer.data, dict) else {}
            teams = items(said.get("teams"))
            found |= {WorkspaceId(label(each.get("id"))): label(each.get("name")) for each in teams}
            cursor = label(thing(said.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return found

    async def _access(self, asked: Mapping[str, str]) -> Mapping[str, Any] | NoSlack:
        own = {"client_id": self.client_id, "client_secret": self.client_secret}
        client = web_client("", base_url=self.base_url, session=self.http)
        try:
            answer = await client.api_call("oauth.v2.access", data={**own, **asked})
        except SlackApiError as error:
            return NoSlack(code=_code(error))
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError, ValueError):
            return NoSlack()
        return answer.data if isinstance(answer.data, dict) else {}


def _token(answer: Mapping[str, Any]) -> Token:
    lives, refresh = answer.get("expires_in"), label(answer.get("refresh_token"))
    seconds = lives if isinstance(lives, int) and lives > 0 else None
    return Token(
        token=label(answer.get("access_token")),
        refresh=refresh or None,
        after=None if seconds is None else timedelta(seconds=seconds),
    )


def _code(error: SlackApiError) -> str:
    return label(thing(getattr(error.response, "data", None)).get("error"))
