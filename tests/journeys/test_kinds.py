"""Everything a customer can send besides words and files: it stands in the thread, once, and says what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bridge.demo.meta.world import Customer
from bridge.demo.slack import Message
from bridge.demo.slack.text import walk
from bridge.meta import attachments
from tests.journeys.seen import words
from tests.journeys.world import AKI, CROSS, DAY, HOUR, KINDS, Kind, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AD = {"ad_id": "238", "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "春の新作"}}
LINK = {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}
CDN = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=Ab"
INSTAGRAM = "https://www.instagram.com/direct/inbox/"


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A customer who has written a word, and their card."""

    world: World
    customer: Customer
    root: Message

    async def shown(self, text: str) -> str:
        """What stands in the thread, as soon as *text* is in its last line."""
        return await self.world.until(lambda: found if text in (found := words(self.world, self.root)[-1]) else None)

    def last(self) -> Message:
        """The last post of the thread."""
        return self.world.slack.thread(self.root.channel, self.root.ts)[-1]

    def links(self) -> list[str]:
        """Where the last post leads to, in order."""
        blocks = list(walk(self.last().blocks))
        return [each["url"] for each in blocks if each.get("type") == "link"]

    def count(self) -> int:
        """How many posts stand in the thread."""
        return len(words(self.world, self.root))


@asynccontextmanager
async def begun(database_url: str, kind: Kind = "instagram") -> AsyncIterator[Talk]:
    async with World.open(database_url) as world:
        yuki = world.customer(kind, name="Yuki")
        await world.meta.write(yuki, "hello")
        yield Talk(world=world, customer=yuki, root=await world.root("hello"))


# ── shared things ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "sent", "line", "link"),
    [
        ("instagram", {"type": "share", "url": "https://www.instagram.com/p/C4/"}, "shared a post", None),
        ("instagram", {"type": "ig_reel", "url": "/reel/123/", "title": "春"}, "shared a reel\n春 · https",
         "https://www.instagram.com/reel/123/"),
        ("instagram", {"type": "share", "url": CDN}, "shared a post\nOpen the post", None),
        ("messenger", {"type": "post", "url": "https://www.facebook.com/1/posts/2", "title": "春の新作"},
         "shared a post\n春の新作 · https://www.facebook.com/1/posts/2", None),
        ("messenger", {"type": "fallback", "url": "https://example.com/bag", "title": "Bag"}, "sent a link\nBag", None),
        ("messenger", {"type": "location", "coordinates": {"lat": 35.6, "long": 139.7}}, "35.6, 139.7 · Open the map",
         "https://www.google.com/maps/search/?api=1&query=35.6%2C139.7"),
    ],
)  # fmt: skip
async def test_what_is_shared_is_its_title_and_its_address(
    database_url: str, kind: Kind, sent: dict[str, Any], line: str, link: str | None
) -> None:
    """M-27, M-04: the address as Meta tells it, made whole; nothing is fetched, nothing unfurls."""
    async with begun(database_url, kind) as talk:
        payload = {name: value for name, value in sent.items() if name != "type"}
        await talk.world.meta.attach(talk.customer, sent["type"], payload)
        await talk.shown(line)
        assert talk.links() == [link or sent["url"]]
        assert not [each for each in walk(talk.last().blocks) if each.get("type") == "image"]
        assert not any(sent.get("url", "https") in call.path for call in talk.world.meta.calls)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("twins", [False, True])
async def test_what_meta_sends_in_two_forms_is_shown_once(database_url: str, kind: Kind, twins: bool) -> None:
    """Facts 2.2: share beside ig_post, image beside sticker."""
    async with begun(database_url, kind) as talk:
        await talk.world.meta.send(talk.customer, "post", twins=twins, text="これの在庫は？", title="春の新作")
        shown = await talk.shown("春の新作")
        assert shown.startswith("shared a post\nこれの在庫は？\n")
        assert shown.count("春の新作") == 1
        await talk.world.meta.send(talk.customer, "sticker", twins=twins)
        await talk.world.until(lambda: any("sent a" in line for line in words(talk.world, talk.root)[2:]))
        await talk.world.calm()
        posts = talk.world.slack.thread(talk.root.channel, talk.root.ts)
        assert sum(len(post.files) for post in posts) == 1


async def test_several_products_are_told_each(database_url: str) -> None:
    """M-04, I-09: a card of products names them all."""
    async with begun(database_url, "messenger") as talk:
        elements = [{"id": "55", "title": "春のバッグ", "subtitle": "¥3,200"}, {"id": "56", "title": "春の靴"}]
        await talk.world.meta.attach(talk.customer, "template", {"product": {"elements": elements}})
        assert await talk.shown("春の靴") == "shared a product, 2 in all\n春のバッグ · ¥3,200\n春の靴"


async def test_an_appointment_is_told_with_its_time(database_url: str) -> None:
    """M-04: in the booking's own zone."""
    async with begun(database_url, "messenger") as talk:
        booking = {"status": "requested", "start_time": 1772672400, "end_time": 1772676000, "timezone": "Asia/Tokyo"}
        await talk.world.meta.attach(talk.customer, "appointment_booking", booking)
        assert await talk.shown("asked for") == "asked for an appointment\n2026-03-05 10:00–11:00 (Asia/Tokyo)"


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_a_like_is_a_line_without_a_file(database_url: str, kind: Kind) -> None:
    """M-04: Messenger's thumb and Instagram's heart say all there is to say."""
    async with begun(database_url, kind) as talk:
        await talk.world.meta.send(talk.customer, "like")
        await talk.shown("sent a like" if kind == "messenger" else "sent a heart")
        await talk.world.calm()
        assert not talk.last().files


# ── stories ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_reply_to_a_story_and_a_mention_in_one_are_lines_with_a_link(database_url: str) -> None:
    """CT-12, CT-13, CT-37, F6: told, linked, never copied; a mention counts as a message: the customer waits."""
    async with begun(database_url) as talk:
        await talk.world.answer(talk.root, "hi")
        await talk.world.until_phone(talk.customer, ["hi"])
        await talk.world.meta.story_reply(talk.customer, "かわいい!", url=CDN)
        shown = await talk.shown("かわいい!")
        assert shown == "replied to your story (gone after 24 h)\nかわいい!\nOpen the story"
        assert talk.links() == [CDN]
        await talk.world.answer(talk.root, "thanks")
        await talk.world.until_phone(talk.customer, ["hi", "thanks"])
        await talk.world.meta.story_mention(talk.customer, url=CDN + "2")
        await talk.shown("mentioned you in a story (gone after 24 h)\nOpen the story")
        assert talk.links() == [CDN + "2"]
        await talk.world.until(lambda: "Waiting since" in talk.world.slack.plain(talk.root))
        await talk.world.calm()
        assert not talk.world.slack.world.files


async def test_a_story_that_nobody_can_see_says_so(database_url: str) -> None:
    """F6: without an address."""
    async with begun(database_url) as talk:
        await talk.world.meta.attach(talk.customer, "story_mention", {})
        await talk.shown("mentioned you in a story (gone after 24 h)\nThe story can be seen in Instagram only")
        assert talk.links() == [INSTAGRAM]


# ── how they came ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
async def test_where_a_customer_came_from_stands_over_what_they_said_once(database_url: str, kind: Kind) -> None:
    """M-07: ad, link, product, ice breaker, Get Started: a small line, once each, also within a button's event."""
    async with begun(database_url, kind) as talk:
        network = "Messenger" if kind == "messenger" else "Instagram"
        meta, yuki = talk.world.meta, talk.customer
        await meta.write(yuki, "詳細を", referral=AD)
        assert await talk.shown("詳細を") == "came from the ad “春の新作”\n詳細を"
        await meta.tap(yuki, "営業時間", "HOURS", referral=LINK)
        assert await talk.shown("営業時間") == f"came through your {network} link “spring” · tapped “営業時間”"
        await meta.refer(yuki, LINK)
        await talk.world.until(lambda: talk.count() == 4)
        assert await talk.shown("spring") == f"came through your {network} link “spring”"
        await meta.tap(yuki, "Get Started", "GET_STARTED")
        await talk.shown("pressed the button that begins a conversation")
        await meta.write(yuki, "これ", referral={"product": {"id": "55"}})
        assert await talk.shown("これ") == "asked about the product 55\nこれ"
        await meta.write(yuki, "はい", quick_reply="YES")
        assert await talk.shown("はい") == "chose “はい”"


async def test_a_click_on_an_ad_is_told_and_opens_a_week_with_what_is_said_next(database_url: str) -> None:
    """F2, M-07: the click alone makes nobody wait; the first words after it have the longer window."""
    async with begun(database_url, "messenger") as talk:
        await talk.world.answer(talk.root, "hi")
        await talk.world.until_phone(talk.customer, ["hi"])
        await talk.world.meta.refer(talk.customer, AD)
        await talk.shown("came from the ad “春の新作”")
        await talk.world.calm()
        assert "Answered" in talk.world.slack.plain(talk.root)
        talk.world.clock.move(HOUR)
        await talk.world.meta.write(talk.customer, "how much?")
        await talk.shown("how much?")
        talk.world.clock.move(6 * DAY)
        await talk.world.answer(talk.root, "¥3,200")
        await talk.world.until_phone(talk.customer, ["hi", "¥3,200"])


async def test_an_ads_week_that_meta_does_not_grant_is_learnt_and_said(database_url: str) -> None:
    """F2, ZI-22: trusted until Meta refuses with error 10; then it is closed, and the author told that it was the ad's."""
    async with World.open(database_url) as world:
        ren = world.customer("messenger", name="Ren")
        await world.meta.write(ren, "広告を見ました", referral=AD)
        root = await world.root("広告を見ました")
        world.clock.move(2 * DAY)
        world.meta.faults.add(method="messages", kind="error", error="10/2018278", status=400)
        ts = await world.answer(root, "still there?")
        await world.signed(root, ts, CROSS)
        assert "After an ad Messenger may take replies for up to 7 days" in await world.until_told("Not sent")
        await world.until(lambda: "Closed" in world.slack.plain(root))
        again = await world.answer(root, "hello?")
        await world.signed(root, again, CROSS)
        await world.calm()
        assert world.phone(ren) == []
        assert len([call for call in world.meta.calls if call.path.endswith("/messages") and call.verb == "POST"]) == 1


async def test_subscriptions_and_ratings_are_lines_that_open_nothing(database_url: str) -> None:
    """F2, M-07: an opt-in to messages, a rating of ours, a survey; only the button on a website opens the window."""
    async with begun(database_url, "messenger") as talk:
        meta, yuki = talk.world.meta, talk.customer
        await talk.world.answer(talk.root, "hi")
        await talk.world.until_phone(yuki, ["hi"])
        await talk.world.until(lambda: "Answered" in talk.world.slack.plain(talk.root))
        before = talk.world.rows("SELECT standard_close FROM conversation")
        talk.world.clock.move(HOUR)
        await meta.opt_in(yuki, "新着")
        await talk.shown("agreed to receive “新着”")
        yuki.account.subscribed_fields |= {"response_feedback"}
        await meta.rate(yuki, talk.world.bubbles(yuki)[0].mid)
        await talk.shown("rated your answer: Good response")
        await talk.world.calm()
        assert talk.world.rows("SELECT standard_close FROM conversation") == before
        await meta.opt_in(yuki)
        await talk.shown("began a conversation on your website")
        await talk.world.until(lambda: talk.world.rows("SELECT standard_close FROM conversation") > before)


# ── what cannot be shown ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", ["ephemeral", "unsupported"])
async def test_what_cannot_be_shown_leads_to_where_it_can(database_url: str, act: str) -> None:
    """CT-11, ZI-33: a placeholder with a link to the network's own inbox; the customer waits for an answer all the same."""
    async with begun(database_url) as talk:
        if act == "ephemeral":
            await talk.world.meta.attach(talk.customer, "ephemeral")
            await talk.shown("sent something that can be seen once only: open Instagram")
        else:
            await talk.world.meta.unsupported(talk.customer)
            await talk.shown("sent something that cannot be shown here: open Instagram")
        assert f"<{INSTAGRAM}|Instagram>" in str(talk.last().blocks)


async def test_an_unknown_message_that_was_taken_back_waits_for_no_retry(database_url: str) -> None:
    """M-17, M-24: nothing is left of it that a later version could read, so that `inbox list` names it no more."""
    async with begun(database_url) as talk:
        mid = await talk.world.meta.attach(talk.customer, "hologram", {"title": "春"}, text="見て")
        await talk.shown("見て")
        kept = "SELECT state, reason FROM inbox WHERE state = 'unknown'"
        assert talk.world.rows(kept) == [("unknown", "unknown: hologram")]
        await talk.world.meta.unsend(talk.customer, mid)
        await talk.shown("unsent a message")
        await talk.world.until(lambda: not talk.world.rows(kept))


async def test_a_kind_that_a_later_version_knows_is_shown_by_a_retry_in_its_place(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M-24, ZI-33: one placeholder with a link to the inbox; its raw form waits for `inbox retry`, and is shown once."""
    async with begun(database_url) as talk:
        hologram = {"url": "https://www.instagram.com/hologram/1/", "title": "春"}
        await talk.world.meta.attach(talk.customer, "hologram", hologram, text="見て")
        shown = await talk.shown("見て")
        assert "cannot read (hologram): open Instagram" in shown
        assert f"<{INSTAGRAM}|Instagram>" in str(talk.last().blocks)
        kept = "SELECT state, reason FROM inbox WHERE state NOT IN ('applied')"
        assert talk.world.rows(kept) == [("unknown", "unknown: hologram")]
        await retried(talk.world)
        assert (talk.count(), talk.world.rows(kept)) == (2, [("unknown", "unknown: hologram")])
        monkeypatch.setitem(attachments.KINDS, "hologram", "share")
        await retried(talk.world)
        assert await talk.shown("shared a post") == "shared a post\n見て\n春 · https://www.instagram.com/hologram/1/"
        await talk.world.calm()
        assert (talk.count(), talk.world.rows(kept)) == (2, [])


async def test_an_event_that_a_later_version_knows_is_not_shown_again_by_a_retry(database_url: str) -> None:
    """M-24: an event of a new kind has no id of its own; it is one line, however often it is decided."""
    async with begun(database_url) as talk:
        await talk.world.meta.unknown_event(talk.customer, {"gift": {"value": 3}})
        await talk.shown("cannot read (gift): open Instagram")
        for _ in range(2):
            await retried(talk.world)
        assert talk.count() == 2
        assert talk.world.rows("SELECT state, reason FROM inbox WHERE state = 'unknown'") == [
            ("unknown", "unknown: gift")
        ]


async def retried(world: World) -> None:
    """An operator has it decided again."""
    assert await world.by_hand(lambda hand: hand.tx.facts.retry(hand.moment.steady)) == 1
    await world.calm()


async def test_nobody_is_paged_by_what_is_shared(database_url: str) -> None:
    """CT-08: titles are somebody else's words too."""
    async with begun(database_url, "messenger") as talk:
        title = "<!channel> <@U0AKI> *@here*"
        await talk.world.meta.attach(talk.customer, "fallback", {"url": "https://example.com/x", "title": title})
        await talk.shown("https://example.com/x")
        await talk.world.calm()
        posts = talk.world.slack.thread(talk.root.channel, talk.root.ts)
        assert AKI not in {who for post in posts for who in post.notified}
