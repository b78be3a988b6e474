"""The desk on Slack: each effect is one call that ends in one outcome (`bridge.ports.Desk`).

job | render | calls | outcome.  What the rules must know of Slack's ways is told in `Refused.code`: ``thread_gone``
(the thread cannot be replied to), ``invalid_blocks`` and ``picture`` (show it more plainly).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.effects import (
    AnswerAsker,
    ClearSign,
    EditAlert,
    EditTicket,
    GiveTranscript,
    LearnGroup,
    LearnPerson,
    LookForFile,
    LookForPost,
    PinAlert,
    PostAlert,
    PostAside,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    PostTicket,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    ReadThread,
    RedrawCard,
    RedrawPost,
    RemoveFile,
    RemovePost,
    ReplaceLine,
    RetireCard,
    SetSign,
    ShowFile,
    ShowHome,
    TellOwner,
    TellPerson,
)
from bridge.model.ids import FileRef, PersonRef, PostRef, WorkspaceId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope
from bridge.ports import Fetched, Links
from bridge.rules.answers.fitting import Which
from bridge.slack import alerts, ends, errors, fetch, look, render, sift, tickets, transcript
from bridge.slack.calls import TIMEOUT, Calls, ClientFor
from bridge.slack.ends import NO_MESSAGE, NO_THREAD
from bridge.slack.errors import Kind
from bridge.slack.files import Files
from bridge.slack.home import Homes
from bridge.slack.refs import post_ref, split_ref
from bridge.slack.setup import answers

Json = dict[str, Any]


class SlackDesk:
    """Where agents work, on Slack.

    now: the time people go by, which decides what a card says and whether a private line still reaches its reader.
    """

    def __init__(
        self,
        client_for: ClientFor,
        *,
        now: Callable[[], datetime],
        timeout: timedelta = TIMEOUT,
        links: Links | None = None,
        homes: Homes | None = None,
        open_secret: Callable[[str], str] = str,
    ) -> None:
        self._calls = Calls(client_for, timeout=timeout)
        self._files = Files(self._calls)
        self._now = now
        self._links = links
        self._homes = homes
        self._open = open_secret

    async def post(self, job: Job) -> Outcome:
        """Post once, under the mark of the job's row."""
        return ends.of_thread(job, await self._post(job))

    async def _post(self, job: Job) -> Outcome:
        scene, effect = job.scene, job.effect
        if isinstance(effect, ShowFile):
            return await self._files.show(job)
        if isinstance(effect, PostTicket) and scene is not None and scene.tickets:
            return ends.put_off(await self._posted(job, tickets.post(job, scene, effect)))
        if isinstance(effect, PostAside):
            return ends.let_go(await self._posted(job, render.aside(job, effect)))
        if isinstance(effect, PostAlert | PostStage):
            return await self._told(job, effect)
        if scene is None:
            return NO_MESSAGE
        thread = scene.conversation.thread
        if isinstance(effect, PostRoot):
            ours = thread is not None and thread.id == effect.thread
            place = thread.place if thread is not None and ours else scene.place
            call = render.root(job, scene, place, self._now(), plain=effect.plain, bare=effect.bare)
            return ends.put_up(await self._posted(job, call), call)
        if thread is None or thread.ref is None:
            return NO_THREAD
        match effect:
            case PostMessage() if job.beside:
                return await self._posted(job, render.several(job, scene, thread.ref, self._now()))
            case PostMessage() if scene.message is not None:
                looks = {"plain": effect.plain, "bare": effect.bare}
                call = render.message(job, scene, scene.message, thread.ref, self._now(), **looks)
                return await self._broadcast(job, call) if effect.broadcast else await self._posted(job, call)
            case PostLine(root=str(earlier)):
                onwards = replace(effect.said, values={**effect.said.values, "link": thread.ref})
                return ends.let_go(await self._posted(job, render.line(job, replace(effect, said=onwards), earlier)))
            case PostLine():
                return await self._posted(job, render.line(job, effect, thread.ref))
            case _:
                return NO_MESSAGE

    async def keep(self, job: Job, file: Fetched) -> Outcome:
        """Take a file in, for nobody to see yet."""
        return await self._files.keep(job, file)

    def file(self, job: Job, which: Which, worth: fetch.Worth) -> AbstractAsyncContextManager[Fetched | Outcome]:
        """Hand out an agent's file."""
        return fetch.opened(self._calls, job, which, worth)

    async def change(self, job: Job) -> Outcome:
        """Change what stands, or take it away; may be repeated."""
        match job.effect:
            case RedrawCard():
                return ends.of_thread(job, await self._redrawn(job))
            case RetireCard(root=root):
                return await self._retired(job, root)
            case RedrawPost() as effect:
                return await self._changed(job, effect)
            case RemovePost(ref=ref):
                return errors.closed(await self._removed(job, ref))
            case RemoveFile(file=file):
                return await self._file_removed(job, file)
            case SetSign(sign=sign):
                return await self._signed(job, "reactions.add", render.SIGNS[sign])
            case ClearSign(sign=sign):
                return await self._signed(job, "reactions.remove", render.SIGNS[sign])
            case EditAlert():
                if job.incident is None or job.incident.ref is None:
                    return NO_MESSAGE
                call = render.edited_alert(job, job.incident, job.incident.ref, self._reconnect(job))
                return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call)))
            case PinAlert() as effect:
                return await self._pinned(job, effect)
            case EditTicket() as effect if job.scene and job.scene.tickets:
                call = tickets.edited(job, job.scene, effect)
                return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call)))
            case _:
                return NO_MESSAGE

    async def tell(self, job: Job) -> Outcome:
        """Say something to one person: where they wrote while they are still there, else directly."""
        match job.effect:
            case TellPerson() as effect:
                young = self._now() - effect.at < job.rules.private_line
                return await (
                    self._private(job, effect) if young and not effect.question else self._direct(job, effect)
                )
            case TellOwner(person=person, again=again) if job.incident is not None:
                reconnect = self._reconnect(job)
                if again is None:
                    return await self._to_person(job, render.to_owner(job, job.incident, person, reconnect))
                call = render.to_owner_again(job, job.incident, person, again, reconnect)
                return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call)))
            case ReplaceLine() as effect:
                return await self._replaced(job, effect)
            case ShowHome() as effect if self._homes is not None:
                return await self._homes.show(job, effect, self._calls)
            case AnswerAsker() as effect:
                return await answers.give(job, effect, self._calls, self._now(), self._links, self._open)
            case GiveTranscript() as effect:
                return await transcript.give(job, effect, self._calls, self._files, self._now())
            case _:
                return NO_MESSAGE

    async def look(self, job: Job) -> Outcome:
        """Ask, and hand back what was learnt."""
        ask = partial(self._calls.ask, job, Kind.LOOK)
        match job.effect:
            case LookForPost() as effect:
                by_place = partial(ask, limited=Scope.PARENT)
                return errors.closed(await look.for_post(job, effect, by_place, self._now()))
            case LookForFile():
                return await self._files.look(job)
            case LearnPerson(person=person):
                return await look.at_person(job, person, ask, self._now())
            case LearnGroup(group=group):
                return await look.at_group(job, group, ask, self._now())
            case ReadThread() as effect:
                return await look.at_thread(job, effect, ask, self._now())
            case ProbeDesk():
                return await look.at_credentials(job, ask, self._now())
            case ProbeToken():
                return await look.at_token(ask)
            case ProbePlace(place=place):
                return await look.at_place(job, place, ask, self._now())
            case _:
                return NO_MESSAGE

    async def home_stands(self, workspace: WorkspaceId, person: PersonRef) -> bool:
        """Say whether somebody's page says what is true."""
        return self._homes is None or await self._homes.stands(workspace, person)

    # -- posting

    async def _posted(self, job: Job, call: Json) -> Outcome:
        channel = str(call["channel"])
        answer = await self._calls.ask(job, Kind.POST, lambda client: client.chat_postMessage(**call), channel=channel)
        if not isinstance(answer, dict):
            return answer
        try:
            ref = post_ref(str(answer.get("channel")), str(answer.get("ts")))
        except ValueError:
            return errors.lost("an answer without a time stamp", Kind.POST)
        message = answer.get("message")
        stands_in = message.get("thread_ts") if isinstance(message, Mapping) else None
        wanted = call.get("thread_ts")
        if wanted is not None and stands_in != wanted:
            return await self._astray(job, ref)
        return Done(remote_id=ref)

    async def _broadcast(self, job: Job, call: Json) -> Outcome:
        """Post into a thread and its channel; where Slack forbids that, it may still take the post in the thread alone."""
        outcome = await self._posted(job, {**call, "reply_broadcast": True})
        if isinstance(outcome, Held | Refused) and outcome.code in errors.NO_BROADCAST:
            return Refused(code="no_broadcast", why="desk_policy")
        return outcome

    async def _astray(self, job: Job, ref: PostRef) -> Outcome:
        """Take away a reply that Slack has put into the channel: its root is gone, and that is all Slack says of it."""
        removed = await self._removed(job, ref)
        stray = None if isinstance(removed, Done) else ref
        return Refused(code=NO_THREAD.code, why=NO_THREAD.why, stray=stray)

    async def _told(self, job: Job, effect: PostAlert | PostStage) -> Outcome:
        """Post an alert, or a reply under one, which stands in the channel as well where all are to hear it."""
        incident, reconnect = job.incident, self._reconnect(job)
        if incident is None:
            return NO_MESSAGE
        if isinstance(effect, PostAlert):
            return await self._posted(job, render.alert(job, incident, effect, reconnect))
        if incident.ref is None:
            return NO_MESSAGE
        call = render.stage(job, incident, effect, incident.ref, reconnect)
        return await self._broadcast(job, call) if effect.loud else await self._posted(job, call)

    def _reconnect(self, job: Job) -> str | None:
        """Where somebody logs in again, for what that mends."""
        incident = alerts.to_reconnect(job)
        if self._links is None or incident is None or incident.account is None:
            return None
        return self._links.reconnect(job.workspace.id, incident.account)

    # -- changing

    async def _redrawn(self, job: Job) -> Outcome:
        thread = job.scene.conversation.thread if job.scene else None
        if job.scene is None or thread is None or thread.ref is None:
            return Done()
        call, fingerprint = render.redrawn(job, job.scene, thread.ref, self._now())
        if fingerprint == job.drawn:
            return Done(remote_id=fingerprint)
        answer = await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call))
        match answer:
            case dict():
                return Done(remote_id=fingerprint)
            case Refused(code="message_not_found"):
                return NO_THREAD
            case Refused(code=code) if (
                isinstance(job.effect, RedrawCard) and not job.effect.stale and not errors.of_place(code)
            ):
                # It may still show what must go: not given up at once.
                return Later(after=errors.SOON, why=code, scope=Scope.ROW)
            case _:
                return answer

    async def _retired(self, job: Job, root: PostRef) -> Outcome:
        if job.scene is None:
            return NO_MESSAGE
        call = render.retired(job, job.scene, root)
        return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call)))

    async def _changed(self, job: Job, effect: RedrawPost) -> Outcome:
        if job.scene is None:
            return NO_MESSAGE
        call = render.changed(job, job.scene, effect, self._now())
        answer = await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call))
        return errors.closed(ends.ended(answer))

    async def _file_removed(self, job: Job, file: FileRef) -> Outcome:
        answer = await self._calls.ask(job, Kind.CHANGE, lambda client: client.files_delete(file=file))
        match answer:
            case Refused(code="file_not_found" | "file_deleted"):
                return Done()
            case _:
                return ends.ended(answer)

    async def _removed(self, job: Job, ref: PostRef) -> Outcome:
        channel, ts = split_ref(ref)
        answer = await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_delete(channel=channel, ts=ts))
        match answer:
            case Refused(code="message_not_found"):
                return Done()
            case _:
                return ends.ended(answer)

    async def _signed(self, job: Job, method: str, name: str) -> Outcome:
        message = job.scene.message if job.scene else None
        if message is None or message.ref is None:
            return NO_MESSAGE
        channel, ts = split_ref(message.ref)
        answer = await self._calls.ask(
            job,
            Kind.CHANGE,
            lambda client: (client.reactions_add if method == "reactions.add" else client.reactions_remove)(
                channel=channel, timestamp=ts, name=name
            ),
            limited=Scope.PARENT,
        )
        return errors.closed(ends.ended(answer))

    async def _pinned(self, job: Job, effect: PinAlert) -> Outcome:
        """Pin a post, or take its pin away; without the permission all else goes on, and nothing is held for it."""
        channel, ts = split_ref(effect.ref)
        answer = await self._calls.ask(
            job,
            Kind.CHANGE,
            lambda client: (client.pins_remove if effect.off else client.pins_add)(channel=channel, timestamp=ts),
        )
        if isinstance(answer, Held) and answer.scope is not Scope.TOP:
            return Refused(code="missing_scope", why="desk_scope")
        return ends.ended(answer)

    # -- telling one person

    async def _private(self, job: Job, effect: TellPerson) -> Outcome:
        call = render.private(job, effect)
        return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_postEphemeral(**call)))

    async def _direct(self, job: Job, effect: TellPerson) -> Outcome:
        outcome = await self._to_person(job, render.direct(job, effect))
        if not (isinstance(outcome, Done) and outcome.remote_id and effect.question and effect.buttons):
            return outcome
        channel, ts = split_ref(PostRef(outcome.remote_id))
        asked = {"message": effect.message, "person": effect.person, "key": effect.said.key}
        item = sift.learnt(job.workspace, "question", job.row, self._now(), channel=channel, ts=ts, **asked)
        return replace(outcome, learnt=(item,))

    async def _to_person(self, job: Job, call: Json) -> Outcome:
        answer = await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_postMessage(**call))
        if isinstance(answer, Refused) and answer.code in errors.NOBODY:
            return Refused(code="out_of_reach", why=answer.why)
        if not isinstance(answer, dict):
            return answer
        return Done(remote_id=f"{answer.get('channel')}:{answer.get('ts')}")

    async def _replaced(self, job: Job, effect: ReplaceLine) -> Outcome:
        """Change the line by its address, or, where it stands for good, as any post."""
        said = render.replacement(job, effect)
        if effect.lasts:
            channel, ts = split_ref(PostRef(effect.handle))
            call = {"channel": channel, "ts": ts, "parse": "none", **said}
            return ends.ended(await self._calls.ask(job, Kind.CHANGE, lambda client: client.chat_update(**call)))
        return await self._calls.respond(job, effect.handle, {"replace_original": True, **said})
