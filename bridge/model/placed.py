"""What becomes of places on the desk."""

from __future__ import annotations

from enum import StrEnum

from bridge.model.desk import FromDesk
from bridge.model.ids import PlaceRef


class PlaceChange(StrEnum):
    """What became of a place on the desk, as far as posting goes."""

    ARCHIVED = "archived"
    DELETED = "deleted"
    BOT_REMOVED = "bot_removed"
    USABLE = "usable"
    """Unarchived, or the bridge is a member again."""
    SHARED = "shared"
    """Another company reads it from now on."""
    UNSHARED = "unshared"


class PlaceChanged(FromDesk, kw_only=True):
    """A place became unusable, or usable again."""

    place: PlaceRef
    change: PlaceChange


class PlaceRenumbered(FromDesk, kw_only=True):
    """A place goes by another id from now on, with all that stands in it; the old one leads nowhere."""

    old: PlaceRef
    new: PlaceRef
