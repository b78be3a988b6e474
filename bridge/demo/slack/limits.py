"""How fast Slack lets an app go. https://docs.slack.dev/apis/web-api/rate-limits."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute of each tier; Slack promises at least so many, and the stand-in allows no more."""


@dataclass(kw_only=True)
class Bucket:
    """Tokens that come back with time: `rate` a second, at most `most`."""

    rate: float
    most: float
    left: float
    since: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0: now."""
        self.left = min(self.most, self.left + (now - self.since) * self.rate)
        self.since = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.rate


class Limits:
    """The buckets of one app in one workspace.

    posts_per_second, burst: per channel, however it is posted.
    posts_per_minute: of the whole workspace; Slack says "several hundred".
    clock: real seconds.
    """

    def __init__(self, *, pace: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.pace = pace
        self.posts_per_second = 1.0
        self.burst = 5.0
        self.posts_per_minute = 400.0
        self.history_per_minute: float | None = None
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._closed: dict[str, float] = {}

    def post(self, channel: str) -> int:
        """Count one post; the seconds to stay away, 0 when it may go."""
        workspace = self._bucket("posts", self.posts_per_minute / 60, self.posts_per_minute / 10)
        return self._take(f"post {channel}", self._bucket(channel, self.posts_per_second, self.burst), workspace)

    def call(self, method: str, tier: int) -> int:
        """Count one call of a method; the seconds to stay away, 0 when it may go."""
        minute = float(TIERS[tier])
        if self.history_per_minute is not None and method in ("conversations.history", "conversations.replies"):
            minute = self.history_per_minute
        return self._take(method, self._bucket(method, minute / 60, minute))

    def _bucket(self, name: str, rate: float, most: float) -> Bucket:
        known = self._buckets.get(name)
        if known is None or (known.rate, known.most) != (rate, most):
            known = self._buckets[name] = Bucket(rate=rate, most=most, left=most, since=self._clock())
        return known

    def _take(self, what: str, *buckets: Bucket) -> int:
        now = self._clock()
        if not self.pace:
            return 0
        closed = self._closed.get(what, 0.0) - now
        wait = max(closed, *(bucket.wait(now) for bucket in buckets))
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            self._closed[what] = max(self._closed.get(what, 0.0), now + wait)
            return seconds
        for bucket in buckets:
            bucket.left -= 1
        return 0
