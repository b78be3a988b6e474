"""What commands and `check` ask Slack: whose the token is and what it may, what time it is there, how a channel stands.

Nothing is kept, nothing is retried, nothing raises for what Slack answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.model.ids import GroupRef, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Workspace
from bridge.model.word import Word

TIMEOUT = 10
"""Seconds for one question."""
MOST_PAGES = 20
"""Pages of a listing that are read, 200 rows each."""


class NoSlack(Word, kw_only=True):
    """Slack said no, or nothing. code: Slack's own, empty when it did not answer."""

    code: str = ""

    @property
    def answered(self) -> bool:
        """Slack spoke: asking again would not help."""
        return bool(self.code)


class Whoami(Word, kw_only=True):
    """Whose the token is. at: Slack's time when it answered; scopes: what the token may (docs.slack.dev, auth.test)."""

    workspace: WorkspaceId
    name: str
    url: str
    bot_person: PersonRef
    bot_author: str
    scopes: frozenset[str]
    at: datetime | None

    def as_workspace(self, language: str) -> Workspace:
        """The workspace as the store keeps it."""
        return Workspace(
            id=self.workspace,
            name=self.name,
            url=self.url,
            language=language,
            bot_person=self.bot_person,
            bot_author=self.bot_author,
        )


class ChannelState(Word, kw_only=True):
    """How a channel stands. outside: shared with another company (docs.slack.dev, conversation object)."""

    member: bool
    archived: bool
    outside: bool
    writable: bool


class Channel(Word, kw_only=True):
    """A channel that the bridge is in."""

    place: PlaceRef
    name: str


class PersonState(Word, kw_only=True):
    """Who somebody is. gone: deactivated (docs.slack.dev, user object)."""

    gone: bool
    bot: bool


class SlackProbe:
    """Asks with one bot token. team: the workspace that is meant, where the token is a whole organisation's."""

    def __init__(
        self, *, token: str, base_url: str, http: aiohttp.ClientSession, team: WorkspaceId | None = None
    ) -> None:
        self._client = AsyncWebClient(
            token, base_url=base_url, timeout=TIMEOUT, session=http, retry_handlers=[], team_id=team
        )

    async def whoami(self) -> Whoami | NoSlack:
        """Ask whose the token is."""
        answer = await self._ask("auth.test", {})
        if isinstance(answer, NoSlack):
            return answer
        said, headers = answer
        return Whoami(
            workspace=WorkspaceId(str(said.get("team_id", ""))),
            name=str(said.get("team", "")),
            url=str(said.get("url", "")),
            bot_person=PersonRef(str(said.get("user_id", ""))),
            bot_author=str(said.get("bot_id", "")),
            scopes=frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip()),
            at=_date(headers.get("date")),
        )

    async def channel(self, place: PlaceRef) -> ChannelState | NoSlack:
        """Ask how a channel stands."""
        answer = await self._ask("conversations.info", {"channel": place})
        if isinstance(answer, NoSlack):
            return answer
        said = answer[0].get("channel")
        channel: Mapping[str, Any] = said if isinstance(said, dict) else {}
        return ChannelState(
            member=channel.get("is_member") is True,
            archived=channel.get("is_archived") is True,
            outside=channel.get("is_ext_shared") is True or channel.get("is_pending_ext_shared") is True,
            writable=not any(channel.get(name) is True for name in ("is_read_only", "is_non_threadable")),
        )

    async def channels(self) -> tuple[Channel, ...] | NoSlack:
        """Ask for the channels that the bridge is in and that nobody of another company reads (docs.slack.dev, users.conversations)."""
        found: list[Channel] = []
        asked = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "200"}
        for _ in range(MOST_PAGES):
            answer = await self._ask("users.conversations", asked)
            if isinstance(answer, NoSlack):
                return answer
            listed = answer[0].get("channels")
            found += [channel for channel in map(_channel, listed if isinstance(listed, list) else []) if channel]
            more = answer[0].get("response_metadata")
            cursor = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
            if not cursor:
                break
            asked = {**asked, "cursor": cursor}
        return tuple(sorted(found, key=lambda each: each.name))

    async def person(self, person: PersonRef) -> PersonState | NoSlack:
        """Ask who somebody is."""
        answer = await self._ask("users.info", {"user": person})
        if isinstance(answer, NoSlack):
            return answer
        said = answer[0].get("user")
        user: Mapping[str, Any] = said if isinstance(said, dict) else {}
        return PersonState(gone=user.get("deleted") is True, bot=user.get("is_bot") is True)

    async def groups(self) -> frozenset[GroupRef] | NoSlack:
        """Ask for the user groups that are in use."""
        answer = await self._ask("usergroups.list", {})
        if isinstance(answer, NoSlack):
            return answer
        said = answer[0].get("usergroups")
        groups = said if isinstance(said, list) else []
        return frozenset(GroupRef(str(each.get("id", ""))) for each in groups if isinstance(each, dict))

    async def _ask(self, method: str, arguments: dict[str, str]) -> tuple[Mapping[str, Any], dict[str, str]] | NoSlack:
        try:
            answer = await self._client.api_call(method, params=arguments)
        except SlackApiError as error:
            said = error.response.data if isinstance(error.response.data, dict) else {}
            return NoSlack(code=str(said.get("error", "")))
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError, ValueError):
            return NoSlack()
        data = answer.data if isinstance(answer.data, dict) else {}
        return data, {name.lower(): str(value) for name, value in answer.headers.items()}


def _channel(said: object) -> Channel | None:
    """One that conversations may come to; others' eyes are in a shared one."""
    channel: Mapping[str, Any] = said if isinstance(said, dict) else {}
    place, name = channel.get("id"), channel.get("name")
    outside = channel.get("is_ext_shared") is True or channel.get("is_pending_ext_shared") is True
    if not isinstance(place, str) or not isinstance(name, str) or outside or channel.get("is_archived") is True:
        return None
    return Channel(place=PlaceRef(place), name=name)


def _date(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        found = parsedate_to_datetime(header)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
