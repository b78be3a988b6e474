"""What the store's tests share: a clock, items and effects in short words, and a store to run them in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bridge.lanes import queue
from bridge.model.decision import Moment
from bridge.model.effects import PostLine, Queued, SendToCustomer
from bridge.model.ids import AccountId, ConversationId, MessageId, PlaceRef, WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.pace import Pace
from bridge.model.state import Said
from bridge.ports import Ending, OutboxRow
from bridge.store.store import SqlStore, open_store

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TEAM = WorkspaceId("T1")
UNPACED = Pace(posts_per_second=None, posts_per_minute=None)


class Times:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def steady(self) -> datetime:
        return self.at

    async def refresh(self) -> None:
        """It is kept here."""

    def pass_seconds(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def moment(self) -> Moment:
        return Moment(now=self.at, steady=self.at)


def item(key: str, lane: str = "lane", *, at: float = 0, body: bytes = b"{}", about: str | None = None) -> RawItem:
    """A raw item whose event happened *at* seconds after the start."""
    return RawItem(key=key, source="meta", lane=lane, at=START + timedelta(seconds=at), body=body, about=about)


def send(conversation: int, position: int = 1, *, account: int = 1, message: int = 0, part: int = 1) -> Queued:
    """A part of a reply: lane by conversation, target by account."""
    effect = SendToCustomer(
        workspace=TEAM,
        conversation=ConversationId(conversation),
        account=AccountId(account),
        message=MessageId(message or conversation * 1000 + position),
        part=part,
    )
    return queue(effect, position=position)


def line(conversation: int, place: str, *, rank: int | None = None, position: int = 1) -> Queued:
    """A line in a thread: lane by conversation, target by place."""
    effect = PostLine(workspace=TEAM, conversation=ConversationId(conversation), said=Said(key="line.test"))
    return queue(effect, position=position, place=PlaceRef(place), rank=rank)


@asynccontextmanager
async def opened(url: str, times: Times, pace: Pace = UNPACED) -> AsyncIterator[SqlStore]:
    """A store for as long as the block lasts."""
    store = await open_store(url, clock=times, pace=pace)
    try:
        yield store
    finally:
        await store.close()


class Bench:
    """A store with its clock, and the acts of the loops in one word each."""

    def __init__(self, store: SqlStore, times: Times, url: str) -> None:
        self.store, self.times, self.url = store, times, url

    async def add(self, *queued: Queued) -> None:
        await self.store.write(lambda tx: tx.effects.add(queued, self.times.at))

    async def claim(self, limit: int = 100) -> list[OutboxRow]:
        return await self.store.write(lambda tx: tx.effects.claim(self.times.moment, limit))

    async def finish(
        self, row: OutboxRow, state: str = "done", *, after: float | None = None, attempts: int = 0
    ) -> bool:
        not_before = None if after is None else self.times.at + timedelta(seconds=after)
        ending = Ending(state=state, not_before=not_before, attempts=attempts)
        return await self.store.write(lambda tx: tx.effects.finish(row, ending))

    async def due(self, limit: int = 100) -> list[str]:
        """Take the keys of what the inbox gives, and leave it there."""
        rows = await self.store.write(lambda tx: tx.facts.next(self.times.at, limit))
        return [row.item.key for row in rows]


def lanes_of(rows: list[OutboxRow]) -> list[str]:
    return [row.lane for row in rows]
