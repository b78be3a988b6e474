"""How fast each target may go."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.model.word import Word, field


class Rate(Word, kw_only=True):
    """Tokens a second, and how many may be saved up."""

    per_second: float
    burst: float


class Pace(Word, kw_only=True):
    """Our own pace, below what the other sides allow. None: no pace of our own.

    posts_per_second: into one place; posts_per_minute: into all of a workspace.
    calls_per_minute: what the desk allows in all of a workspace, by kind of call as its target names it.
    https://docs.slack.dev/apis/web-api/rate-limits and
    https://developers.facebook.com/docs/messenger-platform/overview/rate-limiting
    """

    posts_per_second: float | None = 1.0
    posts_per_minute: float | None = 300.0
    calls_per_minute: Mapping[str, int] = field(default_factory=dict)

    def of(self, target: str) -> Rate | None:
        """The rate of a target, by what kind of target its id says it is."""
        match target.split(":"):
            case ["desk", _, "place", _]:
                return Rate(per_second=self.posts_per_second, burst=1.0) if self.posts_per_second else None
            case ["desk", _, "posts"]:
                return Rate(per_second=self.posts_per_minute / 60, burst=10.0) if self.posts_per_minute else None
            case ["desk", _, method]:
                return self._method(method)
            case ["network", _, "sends"]:
                return Rate(per_second=250.0, burst=250.0) if self.posts_per_second else None
            case ["network", _, "films"]:
                return Rate(per_second=8.0, burst=2.0) if self.posts_per_second else None  # 10 in any second are taken
            case ["network", _, "private"]:
                # Meta takes 750 an hour: of these 50 at once, and 700 in the course of it.
                return Rate(per_second=700 / 3600, burst=50.0) if self.posts_per_second else None
            case ["network", _, "reads"]:
                return Rate(per_second=1.8, burst=1.0)  # two in any second are allowed, and not one more
            case _:
                return None

    def _method(self, method: str) -> Rate | None:
        most = self.calls_per_minute.get(method) if self.posts_per_second else None
        return None if most is None else Rate(per_second=most / 60, burst=most / 3)
