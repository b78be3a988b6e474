"""Ids that grow with time: 41 bits of milliseconds since 2025, 10 of the process, 12 of a counter."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime

START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)
PROCESS_BITS, COUNTER_BITS = 10, 12


class Ids:
    """Makes them; never the same one twice, never a smaller one, also when the computer's clock goes back."""

    def __init__(self) -> None:
        self._process = secrets.randbits(PROCESS_BITS) << COUNTER_BITS
        self._lock = threading.Lock()
        self._millis = 0
        self._count = 0

    def next(self) -> int:
        """A fresh id, positive and below 2**63."""
        with self._lock:
            millis = time.time_ns() // 1_000_000 - START
            if millis > self._millis:
                self._millis, self._count = millis, 0
            else:
                self._count += 1
                if self._count >> COUNTER_BITS:
                    self._millis, self._count = self._millis + 1, 0
            return self._millis << (PROCESS_BITS + COUNTER_BITS) | self._process | self._count
