"""What somebody asks to be shown of many conversations, and what they may see of them."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from bridge.model.decision import Scene
from bridge.model.ids import PersonRef
from bridge.model.state import Message
from bridge.model.word import dataclass


class Which(StrEnum):
    """Which conversations; the desk's words for it are these."""

    QUEUE = "queue"
    """Those that wait, the longest first; those that nobody looks after before the others."""
    MINE = "mine"
    """Those that the asker looks after."""
    CLOSING = "closing"
    """Those that wait and close soon, the soonest first."""
    FIND = "find"
    """Those in whose names or words something stands, the newest first."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One conversation; *message*: the newest in which it stands what was looked for, where it is no name."""

    scene: Scene
    message: Message | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What is shown. more: there are others besides. yours: whether the asker may answer any account at all."""

    found: tuple[Found, ...] = ()
    more: bool = False
    yours: bool = True
    language: str = "en"
    names: dict[PersonRef, str] = field(default_factory=dict)
