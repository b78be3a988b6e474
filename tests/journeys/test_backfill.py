"""What customers wrote, and the shop answered, while no delivery reached us: read from Meta's record, shown once, marked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bridge.telemetry import log_to
from tests.journeys.hands import ASKED, Talk, reconnect, talking
from tests.journeys.seen import figure
from tests.journeys.world import DAY, HOUR, KINDS, MINUTE, Kind, World

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FOUND = "Found later"


@asynccontextmanager
async def deaf(world: World) -> AsyncIterator[None]:
    """The service is down, and Meta gives up on what it tells meanwhile."""
    await world.calm()
    await world.stop()
    usual, world.meta.deliveries.retry_seconds = world.meta.deliveries.retry_seconds, ()
    yield
    await world.meta.settle()
    world.meta.deliveries.retry_seconds = usual
    await world.start()


def found(talk: Talk) -> list[str]:
    """What stands in the thread and was found later."""
    return [line for line in talk.lines() if FOUND in line]


def words_in_order(talk: Talk, *words: str) -> bool:
    """Whether the thread says just these, in this order."""
    lines = talk.lines()
    return len(lines) == len(words) and all(word in line for word, line in zip(words, lines, strict=True))


def reads(world: World) -> list[str]:
    """How each reading of conversations ended."""
    return [call.outcome for call in world.meta.calls if call.path.endswith("/conversations")]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_what_was_missed_while_the_service_was_down_is_shown_once_in_order_and_marked(
    database_url: str, kind: Kind
) -> None:
    """M-26: customers' messages and native answers of a downtime; a delivery that comes after all changes nothing."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(2 * MINUTE)
            await world.meta.write(talk.customer, "first missed")
            world.clock.move(MINUTE)
            await world.meta.native_reply(world.account(kind), talk.customer, "answered by hand")
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "second missed")
            stranger = world.customer(kind, name="Ren", username="ren")
            await world.meta.write(stranger, "somebody new")
            world.clock.move(5 * MINUTE)
        expected = (ASKED, "first missed", "answered by hand", "second missed")
        await world.until(lambda: words_in_order(talk, *expected))
        assert len(found(talk)) == 3
        other = await world.root("somebody new")
        assert len(world.roots()) == 2
        await world.until(lambda: "Waiting" in talk.card())
        assert FOUND in world.lines(other)[0]
        for late in [each.raw for each in world.meta.deliveries.record if each.raw]:
            assert await world.meta.deliver(late) == 200
        await world.calm()
        assert words_in_order(talk, *expected)
        assert len(world.lines(other)) == 1
        assert len(world.roots()) == 2


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_answered_since_makes_nobody_wait(database_url: str, kind: Kind) -> None:
    """M-26, CT-38: found with the answer that went after it: the card is green, and the channel is not told."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        await talk.says("an answer")
        await talk.hears("an answer")
        async with deaf(world):
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
            world.clock.move(MINUTE)
            await world.meta.native_reply(world.account(kind), talk.customer, "answered by hand")
            world.clock.move(MINUTE)
        await world.until(lambda: len(found(talk)) == 2)
        await world.until(lambda: "Answered in the" in talk.card())
        await world.calm()
        shown = [world.slack.plain(each) for each in world.slack.channel_messages(talk.root.channel)]
        assert not any("missed" in each for each in shown[1:])


@sqlite
async def test_windows_are_reckoned_from_the_time_at_which_it_was_written(database_url: str) -> None:
    """M-26, I-12: found two hours after it was written, it leaves 22 hours."""
    async with talking(database_url) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(23 * HOUR)
            await world.meta.write(talk.customer, "missed")
            world.clock.move(2 * HOUR)
        await world.until(lambda: found(talk))
        await talk.says("in time")
        await talk.hears("in time")
        world.clock.move(22 * HOUR)
        late = await talk.says("too late")
        await talk.bears(late, "x")


@sqlite
async def test_what_came_with_a_message_is_found_with_it(database_url: str) -> None:
    """M-26, M-04: pictures, shares, stories, quotes and reactions, as far as the record tells of them."""
    async with talking(database_url, "instagram") as talk:
        world, meta = talk.world, talk.world.meta
        first = talk.customer.bubbles[0].mid
        async with deaf(world):
            await meta.send_picture(talk.customer, text="look")
            await meta.attach(talk.customer, "share", {"url": "https://www.instagram.com/p/abc/", "title": "A post"})
            await meta.story_mention(talk.customer)
            await meta.story_reply(talk.customer, "nice story")
            await meta.write(talk.customer, "about that", reply_to=first)
            await meta.react(talk.customer, first, "love")
            await meta.unsupported(talk.customer)
            world.clock.move(MINUTE)
        await world.until(lambda: len(found(talk)) == 6)
        await world.calm()
        text = "\n".join(talk.lines())
        assert "https://www.instagram.com/p/abc/" in text
        assert "mentioned" in text
        assert "in answer to" in text
        assert "reacted with" in text
        files = [each for each in world.slack.thread(talk.root.channel, talk.root.ts) if each.files]
        assert len(files) == 1


@sqlite
async def test_a_crash_in_the_middle_of_reading_loses_and_doubles_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M-26: page after page; what was in hand is read again after the next start."""
    monkeypatch.setattr("bridge.meta.history.CONVERSATIONS", 2)
    monkeypatch.setattr("bridge.app.GRACE", 0.1)
    async with talking(database_url) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(MINUTE)
            people = [world.customer("messenger", name=f"N{number}") for number in range(5)]
            for number, person in enumerate(people):
                await world.meta.write(person, f"missed {number}", at=world.clock.time() + number)
            world.meta.faults.add(method="conversations", kind="latency", seconds=60, match={"after": "2"})
            world.clock.move(MINUTE)
        await world.until(lambda: "open" in reads(world))
        await world.stop()
        assert len(world.roots()) < 6
        await world.start()
        await world.until(lambda: len(world.roots()) == 6)
        await world.calm()
        assert sum(FOUND in line for root in world.roots() for line in world.lines(root)) == 5
        assert len(world.roots()) == 6


@sqlite
async def test_reading_keeps_to_two_calls_a_second(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """M-26: Meta allows two a second; many pages take their time, and all of them are read."""
    monkeypatch.setattr("bridge.meta.history.CONVERSATIONS", 1)
    async with talking(database_url) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(MINUTE)
            for number in range(6):
                person = world.customer("messenger", name=f"N{number}")
                await world.meta.write(person, f"missed {number}", at=world.clock.time() + number)
            world.clock.move(MINUTE)
        await world.until(lambda: len(world.roots()) == 7)
        own = f"{world.account('messenger').id}/conversations"
        spent = [call.at for call in world.meta.calls if call.path == own]
        assert len(spent) >= 6
        assert spent[-1] - spent[0] >= (len(spent) - 2) / 2


@sqlite
async def test_what_meta_refuses_for_its_pace_is_read_a_little_later(database_url: str) -> None:
    """M-26: 613 costs no message."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
            world.clock.move(MINUTE)
            refused = {"code": 613, "error_subcode": 2534040}
            world.meta.faults.add(method="conversations", kind="error", error=refused, status=400, times=3)
        await world.forward(lambda: words_in_order(talk, ASKED, "missed"))


@sqlite
async def test_a_message_beyond_the_newest_twenty_is_told_of_as_out_of_reach(
    database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """M-26: Meta tells what the newest twenty say; that there may be more is logged."""
    async with talking(database_url) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(20 * MINUTE)
            for number in range(25):
                await world.meta.write(talk.customer, f"missed {number:02}", at=world.clock.time() + number)
            world.clock.move(MINUTE)
            log_to("info")
        await world.until(lambda: len(found(talk)) == 20)
        await world.calm()
        assert "missed 05" in found(talk)[0]
        assert await figure(world, "threadbridge_found_later_total", author="customer") == 20
        logged = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"gap.history"' in line]
        assert [line["cut"] for line in logged if line["items"]] == [1]


@sqlite
async def test_a_request_nobody_answered_for_thirty_days_is_not_found(database_url: str) -> None:
    """M-26: Instagram forgets such requests; what is younger is found."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        async with deaf(world):
            await world.meta.write(world.customer("instagram", username="old"), "too old")
            world.clock.move(20 * DAY)
            await world.meta.write(world.customer("instagram", username="young"), "young enough")
            world.clock.move(10 * DAY)
        await world.root("young enough")
        await world.calm()
        assert not any("too old" in line for root in world.roots() for line in world.lines(root))


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_a_dead_subscription_is_made_anew_and_what_it_cost_is_read(database_url: str, kind: Kind) -> None:
    """M-26, M-02: Meta has stopped telling of an account: it is subscribed again within the hour, and nothing is lost."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        await world.calm()
        world.meta.unsubscribe(world.account(kind))
        world.clock.move(5 * MINUTE)
        await world.meta.write(talk.customer, "unheard")
        await world.calm()
        assert words_in_order(talk, ASKED)
        world.clock.move(HOUR)
        await world.until(lambda: words_in_order(talk, ASKED, "unheard"))
        assert len(found(talk)) == 1
        await world.meta.write(talk.customer, "heard")
        await world.until(lambda: words_in_order(talk, ASKED, "unheard", "heard"))
        assert len(found(talk)) == 1


@sqlite
async def test_after_a_new_login_what_was_missed_is_read(database_url: str) -> None:
    """M-26, CT-21: the reading waits behind the dead login, and goes on with the new one."""
    async with talking(database_url) as talk:
        world = talk.world
        world.meta.revoke(world.account("messenger"))
        async with deaf(world):
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
            world.clock.move(MINUTE)
        await world.until(lambda: world.rows("SELECT id FROM incident WHERE kind = 'reauth' AND closed_at IS NULL"))
        assert words_in_order(talk, ASKED)
        world.meta.restore(world.account("messenger"))
        await reconnect(world, "messenger")
        await world.until(lambda: words_in_order(talk, ASKED, "missed"))


@sqlite
async def test_a_short_restart_reads_nothing(database_url: str) -> None:
    """M-26: Meta tells again by itself what failed for a few seconds."""
    async with talking(database_url) as talk:
        world = talk.world
        await world.calm()
        before = len(reads(world))
        await world.stop()
        world.clock.move(timedelta(seconds=10))
        await world.start()
        await world.ticked()
        await world.calm()
        assert len(reads(world)) == before


@sqlite
async def test_a_field_that_meta_does_not_know_costs_no_words(database_url: str) -> None:
    """M-26: asked for all of it in vain, the bridge asks for the words alone."""
    async with talking(database_url) as talk:
        world = talk.world
        async with deaf(world):
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
            world.clock.move(MINUTE)
            world.meta.faults.add(method="conversations", kind="error", error={"code": 100}, status=400, times=1)
        await world.until(lambda: words_in_order(talk, ASKED, "missed"))


@sqlite
async def test_what_a_look_saw_first_is_shown_when_its_echo_comes(database_url: str) -> None:
    """CT-38: looking for a lost answer sees a native one, too; that it was seen hides nothing."""
    async with talking(database_url) as talk:
        world = talk.world
        world.meta.deliveries.pause()
        await world.meta.native_reply(world.account("messenger"), talk.customer, "by hand")
        world.meta.echoes = "never"
        world.meta.faults.add(method="messages", kind="drop_after", times=1)
        ts = await talk.says("lost answer")
        await world.forward(lambda: "white_check_mark" in talk.signs(ts))
        world.meta.deliveries.resume()
        await world.until(lambda: any("by hand" in line for line in talk.lines()))


@sqlite
async def test_an_echo_that_comes_while_what_a_look_saw_waits_is_shown(database_url: str) -> None:
    """CT-38: what was seen rests until the lost answer is settled; its echo comes meanwhile, and is no repetition of it."""
    async with talking(database_url) as talk:
        world = talk.world
        world.meta.deliveries.pause()
        await world.meta.native_reply(world.account("messenger"), talk.customer, "by hand")
        world.meta.faults.add(method="messages", kind="reset_before", times=1)
        ts = await talk.says("lost answer")
        await world.forward(lambda: world.rows("SELECT id FROM inbox WHERE state = 'free' AND reason = 'send'"))
        world.meta.deliveries.resume()
        await world.forward(lambda: any("by hand" in line for line in talk.lines()))
        await world.forward(lambda: "grey_question" in talk.signs(ts))
        assert sum("by hand" in line for line in talk.lines()) == 1


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_that_a_person_said_arrived_is_not_found_as_somebody_elses(
    database_url: str, kind: Kind
) -> None:
    """M-26, CT-38: Meta never told its id; its words tell whose it is."""
    async with talking(database_url, kind) as talk:
        world = talk.world
        await world.calm()
        world.meta.echoes = "never"
        world.meta.faults.add(method="messages", kind="drop_after", times=1)
        world.meta.faults.add(method="conversations", kind="status", status=500, times=None)
        await talk.says("settled by hand")
        await world.forward(lambda: any("arrived" in each for each in world.told()))
        await talk.presses("arrived")
        await world.calm()
        world.meta.faults.clear()
        async with deaf(world):
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
        await world.until(lambda: found(talk))
        await world.calm()
        assert len(found(talk)) == 1
        assert talk.phone() == ["settled by hand"]


@sqlite
async def test_an_answer_given_elsewhere_is_shown_though_one_settled_by_hand_begins_with_its_words(
    database_url: str,
) -> None:
    """M-26, CT-38: only the same words, whole, at the time of the send are ours; and each of ours only once."""
    async with talking(database_url, "instagram") as talk:
        world = talk.world
        await world.calm()
        world.meta.echoes = "never"
        world.meta.faults.add(method="messages", kind="drop_after", times=1)
        world.meta.faults.add(method="conversations", kind="status", status=500, times=None)
        await talk.says("No problem, it is on its way")
        await world.forward(lambda: any("arrived" in each for each in world.told()))
        await talk.presses("arrived")
        await world.calm()
        world.meta.faults.clear()
        async with deaf(world):
            world.clock.move(3 * HOUR)
            await world.meta.native_reply(world.account("instagram"), talk.customer, "No")
            world.clock.move(MINUTE)
            await world.meta.native_reply(world.account("instagram"), talk.customer, "No problem, it is on its way")
            world.clock.move(MINUTE)
            await world.meta.write(talk.customer, "missed")
        await world.until(lambda: len(found(talk)) == 3)
        await world.calm()
        assert sum("No" in line for line in found(talk)) == 2
        assert world.rows("SELECT seq FROM part WHERE remote_id IS NULL") == []
