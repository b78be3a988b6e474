"""Pace and holding: what is open goes, by rank, as fast as it may."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from bridge.lanes import RANK_CARD, RANK_MESSAGE, RANK_ROOT, account_target, place_target, sends_target
from bridge.model.ids import AccountId, PlaceRef
from bridge.model.pace import Pace
from bridge.store.store import SqlStore
from bridge.store.transaction import Tx
from tests.store.tools import START, TEAM, Bench, Times, lanes_of, line, opened, send

SENDS, ACCOUNT = sends_target(AccountId(1)), account_target(AccountId(1))


@pytest.fixture
async def paced(database_url: str, times: Times) -> AsyncIterator[Bench]:
    """A store with the usual pace: one post a second into a place, five a second in all after a burst of ten."""
    async with opened(database_url, times, Pace()) as store:
        yield Bench(store, times, database_url)


async def test_a_place_gets_one_post_a_second(paced: Bench) -> None:
    await paced.add(*(line(n, "C1") for n in range(3)))
    taken = []
    for _ in range(3):
        taken.append(len(await paced.claim()))
        assert await paced.claim() == []
        paced.times.pass_seconds(1)
    assert taken == [1, 1, 1]


async def test_a_pause_saves_up_no_more_than_the_burst(paced: Bench) -> None:
    await paced.add(*(line(n, "C1") for n in range(3)))
    await paced.claim()
    paced.times.pass_seconds(3600)
    assert len(await paced.claim()) == 1


async def test_all_places_of_a_workspace_share_its_budget(paced: Bench) -> None:
    await paced.add(*(line(n, f"C{n}") for n in range(30)))
    assert len(await paced.claim()) == 10
    paced.times.pass_seconds(1)
    assert len(await paced.claim()) == 5


async def test_what_the_budget_is_spent_on_goes_by_rank_over_all_places(paced: Bench) -> None:
    ranks = [RANK_CARD, RANK_MESSAGE, RANK_ROOT]
    await paced.add(*(line(n, f"C{n:02}", rank=ranks[n % 3]) for n in range(24)))
    assert sorted(row.rank for row in await paced.claim()) == [RANK_ROOT] * 8 + [RANK_MESSAGE] * 2


async def test_rank_rules_over_places_without_a_pace_of_their_own(database_url: str, times: Times) -> None:
    async with opened(database_url, times, Pace(posts_per_second=None)) as store:
        bench = Bench(store, times, database_url)
        await bench.add(*(line(n, "C1", rank=RANK_CARD) for n in range(20)), line(50, "C1", rank=RANK_ROOT))
        await bench.add(*(line(n, "C2", rank=RANK_MESSAGE) for n in range(20, 40)))
        ranks = sorted(row.rank for row in await bench.claim())
        assert ranks == [RANK_ROOT] + [RANK_MESSAGE] * 9


async def test_a_full_target_leaves_others_their_share_of_a_claim(bench: Bench) -> None:
    await bench.add(*(send(n, account=1) for n in range(1, 50)))
    await bench.add(send(100, account=2))
    assert "network:100" in lanes_of(await bench.claim(10))


@pytest.mark.parametrize("held", [SENDS, ACCOUNT, "network"])
async def test_nothing_goes_while_a_target_or_one_above_it_is_held(bench: Bench, held: str) -> None:
    await bench.add(send(1))
    await bench.store.write(lambda tx: tx.effects.hold(held, "reauth:1"))
    assert await bench.claim() == []
    assert await bench.store.write(lambda tx: tx.effects.release("reauth:1")) == 1
    assert len(await bench.claim()) == 1


async def test_a_target_can_be_held_before_anything_waits_for_it(bench: Bench) -> None:
    await bench.store.write(lambda tx: tx.effects.hold(place_target(TEAM, PlaceRef("C1")), "place:C1"))
    await bench.add(line(1, "C1"), line(2, "C2"))
    assert lanes_of(await bench.claim()) == ["desk:2"]


async def test_only_the_incident_that_holds_a_target_opens_it(bench: Bench) -> None:
    await bench.add(send(1))
    await bench.store.write(lambda tx: tx.effects.hold(SENDS, "first"))
    await bench.store.write(lambda tx: tx.effects.hold(SENDS, "second"))
    await bench.store.write(lambda tx: tx.effects.release("second"))
    assert await bench.claim() == []


async def test_a_delayed_target_opens_in_time_and_a_shorter_delay_changes_nothing(bench: Bench) -> None:
    await bench.add(send(1))
    for seconds in (60, 5):
        until = START + timedelta(seconds=seconds)
        await bench.store.write(partial(_delay, until=until))
    bench.times.pass_seconds(59)
    assert await bench.claim() == []
    bench.times.pass_seconds(1)
    assert len(await bench.claim()) == 1


async def test_retrying_lets_one_row_through_a_held_target_and_no_more(bench: Bench) -> None:
    await bench.add(*(send(n) for n in range(1, 6)))
    await bench.store.write(lambda tx: tx.effects.hold(ACCOUNT, "reauth:1"))
    assert await bench.store.write(lambda tx: tx.effects.retry(START)) == (0, [ACCOUNT])
    assert len(await bench.claim()) == 1
    assert await bench.claim() == []


async def test_nothing_is_probed_where_nothing_waits(bench: Bench) -> None:
    await bench.store.write(lambda tx: tx.effects.hold(ACCOUNT, "reauth:1"))
    assert await bench.store.write(lambda tx: tx.effects.retry(START)) == (0, [])


async def test_a_changed_pace_is_given_to_targets_that_are_known_already(paced: Bench, times: Times) -> None:
    await paced.add(*(line(n, "C1") for n in range(5)))
    assert await paced.store.repace() == 0
    async with opened(paced.url, times, Pace(posts_per_second=None, posts_per_minute=None)) as store:
        assert await store.repace() == 2
        assert len(await Bench(store, times, paced.url).claim()) == 5


async def test_parents_are_known_by_the_target_alone(bench: Bench) -> None:
    def parents(tx: Tx) -> list[str | None]:
        return [tx.effects.parent(SENDS), tx.effects.parent(ACCOUNT), tx.effects.parent("network")]

    store: SqlStore = bench.store
    assert await store.write(parents) == [ACCOUNT, "network", None]


def _delay(tx: Tx, until: datetime) -> None:
    tx.effects.delay_target(ACCOUNT, until)
