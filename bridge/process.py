"""What a process of the service settles for itself: its collector of garbage, and how it hears that it shall end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def settle_down() -> None:
    """What stands after the start stays to the end: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # what a request leaves behind is seldom a circle
    sys.setswitchinterval(0.02)  # the loop and the database's thread give way at their waits: taking turns costs both


@contextmanager
def ended_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set *stop*; heard again they change nothing, to the very end of a process that ends well."""
    loop = asyncio.get_running_loop()

    def heard(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(stop.set)

    # The loop's own handlers go when the loop is closed; a signal would then still kill the process.
    before = {name: signal.signal(name, heard) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except BaseException:
        for name, handler in before.items():
            signal.signal(name, handler)
        raise
    for name in before:
        signal.signal(name, signal.SIG_IGN)
