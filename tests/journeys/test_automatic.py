"""What the bridge says to customers by itself."""

from __future__ import annotations

import pytest

from tests.journeys.hands import Talk, begun, talking
from tests.journeys.test_figures import report
from tests.journeys.test_windows import SECOND, at, grant, tags
from tests.journeys.test_work import card_says
from tests.journeys.world import AKI, DAY, HOUR, KEN, KINDS, MINUTE, Kind, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CLOSED = "We are closed at the moment"
MACHINE = "This is an automatic message"


def opens_tomorrow(world: World) -> tuple[str, str]:
    """Hours in which the account is closed now, and when it opens as a customer reads it."""
    opens = (world.clock.now() + DAY).replace(hour=9, minute=0)
    return f"{opens:%a} 09:00-18:00", f"{opens:%A}, {opens.day} {opens:%B}, 09:00"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_customer_who_writes_outside_the_hours_is_told_once_when_they_are_over(
    database_url: str, kind: Kind
) -> None:
    """CT-16, M-18, M-20, M-21: with the disclosure by default; agents see it, and the customer still waits."""
    async with World.open(database_url) as world:
        hours, opens = opens_tomorrow(world)
        await world.set(kind, auto_away=True, hours=hours)
        talk = await begun(world, kind, "Do you have it?", name="Yuki Tanaka")
        told = f"We will answer you here once we are back, on {opens}."
        await talk.world.until(lambda: any(told in each for each in talk.phone()))
        assert talk.phone()[0].startswith(MACHINE)
        await talk.world.until(lambda: sum(CLOSED in line for line in talk.lines()) == 1)
        await world.meta.write(talk.customer, "Hello?")
        await world.until(lambda: any("Hello?" in line for line in talk.lines()))
        await world.calm()
        assert [len(talk.phone()), sum(CLOSED in line for line in talk.lines())] == [1, 1]
        assert "Waiting since" in talk.card()
        assert [each.tag for each in talk.bubbles()] == [None]
        ts = await talk.says("Yes, we have it.")
        await talk.hears("Yes, we have it.")
        await talk.bears(ts, "white_check_mark")


@sqlite
async def test_who_waits_is_asked_for_patience_once_also_when_the_answer_is_lost_and_the_service_starts_again(
    database_url: str,
) -> None:
    """CT-16, I-12: Meta's answer is lost; the echo tells that it arrived, by its words; nothing is said twice."""
    async with talking(database_url, "instagram") as talk:
        await talk.world.set("instagram", auto_unanswered=120)
        talk.world.meta.faults.add(method="messages", kind="drop_after", times=1)
        talk.world.clock.move(2 * HOUR + MINUTE)
        await talk.world.until(lambda: sum("Thank you for waiting" in line for line in talk.lines()) == 1)
        await talk.world.stop()
        talk.world.clock.move(HOUR)
        await talk.world.start()
        await talk.world.calm()
        assert [len(talk.phone()), sum("Thank you for waiting" in line for line in talk.lines())] == [1, 1]
        assert "Waiting since" in talk.card()


@sqlite
async def test_what_was_decided_before_the_service_ended_is_said_once_after_it_starts(database_url: str) -> None:
    """CT-16: however often Meta tells the message, and whenever the service is told to end."""
    async with World.open(database_url) as world:
        await world.set("messenger", auto_first=True)
        yuki = world.customer("messenger", name="Yuki Tanaka")
        world.meta.deliveries.duplicate_next(3)
        for number in range(3):
            await world.meta.write(yuki, f"Hello? {number}")
            await world.stop()
            await world.start()
        root = await world.root("Hello? 2")
        await world.until(lambda: len(world.phone(yuki)) == 1)
        await world.calm()
        assert [len(world.phone(yuki)), sum("to the first message" in line for line in world.lines(root))] == [1, 1]


@sqlite
async def test_nothing_is_said_on_top_of_an_answer_that_rests(database_url: str) -> None:
    """CT-16: an agent has written; the customer writes again before that goes."""
    async with World.open(database_url) as world:
        hours, _ = opens_tomorrow(world)
        talk = await begun(world, "messenger", "Do you have it?", name="Yuki Tanaka")
        await world.set("messenger", auto_away=True, hours=hours, answer_mode="undo", undo_seconds=5)
        await talk.says("Yes, we have it.")
        await world.until_told("5 seconds")
        await world.meta.write(talk.customer, "Hello?")
        await talk.reaches("Yes, we have it.")
        await world.calm()
        await talk.reaches("Yes, we have it.")


@pytest.mark.parametrize("kind", KINDS)
async def test_whoever_was_helped_taps_how_content_they_are(database_url: str, kind: Kind) -> None:
    """CT-16: 1 to 5 after closing; on the card and in the figures, not in the thread, and nobody waits for an answer."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        await world.set(kind, auto_csat=True)
        await talk.says("Yes, we have it.")
        await talk.hears("Yes, we have it.")
        await close(talk)
        await world.until(lambda: len(talk.phone()) == 2)
        question = talk.bubbles()[-1]
        assert (question.text or "").startswith(MACHINE)
        assert [each["title"][0] for each in question.quick_replies] == list("12345")
        for tapped in question.quick_replies[3:]:
            await world.meta.write(talk.customer, tapped["title"], quick_reply=tapped["payload"])
            await card_says(talk, f"Satisfaction: {tapped['title'][0]} of 5")
        await world.calm()
        assert "Closed by Aki" in talk.card()
        assert not [line for line in talk.lines() if line.endswith(("4 Satisfied", "5 Very satisfied"))]
        satisfaction = (await report(world)).total.satisfaction
        assert (satisfaction.asked, satisfaction.scores) == (1, (0, 0, 0, 0, 1))
        await world.meta.write(talk.customer, "5")
        await world.until(lambda: any(line.endswith("5") for line in talk.lines()))
        await card_says(talk, "Waiting since")
        await close(talk)
        await world.calm()
        assert len(talk.phone()) == 2


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_a_day_to_the_second_also_where_people_have_seven(database_url: str, kind: Kind) -> None:
    """I-12, F3: 23:59:59 goes, without a tag; at 24:00:00 nothing reaches Meta."""
    async with talking(database_url, kind) as talk:
        await grant(talk.world, kind)
        await talk.world.set(kind, auto_csat=True)
        late = await begun(talk.world, kind, "Do you have two?", name="Mika Ito")
        for each in (talk, late):
            await each.says("Yes, we have it.")
            await each.hears("Yes, we have it.")
        await at(talk, DAY - SECOND)
        await close(talk)
        await talk.world.until(lambda: len(talk.phone()) == 2)
        assert tags(talk) == [("RESPONSE", None)] * 2
        await at(late, DAY)
        await close(late)
        await talk.world.calm()
        assert (len(late.phone()), len(late.sends())) == (1, 1)


async def close(talk: Talk) -> None:
    """Two agents say at once that it is over."""
    for user in (AKI, KEN):
        assert await talk.world.slack.click(user, talk.root.channel, talk.root.ts, "close") == 200
    await card_says(talk, "Closed by Aki")
