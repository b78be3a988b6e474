"""What the loops share: the tools they are given, and how they wait for work."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from pathlib import PurePath
from typing import Protocol

from bridge.model.change import replace
from bridge.model.decision import Moment, Rules
from bridge.model.errors import StoreUnavailable
from bridge.model.ids import PlaceRef, WorkspaceId
from bridge.model.outcomes import Page
from bridge.model.word import Word, field
from bridge.ports import Clock, Desk, Media, Network, Outside, Parser, Store, Transaction
from bridge.rules.base import Context
from bridge.settings import Refs

IDLE = 0.1
"""Seconds (real time) after which a loop looks again even if nobody woke it."""

AWAY = 0.5
"""Seconds (real time) after which a database that could not be used is asked again."""


class Told(Protocol):
    """Who counts what the loops do: ids and kinds only, never words."""

    def ignored(self, why: str) -> None:
        """A fact changed nothing."""
        ...

    def buried(self, source: str, error: str) -> None:
        """A fact could not be decided and waits for an operator."""
        ...

    def outcome(self, kind: str, outcome: str, seconds: float) -> None:
        """One try of an effect ended."""
        ...

    def held(self, target: str, cause: str) -> None:
        """Nothing of a target goes until *cause* is mended."""
        ...

    def relayed(self, direction: str, seconds: float) -> None:
        """What somebody wrote stands on the other side, so long after they wrote it."""
        ...

    def left_subscribed(self, account: int, reason: str) -> None:
        """The network would not end the webhooks of an account that was removed."""
        ...

    def untold(self, row: int, kind: str, reason: str, *, dead: bool) -> None:
        """The desk would not show an alert; *dead*: it was tried in every way, and waits for an operator."""
        ...

    def gap(self, workspace: str, count: int, left: int) -> None:
        """After a gap in the desk's events *count* threads are to be read again, and *left* more after them."""
        ...

    def history(self, account: int, page: Page) -> None:
        """Conversations of an account were read, for what no delivery told."""
        ...

    def found_later(self, author: str) -> None:
        """A message that no delivery told is shown."""
        ...

    def beat(self, loop: str) -> None:
        """A loop is alive."""
        ...

    def trouble(self, loop: str, error: str, why: str | None = None) -> None:
        """A loop met an error and goes on; *why*: what is wrong with the database, in a line."""
        ...


class Bell:
    """Wakes a loop; rung any number of times, it wakes once."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There may be work."""
        self._rung.set()

    async def wait(self, seconds: float = IDLE) -> None:
        """Until rung, or for *seconds* of real time."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


class Tools(Word, kw_only=True):
    """Everything the loops need, joined by `bridge.app`."""

    store: Store
    clock: Clock
    given: Rules
    """The rules as the operator set them at the start; what goes by them asks `rules`."""
    desk: Desk
    outside: Outside
    network: Network
    media: Media
    parsers: Mapping[str, Parser]
    """By source."""
    refs: Refs
    """How the desk reads what people type for a person, a group or a place."""
    desk_source: str
    """The source of what the desk tells, our own posts among it."""
    in_hand: set[int] = field(default_factory=set)
    """Outbox rows that this process has in hand: alive, whatever a moved clock says of their leases."""
    forgot: asyncio.Event = field(default_factory=asyncio.Event)
    """Something was erased, and may still stand in the database's own log."""
    changed: set[WorkspaceId] = field(default_factory=set)
    """Workspaces in which a card or an alert was drawn that people's own pages do not know of yet."""
    renumbered: dict[PlaceRef, PlaceRef] = field(default_factory=dict)
    """By which id places go now, by those by which they went: who had not heard of it yet may still use them."""
    leapt: Bell = field(default_factory=Bell)
    """Rung when the time was moved forward, where the clock is kept elsewhere."""
    told: Told

    @property
    def rules(self) -> Rules:
        """The rules, with the operator's channel under the id by which it goes now."""
        place = None if self.given.ops_place is None else self.renumbered.get(self.given.ops_place)
        return self.given if place is None else replace(self.given, ops_place=place)

    def moment(self) -> Moment:
        """Both clocks, now."""
        return Moment(now=self.clock.now(), steady=self.clock.steady())

    def context(self, tx: Transaction, moment: Moment) -> Context:
        """What the rules get inside a transaction."""
        return Context(moment=moment, rules=self.rules, new_id=tx.new_id)

    def trouble(self, loop: str, error: BaseException) -> None:
        """A loop met an error and goes on. Of errors that are not ours no text is told: it may quote a customer."""
        self.told.trouble(loop, named(error), str(error) if isinstance(error, StoreUnavailable) else None)


def named(error: BaseException) -> str:
    """An error by its class and the line of ours that met it: its own text may quote a customer."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "bridge" in frame.filename]
    if not ours:
        return type(error).__name__
    return f"{type(error).__name__} at {PurePath(ours[-1].filename).name}:{ours[-1].lineno}"
