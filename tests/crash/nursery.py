"""A process that has read the whole program once and forks it whenever it is told: nobody waits for Python to start.

Told by lines of JSON on its input (`Order`, or a child and a signal); says on its output who was born and who ended. Signals
go through it because it alone knows that a child's number is still the child's.
When its input ends, everything that it started ends with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run: `threadbridge WORDS…`, in a folder, with nothing but these settings in its environment.

    out, err: files that are written on.
    """

    id: int
    words: list[str]
    env: dict[str, str]
    folder: str
    out: str
    err: str


# ── in the tests' process ─────────────────────────────────────────────────────────────────────────────────


@dataclass
class Child:
    """One that was started."""

    nursery: Nursery
    pid: int
    ended: Future[int]

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        self.nursery.tell({"child": self.pid, "signal": int(number)})


@dataclass
class Nursery:
    """The tests' end of the line."""

    process: subprocess.Popen[str]
    _listener: threading.Thread = field(init=False)
    _number: count[int] = field(default_factory=lambda: count(1))
    _born: dict[int, Future[Child]] = field(default_factory=dict)
    _alive: dict[int, Future[int]] = field(default_factory=dict)

    @classmethod
    def open(cls) -> Nursery:
        """Start it; the program is read meanwhile."""
        command = [sys.executable, "-m", "tests.crash.nursery"]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return cls(process)

    def __post_init__(self) -> None:
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def close(self) -> None:
        """End it, and all that it started."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self._listener.join(30)
        self.process.stdout.close()

    def start(self, words: list[str], env: dict[str, str], *, folder: Path, out: Path, err: Path) -> Future[Child]:
        """Start one command."""
        number = next(self._number)
        order = Order(id=number, words=words, env=env, folder=str(folder), out=str(out), err=str(err))
        born = self._born[number] = Future()
        self.tell(asdict(order))
        return born

    def tell(self, what: dict[str, Any]) -> None:
        """Have something done."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            kind, *numbers = line.split()
            one, other = map(int, numbers)
            if kind == "born":
                self._alive[other] = Future()
                self._born.pop(one).set_result(Child(self, other, self._alive[other]))
            else:
                self._alive.pop(one).set_result(other)


# ── in the nursery ────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Read the program, then do as told."""
    import uvloop  # noqa: F401 - read here, once, as all that follows

    import bridge.app
    import bridge.cli.accounts
    import bridge.cli.conversations
    import bridge.cli.findings
    import bridge.cli.queues
    import bridge.cli.service  # noqa: F401
    from bridge.process import settle_down

    settle_down()  # or each child would look through it for garbage, and so make a copy of it
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.set_wakeup_fd(mouth)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    heard = b""
    while True:
        ready, _, _ = select.select([0, ear], [], [])
        if ear in ready:
            os.read(ear, 4096)
            _tell_ends(children)
        if 0 in ready:
            more = os.read(0, 1 << 20)
            if not more:
                break
            *lines, heard = (heard + more).split(b"\n")
            for line in lines:
                _do(json.loads(line), children)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _tell_ends(children: set[int]) -> None:
    for child in sorted(children):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            children.remove(pid)
            print(f"ended {pid} {os.waitstatus_to_exitcode(status)}", flush=True)  # noqa: T201


def _do(told: dict[str, Any], children: set[int]) -> None:
    if "signal" not in told:
        _fork(Order(**told), children)
    elif told["child"] in children:
        os.kill(told["child"], told["signal"])


def _fork(order: Order, children: set[int]) -> None:
    pid = os.fork()
    if pid == 0:
        _become(order)
    children.add(pid)
    print(f"born {order.id} {pid}", flush=True)  # noqa: T201


def _become(order: Order) -> NoReturn:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, path in ((1, order.out), (2, order.err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.env)
    from bridge.cli import main as command

    command(order.words)


if __name__ == "__main__":
    main()
