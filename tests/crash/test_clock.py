"""A clock that stands still, jumps, goes back or is away: answers still go, nothing is repeated, windows follow it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from tests.crash.load import settled
from tests.crash.nursery import Nursery
from tests.crash.service import Installation, installed
from tests.journeys.seen import LATE
from tests.journeys.world import CHECK, CROSS, DAY, HOUR, MINUTE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A conversation, and everything said in it so far."""

    home: Installation
    customer: Customer
    root: Message
    asked: list[str]
    answered: list[str]
    numbers: count[int]

    async def goes_on(self) -> None:
        """Once in each direction; then all of it stands once on the other side, in order."""
        world, number = self.home.world, next(self.numbers)
        self.asked.append(f"Question {number}.")
        await world.meta.write(self.customer, self.asked[-1])
        await self.home.until(lambda: self.shown() == self.asked)
        self.answered.append(f"Answer {number}.")
        ts = await world.answer(self.root, self.answered[-1])
        await self.home.until(lambda: world.phone(self.customer) == self.answered)
        await world.signed(self.root, ts, CHECK)

    async def is_refused(self) -> None:
        """An answer that may not go any more."""
        world = self.home.world
        ts = await world.answer(self.root, "Too late.")
        await world.signed(self.root, ts, CROSS)
        assert world.phone(self.customer) == self.answered

    def shown(self) -> list[str]:
        """The customer's words in the thread."""
        world = self.home.world
        lines = [world.slack.plain(each) for each in world.slack.thread(self.root.channel, self.root.ts) if each.bot_id]
        return [LATE.sub("", line.split(": ", 1)[1]) for line in lines if "Question" in line]


@asynccontextmanager
async def talking(nursery: Nursery, database_url: str, folder: Path, *, frozen: bool = False) -> AsyncIterator[Talk]:
    """A service in a process of its own, and a conversation; afterwards nothing was repeated."""
    async with installed(nursery, database_url, folder, start=False) as home:
        home.world.clock.frozen = frozen
        await home.service.start()
        customer = home.world.customer("messenger", name="Yuki")
        await home.world.meta.write(customer, "Question 0.")
        root = await home.world.root("Question 0.")
        talk = Talk(home=home, customer=customer, root=root, asked=["Question 0."], answered=[], numbers=count(1))
        yield talk
        home.world.clock.frozen = False
        await settled(home.world)
        assert talk.shown() == talk.asked
        assert home.world.phone(customer) == talk.answered
        assert len(home.world.roots()) == 1


async def test_answers_go_while_the_clock_stands_still(nursery: Nursery, database_url: str, tmp_path: Path) -> None:
    """Promises 1, 2 and 3."""
    async with talking(nursery, database_url, tmp_path, frozen=True) as talk:
        for _ in range(3):
            await talk.goes_on()


async def test_the_clock_jumps_ahead_and_back_and_windows_follow_it(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """I-12, F3: days ahead nothing may go; back again it may, also after a start, and nothing of before is repeated."""
    async with talking(nursery, database_url, tmp_path) as talk:
        clock, served = talk.home.world.clock, talk.home.world.served
        await talk.goes_on()
        clock.move(3 * DAY)
        asked = served.asked
        await talk.home.until(lambda: served.asked > asked + 2)
        await talk.is_refused()
        clock.move(-2 * DAY + HOUR)
        asked = served.asked
        await talk.home.until(lambda: served.asked > asked + 2)
        await talk.is_refused()
        clock.move(-1 * DAY)
        asked = served.asked
        await talk.home.until(lambda: served.asked > asked + 2)
        await talk.goes_on()
        await talk.home.service.kill()
        clock.move(-HOUR)
        await talk.home.service.start()
        await talk.goes_on()


async def test_a_clock_that_is_away_for_a_while_changes_nothing(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    """What was heard last counts, and real time goes on for retries and rests."""
    async with talking(nursery, database_url, tmp_path) as talk:
        served = talk.home.world.served
        await talk.goes_on()
        served.away = True
        asked = served.asked
        await talk.home.until(lambda: served.asked > asked + 2)
        await talk.goes_on()
        talk.home.world.slack.faults.add(method="chat.postMessage", kind="error", error="ratelimited")
        await talk.goes_on()
        served.away = False
        talk.home.world.clock.move(MINUTE)
        await talk.goes_on()
