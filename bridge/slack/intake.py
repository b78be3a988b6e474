"""The door for Slack: check, keep, answer. Slack hears 200 only after everything in the request is committed.

The same room serves both doors: requests over HTTP (`receive`) and envelopes over sockets (`bridge.slack.sockets`).

Our own handler and not Bolt's, because Bolt acknowledges an event before its listener has run, and logs what it refuses.
Refused bodies are never logged. https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qs

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bridge import incoming, quickjson
from bridge.model.errors import StoreUnavailable
from bridge.model.ids import WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.word import Word
from bridge.ports import Clock, Inbox
from bridge.slack import sift
from bridge.slack.commands import Workspaces
from bridge.slack.setup import asking as set_up
from bridge.slack.setup import pressed, sent
from bridge.slack.shapes import Json, thing, workspace_of
from bridge.slack.windows import asking, submitted

log = structlog.get_logger(__name__)

MOST_BYTES = 2 * 1024 * 1024
MOST_SKEW = timedelta(minutes=5)
"""How far a request's time may be from ours; older ones may be played back by somebody else."""

KEPT_WITHIN = 2.5
"""Seconds (real time) for the database: Slack waits for three, and hears that it shall come again while it still listens.

What is kept a moment later all the same counts once, by its key. https://docs.slack.dev/apis/events-api
"""
ANSWERED = frozenset(["view_closed", "block_suggestion", "shortcut"])
"""Interactions that Bolt answers; they are questions, not facts."""


class Endings(Protocol):
    """Who hears that an installation is over (`bridge.installing.Installing`)."""

    async def ended(self, payload: Json) -> Sequence[WorkspaceId]:
        """Which workspaces an event concerns that calls tokens dead; none where they have others since."""
        ...


class SetupWindows(Protocol):
    """What this door needs of windows that set something up."""

    def ask(self, payload: Json) -> bool:
        """Begin to answer; false: too many are being answered."""
        ...

    async def taken(
        self, payload: Json
    ) -> RawItem | Mapping[str, str] | set_up.Question | set_up.Staying | set_up.Anew:
        """What is kept of one that is sent in; or what is wrong with it, by field."""
        ...


class Windows(Protocol):
    """What this door needs to have windows opened."""

    def ask(self, payload: Json) -> bool:
        """Begin to answer; false: too many are being answered."""
        ...

    async def wrong(self, payload: Json) -> Mapping[str, str]:
        """What is wrong, by field, with a window that is sent in, as things stand."""
        ...


class Presses(Protocol):
    """What answers buttons that ask how things stand."""

    def pressed(self, payload: Json) -> bool:
        """Begin to answer; false: too many are being answered."""
        ...


class Answer(Word, kw_only=True):
    """What Slack hears. status: as HTTP has it; anything but 200 lets Slack come again. body: shown to whoever asked."""

    status: int = 200
    body: Json | None = None


UNKEPT = Answer(status=503)


class SlackIntake(Word, kw_only=True):
    """Takes in what Slack says.

    secrets: every signing secret that counts, so that one can be changed without a gap. endings: where the app is
    installed by OAuth.
    """

    store: Inbox
    clock: Clock
    workspaces: Workspaces
    secrets: Sequence[str]
    bolt: AsyncApp
    windows: Windows
    setups: SetupWindows
    presses: Presses | None = None
    endings: Endings | None = None

    async def receive(self, request: web.Request) -> web.Response:
        """Answer ``POST /slack/events``: events, commands and interactions alike."""
        raw = await incoming.body(request, MOST_BYTES)
        if isinstance(raw, web.Response):
            return raw
        if not await self._genuine(request.headers, raw):
            return web.Response(status=401)
        payload = read(raw, request.content_type)
        if payload is None:
            return web.Response(status=400)
        answer = await self.answer(payload)
        if answer.body is None:
            return web.Response(status=answer.status)
        return web.json_response(answer.body, status=answer.status)

    async def answer(self, payload: Json) -> Answer:
        """Keep, or answer, what Slack says, by whichever way it came; nobody but Slack may have said it."""
        if payload.get("type") == "url_verification":
            return Answer(body={"challenge": str(payload.get("challenge", ""))})
        if self.presses is not None and pressed.asks(payload):
            return Answer() if self.presses.pressed(payload) else UNKEPT
        if sent.opens(payload):
            return Answer() if self.setups.ask(payload) else UNKEPT
        if asking.opens(payload):
            return Answer() if self.windows.ask(payload) else UNKEPT
        if payload.get("type") == "view_submission":
            return await self._submitted(payload)
        if wants_answer(payload):
            return await self._answered(payload)
        return Answer() if await self.keep(payload) else UNKEPT

    async def keep(self, payload: Json) -> bool:
        """Keep what a payload says; false when it cannot be kept, so that Slack shall come again."""
        payloads: Sequence[Json] = [payload]
        if self.endings is not None and sift.revokes(payload):
            try:
                payloads = [sift.of_team(payload, each) for each in await self.endings.ended(payload)]
            except StoreUnavailable:
                return False
        now, there = self.clock.now(), self.workspaces()
        return await self._kept([item for each in payloads for item in sift.split(each, there, now)])

    async def missed(self) -> None:
        """Keep that Slack may have told things in vain, so that open threads are read again."""
        await self._kept([sift.missed(each, self.clock.now()) for each in self.workspaces()])

    async def _submitted(self, payload: Json) -> Answer:
        """Say what is wrong with a window at its fields, else keep what was sent in; it closes when that is committed."""
        if sent.sent_in(payload):
            taken = await self.setups.taken(payload)
            if isinstance(taken, set_up.Question):
                return Answer(body={"response_action": "push", "view": dict(taken.view)})
            if isinstance(taken, set_up.Anew):
                return Answer(body={"response_action": "update", "view": dict(taken.view)})
            if isinstance(taken, set_up.Staying):
                stays = Answer(body={"response_action": "update", "view": dict(taken.view)})
                return stays if await self._kept([taken.item]) else UNKEPT
            answer = await self._closed(taken)
            both = answer == Answer() and sent.is_question(payload)
            return Answer(body={"response_action": "clear"}) if both else answer
        root = submitted.root_of(payload)
        if root is None:
            return Answer()  # of another version of ours, or nobody's
        lane = sift.lane_of(workspace_of(payload), root)
        typed = submitted.taken(payload, lane, self.clock.now())
        wrong = None if typed is None or isinstance(typed, Mapping) else await self.windows.wrong(payload)
        return await self._closed(wrong or typed)

    async def _closed(self, taken: RawItem | Mapping[str, str] | None) -> Answer:
        """Say what is wrong, by field; else keep it, and let the window close."""
        if isinstance(taken, RawItem):
            return Answer() if await self._kept([taken]) else UNKEPT
        return Answer(body={"response_action": "errors", "errors": dict(taken)}) if taken else Answer()

    async def _kept(self, items: Sequence[RawItem]) -> bool:
        if not items:
            return True
        try:
            async with asyncio.timeout(KEPT_WITHIN):
                await self.store.keep(items)
        except Exception as error:  # noqa: BLE001 - whatever the store says, Slack must hear that it is not kept
            log.error("slack.not_kept", items=len(items), error=type(error).__name__)  # noqa: TRY400 - the trace would hold the words
            return False
        return True

    async def _genuine(self, headers: Mapping[str, str], raw: bytes) -> bool:
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        if not signed(raw, stamp, headers.get("X-Slack-Signature", ""), self.secrets):
            return False
        if timely(stamp, self.clock.now()):
            return True
        # In a demo the clock is kept elsewhere and may have been moved a moment ago.
        await self.clock.refresh()
        return timely(stamp, self.clock.now())

    async def _answered(self, payload: Json) -> Answer:
        """Let Bolt route it. Bolt's word for what was checked before it came is *socket_mode*, by HTTP as well."""
        return _read_answer(
            await self.bolt.async_dispatch(AsyncBoltRequest(body=dict(payload), headers={}, mode="socket_mode"))
        )


def _read_answer(answer: BoltResponse) -> Answer:
    if answer.status in (404, 500):
        return Answer()  # not routed, or of a shape that Bolt stumbled over: new to us, no reason to be sent it again
    if not answer.body:
        return Answer(status=answer.status)
    said = _object(answer.body.encode()) if answer.body.startswith("{") else None
    return Answer(status=answer.status, body=said or {"text": answer.body})


def signed(raw: bytes, stamp: str, signature: str, secrets: Sequence[str]) -> bool:
    """Whether *signature* (``v0=`` and 64 hex digits) signs the time stamp and the raw body with one of the secrets."""
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return False
    given, genuine = signature.encode(errors="replace"), False
    for secret in secrets:
        digest = hmac.digest(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, "sha256")
        genuine |= hmac.compare_digest(b"v0=" + digest.hex().encode(), given)
    return genuine


def timely(stamp: str, now: datetime) -> bool:
    """Whether a checked time stamp, in seconds since the epoch, is near enough to *now*."""
    return abs(now.timestamp() - int(stamp)) <= MOST_SKEW.total_seconds()


def read(raw: bytes, content_type: str) -> Json | None:
    """Return what a body says: JSON, a form with JSON in it, or a command's form; None: it cannot be read."""
    try:
        if content_type == "application/json" or raw.lstrip().startswith(b"{"):
            return _object(raw)
        given = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=100)
        form = {name: values[0] for name, values in given.items()}
        return _object(form["payload"].encode()) if "payload" in form else form or None
    except (ValueError, RecursionError):
        return None


def wants_answer(payload: Json) -> bool:
    """Whether Slack shows the answer to somebody: a command, a window, a menu."""
    if "command" in payload and "type" not in payload:
        return True
    kind = payload.get("type")
    in_window = kind == "block_actions" and thing(payload.get("container")).get("type") == "view"
    return (in_window and not sift.at_home(payload)) or (isinstance(kind, str) and kind in ANSWERED)


def _object(text: bytes) -> dict[str, Any] | None:
    value = quickjson.loads(text)
    return value if isinstance(value, dict) else None
