"""Tickets: what of a conversation goes into another system, how far it has come there, and what may be set of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from bridge.model.effect import Effect
from bridge.model.ids import AccountId, ConversationId, MessageId, PersonRef, PlaceRef, PostRef, TicketId
from bridge.model.word import Word


class TicketSettings(Word, kw_only=True):
    """What may be set of tickets (the contract's names); the signing secret stands elsewhere."""

    ticket_timer: int = 0
    """Minutes after the customer's last unanswered message, from 60 to 24 hours; 0: none is made by itself."""
    ticket_sink: str = ""
    """``https://…``, ``slack:C…`` or ``mailto:…``; nothing: there is nowhere to put one."""
    ticket_from: datetime | None = None
    """When the timer was last switched on: who had waited for long by then had other help."""


class Step(StrEnum):
    """How far a ticket has come."""

    WAITING = "waiting"
    """On its way to where tickets go."""
    LATE = "late"
    """It did not get there so far, and the thread has said so."""
    MADE = "made"
    REFUSED = "refused"
    """It was given up."""


class Ticket(Word, kw_only=True):
    """One ticket: what a customer wrote from *since* until *at*, when it was made."""

    id: TicketId
    conversation: ConversationId
    since: datetime
    at: datetime
    by: PersonRef | None = None
    """Who made it; None: the timer."""
    step: Step = Step.WAITING
    sink: str | None = None
    """Where it went, as `ticket_sink` had it then; None: nowhere yet."""
    number: str | None = None
    """What it is called there."""
    link: str | None = None
    """Where it is to be seen."""
    ref: PostRef | None = None
    """The same on the desk."""
    status: str | None = None
    """How it stands, in the other system's words; and when that was told."""
    status_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it: as it is called where it went, else by a short mark of our own."""
        return self.number or f"T-{sha256(str(self.id).encode()).hexdigest()[:6].upper()}"

    def holds(self, at: datetime) -> bool:
        """Whether what a customer wrote then may stand in it."""
        return self.since <= at <= self.at


# ── effects ───────────────────────────────────────────────────────────────────────────────────────────────


class PutTicket(Effect, kw_only=True):
    """Hand a ticket to the system outside of the desk; what it says is read when it goes."""

    conversation: ConversationId
    account: AccountId
    ticket: TicketId


class RedactTicket(Effect, kw_only=True):
    """Let the system outside know that messages which stand in a ticket were taken back; none named: all of it must go."""

    conversation: ConversationId
    account: AccountId
    ticket: TicketId
    messages: tuple[MessageId, ...] = ()


class PostTicket(Effect, kw_only=True):
    """Put a ticket up in a place on the desk."""

    conversation: ConversationId
    ticket: TicketId
    place: PlaceRef


class EditTicket(Effect, kw_only=True):
    """Let a ticket on the desk say how it stands now."""

    conversation: ConversationId
    ticket: TicketId
    ref: PostRef


OfTicket = PutTicket | RedactTicket | PostTicket | EditTicket
"""Effects that are about one ticket."""
OUTSIDE = (PutTicket, RedactTicket)
"""Those that leave the desk."""


# ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────


class TicketReported(Word, kw_only=True):
    """A ticket system told how a ticket stands there; None: it says nothing of that."""

    at: datetime
    ticket: TicketId
    status: str | None = None
    link: str | None = None
    number: str | None = None
