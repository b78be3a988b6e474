"""Until when a comment can be answered privately, and how private replies end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.cli.conversations import heard
from bridge.demo.slack import Message
from bridge.store import conversations as stored
from bridge.store.accounts import Hand
from tests.journeys.commenting import ANSWER, AS, commented, private
from tests.journeys.hands import reconnect
from tests.journeys.world import AKI, ALERTS, CHECK, CROSS, DAY, HOUR, KEN, QUESTION, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INSTAGRAM: tuple[Kind, ...] = ("instagram", "instagram_login")


# ── until when ────────────────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_after_seven_days_no_private_reply_goes(database_url: str) -> None:
    """M-05, ZI-33: refused with the reason, and nothing is sent; the card says so by itself."""
    async with commented(database_url) as (talk, _):
        talk.world.clock.move(7 * DAY)
        await talk.world.until(lambda: "can no longer be answered privately" in talk.card())
        ts = await talk.says(ANSWER)
        await talk.bears(ts, CROSS)
        await talk.world.until_told("A comment can be answered privately for 7 days; yuki_333")
        assert private(talk) == []


@SQLITE
async def test_what_was_written_in_time_is_ruled_on_again_when_it_goes(database_url: str) -> None:
    """M-05: the seven days end while the answer waits for the login."""
    async with commented(database_url) as (talk, comment):
        world = talk.world
        world.clock.move(7 * DAY - HOUR)
        world.meta.revoke(world.account("instagram"))
        ts = await talk.says(ANSWER)
        await world.until(lambda: private(talk) == [comment])
        world.clock.move(2 * HOUR)
        await world.arrived()
        world.meta.restore(world.account("instagram"))
        await reconnect(world, "instagram")
        await talk.bears(ts, CROSS)
        await world.until_told("A comment can be answered privately for 7 days")
        assert private(talk) == [comment]
        assert talk.phone() == []


@SQLITE
async def test_on_a_live_only_the_broadcast_counts(database_url: str) -> None:
    """M-05: no time is promised; after the broadcast Meta refuses, which is said, and the next is not even tried."""
    async with commented(database_url, under="LIVE") as (talk, comment):
        world = talk.world
        assert "while the broadcast lasts" in talk.card()
        assert "until" not in talk.card()
        world.meta.end_broadcast(world.account("instagram"))
        ts = await talk.says(ANSWER)
        await talk.bears(ts, CROSS)
        await world.until_told("the broadcast is over, or it has had its one already")
        await world.until(lambda: "can no longer be answered privately" in talk.card())
        await talk.bears(await talk.says("もう一度"), CROSS)
        await world.until_told("only while the broadcast lasts")
        assert private(talk) == [comment]


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_a_comment_that_had_its_reply_elsewhere_is_refused_and_said(database_url: str) -> None:
    """M-05: Meta's 100/2534025; no Retry, because it would be refused for ever."""
    async with commented(database_url) as (talk, comment):
        talk.world.meta.world.comments[comment].answered = True
        await talk.bears(await talk.says(ANSWER), CROSS)
        told = await talk.world.until_told("takes no private reply to this comment")
        assert "most often it has had its one already" in told
        assert "Retry" not in str(talk.world.slack.ephemerals(AKI)[-1].blocks)
        assert private(talk) == [comment]


@SQLITE
@pytest.mark.parametrize("kind", INSTAGRAM)
async def test_too_many_words_are_refused_before_anything_is_sent(database_url: str, kind: Kind) -> None:
    """M-05: one message only, with the count and the reason; nothing is split."""
    async with commented(database_url, kind) as (talk, _):
        await talk.bears(await talk.says("あ" * 334), CROSS)
        told = await talk.world.until_told("only one message can go")
        assert "1,000 bytes" in told
        assert "1,002 bytes" in told
        assert private(talk) == []


@SQLITE
async def test_a_lost_answer_is_settled_by_the_echo_which_names_the_customer(database_url: str) -> None:
    """M-24: the echo's recipient is who the comment was of; their answer stands in the same thread."""
    async with commented(database_url, "messenger") as (talk, _):
        world = talk.world
        world.meta.faults.add(method="messages", kind="reset_after")
        ts = await talk.says(ANSWER)
        await talk.bears(ts, CHECK)
        await world.meta.write(talk.customer, "届きました")
        await world.until(lambda: "届きました" in " ".join(talk.lines()))
        await world.calm()
        assert talk.phone() == [ANSWER]
        assert len(world.roots()) == 1


@SQLITE
async def test_an_unsure_private_reply_is_asked_about_and_no_other_goes_meanwhile(database_url: str) -> None:
    """M-24: a person says that it did not arrive: then it goes again, once."""
    async with commented(database_url, times={"settle": timedelta(seconds=20)}) as (talk, comment):
        world = talk.world
        world.meta.faults.add(method="messages", kind="reset_before")
        ts = await talk.says(ANSWER)
        await world.until(lambda: private(talk) == [comment])
        world.clock.move(timedelta(seconds=30))
        await talk.bears(ts, QUESTION)
        await talk.bears(await talk.says("別の返信", user=KEN), CROSS)
        await world.until_told("It is not known yet whether the one private reply", KEN)
        await talk.presses("send_again")
        await talk.bears(ts, CHECK)
        assert talk.phone() == [ANSWER]
        assert private(talk) == [comment, comment]


@SQLITE
async def test_a_missing_permission_stops_private_replies_alone(database_url: str) -> None:
    """M-05: what comments need is not what messages need; the account goes on."""
    async with commented(database_url) as (talk, _):
        world = talk.world
        world.meta.token_of(talk.customer.account).scopes.discard("instagram_manage_comments")
        await talk.bears(await talk.says(ANSWER), CROSS)
        await world.until_told("has not given the bridge the permission this needs")
        ken = world.customer("instagram", name="Ken")
        await world.meta.write(ken, "hello")
        root = await world.root("hello")
        await world.signed(root, await world.answer(root, "hi"), CHECK)


@SQLITE
async def test_a_restricted_account_keeps_private_replies_until_it_may_send(database_url: str) -> None:
    """M-05, M-10: told once, tried once; when it is over the answer goes as the private reply that it is."""
    async with commented(database_url) as (talk, comment):
        world = talk.world
        world.meta.restrict(world.account("instagram"), "368")
        ts = await talk.says(ANSWER)
        await world.until(lambda: any("may not send" in world.slack.plain(each) for each in alerts(world)))
        await world.calm()
        assert len(private(talk)) == 1
        world.meta.restrict(world.account("instagram"), None)
        await reconnect(world, "instagram", comments=True)
        await talk.bears(ts, CHECK)
        assert private(talk) == [comment, comment]
        assert talk.phone() == [ANSWER]


@SQLITE
async def test_a_window_that_opens_while_the_answer_waits_takes_it(database_url: str) -> None:
    """M-05: the customer writes before it went: it goes as an ordinary answer, and the comment keeps its reply."""
    async with commented(database_url, seen_as=None, times={"rest": timedelta(seconds=30)}) as (talk, comment):
        world = talk.world
        ts = await talk.says(ANSWER)
        await world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'SendToCustomer'"))
        await world.meta.write(talk.customer, "やっぱりDMで")
        await world.until(lambda: "やっぱりDMで" in " ".join(talk.lines()))
        await world.forward(lambda: talk.phone() == [ANSWER])
        await talk.bears(ts, CHECK)
        assert private(talk) == []
        world.clock.move(2 * DAY)
        await world.until(lambda: "one private reply is possible until" in talk.card())
        later = await talk.says("コメントの件です")
        await world.forward(lambda: private(talk) == [comment])
        await talk.bears(later, CHECK)


@SQLITE
async def test_what_is_erased_forgets_the_commenter_too(database_url: str) -> None:
    """F14: under both ids; who comments again is somebody new."""
    async with commented(database_url, "messenger") as (talk, _):
        world = talk.world
        await talk.bears(await talk.says(ANSWER), CHECK)
        await world.calm()

        def erase(hand: Hand) -> None:
            talk_id = hand.conn.exec_driver_sql("SELECT id FROM conversation").scalar_one()
            stored.erase(hand.conn, talk_id, hand.moment, who="cli", heard=heard)

        await world.by_hand(erase)
        bodies = b"".join(bytes(body) for (body,) in world.rows("SELECT body FROM inbox WHERE source = 'meta'"))
        assert AS.encode() not in bodies
        assert world.rows("SELECT comments_as, name FROM customer") == [(None, None)]
        assert world.rows("SELECT count(*) FROM message WHERE text IS NOT NULL") == [(0,)]
        await world.meta.comment(talk.customer.account, "また来ました", by=talk.customer, seen_as=AS)
        again = await world.root("また来ました")
        assert again.ts != talk.root.ts


def alerts(world: World) -> list[Message]:
    return list(world.slack.channel_messages(ALERTS))
