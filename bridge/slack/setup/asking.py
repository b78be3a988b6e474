"""Opens windows that set something up, and takes in what they are sent in with.

Whoever pressed has been answered before a window is opened, within the three seconds that its ``trigger_id`` lives
(docs.slack.dev, Modals). Nothing changes before what was sent in is kept, and decided by `bridge.rules.setup.asked`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Denied
from bridge.model.facts import PersonLearnt
from bridge.model.ids import AccountId, PersonRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.setup import Change, SetupSheet
from bridge.model.state import Platform, Said
from bridge.model.word import Word, field
from bridge.ports import Clock
from bridge.roles import Action
from bridge.rules.setup import weighing
from bridge.settings import SETTABLE
from bridge.slack import kept
from bridge.slack.calls import SDK_LOG, ClientFor
from bridge.slack.learnt import person_learnt
from bridge.slack.phrase import Filling, Phrase, Words, flat, mentioned, phrase, told, words_of
from bridge.slack.refs import REFS
from bridge.slack.setup import (
    disclosing,
    editing,
    icons,
    keying,
    openings,
    overtaken,
    places,
    sent,
    several,
    underneath,
    worded,
)
from bridge.slack.setup.about import About, found
from bridge.slack.setup.editing import PART
from bridge.slack.setup.kinds import Drawing, view
from bridge.slack.setup.openings import Press
from bridge.slack.setup.room import Opening
from bridge.slack.setup.sections import GROUPS, NAMES, part_of, setting_of
from bridge.slack.setup.spoken import Command
from bridge.slack.setup.table import WINDOWS
from bridge.slack.shapes import Json, UnreadableError, person_ref, thing, word, workspace_of
from bridge.slack.windows import forms
from bridge.slack.windows.asking import begin, groups_of
from bridge.split import WireLimit
from bridge.wording import Wording

log = structlog.get_logger(__name__)

WITHIN = 2.5
"""Seconds (real time) in which a window must be open after the press."""
WEIGHED_WITHIN = 1.5
"""Seconds (real time) in which what is sent in is looked at; it must still be kept, and Slack answered, in the rest of its 3."""
AGAIN = Said(key="error.desk_try_again")
GONE = Said(key="set_up.no_account")


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def sheet(self, workspace: WorkspaceId, person: PersonRef, account: AccountId) -> SetupSheet | None:
        """What a window shows of an account; None: the workspace has no such account."""
        ...


class Question(Word, kw_only=True):
    """A window that opens over the one that was sent in, and asks first."""

    view: Json


class Anew(Word, kw_only=True):
    """The window that was sent in, with what it says by now; nothing of it is kept."""

    view: Json


class Staying(Word, kw_only=True):
    """What is kept of a window that stays open, and what stands in it then."""

    item: RawItem
    view: Json


class SetupWindows(Word, kw_only=True):
    """Answers presses that open windows about accounts; each in a task of *tasks*."""

    reader: Reader
    history: overtaken.Reader
    client_for: ClientFor
    clock: Clock
    tasks: asyncio.TaskGroup
    wire: Mapping[Platform, WireLimit]
    icons: icons.Icons
    seal: Callable[[str], str]
    """Encrypts what must not lie open."""
    most: int = 0
    """Accounts of one platform in one channel; 0: any number."""
    loopback: bool = False
    """Whether tickets may go to this machine itself."""
    mail: bool = True
    """Whether a server is set that takes e-mail."""
    asking: set[asyncio.Task[None]] = field(default_factory=set)

    def ask(self, payload: Json) -> bool:
        """Begin to answer; false: too many are being answered, and Slack shall say so."""
        return begin(lambda: self._answered(payload), self.tasks, self.asking)

    async def opened(self, asked: Command, wanted: Opening) -> bool:
        """Open a window by the trigger of a command; false: there is none to be opened."""
        press = Press(
            window=WINDOWS[wanted.window],
            workspace=asked.workspace.id,
            person=asked.person,
            about=About(account=wanted.account.id, place=asked.place, handle=asked.handle),
            trigger=asked.trigger,
        )
        sheet = await self._sheet(press)
        return sheet is not None and await self._shown(press, sheet) is None

    async def taken(self, payload: Json) -> RawItem | Mapping[str, str] | Question | Staying | Anew:
        """What is kept of a window that is sent in; or what is wrong with it, by field; or what is asked or said first."""
        shown = thing(payload.get("view"))
        window, about = WINDOWS[str(shown.get("callback_id"))], found(shown)
        if about is None:
            return {}
        given = sent.read_in(window, about, shown, self.clock.now())
        if given.wrong:
            return given.wrong
        if window is editing.EDIT and several.half(given.values, about.held):
            # It is in another part: in the one that is shown the field itself says so.
            half = {"aliases": Said(key="set_up.half_alias")}
            return at_fields(half, sent.there_in(window, about, shown), Wording(about.language))
        wanted = dict(window.typed(about, given.values))
        if wanted.get(icons.FIELD):
            icon = await self._icon(WorkspaceId(workspace_of(payload)), about, wanted[icons.FIELD])
            if isinstance(icon, Said):
                return {icons.FIELD: Wording(about.language).say(icon.key)}
            wanted = {icons.FIELD: icon}
        person, workspace = person_ref(thing(payload.get("user")).get("id")), WorkspaceId(workspace_of(payload))
        if window.change is Change.SETTINGS and wanted and window.fields(about):
            stopped = await self._stopped(workspace, person, about, wanted, shown)
            if isinstance(stopped, Question | Anew):
                return stopped
            if stopped:
                return at_fields(stopped, sent.there_in(window, about, shown), Wording(about.language))
        asked = kept.Wanted(
            change=window.change,
            person=person,
            once=word(shown.get("id")),
            place=about.place,
            handle=about.handle,
            account=about.account,
            values=wanted,
            seen={name: mark for name, mark in about.seen.items() if name in wanted},
        )
        if window is keying.KEY:
            if about.under:
                self._look_beneath(shown, about, workspace, person)
            return self._keyed(asked, workspace, Wording(about.language))
        return kept.item(asked, workspace, self.clock.now())

    def _look_beneath(self, shown: Json, about: About, workspace: WorkspaceId, person: PersonRef) -> None:
        """Have the window beneath say that there is a key, once there is one."""
        reader, client_for, clock = self.reader, self.client_for, self.clock
        begin(
            lambda: underneath.redrawn(
                shown, about, workspace, person, reader=reader, client_for=client_for, clock=clock
            ),
            self.tasks,
            self.asking,
        )

    def _keyed(self, asked: kept.Wanted, workspace: WorkspaceId, wording: Wording) -> Staying:
        """What is kept of a new key: nobody can read it there, and it is shown once it counts."""
        name, values = keying.name_of(asked.once), {keying.SETTING: self.seal(keying.fresh())}
        item = kept.item(replace(asked, values=values, window=name), workspace, self.clock.now())
        return Staying(item=item, view=keying.waiting(name, wording))

    async def _icon(self, workspace: WorkspaceId, about: About, file: str) -> str | Said:
        """The name of a picture that is kept now; it is nobody's until it is decided. Or what is wrong with it."""
        try:
            client = await self.client_for(workspace)
            picture = icons.UNREAD if client is None else await icons.fetched(client, file)
            if isinstance(picture, Said):
                return picture
            return await self.icons.keep(workspace, about.account, picture.kind, picture.content, self.clock.now())
        except Exception as error:  # noqa: BLE001 - whoever sent it in must hear of it, whatever it is
            log.warning("slack.picture_not_kept", error=type(error).__name__)
            return icons.UNREAD

    async def _stopped(
        self, workspace: WorkspaceId, person: PersonRef, about: About, wanted: dict[str, str], shown: Json
    ) -> Mapping[str, Said] | Question | Anew:
        """What is wrong, by setting, as things stand, or what is asked first; what takes too long is ruled on later."""
        try:
            async with asyncio.timeout(WEIGHED_WITHIN):
                sheet = await self.reader.sheet(workspace, person, about.account)
                if sheet is None:
                    return {}
                if wrong := await self._wrong(sheet, about, wanted):
                    late = overtaken.late(wrong)
                    if len(late) < len(wrong):  # what is wrong is mended first
                        return {name: why for name, why in wrong.items() if name not in late}
                    return Anew(view=await overtaken.anew(dict(shown), about, late, sheet, person, self.history))
        except Exception as error:  # noqa: BLE001 - the rules look at it again, and tell
            log.info("slack.window_not_looked_at", error=type(error).__name__)
            return {disclosing.SETTING: AGAIN} if wanted.get(disclosing.SETTING) == "off" else {}
        if not disclosing.is_asked(sheet, wanted):
            return {}
        question = disclosing.about(about, wanted)
        drawing = Drawing(sheet=sheet, about=question, wording=Wording(about.language), now=self.clock.now())
        asked = disclosing.asked(drawing)
        return {disclosing.SETTING: asked} if isinstance(asked, Said) else Question(view=asked)

    async def _wrong(self, sheet: SetupSheet, about: About, wanted: Mapping[str, str]) -> Mapping[str, Said]:
        account = sheet.account
        wrong = weighing.wrong(
            account,
            sheet.others,
            wanted,
            about.seen,
            refs=REFS,
            wire=self.wire[account.platform],
            most=self.most,
            loopback=self.loopback,
            mail=self.mail,
        )
        client = await self.client_for(sheet.workspace.id)
        return wrong or ({} if client is None else await places.wrong(client, account, wanted))

    async def _answered(self, payload: Json) -> None:
        said: Said | None = AGAIN
        press: Press | None = None
        sheet: SetupSheet | None = None
        try:
            press = openings.read(payload, self.clock.now())
            async with asyncio.timeout(WITHIN):
                sheet = await self._sheet(press)
                said = GONE if sheet is None else await self._shown(press, sheet)
        except UnreadableError:
            said = GONE
        except SlackApiError as error:
            log.info("slack.window_not_opened", reason=error.response.get("error"))
        except Exception as error:  # noqa: BLE001 - whoever pressed must hear of it, whatever it is
            log.warning("slack.window_not_opened", error=type(error).__name__)
        if said is not None and press is not None and not await self._noticed(press, said, sheet):
            await self._tell(press, said, sheet)

    async def _sheet(self, press: Press) -> SetupSheet | None:
        """What is asked about, with whoever asks known as well as can be."""
        sheet = await self.reader.sheet(press.workspace, press.person, press.about.account)
        if sheet is None:
            return None
        unknown, _ = roles.unknown_of(press.person, Action.SET_UP, sheet.account, sheet.known)
        client = None if unknown is None else await self.client_for(press.workspace)
        if client is None:
            return sheet
        user = (await client.users_info(user=press.person, include_locale=True)).get("user")
        fact = person_learnt(thing(user), self.clock.now(), sheet.workspace)
        if not isinstance(fact, PersonLearnt) or fact.person is None:
            return sheet
        known = replace(sheet.known, people={**sheet.known.people, press.person: fact.person})
        return replace(sheet, known=known, language=fact.person.language or sheet.language)

    async def _shown(self, press: Press, sheet: SetupSheet) -> Said | None:
        """Open the window; what is said instead, if there is none to be opened."""
        ruling = roles.authorise(press.person, Action.SET_UP, [sheet.account], sheet.known)
        if isinstance(ruling, Denied):
            return ruling.said
        client = await self.client_for(press.workspace)
        if client is None:
            return AGAIN
        wording = Wording(sheet.language)
        drawing = Drawing(
            sheet=sheet,
            about=replace(press.about, language=wording.language or "en"),
            wording=wording,
            now=self.clock.now(),
            groups=await groups_of(client) if press.window.wants_groups(press.about) else {},
        )
        made = press.window.draw(drawing)
        if isinstance(made, Said):
            return made
        drawn = dict(view(press.window, made, wording))
        if press.over:
            await client.views_push(trigger_id=press.trigger, view=drawn)
        elif press.view is None:
            await client.views_open(trigger_id=press.trigger, view=drawn)
        else:
            await client.views_update(view_id=str(press.view.get("id")), hash=press.view.get("hash"), view=drawn)
        return None

    async def _noticed(self, press: Press, said: Said, sheet: SetupSheet | None) -> bool:
        """Say it in the window that is open, where what was typed stays; false: there is none."""
        if press.view is None or sheet is None:
            return False
        try:
            async with asyncio.timeout(WITHIN):
                client = await self.client_for(press.workspace)
                shown = dict(press.view)
                before = found(shown)
                if client is None or before is None:
                    return False
                changed = dict(editing.noticed(shown, before, _phrase(said, sheet), Wording(sheet.language)))
                await client.views_update(view_id=str(shown.get("id")), hash=shown.get("hash"), view=changed)
        except Exception as error:  # noqa: BLE001 - it is told directly instead
            log.info("slack.window_not_changed", error=type(error).__name__)
            return False
        return True

    async def _tell(self, press: Press, said: Said, sheet: SetupSheet | None) -> None:
        """Say it privately to whoever pressed, where they did; on their own page, directly."""
        text = told(_phrase(said, sheet))
        try:
            async with asyncio.timeout(WITHIN):
                client = await self.client_for(press.workspace)
                if press.about.handle is not None:
                    await _respond(press.about.handle, text, client)
                elif client is not None:
                    await client.chat_postMessage(channel=press.person, text=text, parse="none")
        except Exception as error:  # noqa: BLE001 - there is nobody left to tell
            log.warning("slack.word_not_said", error=type(error).__name__)


async def _respond(url: str, text: str, client: AsyncWebClient | None) -> None:
    body = {"text": text, "response_type": "ephemeral", "replace_original": False}
    session = None if client is None else client.session
    await AsyncWebhookClient(url, session=session, retry_handlers=[], logger=SDK_LOG).send_dict(body)


def _phrase(said: Said, sheet: SetupSheet | None) -> Phrase:
    wording = Wording(None if sheet is None else sheet.language)
    named: dict[str, Filling] = {} if sheet is None else {"account": Words(text=sheet.account.name)}
    return phrase(wording, said.key, named | _filled(said, wording))


def _filled(said: Said, wording: Wording) -> dict[str, Filling]:
    """Return the rules' values as what they are: people, sentences, words."""
    values: dict[str, Filling] = {}
    for name, value in said.values.items():
        if name == "people":
            values[name] = mentioned(str(value).split(","), wording)
        elif name.endswith("_key"):
            others = {each: given for each, given in said.values.items() if not each.endswith("_key")}
            values[name.removesuffix("_key")] = phrase(
                wording, str(value), _filled(replace(said, values=others), wording)
            )
        else:
            values[name] = words_of(name, value, wording) if isinstance(value, str) else value
    return values


def at_fields(wrong: Mapping[str, Said], fields: Sequence[forms.AnyField], wording: Wording) -> dict[str, str]:
    """Return what is wrong, in words, at the fields; of what is in another part, at the choice of parts."""
    there: dict[str, str] = {}
    for each in fields:
        # What has several fields has what is wrong with it at the last, but people before groups.
        if not each.name.endswith(GROUPS):
            there[setting_of(each.name)] = each.name
    chooser = there.get(PART, PART)
    found: dict[str, list[str]] = {}
    for name, why in wrong.items():
        humane = worded.humane(why, wording, worded.labelled)
        said = flat(phrase(wording, humane.key, _filled(humane, wording)))
        if name not in there and name in SETTABLE:
            part, called = wording.say(NAMES[part_of(name)]), worded.labelled(name, wording)
            said = wording.say("set_up.wrong_elsewhere", part=part, setting=called, why=said)
        found.setdefault(there.get(name, chooser), []).append(said)
    return {name: "\n".join(said) for name, said in found.items()}
