"""What must have been seen of a year, told from the script alone: none of the product's rules stand here.

What the script did is the truth: when Meta refused an account, and for what; when nobody ran; when clocks were wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from bridge.model.ids import IncidentId, PostRef
from bridge.model.state import Incident, Sign
from tests.year.closes import Closes
from tests.year.ends import Ends, logins
from tests.year.script import BLOCKED, RESTRICTED, SLOT, UNTICKED
from tests.year.times import DAY, HOUR, MINUTE, START
from tests.year.world import Answer, World

SOON = 6 * MINUTE
"""What is known is told within this, while somebody runs."""
UNHEARD = {"10": ("LearnProfile", "LookForSend", "ReadConversations", "ReadHistory")}
"""What says nothing of a login when it is refused so."""
EARLIER = "reply.earlier_thread"
"""What is told besides of an answer that was written where the conversation once was."""
ENDS = "ends"
"""That a login is about to end."""
KINDS_TOLD = ("reauth", "restricted", "setup")
KINDS = {BLOCKED: "restricted", RESTRICTED: "restricted"}
"""What an error is called in alerts, where no login mends it."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Meta refused an account from *start* to *end*; by what has passed, as all times here."""

    shop: str
    start: datetime
    end: datetime
    error: str
    mixed: bool = False
    """Several troubles of a kind that overlap: when each of them was known to be over nobody can tell from outside."""

    @property
    def kind(self) -> str:
        """What its incident is called."""
        return KINDS.get(self.error, "reauth")


@dataclass(frozen=True, kw_only=True)
class Told:
    """An incident as a channel saw it, in a message of its own or in one that tells of several."""

    shop: str
    kind: str
    opened: datetime
    """When it was first said."""
    closed: datetime | None
    """When it was first said that it is over."""
    times: int
    """How many messages announced it."""
    reopened: bool
    """Whether it was said to be open after it was said to be over."""
    foretold: bool
    """It warned of a login's end, by a clock that was wrong."""


def spans(world: World) -> dict[str, list[Span]]:
    """When each account was refused."""
    found: dict[str, list[Span]] = defaultdict(list)
    since: dict[str, tuple[datetime, str]] = {}
    for at, shop, error in world.meta.breaks:
        if shop in since and (error is None or since[shop][1] != error):
            start, was = since.pop(shop)
            found[shop].append(Span(shop=shop, start=start, end=at, error=was))
        if error is not None and shop not in since:
            since[shop] = at, error
    for shop, (start, error) in since.items():
        found[shop].append(Span(shop=shop, start=start, end=world.times.steady(), error=error))
    return found


def told(world: World) -> dict[str, list[Told]]:
    """What was announced of each account's own trouble, in order."""
    numbers = {number: shop.id for number, shop in enumerate(world.shops, 1)}
    seen: dict[IncidentId, dict[PostRef, list[tuple[datetime, Incident]]]] = defaultdict(lambda: defaultdict(list))
    for announced in world.desk.announced.values():
        for look in announced.looks:
            for each in look.members or (look.incident,):
                seen[each.id][announced.ref].append((look.steady, each))
    found: dict[str, list[Told]] = defaultdict(list)
    for posts in seen.values():
        looks = sorted((look for post in posts.values() for look in post), key=lambda look: look[0])
        incident = looks[0][1]
        if incident.kind in KINDS_TOLD and incident.account is not None:
            over = [each.closed_at is not None for _, each in looks]
            wrongly = incident.opened_at - looks[0][0]
            found[numbers[incident.account]].append(
                Told(
                    shop=numbers[incident.account],
                    kind=incident.kind,
                    opened=looks[0][0],
                    closed=looks[over.index(True)][0] if any(over) else None,
                    times=sum(not post[0][1].within for post in posts.values()) or 1,
                    reopened=sorted(over) != over,
                    foretold=abs(wrongly) > MINUTE and str(incident.values.get("cause")).startswith("ends_"),
                )
            )
    return {shop: sorted(each, key=lambda told: told.opened) for shop, each in found.items()}


class Year:
    """A world that was played, and what is wrong with it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.spans = spans(world)
        self.told = told(world)
        self._unpermitted = {
            each.answer for each in world.meta.calls if each.what == "send" and each.error == UNTICKED and each.tagged
        }
        """Answers that may be refused for the Human Agent feature as well as for the login: Meta's code is the same."""
        self._logins = {(at, shop) for at, shop in world.logins}
        self._went: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self._refused: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for call in world.meta.calls:
            if call.error is not None and call.what not in UNHEARD.get(call.error, ()):
                self._refused[call.shop].append((call.steady, call.error))
            if call.error is None:
                self._went[call.shop].append((call.steady, call.what))

    def wrong(self) -> list[str]:
        """Everything that is not as it must be, a line each."""
        return [
            *self.answers(),
            *self.incidents(),
            *self.questions(),
            *Closes(self.world).wrong(),
            *Ends(self.world).wrong(),
        ]

    # ── answers ───────────────────────────────────────────────────────────────────────────────────────────

    def answers(self) -> Iterator[str]:
        """Each was sent once, or went back to its author for a reason; in each conversation they kept their order."""
        alone, seen = defaultdict(list), set[tuple[int, str]]()
        for line in self.world.desk.alone:
            again = line.row in self.world.service.died and (line.row, line.key) in seen
            if not again and line.key != EARLIER:
                alone[line.about].append(line.key)
            seen.add((line.row, line.key))
        for answer in self.world.answers:
            sent, sign = self.world.meta.reached[answer.ref], self.world.desk.signs.get(answer.ref)
            match sent, sign:
                case 1, Sign.SENT if not alone[answer.ref]:
                    pass
                case 0, Sign.REFUSED if len(alone[answer.ref]) == 1:
                    if answer.ref not in self._unpermitted and (why := self._could_go(answer)) is not None:
                        yield f"{answer.ref} went back ({alone[answer.ref]}), but {why}"
                case 0 | 1, Sign.UNSURE if alone[answer.ref] == ["reply.unsure"]:
                    if not self._was_perhaps(answer):
                        yield f"{answer.ref} is unsure, and nobody died"
                case _:
                    yield f"{answer.ref}: {sent} times with the customer, sign {sign}, told {alone[answer.ref]}"
        yield from self._order()

    def _order(self) -> Iterator[str]:
        place = {str(answer.ref): number for number, answer in enumerate(self.world.answers)}
        for buyer in self.world.meta.buyers.values():
            numbers = [place[each.answer] for each in buyer.got]
            if numbers != sorted(numbers):
                yield f"answers to {buyer.shop}/{buyer.id} changed their order: {numbers}"

    def _was_perhaps(self, answer: Answer) -> bool:
        """Whether it was in the hand of a process that died, or its answer was lost."""
        return bool(self.world.service.died)

    def _could_go(self, answer: Answer) -> str | None:
        """When there was time enough to send it after all; None: never."""
        if any(abs(at - answer.steady) < 11 * DAY for at in self.world.jumped):
            return None
        since, until = answer.steady, answer.steady + (answer.close - answer.at)
        for start, end in self._well(answer.shop, since, until):
            if end - start > 2 * SLOT:
                return f"from {start} to {end} nothing was in its way (it closed at {until})"
        return None

    def _well(self, shop: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When the account could send and somebody ran, within this time."""
        bad = [(each.start, each.end) for each in self.spans[shop]] + [
            (each.since, each.until) for each in self.world.downs
        ]
        at = since
        for start, end in sorted(bad):
            if end <= at or start >= until:
                continue
            if start > at:
                yield at, start
            at = max(at, end)
        if at < until:
            yield at, until

    # ── incidents ─────────────────────────────────────────────────────────────────────────────────────────

    def incidents(self) -> Iterator[str]:
        """Each trouble that showed was announced once and closed once, neither early nor late."""
        for shop in self.world.shops:
            heard = list(self.told.get(shop.id, ()))
            for span in self._troubles(shop.id):
                mine = [
                    each
                    for each in heard
                    if each.kind == span.kind and span.start <= each.opened <= self.world.ran(span.end)
                ]
                heard = [each for each in heard if each not in mine]
                yield from self._span(span, mine)
            for each in heard:
                if not each.foretold:
                    yield f"{each.shop}: {each.kind} announced at {each.opened}, and nothing was wrong"

    def _troubles(self, shop: str) -> Iterator[Span]:
        """What was refused, with what followed of the same kind before anything told that it was over."""
        going: dict[str, Span] = {}
        for span in sorted([*self.spans[shop], *self._warned(shop)], key=lambda each: each.start):
            before = going.pop(span.kind, None)
            going[span.kind] = span if before is None else self._joined(before, span)
            if before is not None and going[span.kind] is span:
                yield before
        yield from going.values()

    def _joined(self, before: Span, span: Span) -> Span:
        """Both as one, where nothing told in between that the first was over; else the second as it is."""
        if before.end >= span.start or before.mixed:
            return replace(span, start=before.start, end=max(before.end, span.end), mixed=True)
        over = self._over(before)
        if over is None or over >= span.start:
            return replace(span, start=before.start, error=before.error)
        return span

    def _warned(self, shop: str) -> Iterator[Span]:
        """When an account's login was about to end, or had."""
        for login in logins(self.world, self.world.meta.shops[shop]):
            start = max(login.end - 14 * DAY, login.since)
            if start < login.until:
                yield Span(shop=shop, start=start, end=login.until, error=ENDS)

    def _span(self, span: Span, mine: Sequence[Told]) -> Iterator[str]:
        name = f"{span.shop}: {span.error} from {span.start} to {span.end}"
        shown = self._shown(span)
        if span.mixed or self._jumped(span.start - DAY, span.end + DAY):
            if any(each.closed is None and self._over(span) is not None for each in mine):
                yield f"{name} was never closed"
            return
        if len(mine) > 1:
            yield f"{name} was announced {len(mine)} times: {[each.opened for each in mine]}"
        if not mine and shown is not None and self.world.ran(shown) + SOON < span.end:
            yield f"{name} was not announced, though it showed at {shown}"
        for each in mine:
            if shown is None or each.opened < shown:
                yield f"{name} was announced early, at {each.opened}"
            elif each.opened > self.world.ran(shown) + SOON:
                yield f"{name} showed at {shown} and was announced late, at {each.opened}"
            if each.times > 1 or each.reopened:
                yield f"{name} was announced {each.times} times, reopened: {each.reopened}"
            yield from self._closed(name, span, each)

    def _closed(self, name: str, span: Span, each: Told) -> Iterator[str]:
        """Whether it was said in time that it is over, and not before."""
        over = self._over(span)
        if each.closed is None:
            if over is not None:
                yield f"{name} was never closed, though {over} showed that it was over"
        elif each.closed < span.end:
            yield f"{name} was closed early, at {each.closed}"
        elif over is not None and each.closed > self.world.ran(over) + SOON:
            yield f"{name} was closed late, at {each.closed}, though it showed at {over}"

    def _shown(self, span: Span) -> datetime | None:
        """When it could first be told."""
        if span.error == ENDS:
            return span.start
        refused = (
            at
            for at, error in self._refused[span.shop]
            if KINDS.get(error, "reauth") == span.kind and span.start <= at <= span.end
        )
        return next(refused, None)

    def _over(self, span: Span) -> datetime | None:
        """When the first call went well that tells that it is over: a send, or, of a login, a question about it."""
        if (span.end, span.shop) in self._logins:
            return span.end
        if span.error == ENDS:
            return span.end if span.end < self.world.times.steady() else None
        proofs = ("send",) if span.kind == "restricted" else ("send", "ProbeAccount")
        return next((at for at, what in self._went[span.shop] if at >= span.end and what in proofs), None)

    def questions(self) -> Iterator[str]:
        """Each account was asked about every day on which somebody ran."""
        asked: dict[str, list[datetime]] = defaultdict(list)
        for call in self.world.meta.calls:
            if call.what == "ProbeAccount":
                asked[call.shop].append(call.steady)
        for shop in self.world.shops:
            if shop.connected_at is None:
                continue  # it is not in this world
            moments = [START, *asked[shop.id], self.world.times.steady()]
            for before, after in pairwise(moments):
                up = after - before - self._down(before, after)
                if up > DAY + HOUR + 2 * SLOT and not self._jumped(before, after):
                    yield f"{shop.id} was not asked about between {before} and {after}"

    def _down(self, since: datetime, until: datetime) -> timedelta:
        """For how long of this time nobody ran."""
        gone = (min(each.until, until) - max(each.since, since) for each in self.world.downs)
        return sum((max(each, timedelta()) for each in gone), timedelta())

    def _jumped(self, since: datetime, until: datetime) -> bool:
        return any(since - 4 * DAY <= at <= until for at in self.world.jumped)
