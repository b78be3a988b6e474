"""What the bridge says to customers by itself: its occasions, what may be set of them, and what it has said where."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bridge.model.closing import ClosingSettings
from bridge.model.ids import MessageId
from bridge.model.word import Word


class Occasion(StrEnum):
    """Why the bridge says something; the kind of its message, and the setting that switches it on."""

    FIRST = "auto_first"
    AWAY = "auto_away"
    UNANSWERED = "auto_unanswered"
    SURVEY = "auto_csat"


class AutomaticSettings(ClosingSettings, kw_only=True):
    """What may be set of what the bridge says by itself (the contract's names), and all that may be set besides."""

    hours: str = ""
    """Weekly hours as `bridge.hours` reads them; nothing: always open."""
    zone: str = "UTC"
    """IANA's name."""
    holidays: str = ""
    """The code of the country, or of a part of it, on whose public holidays the account is closed; nothing: on none."""
    customer_language: str = ""
    """What customers read of the bridge's own words; nothing: as on the desk."""
    auto_first: bool = False
    auto_away: bool = False
    auto_unanswered: int = 0
    """Minutes that a customer has waited; 0: nothing is said."""
    auto_csat: bool = False
    auto_first_text: str = ""
    """The account's own words, here and below; nothing: the catalogue's."""
    auto_away_text: str = ""
    auto_unanswered_text: str = ""
    auto_csat_text: str = ""
    disclosure: bool = True
    """Customers are told that a machine writes."""
    digest: str = ""
    """The time of day, by the wall clock of *zone*, at which each day is told of, and on Mondays last week; nothing: never."""
    board: bool = False
    """A pinned list of what closes soon is kept in the alerts channel."""


class Choice(Word, kw_only=True):
    """An answer that a customer may tap instead of writing it. payload: what comes back with it, of ours alone."""

    title: str
    payload: str


class Rating(Word, kw_only=True):
    """How content a customer is, from 1 to 5, as they answered *question*."""

    question: MessageId
    score: int
    at: datetime


class Spoken(Word, kw_only=True):
    """What the bridge has said by itself in one conversation."""

    disclosed_at: datetime | None = None
    """When a message that has gone last told the customer that a machine writes."""
    away_until: datetime | None = None
    """The end of the closed time in which they were told of it."""
    unanswered_since: datetime | None = None
    """Since when they had waited, when they were asked for patience."""
    asked: MessageId | None = None
    """The latest question whether they are content; and when it was asked."""
    asked_at: datetime | None = None
    score: int | None = None
    """What they answered, from 1 to 5; and when."""
    scored_at: datetime | None = None
    closed_at: datetime | None = None
    """When an agent last closed the conversation, and the time before."""
    closed_before: datetime | None = None
