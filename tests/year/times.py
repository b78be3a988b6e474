"""The time of a simulated world: it passes at once, and what people go by can be set wrong and right again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Times:
    """A `bridge.ports.Clock`: *steady* only goes on; *now* goes with it, and may jump."""

    def __init__(self, start: datetime = START) -> None:
        self._steady = start
        self._wrong = timedelta()

    def now(self) -> datetime:
        """What people go by."""
        return self._steady + self._wrong

    def steady(self) -> datetime:
        """What has passed."""
        return self._steady

    async def refresh(self) -> None:
        """It is kept here."""

    def pass_to(self, steady: datetime) -> None:
        """Let time pass until then; a moment that is over changes nothing."""
        self._steady = max(self._steady, steady)

    def jump(self, by: timedelta) -> None:
        """Let what people go by be set to another time."""
        self._wrong += by
