"""Cards that have become untrue for a reason outside their conversation."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.model.ids import AccountId
from bridge.store.schema import EPOCH, conversation


def have_become_untrue(conn: sa.Connection, account: AccountId) -> None:
    """What an account's cards say of it is no longer so: the next ticks redraw those that anybody still looks at.

    A card whose windows have all closed says so, and goes on saying it.
    """
    looked_at = sa.or_(conversation.c.told_until.is_not(None), conversation.c.work == "waiting")
    conn.execute(
        sa.update(conversation)
        .where(conversation.c.account == account, conversation.c.thread.is_not(None), looked_at)
        .values(told_until=EPOCH)
    )
