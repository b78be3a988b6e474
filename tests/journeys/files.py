"""Customers' files in journeys: sent from the phone, looked at in the thread."""

from __future__ import annotations

from bridge.demo.meta import Customer
from bridge.demo.meta.media import Manner, Media, avatar
from bridge.demo.slack import Message
from tests.journeys.seen import LATE
from tests.journeys.world import PATIENCE, Kind, World

CUPS = [avatar(f"cup {number}") for number in range(3)]
PNG = CUPS[0]


def stands(world: World, root: Message) -> list[str]:
    """What stands in a thread, in order: a post's words, or the name of its file."""
    posts = world.slack.thread(root.channel, root.ts)
    return [named(world, post) or LATE.sub("", world.slack.plain(post).split(": ", 1)[1]) for post in posts]


def named(world: World, post: Message) -> str:
    """What Slack shows over the file of a post, if it has one."""
    return ", ".join(world.slack.world.files[file].title or world.slack.world.files[file].name for file in post.files)


def pictures(world: World, root: Message) -> list[bytes]:
    """The files that stand in a thread, byte for byte."""
    posts = world.slack.thread(root.channel, root.ts)
    return [world.slack.world.files[file].content or b"" for post in posts for file in post.files]


def kept(world: World) -> list[str]:
    """Files of ours that Slack still has."""
    return [file.id for file in world.slack.world.files.values() if file.completed and not file.deleted]


def lie(world: World, data: bytes = PNG, mime: str = "image/png", **manner: object) -> Media:
    """A file on the CDN, served in a manner of its own."""
    media = world.meta.cdn.put(data, mime, name="cup.png")
    media.manner = Manner(**manner)  # type: ignore[arg-type]
    return media


async def send(world: World, customer: Customer, *media: Media, type: str = "image", text: str | None = None) -> str:
    """The customer sends files that lie on the CDN, in one message."""
    return await world.meta.attach_many(
        customer, [(type, {"url": world.meta.cdn.url(each)}) for each in media], text=text
    )


async def begun(world: World, kind: Kind = "messenger", name: str = "Yuki") -> tuple[Customer, Message]:
    """A customer who has written a word, and their card."""
    customer = world.customer(kind, name=name)
    await world.meta.write(customer, f"hello from {name}")
    return customer, await world.root(f"hello from {name}")


async def told(world: World, root: Message, words: str, *, seconds: float = PATIENCE) -> str:
    """Wait for words that stand in a thread."""
    return await world.until(lambda: next((line for line in world.lines(root) if words in line), None), seconds=seconds)
