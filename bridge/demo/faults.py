"""Faults to order: what a stand-in must do wrong, to which calls, and how often.

Both stand-ins share this file. It knows nothing of Slack or Meta: how an error looks is theirs to say.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from aiohttp import web

Kind = Literal["error", "status", "latency", "reset_before", "reset_after", "drop_after", "garbage_after"]

WORDY = frozenset({"text", "blocks", "message", "initial_comment", "files", "view"})
"""Arguments that a fault matches when they contain the expected text; all others must equal it."""


@dataclass(kw_only=True, eq=False)
class Fault:
    """One ordered fault.

    method: the call it strikes, as the stand-in names it; ``*`` strikes all.
    kind: ``reset_before`` closes the connection without effect; ``reset_after`` and ``drop_after`` let the effect happen
    and then close without an answer (hard, or in good order); ``garbage_after`` answers 200 with a body that is no JSON.
    status: the HTTP status of ``status``, and of ``error`` where the vendor's errors have one.
    seconds: how long ``latency`` waits, in real seconds, before the call is looked at.
    times: how many calls it still strikes; None: all, until removed.
    """

    method: str
    kind: Kind
    error: Mapping[str, object] | str = ""
    status: int = 200
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    match: Mapping[str, str] = field(default_factory=dict)

    def strikes(self, method: str, arguments: Mapping[str, object]) -> bool:
        """Whether this call is one it was ordered for."""
        if self.times == 0 or self.method not in ("*", method):
            return False
        return all(_fits(name, wanted, arguments.get(name)) for name, wanted in self.match.items())


class Faults:
    """The faults that are ordered and not used up."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._ordered))

    def add(
        self,
        *,
        method: str,
        kind: Kind,
        error: Mapping[str, object] | str = "",
        status: int = 200,
        seconds: float = 0.0,
        headers: Mapping[str, str] | None = None,
        times: int | None = 1,
        match: Mapping[str, str] | None = None,
    ) -> Fault:
        """Order one fault; the answer can be handed to `remove`."""
        if kind not in get_args(Kind):
            raise ValueError(f"no such kind of fault: {kind}")
        fault = Fault(
            method=method,
            kind=kind,
            error=error,
            status=status,
            seconds=seconds,
            headers=dict(headers or {}),
            times=times,
            match=dict(match or {}),
        )
        self._ordered.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take one order back; one that is used up already is no error."""
        self._ordered = [kept for kept in self._ordered if kept is not fault]

    def clear(self) -> None:
        """Take all orders back."""
        self._ordered.clear()

    def take(self, method: str, arguments: Mapping[str, object]) -> list[Fault]:
        """Use up what strikes this call: every latency, and the oldest fault of another kind."""
        taken: list[Fault] = []
        struck = False
        for fault in self._ordered:
            late = fault.kind == "latency"
            if (late or not struck) and fault.strikes(method, arguments):
                taken.append(fault)
                struck = struck or not late
                if fault.times is not None:
                    fault.times -= 1
        self._ordered = [fault for fault in self._ordered if fault.times != 0]
        return taken


async def disturbed(
    request: web.Request,
    taken: Sequence[Fault],
    *,
    act: Callable[[], Awaitable[web.StreamResponse]],
    refuse: Callable[[Fault], web.StreamResponse],
) -> web.StreamResponse:
    """Answer one request as the taken faults will have it.

    act: does what was asked and returns the honest answer; it runs at most once.
    refuse: words an ``error`` or ``status`` fault in the vendor's manner.
    """
    for fault in taken:
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
    other = next((fault for fault in taken if fault.kind != "latency"), None)
    if other is None:
        return await act()
    if other.kind in ("error", "status"):
        return refuse(other)
    if other.kind != "reset_before":
        await act()
    if other.kind == "garbage_after":
        return web.Response(body=b"<!doctype html><title>Oops</title>", content_type="text/html")
    return _cut(request, hard=other.kind != "drop_after")


def _cut(request: web.Request, *, hard: bool) -> web.Response:
    """Close the connection under the request; what is returned never leaves this machine."""
    transport = request.transport
    if transport is not None and hard:
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()


def _fits(name: str, wanted: str, given: object) -> bool:
    if given is None:
        return False
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return wanted in text if name in WORDY else text == wanted
