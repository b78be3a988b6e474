"""The judge of simulated years, judged: of a true record one thing is taken, doubled or moved, and it must say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.model.ids import PostRef
from tests.year.ends import REFUSED, STAGES
from tests.year.model import KINDS_TOLD, Year
from tests.year.script import Plan
from tests.year.slack import Announced, Desk, Further, Named, ToldAlone, ToldOwner
from tests.year.test_year import played
from tests.year.times import HOUR
from tests.year.world import World

Seen = Announced | Further | Named | ToldAlone | ToldOwner
Change = Callable[[Seen], Sequence[Seen]]

LONG = 13 * HOUR
"""More than a step."""
ENOUGH = 0.9
"""So many of all single wrongs are found: now and then somebody answers in the very moment, and both would be right."""
TWICE = -1
"""The row of what was never sent."""


def moved(by: timedelta) -> Change:
    """The same at another time."""

    def at_another(seen: Seen) -> Sequence[Seen]:
        match seen:
            case Announced(looks=looks):
                return [
                    replace(seen, looks=[replace(each, at=each.at + by, steady=each.steady + by) for each in looks])
                ]
            case ToldAlone():
                return [replace(seen, at=seen.at + by)]
            case _:
                return [replace(seen, at=seen.at + by, steady=seen.steady + by)]

    return at_another


def dropped(seen: Seen) -> Sequence[Seen]:
    """Nobody ever saw it."""
    return []


def doubled(seen: Seen) -> Sequence[Seen]:
    """It was seen twice."""
    again = replace(seen, row=TWICE)
    return [seen, replace(again, ref=PostRef("C:2")) if isinstance(again, Announced) else again]


def of_trouble(desk: Desk) -> list[Seen]:
    """Announcements of what is wrong with an account; those of windows are judged by whom they name."""
    return [each for each in desk.announced.values() if each.first.incident.kind in KINDS_TOLD]


def of_stages(desk: Desk) -> list[Seen]:
    """What was said under announcements of logins that end, but for the first account's: it has its place with others."""
    return [each for each in desk.further if each.stage in (*STAGES, REFUSED) and each.incident.account != 1]


def of_ends(desk: Desk) -> list[Seen]:
    """What owners heard of a login that ends."""
    return [each for each in desk.owners if not each.over and str(each.incident.values["cause"]).startswith("ends_")]


RECORDS: dict[str, Callable[[Desk], list[Seen]]] = {
    "announced": of_trouble,
    "further": of_stages,
    "owners": of_ends,
    "named": lambda desk: [*desk.named],
    "alone": lambda desk: [*desk.alone],
}
TIMELY = ("announced", "further", "named")
"""What has a time at which it must be seen."""


def otherwise(desk: Desk, name: str, seen: Seen, change: Change) -> Desk:
    """The desk with one record made otherwise."""
    records = getattr(desk, name)
    every = [*records.values()] if name == "announced" else records
    now = [one for each in every for one in (change(each) if each is seen else [each])]
    changed = copy(desk)
    setattr(
        changed, name, {PostRef(str(number)): each for number, each in enumerate(now)} if name == "announced" else now
    )
    return changed


def found(world: World, name: str, change: Change) -> float:
    """Each single record of a kind is made otherwise: of how many of these worlds the judge says that they are wrong."""
    records = RECORDS[name](world.desk)
    assert records
    worlds = (replace(world, desk=otherwise(world.desk, name, each, change)) for each in records)
    return sum(bool(Year(each).wrong()) for each in worlds) / len(records)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whatever_was_missed_repeated_early_or_late_is_found(database_url: str) -> None:
    """CT-30…33, ZM-14: nothing is wrong with what was; with each thing that could have been otherwise, something is."""
    plan = Plan(seed=3, shops=6, days=80, breaks=1, stops=0, deaths=0, jumps=0)
    world = await played(database_url, plan)
    assert Year(world).wrong() == []
    assert {name: found(world, name, lambda seen: [seen]) for name in RECORDS} == dict.fromkeys(RECORDS, 0)
    changes: list[Change] = [dropped, doubled]
    for change in changes:
        assert {name: share for name in RECORDS if (share := found(world, name, change)) < ENOUGH} == {}
    for change in (moved(LONG), moved(-LONG)):
        assert {name: share for name in TIMELY if (share := found(world, name, change)) < ENOUGH} == {}
    for answer in world.answers:
        world.meta.reached[answer.ref] += 1
        assert any(str(answer.ref) in line for line in Year(world).wrong())
        world.meta.reached[answer.ref] -= 1
