"""Keeping a post of ours within reach in its channel."""

from __future__ import annotations

from bridge.model.effect import Effect
from bridge.model.ids import IncidentId, PostRef


class PinAlert(Effect, kw_only=True):
    """Pin an announced incident in its place, or, where *off*, take the pin away."""

    incident: IncidentId
    ref: PostRef
    off: bool = False
