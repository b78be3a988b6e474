"""Windows in journeys: somebody opens one, looks at it, and sends it in."""

from __future__ import annotations

import json
from typing import Any

from bridge.demo.slack.model import View
from tests.journeys.hands import Talk
from tests.journeys.world import AKI

AGAIN = "Please try again"
"""Said where a window could not be opened in time, as on a machine that has much else to do."""


async def opens(talk: Talk, callback: str, ts: str, *, user: str = AKI) -> View:
    """Somebody uses a message shortcut that opens a window, and has it before them; told to try again, they do."""
    await talk.world.calm()  # that a post stands is known a moment after it does
    before = {each.id for each in talk.world.slack.views(user)}
    while True:
        told = sum(AGAIN in line for line in talk.world.told(user))
        assert await talk.world.slack.shortcut(user, callback, talk.root.channel, ts) == 200

        def answered(told: int = told) -> View | str | None:
            fresh = [each for each in talk.world.slack.views(user) if each.id not in before]
            again = sum(AGAIN in line for line in talk.world.told(user)) > told
            return fresh[-1] if fresh else AGAIN if again else None

        answer = await talk.world.until(answered)
        if isinstance(answer, View):
            return answer


async def shown(talk: Talk, *, user: str = AKI, holds: str = "") -> View:
    """The window that somebody has before them, as soon as there is one."""

    def found() -> View | None:
        views = talk.world.slack.views(user)
        return views[-1] if views and holds in reads(talk, views[-1]) else None

    return await talk.world.until(found)


async def sends_in(talk: Talk, view: View, *, user: str = AKI, **values: Any) -> dict[str, str]:
    """They fill it in and send it; what is wrong, by field: nothing, and it has closed."""
    status, _ = await talk.world.slack.submit_view(user, view.id, values)
    assert status == 200
    return dict(view.errors) if view.id in talk.world.slack.world.views else {}


def reads(talk: Talk, view: View) -> str:
    """What a person reads in a window, options and what stands in fields included."""
    texts: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            texts.extend(
                each for name, each in value.items() if name in ("text", "initial_value") and isinstance(each, str)
            )
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(view.shape)
    return "\n".join(texts)


def fields(view: View) -> list[str]:
    """The names of a window's fields, in order."""
    return [block["block_id"] for block in view.blocks if block["type"] == "input"]


def carried(view: View) -> Any:
    """What travels in a window unseen."""
    return json.loads(view.shape["private_metadata"])


def post_of(talk: Talk, words: str) -> str:
    """The ts of the post in the thread that holds these words."""
    replies = talk.world.slack.thread(talk.root.channel, talk.root.ts)
    return next(each.ts for each in replies if words in talk.world.slack.plain(each))


async def chooses(talk: Talk, view: View, field: str, value: str, *, user: str = AKI) -> View:
    """Somebody chooses something that changes the window, and has it before them as it is then."""
    before = view.hash
    assert await talk.world.slack.click_view(user, view.id, field, value=value) == 200
    await talk.world.until(lambda: view.hash != before)
    return view


async def does(talk: Talk, act: str, *, user: str = AKI, **values: Any) -> dict[str, str]:
    """Somebody opens *Conversation…* on the card, chooses an act, fills in what it asks, and sends it in."""
    view = await chooses(talk, await opens(talk, "conversation", talk.root.ts, user=user), "act", act, user=user)
    return await sends_in(talk, view, user=user, **values)
