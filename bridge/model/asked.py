"""What a window is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bridge.model.decision import Scene
from bridge.model.ids import PersonRef
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a window shows of a conversation, read at once and without changing anything.

    scene: with the message that is asked about, and all that the same post *shows*. names: of everybody in it.
    language: the reader's, else the workspace's.
    """

    scene: Scene
    language: str
    names: Mapping[PersonRef, str] = field(default_factory=dict)
