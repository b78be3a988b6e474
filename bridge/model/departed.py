"""What somebody leaves behind who is no longer on the desk."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import AccountId, PostRef
from bridge.model.word import dataclass


@dataclass(frozen=True, kw_only=True)
class GivenBack:
    """A conversation that they looked after.

    account: whose people mind it. since: when its customer began to wait; None: nobody waits there.
    """

    account: AccountId
    since: datetime | None
    thread: PostRef | None
