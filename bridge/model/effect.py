"""What all effects share."""

from __future__ import annotations

from bridge.model.ids import WorkspaceId
from bridge.model.word import Word


class Effect(Word, kw_only=True):
    """The base of all effects; *workspace* is in every one's key."""

    workspace: WorkspaceId
