"""Who is woken after a commit: callbacks on the event loop and, on PostgreSQL, the other processes.

Rule 1: a ring says that there may be work, never which; rings may be lost, for the loops look by themselves too.
Rule 2: rings are told together: one that comes while another is on its way adds nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import selectors
import threading
from collections.abc import Callable

import psycopg
from sqlalchemy.engine import URL

CHANNEL = "threadbridge"
ALIVE = 0x7B1D6E
"""The class of the advisory locks that living processes hold, each under its own number."""
AGAIN_AFTER = 0.5
"""Seconds until a connection that could not be made is tried again; one that was lost is made anew at once."""
LOOK_EVERY = 15.0
"""Seconds after which a silent connection is asked whether it lives."""


class Bell:
    """Rings the callbacks of one event loop; `ring` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._callbacks: list[Callable[[], None]] = []
        self._rung = threading.Event()

    def add(self, callback: Callable[[], None]) -> None:
        """Call it (on the event loop) at every ring."""
        self._callbacks.append(callback)

    def ring(self) -> None:
        """Wake them soon."""
        if not self._rung.is_set():
            self._rung.set()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to wake
                self._loop.call_soon_threadsafe(self._call)

    def _call(self) -> None:
        self._rung.clear()
        for callback in self._callbacks:
            callback()


class Line(threading.Thread):
    """Carries rings between processes by LISTEN and NOTIFY; its own it does not hear.

    NOTIFY has a connection of its own and comes after the commit: inside it, PostgreSQL would let commits queue up.
    The same connection holds the lock by which others see that this process lives: it ends with the process.
    """

    def __init__(self, url: URL, heard: Callable[[], None]) -> None:
        super().__init__(name="threadbridge-line", daemon=True)
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self.worker = secrets.randbits(31)
        self._me = str(self.worker)
        self.alive = threading.Event()
        self._tell = False
        self._closing = threading.Event()
        self._ear, self._mouth = os.pipe()
        os.set_blocking(self._ear, False)

    def ring(self) -> None:
        """Wake the other processes soon."""
        if not self._tell:
            self._tell = True
            os.write(self._mouth, b".")

    def close(self) -> None:
        """End the thread; returns when it has ended."""
        self._closing.set()
        os.write(self._mouth, b".")
        self.join()
        os.close(self._mouth)
        os.close(self._ear)

    def run(self) -> None:
        """Until it is closed; a lost connection is made again."""
        while not self._closing.is_set():
            made = False
            try:
                with psycopg.connect(self._address, autocommit=True, connect_timeout=10) as connection:
                    made = True
                    connection.execute("SELECT pg_advisory_lock(%s, %s)", (ALIVE, self.worker))
                    self.alive.set()
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._heard()  # what was missed while there was no connection
                    self._carry(connection)
            except psycopg.Error:
                if not made:
                    self._closing.wait(AGAIN_AFTER)
            except (OSError, ValueError):  # no file descriptor is left, or the connection's is gone
                self._closing.wait(AGAIN_AFTER)

    def _carry(self, connection: psycopg.Connection) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._ear, selectors.EVENT_READ)
            while not self._closing.is_set():
                ready = [key.fd for key, _ in selector.select(LOOK_EVERY)]
                if self._ear in ready:
                    os.read(self._ear, 4096)
                if self._tell:
                    self._tell = False
                    connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, self._me))
                elif not ready:
                    connection.execute("SELECT 1")
                if any(notice.payload != self._me for notice in connection.notifies(timeout=0)):
                    self._heard()
