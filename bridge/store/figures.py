"""What the views tell of a time, account by account: who asked, who answered, how long it took. Ids and numbers alone."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import AccountId, PersonRef
from bridge.model.state import Account, Author, Wish, Work
from bridge.model.word import Word
from bridge.store.reading import accounts_of
from bridge.store.rows import AnyRow
from bridge.store.schema import Instant, audit, lapse
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations

ASKED = sa.table("asked", *map(sa.column, ("account", "conversation", "message")), sa.column("at", Instant))
ANSWER = sa.table(
    "answer", *map(sa.column, ("account", "conversation", "message", "author", "person")), sa.column("at", Instant)
)
PERIOD = sa.table(
    "waiting_period",
    *map(sa.column, ("account", "conversation", "answered_by", "seconds")),
    sa.column("first", sa.Boolean),
    *(sa.column(name, Instant) for name in ("began_at", "answered_at", "closed_at", "lapses_at")),
)

SURVEY = sa.table("survey", *map(sa.column, ("account", "conversation", "score")), sa.column("asked_at", Instant))

SLICE = 50_000
"""So many messages' waiting periods are asked for at once: a few seconds, where a statement may take thirty."""

_start, _end, _now = (sa.bindparam(name, type_=Instant) for name in ("start", "end", "now"))
_account = sa.bindparam("account", type_=sa.BigInteger)
_of_account = sa.or_(_account.is_(None), conversations.c.account == _account)
_LIVELY = sa.select(conversations.c.id).where(
    sa.or_(conversations.c.last_at >= _start, conversations.c.answered_at >= _start), _of_account
)
"""Conversations in which something can have been said in the time: with it, nothing older is looked at."""


def _in_time(view: sa.TableClause, at: str) -> sa.ColumnElement[bool]:
    return sa.and_(view.c.conversation.in_(_LIVELY), view.c[at] >= _start, view.c[at] < _end)


QUESTIONS = (
    sa.select(
        ASKED.c.account,
        sa.func.count().label("messages"),
        sa.func.count(sa.distinct(ASKED.c.conversation)).label("conversations"),
        sa.func.min(ASKED.c.at, type_=Instant()).label("earliest"),
        sa.func.max(ASKED.c.at, type_=Instant()).label("latest"),
    )
    .where(_in_time(ASKED, "at"))
    .group_by(ASKED.c.account)
)
ANSWERS = (
    sa.select(ANSWER.c.account, ANSWER.c.author, ANSWER.c.person, sa.func.count().label("answers"))
    .where(_in_time(ANSWER, "at"))
    .group_by(ANSWER.c.account, ANSWER.c.author, ANSWER.c.person)
)
PERIODS = sa.select(
    PERIOD.c.account,
    PERIOD.c.first,
    PERIOD.c.answered_by,
    PERIOD.c.seconds,
    (PERIOD.c.lapses_at <= _now).label("lapsed"),
).where(_in_time(PERIOD, "began_at"))
_CLOSED_OR_LIVELY = sa.select(conversations.c.id).where(
    sa.or_(
        conversations.c.last_at >= _start, conversations.c.answered_at >= _start, conversations.c.worked_at >= _start
    ),
    _of_account,
)
SURVEYS = (
    sa.select(SURVEY.c.account, SURVEY.c.score, sa.func.count().label("customers"))
    .where(SURVEY.c.conversation.in_(_CLOSED_OR_LIVELY), SURVEY.c.asked_at >= _start, SURVEY.c.asked_at < _end)
    .group_by(SURVEY.c.account, SURVEY.c.score)
)
_last_close = sa.case(
    (accounts.c.settings["human_agent"].as_boolean(), conversations.c.human_close), else_=conversations.c.standard_close
)
WAITING = (
    sa.select(
        conversations.c.account,
        sa.func.count().label("customers"),
        sa.func.min(conversations.c.waiting_since, type_=Instant()).label("since"),
    )
    .join(accounts, accounts.c.id == conversations.c.account)
    .where(conversations.c.work == Work.WAITING.value, _last_close > _now, _of_account)
    .group_by(conversations.c.account)
)
LAPSES = (
    sa.select(lapse.c.account, lapse.c.person, sa.func.count().label("lapsed"))
    .where(lapse.c.close_at >= _start, lapse.c.close_at < _end, sa.or_(_account.is_(None), lapse.c.account == _account))
    .group_by(lapse.c.account, lapse.c.person)
)

_of = sa.cast(sa.func.substr(audit.c.object, len("conversation:") + 1), sa.BigInteger)
OUTCOMES = (
    sa.select(
        conversations.c.account, audit.c.after["outcome"].as_string().label("ended_as"), sa.func.count().label("closed")
    )
    .join(conversations, conversations.c.id == _of)
    .where(audit.c.action == "conversation.close", audit.c.at >= _start, audit.c.at < _end, _of_account)
    .group_by(conversations.c.account, sa.text("ended_as"))
)
"""How often conversations were closed, by the house's own words for how they ended."""


class Times(Word, kw_only=True):
    """How long answers took: seconds, None where there was none."""

    count: int
    median: int | None
    p90: int | None

    @classmethod
    def of(cls, seconds: Sequence[int]) -> Times:
        """Of each in seconds; *p90*: the shortest that nine of ten did not exceed."""
        if not seconds:
            return cls(count=0, median=None, p90=None)
        ranked = sorted(seconds)
        nearest = -(-len(ranked) * 9 // 10)
        return cls(count=len(ranked), median=round(statistics.median(ranked)), p90=ranked[nearest - 1])


class AgentFigures(Word, kw_only=True):
    """What one agent has answered; *lapsed*: windows that closed on customers whom they looked after."""

    agent: PersonRef
    answers: int
    answer_time: Times
    lapsed: int


class Satisfaction(Word, kw_only=True):
    """How content customers are: how many were asked, and how many gave each score, from 1 to 5."""

    asked: int
    scores: tuple[int, ...]

    @property
    def answers(self) -> int:
        """How many have answered."""
        return sum(self.scores)

    @property
    def average(self) -> float | None:
        """The mean score, to two places; None where nobody has answered."""
        if not self.answers:
            return None
        return round(sum(score * count for score, count in enumerate(self.scores, 1)) / self.answers, 2)


class Figures(Word, kw_only=True):
    """What happened in a time on one account, or on all. longest_wait: seconds until now; None: nobody waits."""

    conversations: int
    messages: int
    answers: int
    answers_elsewhere: int
    first_answer_time: Times
    answer_time: Times
    waiting: int
    longest_wait: int | None
    lapsed: int
    satisfaction: Satisfaction
    agents: tuple[AgentFigures, ...]
    outcomes: Mapping[str, int]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        said = self.messages or self.answers or self.answers_elsewhere or self.agents
        return not (said or self.waiting or self.satisfaction.asked)


@dataclass(kw_only=True)
class _Sums:
    """What is added up, row by row."""

    conversations: int = 0
    messages: int = 0
    elsewhere: int = 0
    first: list[int] = field(default_factory=list)
    times: dict[PersonRef | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    by: Counter[PersonRef] = field(default_factory=Counter)
    waiting: int = 0
    since: datetime | None = None
    lapsed: int = 0
    lapses: Counter[PersonRef] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    scores: Counter[int | None] = field(default_factory=Counter)

    def asked(self, row: AnyRow) -> None:
        self.messages += row.messages
        self.conversations += row.conversations

    def answered(self, row: AnyRow) -> None:
        if row.author == Author.AGENT.value:
            self.by[row.person] += row.answers
        else:
            self.elsewhere += row.answers

    def waited(self, row: AnyRow) -> None:
        if row.seconds is not None:
            self.times[row.answered_by].append(row.seconds)
            if row.first:
                self.first.append(row.seconds)
        elif row.lapsed:
            self.lapsed += 1

    def waits(self, row: AnyRow) -> None:
        self.waiting += row.customers
        self.since = min(filter(None, (self.since, row.since)), default=None)

    def lapsed_on(self, row: AnyRow) -> None:
        if row.person is not None:
            self.lapses[row.person] += row.lapsed

    def ended(self, row: AnyRow) -> None:
        if row.ended_as is not None:
            self.ends[row.ended_as] += row.closed

    def surveyed(self, row: AnyRow) -> None:
        self.scores[row.score] += row.customers

    def figures(self, now: datetime) -> Figures:
        return Figures(
            conversations=self.conversations,
            messages=self.messages,
            answers=self.by.total(),
            answers_elsewhere=self.elsewhere,
            first_answer_time=Times.of(self.first),
            answer_time=Times.of([seconds for each in self.times.values() for seconds in each]),
            waiting=self.waiting,
            longest_wait=None if self.since is None else max(0, int((now - self.since).total_seconds())),
            lapsed=self.lapsed,
            satisfaction=Satisfaction(
                asked=self.scores.total(), scores=tuple(self.scores[score] for score in range(1, 6))
            ),
            agents=tuple(
                AgentFigures(
                    agent=agent,
                    answers=self.by[agent],
                    answer_time=Times.of(self.times.get(agent, ())),
                    lapsed=self.lapses[agent],
                )
                for agent in sorted(self.by.keys() | self.lapses.keys(), key=lambda each: (-self.by[each], each))
            ),
            outcomes=dict(sorted(self.ends.items(), key=lambda each: (-each[1], each[0]))),
        )


class Report(Word, kw_only=True):
    """A time, in all and account by account; *total* counts each conversation once, as each has one account."""

    start: datetime
    end: datetime
    total: Figures
    accounts: tuple[tuple[Account, Figures], ...]


def report(
    conn: sa.Connection, *, start: datetime, end: datetime, now: datetime, account: Account | None = None
) -> Report:
    """What happened from *start* until before *end*, and who waits at *now*; of one account, or of all.

    A waiting period belongs to the time in which it began. Removed accounts of which there is nothing to tell are left out.
    """
    total, each = _Sums(), defaultdict[AccountId, _Sums](_Sums)
    given = {"start": start, "end": end, "now": now, "account": None if account is None else account.id}
    asked = conn.execute(QUESTIONS, given).all()
    parts = [given | {"start": first, "end": last} for first, last in _slices(asked)]
    for rows, add in (
        (asked, _Sums.asked),
        (conn.execute(ANSWERS, given), _Sums.answered),
        ((row for part in parts for row in conn.execute(PERIODS, part)), _Sums.waited),
        (conn.execute(WAITING, given), _Sums.waits),
        (conn.execute(LAPSES, given), _Sums.lapsed_on),
        (conn.execute(OUTCOMES, given), _Sums.ended),
        (conn.execute(SURVEYS, given), _Sums.surveyed),
    ):
        for row in rows:
            add(total, row)
            add(each[row.account], row)
    known = accounts_of(conn) if account is None else [account]
    found = [(one, each[one.id].figures(now)) for one in known]
    shown = tuple((one, told) for one, told in found if one.wish is not Wish.REMOVED or not told.empty or account)
    return Report(start=start, end=end, total=total.figures(now), accounts=shown)


def _slices(asked: Sequence[AnyRow]) -> list[tuple[datetime, datetime]]:
    """The time in which anything was asked, in parts that do not take too long."""
    if not asked:
        return []
    start, end = min(row.earliest for row in asked), max(row.latest for row in asked) + timedelta(microseconds=1)
    count = -(-sum(row.messages for row in asked) // SLICE)
    bounds = [start + (end - start) * number / count for number in range(count)] + [end]
    return list(pairwise(bounds))


def figures_json(figures: Figures) -> dict[str, Any]:
    """Figures as commands show them; times in seconds."""
    return {
        "conversations": figures.conversations,
        "messages": figures.messages,
        "answers": figures.answers,
        "answers_elsewhere": figures.answers_elsewhere,
        "first_answer_time": _times_json(figures.first_answer_time),
        "answer_time": _times_json(figures.answer_time),
        "waiting": figures.waiting,
        "longest_wait": figures.longest_wait,
        "lapsed": figures.lapsed,
        "satisfaction": {
            "asked": figures.satisfaction.asked,
            "answers": figures.satisfaction.answers,
            "average": figures.satisfaction.average,
            "scores": {str(score): count for score, count in enumerate(figures.satisfaction.scores, 1)},
        },
        "agents": [
            {
                "agent": each.agent,
                "answers": each.answers,
                "answer_time": _times_json(each.answer_time),
                "lapsed": each.lapsed,
            }
            for each in figures.agents
        ],
        "outcomes": dict(figures.outcomes),
    }


def _times_json(times: Times) -> Mapping[str, int | None]:
    return {"count": times.count, "median": times.median, "p90": times.p90}
