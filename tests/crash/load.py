"""Load in both directions, what may go wrong meanwhile, and the account of every message afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from bridge.demo.faults import Kind as Trouble
from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from tests.journeys.world import AKI, CHECK, CROSS, KEN, KINDS, QUESTION, SUPPORT, World

MOST_AT_ONCE = 3
"""Messages that somebody writes without waiting for an answer."""
GATHERED = 10_000
"""More than anybody writes at once: all of it is told in one delivery."""
STEP = timedelta(seconds=15)
"""Shorter than a lease, so that nothing in hand is taken for dead."""


@dataclass
class Said:
    """What was said, in order, on each side of each conversation."""

    customers: dict[str, list[str]] = field(default_factory=dict)
    agents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Texts with the ts of the agent's message."""


@dataclass
class Load:
    """Customers who write and agents who answer, until told to stop.

    refusals: whether an answer may be refused with a cross, as when nobody can be asked who wrote it.
    """

    world: World
    chance: random.Random
    refusals: bool = False
    people: int = 6
    said: Said = field(default_factory=Said)
    customers: dict[str, Customer] = field(default_factory=dict)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _roots: dict[str, Message] = field(default_factory=dict)

    async def run(self) -> None:
        """Everybody at once."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(self.people):
                name = f"p{number}"
                self.customers[name] = self.world.customer(KINDS[number % len(KINDS)], name=name)
                self.said.customers[name], self.said.agents[name] = [], []
                tasks.create_task(self._customer(name))
                tasks.create_task(self._agent(name))

    def begun(self) -> bool:
        """Whether everybody has written, on both sides."""
        return len(self.said.agents) == self.people and all(self.said.agents.values())

    def stop(self) -> None:
        """No new words."""
        self._stop.set()

    async def _customer(self, name: str) -> None:
        numbers = count()
        while not self._stop.is_set():
            texts = [f"{name} asks {next(numbers)}." for _ in range(self.chance.randint(1, MOST_AT_ONCE))]
            self.said.customers[name] += texts
            async with self._writing:
                before = len(self.world.meta.deliveries.record)
                self.world.meta.deliveries.batch(GATHERED)
                for text in texts:
                    await self.world.meta.write(self.customers[name], text)
                self.world.meta.deliveries.flush()
                told = self.world.meta.deliveries.record[before:]
            # Meta keeps no order once a delivery has failed, so the next words wait until these were taken in.
            await self.world.meta.until(lambda: all(each.state == "delivered" for each in told), seconds=90)  # noqa: B023
            await self._pause()

    async def _agent(self, name: str) -> None:
        numbers = count()
        while not self._stop.is_set():
            root = self.root(name)
            if root is None:
                await self._pause()
                continue
            ts = ""
            for _ in range(self.chance.randint(1, MOST_AT_ONCE)):
                text = f"{name} is answered {next(numbers)}."
                ts = await self.world.answer(root, text, user=self.chance.choice([AKI, KEN]))
                self.said.agents[name].append((text, ts))
                # Nor does Slack, which tries again after minutes.
                await self.world.slack.until(lambda: self._heard(ts), seconds=90)  # noqa: B023
            with contextlib.suppress(AssertionError):  # it may be long in coming; the agent goes on
                await self.world.slack.until(lambda: self._signed(ts), seconds=2)  # noqa: B023
            await self._pause()

    async def _pause(self) -> None:
        """How long people take, here; less when nobody writes any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(0.1, 0.5)):
                await self._stop.wait()

    def _heard(self, ts: str) -> bool:
        return any(each.ts == ts and each.status == 200 for each in reversed(self.world.slack.deliveries.records))

    def _signed(self, ts: str) -> bool:
        signs = self.world.slack.reactions_by(SUPPORT, ts, self.world.slack.world.names.bot_user_id)
        return bool(signs & {CHECK, QUESTION})

    def root(self, name: str) -> Message | None:
        """The card of somebody's conversation."""
        if name not in self._roots:
            for root in self.world.roots():
                if any(f"{name} asks" in self.world.slack.plain(reply) for reply in self.replies(root)):
                    self._roots[name] = root
        return self._roots.get(name)

    def replies(self, root: Message) -> list[Message]:
        """What the bridge posted in a thread."""
        return [each for each in self.world.slack.thread(SUPPORT, root.ts) if each.bot_id]

    # ── the account ──────────────────────────────────────────────────────────────────────────────────────

    def shown(self, name: str) -> list[str]:
        """A customer's words as they stand in Slack, in order."""
        said = re.compile(rf"{name} asks \d+\.")
        return [
            text
            for root in self.world.roots()
            for reply in self.replies(root)
            for text in said.findall(self.world.slack.plain(reply))
        ]

    def asked(self, name: str) -> set[str]:
        """Answers of which the agent was asked whether they arrived."""
        return self._bearing(name, QUESTION)

    def _bearing(self, name: str, sign: str) -> set[str]:
        bot = self.world.slack.world.names.bot_user_id
        return {text for text, ts in self.said.agents[name] if sign in self.world.slack.reactions_by(SUPPORT, ts, bot)}

    def check(self) -> None:
        """0 lost, 0 doubled unmarked, order kept, a card for each conversation, and something was said at all."""
        wrong = [line for name in self.customers for line in self._wrong(name)]
        if len(self.world.roots()) != len(self.customers):
            wrong.append(f"{len(self.world.roots())} cards for {len(self.customers)} conversations")
        assert not wrong, "\n".join(wrong)
        assert all(self.said.customers.values())
        assert any(self.said.agents.values())

    def _wrong(self, name: str) -> list[str]:
        phone, asked = self.world.phone(self.customers[name]), self.asked(name)
        refused = self._bearing(name, CROSS) if self.refusals else set[str]()
        sure = [text for text, _ in self.said.agents[name] if text not in asked | refused]
        doubled = [text for text in asked if phone.count(text) > 1]
        unsigned = [text for text, ts in self.said.agents[name] if not self._signed(ts) and text not in refused]
        return [
            *_differ(f"{name}'s words in Slack", self.said.customers[name], self.shown(name)),
            *_differ(f"answers on {name}'s phone", sure, [text for text in phone if text not in asked]),
            *(f"doubled on {name}'s phone: {text}" for text in doubled),
            *(f"without a sign: {text}" for text in unsigned),
        ]


def _differ(what: str, said: list[str], found: list[str]) -> list[str]:
    """In what the two lists differ, in words; nothing when they are equal."""
    if said == found:
        return []
    lost = [text for text in said if text not in found]
    doubled = [text for text, number in Counter(found).items() if number > 1]
    return [f"{what}: lost {lost}, doubled {doubled}" if lost or doubled else f"{what}: in another order: {found}"]


# ── what may go wrong ─────────────────────────────────────────────────────────────────────────────────────

TROUBLES: tuple[Trouble, ...] = ("reset_before", "reset_after", "drop_after", "garbage_after", "latency", "status")


async def troubled(world: World, chance: random.Random) -> None:
    """Let calls and deliveries go wrong at random on both sides, for ever; cancelled, it takes back what is left."""
    try:
        while True:
            for standin in (world.slack, world.meta):
                if list(standin.faults):
                    continue  # more trouble than calls would let nothing through at all
                kind = chance.choice(TROUBLES)
                more: dict[str, Any] = {"status": 503} if kind == "status" else {}
                seconds = chance.uniform(0.05, 1.0)
                standin.faults.add(method="*", kind=kind, seconds=seconds, times=chance.randint(1, 2), **more)
                standin.deliveries.duplicate_next(chance.randint(0, 2))
            with contextlib.suppress(TimeoutError):  # how long a trouble lasts
                async with asyncio.timeout(chance.uniform(0.1, 0.5)):
                    await asyncio.Event().wait()
    finally:
        for standin in (world.slack, world.meta):
            standin.faults.clear()


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────────────


async def settled(world: World, *, seconds: float = 120) -> None:
    """Let both sides come again, and time pass, until nothing is left to do, to look for or to ask about."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        await world.slack.settle()
        await world.meta.settle(seconds=seconds)
        while _count(world, IN_HAND):
            await _later(world, deadline)
        if not _count(world, LEFT):
            return
        world.clock.move(STEP)
        asked = world.served.asked + 3
        while world.served.asked < asked:
            await _later(world, deadline)


async def _later(world: World, deadline: float) -> None:
    """Look away for a moment: both sides are served by this very process."""
    if asyncio.get_running_loop().time() > deadline:
        raise AssertionError(f"something is left to do\n{world.dump()}")
    await asyncio.wait({asyncio.ensure_future(world.slack.world.changed(0.1))})


def _count(world: World, query: str) -> int:
    return int(world.rows(query)[0][0])


IN_HAND = """SELECT (SELECT count(*) FROM outbox WHERE state = 'working')
                 + (SELECT count(*) FROM inbox WHERE state IN ('ready', 'free') AND source = 'slack')"""
"""What must not be hurried: calls, and what agents wrote while somebody is asked who they are."""
LEFT = """SELECT (SELECT count(*) FROM outbox WHERE state IN ('ready', 'working') OR (state = 'unsure' AND blocks))
              + (SELECT count(*) FROM inbox WHERE state IN ('ready', 'free'))"""
UNSENT = """SELECT m.text, m.at, m.ref, m.state, m.sign, m.queued_at, o.id, o.state, o.reason, o.lease, o.not_before, o.unsure_since
            FROM message m LEFT JOIN outbox o ON o.message = m.id WHERE m.state <> 'sent'"""
