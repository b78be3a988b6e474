"""Every act that people can press or send in, each with a conversation of its own in which it applies, and what it does once.

A new member of `bridge.model.facts.Act` needs a function here, marked with `of`; `tests/journeys/test_nothing_twice.py` says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from bridge.demo.meta.media import avatar
from bridge.demo.slack.model import View
from bridge.model.facts import Act
from tests.journeys.hands import ASKED, Line, Talk, begun, told
from tests.journeys.opening import chooses, post_of
from tests.journeys.world import AKI, CHECK, KEN, QUESTION, TEAM, Kind, World

FORM = "application/x-www-form-urlencoded"
SETTLE = timedelta(seconds=61)
UNSURE = "SELECT id FROM outbox WHERE state = 'unsure' AND kind = 'SendToCustomer'"
BOT_APP = "8800880088008800"
Press = Callable[[], Awaitable[object]]


@dataclass(kw_only=True)
class Ready:
    """A conversation in which an act applies. presses: each by itself would do it; what they do together is said below.

    phone: what the customer has then. line: words of the one line in the thread. noted: how often the audit tells of it.
    calls: how often the network was asked for what.
    """

    talk: Talk
    presses: Sequence[Press]
    phone: tuple[str, ...] = ()
    line: str | None = None
    noted: str | None = None
    calls: dict[str, int] = field(default_factory=dict)
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
    blocks = [element for block in line.said.blocks if block["type"] == "actions" for element in block["elements"]]
    value = next(each["value"] for each in blocks if each["action_id"] == act)

    async def click() -> object:
        return await world.slack.click(AKI, line.said.channel, line.said.ts, act, ephemeral=line.private)

    async def other() -> object:
        action = {"type": "button", "action_id": act, "value": value, "action_ts": f"{world.clock.time():.6f}"}
        container = {"type": "message", "message_ts": line.said.ts, "channel_id": line.said.channel}
        payload = {"type": "block_actions", "user": {"id": KEN}, "team": {"id": TEAM}, "actions": [action]}
        body = urlencode({"payload": json.dumps(payload | {"container": container})}).encode()
        return (await world.slack.deliveries.post(body, content_type=FORM))[0]

    return click, other, click


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


# ── about one answer ──────────────────────────────────────────────────────────────────────────────────────


async def _perhaps(world: World, act: Act) -> Ready:
    talk = await new(world, act)
    world.meta.echoes = "never"
    world.meta.faults.add(method="conversations", kind="error", error="100", status=400, times=None)
    world.meta.faults.add(method="messages", kind="drop_after", match={"message": act.value})
    before = world.rows(UNSURE)
    ts = await talk.says(act.value)
    await world.until(lambda: len(world.rows(UNSURE)) > len(before))
    world.clock.move(SETTLE)
    await talk.bears(ts, QUESTION)
    await has_button(talk, act)
    return Ready(talk=talk, presses=on_card(talk, act), phone=(act.value,))


@of(Act.ARRIVED)
async def arrived(world: World) -> Ready:
    """An answer of which nobody knows whether it arrived."""
    return await _perhaps(world, Act.ARRIVED)


@of(Act.SEND_AGAIN)
async def send_again(world: World) -> Ready:
    """The same; it had arrived, so that the customer has it twice, and not three times."""
    ready = await _perhaps(world, Act.SEND_AGAIN)
    ready.phone = (*ready.phone, *ready.phone)
    return ready


@of(Act.RETRY)
async def retry(world: World) -> Ready:
    """An answer that the network did not take, and takes now."""
    talk = await new(world, Act.RETRY)
    talk.customer.blocked = True
    line = await asked_about(world, Act.RETRY, lambda: talk.says("once more"))
    talk.customer.blocked = False
    return Ready(talk=talk, presses=on_line(world, line, Act.RETRY), phone=("once more",))


@of(Act.SEND_SPLIT)
async def send_split(world: World) -> Ready:
    """An answer that is too long for one go."""
    talk = await new(world, Act.SEND_SPLIT, "instagram_login")
    words = "Some twenty-two letters"
    line = await asked_about(world, Act.SEND_SPLIT, lambda: talk.says(words))
    return Ready(talk=talk, presses=on_line(world, line, Act.SEND_SPLIT), phone=(words,))


@of(Act.SEND_SMALLER)
async def send_smaller(world: World) -> Ready:
    """A picture that is too large for the network."""
    talk = await new(world, Act.SEND_SMALLER, "instagram")
    large = ("view.png", _large(), "image/png")
    line = await asked_about(world, Act.SEND_SMALLER, lambda: talk.says("The view", files=[large]))
    return Ready(talk=talk, presses=on_line(world, line, Act.SEND_SMALLER), phone=("The view", ""))


def _large() -> bytes:
    import io

    from PIL import Image

    noise = (avatar("noise") * 9000)[: 1900 * 1600 * 3]
    kept = io.BytesIO()
    Image.frombytes("RGB", (1900, 1600), noise.ljust(1900 * 1600 * 3, b"x")).save(kept, "PNG", compress_level=0)
    return kept.getvalue()


async def _question(world: World, act: Act) -> tuple[Talk, str, tuple[Press, ...]]:
    talk = await new(world, act)
    sent: list[str] = []

    async def says() -> None:
        sent.append(await talk.says(f"<@{KEN}> knows"))

    line = await asked_about(world, act, says)
    return talk, sent[0], on_line(world, line, act)


@of(Act.SEND)
async def send(world: World) -> Ready:
    """An answer that mentions a colleague."""
    talk, _, presses = await _question(world, Act.SEND)
    return Ready(talk=talk, presses=presses, phone=("@Ken knows",))


@of(Act.KEEP_INSIDE)
async def keep_inside(world: World) -> Ready:
    """Another one, which is kept."""
    talk, _, presses = await _question(world, Act.KEEP_INSIDE)
    return Ready(talk=talk, presses=presses)


@of(Act.SEND_TO_CUSTOMER)
async def send_to_customer(world: World) -> Ready:
    """A message that was kept inside."""
    talk, ts, (keep, *_) = await _question(world, Act.KEEP_INSIDE)
    await keep()
    await world.signed(talk.root, ts, "lock")
    return Ready(talk=talk, presses=by_shortcut(talk, Act.SEND_TO_CUSTOMER, ts), phone=("@Ken knows",))


@of(Act.STOP)
async def stop(world: World) -> Ready:
    """An answer that rests."""
    await world.set("instagram", answer_mode="undo", undo_seconds=30)
    talk = await new(world, Act.STOP, "instagram")
    line = await asked_about(world, Act.STOP, lambda: talk.says("too hasty"))
    return Ready(talk=talk, presses=on_line(world, line, Act.STOP), calls={"typing_off": 1})


@of(Act.UNQUOTE)
async def unquote(world: World) -> Ready:
    """An answer from a window, whose question was taken back."""
    talk = await new(world, Act.UNQUOTE)
    await world.meta.write(talk.customer, "taken back")
    await world.until(lambda: "taken back" in "".join(talk.lines()))
    view = await _menu(talk, Act.REPLY_TO, post_of(talk, "taken back"))
    await world.meta.unsend(talk.customer, talk.customer.bubbles[-1].mid)
    await world.until(lambda: "unsent a message" in "".join(talk.lines()))
    submit = world.slack.submit_view
    line = await asked_about(world, Act.UNQUOTE, lambda: submit(AKI, view.id, {"text": "an answer to it"}))
    presses = on_line(world, line, Act.UNQUOTE)
    return Ready(talk=talk, presses=presses, phone=("an answer to it",), line="an answer to it")


@of(Act.WHAT_HAPPENED)
async def what_happened(world: World) -> Ready:
    """An answer that has gone."""
    talk = await new(world, Act.WHAT_HAPPENED)
    ts = await talk.says("gone")
    await world.signed(talk.root, ts, CHECK)
    return Ready(talk=talk, presses=by_shortcut(talk, Act.WHAT_HAPPENED, ts), phone=("gone",))


@of(Act.CHECK_EXISTS)
async def check_exists(world: World) -> Ready:
    """A customer's message that stands."""
    talk = await new(world, Act.CHECK_EXISTS)
    await world.calm()
    presses = by_shortcut(talk, Act.CHECK_EXISTS, post_of(talk, ASKED))
    return Ready(talk=talk, presses=presses, line=ASKED)


# ── windows ───────────────────────────────────────────────────────────────────────────────────────────────


@of(Act.REPLY_TO)
async def reply_to(world: World) -> Ready:
    """A window with an answer that quotes."""
    talk = await new(world, Act.REPLY_TO)
    press = by_window(talk, lambda: _menu(talk, Act.REPLY_TO, post_of(talk, ASKED)), text="quoted")
    return Ready(talk=talk, presses=(press,), phone=("quoted",), line="quoted", over=False)


@of(Act.EDIT)
async def edit(world: World) -> Ready:
    """A window with other words for what was too long."""
    talk = await new(world, Act.EDIT, "instagram_login")
    line = await asked_about(world, Act.EDIT, lambda: talk.says("This is far more than twenty"))
    press = by_window(talk, lambda: _window(talk, line, Act.EDIT), text="in short")
    return Ready(talk=talk, presses=(press,), phone=("in short",), line="in short", over=False)


@of(Act.CORRECT)
async def correct(world: World) -> Ready:
    """A window with a correction of what has gone."""
    talk = await new(world, Act.CORRECT)
    ts = await talk.says("at 9")
    await world.signed(talk.root, ts, CHECK)
    line = await asked_about(world, Act.CORRECT, lambda: talk.edits(ts, "at 10"))
    press = by_window(talk, lambda: _window(talk, line, Act.CORRECT), text="Sorry: 10")
    return Ready(talk=talk, presses=(press,), phone=("at 9", "Sorry: 10"), line="Sorry: 10", over=False)


@of(Act.DETAILS)
async def details(world: World) -> Ready:
    """A window that only shows."""
    talk = await new(world, Act.DETAILS)
    talk.customer.blocked = True
    line = await asked_about(world, Act.DETAILS, lambda: talk.says("refused"))

    async def looks() -> object:
        return await _window(talk, line, Act.DETAILS)

    return Ready(talk=talk, presses=(looks, looks), over=False)


@of(Act.CONVERSATION)
async def conversation(world: World) -> Ready:
    """The window with every act, by which one is done."""
    talk = await new(world, Act.CONVERSATION)
    press = by_window(talk, lambda: _menu(talk, Act.CONVERSATION, talk.root.ts), "take")
    return Ready(talk=talk, presses=(press,), line="looks after this conversation", noted="take", over=False)


@of(Act.NOTE)
async def note(world: World) -> Ready:
    """A private note from that window."""
    talk = await new(world, Act.NOTE)
    press = by_window(talk, lambda: _menu(talk, Act.CONVERSATION, talk.root.ts), "note", text="between us")
    return Ready(talk=talk, presses=(press,), line="between us", over=False)


async def _window(talk: Talk, line: Line, act: Act) -> View:
    click = talk.world.slack.click
    return await opened(talk.world, lambda: click(AKI, line.said.channel, line.said.ts, act, ephemeral=line.private))


async def _menu(talk: Talk, act: Act, ts: str) -> View:
    await talk.world.calm()  # that a post stands is known a moment after it does
    return await opened(talk.world, by_shortcut(talk, act, ts)[0])


async def opened(world: World, work: Press) -> View:
    """The window that comes of some work, beside others that stand open."""
    before = {each.id for each in world.slack.views(AKI)}
    await work()
    return await world.until(lambda: next((each for each in world.slack.views(AKI) if each.id not in before), None))


# ── about a conversation as a whole ───────────────────────────────────────────────────────────────────────


@of(Act.TAKE)
async def take(world: World) -> Ready:
    """One agent, twice; another one's would be another act."""
    talk = await new(world, Act.TAKE)
    return Ready(talk=talk, presses=on_card(talk, Act.TAKE, (AKI, AKI)), line="looks after", noted="take")


@of(Act.RELEASE)
async def release(world: World) -> Ready:
    """A conversation that somebody looks after."""
    talk = await new(world, Act.RELEASE)
    await on_card(talk, Act.TAKE)[0]()
    await has_button(talk, Act.RELEASE)
    return Ready(talk=talk, presses=on_card(talk, Act.RELEASE), noted="release")


@of(Act.ASSIGN)
async def assign(world: World) -> Ready:
    """The same colleague, by two."""
    talk = await new(world, Act.ASSIGN)
    return Ready(talk=talk, presses=in_thread(talk, f"assign <@{KEN}>"), noted="assign")


@of(Act.CLOSE)
async def close(world: World) -> Ready:
    """An open conversation."""
    talk = await new(world, Act.CLOSE)
    return Ready(talk=talk, presses=on_card(talk, Act.CLOSE), line="closed this conversation", noted="close")


@of(Act.REOPEN)
async def reopen(world: World) -> Ready:
    """A closed one."""
    talk = await new(world, Act.REOPEN)
    await on_card(talk, Act.CLOSE)[0]()
    await has_button(talk, Act.REOPEN)
    return Ready(talk=talk, presses=on_card(talk, Act.REOPEN), noted="reopen")


@of(Act.SNOOZE)
async def snooze(world: World) -> Ready:
    """Until about the same time, by two."""
    talk = await new(world, Act.SNOOZE)
    return Ready(talk=talk, presses=in_thread(talk, "snooze 2h"), noted="snooze")


@of(Act.BLOCK)
async def block(world: World) -> Ready:
    """A customer who is heard."""
    talk = await new(world, Act.BLOCK)
    return Ready(talk=talk, presses=in_thread(talk, "block"), line="blocked", noted="block")


@of(Act.SPAM)
async def spam(world: World) -> Ready:
    """The same, and the network is asked to move it."""
    talk = await new(world, Act.SPAM)
    return Ready(talk=talk, presses=in_thread(talk, "spam"), noted="spam", calls={"moderate_conversations": 1})


@of(Act.UNBLOCK)
async def unblock(world: World) -> Ready:
    """A customer who is not, and has written."""
    talk = await new(world, Act.UNBLOCK)
    await in_thread(talk, "block")[0]()
    await has_button(talk, Act.UNBLOCK)
    await world.meta.write(talk.customer, "in between")
    await world.meta.settle()
    return Ready(talk=talk, presses=on_card(talk, Act.UNBLOCK), line="in between", noted="unblock")


# ── about who answers ─────────────────────────────────────────────────────────────────────────────────────


@of(Act.TAKE_OVER)
async def take_over(world: World) -> Ready:
    """A conversation that another app has."""
    talk = await new(world, Act.TAKE_OVER)
    world.meta.world.apps[BOT_APP] = "Flower Bot"
    await world.meta.other_app(talk.customer, app_id=BOT_APP)
    await has_button(talk, Act.TAKE_OVER)
    presses = on_card(talk, Act.TAKE_OVER)
    return Ready(talk=talk, presses=presses, line="took this conversation over", calls={"take_thread_control": 1})


@of(Act.HAND_BACK)
async def hand_back(world: World) -> Ready:
    """One that was taken from it."""
    ready = await take_over(world)
    await ready.presses[0]()
    await has_button(ready.talk, Act.HAND_BACK)
    presses = on_card(ready.talk, Act.HAND_BACK)
    calls = {"take_thread_control": 1, "pass_thread_control": 1}
    return Ready(talk=ready.talk, presses=presses, calls=calls)


async def _wanted(world: World, act: Act) -> Talk:
    talk = await new(world, act)
    await world.meta.ask_for_thread(talk.customer)
    await has_button(talk, act)
    return talk


@of(Act.HAND_OVER)
async def hand_over(world: World) -> Ready:
    """One that another app asks for, and gets."""
    talk = await _wanted(world, Act.HAND_OVER)
    return Ready(talk=talk, presses=on_card(talk, Act.HAND_OVER), calls={"pass_thread_control": 1})


@of(Act.KEEP_THREAD)
async def keep_thread(world: World) -> Ready:
    """One that it does not get."""
    talk = await _wanted(world, Act.KEEP_THREAD)
    return Ready(talk=talk, presses=on_card(talk, Act.KEEP_THREAD), calls={"pass_thread_control": 0})
