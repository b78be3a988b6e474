"""Acts about one answer, and what windows send in: see `tests.journeys.pressing`."""

from __future__ import annotations

import io

from PIL import Image

from bridge.demo.meta.media import avatar
from bridge.demo.slack.model import View
from bridge.model.facts import Act
from tests.journeys.hands import ASKED, Talk
from tests.journeys.opening import chooses, post_of
from tests.journeys.pressing import (
    SETTLE,
    UNSURE,
    Press,
    Ready,
    asked_about,
    by_shortcut,
    by_window,
    has_button,
    known,
    menu_of,
    new,
    of,
    on_card,
    on_line,
    window_of,
)
from tests.journeys.world import AKI, CHECK, KEN, OTHER, QUESTION, World

# ── about one answer ──────────────────────────────────────────────────────────────────────────────────────


async def _perhaps(world: World, act: Act) -> Ready:
    talk = await new(world, act)
    world.meta.echoes = "never"
    # Of this customer alone: what reads whole accounts would fail with it, and try anew in the middle of a calm.
    asked = {"user_id": talk.customer.id}
    world.meta.faults.add(method="conversations", kind="error", error="100", status=400, times=None, match=asked)
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
    view = await menu_of(talk, Act.REPLY_TO, post_of(talk, "taken back"))
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
    await known(talk, post_of(talk, ASKED))
    presses = by_shortcut(talk, Act.CHECK_EXISTS, post_of(talk, ASKED))
    return Ready(talk=talk, presses=presses, line=ASKED)


# ── windows ───────────────────────────────────────────────────────────────────────────────────────────────


@of(Act.REPLY_TO)
async def reply_to(world: World) -> Ready:
    """A window with an answer that quotes."""
    talk = await new(world, Act.REPLY_TO)
    press = by_window(talk, lambda: menu_of(talk, Act.REPLY_TO, post_of(talk, ASKED)), text="quoted")
    return Ready(talk=talk, presses=(press,), phone=("quoted",), line="quoted", over=False)


@of(Act.EDIT)
async def edit(world: World) -> Ready:
    """A window with other words for what was too long."""
    talk = await new(world, Act.EDIT, "instagram_login")
    line = await asked_about(world, Act.EDIT, lambda: talk.says("This is far more than twenty"))
    press = by_window(talk, lambda: window_of(talk, line, Act.EDIT), text="in short")
    return Ready(talk=talk, presses=(press,), phone=("in short",), line="in short", over=False)


@of(Act.CORRECT)
async def correct(world: World) -> Ready:
    """A window with a correction of what has gone."""
    talk = await new(world, Act.CORRECT)
    ts = await talk.says("at 9")
    await world.signed(talk.root, ts, CHECK)
    line = await asked_about(world, Act.CORRECT, lambda: talk.edits(ts, "at 10"))
    press = by_window(talk, lambda: window_of(talk, line, Act.CORRECT), text="Sorry: 10")
    return Ready(talk=talk, presses=(press,), phone=("at 9", "Sorry: 10"), line="Sorry: 10", over=False)


@of(Act.DETAILS)
async def details(world: World) -> Ready:
    """A window that only shows."""
    talk = await new(world, Act.DETAILS)
    talk.customer.blocked = True
    line = await asked_about(world, Act.DETAILS, lambda: talk.says("refused"))

    async def looks() -> object:
        return await window_of(talk, line, Act.DETAILS)

    return Ready(talk=talk, presses=(looks, looks), over=False)


@of(Act.CONVERSATION)
async def conversation(world: World) -> Ready:
    """The window with every act, by which one is done."""
    talk = await new(world, Act.CONVERSATION)
    press = by_window(talk, lambda: menu_of(talk, Act.CONVERSATION, talk.root.ts), "take")
    return Ready(talk=talk, presses=(press,), line="looks after this conversation", noted="take", over=False)


@of(Act.NOTE)
async def note(world: World) -> Ready:
    """A private note from that window."""
    talk = await new(world, Act.NOTE)
    press = by_window(talk, lambda: menu_of(talk, Act.CONVERSATION, talk.root.ts), "note", text="between us")
    return Ready(talk=talk, presses=(press,), line="between us", over=False)


@of(Act.ASK)
async def ask(world: World) -> Ready:
    """A question for somebody who knows, from that window."""
    talk = await new(world, Act.ASK)
    press = by_window(
        talk, lambda: menu_of(talk, Act.CONVERSATION, talk.root.ts), "ask", channel=OTHER, text="Who knows of vases?"
    )
    return Ready(talk=talk, presses=(press,), noted="ask", over=False)


async def kept(world: World, talk: Talk, name: str, text: str) -> str:
    """A saved reply; what a window calls it."""
    await by_window(
        talk, lambda: menu_of(talk, Act.CONVERSATION, talk.root.ts), "save_reply", name=name, language="en", text=text
    )()

    def found() -> str | None:
        return next(
            (str(number) for each, number in world.rows("SELECT name, id FROM saved_reply") if each == name), None
        )

    return await world.until(found)


@of(Act.SAVE_REPLY)
async def save_reply(world: World) -> Ready:
    """A reply that is kept for others."""
    talk = await new(world, Act.SAVE_REPLY)

    async def press() -> object:
        return await kept(world, talk, "hours", "We open at 9.")

    once = {"SELECT count(*) FROM saved_reply WHERE name = 'hours'": 1}
    return Ready(talk=talk, presses=(press,), rows=once, over=False)


@of(Act.DELETE_REPLY)
async def delete_reply(world: World) -> Ready:
    """One that is kept no longer."""
    talk = await new(world, Act.DELETE_REPLY)
    which = await kept(world, talk, "old", "We are closed.")
    press = by_window(talk, lambda: menu_of(talk, Act.CONVERSATION, talk.root.ts), "delete_reply", saved=which)
    once = {"SELECT count(*) FROM audit WHERE action = 'saved_reply.delete'": 1}
    return Ready(talk=talk, presses=(press,), rows=once, over=False)


@of(Act.ANSWER)
async def answer(world: World) -> Ready:
    """One that is sent."""
    talk = await new(world, Act.ANSWER)
    which = await kept(world, talk, "thanks", "Thank you!")

    async def opens() -> View:
        view = await menu_of(talk, Act.CONVERSATION, talk.root.ts)
        return await chooses(talk, await chooses(talk, view, "act", "answer"), "saved", which)

    return Ready(talk=talk, presses=(by_window(talk, opens),), phone=("Thank you!",), line="Thank you!", over=False)
