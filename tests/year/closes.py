"""Whom the alerts channels must have named before a window closed on them: reckoned from who wrote and what reached them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model.state import Sign
from tests.year.slack import Named
from tests.year.times import DAY, HOUR, MINUTE
from tests.year.world import World

STANDARD, HUMAN = DAY, 7 * DAY
BEFORE = {STANDARD: 2 * HOUR, HUMAN: 12 * HOUR}
"""So long before each close; what accounts have where nothing else is set."""
GRACE = 10 * MINUTE
"""Who has waited no longer is not told of."""
LATE = 5 * MINUTE
"""A tick, its rests, and what another settles first."""
UNCLEAR = 11 * DAY
"""For so long before and after a clock was set nothing is judged here: closes lie in the time that people go by."""

Talk = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A close that must be told of from *since* on, if somebody runs before *until*."""

    talk: Talk
    close: datetime
    since: datetime
    until: datetime
    perhaps: bool
    """They were answered, or wrote again, just as it was due."""


class Closes:
    """What a world has told of closing windows, and what of it is wrong."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._steps: dict[Talk, list[tuple[datetime, bool]]] = defaultdict(list)
        """When a customer wrote, or an answer (True) reached them."""
        for each in world.wrote:
            self._steps[each.shop, each.customer].append((each.steady, False))
        answers = {str(each.ref): each for each in world.answers}
        for call in world.meta.calls:
            if call.what == "send" and call.error is None and call.answer is not None:
                answer = answers[call.answer]
                self._answered((answer.shop, answer.customer), answer.steady, call.steady)
        self._human = {shop.id: shop.human for shop in world.shops}

    def _answered(self, talk: Talk, written: datetime, sent: datetime) -> None:
        """What was kept for days says nothing to what the customer wrote meanwhile: for that they wait as before."""
        if not any(written < at <= sent for at, answered in self._steps[talk] if not answered):
            self._steps[talk].append((sent, True))

    def wrong(self) -> Iterator[str]:
        """Everything that is not as it must be, a line each."""
        named: dict[tuple[Talk, datetime], list[Named]] = defaultdict(list)
        for each in self.world.desk.named:
            close = each.close_at - each.at + each.steady
            named[(each.shop, each.customer), close].append(each)
        unsure = {ref for ref, sign in self.world.desk.signs.items() if sign is Sign.UNSURE}
        unknown = {(each.shop, each.customer) for each in self.world.answers if each.ref in unsure}
        named = defaultdict(list, {key: found for key, found in named.items() if key[0] not in unknown})
        for talk in self._steps.keys() - unknown:  # whether those have been answered nobody has said
            steps = self._steps[talk]
            for wanted in self.wanted(talk, sorted(steps)):
                yield from self._told(wanted, named.pop((talk, wanted.close), []))
        for (talk, close), found in named.items():
            if not self._unclear(close):
                yield f"{talk} was named for a close at {close}, at {[each.steady for each in found]}, for no reason"

    def wanted(self, talk: Talk, steps: Sequence[tuple[datetime, bool]]) -> Iterator[Wanted]:
        """Each close that comes near while the customer waits."""
        waits: datetime | None = None
        for number, (at, answered) in enumerate(steps):
            if answered:
                waits = None
                continue
            waits = waits or at
            later = steps[number + 1][0] if number + 1 < len(steps) else self.world.times.steady()
            yield from self._ahead(talk, waits, at, later)

    def _ahead(self, talk: Talk, waits: datetime, wrote: datetime, later: datetime) -> Iterator[Wanted]:
        """The closes after one message, until something *later* changes them."""
        for length in (STANDARD, HUMAN) if self._human[talk[0]] else (STANDARD,):
            close = wrote + length
            since = max(close - BEFORE[length], waits + GRACE, wrote + STANDARD if length is HUMAN else wrote)
            if since < later + LATE:
                perhaps = abs(later - since) < LATE
                yield Wanted(talk=talk, close=close, since=since, until=min(close, later), perhaps=perhaps)

    def _told(self, wanted: Wanted, found: Sequence[Named]) -> Iterator[str]:
        if self._unclear(wanted.close):
            return
        ran = self.world.ran(wanted.since)
        name = f"{wanted.talk}, who could be answered until {wanted.close},"
        rows = {each.row for each in found}
        if not found and ran + LATE < wanted.until and not wanted.perhaps:
            yield f"{name} was not named, though it was due at {wanted.since} and somebody ran at {ran}"
        if len(rows) > 1 or (len(found) > 1 and not rows <= self.world.service.died):
            yield f"{name} was named {len(found)} times: {[each.steady for each in found]}"
        for each in found:
            if not wanted.since - timedelta(seconds=1) <= each.steady <= ran + LATE:
                yield f"{name} was named at {each.steady}, and it was due at {wanted.since} ({ran})"

    def _unclear(self, at: datetime) -> bool:
        return any(abs(at - jumped) < UNCLEAR for jumped in self.world.jumped)
