"""What the desk looks like, in the words that journeys compare."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from bridge.demo.slack import Message
from tests.journeys.world import ALERTS, World

LATE = re.compile(r"\nWritten [^\n]* UTC$", re.MULTILINE)


def words(world: World, root: Message) -> list[str]:
    """What stands in a thread, without the names over it, and without when what came late was written."""
    return [LATE.sub("", line.split(": ", 1)[1]) for line in world.lines(root)]


def over(world: World, root: Message) -> list[str]:
    """The names that stand over a thread's posts."""
    return [world.slack.author(reply) for reply in world.slack.thread(root.channel, root.ts)]


def paged(world: World) -> set[str]:
    """Everybody whom any post has notified."""
    posts = [post for channel in world.slack.world.messages.values() for post in channel.values()]
    return {who for post in posts for who in post.notified}


def posted(world: World, channel: str) -> list[str]:
    """The words of what stands in a channel outside threads, as it stands now."""
    return [world.slack.plain(message) for message in world.slack.channel_messages(channel)]


def told_of(world: World, channel: str = ALERTS, account: str = "Hanako Flowers") -> list[Message]:
    """The alerts of one account in a channel: each account of a place that fails has its own."""
    return [each for each in world.roots(channel) if account in world.slack.plain(each)]


async def figure(world: World, name: str, **labels: str) -> float:
    """A figure of /metrics, 0 where there is none yet."""
    async with world.http.get(f"{world.url}/metrics") as answer:
        text = await answer.text()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0.0


async def ready(world: World) -> tuple[int, dict[str, list[str]]]:
    """What /readyz says."""
    async with world.http.get(f"{world.url}/readyz") as answer:
        return answer.status, await answer.json()


async def decided(world: World) -> None:
    """Wait until everything that was told is decided, whether or not it could be carried out."""
    await world.meta.settle()
    await world.slack.settle()
    await world.until(lambda: not world.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"))
