"""Every act that people can press or send in, each with a conversation of its own in which it applies, and what it does once.

A new member of `bridge.model.facts.Act` needs a function in `pressed_answers` or `pressed_talks`, marked with `of`; `tests/journeys/test_nothing_twice.py` says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from bridge.demo.slack.model import View
from bridge.model.facts import Act
from tests.journeys.hands import ASKED, Line, Talk, begun, told
from tests.journeys.opening import chooses
from tests.journeys.world import AKI, KEN, TEAM, Kind, World

FORM = "application/x-www-form-urlencoded"
SETTLE = timedelta(seconds=61)
UNSURE = "SELECT id FROM outbox WHERE state = 'unsure' AND kind = 'SendToCustomer'"
BOT_APP = "8800880088008800"
Press = Callable[[], Awaitable[object]]


@dataclass(kw_only=True)
class Ready:
    """A conversation in which an act applies. presses: each by itself would do it; what they do together is said below.

    phone: what the customer has then. line: words of the one line in the thread. noted: how often the audit tells of it.
    calls: how often the network was asked for what. rows: what the database counts.
    """

    talk: Talk
    presses: Sequence[Press]
    phone: tuple[str, ...] = ()
    line: str | None = None
    noted: str | None = None
    calls: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    over: bool = True
    """Pressed later it does nothing any more; a window opened later is another one."""


Prepare = Callable[[World], Awaitable[Ready]]
CASES: dict[Act, Prepare] = {}


def of(act: Act) -> Callable[[Prepare], Prepare]:
    """Mark what makes an act applicable."""

    def marked(prepare: Prepare) -> Prepare:
        CASES[act] = prepare
        return prepare

    return marked


async def new(world: World, act: Act, kind: Kind = "messenger") -> Talk:
    """A conversation for an act, in which a customer has asked."""
    word = f"{act.value}-{len(world.roots())}."
    return await begun(world, kind, f"{ASKED} {word}", name=f"Yuki {word}")


# ── ways of pressing ──────────────────────────────────────────────────────────────────────────────────────


async def asked_about(world: World, act: str, work: Callable[[], Awaitable[object]]) -> Line:
    """The line with a button for an act that comes of some work."""
    before = len([each for each in told(world, AKI) if act in each.buttons])
    await work()

    def found() -> Line | None:
        lines = [each for each in told(world, AKI) if act in each.buttons]
        return lines[-1] if len(lines) > before else None

    return await world.until(found)


def on_line(world: World, line: Line, act: Act) -> tuple[Press, ...]:
    """Its reader twice, and somebody else at the same time, as no two people see one line."""
    other = as_it_was(world, line, act, KEN)

    async def click() -> object:
        return await world.slack.click(AKI, line.said.channel, line.said.ts, act, ephemeral=line.private)

    return click, other, click


def as_it_was(world: World, line: Line, act: str, user: str = AKI) -> Press:
    """A press of a button as the line bore it when it was looked at, though it may bear it no longer."""
    blocks = [element for block in line.said.blocks if block["type"] == "actions" for element in block["elements"]]
    value = next(each["value"] for each in blocks if each["action_id"] == act)

    async def press() -> object:
        action = {"type": "button", "action_id": act, "value": value, "action_ts": f"{world.clock.time():.6f}"}
        container = {"type": "message", "message_ts": line.said.ts, "channel_id": line.said.channel}
        payload = {"type": "block_actions", "user": {"id": user}, "team": {"id": TEAM}, "actions": [action]}
        body = urlencode({"payload": json.dumps(payload | {"container": container})}).encode()
        return (await world.slack.deliveries.post(body, content_type=FORM))[0]

    return press


def on_card(talk: Talk, act: Act, users: Sequence[str] = (AKI, KEN, AKI)) -> tuple[Press, ...]:
    """Two agents on the card at once."""

    def press(user: str) -> Press:
        return lambda: talk.world.slack.click(user, talk.root.channel, talk.root.ts, act)

    return tuple(press(user) for user in users)


def in_thread(talk: Talk, words: str, users: Sequence[str] = (AKI, KEN)) -> tuple[Press, ...]:
    """Two agents write the same to the bridge at once."""
    bridge = talk.world.slack.world.names.bot_user_id

    def press(user: str) -> Press:
        return lambda: talk.says(f"<@{bridge}> {words}", user=user)

    return tuple(press(user) for user in users)


def by_shortcut(talk: Talk, act: Act, ts: str) -> tuple[Press, ...]:
    """Two agents in a message's menu at once."""

    def press(user: str) -> Press:
        return lambda: talk.world.slack.shortcut(user, act, talk.root.channel, ts)

    return press(AKI), press(KEN), press(AKI)


def by_window(talk: Talk, opens: Callable[[], Awaitable[View]], act: str | None = None, **values: object) -> Press:
    """A window, sent in twice by an impatient finger. One person has one window before them at a time."""

    async def press() -> object:
        view = await opens()
        if act is not None:
            await chooses(talk, view, "act", act)
        twice = [talk.world.slack.submit_view(AKI, view.id, values) for _ in range(2)]
        return await asyncio.gather(*twice, return_exceptions=True)

    return press


async def has_button(talk: Talk, act: Act) -> None:
    """Wait until the card has a button."""

    def offered() -> bool:
        root = talk.world.slack.message(talk.root.channel, talk.root.ts)
        return root is not None and f"'{act.value}'" in str(root.blocks)

    await talk.world.until(offered)


async def window_of(talk: Talk, line: Line, act: Act) -> View:
    """The window that a line's button opens."""
    click = talk.world.slack.click
    return await opened(talk.world, lambda: click(AKI, line.said.channel, line.said.ts, act, ephemeral=line.private))


async def menu_of(talk: Talk, act: Act, ts: str) -> View:
    """The window that a message's menu opens."""
    await known(talk, ts)
    return await opened(talk.world, by_shortcut(talk, act, ts)[0])


async def opened(world: World, work: Press) -> View:
    """The window that comes of some work, beside others that stand open."""
    before = {each.id for each in world.slack.views(AKI)}
    await work()
    return await world.until(lambda: next((each for each in world.slack.views(AKI) if each.id not in before), None))


async def known(talk: Talk, ts: str) -> None:
    """That a post stands is known a moment after it does."""
    ref = (f"{talk.root.channel}:{ts}",)
    await talk.world.until(lambda: ref in talk.world.rows("SELECT ref FROM post UNION SELECT ref FROM message"))
