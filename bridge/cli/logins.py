"""What `check` says of a login: of one that is over, once; of one that ends soon, in time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from bridge.check import Finding, doubtful, explained
from bridge.model.state import Account, Health, Wish
from bridge.model.upkeep import Kept
from bridge.rules.accounts.health import Kind
from bridge.rules.accounts.minding import keys_of
from bridge.rules.accounts.warnings import end_of, stage_at, why_of
from bridge.settings import subject

SAID: Final = frozenset({"token", "permissions", "secret key"})
"""What follows from a login that is over, and is mended with it."""


def ends(kept: Kept, now: datetime) -> list[Finding]:
    """Of a login that ends within a fortnight, or was to end; of one that is over, its account's own finding tells."""
    account, end = kept.account, end_of(kept)
    if account.wish is Wish.REMOVED or account.health is Health.NEEDS_REAUTHENTICATION or end is None:
        return []
    if stage_at(end.at, now) is None:
        return []
    when = f"it {'was to end' if end.at <= now else 'ends'} on {end.at:%Y-%m-%d at %H:%M} UTC"
    why, mend = explained(account, Kind.REAUTH, f"ends_{why_of(account, end)}")
    return [doubtful("login", subject(account), f"{when}. {why}", mend)]


def once(account: Account, state: Finding, others: Iterable[Finding]) -> list[Finding]:
    """The account's own finding and the others, but for those that say again that its login is over."""
    over = account.health is Health.NEEDS_REAUTHENTICATION
    return [state, *(each for each in others if each.ok or not over or each.what not in SAID)]


def unsaid(holds: Mapping[str, int], accounts: Iterable[Account]) -> dict[str, int]:
    """Holds of which no account's own finding tells."""
    told = {
        key
        for account in accounts
        if account.wish is not Wish.REMOVED and account.health is not Health.READY
        for key in keys_of(account.id)
    }
    return {key: count for key, count in holds.items() if key not in told}
