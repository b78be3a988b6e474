"""What became of answers that an incident held: those that went when it was over, and those that are still to go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bridge.model.ids import AccountId
from bridge.model.state import ReplyState
from bridge.store.schema import Instant, conversation, message, outbox

BEFORE = timedelta(seconds=60)
"""What went so shortly before went by the same mend: one answer is tried, and what it proves is told a moment later."""

_at, _since = sa.bindparam("at", type_=Instant()), sa.bindparam("since", type_=Instant())
_count = sa.select(sa.func.count(sa.distinct(outbox.c.message)))
_held = (
    outbox.c.kind == "SendToCustomer",
    conversation.c.account == sa.bindparam("account"),
    message.c.queued_at <= _at,
)
_SOURCE = outbox.join(message, message.c.id == outbox.c.message).join(
    conversation, conversation.c.id == message.c.conversation
)
SENT = _count.select_from(_SOURCE).where(
    outbox.c.state == sa.literal_column("'done'"),
    outbox.c.finished_at >= _since,
    message.c.state == ReplyState.SENT.value,
    *_held,
)
# The index's own condition stands literally, or no database would use it.
LEFT = _count.select_from(_SOURCE).where(
    sa.text("outbox.message IS NOT NULL AND outbox.state IN ('ready', 'working', 'unsure')"),
    outbox.c.state != sa.literal_column("'unsure'"),
    *_held,
)


def counted(conn: sa.Connection, account: AccountId | None, released: float) -> tuple[int, int]:
    """How many of an account's answers have gone that were held until *released* (seconds, steady), and how many are left."""
    if account is None:
        return 0, 0
    at = datetime.fromtimestamp(released, UTC)
    given = {"account": account, "at": at, "since": at - BEFORE}
    return int(conn.execute(SENT, given).scalar_one()), int(conn.execute(LEFT, given).scalar_one())
