"""Perhaps it arrived: settled by the echo, by looking, or by a person; never sent twice without a mark."""

import asyncio
from datetime import timedelta
from typing import Literal

import pytest

from bridge.demo.faults import Kind as Fault
from tests.journeys.hands import Talk, talking
from tests.journeys.pressing import as_it_was
from tests.journeys.world import AKI, ALERTS, CHECK, KEN, KINDS, QUESTION, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SETTLE = timedelta(seconds=61)
Echo = Literal["before", "after", "late", "never"]


def blind(talk: Talk) -> None:
    """Let the Conversations API answer nothing, so that looking settles nothing."""
    faults = talk.world.meta.faults
    faults.add(method="conversations", kind="error", error="2", status=500, times=None)


async def unsure(talk: Talk, count: int = 1) -> None:
    """Wait until of so many answers nobody knows whether they arrived."""
    await talk.world.until(lambda: len(talk.world.rows("SELECT id FROM outbox WHERE state = 'unsure'")) == count)


async def asked(talk: Talk, words: str = "Perhaps?", fault: Fault = "drop_after") -> str:
    """An answer whose own answer was lost, and of which a person is asked."""
    talk.world.meta.echoes = "never"
    blind(talk)
    talk.world.meta.faults.add(method="messages", kind=fault, match={"message": words})
    ts = await talk.says(words)
    await unsure(talk)
    talk.world.clock.move(SETTLE)
    await talk.bears(ts, QUESTION)
    return ts


@sqlite
@pytest.mark.parametrize(
    ("kind", "fault"),
    [("messenger", "reset_after"), ("instagram", "drop_after"), ("instagram_login", "garbage_after")],
)
async def test_the_echo_settles_a_lost_answer(database_url: str, kind: Kind, fault: Fault) -> None:
    """M-24: by Meta's mark on Messenger, by the words on Instagram; a check mark, and nobody is asked."""
    async with talking(database_url, kind) as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        talk.world.meta.faults.add(method="messages", kind=fault)
        ts = await talk.says("はい、ございます。")
        await unsure(talk)
        talk.world.meta.release_echoes()
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["はい、ございます。"]
        assert len(talk.lines()) == 2
        assert talk.world.told(AKI) == []


@sqlite
async def test_an_echo_that_comes_before_the_answer_is_lost_settles_it(database_url: str) -> None:
    """M-24: first the webhook, then a reset: the answer is known to have arrived."""
    async with talking(database_url) as talk:
        blind(talk)
        talk.world.meta.echoes = "before"
        talk.world.meta.faults.add(method="messages", kind="reset_after")
        ts = await talk.says("quick echo")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["quick echo"]
        assert talk.world.told(AKI) == []


@sqlite
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_an_echo_of_ours_is_never_shown_whenever_it_comes(database_url: str, kind: Kind) -> None:
    """CT-38: before the answer, after it, late or never: one check mark, and the thread repeats nothing."""
    manners: tuple[Echo, ...] = ("before", "after", "late", "never")
    async with talking(database_url, kind) as talk:
        for manner in manners:
            talk.world.meta.echoes = manner
            ts = await talk.says(manner)
            await talk.bears(ts, CHECK)
            talk.world.meta.release_echoes()
        await talk.world.calm()
        assert talk.phone() == list(manners)
        assert len(talk.lines()) == 1 + len(manners)


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_looking_settles_what_no_echo_tells_of(database_url: str, kind: Kind) -> None:
    """M-24: the Conversations API shows the message; one look, and nobody is asked."""
    async with talking(database_url, kind) as talk:
        talk.world.meta.echoes = "never"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        ts = await talk.says("found by looking")
        await talk.bears(ts, CHECK)
        talk.world.clock.move(timedelta(seconds=10))
        await talk.world.calm()
        looks = [call for call in talk.world.meta.calls if call.method == "conversations"]
        assert len(looks) == 1
        assert talk.phone() == ["found by looking"]
        assert talk.world.told(AKI) == []
        assert len(talk.lines()) == 2


@sqlite
@pytest.mark.parametrize(("fault", "status"), [("reset_before", 0), ("status", 500), ("status", 503), ("error", 500)])
async def test_what_nothing_settles_is_asked(database_url: str, fault: Fault, status: int) -> None:
    """M-24: a grey question, a direct message with two buttons, and the card counts it."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind=fault, status=status, error="1" if fault == "error" else "")
        ts = await talk.says("did it?")
        await unsure(talk)
        talk.world.clock.move(SETTLE)
        await talk.bears(ts, QUESTION)
        line = await talk.line("arrived")
        assert not line.private
        assert line.buttons == {"arrived": "It arrived", "send_again": "Send again"}
        assert "it may have reached Yuki Tanaka" in talk.world.told(AKI)[0]
        await talk.world.until(lambda: "1 answer may not have arrived" in talk.card())
        assert talk.phone() == []
        assert len(talk.sends()) == 1
        assert "not known yet" in await talk.asks(ts)


@sqlite
async def test_a_colleague_settles_it_on_the_card(database_url: str) -> None:
    """M-24: the author may be away; the card has the same two buttons for every agent, as long as nobody has pressed."""
    async with talking(database_url) as talk:
        ts = await asked(talk)
        await talk.world.until(lambda: "may not have arrived" in talk.card())
        root = talk.root
        assert await talk.world.slack.click(KEN, root.channel, root.ts, "arrived") == 200
        await talk.bears(ts, CHECK)
        await talk.world.until_told("Noted as arrived", KEN)
        await talk.world.until(lambda: "may not have arrived" not in talk.card())
        with pytest.raises(LookupError):
            await talk.world.slack.click(KEN, root.channel, root.ts, "arrived")
        assert "Answered by Aki" in talk.card()


@sqlite
async def test_it_arrived_counts_once(database_url: str) -> None:
    """M-24: pressed by the author, then by a colleague who also wants it sent again: it is not."""
    async with talking(database_url) as talk:
        ts = await asked(talk)
        line = await talk.line("arrived")
        press = (line.said.channel, line.said.ts)
        assert await talk.world.slack.click(AKI, *press, "arrived") == 200
        await talk.bears(ts, CHECK)
        await talk.world.until_told("Noted as arrived")
        await talk.world.until(lambda: "may not have arrived" not in talk.card())
        await talk.world.calm()
        assert talk.phone() == ["Perhaps?"]
        assert len(talk.sends()) == 1
        await talk.world.until(lambda: "Answered by Aki" in talk.card())


@pytest.mark.parametrize("acts", [("send_again", "send_again"), ("arrived", "send_again")])
async def test_two_agents_press_at_once_and_one_of_them_counts(database_url: str, acts: tuple[str, str]) -> None:
    """M-24: whoever comes first has decided; never are there three."""
    async with talking(database_url) as talk:
        ts = await asked(talk)
        line = await talk.line("arrived")
        slack, press = talk.world.slack, (line.said.channel, line.said.ts)
        await asyncio.gather(slack.click(AKI, *press, acts[0]), slack.click(KEN, *press, acts[1]))
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() in (["Perhaps?"], ["Perhaps?"] * 2)
        sent_again = len(talk.sends()) == 2
        assert sent_again == (talk.phone() == ["Perhaps?"] * 2)
        assert sent_again or "arrived" in acts


@sqlite
async def test_send_again_pressed_twice_sends_once(database_url: str) -> None:
    """M-24: nothing had arrived; it goes once more and no more than once."""
    async with talking(database_url) as talk:
        ts = await asked(talk, fault="reset_before")
        line = await talk.line("send_again")
        press = (AKI, line.said.channel, line.said.ts, "send_again")
        await asyncio.gather(*(talk.world.slack.click(*press) for _ in range(3)), return_exceptions=True)
        await talk.reaches("Perhaps?")
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["Perhaps?"]


@sqlite
@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_an_echo_that_comes_after_the_question_answers_it(database_url: str, kind: Kind) -> None:
    """M-24: hours later Meta tells after all: the check mark comes, and the buttons do nothing any more."""
    async with talking(database_url, kind) as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        ts = await talk.says("late proof")
        await unsure(talk)
        talk.world.clock.move(SETTLE)
        await talk.bears(ts, QUESTION)
        again = as_it_was(talk.world, await talk.line("send_again"), "send_again")
        talk.world.meta.release_echoes()
        await talk.bears(ts, CHECK)
        await talk.world.until(lambda: "may not have arrived" not in talk.card())
        await talk.world.until_told("Sent: ")
        await again()
        await talk.world.until_told("has it already")
        await talk.world.calm()
        assert talk.phone() == ["late proof"]


@sqlite
async def test_an_echo_of_the_first_try_after_send_again_is_not_shown_as_somebody_elses(database_url: str) -> None:
    """M-24, CT-38: the first had arrived after all; both are ours."""
    async with talking(database_url) as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        ts = await talk.says("twice, with a mark")
        await unsure(talk)
        talk.world.clock.move(SETTLE)
        await talk.bears(ts, QUESTION)
        await talk.presses("send_again")
        await talk.reaches("twice, with a mark", "twice, with a mark")
        await talk.bears(ts, CHECK)
        talk.world.meta.release_echoes()
        await talk.world.calm()
        talk.world.clock.move(SETTLE)
        await talk.world.ticked()
        await talk.world.calm()
        assert len(talk.lines()) == 2


@sqlite
async def test_what_follows_waits_for_a_minute_and_then_goes(database_url: str) -> None:
    """CT-15: nothing passes an answer of which nobody knows, until a person was asked."""
    async with talking(database_url) as talk:
        talk.world.meta.echoes = "never"
        blind(talk)
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        await talk.says("first")
        await unsure(talk)
        await talk.says("second")
        talk.world.clock.move(timedelta(seconds=40))
        await talk.world.ticked()
        assert talk.phone() == ["first"]
        talk.world.clock.move(timedelta(seconds=25))
        await talk.reaches("first", "second")


@sqlite
async def test_the_same_words_twice_are_told_apart_by_their_marks(database_url: str) -> None:
    """M-24: on Messenger the mark decides which of two equal answers an echo is of."""
    async with talking(database_url) as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        first = await talk.says("はい")
        await unsure(talk)
        second = await talk.says("はい")
        talk.world.meta.release_echoes()
        await talk.bears(first, CHECK)
        await talk.bears(second, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["はい", "はい"]
        assert len(talk.lines()) == 3


@sqlite
@pytest.mark.parametrize("arrived", [(1, 2), (1,), (2,)], ids=["both", "the first", "the second"])
async def test_the_same_words_twice_without_marks_are_told_apart_by_their_times(
    database_url: str, arrived: tuple[int, ...]
) -> None:
    """M-24: on Instagram two equal answers whose answers were lost: each echo is of the one that had just gone."""
    async with talking(database_url, "instagram") as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        written = []
        for number in (1, 2):
            fault: Fault = "drop_after" if number in arrived else "reset_before"
            talk.world.meta.faults.add(method="messages", kind=fault)
            written.append(await talk.says("はい"))
            await unsure(talk, number)
            talk.world.clock.move(SETTLE)
            await talk.bears(written[-1], QUESTION)
        talk.world.meta.release_echoes()
        for number, ts in enumerate(written, 1):
            await talk.bears(ts, CHECK if number in arrived else QUESTION)
        await talk.world.ticked()
        assert talk.phone() == ["はい"] * len(arrived)
        assert len(talk.lines()) == 3


@sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_in_the_native_app_is_shown_once_and_counts(database_url: str, kind: Kind) -> None:
    """CT-38: what somebody wrote in Meta's own app stands in the thread, told once, and the card is green."""
    async with talking(database_url, kind) as talk:
        await talk.world.until(lambda: "Waiting" in talk.card())
        account = talk.world.account(kind)
        await talk.world.meta.native_reply(account, talk.customer, "アプリから返信しました")
        await talk.world.until(lambda: any("アプリから返信しました" in line for line in talk.lines()))
        await talk.world.until(lambda: "Answered in the" in talk.card())
        await talk.says("and from here")
        await talk.world.until(lambda: talk.phone() == ["アプリから返信しました", "and from here"])
        await talk.world.calm()
        assert len(talk.sends()) == 1
        assert [("アプリから" in line) for line in talk.lines()] == [False, True, False]


@sqlite
async def test_the_same_words_natively_while_ours_is_in_hand_are_both_there(database_url: str) -> None:
    """CT-38: a colleague answers in the app with the very words that are on the wire here."""
    async with talking(database_url) as talk:
        talk.world.meta.faults.add(method="messages", kind="latency", seconds=0.5)
        ts = await talk.says("かしこまりました")
        await talk.world.until(lambda: talk.world.rows("SELECT id FROM outbox WHERE state = 'working'"))
        await talk.world.meta.native_reply(talk.world.account("messenger"), talk.customer, "かしこまりました")
        await talk.bears(ts, CHECK)
        await talk.world.until(lambda: len(talk.lines()) == 3)
        await talk.world.calm()
        assert len(talk.phone()) == 2
        assert len(talk.sends()) == 1
        assert len(talk.lines()) == 3


@sqlite
async def test_an_unsure_answer_that_is_deleted_is_over_but_told(database_url: str) -> None:
    """M-24: its author hears that the customer may have it, or has it."""
    async with talking(database_url) as talk:
        blind(talk)
        talk.world.meta.echoes = "late"
        talk.world.meta.faults.add(method="messages", kind="drop_after")
        ts = await talk.says("oh no")
        await unsure(talk)
        await talk.deletes(ts)
        await talk.world.slack.settle()
        talk.world.meta.release_echoes()
        await talk.world.until_told("still has it")
        await talk.world.calm()
        assert talk.phone() == ["oh no"]
        assert talk.world.roots(ALERTS) == []
