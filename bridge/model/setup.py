"""Setting up from the desk: what somebody asks for, what is then changed, and how they hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.model.account import Account, AccountSettings
from bridge.model.axes import Wish
from bridge.model.desk import FromDesk
from bridge.model.effect import Effect
from bridge.model.ids import AccountId, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Known, Said, Workspace
from bridge.model.word import Word, field

RESTORABLE = timedelta(days=30)
"""So long what was removed can be taken back with its settings."""


class Change(StrEnum):
    """What somebody wants changed."""

    SETTINGS = "settings"
    """Settings of an account: each name gets its text, all or none."""
    ADD = "add"
    """To lists among an account's settings."""
    DROP = "drop"
    """From lists among an account's settings."""
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    RESTORE = "restore"
    """Take back that it was removed."""
    ICON = "icon"
    """Of an account: another picture, or none."""
    KEY = "key"
    """Of an account: another key that signs its tickets."""
    LANGUAGE = "language"
    """Of the workspace."""


class SetupAsked(FromDesk, kw_only=True):
    """Somebody wants something set up.

    place, handle: where they asked, and the desk's way back to them; None: they are answered directly. window: the desk's own
    name for a window that is open, where they read what became of it.
    account: which; None: the workspace itself. values: by the contract's names, as texts, a secret only sealed. seen: what stood
    there when they looked; what somebody else has changed since is not written over.
    """

    change: Change
    person: PersonRef
    place: PlaceRef | None = None
    handle: str | None = None
    window: str | None = None
    account: AccountId | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)


# ── what it is decided from ───────────────────────────────────────────────────────────────────────────────


class Beside(Word, kw_only=True):
    """What depends on an account, and how it came to be removed.

    open: conversations that are not closed. waiting: answers on their way to its customers. missed: messages that came since
    it was paused. elsewhere: another workspace has it now.
    """

    open: int = 0
    waiting: int = 0
    missed: int = 0
    removed_at: datetime | None = None
    elsewhere: bool = False
    signed: bool = False
    """Something signs its tickets."""
    signer: str = ""
    """The mark of what does, encrypted as it is kept; empty: nothing does."""
    chosen: bool = False
    """Somebody has said who answers, be it everybody."""


class SetupSheet(Word, kw_only=True):
    """What a window shows that sets up an account. language: the reader's, as far as it is known."""

    workspace: Workspace
    account: Account
    others: tuple[Account, ...]
    beside: Beside
    known: Known
    language: str


# ── what is changed ───────────────────────────────────────────────────────────────────────────────────────


class SettingsChange(Word, kw_only=True):
    """An account's name and settings from now on. before, after: what the audit keeps of it."""

    account: Account
    name: str
    settings: AccountSettings
    before: Mapping[str, object]
    after: Mapping[str, object]


class WishChange(Word, kw_only=True):
    """Whether an account sends and receives from now on."""

    account: Account
    wish: Wish


class IconChange(Word, kw_only=True):
    """Which picture an account's posts bear from now on."""

    account: Account
    icon: str | None


class KeyChange(Word, kw_only=True):
    """What signs an account's tickets from now on, encrypted. before: whether something did."""

    account: Account
    sealed: str
    before: bool


class LanguageChange(Word, kw_only=True):
    """What a workspace is spoken to in from now on."""

    workspace: WorkspaceId
    before: str
    language: str


class Setup(Word, kw_only=True):
    """Changes by one hand; each leaves a line of the audit."""

    who: PersonRef
    changes: tuple[SettingsChange | WishChange | IconChange | KeyChange | LanguageChange, ...]


# ── how they hear of it ───────────────────────────────────────────────────────────────────────────────────


class AnswerAsker(Effect, kw_only=True):
    """Say to one person what became of what they asked for: by the desk's way back, else in the place, else directly.

    window: the one that is open for it, where they read it if it still is. sealed: what is shown there besides, and nowhere else.

    offers: what can be done next with *account*, by a button. reconnect: it waits for somebody to log in. before, after: what
    was changed of its settings, as texts by the contract's names.
    """

    person: PersonRef
    said: Said
    at: datetime
    place: PlaceRef | None = None
    handle: str | None = None
    account: AccountId | None = None
    offers: Change | None = None
    reconnect: bool = False
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    window: str | None = None
    sealed: str | None = None
