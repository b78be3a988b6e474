"""A clock that a test moves; nothing in it waits."""

import time
from datetime import UTC, datetime, timedelta


class MovableClock:
    """Ticks with real time from `start`, or stands still when `frozen`; a test moves or sets it."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self.frozen = frozen
        self.set(start or datetime.now(UTC))

    def now(self) -> datetime:
        """Say what time it is, in UTC."""
        elapsed = 0.0 if self.frozen else time.monotonic() - self._since
        return self._at + timedelta(seconds=elapsed)

    def time(self) -> float:
        """Say the same in seconds since the epoch, as `time.time` does."""
        return self.now().timestamp()

    def move(self, by: timedelta) -> None:
        """Let `by` pass at once; a negative one goes back."""
        self.set(self.now() + by)

    def freeze(self) -> None:
        """Let it stand still from now on; it can still be moved."""
        self.move(timedelta())
        self.frozen = True

    def set(self, to: datetime) -> None:
        """Make it `to`, which must be aware of its zone."""
        if to.tzinfo is None:
            raise ValueError(f"a time without a zone: {to.isoformat()}")
        self._at, self._since = to.astimezone(UTC), time.monotonic()
