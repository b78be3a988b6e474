"""One call of the Graph API over HTTP: what came back, or whether it may have left. Retries nothing, follows nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import ClassVar, Final

import aiohttp

from bridge.meta.graph import GraphRequest
from bridge.meta.loose import Json, loads
from bridge.model.files import Fetched
from bridge.model.word import Word
from bridge.quickjson import dumps

CONNECT: Final = timedelta(seconds=5)
SEND: Final = timedelta(seconds=20)
READ: Final = timedelta(seconds=10)
UPLOAD: Final = timedelta(seconds=120)
"""A file of 25 MB, also by a line of 2 Mbit/s."""
JSON: Final = {"Content-Type": "application/json"}
NOTHING: Final[Mapping[str, str]] = {}


class Answer(Word, kw_only=True):
    """What Meta said. said: its JSON, None when it was none."""

    HIDDEN: ClassVar = frozenset({"said"})

    status: int
    headers: Mapping[str, str]
    said: Json


class NoAnswer(Word, kw_only=True):
    """Nothing was heard. left: the request may have reached Meta."""

    left: bool
    why: str


async def call(
    http: aiohttp.ClientSession,
    request: GraphRequest,
    *,
    within: timedelta,
    file: Fetched | None = None,
    once: bool = False,
) -> Answer | NoAnswer:
    """Do one call; never raises for what the other side or the way to it does. file: goes along in a form.

    once: also a GET whose connection breaks leaves only once.
    """
    body, kind = _said(request) if file is None else (_form(request, file), NOTHING)
    try:
        async with http.request(
            request.method,
            request.url,
            params=request.params,
            data=body,
            headers={**request.headers, **kind},
            timeout=_timeout(within),
            allow_redirects=False,  # the token goes to no other host
            middlewares=(_once,) if once else None,
        ) as reply:
            return Answer(status=reply.status, headers=reply.headers, said=_json(await reply.read()))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        return NoAnswer(left=False, why=type(error).__name__)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return NoAnswer(left=True, why=type(error).__name__)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the library from repeating a GET by itself, which it does for these two errors."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error


def _said(request: GraphRequest) -> tuple[bytes | Mapping[str, str] | None, Mapping[str, str]]:
    """The request's body and its kind. JSON is written here, in a fifth of the time in which the library would."""
    return (request.form, NOTHING) if request.body is None else (dumps(request.body), JSON)


def _form(request: GraphRequest, file: Fetched) -> aiohttp.FormData:
    """The request's body as a form, and the file as its last part; its reader is one of its own, for it is closed."""
    form = aiohttp.FormData(quote_fields=False)  # names as browsers send them, in UTF-8
    for name, value in (request.body or {}).items():
        form.add_field(name, str(value))
    file.file.seek(0)
    reader = os.fdopen(os.dup(file.file.fileno()), "rb")
    form.add_field("filedata", reader, filename=file.name, content_type=file.mime)
    return form


@cache
def _timeout(within: timedelta) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=within.total_seconds(), connect=CONNECT.total_seconds())


def _json(body: bytes) -> Json:
    try:
        return loads(body)
    except ValueError:
        return None
