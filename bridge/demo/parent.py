"""A bridge that was started by a demo does not outlive it: killed without a word, the demo still closes a pipe.

The pipe is the bridge's standard input, of which nothing is ever read but its end.
"""

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final, NoReturn

END_SECONDS: Final = 30.0
"""What is in flight gets as long as when an operator ends it."""


class Parent:
    """Whoever started this process, and holds the other end of its standard input. folder: what both of them used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gone = threading.Event()

    def watch(self) -> None:
        """End this process when the parent is gone; called once, before there is anything to end."""
        threading.Thread(target=self._watch, name="parent", daemon=True).start()

    def tidy(self) -> None:
        """Take the folder away where nobody is left to do it; called as the last of all."""
        if self._gone.is_set():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self) -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        self._gone.set()
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # nothing is in flight before the service listens to it
            self._leave()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(END_SECONDS)
        self._leave()

    def _leave(self) -> NoReturn:
        self.tidy()
        os._exit(1)
