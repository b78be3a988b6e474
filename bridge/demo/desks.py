"""What the agents of a scene do on the desk besides typing: one function for each verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from bridge.demo.meta.samples import sample
from bridge.demo.slack.model import Message, View
from bridge.demo.waits import SceneError

if TYPE_CHECKING:
    from bridge.demo.stage import Stage

Beside = Mapping[str, Any]
OPENS_WITHIN: Final = 10.0
"""Real seconds in which a window is before whoever asked for it."""


async def _attaches(stage: Stage, agent: str, root: Message, what: str, beside: Beside) -> Message:
    content, mime = sample(what)
    text, file = str(beside.get("text", "")), (what, content, mime)
    ts = await stage.slack.say(agent, root.channel, text, thread_ts=root.ts, files=[file])
    return _there(stage, root.channel, ts)


async def _puts(stage: Stage, agent: str, root: Message, what: str, beside: Beside) -> None:
    post = _post(stage, root, str(beside["on"]))
    await stage.slack.react(agent, post.channel, post.ts, what)


async def _replies(stage: Stage, agent: str, root: Message, what: str, beside: Beside) -> None:
    post = _post(stage, root, str(beside["on"]))
    before = {view.id for view in stage.slack.views(agent)}

    def opened() -> View | None:
        return next((view for view in stage.slack.views(agent) if view.id not in before), None)

    await stage.slack.shortcut(agent, "reply_to", post.channel, post.ts)
    if not await stage.until(lambda: opened() is not None, seconds=OPENS_WITHIN) or (view := opened()) is None:
        raise SceneError("the window did not open")
    await stage.slack.submit_view(agent, view.id, {"text": what})


Deed = Callable[["Stage", str, Message, str, Beside], Awaitable[Message | None]]

DEEDS: Final[Mapping[str, tuple[Deed, frozenset[str]]]] = {
    "attaches": (_attaches, frozenset({"text"})),
    "puts": (_puts, frozenset({"on"})),
    "replies": (_replies, frozenset({"on"})),
}
"""Each verb, what does it, and what may be said beside it; `agent` and `to` may always.

`attaches` takes one of the samples, `puts` the desk's name of an emoji, `replies` the words of an answer to one message.
A post is meant by words *on* it. What is written, and bears signs, is returned.
"""


def _post(stage: Stage, root: Message, words: str) -> Message:
    posts = [post for post in stage.slack.thread(root.channel, root.ts) if words in stage.slack.plain(post)]
    if not posts:
        raise SceneError(f"the thread shows nothing like {words}")
    return posts[-1]


def _there(stage: Stage, channel: str, ts: str) -> Message:
    message = stage.slack.message(channel, ts)
    if message is None:
        raise SceneError("what was written is gone")
    return message
