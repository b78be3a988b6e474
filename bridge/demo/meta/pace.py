"""How fast an account may be called, in the stand-in's own time.

https://developers.facebook.com/docs/messenger-platform/overview#rate-limiting
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.world import Account

READS_PER_SECOND: Final = 2
SENDS_PER_SECOND: Final = 300


class Pace:
    """Counts calls per account over the last second; refuses nothing while it is off."""

    def __init__(self, clock: Callable[[], float], *, on: bool) -> None:
        self.on = on
        self._clock = clock
        self._recent: dict[tuple[str, str], deque[float]] = {}

    def read(self, account: Account) -> None:
        """Count a call of the Conversations API; 613 beyond two a second."""
        self._count(account, "read", READS_PER_SECOND)

    def send(self, account: Account) -> None:
        """Count a call of the Send API; 613 beyond 300 a second, the account's own limit when it is used up."""
        if account.usage is not None and account.usage >= 100:
            raise GraphError(80002) if account.platform == "instagram" else GraphError(80006)
        self._count(account, "send", SENDS_PER_SECOND)

    def _count(self, account: Account, kind: str, limit: int) -> None:
        if not self.on:
            return
        now = self._clock()
        recent = self._recent.setdefault((account.id, kind), deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            raise GraphError(613, 2534040) if account.platform == "instagram" else GraphError(613)
        recent.append(now)
