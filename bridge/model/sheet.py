"""What stands on somebody's own page on the desk, as far as they may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.model.ids import PersonRef
from bridge.model.listed import Listed
from bridge.model.state import Account, Incident, Person, Value, Workspace
from bridge.model.word import Word, field


class Trouble(Word, kw_only=True):
    """What is open, and how many answers and messages wait behind it."""

    incident: Incident
    waiting: int = 0


class Managed(Word, kw_only=True):
    """An account that somebody looks after as a whole. ends_at: when its login ends, as far as that is known.

    figures: of the last seven days, by the names of `bridge.store.digests.values_of`. signed: something signs its tickets.
    """

    account: Account
    troubles: tuple[Trouble, ...] = ()
    ends_at: datetime | None = None
    figures: Mapping[str, Value] = field(default_factory=dict)
    signed: bool = False


class Removed(Word, kw_only=True):
    """An account that was removed, and until when that can be taken back."""

    account: Account
    until: datetime


class Sheet(Word, kw_only=True):
    """All that one page shows. look, version: as it stands now, see `bridge.model.home.HomeShown`.

    connected: whether the workspace has any account. mine, waiting, closing: what its reader may answer; *waiting* without
    theirs. managed, more: of the accounts they look after those with troubles first, and how many there are besides.
    others: what is open and belongs to none of these accounts, for an admin. admins: who is one, as far as that was learnt;
    filled where nothing is connected.
    """

    workspace: Workspace
    person: Person
    connected: bool = False
    mine: Listed = field(default_factory=Listed)
    waiting: Listed = field(default_factory=Listed)
    closing: Listed = field(default_factory=Listed)
    managed: tuple[Managed, ...] = ()
    more: int = 0
    others: tuple[Trouble, ...] = ()
    removed: tuple[Removed, ...] = ()
    admins: tuple[PersonRef, ...] = ()
    look: str | None = None
    version: str | None = None

    @property
    def language(self) -> str:
        """What its reader reads."""
        return self.person.language or self.workspace.language
