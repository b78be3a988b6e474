"""What `check` says of the service's own processes, by their signs of life. Pure."""

from __future__ import annotations

from collections.abc import Collection

from bridge.check import Finding, wrong
from bridge.store.health import HEARS, WORKS


def findings(alive: Collection[str]) -> list[Finding]:
    """Which kind of process is missing beside those that are alive. alive: their roles; none before the first start."""
    found = []
    if alive and WORKS.isdisjoint(alive):
        problem = "no worker is alive: what comes in is kept, but nothing is shown in Slack and nothing is sent"
        found.append(wrong("process", "worker", problem, "start one with `threadbridge run --role worker`"))
    if alive and HEARS.isdisjoint(alive):
        problem = "no web process is alive: nobody hears Slack and Meta, and people cannot reach the bridge"
        found.append(wrong("process", "web", problem, "start one with `threadbridge run --role web`"))
    return found
