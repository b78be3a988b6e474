"""What a window is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.model.decision import Scene
from bridge.model.ids import PersonRef, PostRef
from bridge.model.saved import SavedReply
from bridge.model.word import Word, field


class Ended(Word, kw_only=True):
    """A conversation was closed: when, by whom, and how they called its outcome."""

    at: datetime
    who: PersonRef
    outcome: str | None = None


class Asked(Word, kw_only=True):
    """What a window shows of a conversation, read at once and without changing anything.

    scene: with the message that is asked about, and all that the same post *shows*. names: of everybody in it.
    language: the reader's, else the workspace's. first_at: when the customer was first heard. earlier: roots of earlier
    threads, the latest first. ends: when it was closed, the latest first. newest: what the message says on the desk by now,
    for a window that asks for it. saved: the answers that the account's house keeps.
    """

    scene: Scene
    language: str
    names: Mapping[PersonRef, str] = field(default_factory=dict)
    first_at: datetime | None = None
    earlier: tuple[PostRef, ...] = ()
    ends: tuple[Ended, ...] = ()
    newest: str | None = None
    saved: tuple[SavedReply, ...] = ()
