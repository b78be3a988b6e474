"""Opens windows and changes them: questions, answered from the store as it is, within the three seconds that Slack gives.

Whoever pressed has been answered before this begins; what fails here is told to them privately, and nothing is lost.
A ``trigger_id`` lives 3 s and opens one window (docs.slack.dev, Modals); a ``hash`` keeps a window from being changed twice.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridge import roles
from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.decision import Denied
from bridge.model.facts import PersonLearnt
from bridge.model.ids import MessageId, PersonRef, PostRef, WorkspaceId
from bridge.model.state import Known, Platform, Said
from bridge.model.word import Word, field
from bridge.ports import Clock
from bridge.rules.acts.heeding import not_done
from bridge.slack import names, refs
from bridge.slack.calls import SDK_LOG, ClientFor
from bridge.slack.learnt import person_learnt
from bridge.slack.phrase import Filling, mentioned, phrase, told
from bridge.slack.shapes import Json, UnreadableError, is_id, items, people, ref, thing, word, workspace_of
from bridge.slack.sift import lane_of
from bridge.slack.windows import forms, newest, submitted
from bridge.slack.windows.about import About, found
from bridge.slack.windows.kinds import Drawing, Window, view
from bridge.slack.windows.table import WINDOWS
from bridge.split import WireLimit
from bridge.wording import Wording

log = structlog.get_logger(__name__)

WITHIN = 2.5
"""Seconds (real time) in which a window must be open after the press, and in which one call must be answered."""
WEIGHED_WITHIN = 1.5
"""Seconds (real time) in which what is sent in is looked at; it must still be kept, and Slack answered, in the rest of its 3."""
MOST = 64
"""So many are answered at once; who presses then is asked to press again."""
LOOKS, BETWEEN = 3, 0.2
"""How often, and after how many seconds, a post is looked for again of which nothing is known yet."""
AGAIN = Said(key="error.desk_try_again")
UNKNOWN = Said(key="whats_up.unknown")


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def asked(
        self,
        workspace: WorkspaceId,
        person: PersonRef,
        *,
        root: PostRef,
        ref: PostRef | None,
        message: MessageId | None,
    ) -> Asked | None:
        """What a window shows: of a message, of what stands in a post, or of a thread. None: it is none of ours."""
        ...

    async def heard(self, lane: str) -> Sequence[bytes]:
        """What was heard lately in a lane of the inbox, raw, the latest first."""
        ...

    async def known(self, workspace: WorkspaceId, people: Sequence[PersonRef]) -> Known:
        """What was learnt of these people."""
        ...


class Press(Word, kw_only=True):
    """Somebody wants a window, or another step of one.

    view: the one that is open, where it is to change. respond: where a private word to them goes; None: nowhere.
    """

    window: Window
    workspace: WorkspaceId
    person: PersonRef
    root: PostRef
    ref: PostRef | None = None
    message: MessageId | None = None
    trigger: str = ""
    view: Json | None = None
    respond: str | None = None


def opens(payload: Json) -> bool:
    """Whether a press opens a window, or changes one that is open."""
    match payload.get("type"):
        case "message_action":
            return payload.get("callback_id") in WINDOWS
        case "block_actions":
            inside = submitted.window_of(thing(payload.get("view"))) is not None
            action = (items(payload.get("actions")) or [{}])[0]
            return inside or action.get("action_id") in WINDOWS
        case _:
            return False


def begin(
    work: Callable[[], Coroutine[Any, Any, None]], tasks: asyncio.TaskGroup, asking: set[asyncio.Task[None]]
) -> bool:
    """Begin some work in a task of *tasks*, as one of those that are *asking*; false: there are too many already."""
    if len(asking) >= MOST:
        return False
    task = tasks.create_task(work())
    asking.add(task)
    task.add_done_callback(asking.discard)
    return True


class Questions(Word, kw_only=True):
    """Answers presses that open or change windows; each in a task of *tasks*."""

    reader: Reader
    client_for: ClientFor
    clock: Clock
    tasks: asyncio.TaskGroup
    wire: Mapping[Platform, WireLimit]
    asking: set[asyncio.Task[None]] = field(default_factory=set)

    def ask(self, payload: Json) -> bool:
        """Begin to answer; false: too many are being answered, and Slack shall say so."""
        return begin(lambda: self._answered(payload), self.tasks, self.asking)

    async def _answered(self, payload: Json) -> None:
        said: Said | None = AGAIN
        asked: Asked | None = None
        try:
            press = read(payload)
            async with asyncio.timeout(WITHIN):
                asked = await self._asked(press)
                said = UNKNOWN if asked is None else await self._shown(press, asked)
        except UnreadableError:
            said = UNKNOWN
        except SlackApiError as error:
            log.info("slack.window_not_opened", reason=error.response.get("error"))
        except Exception as error:  # noqa: BLE001 - whoever pressed must hear of it, whatever it is
            log.warning("slack.window_not_opened", error=type(error).__name__)
        if said is not None:
            await self._tell(payload, said, asked)

    async def wrong(self, payload: Json) -> Mapping[str, str]:
        """What is wrong, by field, with a window that is sent in, as things stand; what takes too long is ruled on later."""
        shown = thing(payload.get("view"))
        window, about = submitted.window_of(shown), found(shown)
        if window is None or about is None:
            return {}
        given = submitted.read_in(window, about, shown, self.clock.now())
        weigh = window.weigh(given)
        if weigh is None:
            return {}
        try:
            async with asyncio.timeout(WEIGHED_WITHIN):
                workspace = WorkspaceId(workspace_of(payload))
                person = PersonRef(word(thing(payload.get("user")).get("id")))
                asked = await self.reader.asked(workspace, person, root=about.root, ref=None, message=about.message)
                if asked is None:
                    return {}
                asked = await self._introduced(workspace, *people(given.values.get("whom")), asked=asked)
                return submitted.said(weigh(asked, about, given), Wording(about.language))
        except Exception as error:  # noqa: BLE001 - the rules look at it again, and tell
            log.info("slack.window_not_looked_at", error=type(error).__name__)
            return {}

    async def _read(self, press: Press) -> Asked | None:
        return await self.reader.asked(
            press.workspace, press.person, root=press.root, ref=press.ref, message=press.message
        )

    async def _asked(self, press: Press) -> Asked | None:
        """What is asked about, with whoever asks known as well as can be."""
        asked = await self._read(press)
        for _ in range(LOOKS):
            if asked is None or asked.scene.message is not None or press.ref in (None, press.root):
                break
            await asyncio.sleep(BETWEEN)  # its post may have come to stand a moment ago
            asked = await self._read(press)
        if asked is None:
            return None
        scene = asked.scene
        if press.window.wants_newest and scene.thread is not None and scene.thread.ref is not None:
            heard = await self.reader.heard(lane_of(press.workspace, scene.thread.ref))
            known = await self.reader.known(press.workspace, newest.spoken_of(heard))
            asked = replace(asked, newest=newest.words(asked, heard, known, self.clock.now()))
        fresh = press.person not in scene.known.people
        asked = await self._introduced(press.workspace, press.person, asked=asked)
        reader = asked.scene.known.people.get(press.person)
        return replace(asked, language=reader.language or asked.language) if fresh and reader is not None else asked

    async def _introduced(self, workspace: WorkspaceId, *who: PersonRef, asked: Asked) -> Asked:
        """The same with whoever is not known, and with who belongs to groups that are named."""
        found = [roles.unknown_to(each, asked.scene) for each in who]
        client = await self.client_for(workspace)
        if client is None or not any(person or groups for person, groups in found):
            return asked
        known = asked.scene.known
        for unknown in [person for person, _ in found if person is not None]:
            user = (await client.users_info(user=unknown, include_locale=True)).get("user")
            fact = person_learnt(thing(user), self.clock.now(), asked.scene.workspace)
            if isinstance(fact, PersonLearnt) and fact.person is not None:
                known = replace(known, people={**known.people, unknown: fact.person})
        for group in dict.fromkeys(group for _, groups in found for group in groups):
            members = (await client.usergroups_users_list(usergroup=group)).get("users")
            known = replace(known, groups={**known.groups, group: people(*(members or ()))})
        return replace(asked, scene=replace(asked.scene, known=known))

    async def _shown(self, press: Press, asked: Asked) -> Said | None:
        """Open the window, or change it; what is said instead, if there is none to be opened."""
        scene, now = asked.scene, self.clock.now()
        ruling = roles.may_act(press.person, scene)
        if isinstance(ruling, Denied):
            return not_done(ruling.said)
        client = await self.client_for(press.workspace)
        if client is None:
            return AGAIN
        drawn = await self._drawn(press, asked, now, client)
        if isinstance(drawn, Said):
            return drawn
        if press.view is None:
            await client.views_open(trigger_id=press.trigger, view=drawn)
        else:
            await client.views_update(view_id=str(press.view.get("id")), hash=press.view.get("hash"), view=drawn)
        return None

    async def _drawn(self, press: Press, asked: Asked, now: datetime, client: AsyncWebClient) -> dict[str, Any] | Said:
        wording = Wording(asked.language)
        thread = asked.scene.thread
        root = press.root if thread is None or thread.ref is None else thread.ref
        about = About(root=root, message=press.message, language=wording.language or "en")
        chosen = forms.Read(values={}, wrong={})
        if press.view is not None:
            about = found(press.view) or about
            chosen = submitted.read_in(press.window, about, press.view, now)
        groups = await groups_of(client) if press.window.wants_groups(chosen) else {}
        drawing = Drawing(
            asked=asked,
            about=about,
            wording=wording,
            now=now,
            chosen=chosen,
            reader=press.person,
            groups=groups,
            wire=self.wire,
        )
        made = press.window.draw(drawing)
        return made if isinstance(made, Said) else view(press.window, made, wording)

    async def _tell(self, payload: Json, said: Said, asked: Asked | None) -> None:
        """Say it privately to whoever pressed, where they did; of a window alone there is no way back."""
        url = payload.get("response_url")
        if not isinstance(url, str) or not url:
            return
        wording = Wording(None if asked is None else asked.language)
        known = {} if asked is None else names.standing(asked.scene, wording)
        text = told(phrase(wording, said.key, {**known, **_filled(said, wording)}))
        body = {"text": text, "response_type": "ephemeral", "replace_original": False}
        try:
            client = await self.client_for(WorkspaceId(workspace_of(payload)))
            session = None if client is None else client.session
            async with asyncio.timeout(WITHIN):
                await AsyncWebhookClient(url, session=session, retry_handlers=[], logger=SDK_LOG).send_dict(body)
        except Exception as error:  # noqa: BLE001 - there is nobody left to tell
            log.warning("slack.word_not_said", error=type(error).__name__)


def _filled(said: Said, wording: Wording) -> dict[str, Filling]:
    """Return the rules' values; people and groups are mentioned."""
    some = str(said.values.get("people") or "").split(",")
    groups = [each for each in some if refs.group(each) is not None]
    return {**said.values, **({"people": mentioned(some, wording, groups=groups)} if some != [""] else {})}


async def groups_of(client: AsyncWebClient) -> dict[str, str]:
    """Return the workspace's groups by their ids."""
    found = items((await client.usergroups_list()).get("usergroups"))
    return {str(each.get("id")): f"@{each.get('handle')}" for each in found if is_id(each.get("id"))}


def read(payload: Json) -> Press:
    """Return what somebody wants; raises UnreadableError."""
    workspace = WorkspaceId(workspace_of(payload))
    person = PersonRef(str(thing(payload.get("user")).get("id")))
    channel = thing(payload.get("channel")).get("id")
    trigger = str(payload.get("trigger_id") or "")
    message = thing(payload.get("message"))
    if payload.get("type") == "message_action":
        ts = payload.get("message_ts") or message.get("ts")
        return Press(
            window=_window(payload.get("callback_id")),
            workspace=workspace,
            person=person,
            root=ref(channel, message.get("thread_ts") or ts),
            ref=ref(channel, ts),
            trigger=trigger,
        )
    action, container = (items(payload.get("actions")) or [{}])[0], thing(payload.get("container"))
    if container.get("type") == "view":
        shown = thing(payload.get("view"))
        window, about = submitted.window_of(shown), found(shown)
        if window is None or about is None:
            raise UnreadableError("no window of ours")
        return Press(
            window=window, workspace=workspace, person=person, root=about.root, message=about.message, view=shown
        )
    ts = container.get("message_ts")
    value = str(action.get("value") or "")
    return Press(
        window=_window(action.get("action_id")),
        workspace=workspace,
        person=person,
        root=ref(container.get("channel_id") or channel, container.get("thread_ts") or ts),
        message=MessageId(int(value)) if value.isdecimal() and len(value) < 19 else None,
        trigger=trigger,
    )


def _window(name: object) -> Window:
    window = WINDOWS.get(str(name))
    if window is None:
        raise UnreadableError("no window of ours")
    return window
