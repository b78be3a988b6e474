"""What moves an account from which state of health into which: the table of contents. Pure.

Rule 1: health is what the network allows; what the operator wishes is another axis, and neither moves the other.
Rule 2: only a refusal of the network's makes an account unable to send; a computed date warns, and no more.
Rule 3: ready has no cause. A cause that is exact is not exchanged for one that is not.
Rule 4: the network's word that all is well ends a hold where nothing waits behind it; else something is tried, for only
what goes through proves that the rest can: without that, what a probe cannot see would open and close it for ever.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

from bridge.model.axes import Health
from bridge.model.word import Word


class Kind(StrEnum):
    """Why an account cannot send: how its incidents' keys and causes begin."""

    REAUTH = "reauth"
    """A login mends it."""
    RESTRICTED = "restricted"
    SETUP = "setup"
    """The network does not offer it yet."""


class Standing(Word, kw_only=True):
    """An account's health, with the cause where it is not well: a key of the catalogue's ``cause.<kind>.*``, without that."""

    health: Health
    cause: str | None = None


class Refusal(Word, kw_only=True):
    """The network refused something, or said in answer to a question (*asked*) that it would."""

    kind: Kind
    cause: str
    asked: bool = False


class Well(Word, kw_only=True):
    """Asked, the network says that nothing is wrong. waiting: whether answers wait behind the account's hold."""

    waiting: bool = False


class WentThrough(Word, kw_only=True):
    """Something went through although the account was held."""


class Blocked(Word, kw_only=True):
    """The network says that it restricts the account."""


class Unblocked(Word, kw_only=True):
    """The network says that it restricts the account no longer."""


class Deauthorised(Word, kw_only=True):
    """Somebody removed the app from the login."""


class Connected(Word, kw_only=True):
    """Somebody logged in; *standing*: what was found then."""

    standing: Standing


Event = Refusal | Well | WentThrough | Blocked | Unblocked | Deauthorised | Connected

READY: Final = Standing(health=Health.READY)
BEFORE: Final = frozenset({Health.PENDING, Health.NOT_ELIGIBLE})
"""The network has not let it begin yet."""
CONNECTED_TOOLS: Final = "connected_tools"
"""The owner has switched apps' access to messages off: like before the beginning, but there was one."""
TOKEN_INVALID, PERMISSION_REVOKED = "token_invalid", "permission_revoked"
INEXACT: Final = frozenset({None, "", "permission", TOKEN_INVALID, PERMISSION_REVOKED})
"""Causes behind which another one may stand: the network is asked at once."""
MENDS_ITSELF: Final = frozenset({"checkpoint", "unconfirmed", "page_link", "page_not_authorised", "page_removed", "secret_changed", "token_unreadable"}) | INEXACT  # fmt: skip
"""Causes that end without a login here: looked at more often."""

OF_THE_LOGIN: Final = frozenset(
    {TOKEN_INVALID, "password_changed", "app_deauthorised", "checkpoint", "unconfirmed", "data_access_expired"}
)
"""Causes that belong to who logged in: whatever else was connected by that login has probably died with it."""

SETUP: Final = {"not_eligible": Health.NOT_ELIGIBLE}
"""By cause; any other: pending."""
KINDS: Final = {
    Health.NEEDS_REAUTHENTICATION: Kind.REAUTH,
    Health.RESTRICTED: Kind.RESTRICTED,
    Health.PENDING: Kind.SETUP,
    Health.NOT_ELIGIBLE: Kind.SETUP,
}
"""Which kind of incident tells of it; a ready account has none."""


def moved(before: Standing, event: Event) -> Standing:
    """How an account stands after an event. Total."""
    match event:
        case Connected(standing=standing):
            return standing
        case WentThrough():
            return READY
        case Deauthorised():
            return Standing(health=Health.NEEDS_REAUTHENTICATION, cause="app_deauthorised")
        case Well(waiting=waiting):
            return _well(before, waiting=waiting)
        case Blocked():
            return _restricted(before, "policy")
        case Unblocked():
            return READY if before.health is Health.RESTRICTED else before
        case Refusal():
            return _refused(before, event)
        case _:
            assert_never(event)


def _refused(before: Standing, refusal: Refusal) -> Standing:
    match refusal.kind:
        case Kind.REAUTH:
            return _login(before, refusal)
        case Kind.RESTRICTED:
            return _restricted(before, refusal.cause)
        case Kind.SETUP:
            return _setup(before, refusal.cause)
        case _:
            assert_never(refusal.kind)


def _well(before: Standing, *, waiting: bool) -> Standing:
    match before.health:
        case Health.READY | Health.RESTRICTED:  # of a restriction no question tells, only a try
            return before
        case Health.PENDING | Health.NOT_ELIGIBLE | Health.NEEDS_REAUTHENTICATION:
            return before if waiting else READY
        case _:
            assert_never(before.health)


def _login(before: Standing, refusal: Refusal) -> Standing:
    begun = before.health not in BEFORE or before.cause == CONNECTED_TOOLS
    if not begun and refusal.cause == PERMISSION_REVOKED:
        return before  # what was never granted was not taken away
    known = before.health is Health.NEEDS_REAUTHENTICATION and before.cause not in INEXACT
    exact = refusal.cause not in INEXACT or (refusal.asked and refusal.cause == PERMISSION_REVOKED)
    if known and not exact:
        return before
    return Standing(health=Health.NEEDS_REAUTHENTICATION, cause=refusal.cause)


def _restricted(before: Standing, cause: str) -> Standing:
    """A dead login, or an account that may not begin, is the greater trouble: that stays what is said of it."""
    if before.health in (Health.READY, Health.RESTRICTED):
        return Standing(health=Health.RESTRICTED, cause=cause)
    return before


def _setup(before: Standing, cause: str) -> Standing:
    if before.health is Health.NEEDS_REAUTHENTICATION:
        return before
    return Standing(health=SETUP.get(cause, Health.PENDING), cause=cause)


def tries(before: Standing, event: Event) -> bool:
    """Whether something that waits is to be tried now, as its fate alone can tell; behind other holds one is, now and then."""
    return isinstance(event, Well) and event.waiting and before.health is Health.NEEDS_REAUTHENTICATION


def unsure_why(before: Standing, after: Standing) -> bool:
    """Whether the network is to be asked for the exact cause of what has just begun."""
    return before != after and after.health is Health.NEEDS_REAUTHENTICATION and after.cause in INEXACT
