"""Acts about a conversation as a whole: see `tests.journeys.pressing`."""

from __future__ import annotations

from bridge.model.facts import Act
from tests.journeys.hands import Talk
from tests.journeys.pressing import (
    BOT_APP,
    Ready,
    has_button,
    in_thread,
    new,
    of,
    on_card,
)
from tests.journeys.ticketing import uses
from tests.journeys.world import AKI, KEN, OTHER, World

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


@of(Act.NO_ANSWER)
async def no_answer(world: World) -> Ready:
    """A customer who waits."""
    talk = await new(world, Act.NO_ANSWER)
    return Ready(talk=talk, presses=in_thread(talk, "dismiss"), line="no answer needed", noted="close")


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


# ── where it stands ───────────────────────────────────────────────────────────────────────────────────────


@of(Act.FORWARD)
async def forward(world: World) -> Ready:
    """A conversation for another account's channel."""
    talk = await new(world, Act.FORWARD)
    await world.set("instagram", channel=OTHER)
    presses = in_thread(talk, f"forward <#{OTHER}>")
    return Ready(talk=talk, presses=presses, line="forwarded this conversation to", noted="forward")


@of(Act.UNFORWARD)
async def unforward(world: World) -> Ready:
    """One that is there already."""
    ready = await forward(world)
    before = len(world.roots(OTHER))
    await ready.presses[0]()
    await world.until(lambda: len(world.roots(OTHER)) > before)
    await world.until(lambda: "forwarded this conversation to" in "".join(ready.talk.lines()))
    return Ready(talk=ready.talk, presses=in_thread(ready.talk, "forward back"), noted="unforward")


@of(Act.TICKET)
async def ticket(world: World) -> Ready:
    """A conversation of an account whose tickets stand in a channel."""
    talk = await new(world, Act.TICKET)
    await uses(world, "messenger", f"slack:{OTHER}")
    once = {"SELECT count(*) FROM ticket": 1, "SELECT count(*) FROM post WHERE kind = 'ticket'": 1}
    return Ready(talk=talk, presses=in_thread(talk, "ticket"), line="made ticket", noted="ticket", rows=once)


@of(Act.EXPORT)
async def export(world: World) -> Ready:
    """Whoever asks gets it; asked for twice it is two files, and so one asks here."""
    talk = await new(world, Act.EXPORT)
    once = {"SELECT count(*) FROM export": 1}
    return Ready(talk=talk, presses=in_thread(talk, "export", (AKI,)), rows=once, over=False)


@of(Act.ASK)
async def ask(world: World) -> Ready:
    """A question to somebody beside; asked for twice it is two, and so one asks here."""
    talk = await new(world, Act.ASK)
    presses = in_thread(talk, f"ask <#{OTHER}> <@{KEN}> Is it in stock?", (AKI,))
    once = {"SELECT count(*) FROM outbox WHERE kind = 'PostAside' AND state = 'done'": 1}
    return Ready(talk=talk, presses=presses, line="asked somebody who knows", rows=once, over=False)
