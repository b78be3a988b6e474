"""How many accounts of a platform may have their conversations in one channel: one rule for everybody who chooses a channel. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.model.change import replace
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.state import Account, Platform, Said, Value, Wish


def there(
    accounts: Iterable[Account], workspace: WorkspaceId, platform: Platform, place: str, *, but: str | None
) -> list[str]:
    """The names of the accounts whose conversations come to a channel. but: the network's id of the one that is left out."""
    return [
        each.name
        for each in accounts
        if (each.workspace, each.platform, each.settings.channel) == (workspace, platform, place)
        and each.wish is not Wish.REMOVED
        and each.remote_id != but
    ]


def full(names: Sequence[str], most: int) -> Said | None:
    """Why no other account can come to these; None: it can. most: 0 for any number."""
    if not most or len(names) < most:
        return None
    values: dict[str, Value] = {"count": len(names), "most": most, "accounts": ", ".join(names)}
    return Said(key="set_up.full", values=values)


def crowded(accounts: Iterable[Account], before: Account | None, after: Account, most: int) -> Said | None:
    """Why an account cannot come into its channel; where it was already it stays."""
    stays = before is not None and before.wish is not Wish.REMOVED and before.settings.channel == after.settings.channel
    if stays:
        return None
    names = there(accounts, after.workspace, after.platform, after.settings.channel, but=after.remote_id)
    return full(names, most)


def moved(account: Account, place: str) -> Account:
    """The account as it would be in another channel."""
    return replace(account, settings=replace(account.settings, channel=PlaceRef(place)))
