"""What somebody ticked for an account at the end of connecting it, as the audit keeps it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from bridge.model.state import Account
from bridge.settings import Audit, subject
from bridge.store.accounts import audit
from bridge.store.hand import Hand
from bridge.store.schema import audit as lines

ACTION: Final = "account.confirm"


def confirm(hand: Hand, account: Account, items: Collection[str]) -> None:
    """Keep what somebody says is so."""
    line = Audit(who=hand.who, action=ACTION, object=subject(account), before={}, after={"confirmed": sorted(items)})
    audit(hand, account, line)


def confirmed(conn: sa.Connection, account: Account) -> tuple[frozenset[str], datetime, str] | None:
    """Return what was ticked last, when, and by whom."""
    found = conn.execute(
        sa.select(lines.c.after, lines.c.at, lines.c.who)
        .where(lines.c.workspace == account.workspace, lines.c.object == subject(account), lines.c.action == ACTION)
        .order_by(lines.c.at.desc(), lines.c.id.desc())
        .limit(1)
    ).first()
    return None if found is None else (frozenset(found.after["confirmed"]), found.at, found.who)
