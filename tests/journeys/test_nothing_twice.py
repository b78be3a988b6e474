"""Whatever is pressed, sent in or told twice, at once, again or after a restart, happens once on both sides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from bridge.demo.meta.media import avatar
from bridge.meta.envelope import KINDS
from bridge.model.facts import Act
from bridge.slack.sift import HEARD, WRITTEN
from tests.journeys import pressed_alerts, pressed_answers, pressed_talks
from tests.journeys.hands import ASKED, Talk, begun
from tests.journeys.opening import post_of
from tests.journeys.pressing import CASES, Press, Ready
from tests.journeys.retold import Told, looks
from tests.journeys.world import AKI, CHECK, HOUR, KEN, OTHER, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASED = (pressed_alerts, pressed_answers, pressed_talks)
"""Where the cases are."""
FIRST = (Act.ARRIVED, Act.SEND_AGAIN, Act.SEND_SMALLER)
"""What needs time to pass, or an account as it was, before the others are made ready."""
LAST = (Act.STOP, Act.UNFORWARD, Act.FORWARD)
"""What time would end."""


def test_every_act_has_a_case(database_url: str) -> None:
    """A new act is pressed twice here before it is released."""
    missing = sorted(act.value for act in set(Act) - set(CASES))
    assert not missing, (
        f"say in tests/journeys/pressed_answers.py or pressed_talks.py how {missing} are made ready and pressed, and what they do once"
    )


async def prepared(world: World) -> dict[Act, Ready]:
    """A conversation for each act, in one world."""
    await world.set("instagram_login", ceiling=20)
    world.clock.move(HOUR)
    order = [*FIRST, *(act for act in CASES if act not in FIRST + LAST)]
    ready = {act: await CASES[act](world) for act in order}
    await world.calm()
    return ready | {act: await CASES[act](world) for act in LAST}


async def all_at_once(ready: dict[Act, Ready]) -> None:
    """Everybody presses everything."""
    presses = [press() for each in ready.values() if each.over for press in each.presses]
    windows = [press for each in ready.values() if not each.over for press in each.presses]
    ended = await asyncio.gather(_in_turn(windows), *presses, return_exceptions=True)
    # A window that was sent in is gone when it is sent in once more.
    assert [
        each for each in ended if isinstance(each, Exception) and not isinstance(each, KeyError | LookupError)
    ] == []


async def _in_turn(windows: Sequence[Press]) -> None:
    """One person has one window before them at a time."""
    for press in windows:
        await press()


def happened(world: World, act: Act, ready: Ready) -> dict[str, object]:
    """What stands on both sides because of an act."""
    talk = ready.talk
    numbers = dict(world.rows("SELECT p.remote_id, c.id FROM conversation c JOIN customer p ON p.id = c.customer"))
    about = (f"conversation:{numbers[talk.customer.id]}", f"conversation.{ready.noted}")
    mine = [each for each in world.meta.calls if str(talk.customer.id) in str(each.arguments)]
    asked = Counter(str(each.arguments.get("sender_action") or each.method) for each in mine)
    said: dict[str, object] = {
        "phone": [*world.phone(talk.customer)],
        "calls": {name: asked[name] for name in ready.calls},
    }
    said["rows"] = {each: world.rows(each)[0][0] for each in ready.rows}
    if ready.line is not None:
        said["lines"] = sum(ready.line.strip() in line for line in talk.lines())
    if ready.noted is not None:
        said["noted"] = world.rows("SELECT object, action FROM audit").count(about)
    return said


def once(ready: Ready) -> dict[str, object]:
    """What should."""
    said: dict[str, object] = {"phone": [*ready.phone], "calls": ready.calls, "rows": ready.rows}
    if ready.line is not None:
        said["lines"] = 1
    if ready.noted is not None:
        said["noted"] = 1
    return said


def twice(world: World, ready: dict[Act, Ready], acts: Sequence[Act]) -> dict[str, object]:
    """What is otherwise than once."""
    found = {act: (happened(world, act, ready[act]), once(ready[act])) for act in acts}
    return {act.value: each for act, each in found.items() if each[0] != each[1]}


@pytest.mark.timeout(150)
@pytest.mark.parametrize("restart", [False, True])
async def test_every_act_counts_once_whoever_presses_it_how_often(database_url: str, restart: bool) -> None:
    """M-24: by two agents at once and twice by one; and with an end of the service between the press and what it does."""
    async with World.open(database_url) as world:
        ready = await prepared(world)
        await all_at_once(ready)
        if restart:
            await world.stop()
            await world.start()
        await world.slack.settle()
        await world.until(lambda: world.rows("SELECT id FROM message WHERE reason LIKE '%not_relayed.stopped%'"))
        await world.calm()
        assert twice(world, ready, [*CASES]) == {}
        await all_at_once({act: each for act, each in ready.items() if each.over})
        await world.calm()
        again = twice(world, ready, [*CASES])
        assert again == {}, "pressed once more when it is over"


async def settled(world: World) -> None:
    """Everything that was told is decided and done."""
    await world.meta.settle()
    await world.slack.settle()
    await world.calm()


async def people_in_slack(talk: Talk, asked: str) -> None:
    """Agents and admins do whatever Slack tells of."""
    slack, root = talk.world.slack, talk.root
    slack.add_usergroup("S0HELP", "helpers", [KEN])
    sent, gone = await talk.says("Yes, in red and blue."), await talk.says("Oops")
    await talk.bears(gone, CHECK)
    await talk.edits(sent, "Yes, in red.")
    await talk.deletes(gone)
    for text, how in (
        ("// note", {}),
        ("note: quietly", {"me": True}),
        ("// for all", {"broadcast": True}),
        ("of a workflow", {"workflow": True}),
        ("A picture", {"files": [("cup.png", avatar("cup"), "image/png")]}),
        (f"<@{slack.world.names.bot_user_id}> take", {}),
        (f"<@{KEN}>?", {}),
    ):
        await talk.says(text, **how)
    await slack.react(AKI, root.channel, asked, "heart")
    await slack.unreact(AKI, root.channel, asked, "heart")
    await slack.react(AKI, root.channel, asked, "tada")
    slack.change_usergroup("S0HELP", [KEN, AKI])
    await slack.join(AKI, OTHER)
    await slack.leave(AKI, OTHER)
    for change in (slack.archive, slack.unarchive, slack.share_channel):
        change(OTHER)
    slack.share_channel(OTHER, shared=False)
    await settled(talk.world)


def rarely_told(world: World, kinds: set[str]) -> None:
    """What is left of the kinds that the bridge hears of, in the shape that Slack gives them."""
    at = f"{world.clock.time():.6f}"
    for kind in sorted(HEARD - kinds - {"message"}):
        about = {"user": {"id": KEN, "profile": {"display_name": "Ken"}}} if kind == "user_change" else {"user": KEN}
        event = {"type": kind, "channel": "C0NOWHERE", "event_ts": at, "tokens": {"oauth": [KEN]}, **about}
        group = {"subteam": {"id": "S0HELP", "users": [KEN, AKI]}, "subteam_id": "S0HELP"}
        if kind != "app_uninstalled":
            world.slack.world.feed.announce(event | group, always=True)


async def test_whatever_slack_tells_again_counts_once(database_url: str) -> None:
    """M-24, ZI-08: every kind of event that the bridge hears of, as a retry, and messages and reactions under other ids."""
    async with World.open(database_url) as world:
        await world.set("messenger", reactions_out=("all",))
        told = Told.listen(world)
        world.slack.world.feed.subscriptions |= HEARD
        talk = await begun(world, "messenger", name="Yuki")
        await world.calm()
        await people_in_slack(talk, post_of(talk, ASKED))
        rarely_told(world, told.slack_kinds())
        await settled(world)
        heard = told.slack_kinds()
        written = {f"message.{each}" for each in (*WRITTEN, "message_changed", "message_deleted")}
        missing = (HEARD - {"message", "app_uninstalled"} | written) - heard
        assert not missing, f"let {sorted(missing)} happen here, and see that it counts once"
        before = looks(world)
        await told.again()
        await settled(world)
        assert looks(world) == before
        await told.otherwise()
        await settled(world)
        assert looks(world) == before


async def customers(talk: Talk) -> None:
    """A customer, another app and Meta itself do whatever Meta tells of."""
    meta, yuki, account = talk.world.meta, talk.customer, talk.customer.account
    await talk.says("Yes.")
    await talk.reaches("Yes.")
    first = await meta.write(yuki, "first", reply_to=talk.bubbles()[0].mid)
    await meta.edit(yuki, first, "first, better")
    await meta.react(yuki, talk.bubbles()[0].mid, "love")
    gone = await meta.write(yuki, "taken back")
    await meta.unsend(yuki, gone)
    await meta.send_picture(yuki)
    await meta.unsupported(yuki)
    await meta.tap(yuki, "Opening hours", "HOURS")
    await meta.arrive(yuki, "ad")
    await meta.opt_in(yuki, "News")
    await meta.rate(yuki, talk.bubbles()[0].mid)
    await meta.read(yuki)
    await meta.received(yuki, talk.bubbles()[0].mid)
    await meta.native_reply(account, yuki, "from the inbox")
    await meta.policy(account, "warning", "spam")
    await meta.change_roles(account, [meta.app_id])
    await meta.comment(account, "How much?")
    await meta.unknown_event(yuki, {"wave": {"count": 1}})
    await settled(talk.world)
    await meta.ask_for_thread(yuki)
    await meta.other_app(yuki, app_id="8800880088008800")
    await meta.write(yuki, "to the other app")
    await meta.other_app(yuki, takes=False, app_id="8800880088008800")
    await settled(talk.world)


async def test_whatever_meta_tells_again_counts_once(database_url: str) -> None:
    """M-24, ZI-08: every kind of event, in the same delivery and in another one."""
    async with World.open(database_url) as world:
        await world.set("messenger", comments=True)
        told = Told.listen(world)
        talk = await begun(world, "messenger", name="Yuki")
        await customers(talk)
        now = int(world.clock.time() * 1000)
        ends = {"sender": {"id": talk.customer.id}, "recipient": {"id": talk.customer.account.id}, "timestamp": now}
        rest = [ends | {kind: {"status": "new"}} for kind in sorted(set(KINDS) - told.meta_kinds())]
        entry = {"id": talk.customer.account.id, "time": now, "messaging": rest}
        assert await world.meta.deliver({"object": "page", "entry": [entry]}) == 200
        await settled(world)
        missing = set(KINDS) - told.meta_kinds()
        assert not missing, f"let {sorted(missing)} happen here, and see that it counts once"
        before = looks(world)
        await told.again()
        await settled(world)
        assert looks(world) == before
        await told.otherwise()
        await settled(world)
        assert looks(world) == before
