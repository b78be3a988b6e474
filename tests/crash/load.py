"""Load in both directions, and the account of every message afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from tests.journeys.world import AKI, CHECK, KEN, KINDS, QUESTION, SUPPORT, World


@dataclass
class Said:
    """What was said, in order, on each side of each conversation."""

    customers: dict[str, list[str]] = field(default_factory=dict)
    agents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Texts with the ts of the agent's message."""


@dataclass
class Load:
    """Customers who write and agents who answer, until told to stop."""

    world: World
    chance: random.Random
    people: int = 6
    said: Said = field(default_factory=Said)
    customers: dict[str, Customer] = field(default_factory=dict)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
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

    def stop(self) -> None:
        """No new words."""
        self._stop.set()

    async def _customer(self, name: str) -> None:
        for number in count():
            if self._stop.is_set():
                return
            text = f"{name} asks {number}."
            self.said.customers[name].append(text)
            await self.world.meta.write(self.customers[name], text)
            # Meta keeps no order once a delivery has failed, so the next words wait until these were taken in.
            delivery = self.world.meta.deliveries.record[-1]
            await self.world.meta.until(lambda: delivery.state == "delivered", seconds=60)  # noqa: B023
            await self._pause()

    async def _agent(self, name: str) -> None:
        for number in count():
            while not self._stop.is_set() and self.root(name) is None:
                await self._pause()
            root = self.root(name)
            if self._stop.is_set() or root is None:
                return
            text = f"{name} is answered {number}."
            ts = await self.world.answer(root, text, user=self.chance.choice([AKI, KEN]))
            self.said.agents[name].append((text, ts))
            with contextlib.suppress(AssertionError):  # it may be long in coming; the agent goes on
                await self.world.slack.until(lambda: self._signed(ts), seconds=5)  # noqa: B023
            await self._pause()

    async def _pause(self) -> None:
        """How long people take, here; less when nobody writes any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(0.1, 0.5)):
                await self._stop.wait()

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
        bot = self.world.slack.world.names.bot_user_id
        return {
            text
            for text, ts in self.said.agents[name]
            if QUESTION in self.world.slack.reactions_by(SUPPORT, ts, bot)
        }

    def check(self) -> None:
        """0 lost, 0 doubled unmarked, order kept."""
        wrong = [line for name in self.customers for line in self._wrong(name)]
        assert not wrong, "\n".join(wrong)

    def _wrong(self, name: str) -> list[str]:
        phone, asked = self.world.phone(self.customers[name]), self.asked(name)
        sure = [text for text, _ in self.said.agents[name] if text not in asked]
        doubled = [text for text in asked if phone.count(text) > 1]
        return [
            *_differ(f"{name}'s words in Slack", self.said.customers[name], self.shown(name)),
            *_differ(f"answers on {name}'s phone", sure, [text for text in phone if text not in asked]),
            *(f"doubled on {name}'s phone: {text}" for text in doubled),
        ]


def _differ(what: str, said: list[str], found: list[str]) -> list[str]:
    """In what the two lists differ, in words; nothing when they are equal."""
    if said == found:
        return []
    lost = [text for text in said if text not in found]
    doubled = [text for text, number in Counter(found).items() if number > 1]
    return [f"{what}: lost {lost}, doubled {doubled}" if lost or doubled else f"{what}: in another order: {found}"]
