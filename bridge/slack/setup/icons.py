"""An account's picture: the window that takes one, and whether what came is one. Slack shows it over the bridge's own posts."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.media import sniff
from bridge.model.ids import AccountId, WorkspaceId
from bridge.model.setup import Change
from bridge.model.state import Said, Wish
from bridge.model.word import Word
from bridge.slack.blocks import section, small
from bridge.slack.fetch import is_slacks
from bridge.slack.setup.confirming import said
from bridge.slack.setup.kinds import Drawing, Drawn, SetupWindow
from bridge.slack.shapes import Json, thing
from bridge.slack.windows import forms
from bridge.slack.windows.forms import Given, Upload

FIELD = "icon"
MOST_BYTES = 1024 * 1024
"""Of a picture: 1 MB."""
TYPES = frozenset({"image/jpeg", "image/png"})
WITHIN = 2.0
"""Seconds (real time) in which Slack must hand a picture out; the window must be answered within 3."""
UPLOAD = Upload(
    name=FIELD, label="set_up.icon_field", hint="set_up.icon_hint", optional=True, types=("jpg", "jpeg", "png")
)
LARGE, NONE, UNREAD = Said(key="set_up.icon_large"), Said(key="set_up.icon_none"), Said(key="set_up.icon_unread")


class Icons(Protocol):
    """What this needs of the store."""

    async def keep(self, workspace: WorkspaceId, account: AccountId, kind: str, content: bytes, now: datetime) -> str:
        """Keep a picture; return its name."""
        ...


class Picture(Word, kw_only=True):
    """A picture that can be an account's."""

    kind: str
    content: bytes


def _draw(drawing: Drawing) -> Drawn | Said:
    account = drawing.sheet.account
    if account.wish is Wish.REMOVED:
        return Said(key="set_up.is_removed", values={"account": account.name})
    stands = [small(said(drawing, "set_up.icon_stands"))] if account.icon is not None else []
    blocks = [section(said(drawing, "set_up.icon_what")), *stands, forms.draw(UPLOAD, drawing.wording)]
    return Drawn(blocks=blocks, about=drawing.about)


def _typed(_: object, values: Mapping[str, Given]) -> dict[str, str]:
    return {FIELD: str(values.get(FIELD) or "")}


async def fetched(client: AsyncWebClient, file: str) -> Picture | Said:
    """Return the picture that somebody has uploaded; or what is wrong with it."""
    try:
        async with asyncio.timeout(WITHIN):
            told = thing((await client.files_info(file=file)).get("file"))
            size = told.get("size")
            return LARGE if isinstance(size, int) and size > MOST_BYTES else await _read(client, told)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
        return UNREAD


async def _read(client: AsyncWebClient, told: Json) -> Picture | Said:
    url = str(told.get("url_private_download") or told.get("url_private") or "")
    if client.session is None or not is_slacks(url, client.base_url):
        return UNREAD
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(url, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:
            return UNREAD
        content = bytearray()
        async for piece in answer.content.iter_chunked(64 * 1024):
            content += piece
            if len(content) > MOST_BYTES:
                return LARGE
    kind = next(iter(sniff.kinds_of(bytes(content[: sniff.HEAD]))), "")
    return Picture(kind=kind, content=bytes(content)) if kind in TYPES else NONE


ICON = SetupWindow(
    name="setup:icon",
    title="set_up.icon_title",
    submit="button.save",
    change=Change.ICON,
    draw=_draw,
    fields=lambda _: (UPLOAD,),
    typed=_typed,
)
