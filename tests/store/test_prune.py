"""What is old enough is forgotten, what is not finished stays, and nobody is held up by it."""

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from bridge.store.prune import Pruned, prune
from bridge.store.schema import attachment, inbox, message, message_post, outbox, post
from bridge.store.transaction import Tx
from tests.store.tools import START, Bench, item, send

DAY = timedelta(days=1)
WEEK, HALF_YEAR = 7 * DAY, 180 * DAY


async def pruned(bench: Bench, after: timedelta) -> Pruned:
    return await prune(bench.store, START + after, raw=WEEK, words=HALF_YEAR)


async def test_raw_deliveries_go_after_a_week_unless_nobody_could_decide_or_read_them_yet(bench: Bench) -> None:
    await bench.store.keep([item("applied", "a"), item("buried", "b"), item("unread", "c"), item("waiting", "d")])

    def decide(tx: Tx) -> None:
        applied, buried, unread, _ = tx.facts.next(START, 4)
        tx.facts.applied(applied)
        tx.facts.bury(buried, "KeyError")
        tx.facts.set_aside(unread, "unknown: hologram")

    await bench.store.write(decide)
    assert (await pruned(bench, WEEK)).inbox == 0
    assert (await pruned(bench, WEEK + DAY)).inbox == 1
    assert await _column(bench, inbox.c.key) == ["buried", "unread", "waiting"]
    assert (await pruned(bench, HALF_YEAR + DAY)).inbox == 2
    assert await _column(bench, inbox.c.key) == ["waiting"]


async def test_finished_effects_go_after_a_week_and_dead_ones_with_the_words(bench: Bench) -> None:
    await bench.add(*(send(n) for n in range(1, 6)))
    for row, state in zip(await bench.claim(), ("done", "dropped", "dead", "unsure", "ready"), strict=True):
        await bench.finish(row, state)
    assert (await pruned(bench, WEEK + DAY)).outbox == 2
    assert (await pruned(bench, HALF_YEAR + DAY)).outbox == 1
    assert await _column(bench, outbox.c.state) == ["ready", "unsure"]


async def test_words_go_after_half_a_year_and_the_rest_of_a_message_stays(bench: Bench) -> None:
    def fill(tx: Tx) -> None:
        tx.connection.execute(sa.insert(message), [_message(1), _message(2, later=DAY)])
        tx.connection.execute(sa.insert(attachment), [_attachment(1), _attachment(2)])

    await bench.store.write(fill)
    result = await pruned(bench, HALF_YEAR + timedelta(hours=1))
    assert result.words == 2
    assert set(await _column(bench, attachment.c.title)) == {None, "春の新作"}
    assert set(await _column(bench, attachment.c.address)) == {None, "https://example.com/bag"}
    assert set(await _column(bench, message.c.text)) == {None, "こんにちは"}
    assert await _column(bench, message.c.author) == ["customer", "customer"]


async def test_where_posts_stand_stays_so_that_an_erasure_finds_them(bench: Bench) -> None:
    """However old a conversation is, erasing it takes its copies away from the desk as well."""
    old = {"id": 1, "workspace": "T1", "ref": "C1/1", "kind": "message", "row": 1, "posted_at": START}
    shown = {"message": 1, "post": 1, "workspace": "T1", "block": "b"}

    def fill(tx: Tx) -> None:
        tx.connection.execute(sa.insert(message), [_message(1)])
        tx.connection.execute(sa.insert(post), [old])
        tx.connection.execute(sa.insert(message_post), [shown])

    await bench.store.write(fill)
    assert (await pruned(bench, 2 * HALF_YEAR)).words == 1
    assert await _column(bench, post.c.ref) == ["C1/1"]
    assert await _column(bench, message_post.c.post) == [1]


async def test_others_have_their_turn_between_two_slices(bench: Bench) -> None:
    await bench.store.keep([item(f"old{n}", f"old{n}") for n in range(3000)])
    await bench.store.write(lambda tx: tx.connection.exec_driver_sql("UPDATE inbox SET state = 'applied'").close())
    before = bench.store.commits
    pruning = asyncio.ensure_future(pruned(bench, WEEK + DAY))
    while not pruning.done():
        await bench.store.write(lambda tx: tx.new_id())
    assert pruning.result().inbox == 3000
    assert bench.store.commits - before > 5


async def _column(bench: Bench, column: sa.Column[object]) -> list[object]:
    return await bench.store.write(lambda tx: list(tx.connection.scalars(sa.select(column).order_by(column))))


def _attachment(message: int) -> dict[str, object]:
    words = {"title": "春の新作", "address": "https://example.com/bag"}
    return {
        "message": message,
        "seq": 1,
        "workspace": "T1",
        "conversation": 1,
        "kind": "link",
        "state": "listed",
        **words,
    }


def _message(id: int, later: timedelta = timedelta()) -> dict[str, object]:
    at = START + later
    return {
        "id": id,
        "workspace": "T1",
        "conversation": 1,
        "author": "customer",
        "at": at,
        "text": "こんにちは",
        "kind": "text",
    }
