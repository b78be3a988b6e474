"""What may go wrong with the bridge itself. How a delivery ends is an `Outcome`, not one of these."""

from __future__ import annotations


class BridgeError(Exception):
    """The base of our own errors; the message is one line that says what is wrong and how to mend it."""


class UnusableSetting(BridgeError):
    """A setting has a value that nothing can be made of."""


class StoreUnavailable(BridgeError):
    """The database is unreachable, locked, full or broken: nothing was kept, or it is unknown whether it was."""


class WrongSchema(BridgeError):
    """The database is empty, older or newer than this program. *found* is its revision, or None."""

    def __init__(self, found: str | None, wanted: str) -> None:
        state = "is empty" if found is None else f"is at revision {found}"
        newer = found is not None and found > wanted
        mend = "run the newer program that made it" if newer else "run `threadbridge migrate`"
        super().__init__(f"the database {state}, this program needs {wanted}: {mend}")
        self.found, self.wanted = found, wanted


class AlreadyRunning(BridgeError):
    """Another process serves this SQLite database."""
