"""``/bridge`` with a word that sets up, or tells what is set up, answered within the three seconds that Slack gives.

What only reads is answered at once; what changes something is kept before Slack hears that it was heard, and answered when
it is decided. https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge.model.change import replace
from bridge.model.facts import PersonLearnt
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.saved import SavedReply
from bridge.model.state import Person, PersonKind, Workspace
from bridge.model.survey import Change as AuditLine
from bridge.model.survey import Survey
from bridge.model.word import Word, field
from bridge.ports import Clock, Inbox, Links
from bridge.roles import Action
from bridge.settings import subject
from bridge.slack import kept
from bridge.slack.calls import SDK_LOG, ClientFor
from bridge.slack.learnt import person_learnt
from bridge.slack.phrase import Json
from bridge.slack.setup import around, lookups, pressed, timetable
from bridge.slack.setup.around import Examiner
from bridge.slack.setup.lookups import ProbeFor
from bridge.slack.setup.room import Opening, Room, Want, saying
from bridge.slack.setup.spoken import Command
from bridge.slack.setup.words import OPEN, WORDS, looked_at, looked_in, understood
from bridge.slack.shapes import thing
from bridge.wording import Wording

log = structlog.get_logger(__name__)

WITHIN = 2.0
"""Seconds (real time) for all that is looked up."""
LOOKED_WITHIN = 1.1
"""Seconds of them for what Slack and the network say."""
LATER_WITHIN = 50.0
"""Seconds (real time) for an answer that Slack does not wait for."""
MOST = 16
"""So many of those are under way at once."""
ZONE_WITHIN = 0.7
"""Seconds (real time) in which Slack says where somebody's clock stands."""
MOST_CHANGES = 20
KEPT_WITHIN = 0.7
"""Seconds (real time) in which what is to change must be kept."""


class Reader(Protocol):
    """What this needs of the store besides, which only looks."""

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        ...

    async def survey(self, workspace: WorkspaceId) -> Survey | None:
        """What is set up there."""
        ...

    async def changes(self, workspace: WorkspaceId, objects: Sequence[str] | None, most: int) -> tuple[AuditLine, ...]:
        """The latest changes first, at most so many; objects: of these alone."""
        ...

    async def replies(self, accounts: Sequence[AccountId]) -> tuple[SavedReply, ...]:
        """The saved replies of these accounts."""
        ...


class Windows(Protocol):
    """What this needs to have windows opened."""

    async def opened(self, asked: Command, wanted: Opening) -> bool:
        """Open one by the trigger of a command; false: there is none to be opened."""
        ...


class SetupDoor(Word, kw_only=True):
    """Takes in what people want set up, and tells what is. ops: whether the house has an alerts channel of its own. mail: a server.

    examiner: who asks the network how accounts stand; tasks: whose an answer is that takes longer than Slack waits.
    workspaces: those that there are.
    """

    store: Inbox
    reader: Reader
    clock: Clock
    client_for: ClientFor
    probe_for: ProbeFor
    links: Links | None = None
    ops: bool = False
    mail: bool = True
    examiner: Examiner | None = None
    tasks: asyncio.TaskGroup | None = None
    workspaces: Callable[[], Sequence[Workspace]] = tuple
    windows: Windows | None = None
    later: set[asyncio.Task[None]] = field(default_factory=set)

    async def command(self, asked: Command) -> Json | None:
        """Return what is answered at once, perhaps nothing yet; None: it is no word of this door's."""
        if asked.word not in WORDS:
            return None
        try:
            async with asyncio.timeout(WITHIN):
                room = await self._room(asked)
                answer = _away(asked) if room is None else await self._answered(room, LOOKED_WITHIN)
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
            log.warning("slack.set_up_not_looked_up", error=type(error).__name__)
            return _away(asked)
        return await self._kept(asked, answer) if isinstance(answer, Want) else answer

    def pressed(self, payload: Mapping[str, Any]) -> bool:
        """Begin to answer a button that asks how things stand; false: too many are being answered."""
        asked = pressed.read(payload, self.workspaces())
        return asked is None or self._begin(asked, replace=pressed.replaces(payload))

    def _begin(self, asked: Command, *, replace: bool = False) -> bool:
        if self.tasks is None or len(self.later) >= MOST:
            return False
        task = self.tasks.create_task(self._later(asked, replace=replace))
        self.later.add(task)
        task.add_done_callback(self.later.discard)
        return True

    async def _later(self, asked: Command, *, replace: bool) -> None:
        """Answer by the way back that Slack gave, five times within half an hour; on their own page, directly."""
        try:
            async with asyncio.timeout(LATER_WITHIN):
                room = await self._room(asked)
                answer = _away(asked) if room is None else await self._answered(room, LATER_WITHIN / 2, again=False)
                client = await self.client_for(asked.workspace.id)
                if client is None or isinstance(answer, Want):
                    return
                if asked.handle is None:
                    await client.chat_postMessage(channel=asked.person, parse="none", **answer)
                    return
                webhook = AsyncWebhookClient(asked.handle, session=client.session, retry_handlers=[], logger=SDK_LOG)
                await webhook.send_dict({"response_type": "ephemeral", "replace_original": replace, **answer})
        except Exception as error:  # noqa: BLE001 - there is nobody left to tell
            log.warning("slack.state_not_told", error=type(error).__name__)

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
            mail=self.mail,
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

    async def _answered(self, room: Room, within: float, *, again: bool = True) -> Json | Want:
        """Answer a word, or say what is wanted as far as Slack knows whom and what is named.

        within: seconds for what Slack and the network say of it. again: what did not come by then is told later.
        """
        room = replace(room, asked=understood(room.asked, room.survey.accounts))
        if not room.reads and room.asked.word not in OPEN:
            return saying(*room.not_theirs())
        probe = self.probe_for(room.survey.workspace.id)
        room = await self._fetched(room)
        some, places = looked_at(room), looked_in(room)
        if some or places:
            examiner = self.examiner if room.asked.word == "check" else None
            room = await around.seen(room, probe, examiner, some, within, places)
            if room.waits and again and room.asked.handle is not None:
                self._begin(room.asked)
        answer = WORDS[room.asked.word](room)
        if isinstance(answer, Opening):
            return {} if await self._opened(room.asked, answer) else answer.otherwise
        if not isinstance(answer, Want) or probe is None:
            return answer
        wrong = await lookups.wrong(probe, answer)
        return answer if wrong is None else saying(room.said(wrong[0], **wrong[1]))

    async def _opened(self, asked: Command, wanted: Opening) -> bool:
        """Whether a window is open by the command's own trigger, which lives for three seconds."""
        if self.windows is None or not asked.trigger:
            return False
        try:
            async with asyncio.timeout(LOOKED_WITHIN):
                return await self.windows.opened(asked, wanted)
        except Exception as error:  # noqa: BLE001 - a button opens it as well
            log.info("slack.window_not_opened", error=type(error).__name__)
            return False

    async def _fetched(self, room: Room) -> Room:
        """Read what only this word needs."""
        workspace, accounts = room.survey.workspace.id, room.survey.accounts
        match room.asked.word:
            case "audit" if room.may(action=Action.AUDIT):
                whole = bool(room.person.admin) and room.person.kind is PersonKind.MEMBER
                own = [subject(each) for each in accounts if room.person.ref in each.settings.owners]
                changes = await self.reader.changes(workspace, None if whole else own, MOST_CHANGES)
                return replace(room, changes=changes)
            case "hours" if timetable.wants_zone(room):
                return replace(room, zone=await self._zone(room.asked))
            case "replies":
                mine = [each.id for each in accounts if room.may(each, action=Action.ANSWER)]
                return replace(room, replies=await self.reader.replies(mine))
            case _:
                return room

    async def _zone(self, asked: Command) -> str | None:
        """Return which zone the asker's clock shows in Slack; None: it does not say in time."""
        try:
            async with asyncio.timeout(ZONE_WITHIN):
                client = await self.client_for(asked.workspace.id)
                user = {} if client is None else (await client.users_info(user=asked.person)).get("user")
        except Exception as error:  # noqa: BLE001 - there are other ways to a zone, and the answer says which one counts
            log.info("slack.zone_not_learnt", error=type(error).__name__)
            return None
        return timetable.known_zone(thing(user).get("tz"))

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
            log.error("slack.set_up_not_kept", error=type(error).__name__)  # noqa: TRY400
            return saying((Wording(asked.workspace.language).say("command.not_kept"),))
        return {}


def _away(asked: Command) -> Json:
    return saying((Wording(asked.workspace.language).say("command.away"),))
