"""Figures of what really went through the bridge, from both sides."""

from __future__ import annotations

from datetime import timedelta

from bridge.store import accounts, figures
from bridge.store.figures import Report
from tests.journeys.hands import talking
from tests.journeys.world import AKI, CHECK, LOCK, World

DAY = timedelta(days=1)


async def report(world: World) -> Report:
    now = world.clock.now()

    def read(hand: accounts.Hand) -> Report:
        return figures.report(hand.conn, start=now - DAY, end=now + DAY, now=now)

    return await world.by_hand(read)


async def test_who_waits_is_answered_and_comes_again_is_in_the_figures(database_url: str) -> None:
    """A question, a note, an answer, a second question, an answer in the native app: two periods."""
    async with talking(database_url) as talk:
        world = talk.world
        await world.calm()
        waiting = (await report(world)).total
        assert (waiting.conversations, waiting.messages, waiting.answers, waiting.waiting) == (1, 1, 0, 1)
        world.clock.move(timedelta(minutes=5))
        note = await talk.says("// in the store room?")
        await talk.bears(note, LOCK)
        answer = await talk.says("あります。")
        await talk.bears(answer, CHECK)
        world.clock.move(timedelta(minutes=1))
        await world.meta.write(talk.customer, "and in blue?")
        await world.until(lambda: any("and in blue?" in line for line in talk.lines()))
        world.clock.move(timedelta(minutes=10))
        await world.meta.native_reply(talk.customer.account, talk.customer, "in blue, too")
        await world.until(lambda: any("in blue, too" in line for line in talk.lines()))
        await world.calm()
        told = (await report(world)).total
        assert (told.conversations, told.messages, told.answers, told.answers_elsewhere) == (1, 2, 1, 1)
        assert (told.waiting, told.longest_wait, told.lapsed) == (0, None, 0)
        first, second = told.first_answer_time.median or 0, told.answer_time.p90 or 0
        assert 300 <= first < 360
        assert 600 <= second < 660
        assert told.answer_time.count == 2
        assert [(each.agent, each.answers) for each in told.agents] == [(AKI, 1)]
