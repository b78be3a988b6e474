"""What customers take back is gone: from Slack with its files, from every table, from the database's files and the logs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.demo.meta import Customer
from bridge.demo.meta.media import avatar
from bridge.demo.slack import Message
from bridge.store import conversations, schema
from bridge.store.engine import parse, write_engine
from tests.journeys.seen import decided
from tests.journeys.world import AKI, ALERTS, MINUTE, SUPPORT, Kind, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize("kind", ["messenger", "instagram"])

WORD = "Wisteria"
"""What is taken back; it stands nowhere else in these tests."""
TITLE = "Zanzibar"


Logged = Callable[[], str]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Logged:
    """Everything that was logged or printed so far."""
    printed: list[str] = []

    def read() -> str:
        printed.extend(capsys.readouterr())
        return "\n".join([*printed, *(record.getMessage() for record in caplog.records)])

    return read


def lines(world: World, root: Message) -> list[str]:
    """What stands in a thread, without the names over it and without what makes it inert."""
    return [line.replace("\u200b", "").partition(": ")[2] for line in world.lines(root)]


def shows(world: World, word: str = WORD) -> list[str]:
    """What in Slack holds a word: posts, private lines, files; nothing of what was deleted."""
    slack = world.slack.world
    posts = [str(world.slack.world.shown(each)) for of in slack.messages.values() for each in of.values()]
    files = [f"{file.name} {file.title} {file.alt_text}" for file in slack.files.values() if not file.deleted]
    return [each for each in (*posts, *files) if word in each]


def tables(world: World, word: str) -> list[str]:
    """Which columns of the database hold a word, as text or in a raw item's bytes."""
    engine = write_engine(parse(world.config.database_url))
    found = []
    try:
        with engine.connect() as conn:
            for table in schema.metadata.sorted_tables:
                for row in conn.execute(sa.select(sa.literal_column("*")).select_from(table)).mappings():
                    found += [f"{table.name}.{name}" for name, value in row.items() if _holds(value, word)]
    finally:
        engine.dispose()
    return found


def _holds(value: Any, word: str) -> bool:
    text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
    return word in text or word in text.encode().decode("unicode_escape", "replace")


def files(world: World, word: str) -> list[str]:
    """Which of SQLite's files hold a word; none on PostgreSQL, whose files are not ours to read."""
    address = parse(world.config.database_url)
    if address.get_backend_name() != "sqlite":
        return []
    forms = {word.encode(), json.dumps(word).strip('"').encode()}
    folder = Path(str(address.database)).parent
    return [
        path.name for path in folder.iterdir() if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def _not_in_files(world: World, word: str) -> bool:
    return not files(world, word)


async def gone(world: World, logged: Logged, *words: str) -> None:
    """Wait until nothing is due; then the words must stand nowhere."""
    await world.calm()
    for word in words:
        await world.until(partial(_not_in_files, world, word))
        assert shows(world, word) == []
        assert tables(world, word) == []
        assert word not in logged()


async def begun(world: World, kind: Kind = "messenger") -> tuple[Customer, Message]:
    """A customer who has written a word, and their card."""
    yuki = world.customer(kind, name="Yuki")
    await world.meta.write(yuki, "hello")
    return yuki, await world.root("hello")


def tombstones(world: World, root: Message) -> list[str]:
    """The lines that tell of what was taken back."""
    return [line for line in lines(world, root) if "unsent a message" in line]


async def told(world: World, root: Message, words: str) -> str:
    """Wait for words in a thread."""
    return await world.until(lambda: next((line for line in lines(world, root) if words in line), None))


# ── gone ──────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_what_is_unsent_is_gone_everywhere_and_a_line_with_the_time_stays(
    database_url: str, kind: Kind, logged: Logged
) -> None:
    """M-17: chat.delete, text and payload and edits erased, the card's preview falls back, logs clean."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, kind)
        world.clock.move(MINUTE)
        mid = await world.meta.write(yuki, f"{WORD} Lane 4")
        await told(world, root, WORD)
        await world.until(lambda: WORD in world.slack.plain(world.roots()[0]))
        world.clock.move(MINUTE)
        await world.meta.edit(yuki, mid, f"{WORD} Lane 44")
        await told(world, root, "Lane 44")
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD)
        assert len(tombstones(world, root)) == 1
        assert len(lines(world, root)) == 2
        assert "hello" in world.slack.plain(world.roots()[0])
        assert "chat.delete" in {call.method for call in world.slack.calls}


@BOTH
async def test_its_files_go_with_it(database_url: str, kind: Kind, logged: Logged) -> None:
    """M-17, CT-07: files.delete for each, their posts too; what the network has of them is forgotten."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world, kind)
        media = [world.meta.cdn.put(avatar(f"cup {number}"), "image/png", name="cup.png") for number in range(2)]
        addresses = [world.meta.cdn.url(each) for each in media]
        things = [("image", {"url": address, "title": TITLE}) for address in addresses]
        mid = await world.meta.attach_many(yuki, things, text=f"{WORD} cups")
        await world.until(lambda: sum(bool(each.files) for each in world.slack.thread(SUPPORT, root.ts)) == 2)
        await world.calm()
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD, TITLE, *addresses)
        assert [file.id for file in world.slack.world.files.values() if file.completed and not file.deleted] == []
        assert len(lines(world, root)) == 2


async def test_every_quote_of_it_is_emptied(database_url: str, logged: Logged) -> None:
    """M-17: answers and reactions say that it was unsent; the customer's other words stay."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, f"{WORD} is my street")
        await told(world, root, WORD)
        await world.meta.write(yuki, "no, wait", reply_to=mid)
        await world.meta.react(yuki, mid, "sad")
        await told(world, root, "reacted with 😢")
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        await told(world, root, "in answer to a message that was unsent")
        await told(world, root, "reacted with 😢 to a message that was unsent")
        await gone(world, logged, WORD)
        assert any("no, wait" in line for line in lines(world, root))


@SQLITE
async def test_of_a_thread_that_it_opened_the_card_stays_without_words(database_url: str, logged: Logged) -> None:
    """M-17: the card that it opened stands on, and shows nothing of it."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        mid = await world.meta.write(yuki, WORD)
        root = await world.root(WORD)
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD)
        (card,) = world.roots()
        assert "Yuki" in world.slack.plain(card)


# ── in every order ────────────────────────────────────────────────────────────────────────────────────────


async def test_an_unsend_that_overtakes_its_message_leaves_the_line_alone(database_url: str, logged: Logged) -> None:
    """M-17: also for the first message of all; the message itself opens the window, and is never shown or kept."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.meta.deliveries.retry_seconds = (3600.0,)
        world.refuse_keeping()
        mid = await world.meta.write(yuki, WORD)
        await world.until(lambda: any(503 in each.attempts for each in world.meta.deliveries.record))
        world.allow_keeping()
        world.clock.move(timedelta(seconds=2))
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: world.rows("SELECT id FROM inbox WHERE state = 'applied'"))
        world.meta.deliveries.retry_now()
        root = await world.root("unsent a message")
        await gone(world, logged, WORD)
        assert len(lines(world, root)) == 1
        assert not any(WORD in str(call) for call in world.slack.calls)
        ts = await world.answer(root, "Can we help?")
        await world.signed(root, ts, "white_check_mark")


@SQLITE
async def test_what_still_waits_is_never_shown(database_url: str, logged: Logged) -> None:
    """M-17: taken back before its turn has come."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        stop = world.slack.faults.add(
            method="chat.postMessage", kind="error", error="ratelimited", headers={"Retry-After": "30"}, times=1
        )
        await world.meta.write(yuki, "second")
        await world.until(lambda: stop.times == 0)
        mid = await world.meta.write(yuki, WORD)
        world.clock.move(timedelta(seconds=1))
        await world.meta.unsend(yuki, mid)
        world.clock.move(MINUTE)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD)
        posted = [str(call) for call in world.slack.calls if call.method == "chat.postMessage"]
        assert not any(WORD in call for call in posted)


async def test_a_post_that_is_under_way_is_removed_when_it_stands(database_url: str, logged: Logged) -> None:
    """M-17: the unsend comes between the call and its answer."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=1.0, times=1, match={"text": WORD})
        mid = await world.meta.write(yuki, WORD)
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'working' AND kind = 'PostMessage'"))
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD)
        assert len(lines(world, root)) == 2


async def test_a_post_whose_answer_was_lost_is_removed_once_it_is_found(database_url: str, logged: Logged) -> None:
    """M-17: the unsend comes while nobody knows whether the post stands."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.slack.deliveries.pause()
        world.slack.faults.add(method="chat.postMessage", kind="drop_after", times=1, match={"text": WORD})
        mid = await world.meta.write(yuki, WORD)
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'unsure'"))
        await world.meta.unsend(yuki, mid)
        await world.until(lambda: world.rows("SELECT id FROM message WHERE unsent_at IS NOT NULL"))
        world.slack.deliveries.resume()
        await world.forward(lambda: tombstones(world, root))
        await gone(world, logged, WORD)
        assert len(tombstones(world, root)) == 1


@SQLITE
async def test_the_words_of_a_card_that_is_under_way_go_with_its_next_drawing(
    database_url: str, logged: Logged
) -> None:
    """M-17: the card that is just being put up shows what is taken back meanwhile, and is redrawn."""
    async with World.open(database_url) as world:
        yuki = world.customer(name="Yuki")
        world.slack.faults.add(method="chat.postMessage", kind="latency", seconds=1.0, times=1)
        mid = await world.meta.write(yuki, WORD)
        await world.until(lambda: world.rows("SELECT id FROM outbox WHERE state = 'working' AND kind = 'PostRoot'"))
        await world.meta.unsend(yuki, mid)
        root = await world.root("unsent a message")
        await gone(world, logged, WORD)
        assert len(lines(world, root)) == 1


@SQLITE
async def test_an_unsend_told_twice_is_one(database_url: str, logged: Logged) -> None:
    """M-17: repeated, delivered again with the message itself, or days later: one line, and nothing comes back."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        world.meta.deliveries.duplicate_next(2)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        world.clock.move(timedelta(days=3))
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await world.meta.settle()
        await gone(world, logged, WORD)
        assert len(tombstones(world, root)) == 1


@SQLITE
async def test_of_a_post_that_shows_several_messages_its_part_alone_goes(database_url: str, logged: Logged) -> None:
    """M-17: by an edit of the post; when all of them are taken back, the post goes."""
    async with World.open(database_url, slack_posts_per_second=0.2, slack_posts_per_minute=60) as world:
        yuki, root = await begun(world)
        world.clock.freeze()  # no post goes before all of them wait
        mids = [await world.meta.write(yuki, f"{word} part") for word in ("Aster", WORD, "Clover")]
        for number in range(20):
            await world.meta.write(yuki, f"and {number}")
        await decided(world)
        await world.forward(lambda: any("Clover" in line for line in lines(world, root)))
        joined = next(line for line in lines(world, root) if "Aster" in line)
        assert WORD in joined
        await world.meta.unsend(yuki, mids[1])
        await world.forward(lambda: not any(WORD in line for line in lines(world, root)))
        assert any("Aster" in line and "Clover" in line for line in lines(world, root))
        assert shows(world) == []
        assert tables(world, WORD) == []
        await world.until(lambda: not files(world, WORD))
        assert WORD not in logged()


# ── refused ───────────────────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_a_post_that_slack_will_not_delete_says_itself_that_it_was_unsent(
    database_url: str, logged: Logged
) -> None:
    """M-17, promise 4: the post is edited to the tombstone, with the time; no second line says it again."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        await world.calm()  # the bridge knows that it stands, and where
        world.slack.faults.add(method="chat.delete", kind="error", error="cant_delete_message", times=1)
        await world.meta.unsend(yuki, mid)
        await told(world, root, "unsent a message")
        await gone(world, logged, WORD)
        await world.calm()
        (line,) = tombstones(world, root)
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", line)
        assert len(lines(world, root)) == 2
        assert world.slack.channel_messages(ALERTS) == []


@SQLITE
async def test_what_slack_will_neither_delete_nor_change_a_person_is_asked_to_delete(database_url: str) -> None:
    """M-17, promise 4: an incident with a link, without a word of it, that is over when somebody did."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        post = next(each for each in world.slack.thread(SUPPORT, root.ts) if WORD in world.slack.plain(each))
        for method, error in (("chat.delete", "cant_delete_message"), ("chat.update", "cant_update_message")):
            world.slack.faults.add(method=method, kind="error", error=error, times=1, match={"ts": post.ts})
        await world.meta.unsend(yuki, mid)
        (alert,) = await world.until(lambda: world.slack.channel_messages(ALERTS))
        assert "still shows what a customer has" in world.slack.plain(alert)
        assert post.ts.replace(".", "") in str(alert.blocks)
        assert WORD not in str(alert.blocks)
        assert tables(world, WORD) == []
        await world.slack.delete(AKI, SUPPORT, post.ts)
        await world.until(lambda: "Mended" in world.slack.plain(world.slack.channel_messages(ALERTS)[0]))


# ── what left the house ───────────────────────────────────────────────────────────────────────────────────


@SQLITE
async def test_who_exported_it_hears_that_it_must_go_there_too(database_url: str, logged: Logged) -> None:
    """M-17: an export leaves a line in the audit; an unsend after it is told in the alerts channel, without words."""
    async with World.open(database_url) as world:
        yuki, root = await begun(world)
        mid = await world.meta.write(yuki, WORD)
        await told(world, root, WORD)
        ids = [row[0] for row in world.rows("SELECT id FROM conversation")]
        world.clock.move(MINUTE)
        await world.by_hand(
            lambda hand: conversations.leaves(hand.conn, hand.moment, ids, who=hand.who)  # as the command does
        )
        later = await world.meta.write(yuki, "not exported")
        await told(world, root, "not exported")
        world.clock.move(MINUTE)
        await world.meta.unsend(yuki, later)
        await world.until(lambda: len(tombstones(world, root)) == 1)
        await world.calm()
        assert world.slack.channel_messages(ALERTS) == []
        await world.meta.unsend(yuki, mid)
        (alert,) = await world.until(lambda: world.slack.channel_messages(ALERTS))
        assert "unsent a message that had been exported" in world.slack.plain(alert)
        assert str(ids[0]) in world.slack.plain(alert)
        await gone(world, logged, WORD)
