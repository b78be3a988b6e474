"""``/bridge`` with a word that sets something up: what changes is kept before Slack hears that it was heard."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.model.ids import PersonRef, PlaceRef
from bridge.model.outcomes import RawItem
from bridge.model.setup import Change
from bridge.model.state import Workspace
from bridge.ports import Clock
from bridge.slack.phrase import Json
from bridge.slack.setup import kept
from bridge.wording import Wording

log = logging.getLogger(__name__)


class Inbox(Protocol):
    """What this needs of the store."""

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items; return after the commit."""
        ...


@dataclass(frozen=True, kw_only=True)
class Command:
    """A slash command of ours. word: its first; rest: what follows it. trigger: makes it the same when Slack repeats it."""

    workspace: Workspace
    person: PersonRef
    place: PlaceRef
    word: str
    rest: str
    trigger: str
    handle: str | None


@dataclass(frozen=True, kw_only=True)
class SetupDoor:
    """Takes in what people want set up."""

    store: Inbox
    clock: Clock

    async def command(self, asked: Command) -> Json | None:
        """Return what is answered at once, perhaps nothing yet; None: it is no word of this door's."""
        match asked.word:
            case "language":
                return await self._wanted(asked, Change.LANGUAGE, {"language": asked.rest})
            case _:
                return None

    async def _wanted(self, asked: Command, change: Change, values: dict[str, str]) -> Json:
        """Keep what is wanted; the answer comes when it is decided."""
        wanted = kept.Wanted(
            change=change,
            person=asked.person,
            once=asked.trigger,
            place=asked.place,
            handle=asked.handle,
            values=values,
            seen={},
        )
        try:
            await self.store.keep([kept.item(wanted, asked.workspace.id, self.clock.now())])
        except Exception as error:  # noqa: BLE001 - whatever the store says, whoever asked must hear that it is not kept
            log.error("slack: what somebody wants set up could not be kept: %s", type(error).__name__)  # noqa: TRY400
            return {"text": Wording(asked.workspace.language).say("list.away")}
        return {}


def read(workspace: Workspace, body: dict[str, str]) -> Command:
    """Return what a command says."""
    word, _, rest = body.get("text", "").strip().partition(" ")
    return Command(
        workspace=workspace,
        person=PersonRef(body.get("user_id", "")),
        place=PlaceRef(body.get("channel_id", "")),
        word=word.lower(),
        rest=" ".join(rest.split()),
        trigger=body.get("trigger_id", ""),
        handle=body.get("response_url"),
    )
