"""The settings window beneath the one that makes a key: its line about the key is drawn anew once there is one.

The door that took the window in looks; should it end meanwhile, the line is right again when its part is chosen.
"""

import asyncio
from typing import Protocol

import structlog

from bridge.model.change import replace
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.setup import SetupSheet
from bridge.model.state import Said
from bridge.ports import Clock
from bridge.slack.calls import ClientFor
from bridge.slack.setup import editing, keying
from bridge.slack.setup.about import About
from bridge.slack.setup.kinds import Drawing, view
from bridge.slack.shapes import Json
from bridge.wording import Wording

log = structlog.get_logger(__name__)

LOOKS = (0.3, 0.4, 0.6, 1.0, 2.0, 4.0)
"""Seconds (real time) before each look whether the key is made."""
WITHIN = 5.0
"""Seconds (real time) for drawing the window anew."""


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def sheet(self, workspace: WorkspaceId, person: PersonRef, account: AccountId) -> SetupSheet | None:
        """What a window shows of an account; None: the workspace has no such account."""
        ...


async def redrawn(
    shown: Json,
    about: About,
    workspace: WorkspaceId,
    person: PersonRef,
    *,
    reader: Reader,
    client_for: ClientFor,
    clock: Clock,
) -> None:
    """Wait until the key is made, and draw what is beneath anew, with all that was typed. shown: the window above, *about* its own."""
    try:
        sheet = await _made(about, workspace, person, reader)
        async with asyncio.timeout(WITHIN):
            client = None if sheet is None else await client_for(workspace)
            if sheet is None or client is None:
                return
            wording = Wording(about.language)
            seen = {name: mark for name, mark in about.seen.items() if name != keying.SETTING}
            beneath = replace(about, seen=seen, under="")
            made = editing.draw(Drawing(sheet=sheet, about=beneath, wording=wording, now=clock.now()))
            if isinstance(made, Said):
                return
            drawn = dict(view(editing.EDIT, made, wording))
            await client.views_update(view_id=str(shown.get("previous_view_id")), hash=about.under, view=drawn)
    except Exception as error:  # noqa: BLE001 - it may be closed by now, or show another part
        log.info("slack.window_beneath_not_drawn", error=type(error).__name__)


async def _made(about: About, workspace: WorkspaceId, person: PersonRef, reader: Reader) -> SetupSheet | None:
    """What there is once another key signs; None: that is not so in time."""
    for pause in LOOKS:
        await asyncio.sleep(pause)
        sheet = await reader.sheet(workspace, person, about.account)
        if sheet is None or sheet.beside.signer != about.seen.get(keying.SETTING, ""):
            return sheet
    return None
