"""Somebody's page in the app's Home tab: what is theirs, who waits, what closes soon; for who looks after accounts, those.

https://docs.slack.dev/surfaces/app-home, https://docs.slack.dev/reference/methods/views.publish: at most 100 blocks; a
view that differs from the one whose ``hash`` is named is a conflict.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bridge.model.decision import Job
from bridge.model.effects import ShowHome
from bridge.model.home import HomeShown
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.outcomes import Outcome, Refused
from bridge.model.sheet import Sheet
from bridge.model.state import Workspace
from bridge.model.word import Word
from bridge.ports import Links
from bridge.slack.calls import Calls
from bridge.slack.errors import Kind
from bridge.slack.homes import accounts, agents, newcomer
from bridge.slack.homes.pieces import CONNECT, MOST_BLOCKS, Ways, small, text
from bridge.slack.phrase import Json
from bridge.slack.shapes import thing
from bridge.wording import Wording

RESTING = "resting"
"""The look of a page that bears nobody's name; `bridge.store.home` knows it as well."""
CONFLICT = "hash_conflict"
SLOTS = {CONNECT: 1800, "": 604_800}
"""Seconds (a link of each kind is good for twice as long) after which a page that is opened gets links that are younger."""


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def sheet(self, workspace: WorkspaceId, person: PersonRef, now: datetime) -> Sheet | None:
        """What stands on their page; None: nobody knows who they are."""
        ...


class Page(Word, kw_only=True):
    """A view as it is to be, with its look and what stands there now."""

    view: Json
    look: str
    before: str | None = None
    version: str | None = None

    def stands(self, *, opened: bool) -> bool:
        """Whether nothing is different; for somebody who has opened it links must be young as well."""
        if opened or self.before is None:
            return self.look == self.before
        return self.look.partition(":")[0] == self.before.partition(":")[0]


class Homes(Word, kw_only=True):
    """Shows people their pages. now: the time people go by. windows: ids of the buttons that open one. mail: a server is set."""

    reader: Reader
    now: Callable[[], datetime]
    links: Links | None = None
    windows: frozenset[str] = frozenset()
    mail: bool = True

    async def show(self, job: Job, effect: ShowHome, calls: Calls) -> Outcome:
        """Publish a page that differs from what stands."""
        page = await self._page(job.workspace, effect)
        if page.stands(opened=effect.opened):
            return HomeShown(look=page.before or page.look, version=page.version)
        answer = await _published(job, effect, calls, page, page.version)
        if isinstance(answer, Refused) and answer.code == CONFLICT:
            # Somebody else has published meanwhile, by what they had read earlier than this.
            page = await self._page(job.workspace, effect)
            answer = await _published(job, effect, calls, page, None)
        if not isinstance(answer, dict):
            return answer
        version = thing(answer.get("view")).get("hash")
        return HomeShown(look=page.look, version=version if isinstance(version, str) else None)

    async def stands(self, workspace: WorkspaceId, person: PersonRef) -> bool:
        """Say whether what stands is true; of whom nothing is known nothing can be wrong."""
        now = self.now()
        sheet = await self.reader.sheet(workspace, person, now)
        return sheet is None or self._of(sheet, now).stands(opened=False)

    async def _page(self, workspace: Workspace, effect: ShowHome) -> Page:
        now = self.now()
        sheet = await self.reader.sheet(workspace.id, effect.person, now)
        if effect.rest or sheet is None:
            language = workspace.language if sheet is None else sheet.language
            wording = Wording(language)
            blocks = [text((wording.say("home.resting" if effect.rest else "home.away"),))]
            look = RESTING if effect.rest else fingerprint(blocks)
            before, version = (None, None) if sheet is None else (sheet.look, sheet.version)
            return Page(view=_view(blocks), look=look, before=before, version=version)
        return self._of(sheet, now)

    def _of(self, sheet: Sheet, now: datetime) -> Page:
        blocks = drawn(sheet, self.links, now, self.windows, mail=self.mail)
        look = f"{fingerprint(blocks)}:{_slot(blocks, now)}"
        return Page(view=_view(blocks), look=look, before=sheet.look, version=sheet.version)


async def _published(job: Job, effect: ShowHome, calls: Calls, page: Page, version: str | None) -> Json | Outcome:
    return await calls.ask(
        job,
        Kind.CHANGE,
        lambda client: client.views_publish(user_id=effect.person, view=page.view, hash=version),
    )


def _view(blocks: list[Json]) -> Json:
    return {"type": "home", "blocks": blocks}


def drawn(
    sheet: Sheet, links: Links | None, now: datetime, windows: frozenset[str] = frozenset(), *, mail: bool = True
) -> list[Json]:
    """Return the blocks of somebody's page."""
    ways = Ways(sheet=sheet, wording=Wording(sheet.language), links=links, now=now, windows=windows, mail=mail)
    parts: list[list[Json]] = []
    if not sheet.connected:
        parts.append(newcomer.blocks(ways))
    else:
        parts += [agents.blocks(ways), accounts.blocks(ways)]
    parts.append(accounts.removed(ways))
    last = small(ways.said("home.help"))
    room = MOST_BLOCKS - 1
    return [*[block for part in parts for block in part][:room], last]


def fingerprint(blocks: list[Json]) -> str:
    """Return what changes exactly when a page looks different; an address that is another each time does not count."""
    return hashlib.sha256(json.dumps(_without_links(blocks), sort_keys=True).encode()).hexdigest()[:32]


def _without_links(value: object) -> object:
    if isinstance(value, dict):
        return {name: name == "url" or _without_links(each) for name, each in value.items()}
    return [_without_links(each) for each in value] if isinstance(value, list) else value


def _slot(blocks: list[Json], now: datetime) -> str:
    """Return what changes as links on a page grow old; nothing where there are none."""
    buttons = [each for block in blocks for each in block.get("elements", ()) if "url" in each]
    if not buttons:
        return ""
    seconds = min(SLOTS.get(each.get("action_id"), SLOTS[""]) for each in buttons)
    return str(int(now.timestamp()) // seconds)
