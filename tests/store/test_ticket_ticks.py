"""Whatever customers and agents do while time passes and stands still: one ticket in each waiting period, in its time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.ids import ConversationId
from bridge.model.state import Conversation, Work
from bridge.rules.base import Context
from bridge.store import schema, tickets
from bridge.store.ids import Ids
from bridge.store.transaction import Tx
from bridge.workers import ticketing
from bridge.workers.base import Tools
from tests.core.factories import RULES
from tests.store.factories import AKI, HOUR, MINUTE, NOON, SETTINGS, House, applied, furnish, met

TOOLS = cast(
    Tools,
    SimpleNamespace(
        rules=RULES, context=lambda tx, moment: Context(moment=moment, rules=RULES, new_id=cast(Tx, tx).new_id)
    ),
)
TIMER = SETTINGS | {"ticket_timer": 60, "ticket_sink": "mailto:help@example.com"}


def wrote(talk: Conversation, at: datetime) -> Conversation:
    """The customer writes."""
    since = talk.waiting_since if talk.work is Work.WAITING else at
    return replace(talk, work=Work.WAITING, waiting_since=since, last_at=at, snoozed_until=None)


def done(talk: Conversation, at: datetime, dice: random.Random) -> Conversation:
    """Somebody does something."""
    match dice.choice(("writes", "writes", "answers", "closes", "puts off", "wakes", "takes")):
        case "writes":
            return wrote(talk, at)
        case "answers" if talk.work is Work.WAITING:
            return replace(talk, work=Work.ANSWERED, waiting_since=None, answered_at=at, answered_by=AKI)
        case "closes" if talk.work is Work.WAITING:
            return replace(talk, work=Work.CLOSED, waiting_since=None, worked_by=AKI, worked_at=at)
        case "puts off" if talk.work is Work.WAITING:
            return replace(talk, work=Work.SNOOZED, worked_by=AKI, worked_at=at, snoozed_until=at + 5 * HOUR)
        case "wakes" if talk.work is Work.SNOOZED:
            return replace(talk, work=Work.WAITING, snoozed_until=None)
        case _:
            return replace(talk, owner=AKI)


def ticks(home: House, now: datetime) -> None:
    """Both processes look at what is due."""
    home.moment = Moment(now=now, steady=now)
    for _ in range(2):
        with home.open() as tx:
            ticketing.tell(tx, TOOLS, home.moment)


def fresh(home: House, talk: ConversationId, now: datetime, known: int) -> Iterator[str]:
    """What is wrong with the tickets of a conversation after a tick, of which *known* were there before."""
    with home.open() as tx:
        scene, made = tx.scenes.of_conversation(talk), tx.tickets.of(talk)
    assert scene is not None
    after = scene.conversation
    waits = after.work is Work.WAITING and after.waiting_since is not None
    since = after.waiting_since or now
    last = max(since, after.last_at or since)
    covering = [each for each in made if each.at >= since]
    if len(made) - known > 1 or (waits and len(covering) > 1):
        yield "twice"
    if len(made) > known and not (waits and last + HOUR <= now):
        yield "too early, or for nobody"
    if waits and last + HOUR <= now and not covering:
        yield "not at all"
    if made and after.ticket != made[-1]:
        yield "not on the conversation"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_happens_there_is_one_ticket_in_each_waiting_period(home: House, seed: int) -> None:
    """ZI-26: in its time, over weeks, with stand-stills."""
    dice, now = random.Random(seed), NOON
    with home.open() as tx:
        talks = [furnish(tx).conversation.id, met(tx, "2100").conversation.id]
        tx.connection.execute(sa.update(schema.account).values(settings=TIMER))
    count = dict.fromkeys(talks, 0)
    for _ in range(120):
        stands = dice.random() < 0.1
        for _ in range(dice.choice((0, 1, 4, 10))):
            now += 17 * MINUTE
            if not stands:
                ticks(home, now)
                for talk in talks:
                    assert list(fresh(home, talk, now, count[talk])) == []
                    with home.open() as tx:
                        count[talk] = len(tx.tickets.of(talk))
        now += MINUTE
        with home.open() as tx:
            scene = tx.scenes.of_conversation(dice.choice(talks))
            assert scene is not None
            applied(tx, scene, Decision(conversation=done(scene.conversation, now, dice)), now)
    assert min(count.values()) >= 3
    puts = [row for row in home.all(schema.outbox) if row.kind == "PutTicket"]
    assert len({row.lane for row in puts}) == len(puts) == sum(count.values())


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_processes_at_the_very_same_time_make_one_ticket_each(home: House) -> None:
    """ZI-26: whoever locks the conversation first."""
    with home.open() as tx:
        scenes = [furnish(tx), *(met(tx, str(number)) for number in range(3000, 3020))]
        tx.connection.execute(sa.update(schema.account).values(settings=TIMER))
        for scene in [met(tx), *(met(tx, str(number)) for number in range(3000, 3020))]:
            applied(tx, scene, Decision(conversation=wrote(scene.conversation, NOON)))
    moment = Moment(now=NOON + HOUR, steady=NOON)
    homes = [House(engine=home.engine, ids=Ids(), moment=moment) for _ in range(2)]

    def look(of: House) -> None:
        for _ in range(5):
            with of.open() as tx:
                ticketing.tell(tx, TOOLS, moment)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, homes))
    rows = home.all(schema.ticket)
    assert len({row.conversation for row in rows}) == len(rows) == len(scenes)


def test_a_setting_that_changes_has_those_who_wait_judged_anew(home: House) -> None:
    """ZM-16: in slices, and by the index of what is ahead."""
    with home.open() as tx:
        scene = furnish(tx)
        applied(tx, scene, Decision(conversation=wrote(scene.conversation, NOON)))
        assert tx.tickets.due(NOON + HOUR, 10) == []
        tx.connection.execute(sa.update(schema.account).values(settings=TIMER))
        tickets.look_again(tx.connection, scene.account.id)
        assert tx.tickets.due(NOON, 10) == [scene.conversation.id]
    ticks(home, NOON + timedelta(minutes=59))
    assert home.all(schema.ticket) == []
    assert home.one(schema.conversation).ticket_at == NOON + HOUR
    ticks(home, NOON + HOUR)
    assert len(home.all(schema.ticket)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_due_is_found_by_an_index(home: House) -> None:
    """Nothing due costs a look at the end of an index, however many wait."""
    with home.open() as tx:
        query = str(tickets.DUE.compile(tx.connection, compile_kwargs={"render_postcompile": True}))
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (0, 10, 0)).all()
    assert "ix_conversation_ticket_at" in str(plan)
