"""One busy channel: how late a customer's words stand in it when more is written than Slack takes posts."""

from __future__ import annotations

import asyncio
import re
import secrets
import statistics
import time
from functools import partial
from urllib.parse import urlsplit

from bench import cast, database
from bench.database import PEOPLE, Database
from bench.report import Measure
from bench.spawn import child
from bridge.demo.slack import Message, SlackStandIn

CUSTOMERS, A_MINUTE = 8, 200
WARMING, MEASURED = 15.0, 60.0
"""Seconds: cards come to stand in the first, the second count."""
MOST = 10.0
"""Seconds that 95 of 100 messages may be late."""
DEADLINE = 60.0
ONCE = re.compile(r"[0-9a-f]{8}x[0-9]+e")


async def channel(on: Database, _: int) -> list[Measure]:
    """Eight customers write two hundred messages a minute; Slack's stand-in takes one post a second, as Slack does."""
    slack = SlackStandIn(
        clock=time.time, signing_secret=cast.SLACK_SECRET, bot_token="xoxb-made-up", team_id=cast.TEAM,
        bot_user_id=cast.BOT_USER, bot_id=cast.BOT, pace=True,
    )  # fmt: skip
    slack.add_user(cast.AGENT, "aki", display_name="Aki")
    slack.add_channel(cast.CHANNEL, "support", members=(cast.AGENT,))
    slack.add_channel(cast.ALERTS, "alerts", members=(cast.AGENT,))
    # This Slack knows none of the threads that other measures have left: what is open still would all be put up anew.
    await asyncio.to_thread(on.run, partial(database.closed, first=1))
    await slack.start()
    try:
        async with (
            child("others") as others,
            child("service", database=on.url, role="all", other=others.url, slack=slack.api_url, paced=True) as service,
        ):
            slack.request_url = f"{service.url}{cast.SLACK}"
            sent = await _written(service.url)
            heard = await _heard(slack, sent)
    finally:
        await slack.stop()
    return _measures(on, slack, sent, heard)


async def _written(url: str) -> dict[str, float]:
    """Write at a steady rate; say when each message left."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    prefix, sent = secrets.token_hex(4), dict[str, float]()
    reader, writer = await asyncio.open_connection(host, port)
    began, number = time.time(), 0
    while (due := began + number * 60 / A_MINUTE) - began < WARMING + MEASURED:
        await asyncio.sleep(max(0.0, due - time.time()))
        once = f"{prefix}x{number}e"
        writer.write(cast.meta_request(PEOPLE + 1 + number % CUSTOMERS, once))
        sent[once] = time.time()
        await reader.readuntil(b"\r\n\r\n")
        number += 1
    writer.close()
    return sent


async def _heard(slack: SlackStandIn, sent: dict[str, float]) -> dict[str, float]:
    """When each came to stand in its thread."""
    async with asyncio.timeout(DEADLINE):
        while True:
            heard = {once: float(post.ts) for post in _replies(slack) for once in ONCE.findall(str(post.blocks))}
            if sent.keys() <= heard.keys():
                return heard
            await slack.world.changed(1.0)


def _replies(slack: SlackStandIn) -> list[Message]:
    return [each for each in slack.world.messages[cast.CHANNEL].values() if each.is_reply]


def _measures(on: Database, slack: SlackStandIn, sent: dict[str, float], heard: dict[str, float]) -> list[Measure]:
    first = min(sent.values()) + WARMING
    late = sorted(heard[once] - at for once, at in sent.items() if at >= first)
    posts = [each for each in _replies(slack) if float(each.ts) >= first]
    refused = sum(call.error == "ratelimited" for call in slack.calls)
    note = f"{A_MINUTE} a minute of {CUSTOMERS} customers"
    figures: list[tuple[str, float, str, float | None, str]] = [
        ("busy channel, p50", statistics.median(late), "s", None, note),
        ("busy channel, p95", late[int(len(late) * 0.95)], "s", MOST, ""),
        ("  posts it took", len(posts), "posts", None, f"for {len(late)} messages; {refused} calls limited by Slack"),
    ]
    return [
        Measure(name=name, database=on.name, rows=on.rows, unit=unit, runs=(value,), most=most, note=said)
        for name, value, unit, most, said in figures
    ]
