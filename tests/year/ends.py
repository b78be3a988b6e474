"""When whoever minds an account must have been warned that its login ends: reckoned from when people logged in, and for how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model.state import Incident
from tests.year.meta import Shop
from tests.year.times import DAY, HOUR, MINUTE, SECOND
from tests.year.world import AGENTS, SHARED, World

STAGES = {"fortnight": 14 * DAY, "week": 7 * DAY, "three_days": 3 * DAY, "day": DAY, "expired": timedelta(0)}
"""How long before the end each is told."""
ORDER = tuple(STAGES)
REFUSED = "refused"
LATE = 6 * MINUTE
UNCLEAR = 5 * DAY
"""For so long around a clock that was set nothing is judged here: ends lie in the time that people go by."""
BROKEN = 2 * DAY
"""Whose login is refused is not warned of its end; that this is over is known so much later at most."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login of an account, from when on it counted, and to when; and when it would end."""

    shop: Shop
    since: datetime
    until: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A stage as the channel heard it."""

    steady: datetime
    at: datetime
    stage: str
    end: datetime
    incident: int
    row: int
    loud: bool


def logins(world: World, shop: Shop) -> Iterator[Login]:
    """Each login of an account that ends at another time than the one before."""
    known = world.meta.ends[shop.id]
    changed = [each for number, each in enumerate(known) if not number or abs(each[1] - known[number - 1][1]) >= HOUR]
    for number, (since, end) in enumerate(changed):
        until = changed[number + 1][0] if number + 1 < len(changed) else world.times.steady()
        yield Login(shop=shop, since=since, until=until, end=end)


class Ends:
    """What a world has told of logins that end, and what of it is wrong."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._heard: dict[int, list[Heard]] = defaultdict(list)
        for announced in world.desk.announced.values():
            first = announced.first
            if first.incident.kind == "reauth":
                self._hears(first.steady, first.at, first.incident, announced.row, loud=True)
        for further in world.desk.further:
            if further.incident.kind == "reauth":
                self._hears(further.steady, further.at, further.incident, further.row, loud=further.loud)

    def wrong(self) -> Iterator[str]:
        """Everything that is not as it must be, a line each."""
        for number, shop in enumerate(self.world.shops):
            if number % SHARED:  # what is told of several at once is judged by its incidents alone
                heard = self._heard[number + 1]
                for login in logins(self.world, shop):
                    yield from self._of_login(login, heard)
                yield from self._owners(number, heard)
                yield from self._refusals(number)

    def _of_login(self, login: Login, heard: list[Heard]) -> Iterator[str]:
        for stage, ahead in STAGES.items():
            due = login.end - ahead
            following = ORDER[ORDER.index(stage) + 1 :]
            begins = max(due, login.since)
            ends = min(login.end - STAGES[following[0]], login.until) if following else login.until
            found = [
                each
                for each in heard
                if each.stage == stage
                and abs(each.end - login.end) < HOUR
                and login.since <= each.steady <= login.until
            ]
            name = f"{login.shop.id}: {stage} of the login that ends {login.end}"
            if len(found) > 1:
                yield f"{name} was told {len(found)} times: {[each.steady for each in found]}"
            yield from (f"{name} was told early, at {each.at}" for each in found if each.at < due - SECOND)
            yield from (f"{name} was whispered" for each in found if stage in ("day", "expired") and not each.loud)
            if begins >= ends or any(begins - UNCLEAR < at < begins + UNCLEAR for at in self.world.jumped):
                continue
            by = self._by(login.shop, begins)
            if not found and by + LATE < ends:
                yield f"{name} was not told, though it was due at {begins} and could be told by {by}"
            yield from (f"{name} was told late, at {each.steady}" for each in found if each.steady > by + LATE)

    def _by(self, shop: Shop, due: datetime) -> datetime:
        """When what is due must have been told: somebody runs then, and the login is not refused, or is known not to be any more."""
        by = self.world.ran(due)
        for start, end in self._refused(shop):
            if start - HOUR <= by <= end + BROKEN:
                by = self.world.ran(end + BROKEN)
        return by

    def _refused(self, shop: Shop) -> Iterator[tuple[datetime, datetime]]:
        """From when to when all calls of an account were refused, or some."""
        broken = None
        for at, which, error in self.world.meta.breaks:
            if which == shop.id and (error is None) is (broken is not None):
                if broken is not None:
                    yield broken, at
                broken = None if error is None else at
        if broken is not None:
            yield broken, self.world.times.steady()

    def _refusals(self, number: int) -> Iterator[str]:
        """A refusal of which an announcement had only warned is told under it, for an edit is heard by nobody."""
        for announced in self.world.desk.announced.values():
            stages = [(each.steady, each.incident.values.get("stage")) for each in announced.looks]
            first = announced.first.incident
            refused = next((at for at, stage in stages if stage == REFUSED), None)
            if first.account != number + 1 or refused is None or stages[0][1] == REFUSED:
                continue
            found = {
                each.row: each
                for each in self.world.desk.further
                if (each.incident.id, each.stage) == (first.id, REFUSED)
            }
            name = f"account {first.account}: that its login is refused since {refused}"
            if len(found) != 1:
                yield f"{name} was told {len(found)} times under the warning"
            for each in found.values():
                if not each.loud or abs(each.steady - refused) > LATE:
                    yield f"{name} was told at {each.steady} (loud: {each.loud})"

    def _owners(self, number: int, heard: list[Heard]) -> Iterator[str]:
        """Each owner hears of each stage directly, once, and once of the end."""
        rows: Counter[tuple[int, str, str, bool]] = Counter()
        for told in {each.row: each for each in self.world.desk.owners if each.incident.account == number + 1}.values():
            rows[told.incident.id, told.person, str(told.incident.values.get("stage")), told.over] += 1
        for (_, person, stage, over), count in rows.items():
            if count > 1:
                yield f"{person} was told {count} times of {stage} of account {number} (over: {over})"
        for each in heard:
            for person in AGENTS[: number % 4]:
                if not rows[each.incident, person, each.stage, False]:
                    yield f"{person} was not told of {each.stage} of account {number}, which stood at {each.steady}"

    def _hears(self, steady: datetime, at: datetime, incident: Incident, row: int, *, loud: bool) -> None:
        values, stage = incident.values, incident.values.get("stage")
        ends = values.get("ends")
        if stage in STAGES and isinstance(ends, int) and incident.account is not None:
            end = datetime.fromtimestamp(ends, at.tzinfo)
            self._heard[incident.account].append(
                Heard(steady=steady, at=at, stage=str(stage), end=end, incident=incident.id, row=row, loud=loud)
            )
