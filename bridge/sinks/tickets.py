"""Tickets to systems outside of the desk: by a signed HTTP POST, or by e-mail.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

Rule 1: a ticket keeps its id at every try, so that who has it knows a repeat.
Rule 2: whatever is wrong there, the ticket waits: only what is refused for its own sake is given up.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

import aiohttp
import orjson
from yarl import URL

from bridge.media.hosts import Forbidden
from bridge.model.decision import Job, Scene
from bridge.model.ids import PostRef
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope, Ticketed
from bridge.model.tickets import PutTicket, RedactTicket, Ticket
from bridge.model.word import Word
from bridge.sinks import ticket_words
from bridge.sinks.mail import Server, hand_in
from bridge.sinks.reach import Reach
from bridge.sinks.webhook import FIRST_ERROR, GONE_WRONG, PASSING, WITHIN, signature
from bridge.sinks.words import Told
from bridge.tickets import MAILTO, keys_of, mailboxes, way_of

SOON, AGAIN, LONGEST = timedelta(seconds=15), timedelta(minutes=1), timedelta(hours=1)
PATIENCE: Final = timedelta(seconds=45)
"""What may pass by itself is told of after so long."""
FIRST_GOOD: Final = 200
FOR_ITS_OWN_SAKE: Final = frozenset({400, 413, 415, 422})
"""Answers that speak of this one ticket alone."""
MOST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read."""
MOST_LINK, MOST_NUMBER = 2_000, 60
"""Characters of a ticket's address, and of what it is called."""
_SECONDS = re.compile(r"[0-9]{1,5}")
NO_SUCH: Final = Refused(code="no_ticket", why="ticket_refused")


class TicketSinks(Word, kw_only=True):
    """The ways out. open_secret: decrypts; permalink: where a post stands, in a workspace at an address."""

    http: aiohttp.ClientSession
    reach: Reach
    now: Callable[[], datetime]
    open_secret: Callable[[str], str]
    permalink: Callable[[str, PostRef], str]
    mail: Callable[[str], Server | None]
    """The server that takes e-mail for an address; None: none is set."""

    async def tell(self, job: Job) -> Outcome:
        """Hand a ticket over, or what must be deleted of one."""
        scene, effect = job.scene, job.effect
        ticket = None if scene is None else next(iter(scene.tickets), None)
        if scene is None or ticket is None or not isinstance(effect, PutTicket | RedactTicket):
            return NO_SUCH
        sink = scene.account.settings.ticket_sink
        if isinstance(effect, RedactTicket):
            sink = ticket.sink or sink
        match way_of(sink):
            case "webhook":
                outcome = await self._posted(job, scene, ticket, sink)
            case "mail":
                outcome = await self._mailed(job, scene, ticket, mailboxes(sink))
            case _:
                return NO_SUCH
        return self._told(outcome, ticket)

    def _told(self, outcome: Outcome, ticket: Ticket) -> Outcome:
        """What may pass by itself is no trouble yet."""
        young = self.now() - ticket.at < PATIENCE
        if isinstance(outcome, Later) and outcome.cause in ("unreachable", "server", "mail") and young:
            return Later(after=min(outcome.after, SOON), why=outcome.why, scope=outcome.scope)
        return outcome

    def _thread(self, scene: Scene) -> str | None:
        thread = scene.conversation.thread
        if thread is None or thread.ref is None:
            return None
        return self.permalink(scene.workspace.url, thread.ref)

    # ── by a signed call

    async def _posted(self, job: Job, scene: Scene, ticket: Ticket, sink: str) -> Outcome:
        key = self._key(job.sealed)
        if key is None:
            return _failing("no_secret")
        url = URL(sink, encoded=True)
        try:
            self.reach.check(url)
        except Forbidden:
            return _failing("private")
        body = orjson.dumps(self._payload(job, scene, ticket))
        stamp, name = int(self.now().timestamp()), name_of(job, ticket)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(key, name, stamp, body),
        }
        return await self._answered(url, body, headers)

    def _key(self, sealed: str | None) -> bytes | None:
        try:
            return None if sealed is None else keys_of(self.open_secret(sealed))[0]
        except ValueError:
            return None

    def _payload(self, job: Job, scene: Scene, ticket: Ticket) -> dict[str, Any]:
        if isinstance(job.effect, RedactTicket):
            return ticket_words.redacted(ticket, job.effect.messages, self.now())
        return ticket_words.created(job, scene, ticket, self._thread(scene))

    async def _answered(self, url: URL, body: bytes, headers: Mapping[str, str]) -> Outcome:
        try:
            async with (
                asyncio.timeout(WITHIN),
                self.http.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status, said = answer.status, answer.headers
                text = await answer.content.read(MOST_ANSWER) if FIRST_GOOD <= status < FIRST_ERROR else b""
        except Forbidden:
            return _failing("private")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return _failing("unreachable", why=type(error).__name__)
        if FIRST_GOOD <= status < FIRST_ERROR:
            return taken(url, text, said.get("Location"))
        return refused(status, said.get("Retry-After"))

    # ── by e-mail

    async def _mailed(self, job: Job, scene: Scene, ticket: Ticket, to: str) -> Outcome:
        server = self.mail(to)
        if server is None:
            return _failing("no_mail")
        if isinstance(job.effect, RedactTicket):
            told = ticket_words.mailed_redaction(job, scene, ticket, len(job.effect.messages))
        else:
            told = ticket_words.mailed(job, scene, ticket, self._thread(scene))
        outcome = await hand_in(server, _message(told, server, to, ticket, name_of(job, ticket)))
        match outcome:
            case Done():
                return Ticketed(sink=f"{MAILTO}{to}")
            case Later(why=why):
                return _failing("mail", why=why)
            case Refused(code=code):
                return _failing("mail_refused", why=code)
            case _:
                return outcome


def name_of(job: Job, ticket: Ticket) -> str:
    """The id by which a repeat is known: a ticket's own, and of what is deleted of it the row's besides."""
    name = f"threadbridge-ticket-{ticket.id}"
    return f"{name}-{job.row}" if isinstance(job.effect, RedactTicket) else name


def _message(told: Told, server: Server, to: str, ticket: Ticket, name: str) -> EmailMessage:
    domain = server.sender.rpartition("@")[2]
    message, first = EmailMessage(), f"<threadbridge-ticket-{ticket.id}@{domain}>"
    message["Subject"], message["From"], message["To"] = told.title, server.sender, to
    message["Message-ID"] = f"<{name}@{domain}>"
    if message["Message-ID"] != first:
        message["In-Reply-To"], message["References"] = first, first
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(told.lines) + "\n")
    return message


def _failing(cause: str, *, why: str = "", after: timedelta = AGAIN) -> Later:
    return Later(after=after, why=why or cause, scope=Scope.TARGET, cause=cause, last="ticket_refused")


def refused(status: int, retry_after: str | None = None) -> Outcome:
    """What an answer but yes means."""
    if status in FOR_ITS_OWN_SAKE:
        return Later(after=SOON, why=f"http_{status}", scope=Scope.ROW, last="ticket_refused")
    seconds = (retry_after or "").strip()
    asked = timedelta(seconds=int(seconds)) if _SECONDS.fullmatch(seconds) else AGAIN
    passing = status >= GONE_WRONG or status in PASSING
    cause = "server" if passing else "redirect" if FIRST_ERROR <= status < 400 else "refused"
    return _failing(cause, why=f"http_{status}", after=min(max(asked, SOON), LONGEST))


def taken(url: URL, answer: bytes, location: str | None) -> Ticketed:
    """A yes, with what it tells of the ticket: ``url`` and ``id`` of a JSON object, or where it says that it made one."""
    try:
        said = orjson.loads(answer)
    except ValueError:
        said = None
    said = said if isinstance(said, dict) else {}
    link, number = link_of(said.get("url")), number_of(said.get("id"))
    if link is None and location is not None and len(location) <= MOST_LINK:
        try:
            link = link_of(str(url.join(URL(location))))
        except ValueError:
            link = None
    return Ticketed(sink=str(url), number=number, link=link)


def link_of(given: object) -> str | None:
    """An address that somebody may be led to; None: it is none."""
    if not isinstance(given, str) or len(given) > MOST_LINK or not given.isprintable() or " " in given:
        return None
    try:
        url = URL(given)
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host or url.user is not None or url.password is not None:
        return None
    return str(url)


def number_of(given: object) -> str | None:
    """What a ticket is called there, short and on one line; None: that is not told."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        return None
    line = "".join(each for each in " ".join(str(given).split()) if each.isprintable())
    return line[:MOST_NUMBER] or None
