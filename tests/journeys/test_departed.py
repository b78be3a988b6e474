"""People who leave: what they looked after goes back, and nothing that waited for them is lost."""

from __future__ import annotations

import pytest

from tests.journeys.hands import Talk, begun, talking
from tests.journeys.test_home import shown
from tests.journeys.test_work import asks, card_says, presses, said
from tests.journeys.world import AKI, ALERTS, DAY, HOUR, KEN, LOCK, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def told_of_leaving(world: World) -> list[str]:
    """The alerts that say that somebody has left."""
    texts = [world.slack.plain(each) for each in world.roots(ALERTS)]
    return [text for text in texts if "no longer in this workspace" in text]


async def is_nobodys(talk: Talk) -> None:
    await talk.world.forward(lambda: "looks after it" not in talk.card())


async def test_what_somebody_looked_after_goes_back_when_they_leave(database_url: str) -> None:
    """ZI-25: one message however many conversations; those who wait are led to; what waited for their word stays inside."""
    async with talking(database_url) as talk:
        world = talk.world
        other = await begun(world, "instagram", "Anybody?", name="Ken")
        answered = await begun(world, "messenger", "And me?", name="Mio")
        for each in (talk, other, answered):
            await presses(each, "take", KEN)
            await card_says(each, "Ken looks after it")
        await answered.says("Yes.", user=KEN)
        await answered.hears("Yes.")
        ts = await other.says(f"<@{AKI}> what do you think?", user=KEN)
        await world.until_told("", KEN)
        world.slack.deactivate(KEN)
        [told] = await world.forward(lambda: told_of_leaving(world))
        assert "Ken is no longer in this workspace: 3 conversations that they looked after go back" in told
        assert "Waiting for an answer: 2" in told
        assert told.count("Open") == 2
        for each in (talk, other, answered):
            await is_nobodys(each)
        await world.forward(lambda: LOCK in other.signs(ts))
        await world.until(lambda: said(other, "Ken can no longer be reached") == 1)
        await world.forward(lambda: world.rows("SELECT id FROM conversation WHERE owner IS NOT NULL") == [])
        assert len(told_of_leaving(world)) == 1
        assert world.rows("SELECT who, action FROM audit WHERE who = 'bridge'") == 3 * [
            ("bridge", "conversation.release")
        ]
        assert other.phone() == []
        await presses(talk, "take")
        await card_says(talk, "Aki looks after it")


@sqlite
async def test_that_somebody_left_is_found_out_where_nobody_told(database_url: str) -> None:
    """The event is lost; what they had put off wakes in its time, and says so for all to see."""
    async with talking(database_url) as talk:
        world = talk.world
        late = await begun(world, "messenger", "Later!", name="Mio")
        await presses(talk, "take", KEN)
        await card_says(talk, "Ken looks after it")
        await asks(late, "snooze 30h", KEN)
        await world.until(lambda: said(late, "put this conversation off"))
        await world.calm()
        world.slack.deliveries.drop_next()
        world.slack.deactivate(KEN)
        world.clock.move(DAY + HOUR)
        [told] = await world.forward(lambda: told_of_leaving(world))
        assert "1 conversation that they looked after goes back" in told
        await is_nobodys(talk)
        world.clock.move(6 * HOUR)
        await world.forward(lambda: said(late, "put off until now by Ken, who can no longer be reached") == 1)


@sqlite
async def test_what_somebody_looked_after_goes_back_when_they_may_answer_no_more(database_url: str) -> None:
    """ZM-17, ZI-24: of that account alone; threads, cards, their Home and the alerts channel say so, once."""
    async with talking(database_url) as talk:
        world = talk.world
        other = await begun(world, "instagram", "Anybody?", name="Mio")
        for each in (talk, other):
            await presses(each, "take", KEN)
            await card_says(each, "Ken looks after it")

        def theirs() -> str:
            return shown(world, KEN).partition("Waiting for an answer")[0]

        await world.slack.open_home(KEN)
        await world.until(lambda: "Mio" in theirs() and "Yuki" in theirs())
        await world.set("messenger", agents=AKI)
        [told] = await world.forward(
            lambda: [each for each in map(world.slack.plain, world.roots(ALERTS)) if "may no" in each]
        )
        assert "1 conversation that they looked after goes back to the queue" in told
        await world.until(
            lambda: said(talk, "Nobody looks after this conversation now: Ken may no longer answer it") == 1
        )
        await is_nobodys(talk)
        await world.forward(lambda: "Yuki" not in theirs() and "Mio" in theirs())
        await world.calm()
        assert "Ken looks after it" in other.card()
        assert world.rows("SELECT who, action FROM audit WHERE who = 'bridge'") == [("bridge", "conversation.release")]
        await presses(talk, "take")
        await card_says(talk, "Aki looks after it")
