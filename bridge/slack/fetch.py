"""Agents' files, as Slack gives them out: looked up, then read into a file without a name.

Slack is asked for each file before it is read: in a channel that companies share its message holds no more than an id
(https://docs.slack.dev/apis/slack-connect), and it may have been deleted since.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bridge.media import sniff
from bridge.media.spool import TooLong, spooled
from bridge.model.decision import Job
from bridge.model.files import Fetched
from bridge.model.outcomes import Held, Later, Outcome, Refused, Scope, Unfit
from bridge.rules.answers.fitting import MB, MOST_PICTURE, Which
from bridge.rules.answers.outgoing import BARS
from bridge.slack.attached import bar_of, mime_of
from bridge.slack.calls import Calls
from bridge.slack.errors import Kind
from bridge.slack.files import attachment_of
from bridge.slack.shapes import thing

READ: Final = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=20)
AGAIN: Final = timedelta(seconds=3)
AWAY: Final = timedelta(seconds=30)
GONE: Final = frozenset({"file_not_found", "file_deleted"})
SLACK: Final = "slack.com"

Worth = Callable[[str, int], Unfit | None]
"""Says, by the type and length that Slack tells, why a file need not even be read; None: it is worth it."""


@asynccontextmanager
async def opened(calls: Calls, job: Job, which: Which, worth: Worth) -> AsyncIterator[Fetched | Outcome]:
    """Hand out the file that *job* names for as long as the block lasts, or say why there is none."""
    with tempfile.TemporaryFile(prefix="threadbridge-") as file:
        yield await _outcome(calls, job, which, worth, file)


async def _outcome(calls: Calls, job: Job, which: Which, worth: Worth, file: BinaryIO) -> Fetched | Outcome:
    attachment = attachment_of(job)
    if attachment is None or attachment.file is None:
        return Refused(code="other", why="other")
    name = str(attachment.file)
    answer = await calls.ask(job, Kind.LOOK, lambda client: client.files_info(file=name))
    if not isinstance(answer, dict):
        return _unseen(answer, which)
    told = thing(answer.get("file"))
    if (bar := bar_of(told)) is not None:
        return which.said(BARS[bar])
    size = told.get("size")
    if isinstance(size, int) and (unfit := worth(mime_of(told), size)) is not None:
        return unfit
    client = await calls.client(job.workspace.id)
    if client is None:
        return Later(after=AWAY, why="no_token", scope=Scope.TARGET)
    return await _read(client, told, which, file)


def _unseen(outcome: Outcome, which: Which) -> Outcome:
    """Say how the asking ended; nothing waits for a permission that may never come."""
    match outcome:
        case Refused(code=code) if code in GONE:
            return which.said("reply.file_gone")
        case Refused() | Held(cause="desk_scope"):
            return _with_retry(which.said("reply.file_forbidden"))
        case Held(code=code):
            return Later(after=AWAY, why=code, scope=Scope.ROW, last="file_unreadable")
        case Later(after=after, why=why, scope=scope):
            return Later(after=after, why=why, scope=_nearer(scope), last="file_unreadable")
        case _:
            return Later(after=AGAIN, why="lost", scope=Scope.ROW, last="file_unreadable")


def _nearer(scope: Scope) -> Scope:
    """A desk that is away holds no target of the network's: the row alone waits."""
    return Scope.ROW if scope is Scope.ROW else Scope.TARGET


async def _read(client: AsyncWebClient, told: Mapping[str, Any], which: Which, file: BinaryIO) -> Fetched | Outcome:
    url = str(told.get("url_private_download") or told.get("url_private") or "")
    if client.session is None or not is_slacks(url, client.base_url):
        return which.said("reply.file_unreadable")
    headers = {"Authorization": f"Bearer {client.token}"}
    try:
        async with client.session.get(url, headers=headers, timeout=READ, allow_redirects=False) as answer:
            if answer.status == 429 or answer.status >= 500:
                return Later(after=AGAIN, why=f"HTTP {answer.status}", scope=Scope.ROW, last="file_unreadable")
            if answer.status in {404, 410}:
                return which.said("reply.file_gone")
            if answer.status != 200:
                return _with_retry(which.said("reply.file_forbidden"))
            head, length = await spooled(answer, file, MOST_PICTURE)
            if _is_login(answer, told, length):
                return _with_retry(which.said("reply.file_forbidden"))
    except TooLong:
        return which.said("reply.file_too_large", maximum=MOST_PICTURE // MB)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Later(after=AGAIN, why=type(error).__name__, scope=Scope.ROW, last="file_unreadable")
    mime = await asyncio.to_thread(sniff.found, head, mime_of(told))
    return Fetched(file=file, length=length, mime=mime, name=str(told.get("name") or "file"))


def _is_login(answer: aiohttp.ClientResponse, told: Mapping[str, Any], length: int) -> bool:
    """Whether a page came in the place of the file: whom Slack does not let in gets its login page, with 200."""
    return answer.content_type == "text/html" and length != told.get("size")


def is_slacks(url: str, api: str) -> bool:
    """Whether our token may go there: to Slack's own hosts, or to the one that stands in for it."""
    try:
        there, ours = urlsplit(url), urlsplit(api)
    except ValueError:
        return False
    if (there.scheme, there.netloc) == (ours.scheme, ours.netloc):
        return True
    host = (there.hostname or "").lower()
    return there.scheme == "https" and (host == SLACK or host.endswith(f".{SLACK}")) and there.port in {None, 443}


def _with_retry(unfit: Unfit) -> Unfit:
    return Unfit(code=unfit.code, why=unfit.why, said=unfit.said, retry=True)
