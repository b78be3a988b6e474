"""What the customer has read, what they see of somebody who writes, and answers that cross: the whole way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.hands import Talk, talking
from tests.journeys.world import AKI, CHECK, KEN, KINDS, LOCK, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EYES = "eyes"


def eyed(talk: Talk, *answers: str) -> list[bool]:
    """Which of these answers bear the eyes."""
    return [EYES in talk.signs(ts) for ts in answers]


def moves(talk: Talk) -> list[str]:
    """How often the eyes were put on or taken off."""
    return [
        call.method
        for call in talk.world.slack.calls
        if call.method.startswith("reactions.") and call.arguments.get("name") == EYES
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_eyes_stand_on_the_last_answer_that_was_read(database_url: str, kind: Kind) -> None:
    """Beside the check mark; they go forward with the customer, once for several reads, and never back."""
    async with talking(database_url, kind, times={"read_pause": timedelta(seconds=1)}) as talk:
        meta, customer = talk.world.meta, talk.customer
        one = await talk.says("one")
        await talk.bears(one, CHECK)
        await talk.world.calm()
        await meta.read(customer)
        await talk.world.forward(lambda: talk.signs(one) == {CHECK, EYES})
        two, three = await talk.says("two"), await talk.says("three")
        await talk.reaches("one", "two", "three")
        await talk.bears(three, CHECK)
        await talk.world.calm()
        assert eyed(talk, one, two, three) == [True, False, False]
        talk.world.clock.freeze()
        meta.deliveries.duplicate_next(5)
        for _ in range(5):
            await meta.read(customer)
        await meta.settle()
        talk.world.clock.frozen = False
        await talk.world.forward(lambda: eyed(talk, one, two, three) == [False, False, True])
        assert talk.signs(two) == {CHECK}
        if kind != "messenger":
            await meta.read(customer, talk.bubbles()[0].mid)
        await talk.world.calm()
        assert eyed(talk, one, two, three) == [False, False, True]
        assert moves(talk) == ["reactions.add", "reactions.add", "reactions.remove"]


@sqlite
async def test_what_is_not_sent_or_written_elsewhere_bears_no_eyes(database_url: str) -> None:
    """A refused answer, a note and one in the network's own app stay as they are; a read of that counts for ours before it."""
    async with talking(database_url, "instagram") as talk:
        meta = talk.world.meta
        sent, note = await talk.says("sent"), await talk.says("// not for you")
        await talk.bears(sent, CHECK)
        await talk.bears(note, LOCK)
        meta.faults.add(method="messages", kind="error", error="551", status=400)
        refused = await talk.says("refused")
        await talk.world.signed(talk.root, refused, "x")
        talk.world.clock.move(timedelta(seconds=5))
        mid = await meta.native_reply(talk.customer.account, talk.customer, "from the app")
        await talk.world.until(lambda: any("from the app" in line for line in talk.lines()))
        await meta.read(talk.customer, mid)
        await talk.world.until(lambda: talk.signs(sent) == {CHECK, EYES})
        await talk.world.calm()
        assert eyed(talk, note, refused) == [False, False]


@pytest.mark.parametrize("kind", KINDS)
async def test_somebody_is_seen_writing_while_an_answer_rests(database_url: str, kind: Kind) -> None:
    """In undo alone: it begins with the rest, and ends with *Stop*, or with the answer; a failure is told to nobody."""
    async with talking(database_url, kind) as talk:
        await talk.says("at once")
        await talk.reaches("at once")
        await talk.world.calm()
        assert shown(talk) == []
        await talk.world.set(kind, answer_mode="undo", undo_seconds=30)
        stopped = await talk.says("too hasty")
        await talk.world.until(lambda: talk.customer.typing)
        await talk.presses("stop")
        await talk.bears(stopped, LOCK)
        await talk.world.until(lambda: not talk.customer.typing)
        await talk.world.calm()
        assert shown(talk) == ["typing_on", "typing_off"]
        await talk.says("goes in its time")
        await talk.world.until(lambda: talk.customer.typing)
        talk.world.clock.move(timedelta(seconds=31))
        await talk.reaches("at once", "goes in its time")
        assert not talk.customer.typing
        before = talk.world.told()
        talk.world.meta.faults.add(
            method="messages", kind="error", error="200", status=400, match={"sender_action": "typing_on"}
        )
        await talk.says("and another")
        await talk.world.until(lambda: shown(talk)[-1] == "typing_on" and len(shown(talk)) == 4)
        talk.world.clock.move(timedelta(seconds=31))
        await talk.reaches("at once", "goes in its time", "and another")
        assert [line for line in talk.world.told()[len(before) :] if "Goes to" not in line] == []


def shown(talk: Talk) -> list[str]:
    """The sender actions that the network was asked for, in order."""
    calls = [each.arguments for each in talk.world.meta.calls if each.method == "messages"]
    return [str(each["sender_action"]) for each in calls if "sender_action" in each]


@sqlite
async def test_of_two_answers_that_cross_the_second_is_asked_about(database_url: str) -> None:
    """Two agents within seconds: one goes, the other's author decides; what follows later goes by itself."""
    async with talking(database_url) as talk:
        await talk.world.set("messenger", collisions=True)
        talk.world.clock.move(timedelta(minutes=1))
        await talk.says("Yes, we have it.")
        held = await talk.says("No, it is sold out.", user=KEN)
        line = await talk.line("send", to=KEN, holds="Aki answered")
        assert not line.private
        await talk.reaches("Yes, we have it.")
        await talk.presses("keep_inside", to=KEN)
        await talk.bears(held, LOCK)
        talk.world.clock.move(timedelta(seconds=16))
        await talk.world.meta.write(talk.customer, "and in blue?")
        await talk.world.until(lambda: any("and in blue?" in line for line in talk.lines()))
        crossed = await talk.says("Shall I wrap it?")
        await talk.line("send", to=AKI, holds="wrote just before")
        await talk.presses("send", to=AKI)
        await talk.bears(crossed, CHECK)
        talk.world.clock.move(timedelta(seconds=16))
        await talk.says("Blue too.", user=KEN)
        await talk.reaches("Yes, we have it.", "Shall I wrap it?", "Blue too.")
