"""What all facts from the desk have in common, and the smallest of them."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.word import Word

NOWHERE = PlaceRef("")
"""Of a press on somebody's own page, which stands in no place."""


class FromDesk(Word, kw_only=True):
    """The base of what the desk tells."""

    workspace: WorkspaceId
    at: datetime


class AgentReacted(FromDesk, kw_only=True):
    """Somebody put a reaction on a message on the desk, or took theirs away.

    name: what the desk calls it. names: whatever it may be called there. emoji: its characters; None: the desk's own picture, which nobody else knows.
    """

    place: PlaceRef
    ref: PostRef
    person: PersonRef
    name: str
    names: tuple[str, ...] = ()
    emoji: str | None
    removed: bool = False
