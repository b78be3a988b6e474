"""What belongs to no account: found, told once, over by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge import alerts
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.state import Incident
from bridge.rules.desk import ops
from bridge.rules.desk.ops import Found
from bridge.wording import LANGUAGES, load
from bridge.workers.ops import Knocks, Seen, stopped
from tests.core.factories import DESK, MINUTE, OPS, SECOND, STEADY, account, at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def opened(decision: Decision) -> Incident:
    """The incident that comes of an alert."""
    (due,) = decision.alerts
    return alerts.decide([], due, at()).incidents[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*ops.KINDS, ops.FORGED, ops.LIMITED])
def test_every_kind_says_what_and_what_to_do(kind: str, language: str) -> None:
    """Nothing is announced that nobody can act on."""
    assert {f"alert.{kind}", f"alert.{kind}_help"} <= load(language).keys()


def test_what_is_so_is_told_once_edited_while_it_moves_and_over_by_itself() -> None:
    """Dead and unsure rows, a growing queue, a stopped worker: incidents like all others, where the operator listens."""
    found = Found(key=ops.DEAD, kind=ops.DEAD, values={"count": 2})
    first = ops.told(account(), [found], [], at())
    (due,) = first.alerts
    assert isinstance(due, AlertDue)
    assert (due.key, due.place, due.values) == (ops.DEAD, OPS, {"count": 2})
    incident = opened(first)
    assert ops.told(account(), [found], [incident], at()).alerts == ()
    (more,) = ops.told(account(), [replace(found, values={"count": 3})], [incident], at()).alerts
    assert isinstance(more, AlertDue)
    (over,) = ops.told(account(), [], [incident], at()).alerts
    assert over == AlertOver(workspace=DESK, at=at().moment.now, key=ops.DEAD)


def test_what_slack_keeps_back_is_over_when_it_says_so_no_more() -> None:
    """`app_rate_limited`: told once, however often it comes; over a quarter of an hour after the last word."""
    incident = opened(Decision(alerts=(ops.limited(account(), at()),)))
    assert not ops.no_longer(incident, at(timedelta(hours=1, minutes=14))).alerts
    assert ops.no_longer(incident, at(timedelta(hours=1, minutes=15))).alerts


def test_twenty_wrong_signatures_in_ten_minutes_are_an_incident() -> None:
    """Of one source; a handful is a scanner's, and none for ten minutes is the end of it."""
    clock = [STEADY]
    knocks = Knocks(lambda: clock[0])
    for _ in range(19):
        knocks.refused("meta")
    knocks.refused("slack")
    assert knocks.counts() == {"meta": 19, "slack": 1}
    assert not ops.forged(account(), "meta", 19, None, at()).alerts
    knocks.refused("meta")
    incident = opened(ops.forged(account(), "meta", knocks.counts()["meta"], None, at()))
    assert incident.values["source"] == "Meta"
    assert not ops.forged(account(), "meta", 20, incident, at()).alerts
    clock[0] = STEADY + 10 * MINUTE + SECOND
    assert knocks.counts() == {"meta": 0, "slack": 0}
    (over,) = ops.forged(account(), "meta", 0, incident, at()).alerts
    assert isinstance(over, AlertOver)


def alive(*names: str, ago: timedelta = timedelta(0)) -> dict[str, tuple[str, datetime]]:
    """Processes called by their role and a number."""
    return {name: (name.rstrip("0123456789"), NOW - ago) for name in names}


def test_a_process_that_died_is_told_until_another_takes_its_place() -> None:
    """Seen alive, then silent for a minute while others go on; not one that ended in order, nor one of before our time."""
    seen: dict[str, Seen] = {}
    for ago in (140 * SECOND, 70 * SECOND):
        assert stopped(seen, alive("worker1", "worker2", "web1", ago=ago), NOW - ago) == []
    dying = alive("worker1", "web1") | alive("worker2", ago=61 * SECOND)
    assert stopped(seen, dying, NOW) == ["worker"]
    assert stopped(seen, dying, NOW) == ["worker"]
    assert stopped(seen, dying | alive("worker3"), NOW) == []
    assert stopped(seen, dying | alive("worker3"), NOW) == []
    assert stopped(seen, alive("worker1", "worker3"), NOW) == [], "the web process ended in order"


@pytest.mark.parametrize("again", [15, 55, 75], ids=["at once", "just before it counts", "after it was told"])
def test_who_took_the_place_of_one_that_died_is_heard_of_as_soon_as_it_lives(again: int) -> None:
    """Killed at once after its last sign, and started again: from then on nothing is said, and what was said is over."""
    seen: dict[str, Seen] = {}
    for ago in (15 * SECOND, 0 * SECOND):
        stopped(seen, alive("worker1", "worker2", ago=ago), NOW - ago)
    for seconds in range(15, 200, 15):
        now = NOW + seconds * SECOND
        signs = {"worker1": ("worker", NOW + SECOND), "worker2": ("worker", now)}
        if seconds >= again:
            signs["worker3"] = ("worker", now)
        said = stopped(seen, signs, now)
        assert said == (["worker"] if 61 <= seconds < again else [])


def test_what_was_killed_and_started_again_within_a_minute_says_nothing_of_its_former_self() -> None:
    """Its last sign is still fresh when the next process first looks."""
    seen: dict[str, Seen] = {}
    former = alive("all1", ago=10 * SECOND)
    for seconds in range(0, 100, 15):
        now = NOW + seconds * SECOND
        assert stopped(seen, former | {"all2": ("all", now)}, now) == []


def test_one_that_came_takes_the_place_of_one_of_two_that_died() -> None:
    """The other is missed until somebody takes its place, too."""
    seen: dict[str, Seen] = {}
    died = alive("worker1", "worker2")
    stopped(seen, alive("worker1", "worker2", "web1", ago=15 * SECOND), NOW - 15 * SECOND)
    stopped(seen, died | alive("web1"), NOW)
    later = NOW + 70 * SECOND
    lives = {"web1": ("web", later), "worker3": ("worker", later)}
    assert stopped(seen, died | lives, later) == ["worker"]
    assert stopped(seen, died | lives | {"worker4": ("worker", later)}, later) == []


def test_what_died_before_anybody_looked_is_nobodys_loss() -> None:
    """One process that was killed and started again says nothing of its former self."""
    assert stopped({}, alive("all2") | alive("all1", ago=timedelta(hours=1)), NOW) == []
