"""What a customer's act opens, and for how long: as the card says it, and as it stays whatever comes late or goes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from tests.journeys.seen import decided
from tests.journeys.world import AKI, DAY, HOUR, MINUTE, Kind, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WEEK = 7 * DAY
AD = {"ad_id": "238", "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "春の新作"}}
LINK = {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}

Act = Callable[[World, Customer], Awaitable[object]]
OPENERS: dict[str, tuple[Act, timedelta]] = {
    "message": (lambda world, who: world.meta.write(who, "hello"), DAY),
    "picture": (lambda world, who: world.meta.attach(who, "image", {"url": "https://example.org/a.png"}), DAY),
    "unsupported": (lambda world, who: world.meta.unsupported(who), DAY),
    "story mention": (lambda world, who: world.meta.story_mention(who), DAY),
    "postback": (lambda world, who: world.meta.tap(who, "Hours", "HOURS"), DAY),
    "quick reply": (lambda world, who: world.meta.write(who, "yes", quick_reply="YES"), DAY),
    "link": (lambda world, who: world.meta.refer(who, LINK), DAY),
    "plugin": (lambda world, who: world.meta.opt_in(who), DAY),
    "button of an ad": (lambda world, who: world.meta.tap(who, "Price", "PRICE", referral=AD), DAY),
    "message from an ad": (lambda world, who: world.meta.write(who, "this one", referral=AD), WEEK),
}


def said(at: datetime) -> str:
    """A time as a reader of these tests sees it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def acted(customer: Customer) -> datetime:
    """When the customer last did something that opens."""
    assert customer.last_act is not None
    return datetime.fromtimestamp(customer.last_act, UTC)


async def card(world: World, root: Message, text: str) -> str:
    """The card, as soon as it says *text*."""
    return await world.until(lambda: found if text in (found := world.slack.plain(root)) else None)


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
@pytest.mark.parametrize("act", OPENERS)
async def test_each_act_opens_the_window_from_its_own_time(database_url: str, kind: Kind, act: str) -> None:
    """F2, I-11, ZI-09, M-07: 24 hours; a message after an ad has 7 days; counted from the act, also when it is told late."""
    does, length = OPENERS[act]
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")
        world.meta.deliveries.pause()
        await does(world, yuki)
        at = acted(yuki)
        world.clock.move(3 * HOUR)
        world.meta.deliveries.resume()
        root = await world.until(lambda: next(iter(world.roots()), None))
        if act in ("link", "plugin"):  # to come by a link or a website's button asks nothing: nobody waits
            await card(world, root, f"Replies possible until {said(at + length)}")
            return
        await card(world, root, f"reply by {said(at + length)}")
        assert f"Waiting since {said(at)}" in world.slack.plain(root)


async def test_a_reaction_opens_and_taking_it_back_or_a_message_back_does_not(database_url: str) -> None:
    """F2: reactions open the window; unreact, unsend, edit, read and delivery marks leave it as it was."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki")
        mid = await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        await card(world, root, f"reply by {said(acted(yuki) + DAY)}")
        world.clock.move(2 * HOUR)
        await world.meta.react(yuki, mid, "love")
        at = acted(yuki)
        await card(world, root, f"reply by {said(at + DAY)}")
        world.clock.move(2 * HOUR)
        await world.meta.unreact(yuki, mid)
        await world.meta.edit(yuki, mid, "hullo")
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: any("unsent a message" in line for line in world.lines(root)))
        await world.calm()
        assert f"Replies possible until {said(at + DAY)}" in world.slack.plain(root), "and nobody waits any more"


async def test_what_arrives_late_never_shortens_a_window(database_url: str) -> None:
    """A message of yesterday told after one of today was answered: nobody saw it, and whoever wrote it waits."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "today")
        root = await world.root("today")
        at = acted(yuki)
        await world.answer(root, "yes?")
        await world.until_phone(yuki, ["yes?"])
        await card(world, root, "Answered by Aki")
        await world.meta.write(yuki, "yesterday", at=at.timestamp() - 20 * 3600)
        await world.until(lambda: any("yesterday" in line for line in world.lines(root)))
        await world.calm()
        shown = world.slack.plain(root)
        assert f"reply by {said(at + DAY)}" in shown
        assert f"Waiting since {said(at - 20 * HOUR)}" in shown
        assert "“yesterday”" in shown


async def test_an_ads_week_is_not_cut_by_what_follows(database_url: str) -> None:
    """F2: a plain message, or a late one, within the ad's seven days leaves them open."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "from the ad", referral=AD)
        root = await world.root("from the ad")
        at = acted(yuki)
        await card(world, root, f"reply by {said(at + WEEK)}")
        world.clock.move(HOUR)
        await world.meta.write(yuki, "one thing more")
        await card(world, root, "one thing more")
        await world.calm()
        assert f"reply by {said(at + WEEK)}" in world.slack.plain(root)
        world.clock.move(3 * DAY)
        await world.ticked()
        await world.answer(root, "on day three")
        await world.until_phone(yuki, ["on day three"])
        assert [bubble.tag for bubble in world.bubbles(yuki)] == [None]


async def test_a_button_after_an_ad_has_a_day_and_the_message_after_it_the_ads_week(database_url: str) -> None:
    """F2: pressed after the click and in the ad's own conversation; no button is trusted with more than Meta tells of it."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        await world.meta.refer(yuki, AD)
        world.clock.move(MINUTE)
        await world.meta.tap(yuki, "Price", "PRICE")
        root = await world.root("Price")
        await card(world, root, f"reply by {said(acted(yuki) + DAY)}")
        world.clock.move(HOUR)
        await world.meta.tap(yuki, "Sizes", "SIZES", referral=AD)
        await card(world, root, f"reply by {said(acted(yuki) + DAY)}")
        world.clock.move(HOUR)
        await world.meta.write(yuki, "this one")
        await card(world, root, f"reply by {said(acted(yuki) + WEEK)}")


@pytest.mark.parametrize("human", [False, True], ids=["plain", "human agent"])
async def test_the_card_tells_the_truth_as_time_passes(database_url: str, human: bool) -> None:
    """ZI-35, ZI-22, ZM-08, I-13, F4: what it says at 1 hour, just before the close, at 25 hours and at 8 days, unasked."""
    async with World.open(database_url) as world:
        await world.set("messenger", human_agent=human)
        yuki = world.customer(name="Yuki")
        await world.meta.write(yuki, "hello")
        root = await world.root("hello")
        at = acted(yuki)
        await card(world, root, f"Waiting since {said(at)}")
        world.clock.move(HOUR)
        await decided(world)
        await card(world, root, f"reply by {said(at + DAY)}")
        world.clock.move(22 * HOUR + 58 * MINUTE)
        await world.ticked()
        await card(world, root, f"reply by {said(at + DAY)}" if human else f"closes {said(at + DAY)}")
        world.clock.move(62 * MINUTE)
        if human:
            shown = await card(world, root, f"Human-agent window until {said(at + WEEK)}")
            world.clock.move(7 * DAY)
            shown = await card(world, root, f"Closed {said(at + WEEK)}")
        else:
            shown = await card(world, root, f"Closed {said(at + DAY)}")
            world.clock.move(7 * DAY)
            await world.ticked()
            assert world.slack.plain(root) == shown
        assert "opens again when Yuki writes" in shown
        await world.meta.write(yuki, "me again")
        await card(world, root, f"reply by {said(acted(yuki) + DAY)}")
        assert len(world.roots()) == 1


async def test_a_reaction_alone_is_a_first_contact(database_url: str) -> None:
    """CT-13, F2: somebody reacts to what the shop wrote in the native app: one line, an open window, an answer arrives."""
    async with World.open(database_url) as world:
        yuki = world.customer("instagram", name="Yuki")
        mid = await world.meta.native_reply(yuki.account, yuki, "Thank you for your order")
        root = await world.root("Thank you for your order")
        await card(world, root, "has not written yet")
        await world.meta.react(yuki, mid, "love")
        await card(world, root, f"Replies possible until {said(acted(yuki) + DAY)}")
        assert any("reacted with ❤️" in line for line in world.lines(root))
        await world.answer(root, "Glad you like it", user=AKI)
        await world.until(lambda: world.phone(yuki)[-1] == "Glad you like it")
