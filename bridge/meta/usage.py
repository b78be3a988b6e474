"""How much of its budget an account has used, as Meta's headers tell, and until when it had better rest. No I/O.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from bridge.meta.loose import Json, loads, obj, rows, whole
from bridge.model.outcomes import Later, Scope
from bridge.model.word import Word

BUSINESS, APP = "X-Business-Use-Case-Usage", "X-App-Usage"
OURS: Final = frozenset({"messenger", "instagram", "pages"})
SHARES: Final = ("call_count", "total_cputime", "total_time")
SLOW, FULL = 90, 100
BREATH: Final = timedelta(seconds=1)
"""Between two calls of an account that has used up nine tenths."""

LEAST_REST: Final = timedelta(minutes=1)


class Used(Word, kw_only=True):
    """percent: of the fullest budget. rest: how long Meta says it takes until calls are possible again."""

    percent: int
    rest: timedelta


def read(headers: Mapping[str, str]) -> Used | None:
    """What an answer's headers say. The account's own budget counts; the app's only where none is told."""
    if BUSINESS not in headers and APP not in headers:
        return None
    budgets = list(_budgets(headers))
    if not budgets:
        return None
    return Used(percent=max(used.percent for used in budgets), rest=max(used.rest for used in budgets))


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long an answer asks us to wait: by its header, or by the budget's minutes."""
    seconds = whole(headers.get("Retry-After"))
    if seconds is not None:
        return timedelta(seconds=min(seconds, 86400))
    used = read(headers)
    return used.rest if used is not None and used.rest else None


class Budgets:
    """Remembers for each account until when nothing more should be asked of the network; forgotten by a restart."""

    def __init__(self, steady: Callable[[], datetime]) -> None:
        self._steady = steady
        self._until: dict[int, tuple[datetime, Later]] = {}

    def heard(self, account: int, headers: Mapping[str, str]) -> None:
        """Remember what an answer's headers said."""
        used = read(headers)
        if used is None:
            return
        if used.percent < SLOW:
            self._until.pop(account, None)
            return
        full = used.percent >= FULL
        rest = max(used.rest, LEAST_REST) if full else BREATH
        scope = Scope.PARENT if full else Scope.TARGET
        self._until[account] = (self._steady() + rest, Later(after=rest, why=f"usage {used.percent} %", scope=scope))

    def rest(self, account: int) -> Later | None:
        """What to answer instead of calling; None: call."""
        if account not in self._until:
            return None
        (until, later), steady = self._until[account], self._steady()
        if until <= steady:
            return None
        return Later(after=until - steady, why=later.why, scope=later.scope)


def _budgets(headers: Mapping[str, str]) -> Iterator[Used]:
    business = [budget for each in obj(_json(headers.get(BUSINESS))).values() for budget in rows(each)]
    if business:
        yield from (_used(obj(budget)) for budget in business if obj(budget).get("type") in OURS)
    elif APP in headers:
        yield _used(obj(_json(headers[APP])))


def _used(budget: Mapping[str, Json]) -> Used:
    minutes = min(whole(budget.get("estimated_time_to_regain_access")) or 0, 24 * 60)
    return Used(percent=max(whole(budget.get(share)) or 0 for share in SHARES), rest=timedelta(minutes=minutes))


def _json(text: str | None) -> Json:
    if text is None:
        return None
    try:
        return loads(text.encode(errors="replace"))
    except ValueError:
        return None
