"""What all effects share."""

from __future__ import annotations

from bridge.model.ids import WorkspaceId
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The base of all effects; *workspace* is in every one's key."""

    workspace: WorkspaceId
