"""Socket Mode: what is kept before it is acknowledged, what comes again, and how sockets are opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from bridge.demo.slack import SlackStandIn
from bridge.model.facts import AgentWrote, EventsMissed
from bridge.slack import sockets
from bridge.slack.commands import build
from bridge.slack.intake import SlackIntake
from bridge.slack.lists import Lists
from bridge.slack.setup.door import SetupDoor
from bridge.slack.sockets import NoSocketError, Sockets, address, pause
from tests.clock import MovableClock
from tests.slack.stage import (
    AKI,
    NOON,
    PLACE,
    WORKSPACE,
    MemoryInbox,
    NoSetups,
    Nothing,
    NoWindows,
    SlowClock,
    no_probe,
    nobody,
)

PATIENCE = 30.0


@dataclass
class Count:
    """Counts, as the service's figures do."""

    open: int = 0
    ends: list[str] = None  # type: ignore[assignment]
    answers: list[int] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.ends, self.answers = [], []

    def acked(self, source: str, status: int, seconds: float) -> None:
        assert source == "slack"
        assert seconds >= 0
        self.answers.append(status)

    def sockets(self, number: int) -> None:
        self.open = number

    def socket_ended(self, reason: str) -> None:
        self.ends.append(reason)


@dataclass(kw_only=True)
class Wired:
    """A workspace whose words come by socket into an inbox with a memory."""

    slack: SlackStandIn
    inbox: MemoryInbox
    sockets: Sockets
    count: Count
    root: str = ""

    async def until(self, predicate: Callable[[], object]) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not predicate():
            assert asyncio.get_running_loop().time() < deadline, (self.count, self.slack.sockets.strange)
            await self.slack.world.changed(0.02)

    async def say(self, text: str = "Yes") -> str:
        return await self.slack.say(AKI, PLACE, text, thread_ts=self.root)

    def wrote(self) -> list[str]:
        return [str(fact.text) for fact in self.inbox.facts() if isinstance(fact, AgentWrote)]


@asynccontextmanager
async def wired(*, number: int = 2, token: str = "xapp-demo") -> AsyncIterator[Wired]:
    clock, inbox, count = MovableClock(NOON), MemoryInbox(), Count()
    slack = SlackStandIn(clock=clock.time, pace=False)
    slack.deliveries.timeout = 1.0
    slack.add_user(AKI, "Aki")
    slack.add_channel(PLACE, "shop", members=[AKI])
    await slack.start()
    slow = SlowClock(source=clock, shown=clock.now())
    bolt = build(
        lambda: [WORKSPACE],
        Lists(reader=Nothing(), client_for=nobody, clock=slow),
        SetupDoor(store=inbox, reader=Nothing(), client_for=nobody, probe_for=no_probe, clock=slow),
    )
    door = SlackIntake(
        store=inbox,
        clock=slow,
        workspaces=lambda: [WORKSPACE],
        secrets=(),
        bolt=bolt,
        windows=NoWindows(),
        setups=NoSetups(),
    )
    async with aiohttp.ClientSession() as http:
        line = Sockets(taker=door, told=count, tokens=[token], base_url=slack.api_url, http=http, number=number)
        at = Wired(slack=slack, inbox=inbox, sockets=line, count=count)
        running = asyncio.create_task(line.run())
        try:
            if token == "xapp-demo":
                await at.until(lambda: slack.sockets.number == number and count.open == number)
            at.root = await slack.say(AKI, PLACE, "root")
            yield at
            line.end()
            await running
            assert slack.sockets.strange == []
        finally:
            running.cancel()
            await slack.stop()


async def test_an_envelope_is_acknowledged_after_it_is_kept() -> None:
    """CT-01: by sockets as by HTTP; an event, a command with its answer in the acknowledgement, a press."""
    async with wired() as at:
        await at.say("By socket")
        await at.slack.settle()
        assert at.wrote() == ["By socket"]
        assert at.slack.deliveries.records[-1].status == 200
        status, body = await at.slack.command(AKI, PLACE, "/bridge", "help")
        assert status == 200
        assert '"text"' in body
        assert at.slack.ephemerals(AKI)


async def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again() -> None:
    """CT-02: a database that is away costs nothing but time."""
    async with wired() as at:
        at.inbox.broken = True
        await at.say()
        await at.until(lambda: 503 in at.count.answers)
        assert at.wrote() == []
        at.inbox.broken = False
        await at.until(lambda: at.wrote() == ["Yes"])
        await at.slack.settle()
        assert [each.status for each in at.slack.deliveries.records if each.status == 200][-1:] == [200]


async def test_a_lost_acknowledgement_brings_the_envelope_again_and_it_counts_once() -> None:
    async with wired() as at:
        at.slack.sockets.lose_acknowledgements(1)
        await at.say()
        await at.slack.settle()
        assert at.wrote() == ["Yes"]
        assert [(each.retry_num, each.status) for each in at.slack.deliveries.records[-2:]] == [(0, 0), (1, 200)]


async def test_a_cut_socket_is_opened_again_while_the_other_hears() -> None:
    async with wired() as at:
        at.slack.sockets.cut(1)
        await at.say("meanwhile")
        await at.until(lambda: at.wrote() == ["meanwhile"])
        await at.until(lambda: at.slack.sockets.number == 2 and at.count.open == 2)
        assert at.count.ends == ["lost"]
        assert at.sockets.deaf() == 0


async def test_a_socket_that_is_to_be_renewed_is_listened_to_until_it_closes() -> None:
    """After a warning there is a new socket before the old one ends, so that Slack always has one."""
    async with wired() as at:
        await at.slack.sockets.disconnect("warning")
        await at.until(lambda: at.slack.sockets.number == 4 and at.count.open == 2)
        for number in range(4):
            await at.say(f"word {number}")
        await at.slack.settle()
        assert sorted(at.wrote()) == [f"word {number}" for number in range(4)]
        assert at.count.ends == ["warning", "warning"]


async def test_a_refresh_that_slack_asks_for_loses_nothing() -> None:
    async with wired() as at:
        await at.slack.sockets.disconnect("refresh_requested")
        await at.say("right then")
        await at.until(lambda: at.wrote() == ["right then"])
        await at.until(lambda: at.slack.sockets.number == 2)


@pytest.mark.parametrize("reason", ["too_many_websockets", "link_disabled"])
async def test_a_socket_that_slack_does_not_want_is_asked_for_later(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking at once would end the next one too; so this waits, and then asks."""
    monkeypatch.setattr(sockets, "UNWELCOME", 0.2)
    async with wired(number=1) as at:
        await at.slack.sockets.disconnect(reason)
        await at.until(lambda: at.count.ends == [reason])
        assert at.sockets.deaf() > 0
        await at.until(lambda: at.slack.sockets.number == 1)


async def test_a_token_that_is_not_taken_is_asked_about_again_and_nobody_dies_of_it() -> None:
    async with wired(number=1, token="xapp-wrong") as at:
        await at.until(lambda: at.count.ends == ["invalid_auth"])
        assert at.sockets.deaf() > 0
        assert at.count.open == 0


async def test_why_there_is_no_socket_is_told() -> None:
    """Slack's own words for a refusal, and how long it is to be left alone."""
    slack = SlackStandIn(clock=MovableClock(NOON).time, pace=False)
    await slack.start()
    async with aiohttp.ClientSession() as http:
        said = []
        slack.faults.add(
            method="apps.connections.open", kind="error", error="ratelimited", headers={"Retry-After": "7"}
        )
        slack.faults.add(method="apps.connections.open", kind="status", status=503)
        slack.faults.add(method="apps.connections.open", kind="reset_before")
        for token in ("xapp-demo", "xapp-demo", "xapp-demo", "xapp-other", "xoxb-demo"):
            with pytest.raises(NoSocketError) as caught:
                await address(token, base_url=slack.api_url, http=http)
            said.append((caught.value.reason, caught.value.after))
        assert said[:2] == [("ratelimited", 7.0), ("HTTP 503", 0.0)]
        assert said[2][1] == 0.0
        assert said[3:] == [("invalid_auth", sockets.UNWELCOME), ("not_allowed_token_type", sockets.UNWELCOME)]
        assert (await address("xapp-demo", base_url=slack.api_url, http=http)).startswith("ws://")
    await slack.stop()


async def test_after_a_long_time_without_a_socket_the_threads_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """CT-02: Slack gives up after some minutes; what was written meanwhile is then looked for."""
    monkeypatch.setattr(sockets, "VAIN_AFTER", 0.0)
    async with wired(number=1) as at:
        await at.until(lambda: EventsMissed in map(type, at.inbox.facts()))


def test_pauses_grow_to_a_bound() -> None:
    for failures, most in ((1, sockets.FIRST_PAUSE), (3, 4 * sockets.FIRST_PAUSE), (10_000, sockets.LONGEST_PAUSE)):
        assert all(most / 2 <= pause(failures) <= most for _ in range(50))


async def test_the_end_lets_what_is_in_hand_be_kept_and_acknowledged() -> None:
    """SIGTERM in the middle of an envelope: it is neither lost nor told twice."""
    async with wired() as at:
        delivered, ended = asyncio.Event(), asyncio.Event()
        keep = at.inbox.keep

        async def slowly(items: object) -> int:
            delivered.set()
            await asyncio.wait_for(ended.wait(), PATIENCE)
            return await keep(items)  # type: ignore[arg-type]

        at.inbox.keep = slowly  # type: ignore[method-assign]
        await at.say("last words")
        await delivered.wait()
        at.sockets.end()
        ended.set()
        await at.slack.settle()
        assert at.wrote() == ["last words"]
        assert [each.status for each in at.slack.deliveries.records[-1:]] == [200]
