"""By e-mail. A server that cannot be reached is tried again; who is refused for good is told in the log."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import ClassVar, Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from bridge.model.decision import Job
from bridge.model.errors import UnusableSetting
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope
from bridge.model.word import Word
from bridge.sinks import words

AGAIN: Final = timedelta(minutes=1)
WITHIN: Final = 20.0
"""Seconds for one message."""
PORTS: Final = {"smtp": 587, "smtps": 465}


class Server(Word, kw_only=True):
    """Where e-mail is handed in: ``smtp://`` (with STARTTLS where the server has it) or ``smtps://``."""

    HIDDEN: ClassVar = frozenset({"password"})

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None
    sender: str


def server_of(url: str, to: str) -> Server:
    """Return what ``smtp[s]://[USER:PASSWORD@]HOST[:PORT][?from=ADDRESS]`` means; UnusableSetting names what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableSetting("is no address such as smtps://user:password@mail.example.com") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise UnusableSetting("is no address such as smtps://user:password@mail.example.com")
    if "@" not in to:
        raise UnusableSetting("leads to nobody: BRIDGE_ALERT_EMAIL is no e-mail address")
    user = unquote(parts.username) if parts.username else None
    given = parse_qs(parts.query).get("from", [])
    own = user if user is not None and "@" in user else f"threadbridge@{to.rpartition('@')[2]}"
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        user=user,
        password=unquote(parts.password) if parts.password else None,
        sender=given[0] if given else own,
    )


async def hand_in(server: Server, message: EmailMessage) -> Outcome:
    """Hand one message in, once."""
    try:
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            timeout=WITHIN,
        )
    except aiosmtplib.SMTPResponseException as error:
        if error.code >= 500:
            return Refused(code=f"smtp_{error.code}", why="desk_other")
        return Later(after=AGAIN, why=f"smtp_{error.code}", scope=Scope.TARGET)
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        return Later(after=AGAIN, why=type(error).__name__, scope=Scope.TARGET)
    return Done()


class Mail(Word, kw_only=True):
    """Sends each message to one address, or to several with commas between them."""

    server: Server
    to: str

    async def tell(self, job: Job) -> Outcome:
        """Hand one message in."""
        if job.incident is None:
            return Refused(code="no_incident", why="desk_other")
        return await hand_in(self.server, self._message(job))

    def _message(self, job: Job) -> EmailMessage:
        told = words.told(job, job.incident) if job.incident else words.Told(title="", lines=())
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = told.title, self.server.sender, self.to
        message["Message-ID"] = f"<{words.key(job)}@{self.server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join(told.lines) + "\n")
        return message

    async def reachable(self) -> str | None:
        """Say what keeps it from being handed in there, in a word; None: nothing."""
        client = aiosmtplib.SMTP(
            hostname=self.server.host, port=self.server.port, use_tls=self.server.tls, timeout=WITHIN / 4
        )
        try:
            async with client:
                if self.server.user is not None:
                    await client.login(self.server.user, self.server.password or "")
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return type(error).__name__
        return None
