"""Whatever customers and agents do while time passes and jumps: each close is told of once, each lapse counted once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa

from bridge import policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.ids import ConversationId
from bridge.model.state import Account, Conversation, Opener, Work
from bridge.rules.base import Context
from bridge.rules.desk import closing
from bridge.store import schema
from bridge.store.ids import Ids
from bridge.store.transaction import Tx
from bridge.workers import closing as ticking
from bridge.workers.base import Tools
from tests.core.factories import RULES
from tests.store.factories import AKI, DAY, HOUR, MINUTE, NOON, SETTINGS, House, applied, furnish, met

TOOLS = cast(
    Tools,
    SimpleNamespace(
        rules=RULES,
        house=RULES,
        context=lambda tx, moment: Context(moment=moment, rules=RULES, new_id=cast(Tx, tx).new_id),
    ),
)


def wrote(talk: Conversation, at: datetime, opener: Opener = Opener.MESSAGE) -> Conversation:
    """The customer writes."""
    talk = policy.open_window(talk, opener, at)
    since = talk.waiting_since if talk.work is Work.WAITING else at
    return replace(talk, work=Work.WAITING, waiting_since=since, last_at=at, snoozed_until=None)


def done(talk: Conversation, at: datetime, dice: random.Random) -> Conversation:
    """Somebody does something."""
    match dice.choice(("writes", "writes", "answers", "closes", "put off", "wakes", "from an ad", "refused", "taken")):
        case "writes":
            return wrote(talk, at)
        case "from an ad" if talk.opens_at is not None:
            return wrote(policy.open_window(talk, Opener.AD_CLICK, at), at)
        case "answers" if talk.work is Work.WAITING:
            return replace(talk, work=Work.ANSWERED, waiting_since=None, answered_at=at, answered_by=AKI)
        case "closes" if talk.work is Work.WAITING:
            return replace(talk, work=Work.CLOSED, waiting_since=None, worked_by=AKI, worked_at=at)
        case "put off" if talk.work is Work.WAITING:
            return replace(talk, work=Work.SNOOZED, worked_by=AKI, worked_at=at, snoozed_until=at + 5 * HOUR)
        case "wakes" if talk.work is Work.SNOOZED:
            return replace(talk, work=Work.WAITING, snoozed_until=None)
        case "refused" if talk.work is Work.WAITING:
            return policy.close_standard(talk, at)
        case "taken":
            return replace(talk, owner=AKI)
        case _:
            return talk


def reread(tx: Tx, conversation: ConversationId) -> Scene:
    scene = tx.scenes.of_conversation(conversation)
    assert scene is not None
    return scene


def ticks(home: House, now: datetime, steady: datetime) -> None:
    """Both processes look at what is due."""
    home.moment = Moment(now=now, steady=steady)
    for _ in range(2):
        with home.open() as tx:
            ticking.tell(tx, TOOLS, home.moment)


def lapses(
    account: Account, talk: Conversation, begun: datetime, until: datetime, after: Conversation
) -> list[datetime]:
    """The lapses of one stretch of time in which nothing happened to a conversation, and of what ended it."""
    last = policy.last_close(account, talk)
    waited = talk.work is Work.WAITING and last is not None and begun <= last <= until
    woke = talk.work is Work.SNOOZED and after.work is Work.WAITING and after.last_at == talk.last_at
    return [last] if last is not None and last <= until and (waited or woke) else []


@pytest.mark.parametrize(("seed", "human"), [(seed, seed % 2 == 0) for seed in range(4)])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_happens_each_close_is_told_of_once_and_each_lapse_counted_once(
    home: House, seed: int, human: bool
) -> None:
    """F2, CT-39: over some months, with stand-stills and clocks that jump back."""
    dice, now, steady = random.Random(seed), NOON, NOON
    with home.open() as tx:
        talks = [furnish(tx).conversation.id, met(tx, "2100").conversation.id]
        tx.connection.execute(sa.update(schema.account).values(settings=SETTINGS | {"human_agent": human}))
    since = dict.fromkeys(talks, NOON)
    expected: set[tuple[int, datetime]] = set()
    for _ in range(250):
        stands = dice.random() < 0.1
        for _ in range(dice.choice((0, 1, 3, 8, 30))):
            now, steady = now + HOUR, steady + HOUR
            if not stands:
                ticks(home, now, steady)
        if dice.random() < 0.1:
            ticks(home, now - 2 * DAY, steady)
        now, steady = now + MINUTE, steady + MINUTE
        with home.open() as tx:
            scene = reread(tx, dice.choice(talks))
            before, account = scene.conversation, scene.account
            after = done(before, now, dice)
            expected.update((before.id, at) for at in lapses(account, before, since[before.id], now, after))
            applied(tx, scene, Decision(conversation=closing.begun(account, before, after, now)), now)
            if after != before:
                since[before.id] = now
    with home.open() as tx:
        for talk in talks:
            scene, end = reread(tx, talk), now + 30 * DAY
            expected.update(
                (talk, at) for at in lapses(scene.account, scene.conversation, since[talk], end, scene.conversation)
            )
    ticks(home, now + 30 * DAY, steady + 30 * DAY)
    named = Counter((row.conversation, row.close_at) for row in home.all(schema.closing))
    assert max(named.values()) == 1
    assert len(named) >= 3
    assert {(row.conversation, row.close_at) for row in home.all(schema.lapse)} == expected
    assert expected or human
    assert all(row.closed_at is not None for row in home.all(schema.incident))
    assert not [row for row in home.all(schema.closing) if row.state == "open"]
    assert not [row for row in home.all(schema.conversation) if row.alert_at is not None]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_processes_at_the_very_same_time_name_everybody_once(home: House) -> None:
    """F2"""
    with home.open() as tx:
        scenes = [furnish(tx), *(met(tx, str(number)) for number in range(3000, 3020))]
        for scene in scenes:
            applied(tx, scene, Decision(conversation=wrote(scene.conversation, NOON)))
    moment = Moment(now=NOON + 22 * HOUR + timedelta(seconds=1), steady=NOON)
    homes = [House(engine=home.engine, ids=Ids(), moment=moment) for _ in range(2)]

    def look(of: House) -> None:
        for _ in range(5):
            with of.open() as tx:
                ticking.tell(tx, TOOLS, moment)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, homes))
    rows = home.all(schema.closing)
    assert len({row.conversation for row in rows}) == len(rows) == len(scenes)
    with home.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.incident)).scalar_one() <= 2
