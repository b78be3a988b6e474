"""The network as the deliver loop sees it: each method makes one call and says how it ended; none retries, none raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import aiohttp

from bridge.meta import client, errors, files, history, probing, render, routing, subscribing, usage
from bridge.meta.client import Answer, NoAnswer
from bridge.meta.errors import OUTAGE, REAUTH, Verdict, verdict
from bridge.meta.graph import Graph, GraphRequest
from bridge.meta.login import MetaLogin
from bridge.meta.loose import Json, ident, obj, rows, stamp, words
from bridge.meta.parse import found_app, found_echo, found_profile
from bridge.model.change import replace
from bridge.model.decision import Job, Scene
from bridge.model.effects import (
    KeepSubscribed,
    LearnApp,
    LearnProfile,
    LookForMessage,
    LookForSend,
    MarkSeen,
    MoveControl,
    MoveToSpam,
    ReactToCustomer,
    ReadConversations,
    ReadHistory,
    SendToCustomer,
    ShowTyping,
)
from bridge.model.files import Fetched
from bridge.model.outcomes import Done, Existence, Held, Later, Outcome, RawItem, Refused, Scope, Sent, Unsure, Uploaded
from bridge.model.state import Account
from bridge.model.upkeep import ProbeAccount, Probed, RefreshLogin, Unsubscribe
from bridge.ports import Clock

EARLIER: Final = timedelta(seconds=5)
"""Looking goes back so much further than asked: Meta's clock is not ours, and tells whole seconds."""

NO_FIELD: Final = "100"
"""*Tried accessing nonexisting field*; a profile that is not there, or that nobody may read, has a subcode or another code."""

PERMISSION: Final = f"{REAUTH}.permission_revoked"


class MetaNetwork:
    """Messenger and Instagram (`bridge.ports.Network`).

    open_token: decrypts an account's sealed token; ValueError when it cannot. seal_token: encrypts one.
    http: shared, owned by whoever made it. send_within, read_within: how long a call may take as a whole.
    """

    def __init__(
        self,
        *,
        http: aiohttp.ClientSession,
        graph: Graph,
        clock: Clock,
        open_token: Callable[[str], str],
        seal_token: Callable[[str], str],
        send_within: timedelta = client.SEND,
        read_within: timedelta = client.READ,
    ) -> None:
        self._http = http
        self._graph = graph
        self._clock = clock
        self._open_token = open_token
        self._seal_token = seal_token
        self._send_within = send_within
        self._read_within = read_within
        self._budgets = usage.Budgets(clock.steady)

    async def send(self, job: Job) -> Outcome:
        """Send one text or one kept file; an account whose budget is used up waits without being asked again."""
        scene, effect, token = job.scene, job.effect, self._token(job)
        message = _message(job)
        if scene is None or message is None or not isinstance(effect, SendToCustomer):
            raise TypeError(f"not a send with what it sends: {type(effect).__name__}")
        if isinstance(token, Held):
            return token
        request = render.send_request(
            self._graph, scene.account, token,
            row=job.row, customer=scene.customer.remote_id, message=message, tag=job.tag, comment=job.comment,
            quotes=job.quotes,
            choices=job.choices,
        )  # fmt: skip
        answer = await self._call(scene.account, request, self._send_within)
        match answer:
            case Answer():
                return _sent(answer, job)
            case NoAnswer(left=True):
                return Unsure(why=answer.why)
            case NoAnswer():
                return Later(after=OUTAGE, why=answer.why, scope=Scope.TOP)
            case Later():
                return answer

    async def upload(self, job: Job, kind: str, file: Fetched) -> Outcome:
        """Have Meta keep a file; asked twice it keeps it twice, which nobody sees."""
        scene, token = job.scene, self._token(job)
        if isinstance(token, Held):
            return token
        if scene is None:
            raise TypeError("there is nobody to send a file to")
        ended = await self._upload(scene.account, token, kind, file)
        if (
            isinstance(ended, Refused)
            and ended.why == "media_kind"
            and files.goes_as_file(scene.account.platform, kind)
        ):
            # What cannot be shown there can still be had.
            return await self._upload(scene.account, token, "file", file)
        return ended

    async def _upload(self, account: Account, token: str, kind: str, file: Fetched) -> Outcome:
        ended: Outcome = Refused(code="", why="other")
        for request in files.upload_requests(self._graph, account, token, kind=kind):
            answer = await self._call(account, request, client.UPLOAD, file)
            ended = _uploaded(answer, kind)
            if not isinstance(ended, Refused) or ended.code not in files.NO_EDGE:
                break
        return ended

    async def act(self, job: Job) -> Outcome:
        """Move a conversation between apps or to the spam, or mark it seen: may be repeated, so that a lost answer is asked for again."""
        scene, token = job.scene, self._token(job)
        if isinstance(token, Held):
            return token
        if isinstance(job.effect, KeepSubscribed):
            login = MetaLogin(http=self._http, graph=self._graph)
            return await subscribing.kept(login, job, job.effect, token, self._clock)
        if scene is None:
            raise TypeError("there is nothing to act on without a scene")
        account, customer = scene.account, scene.customer.remote_id
        match job.effect:
            case MoveControl(move=move, app=app):
                request = routing.move_request(self._graph, account, token, customer=customer, move=move, app=app)
                done = await self._read(account, request)
            case MarkSeen() | ReactToCustomer() | MoveToSpam() | ShowTyping():
                request = self._gesture(job.effect, scene, token)
                done = await self._read(account, request)
                if isinstance(done, dict) and str(done.get("success")).lower() == "false":
                    done = Refused(code="success", why="unknown")  # of a moderation this is all that is told
                if isinstance(done, Held):
                    done = Refused(code=done.code, why="permission")  # the answers themselves tell of a dead login
            case effect:
                raise TypeError(f"not for the network to do: {type(effect).__name__}")
        return Done() if isinstance(done, dict) else done

    def _gesture(
        self, effect: MarkSeen | ReactToCustomer | MoveToSpam | ShowTyping, scene: Scene, token: str
    ) -> GraphRequest:
        account, customer = scene.account, scene.customer.remote_id
        if isinstance(effect, MarkSeen):
            return routing.seen_request(self._graph, account, token, customer=customer)
        if isinstance(effect, MoveToSpam):
            return routing.spam_request(self._graph, account, token, customer=customer)
        if isinstance(effect, ShowTyping):
            return routing.typing_request(self._graph, account, token, customer=customer, on=effect.on)
        mid = "" if scene.message is None else scene.message.remote_id or ""
        return routing.reaction_request(self._graph, account, token, customer=customer, mid=mid, emoji=effect.emoji)

    async def look(self, job: Job) -> Outcome:
        """Read messages of a conversation or of many, or a profile; what was learnt comes back as raw items."""
        token = self._token(job)
        if isinstance(token, Held):
            return token
        if isinstance(job.effect, ReadConversations):
            return await self._page(job, job.effect, token)
        if job.scene is None:
            raise TypeError("there is nothing to look at without a scene")
        match job.effect:
            case LookForSend() as effect:
                return await self._sends(job.scene, effect, token)
            case LearnProfile():
                return await self._learn_profile(job.scene, token)
            case LearnApp(app=app):
                return await self._learn_app(job.scene, app, token)
            case ReadHistory() as effect:
                return await self._history(job.scene, effect, token)
            case LookForMessage() as effect:
                return await self._existence(job.scene, effect, token)
            case effect:
                raise TypeError(f"not for the network to look at: {type(effect).__name__}")

    async def mind(self, job: Job) -> Outcome:
        """Ask how an account stands, exchange its token for a younger one, or let no more webhooks come."""
        if isinstance(job.effect, Unsubscribe) and job.sealed is None:
            return Done()  # it is connected again, or was forgotten meanwhile
        account, token = job.account, self._token(job)
        if account is None:
            raise TypeError("no account to mind")
        if isinstance(token, Held):
            return Probed(cause=token.cause) if isinstance(job.effect, ProbeAccount) else Refused(code="", why="other")
        login = MetaLogin(http=self._http, graph=self._graph)
        match job.effect:
            case ProbeAccount(silent_since=since):
                return await probing.probed(login, account, token, self._clock.now(), since)
            case Unsubscribe():
                return await subscribing.ended(login, job, token)
            case RefreshLogin():
                return await probing.refreshed(login, self._graph, token, self._clock.now(), self._seal_token)
            case effect:
                raise TypeError(f"nothing that keeps an account connected: {type(effect).__name__}")

    async def _sends(self, scene: Scene, effect: LookForSend, token: str) -> Outcome:
        request = render.look_request(self._graph, scene.account, token, customer=scene.customer.remote_id)
        found = await self._read(scene.account, request)
        return Done(learnt=tuple(_echoes(scene, found, effect))) if isinstance(found, dict) else found

    async def _learn_profile(self, scene: Scene, token: str) -> Outcome:
        """Ask who the customer is, and for less where Meta does not know a field; a profile nobody may read is empty."""
        found: dict[str, Json] | Later | Held | Refused = {}
        for request in render.profile_requests(self._graph, scene.account, token, customer=scene.customer.remote_id):
            found = await self._read(scene.account, request)
            if not isinstance(found, Refused) or found.code != NO_FIELD:
                break
        if isinstance(found, Later | Held):
            return found
        return Done(learnt=(self._profile(scene, found if isinstance(found, dict) else {}),))

    async def _learn_app(self, scene: Scene, app: str, token: str) -> Outcome:
        found = await self._read(scene.account, routing.app_request(self._graph, scene.account, token, app=app))
        if isinstance(found, Later | Held):
            return found
        name = words(found.get("name")) if isinstance(found, dict) else None
        account, customer = scene.account, scene.customer.remote_id
        told = found_app(account.platform, account.remote_id, customer, app, name, self._clock.now())
        return Done(learnt=(told,))

    async def _page(self, job: Job, effect: ReadConversations, token: str) -> Outcome:
        if job.account is None:
            raise TypeError("no account to read of")
        request = history.page_request(
            self._graph, job.account, token, after=effect.after, tries=job.attempts, plain=effect.plain
        )
        found = await self._read(job.account, request, lost=Scope.ROW)
        return history.page_of(job.account, found, effect.since) if isinstance(found, dict) else found

    async def _history(self, scene: Scene, effect: ReadHistory, token: str) -> Outcome:
        customer = scene.customer.remote_id
        request = history.history_request(self._graph, scene.account, token, customer=customer, plain=effect.plain)
        found = await self._read(scene.account, request, lost=Scope.ROW)
        return history.page_of(scene.account, found, effect.since) if isinstance(found, dict) else found

    async def _existence(self, scene: Scene, effect: LookForMessage, token: str) -> Outcome:
        """Ask for the message itself, and, once that was in vain, for the list that it would stand in."""
        account, message = scene.account, scene.message
        if message is None or message.remote_id is None:
            return Refused(code="", why="not_found")
        if not effect.listed:
            told = await self._read(
                account, history.message_request(self._graph, account, token, mid=message.remote_id)
            )
            if not isinstance(told, dict):
                return told
            return Existence(there=True) if told.get("from") else Refused(code="", why="history_gone")
        customer = scene.customer.remote_id
        listed = await self._read(account, history.listed_request(self._graph, account, token, customer=customer))
        if not isinstance(listed, dict):
            return listed
        return history.existence(account, customer, message, listed, self._clock.now())

    async def _read(
        self, account: Account, request: GraphRequest, *, lost: Scope = Scope.TARGET
    ) -> dict[str, Json] | Later | Held | Refused:
        """One reading call: it may be repeated, so an answer that was lost is asked for again later.

        lost: what then waits; where it may be the call's own fault, which asks for too much, the row alone, and it counts.
        Only a dead login holds the account; a permission to read that is missing holds nobody's answers up.
        """
        answer = await self._call(account, request, self._read_within)
        match answer:
            case Later():
                return answer
            case NoAnswer():
                return Later(after=OUTAGE, why=answer.why, scope=lost if answer.left else Scope.TOP)
            case Answer(status=200, said=dict() as said) if "error" not in said:
                return said
            case Answer():
                return _unread(_verdict(answer), lost)

    async def _call(
        self, account: Account, request: GraphRequest, within: timedelta, file: Fetched | None = None
    ) -> Answer | NoAnswer | Later:
        if rest := self._budgets.rest(account.id):
            return rest
        answer = await client.call(self._http, request, within=within, file=file)
        if isinstance(answer, Answer):
            self._budgets.heard(account.id, answer.headers)
        return answer

    def _token(self, job: Job) -> str | Held:
        if job.sealed is None:
            return Held(cause=f"{REAUTH}.taken_back", scope=Scope.PARENT)
        try:
            return self._open_token(job.sealed)
        except ValueError:
            return Held(cause=f"{REAUTH}.token_unreadable", scope=Scope.PARENT)

    def _profile(self, scene: Scene, profile: Mapping[str, Json]) -> RawItem:
        account, customer = scene.account, scene.customer
        return found_profile(account.platform, account.remote_id, customer.remote_id, profile, self._clock.now())


def _message(job: Job) -> dict[str, Any] | None:
    """What a send is to say; None: it has neither words nor a file that Meta keeps."""
    if job.file is not None and job.file.remote_id is not None:
        return files.sent(job.file.kind, job.file.remote_id)
    return None if job.text is None else {"text": job.text}


def _uploaded(answer: Answer | NoAnswer | Later, kind: str) -> Outcome:
    """Whether Meta keeps it; where nobody knows it is brought again."""
    match answer:
        case Later():
            return answer
        case NoAnswer():
            scope = Scope.ROW if answer.left else Scope.TOP
            return Later(after=OUTAGE, why=answer.why, scope=scope, last="media_upload")
        case Answer(status=200, said=dict() as said) if (name := ident(said.get("attachment_id"))) is not None:
            return Uploaded(remote_id=name, kind=kind)
        case Answer():
            found = _verdict(answer)
            if isinstance(found, Unsure):
                found = Later(after=OUTAGE, why=found.why, scope=Scope.ROW)
            return replace(found, last="media_upload") if isinstance(found, Later) else found


def _sent(answer: Answer, job: Job) -> Outcome:
    said = obj(answer.said)
    if answer.status == 200 and "error" not in said:
        mid = ident(said.get("message_id"))
        if mid is None:
            return Unsure(why="accepted without a message id")
        return Sent(remote_id=mid, recipient=ident(said.get("recipient_id")))
    # A private reply needs a permission of its own, as a tagged answer does: its lack says nothing about the others.
    found = _verdict(answer, sending=True, tagged=job.tag is not None or job.comment is not None)
    if isinstance(found, Refused) and found.why == "private_reply_used" and job.attempts:
        # Perhaps by ourselves: an earlier try was said to have failed. The echo, or a look, will tell.
        found = Unsure(why=f"meta {found.code} after an earlier try")
    return replace(found, answer=errors.answered(answer.status, answer.said))


def _verdict(answer: Answer, *, sending: bool = False, tagged: bool = False) -> Verdict:
    wait = usage.retry_after(answer.headers)
    return verdict(answer.status, answer.said, sending=sending, tagged=tagged, wait=wait)


def _unread(found: Verdict, lost: Scope) -> Later | Held | Refused:
    match found:
        case Unsure():
            return Later(after=OUTAGE, why=found.why, scope=lost)
        case Held() if not found.cause.startswith(REAUTH) or found.cause == PERMISSION:
            return Refused(code=found.code, why="permission")
        case _:
            return found


def _echoes(scene: Scene, found: Mapping[str, Json], effect: LookForSend) -> Iterator[RawItem]:
    """The business's own messages of late, as their echoes would have told them, the oldest first."""
    account, customer = scene.account, scene.customer.remote_id
    threads = [obj(thread) for thread in rows(found.get("data"))]
    messages = [obj(message) for thread in threads for message in rows(obj(thread.get("messages")).get("data"))]
    for message in reversed(messages):
        mid, at, author = ident(message.get("id")), stamp(message.get("created_time")), obj(message.get("from"))
        speaker = ident(author.get("id"))
        if mid is None or at is None or at < effect.since - EARLIER or speaker in (None, customer):
            continue
        yield found_echo(account.platform, account.remote_id, customer, mid, history.said_of(message), at)
