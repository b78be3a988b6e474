"""What is measured, each beside its floor, run by run, so that both meet the same noise."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bench import cast, database
from bench.channel import channel
from bench.database import PEOPLE, Database
from bench.files import media
from bench.report import Measure
from bench.spawn import Child, Json, child
from bench.ticking import ticks
from bridge import lanes
from bridge.model.ids import WorkspaceId
from bridge.workers.deliver import SHARE

CONNECTIONS = 256
"""Webhooks under way at once."""
FLOOD = 6_000
ANSWERS = 4_000
"""So many that what is in hand already when the first arrives hardly counts."""
AT_ONCE = SHARE
"""Calls under way at once: what the service has in hand of one side at most."""
AT_ONCE_DUE = {"card_pause": 0, "sign_waiting": 3600}
"""Everything is due at once, and no hourglass comes because this machine is slow."""
RATE, LETTERS = 50, 200
DEADLINE = 180.0

NAMES = {"meta": "Meta webhooks kept", "slack": "Slack events kept"}
LEAST = {"meta": 0.5, "slack": 0.4}
WAYS = {"meta": "webhook → Slack", "slack": "reply → Meta"}


async def acks(kind: str, on: Database, runs: int) -> list[Measure]:
    """How many requests a second are kept and then answered."""
    own, bare, busy, costs = list[float](), list[float](), list[float](), list[float]()
    async with (
        child("service", database=on.url, role="web") as service,
        child("floor", kind=kind) as floor,
        child("load") as load,
    ):
        for run in range(runs + 1):
            before = floor.worked(), service.worked()
            first, second = await _flood(load, floor, kind), await _flood(load, service, kind)
            if run:  # the first is for warming up
                bare.append(FLOOD / first["seconds"])
                own.append(FLOOD / second["seconds"])
                busy.append(first["busy"])
                costs.append((floor.worked() - before[0]) / (service.worked() - before[1]))
        memory = service.resident()
    await on.finish_all()
    least = LEAST[kind] if on.name == "sqlite" else None
    note = f"{_cost(costs)}; load generator at most {max(busy):.0%} busy"
    return [
        _measure(NAMES[kind], on, "/s", own, floor=tuple(bare), least=least, note=note),
        _measure(f"  memory after {FLOOD * (runs + 1):,}", on, "MB", [memory]),
    ]


async def _flood(load: Child, at: Child, kind: str) -> Json:
    prefix = secrets.token_hex(4)
    done = await load.ask(
        url=at.url, kind=kind, count=FLOOD, prefix=prefix, conversations=PEOPLE, connections=CONNECTIONS
    )
    if done["statuses"] != {"200": FLOOD}:
        raise RuntimeError(f"not all were kept: {done['statuses']}")
    return done


async def drain(on: Database, runs: int) -> list[Measure]:
    """How quickly waiting answers go to Meta, each in a lane of its own; then how quickly Slack shows that they went."""
    desk = lanes.desk_target(WorkspaceId(cast.TEAM))
    sends, bare_sends, signs, bare_signs = list[float](), list[float](), list[float](), list[float]()
    costs: dict[str, list[float]] = {lanes.NETWORK: [], desk: []}
    async with (
        child("others") as others,
        child("client") as client,
        child("service", database=on.url, role="worker", other=others.url, times=AT_ONCE_DUE) as service,
    ):
        await _until_done(on)
        for run in range(runs + 1):
            await asyncio.to_thread(on.run, partial(database.hold, target=desk))
            await asyncio.to_thread(
                on.run, partial(database.queue_answers, first=10_000 + run * ANSWERS, count=ANSWERS)
            )
            for target, own, bare in ((lanes.NETWORK, sends, bare_sends), (desk, signs, bare_signs)):
                before = service.worked(), client.worked()
                one, other = await _released(target, on, others, client)
                if run:
                    costs[target].append((client.worked() - before[1]) / (service.worked() - before[0]))
                    own.append(one)
                    bare.append(other)
        memory = service.resident()
    await asyncio.to_thread(on.run, partial(database.closed, first=10_000))
    least = 0.4 if on.name == "sqlite" else None
    return [
        _measure(
            "answers sent", on, "/s", sends, floor=tuple(bare_sends), least=least, note=_cost(costs[lanes.NETWORK])
        ),
        _measure("  their signs and cards", on, "/s", signs, floor=tuple(bare_signs), note=_cost(costs[desk])),
        _measure("  memory after it", on, "MB", [memory]),
    ]


def _cost(shares: Sequence[float]) -> str:
    """What the bare program needs of the processor for the same, which other people's noise changes less."""
    return f"by processor time {statistics.median(shares):.2f}"


async def _released(target: str, on: Database, others: Child, client: Child) -> tuple[float, float]:
    """Calls a second that the service makes when a target is let go, and that a bare client makes of the same.

    Of both from the first arrival to the last: when the service looks, and how long connecting takes, is no rate.
    """
    with tempfile.TemporaryDirectory() as folder:
        await others.ask(file=f"{folder}/before")
        await asyncio.to_thread(on.run, partial(database.release, target=target))
        await _until_done(on)
        own = await others.ask(file=f"{folder}/calls")
        await client.ask(file=f"{folder}/calls", url=others.url, at_once=AT_ONCE)
        bare = await others.ask(file=f"{folder}/after")
        own_rate, bare_rate = (told["calls"] / (told["last"] - told["first"]) for told in (own, bare))
        return own_rate, bare_rate


async def _until_done(on: Database) -> None:
    """Wait until every effect is done that may go; asking seldom, for it costs something too."""
    async with asyncio.timeout(DEADLINE):
        while await asyncio.to_thread(on.run, database.unfinished):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.2)


async def latency(kind: str, on: Database, runs: int) -> list[Measure]:
    """From a request's leaving to the arrival of its words on the other side, at a steady rate."""
    middles, slows = list[float](), list[float]()
    async with (
        child("others") as others,
        child("load") as load,
        child("service", database=on.url, role="all", other=others.url) as service,
    ):
        for run in range(runs + 1):
            took = sorted(await _letters(load, service, others, kind))
            if run:
                middles.append(statistics.median(took))
                slows.append(took[int(len(took) * 0.95)])
        memory = service.resident()
        await _until_done(on)  # cards that wait to be drawn anew: the next measure's Slack would not know them
    sqlite = on.name == "sqlite"
    return [
        _measure(f"{WAYS[kind]}, p50", on, "ms", middles, most=15 if sqlite else None, note=f"{RATE}/s"),
        _measure(f"{WAYS[kind]}, p95", on, "ms", slows, most=50 if sqlite else None),
        _measure("  memory after it", on, "MB", [memory]),
    ]


async def _letters(load: Child, service: Child, others: Child, kind: str) -> list[float]:
    """Milliseconds that each took."""
    prefix = secrets.token_hex(4)
    done = await load.ask(url=service.url, kind=kind, count=LETTERS, prefix=prefix, conversations=PEOPLE, rate=RATE)
    sent: dict[str, float] = done["sent"]
    heard: dict[str, float] = {}
    async with asyncio.timeout(DEADLINE):
        while not sent.keys() <= heard.keys():
            await asyncio.sleep(0.2)
            with tempfile.NamedTemporaryFile() as file:
                heard |= (await others.ask(file=file.name))["heard"]
    return [(heard[name] - at) * 1000 for name, at in sent.items()]


def _measure(
    name: str,
    on: Database,
    unit: str,
    runs: Sequence[float],
    *,
    floor: tuple[float, ...] = (),
    least: float | None = None,
    most: float | None = None,
    note: str = "",
) -> Measure:
    return Measure(
        name=name, database=on.name, rows=on.rows, unit=unit, runs=tuple(runs), floor=floor, least=least, most=most,
        note=note,
    )  # fmt: skip


Measuring = Callable[[Database, int], Awaitable[list[Measure]]]
ALL: dict[str, Measuring] = {
    "meta": partial(acks, "meta"),
    "slack": partial(acks, "slack"),
    "drain": drain,
    "to-slack": partial(latency, "meta"),
    "to-meta": partial(latency, "slack"),
    "media": media,
    "channel": channel,
    "tick": ticks,
}
BOTH = ("sqlite", "postgres")
ON = {
    "meta": BOTH,
    "slack": BOTH,
    "drain": BOTH,
    "to-slack": ("sqlite",),
    "to-meta": ("sqlite",),
    "channel": ("sqlite",),
    "media": ("sqlite",),
    "tick": BOTH,
}
"""Where each is measured."""
