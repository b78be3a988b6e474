"""Windows that are about to close on somebody who waits: what may be set of their alerts, and what such an alert holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bridge.model.ids import ConversationId, GroupRef, IncidentId, PersonRef
from bridge.model.tickets import TicketSettings
from bridge.model.word import Word

HARDLY = timedelta(minutes=1)
"""Two closes of one conversation that are no further apart are told as one."""


class ClosingSettings(TicketSettings, kw_only=True):
    """What may be set of the alerts before a window closes (the contract's names), and of tickets."""

    alert_standard: int = 2 * 60
    """Minutes before the standard close at which the alerts channel is told of who waits; 0: never."""
    alert_human: int = 12 * 60
    """The same, before the human agent's."""
    on_call: tuple[PersonRef, ...] = ()
    """Who is mentioned where nobody looks after the conversation; and which groups."""
    on_call_groups: tuple[GroupRef, ...] = ()
    quiet: str = ""
    """The hours, by the wall clock of the account's zone, in which nobody is mentioned, as ``22:00-08:00``; nothing: none."""


class Stage(StrEnum):
    """Which of a conversation's closes."""

    STANDARD = "standard"
    HUMAN = "human"


class LineState(StrEnum):
    """What became of a conversation that an alert named."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    """Put off; the alert waits with it."""
    BLOCKED = "blocked"
    OTHER_APP = "other_app"
    EXTENDED = "extended"
    """The customer wrote again: there is more time."""
    SETTLED = "settled"
    """Nothing is left that waits for an answer: it was taken back, or is not to be answered here."""
    PASSED = "passed"
    """The standard window closed; a person may still answer."""
    LAPSED = "lapsed"


class Close(Word, kw_only=True):
    """A close that who waits can still use. told_at: when the alerts channel is told of it; None: it is not."""

    stage: Stage
    at: datetime
    told_at: datetime | None


class Line(Word, kw_only=True):
    """One conversation in an alert. person, ended_at: who ended it and when, or until when it was put off.

    quiet: nobody was to be mentioned when it was named, or somebody was already. reply: under which of the alert's replies it was named first; 0: it
    stood in the alert from the beginning.
    """

    incident: IncidentId
    conversation: ConversationId
    stage: Stage
    close_at: datetime
    state: LineState = LineState.OPEN
    person: PersonRef | None = None
    ended_at: datetime | None = None
    quiet: bool = False
    reply: int = 0
