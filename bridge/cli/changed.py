"""What a command has changed of an account, and that of a removed one nothing can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bridge.cli.answers import CommandError, cell, when
from bridge.model.setup import RESTORABLE
from bridge.model.state import Account, Wish
from bridge.rules.setup.asked import unrestored
from bridge.store.setups import beside
from bridge.unread import in_english

ANEW = "`threadbridge accounts add` connects it anew"


def check_connected(conn: Connection, account: Account, called: object, now: datetime) -> None:
    """CommandError where an account is removed, with what still leads back. called: the account, as whoever typed it calls it."""
    if account.wish is not Wish.REMOVED:
        return
    found = beside(conn, account)
    refusal = unrestored(account, found, now)
    if refusal is None and found.removed_at is not None:
        until = when(found.removed_at + RESTORABLE)
        back = f"`threadbridge accounts restore` takes that back until {until}, `accounts add` connects it anew"
        raise CommandError(f"{called} is removed: {back}")
    if refusal is not None and found.elsewhere:
        raise CommandError(in_english(refusal))
    raise CommandError(
        f"{called} was removed more than {RESTORABLE.days} days ago: {ANEW}; its threads are still there"
    )


def told(before: Mapping[str, Any], after: Mapping[str, Any], *, anew: Collection[str] = ()) -> dict[str, str]:
    """What is different of an account: each name with how it was and how it is.

    anew: what was set without its value being shown, and may look as before.
    """
    changed = {
        name: f"{cell(before.get(name))} → {cell(value)}" for name, value in after.items() if before.get(name) != value
    }
    replaced = [name for name in anew if name not in changed and after.get(name)]
    return changed | {name: f"{cell(before.get(name))} → replaced" for name in replaced}
