"""``/bridge`` with a word that sets up, or tells what is set up, answered within the three seconds that Slack gives.

What only reads is answered at once; what changes something is kept before Slack hears that it was heard, and answered when
it is decided. https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.model.facts import PersonLearnt
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Person
from bridge.model.survey import Survey
from bridge.ports import Clock, Links
from bridge.slack.calls import ClientFor
from bridge.slack.learnt import person_learnt
from bridge.slack.phrase import Json
from bridge.slack.setup import kept, lookups
from bridge.slack.setup.lookups import ProbeFor
from bridge.slack.setup.room import Room, Want, saying
from bridge.slack.setup.spoken import Command
from bridge.slack.setup.words import OPEN, WORDS
from bridge.slack.shapes import thing
from bridge.wording import Wording

log = logging.getLogger(__name__)

WITHIN = 2.0
"""Seconds (real time) for all that is looked up."""
KEPT_WITHIN = 0.7
"""Seconds (real time) in which what is to change must be kept."""


class Inbox(Protocol):
    """What this needs of the store."""

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items; return after the commit."""
        ...


class Reader(Protocol):
    """What this needs of the store besides, which only looks."""

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        ...

    async def survey(self, workspace: WorkspaceId) -> Survey | None:
        """What is set up there."""
        ...


@dataclass(frozen=True, kw_only=True)
class SetupDoor:
    """Takes in what people want set up, and tells what is. ops: whether the house has an alerts channel of its own."""

    store: Inbox
    reader: Reader
    clock: Clock
    client_for: ClientFor
    probe_for: ProbeFor
    links: Links | None = None
    ops: bool = False

    async def command(self, asked: Command) -> Json | None:
        """Return what is answered at once, perhaps nothing yet; None: it is no word of this door's."""
        if asked.word not in WORDS:
            return None
        try:
            async with asyncio.timeout(WITHIN):
                room = await self._room(asked)
                answer = _away(asked) if room is None else await self._answered(room)
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
            log.warning("slack: what is set up was not looked up: %s", type(error).__name__)
            return _away(asked)
        return await self._kept(asked, answer) if isinstance(answer, Want) else answer

    async def _room(self, asked: Command) -> Room | None:
        """Who asks and what there is, read side by side; None: nobody can say."""
        person, survey = await asyncio.gather(self._person(asked), self.reader.survey(asked.workspace.id))
        if person is None or survey is None:
            return None
        return Room(
            asked=asked,
            person=person,
            survey=survey,
            wording=Wording(person.language or survey.workspace.language),
            now=self.clock.now(),
            links=self.links,
            ops=self.ops,
        )

    async def _person(self, asked: Command) -> Person | None:
        """Who asks; Slack is asked where the store does not know whether they may set up."""
        known = await self.reader.person(asked.workspace.id, asked.person)
        if known is not None and known.admin is not None:
            return known
        client = await self.client_for(asked.workspace.id)
        if client is None:
            return known
        user = (await client.users_info(user=asked.person, include_locale=True)).get("user")
        fact = person_learnt(thing(user), self.clock.now(), asked.workspace)
        return fact.person if isinstance(fact, PersonLearnt) else known

    async def _answered(self, room: Room) -> Json | Want:
        """Answer a word, or say what is wanted as far as Slack knows whom and what is named."""
        if not room.reads and room.asked.word not in OPEN:
            return saying(room.said("command.not_yours"))
        answer = WORDS[room.asked.word](room)
        probe = self.probe_for(room.survey.workspace.id)
        if not isinstance(answer, Want) or probe is None:
            return answer
        wrong = await lookups.wrong(probe, answer)
        return answer if wrong is None else saying(room.said(wrong[0], **wrong[1]))

    async def _kept(self, asked: Command, want: Want) -> Json:
        """Keep what is wanted; the answer comes when it is decided."""
        wanted = kept.Wanted(
            change=want.change,
            person=asked.person,
            once=asked.trigger,
            place=asked.place,
            handle=asked.handle,
            account=None if want.account is None else want.account.id,
            values=want.values,
            seen={},
        )
        try:
            async with asyncio.timeout(KEPT_WITHIN):
                await self.store.keep([kept.item(wanted, asked.workspace.id, self.clock.now())])
        except Exception as error:  # noqa: BLE001 - whatever the store says, whoever asked must hear that it is not kept
            log.error("slack: what somebody wants set up could not be kept: %s", type(error).__name__)  # noqa: TRY400
            return saying((Wording(asked.workspace.language).say("command.not_kept"),))
        return {}


def _away(asked: Command) -> Json:
    return saying((Wording(asked.workspace.language).say("command.away"),))
