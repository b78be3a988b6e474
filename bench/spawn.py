"""Processes of the benchmarks: each is `python -m bench.child ROLE`, and speaks JSON, a line each way.

They end when the pipe to them is closed, so that none outlives the run.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_LINE = 64 * 1024 * 1024
ANSWER_SECONDS = 240.0

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Child:
    """A running child. *said*: what it said when it was ready."""

    process: asyncio.subprocess.Process
    said: Json

    @property
    def url(self) -> str:
        return str(self.said["url"])

    async def ask(self, **question: Any) -> Json:
        """One question, one answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        await self.process.stdin.drain()
        return await _line(self.process)

    def resident(self) -> float:
        """Megabytes of memory that it holds now."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))

    def worked(self) -> float:
        """Seconds of processor time that it has used so far; other people's noise does not change them."""
        status = Path(f"/proc/{self.process.pid}/stat")
        if not status.exists():
            return float("nan")
        user, system = status.read_text().rpartition(") ")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def child(what: str, /, **given: Any) -> AsyncIterator[Child]:
    """Start one and wait until it is ready; end it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.child", what, json.dumps(given),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_LINE,
    )  # fmt: skip
    try:
        yield Child(process=process, said=await _line(process))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(30):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> Json:
    assert process.stdout is not None
    async with asyncio.timeout(ANSWER_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"a child of the benchmark ended with {await process.wait()}")
    found: Json = json.loads(line)
    return found
