"""However the demo ends, its bridge ends with it, and nothing of theirs is left."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 60.0
NOBODY = threading.Event()
"""Another process tells nobody here how far it is: it is looked at again a little later."""


def until(what: str, condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        NOBODY.wait(0.05)


def taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGHUP, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_bridge_outlives_its_demo(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """A closed terminal, or a process that is killed: the port is free again, and the folder is gone."""
    command = [sys.executable, "-m", "bridge", "demo", "--headless"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            assert demo.stdout.readline().startswith("http://127.0.0.1:")
            (folder,) = tmp_path.glob("threadbridge-demo-*")
            log = folder / "bridge.log"
            until("the bridge does not say that it is ready", lambda: "service.ready" in log.read_text("utf-8"))
            ready = next(line for line in log.read_text("utf-8").splitlines() if "service.ready" in line)
            port = json.loads(ready)["port"]
            assert taken(port)
            demo.send_signal(sent)
            assert demo.wait(PATIENCE) == code
        finally:
            demo.kill()
    until("the bridge goes on without its demo", lambda: not taken(port))
    until("the folder is left", lambda: not folder.exists())
