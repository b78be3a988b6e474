"""What an operator sees from outside: figures for Prometheus, and log lines that hold ids and kinds, never words."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TextIO, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.typing import EventDict, WrappedLogger

from bridge.model.outcomes import Page
from bridge.model.word import Word, field

ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Seconds. Slack waits 3 s for an answer, Meta 5 s."""
RELAY_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)

LOGGED = frozenset(
    """event level timestamp logger
    account action attempts bytes cause check code conversation count cut direction effect error fact host incident items
    kind lack lane left loop message method missing more ok outcome path place platform port process problem reason role row rows
    seconds source state status subject target version why workspace""".split()
)
"""What a log line may say. A key that is not here is left out: it could carry somebody's words, a name or a secret."""

REFUSED = frozenset({"group"})
"""What is heard and refused on purpose: a log line besides the count."""

UNSIGNED = 401
"""How a request is answered whose signature is missing or wrong."""
LONGEST = 200
"""Characters of one value in a log line."""

_SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|EAA\w{8,}|IGA\w{8,}|gAAAAA[\w=-]+|(?<=access_token=)[^&\s]+")


class Queues(Word, kw_only=True):
    """Both queues as they stand. Counts by state; ages in seconds since the longest waiting row might have gone.

    held: targets that wait for an incident's end.
    """

    inbox: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    inbox_age: float = 0.0
    outbox_age: float = 0.0
    held: int = 0


class Metrics:
    """Counts what happens (`bridge.workers.base.Told`) and shows how the queues stand.

    Labels are kinds and states, never ids: their number must not grow with use.
    """

    unsigned: Callable[[str], None] = staticmethod(lambda _: None)
    """Hears of each request that bore no valid signature, by its source."""

    def __init__(self, registry: CollectorRegistry, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.registry = registry
        self._monotonic = monotonic
        self._acks = Histogram(
            "threadbridge_ack_seconds", "From a request's arrival to its answer", ["source", "status"],
            buckets=ACK_BUCKETS, registry=registry,
        )  # fmt: skip
        self._relays = Histogram(
            "threadbridge_relay_seconds", "From a message's own time to its arrival on the other side", ["direction"],
            buckets=RELAY_BUCKETS, registry=registry,
        )  # fmt: skip
        self._efforts = Histogram(
            "threadbridge_effect_seconds", "How long one effect took", ["kind"], buckets=ACK_BUCKETS, registry=registry
        )
        self._outcomes = Counter(
            "threadbridge_effects", "How effects ended, each try by itself", ["kind", "outcome"], registry=registry
        )
        self._ignored = Counter(
            "threadbridge_facts_ignored", "Facts that changed nothing", ["reason"], registry=registry
        )
        self._buried = Counter(
            "threadbridge_facts_dead", "Facts that could not be decided", ["source", "error"], registry=registry
        )
        self._troubles = Counter(
            "threadbridge_troubles", "Errors that a loop survived", ["loop", "error"], registry=registry
        )
        self._found = Counter(
            "threadbridge_found_later", "Messages that were read later", ["author"], registry=registry
        )
        self._untold = Counter(
            "threadbridge_alerts_refused", "Alerts that Slack would not show, each try by itself", ["kind"],
            registry=registry,
        )  # fmt: skip
        self._inbox = Gauge("threadbridge_inbox_rows", "Facts by state", ["state"], registry=registry)
        self._outbox = Gauge("threadbridge_outbox_rows", "Effects by state", ["state"], registry=registry)
        self._ages = Gauge(
            "threadbridge_queue_oldest_seconds", "How long the longest waiting row could have gone", ["queue"],
            registry=registry,
        )  # fmt: skip
        self._held = Gauge("threadbridge_held_targets", "Targets that wait for an incident's end", registry=registry)
        self._up = Gauge("threadbridge_database_up", "Whether the database answered just now", registry=registry)
        self._beats = Gauge(
            "threadbridge_loop_beat_seconds", "When a loop last began, since the epoch", ["loop"], registry=registry
        )
        self._watch_around(registry)
        self._last: dict[str, float] = {}
        # To ask for a counter by its labels takes longer than to count.
        self._ack, self._relay = cache(self._acks.labels), cache(self._relays.labels)
        self._effort, self._outcome = cache(self._efforts.labels), cache(self._outcomes.labels)

    def _watch_around(self, registry: CollectorRegistry) -> None:
        self._disk = Gauge("threadbridge_disk_free_bytes", "Room left where the database stands", registry=registry)
        self._share = Gauge("threadbridge_disk_free_ratio", "The same as a share of the whole", registry=registry)
        self._sockets = Gauge("threadbridge_slack_sockets", "Sockets by which Slack reaches us now", registry=registry)
        self._ends = Counter(
            "threadbridge_slack_socket_ends", "Sockets to Slack that ended or did not come to be", ["reason"],
            registry=registry,
        )  # fmt: skip

    def acked(self, source: str, status: int, seconds: float) -> None:
        """A request from outside was answered."""
        self._ack(source, str(status)).observe(seconds)
        if status == UNSIGNED:
            self.unsigned(source)

    def ignored(self, why: str) -> None:
        """A fact changed nothing; *why* is a fixed phrase."""
        self._ignored.labels(why).inc()
        if why in REFUSED:
            log.info("fact.refused", reason=why)

    def buried(self, source: str, error: str) -> None:
        """A fact could not be decided and waits for `inbox retry`."""
        self._buried.labels(source, error).inc()
        log.error("inbox.dead", source=source, error=error)

    def outcome(self, kind: str, outcome: str, seconds: float) -> None:
        """One try of an effect ended."""
        self._outcome(kind, outcome).inc()
        self._effort(kind).observe(seconds)

    def held(self, target: str, cause: str) -> None:
        """Nothing of a target goes until *cause*, a key of the wording catalogue, is mended."""
        log.error("target.held", target=target, reason=cause)

    def relayed(self, direction: str, seconds: float) -> None:
        """What somebody wrote stands on the other side."""
        self._relay(direction).observe(max(seconds, 0.0))

    def left_subscribed(self, account: int, reason: str) -> None:
        """Meta goes on telling of an account that was removed; what it tells is left unread."""
        log.warning("account.left_subscribed", account=account, reason=reason)

    def untold(self, row: int, kind: str, reason: str, *, dead: bool) -> None:
        """An alert that the desk would not show."""
        self._untold.labels(kind).inc()
        log.error("announcement.refused", row=row, kind=kind, reason=reason, state="dead" if dead else "again")

    def gap(self, workspace: str, count: int, left: int) -> None:
        """So many threads are to be read again, and so many more after them."""
        log.info("gap.reading", workspace=workspace, count=count, left=left)

    def history(self, account: int, page: Page) -> None:
        """A page of conversations was read; of those that are cut Meta may have more than it tells."""
        more = page.following is not None
        log.info("gap.history", account=account, count=page.count, items=len(page.learnt), cut=page.cut, more=more)
        if page.several:
            self._ignored.labels("group").inc(page.several)
            log.info("fact.refused", reason="group")

    def found_later(self, author: str) -> None:
        """A message that no delivery told is shown."""
        self._found.labels(author).inc()

    def sockets(self, number: int) -> None:
        """So many sockets hear what Slack has to say."""
        self._sockets.set(number)

    def socket_ended(self, reason: str) -> None:
        """A socket to Slack ended, or did not come to be; *reason*: Slack's word, or the name of an error."""
        self._ends.labels(reason[:LONGEST]).inc()

    def beat(self, loop: str) -> None:
        """A loop is alive."""
        self._beats.labels(loop).set(time.time())
        self._last[loop] = self._monotonic()

    def silent(self) -> float:
        """For how many seconds the quietest loop of this process has not been heard; 0 where none has begun."""
        now = self._monotonic() if self._last else 0.0
        return max((now - last for last in self._last.values()), default=0.0)

    def database(self, *, up: bool) -> None:
        """Whether the database answered."""
        self._up.set(up)

    def trouble(self, loop: str, error: str, why: str | None = None) -> None:
        """A loop met an error and goes on; *error* is the name of its class, *why* a sentence that may be shown."""
        self._troubles.labels(loop, error).inc()
        if why is None:
            log.error("loop.trouble", loop=loop, error=error)
        else:
            log.error("loop.trouble", loop=loop, error=error, why=why)

    def queues(self, queues: Queues) -> None:
        """Show the queues as they stand; what is no longer there is shown as none."""
        for gauge, values in ((self._inbox, queues.inbox), (self._outbox, queues.outbox)):
            gauge.clear()
            for state, value in values.items():
                gauge.labels(state).set(value)
        self._ages.labels("inbox").set(queues.inbox_age)
        self._ages.labels("outbox").set(queues.outbox_age)
        self._held.set(queues.held)

    def disk(self, *, free: int, total: int) -> None:
        """Show the room that is left, in bytes."""
        self._disk.set(free)
        self._share.set(free / total if total else 0.0)


def log_to(level: str, stream: TextIO | None = None) -> None:
    """Write log lines as JSON, one a line, from *level* (``debug`` to ``error``) on; other libraries' too."""
    out = Unfailing(sys.stderr if stream is None else stream)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_ids,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", out)),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Bare(threshold)]
    root.setLevel(max(threshold, logging.WARNING))


class Unfailing:
    """Where log lines go; what cannot be written, because the disk is full or the reader is gone, is let go."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it, if that can be done."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Bring it out, if that can be done."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def only_ids(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave out whatever could carry words, names or secrets, and shorten what is long."""
    return {key: _short(value) for key, value in event.items() if key in LOGGED}


def _short(value: Any) -> Any:
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return _SECRET.sub("[hidden]", value[: LONGEST + 1])[:LONGEST]
        case list() | tuple() | set() | frozenset():
            return [_short(item) for item in list(value)[:20]]
        case _:
            return type(value).__name__


class _Bare(logging.Handler):
    """Libraries' lines: who spoke and how loud. Their text may quote a request, so it is not kept; our own files use structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        method = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(log, method)("library", logger=record.name, **({"error": error} if error else {}))


log = structlog.get_logger("bridge")
