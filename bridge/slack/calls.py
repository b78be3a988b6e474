"""One call of the Web API and how it ended. It never retries, and nothing but a bug raises.

Retrying belongs to the outbox: the SDK's own handler would repeat a post after a reset connection.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge.model.decision import Job
from bridge.model.ids import WorkspaceId
from bridge.model.outcomes import Done, Held, Outcome, Refused, Scope
from bridge.slack import errors
from bridge.slack.errors import Kind

Json = dict[str, Any]
ClientFor = Callable[[WorkspaceId], Awaitable[AsyncWebClient | None]]
"""Gives the client of a workspace, with its token; None: there is no token."""
Ask = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]

SDK_LOG = logging.getLogger("bridge.slack.sdk")
"""The SDK's and Bolt's own log; below warnings they write out whole requests, and so customers' words."""
SDK_LOG.setLevel(logging.WARNING)

TIMEOUT = timedelta(seconds=10)
"""How long one call may take."""
LIMIT_WINDOW = 60.0  # seconds: a second channel limited within it means that the workspace is


def web_client(token: str, *, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Make a client that shares *session* and retries nothing.

    base_url: where the Web API is, ``https://slack.com/api/`` or a stand-in's.
    """
    seconds = int(TIMEOUT.total_seconds())
    return AsyncWebClient(
        token=token, base_url=base_url, session=session, retry_handlers=[], timeout=seconds, logger=SDK_LOG
    )


class Calls:
    """Calls for jobs; remembers which channels were limited, nothing else."""

    def __init__(self, client_for: ClientFor, *, timeout: timedelta = TIMEOUT) -> None:
        self._client_for = client_for
        self._timeout = timeout.total_seconds()
        self._limited: dict[WorkspaceId, tuple[str, float]] = {}

    async def ask(
        self, job: Job, kind: Kind, ask: Ask, *, channel: str = "", limited: Scope = Scope.TARGET
    ) -> Json | Outcome:
        """Call once: the answer, or how it ended.

        channel: where a post goes, so that a second limited channel is known for a limit of the workspace.
        limited: how far a limit of this method reaches.
        """
        client = await self._client_for(job.workspace.id)
        if client is None:
            return Held(cause="desk_token", scope=Scope.TOP, code="no_token")
        try:
            async with asyncio.timeout(self._timeout):
                response = await ask(client)
        except SlackApiError as error:
            return self._refusal(error.response, kind, job.workspace.id, channel, limited)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return errors.unreachable(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return errors.lost(type(error).__name__, kind)
        return response.data if isinstance(response.data, dict) else errors.lost("no JSON", kind)

    async def client(self, workspace: WorkspaceId) -> AsyncWebClient | None:
        """Return the client of a workspace; None: there is no token for it."""
        return await self._client_for(workspace)

    async def session(self, workspace: WorkspaceId) -> aiohttp.ClientSession | None:
        """Return the connections by which a workspace is called; None: there is no token for it."""
        client = await self._client_for(workspace)
        return None if client is None else client.session

    async def respond(self, job: Job, url: str, body: Json) -> Outcome:
        """Send to a response_url: five times within thirty minutes (docs.slack.dev, Handling user interaction)."""
        client = await self._client_for(job.workspace.id)
        session = client.session if client is not None else None
        webhook = AsyncWebhookClient(url, session=session, retry_handlers=[], logger=SDK_LOG)
        try:
            async with asyncio.timeout(self._timeout):
                status = (await webhook.send_dict(body)).status_code
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return errors.unreachable(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return errors.lost(type(error).__name__, Kind.CHANGE)
        if status == 429 or status >= 500:
            return errors.lost(f"HTTP {status}", Kind.CHANGE)
        return Done() if status == 200 else errors.read("expired_url", Kind.CHANGE)

    def _refusal(self, response: object, kind: Kind, workspace: WorkspaceId, channel: str, limited: Scope) -> Outcome:
        """Read an answer that is not ok; *response* is aiohttp's own where its body was no JSON."""
        data = response.data if isinstance(response, AsyncSlackResponse) else None
        answer: Json = data if isinstance(data, dict) else {}
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        code = answer.get("error")
        if status == 429:
            code = "ratelimited"
        if not isinstance(code, str) or not code or status >= 500:
            return errors.lost(f"HTTP {status}", kind)
        if _about_picture(answer):
            return Refused(code="picture", why="desk_content")
        if code in ("ratelimited", "rate_limited") and channel:
            limited = self._reach(workspace, channel)
        needed = answer.get("needed")
        return errors.read(
            code,
            kind,
            after=_retry_after(response),
            needed=needed if isinstance(needed, str) else "",
            limited=limited,
        )

    def _reach(self, workspace: WorkspaceId, channel: str) -> Scope:
        """Say how far a limit reaches: Slack does not tell a channel's from the workspace's (docs.slack.dev, Rate limits)."""
        now = asyncio.get_running_loop().time()
        before, since = self._limited.get(workspace, (channel, now))
        self._limited[workspace] = (channel, now)
        return Scope.PARENT if before != channel and now - since < LIMIT_WINDOW else Scope.TARGET


def _retry_after(response: object) -> timedelta | None:
    headers = getattr(response, "headers", None) or {}
    text = str(headers.get("Retry-After", ""))
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _about_picture(answer: Json) -> bool:
    """Whether Slack did not like a picture: its address, or what it found there."""
    metadata = answer.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    words = " ".join(map(str, messages)) if isinstance(messages, list) else ""
    return "/icon_url" in words or "downloading image failed" in words or "invalid slack file" in words
