"""Somebody's own page on the desk: that they opened it, that it is to be shown to them, and how it stands."""

from __future__ import annotations

from datetime import datetime

from bridge.model.desk import FromDesk
from bridge.model.effect import Effect
from bridge.model.ids import PersonRef
from bridge.model.outcomes import Done
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class HomeOpened(FromDesk):
    """Somebody opened their page."""

    person: PersonRef


@dataclass(frozen=True, kw_only=True)
class ShowHome(Effect):
    """Make somebody's page say what is true now, if it differs.

    opened: they are waiting for it. rest: they have not looked at it for long, and nobody's name shall stand in it any more.
    """

    person: PersonRef
    opened: bool = False
    rest: bool = False


@dataclass(frozen=True, kw_only=True)
class HomeShown(Done):
    """The page stands; *look*: its fingerprint. version: the desk's word for what stands there, where it gave one."""

    look: str
    version: str | None = None


@dataclass(frozen=True, kw_only=True)
class HomeKept:
    """What is kept of somebody's page from now on; what is None stays as it was. closed: nothing, until they open it again."""

    person: PersonRef
    opened_at: datetime | None = None
    look: str | None = None
    version: str | None = None
    closed: bool = False
