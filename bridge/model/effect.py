"""What all effects share."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.model.ids import WorkspaceId


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The base of all effects; *workspace* is in every one's key."""

    workspace: WorkspaceId
