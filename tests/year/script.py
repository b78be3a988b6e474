"""What happens in a simulated year, drawn by lot before it begins: who writes, what breaks, when nobody runs.

Moments are whole slots, so that much happens at once and little between; everything is drawn from one seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.year.times import DAY, HOUR, START

SLOT = 12 * HOUR
PER_DAY = DAY // SLOT
PASSWORD, EXPIRED, REMOVED, ROLE, UNTICKED, CHECKPOINT, UNLINKED = (
    "190/460", "190/463", "190/458", "190/492", "10", "190/459", "100/2534013",
)  # fmt: skip
BLOCKED, RESTRICTED = "368", "10/1893063"
BY_PEOPLE = (PASSWORD, REMOVED, ROLE, UNTICKED, UNLINKED)
"""What only a new login mends."""
BY_ITSELF = (CHECKPOINT, BLOCKED, RESTRICTED)
"""What is over one day, with the same token."""


@dataclass(frozen=True, kw_only=True)
class Writes:
    """A customer writes."""

    shop: int
    customer: int


@dataclass(frozen=True, kw_only=True)
class Answers:
    """An agent answers them."""

    shop: int
    customer: int


@dataclass(frozen=True, kw_only=True)
class Breaks:
    """From now on Meta refuses an account."""

    shop: int
    error: str


@dataclass(frozen=True, kw_only=True)
class Mends:
    """It is over by itself."""

    shop: int


@dataclass(frozen=True, kw_only=True)
class LogsIn:
    """Somebody connects the account again."""

    shop: int


@dataclass(frozen=True, kw_only=True)
class Exchanges:
    """Whether Meta exchanges an account's token from now on."""

    shop: int
    works: bool


@dataclass(frozen=True, kw_only=True)
class Stops:
    """The service ends, and is started again after a while; *close*: its database as well."""

    lasts: timedelta
    close: bool


@dataclass(frozen=True, kw_only=True)
class Jumps:
    """What people go by is set to another time."""

    by: timedelta


@dataclass(frozen=True, kw_only=True)
class Dies:
    """The process is killed in the middle of what it does next, at the row of this number."""

    row: int
    done: bool
    """The world outside has it already."""


Event = Writes | Answers | Breaks | Mends | LogsIn | Exchanges | Stops | Jumps | Dies


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much happens."""

    seed: int
    shops: int = 200
    days: int = 365
    talks: int = 4
    """Conversations of each account."""
    breaks: float = 2.0
    """Times that each account breaks, on average."""
    stops: int = 24
    jumps: int = 6
    deaths: int = 60
    only: int | None = None
    """Of all of it, what happens to this account alone: as it is in the whole, but for what the others would do to it."""


def drawn(plan: Plan) -> list[tuple[datetime, Event]]:
    """All that happens, in order."""
    chance = Random(plan.seed)
    found = [
        *_talks(plan, chance),
        *_breaks(plan, chance),
        *_logins(plan, chance),
        *_ends(plan, chance),
    ]
    mine = (each for each in found if plan.only is None or getattr(each[1], "shop", plan.only) == plan.only)
    return sorted(mine, key=lambda each: each[0])


def _moment(plan: Plan, chance: Random) -> datetime:
    return START + SLOT * chance.randrange(1, plan.days * PER_DAY)


def _later(at: datetime, chance: Random, most: timedelta) -> datetime:
    return at + SLOT * chance.randrange(1, max(2, most // SLOT))


def _talks(plan: Plan, chance: Random) -> Iterator[tuple[datetime, Event]]:
    for shop in range(plan.shops):
        for customer in range(plan.talks):
            at = _moment(plan, chance)
            for _ in range(chance.choice((1, 1, 2, 3))):
                yield at, Writes(shop=shop, customer=customer)
                for _ in range(chance.choice((0, 1, 1, 1, 2))):
                    yield _later(at, chance, chance.choice((DAY, DAY, 9 * DAY))), Answers(shop=shop, customer=customer)
                at = _later(at, chance, 40 * DAY)


def _breaks(plan: Plan, chance: Random) -> Iterator[tuple[datetime, Event]]:
    for shop in range(plan.shops):
        at = START
        while (at := _later(at, chance, timedelta(days=int(2 * plan.days / plan.breaks)))) < START + plan.days * DAY:
            error = chance.choice(BY_PEOPLE + BY_ITSELF)
            yield at, Breaks(shop=shop, error=error)
            at = _later(at, chance, chance.choice((DAY, 4 * DAY, 20 * DAY)))
            yield at, Mends(shop=shop) if error in BY_ITSELF else LogsIn(shop=shop)


def _logins(plan: Plan, chance: Random) -> Iterator[tuple[datetime, Event]]:
    """Some log in again in time, some late; some tokens are not exchanged for a while, or for too long."""
    for shop in range(plan.shops):
        at = START
        while (at := at + SLOT * chance.randrange(40 * PER_DAY, 130 * PER_DAY)) < START + plan.days * DAY:
            yield at, LogsIn(shop=shop)
        if chance.random() < 0.3:
            since = _moment(plan, chance)
            yield since, Exchanges(shop=shop, works=False)
            yield _later(since, chance, chance.choice((20 * DAY, 90 * DAY))), Exchanges(shop=shop, works=True)


def _ends(plan: Plan, chance: Random) -> Iterator[tuple[datetime, Event]]:
    for number in range(plan.stops):
        lasts = chance.choice((HOUR, 5 * HOUR, 12 * HOUR, 3 * DAY))
        yield _moment(plan, chance) + HOUR, Stops(lasts=lasts, close=number % 6 == 0)
    for _ in range(plan.jumps):
        at, by = _moment(plan, chance), chance.choice((-2, -1, 1, 3)) * chance.choice((HOUR, DAY))
        yield at, Jumps(by=by)
        yield _later(at, chance, 2 * DAY), Jumps(by=-by)
    for _ in range(plan.deaths):
        yield _moment(plan, chance), Dies(row=chance.randrange(1, 12), done=chance.random() < 0.6)
