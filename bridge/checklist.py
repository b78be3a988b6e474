"""What an account needs before customers can be answered: what Meta tells, and what only a person can look at.

The same items that the connect page asks about, with what is known of each; pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bridge.meta.login import Identity, Refusal, Standing, Subscription, scopes_of, whose_of
from bridge.model.change import asdict
from bridge.model.state import Account, Login, Platform
from bridge.model.word import Word, field
from bridge.rules.accounts.health import CONNECTED_TOOLS
from bridge.settings import subject
from bridge.wording.pages import PageWording

TOOLS: Final = "tools"
BY_HAND: Final = ("live", "access", "verified", "tester")
"""What Meta tells no app."""
ROLES: Final = frozenset({"development", "permission"})
"""Causes that show that Meta still keeps the account to people with a role on the app."""


UNASKED: Final = {
    Login.FACEBOOK: "set META_APP_ID, so that Meta can be asked what this login may",
    Login.INSTAGRAM: "Meta does not tell what this login may: the bridge learns it when Meta refuses something, and says so",
}
"""Where the login is well, and what it was granted was not told."""


class Known(StrEnum):
    """What is known of an item."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Item(Word, kw_only=True):
    """One thing that must be so. mend: what to do where it is not, or may not be; by: who says how it is."""

    account: str
    item: str
    known: Known
    says: str
    by: str
    mend: str | None = None

    def json(self) -> dict[str, Any]:
        """As commands print it."""
        return asdict(self)


class Confirmed(Word, kw_only=True):
    """What somebody ticked on the connect page for an account, and when."""

    items: frozenset[str] = frozenset()
    at: datetime | None = None
    who: str = ""


class Told(Word, kw_only=True):
    """What Meta says of an account, asked just now. login: None: its token could not be opened."""

    login: Identity | Refusal | None = None
    webhooks: Subscription | Refusal | None = None
    reading: Refusal | None = None
    confirmed: Confirmed = field(default_factory=Confirmed)


def by_hand(platforms: Collection[Platform]) -> tuple[str, ...]:
    """Return what somebody must look at themselves."""
    return (*((TOOLS,) if Platform.INSTAGRAM in platforms else ()), *BY_HAND)


def items_of(account: Account, told: Told) -> Iterator[Item]:
    """Yield everything that an account needs, with what is known of it."""
    yield from _asked(account, told)
    for item in by_hand({account.platform}):
        yield _looked_at(account, item, told.confirmed)


def _asked(account: Account, told: Told) -> Iterator[Item]:
    again = f"`threadbridge accounts connect {subject(account)}`: log in again, and leave everything switched on"
    login = told.login if isinstance(told.login, Identity) else None
    silent = isinstance(told.login, Refusal) and told.login.standing is Standing.NO_ANSWER
    accepted = Known.PASS if login is not None else Known.UNKNOWN if silent else Known.FAIL
    yield _item(account, "login", accepted, "Meta accepts the login, and it is this account’s own", again)
    for scope in scopes_of(whose_of(account)):
        granted = None if login is None or login.scopes is None else scope in login.scopes
        if login is not None and login.unauthorised:
            granted = False
        mend = UNASKED[account.login] if login is not None and granted is None else again
        yield _item(account, f"permission {scope}", _known(granted), f"{scope} is granted for this account", mend)
    heard = None if not isinstance(told.webhooks, Subscription) else not told.webhooks.missing
    mend = "`threadbridge accounts connect` subscribes to them again"
    yield _item(account, "webhooks", _known(heard), "every webhook that the bridge hears is subscribed to", mend)
    readable = told.reading is None if login is not None else None
    if told.reading is not None and told.reading.standing is Standing.NO_ANSWER:
        readable = None
    mend = "finish App Review, or give everybody concerned a role on the app and on the account; code 36103 passes by itself"
    yield _item(account, "conversations", _known(readable), "Meta lets its conversations be read", mend)


def _looked_at(account: Account, item: str, confirmed: Confirmed) -> Item:
    """What a person has said of it; Meta's own refusal counts more."""
    says = PageWording("en").say(f"check.{item}")
    contradicted = (item == TOOLS and account.cause == CONNECTED_TOOLS) or (item == "access" and account.cause in ROLES)
    if contradicted:
        return Item(
            account=subject(account), item=item, known=Known.FAIL, says=says, by="Meta's last refusal", mend=says
        )
    if item in confirmed.items and confirmed.at is not None:
        by = f"confirmed {confirmed.at:%Y-%m-%d} by {confirmed.who}"
        return Item(account=subject(account), item=item, known=Known.PASS, says=says, by=by)
    mend = "Meta tells no app: look yourself, and tick it at the end of the next login"
    return Item(account=subject(account), item=item, known=Known.UNKNOWN, says=says, by="nobody yet", mend=mend)


def _known(so: bool | None) -> Known:  # noqa: FBT001 - the answer itself
    return Known.UNKNOWN if so is None else Known.PASS if so else Known.FAIL


def _item(account: Account, item: str, known: Known, says: str, mend: str) -> Item:
    wrong = None if known is Known.PASS else mend
    return Item(account=subject(account), item=item, known=known, says=says, by="Meta, asked just now", mend=wrong)
