"""Somebody's own page on the desk: that they opened it, that it is to be shown to them, and how it stands."""

from __future__ import annotations

from datetime import datetime

from bridge.model.desk import FromDesk
from bridge.model.effect import Effect
from bridge.model.ids import PersonRef
from bridge.model.outcomes import Done
from bridge.model.word import Word


class HomeOpened(FromDesk, kw_only=True):
    """Somebody opened their page."""

    person: PersonRef


class ShowHome(Effect, kw_only=True):
    """Make somebody's page say what is true now, if it differs.

    opened: they are waiting for it. rest: they have not looked at it for long, and nobody's name shall stand in it any more.
    """

    person: PersonRef
    opened: bool = False
    rest: bool = False


class HomeShown(Done, kw_only=True):
    """The page stands; *look*: its fingerprint. version: the desk's word for what stands there, where it gave one."""

    look: str
    version: str | None = None


class HomeKept(Word, kw_only=True):
    """What is kept of somebody's page from now on; what is None stays as it was. closed: nothing, until they open it again."""

    person: PersonRef
    opened_at: datetime | None = None
    look: str | None = None
    version: str | None = None
    closed: bool = False
