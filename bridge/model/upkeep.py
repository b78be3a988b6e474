"""What keeps an account connected: asking how it stands, exchanging its token in time, and what that brings back."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal

from bridge.model.account import Account
from bridge.model.effect import Effect
from bridge.model.ids import AccountId
from bridge.model.outcomes import Done
from bridge.model.word import Word

Upkeep = Literal["probe_at", "refresh_at", "warn_at", "warned", "token_expires_at", "data_access_expires_at", "sealed"]
"""What is kept of an account besides how it stands and what is set for it."""

UNTOLD: Final = "untold"
"""The network did not answer, or said nothing of the account."""


class ProbeAccount(Effect, kw_only=True):
    """Ask the network how an account stands: its login, its permissions, its link, whether webhooks come.

    silent_since: it is silent although it usually is not: to be told of it again is asked for in any case.
    """

    account: AccountId
    silent_since: datetime | None = None


class RefreshLogin(Effect, kw_only=True):
    """Exchange an account's token for a younger one, where its login has that."""

    account: AccountId


class Unsubscribe(Effect, kw_only=True):
    """Let no more webhooks come for an account that was removed, by the token that it had; that is forgotten then."""

    account: AccountId


class Probed(Done, kw_only=True):
    """What the network says of an account. *learnt*: that deliveries were missed, where they had to be asked for again.

    cause: ``<kind>.<detail>`` as `bridge.model.outcomes.Held` has it; None: nothing is wrong; `UNTOLD`. code: the network's.
    dated: whether it told until when the login lasts; expires_at, data_access_expires_at: None: without an end.
    """

    cause: str | None = None
    code: str = ""
    dated: bool = False
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None


class Refreshed(Done, kw_only=True):
    """The younger token, encrypted, and until when it lasts; it is written into the account's row and nowhere else."""

    HIDDEN: ClassVar = frozenset({"sealed"})

    sealed: str
    expires_at: datetime


class Dates(Word, kw_only=True):
    """Until when a login lasts, and when an account is looked at next; all in the time people go by.

    token_expires_at, data_access_expires_at: by the network's word; None: never, or not told.
    probe_at, refresh_at, warn_at: None: not at a certain time. warned: the latest warning that was told, with its end.
    heard_at: when the network last told anything of it.
    """

    connected_at: datetime | None = None
    token_expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    probe_at: datetime | None = None
    refresh_at: datetime | None = None
    warn_at: datetime | None = None
    warned: str | None = None
    heard_at: datetime | None = None


class Kept(Word, kw_only=True):
    """An account with its dates."""

    account: Account
    dates: Dates
