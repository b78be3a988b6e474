"""Comments and the one private reply to each, as customers, agents and operators see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.demo.meta.world import Customer
from tests.journeys.commenting import ANSWER, AS, ASKED, commented, private
from tests.journeys.hands import Talk
from tests.journeys.seen import figure
from tests.journeys.world import CHECK, CROSS, DAY, KINDS, SUPPORT, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# ── off ───────────────────────────────────────────────────────────────────────────────────────────────────


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
async def test_without_the_setting_comments_are_counted_and_nothing_else(database_url: str, kind: Kind) -> None:
    """M-05, CT-14: acknowledged, counted, no card, nobody is met."""
    async with World.open(database_url) as world:
        comment = await world.meta.comment(world.account(kind), ASKED)
        if kind == "messenger":
            await world.meta.change_comment(comment, "edited", "いくら？")
            await world.meta.change_comment(comment, "remove")
        await world.meta.settle()
        await world.calm()
        assert world.roots() == []
        assert world.rows("SELECT id FROM customer") == []
        told = 3 if kind == "messenger" else 1
        assert await figure(world, "threadbridge_facts_ignored_total", reason="comment") == told


@SQLITE
async def test_mentions_and_our_own_comments_are_counted_alone(database_url: str) -> None:
    """M-05: a mention brings ids only; what the business says under its own post is no customer's."""
    async with World.open(database_url) as world:
        for kind in KINDS:
            await world.set(kind, comments=True)
            await world.meta.comment(world.account(kind), "ありがとうございます", own=True)
        await world.meta.mention(world.account("instagram"))
        await world.meta.settle()
        await world.calm()
        assert world.roots() == []
        assert await figure(world, "threadbridge_facts_ignored_total", reason="own_comment") == 3
        assert await figure(world, "threadbridge_facts_ignored_total", reason="mention") == 1


# ── on ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
async def test_a_comment_opens_a_card_and_is_answered_privately_once(database_url: str, kind: Kind) -> None:
    """M-05, M-24: the comment stands first; the answer goes to it; the next waits for the customer; the thread goes on."""
    async with commented(database_url, kind) as (talk, comment):
        world = talk.world
        said = "commented on your post"
        assert said in talk.lines()[0]
        assert ASKED in talk.lines()[0]
        assert "one private reply is possible until" in talk.card()
        assert "Waiting since" not in talk.card()
        first = await talk.says(ANSWER)
        await talk.bears(first, CHECK)
        assert talk.phone() == [ANSWER]
        assert private(talk) == [comment]
        await world.until(lambda: "The one private reply has gone" in talk.card())
        assert "Answered by Aki" in talk.card()
        second = await talk.says("まだいますか？")
        await talk.bears(second, CROSS)
        await world.until_told("The one private reply to the comment has gone; when")
        await world.meta.write(talk.customer, "はい、お願いします")
        await world.until(lambda: "はい、お願いします" in " ".join(talk.lines()))
        third = await talk.says("承知しました")
        await talk.bears(third, CHECK)
        await world.calm()
        assert talk.phone() == [ANSWER, "承知しました"]
        assert private(talk) == [comment]
        assert len(world.roots()) == 1
        assert world.rows("SELECT remote_id, comments_as FROM customer") == [(talk.customer.id, AS)]


@SQLITE
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("echoes", ["before", "after"])
async def test_our_own_echo_finds_the_comment_whose_author_has_another_id(
    database_url: str, kind: Kind, echoes: Any
) -> None:
    """M-24: before the answer or after it, told twice: no second card, nothing shown as written elsewhere."""
    async with commented(database_url, kind) as (talk, _):
        talk.world.meta.echoes = echoes
        talk.world.meta.deliveries.duplicate_next()
        ts = await talk.says(ANSWER)
        await talk.bears(ts, CHECK)
        await talk.world.meta.settle()
        await talk.world.forward(lambda: not talk.world.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"))
        await talk.world.calm()
        assert len(talk.world.roots()) == 1
        assert len(talk.lines()) == 2
        assert talk.phone() == [ANSWER]


@SQLITE
@pytest.mark.parametrize(
    ("under", "kind", "said"),
    [
        ("FEED", "instagram", "commented on your post"),
        ("REELS", "instagram", "commented on your reel"),
        ("AD", "instagram_login", "commented on your ad “春の新作”"),
        ("LIVE", "instagram_login", "commented on your live"),
    ],
)
@pytest.mark.parametrize("flat", [False, True])
async def test_each_place_of_a_comment_is_named_in_both_envelopes(
    database_url: str, under: str, kind: Kind, said: str, flat: bool
) -> None:
    """M-05: post, reel, ad, live; as a change and on the entry itself."""
    async with commented(database_url, kind, under=under, flat=flat) as (talk, comment):
        assert said in talk.lines()[0]
        ts = await talk.says(ANSWER)
        await talk.bears(ts, CHECK)
        assert private(talk) == [comment]


@SQLITE
async def test_a_comment_links_to_its_post_as_far_as_meta_tells(database_url: str) -> None:
    """M-05: a Page's post has an address in the event; nothing is looked up for it."""
    async with commented(database_url, "messenger", seen_as=None) as (talk, comment):
        address = f"https://www.facebook.com/{talk.world.account('messenger').id}_"
        shown = talk.world.slack.thread(SUPPORT, talk.root.ts)[0]
        assert address in str(shown.blocks)
        again = await talk.world.meta.comment(talk.customer.account, "もう一つ", by=talk.customer, answers=comment)
        await talk.world.until(lambda: "replied to a comment under your post" in " ".join(talk.lines()))
        assert again != comment
        asked = [call.path for call in talk.world.meta.calls if call.verb == "GET"]
        assert {path.rpartition("/")[2] for path in asked} <= {"subscribed_apps"}


@SQLITE
async def test_a_boosted_post_tells_twice_and_is_shown_once(database_url: str) -> None:
    """M-05: the second telling has another medium in it."""
    async with commented(database_url) as (talk, comment):
        await talk.world.meta.comment_again(comment)
        await talk.world.meta.settle()
        await talk.world.calm()
        assert len(talk.lines()) == 1


# ── whose conversation ────────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_comments_of_one_person_stand_in_one_thread_and_each_has_its_reply(database_url: str) -> None:
    """M-05, CT-05: the answer goes to the newest comment that can have one, the next to the one before; then none."""
    async with commented(database_url) as (talk, first):
        world = talk.world
        world.clock.move(timedelta(minutes=5))
        second = await world.meta.comment(talk.customer.account, "在庫は？", by=talk.customer, seen_as=AS)
        await world.until(lambda: "在庫は？" in " ".join(talk.lines()))
        for words in ("一つ目", "二つ目"):
            await talk.bears(await talk.says(words), CHECK)
        await talk.bears(await talk.says("三つ目"), CROSS)
        assert private(talk) == [second, first]
        third = await world.meta.comment(talk.customer.account, "あと色は？", by=talk.customer, seen_as=AS)
        await world.until(lambda: "あと色は？" in " ".join(talk.lines()))
        await talk.bears(await talk.says("四つ目"), CHECK)
        assert private(talk) == [second, first, third]
        assert len(world.roots()) == 1


@SQLITE
async def test_two_commenters_of_one_name_never_merge(database_url: str) -> None:
    """CT-05: the same username, the same words, the same answer to both: two cards, each answer to its own."""
    async with commented(database_url) as (talk, first):
        world = talk.world
        other = world.customer("instagram", name="Yuki Tanaka", username="yuki_333", profile=False)
        second = await world.meta.comment(other.account, ASKED, by=other, seen_as="880000000000002")
        await world.until(lambda: len(world.roots()) == 2)
        there = next(root for root in world.roots() if root.ts != talk.root.ts)
        world.meta.echoes = "before"
        one = await talk.says(ANSWER)
        two = await world.answer(there, ANSWER)
        await world.signed(talk.root, one, CHECK)
        await world.signed(there, two, CHECK)
        await world.forward(lambda: not world.rows("SELECT id FROM inbox WHERE state IN ('ready', 'free')"))
        await world.meta.write(other, "二人目です")
        await world.until(lambda: "二人目です" in " ".join(world.lines(there)))
        await world.calm()
        assert sorted(private(talk)) == sorted([first, second])
        assert (talk.phone(), world.phone(other)) == ([ANSWER], [ANSWER])
        assert len(world.roots()) == 2
        assert len(talk.lines()) == 2


@SQLITE
async def test_in_an_open_window_a_comment_needs_no_private_reply(database_url: str) -> None:
    """M-05: who writes under the id they comment with has one thread; the ordinary answer goes while it may."""
    async with World.open(database_url) as world:
        await world.set("instagram", comments=True)
        yuki = world.customer("instagram", name="Yuki Tanaka")
        await world.meta.write(yuki, "こんにちは")
        root = await world.root("こんにちは")
        comment = await world.meta.comment(yuki.account, ASKED, by=yuki)
        talk = Talk(world=world, kind="instagram", customer=yuki, root=root)
        await world.until(lambda: ASKED in " ".join(talk.lines()))
        await talk.bears(await talk.says("普通の返信"), CHECK)
        assert private(talk) == []
        world.clock.move(2 * DAY)
        await world.until(lambda: "one private reply is possible until" in talk.card())
        await talk.bears(await talk.says(ANSWER), CHECK)
        assert private(talk) == [comment]
        assert len(world.roots()) == 1


@SQLITE
async def test_who_has_written_before_under_another_id_is_found_by_our_reply(database_url: str) -> None:
    """CT-05: two threads that turn out to be one person's lead to each other; what is commented next stands in theirs."""
    async with World.open(database_url) as world:
        await world.set("instagram", comments=True)
        yuki = world.customer("instagram", name="Yuki Tanaka")
        await world.meta.write(yuki, "先月の件です")
        before = await world.root("先月の件です")
        await world.meta.comment(yuki.account, ASKED, by=yuki, seen_as=AS)
        root = await world.root(ASKED)
        assert root.ts != before.ts
        talk = Talk(world=world, kind="instagram", customer=yuki, root=root)
        await talk.bears(await talk.says(ANSWER), CHECK)
        await world.until(lambda: "writes messages in another thread" in " ".join(talk.lines()))
        await world.until(lambda: "has also commented in public" in " ".join(world.lines(before)))
        await world.meta.comment(yuki.account, "色違いは？", by=yuki, seen_as=AS)
        await world.until(lambda: "色違いは？" in " ".join(world.lines(before)))
        await world.meta.write(yuki, "DM見ました")
        await world.until(lambda: "DM見ました" in " ".join(world.lines(before)))
        assert len(world.roots()) == 2


# ── changed and taken back ────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_a_pages_comment_is_changed_hidden_and_taken_back(database_url: str) -> None:
    """M-05, ZM-08: the thread follows; hiding asks nothing; what is gone cannot be answered privately."""
    async with commented(database_url, "messenger") as (talk, comment):
        world = talk.world
        await world.meta.change_comment(comment, "edited", "税込みの値段は？")
        await world.until(lambda: "税込みの値段は？" in talk.lines()[0])
        await world.meta.change_comment(comment, "hide")
        await world.meta.settle()
        await world.calm()
        assert "税込みの値段は？" in talk.lines()[0]
        await world.meta.change_comment(comment, "remove")
        await world.until(lambda: "A comment by Yuki Tanaka was deleted" in " ".join(talk.lines()))
        await world.calm()
        assert "値段" not in " ".join(talk.lines()) + talk.card()
        assert "The comment was deleted · a reply is possible once" in talk.card()
        assert "Waiting since" not in talk.card()
        assert world.rows("SELECT text FROM message WHERE text LIKE '%値段%'") == []
        assert not [1 for (body,) in world.rows("SELECT body FROM inbox") if b"5024" in body]
        await talk.bears(await talk.says(ANSWER), CROSS)
        assert private(talk) == []


@SQLITE
async def test_a_comment_taken_back_before_it_came_is_never_shown(database_url: str) -> None:
    """M-05: whatever order they come in, no word of it stands anywhere."""
    async with World.open(database_url) as world:
        await world.set("messenger", comments=True)
        yuki: Customer = world.customer("messenger", name="Yuki Tanaka")
        world.meta.deliveries.drop_next()
        comment = await world.meta.comment(yuki.account, "秘密の質問", by=yuki)
        added = world.meta.world.comments[comment].change
        await world.meta.settle()
        await world.meta.change_comment(comment, "remove")
        await world.meta.settle()
        await world.calm()
        entry = {"id": yuki.account.id, "time": int(world.clock.time()), "changes": [added]}
        assert await world.meta.deliver({"object": "page", "entry": [entry]}) == 200
        await world.calm()
        shown = [world.slack.plain(each) for each in world.slack.channel_messages(SUPPORT)]
        assert "秘密" not in " ".join(shown)
        assert world.rows("SELECT text FROM message WHERE text IS NOT NULL") == []
