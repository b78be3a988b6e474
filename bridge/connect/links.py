"""Links by which somebody connects an account, or logs in to it again: sealed, expiring, good for one finished callback.

A link says by itself what it is for, so that nothing is kept of one that nobody follows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Login
from bridge.model.word import Word
from bridge.secrets import Sealer, SealError

PRINTED: Final = timedelta(hours=1)
"""How long a link is good that was made for somebody who is waiting for it."""
ANNOUNCED: Final = timedelta(days=14)
"""How long one is good that stands under an alert."""
AT_META: Final = timedelta(minutes=30)
"""So long a login that began in time may take: somebody looks for a password, or confirms who they are."""
PATH: Final = "/meta/connect"
PURPOSE: Final = "connect"


class Ticket(Word, kw_only=True):
    """What a link is for. nonce: its own name. account: the one to log in to again; None: a new one.

    person: who asked for it. channel, alerts_channel, login: chosen already.
    """

    nonce: str
    workspace: WorkspaceId
    expires_at: datetime
    account: AccountId | None = None
    person: PersonRef | None = None
    channel: PlaceRef | None = None
    alerts_channel: PlaceRef | None = None
    login: Login | None = None


class BadLink(ValueError):
    """It is none of ours, or not whole."""


class Links:
    """Makes links and reads them. public_url: where people reach the bridge, without a slash at its end."""

    def __init__(self, *, sealer: Sealer, public_url: str | None, now: Callable[[], datetime]) -> None:
        self._sealer = sealer
        self._public_url = public_url
        self._now = now

    def reconnect(self, workspace: WorkspaceId, account: AccountId) -> str | None:
        """A link under an alert; None where nobody could reach the bridge by one."""
        return self.make(workspace, account=account, within=ANNOUNCED)

    def connect(self, workspace: WorkspaceId, person: PersonRef, place: PlaceRef) -> str | None:
        """A link for somebody who asked for one in a channel, or on their own page."""
        return self.make(workspace, person=person, channel=place or None)

    def make(
        self,
        workspace: WorkspaceId,
        *,
        account: AccountId | None = None,
        person: PersonRef | None = None,
        channel: PlaceRef | None = None,
        alerts_channel: PlaceRef | None = None,
        login: Login | None = None,
        within: timedelta = PRINTED,
    ) -> str | None:
        """A new link, each good for itself; None where nobody could reach the bridge by one."""
        if self._public_url is None:
            return None
        ticket = Ticket(
            nonce=secrets.token_urlsafe(12),
            workspace=workspace,
            expires_at=self._now() + within,
            account=account,
            person=person,
            channel=channel,
            alerts_channel=alerts_channel,
            login=login,
        )
        return f"{self._public_url}{PATH}?link={quote(self.sealed(ticket), safe='=')}"

    def sealed(self, ticket: Ticket) -> str:
        """The ticket as it stands in a link."""
        said = {
            "for": PURPOSE,
            "n": ticket.nonce,
            "w": ticket.workspace,
            "e": int(ticket.expires_at.timestamp()),
            "a": ticket.account,
            "p": ticket.person,
            "c": ticket.channel,
            "x": ticket.alerts_channel,
            "l": ticket.login,
        }
        return self._sealer.seal(json.dumps({name: value for name, value in said.items() if value is not None}))

    def read(self, sealed: str) -> Ticket:
        """The ticket again, be it expired; BadLink when it was not sealed here."""
        try:
            said = json.loads(self._sealer.open(sealed))
        except (SealError, UnicodeError, ValueError):
            raise BadLink from None
        if not isinstance(said, dict) or said.get("for") != PURPOSE:
            raise BadLink
        return Ticket(
            nonce=said["n"],
            workspace=said["w"],
            expires_at=datetime.fromtimestamp(said["e"], UTC),
            account=said.get("a"),
            person=said.get("p"),
            channel=said.get("c"),
            alerts_channel=said.get("x"),
            login=Login(said["l"]) if "l" in said else None,
        )

    def expired(self, ticket: Ticket, *, returning: bool = False) -> bool:
        """Whether its time is over. returning: for somebody who opened it in time, and comes back from Meta."""
        return self._now() >= ticket.expires_at + (AT_META if returning else timedelta())
