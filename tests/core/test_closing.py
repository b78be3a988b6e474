"""When who waits is told of before a window closes, to the second; what becomes of it; and when a window has lapsed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bridge import hours
from bridge.model.change import replace
from bridge.model.closing import Line, LineState, Stage
from bridge.model.ids import IncidentId, PersonRef
from bridge.model.state import Account, Control, Conversation, Opener, Wish, Work
from bridge.policy import close_human, close_standard, open_window
from bridge.rules.base import retold
from bridge.rules.desk import closing
from tests.core.factories import (
    AKI,
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    account,
    at,
    conversation,
    scene,
    untouched,
)

STANDARD, TAGGED = account(), account(human_agent=True)


def with_settings(base: Account, **changed: object) -> Account:
    """The account, set otherwise."""
    return replace(base, settings=replace(base.settings, **changed))  # type: ignore[arg-type]


def announced(talk: Conversation, account: Account, until: timedelta = 30 * DAY) -> list[tuple[str, timedelta]]:
    """What a clock that goes on second by second would find due, with when; here it goes from one moment to the next."""
    found: list[tuple[str, timedelta]] = []
    talk = replace(talk, alert_at=closing.next_alert(account, talk))
    while talk.alert_at is not None and talk.alert_at <= NOON + until:
        moment = talk.alert_at
        judged = closing.judge(account, talk, moment)
        assert closing.judge(account, talk, moment - SECOND).announce is None
        if judged.announce is not None:
            found.append((judged.announce.stage.value, moment - NOON))
        if judged.lapsed is not None:
            found.append(("lapsed", judged.lapsed - NOON))
        assert judged.after.alert_at is None or judged.after.alert_at > moment
        talk = judged.after
    return found


FROM_AD = open_window(open_window(untouched(), Opener.AD_CLICK, NOON), Opener.MESSAGE, NOON)
AFTER_AD = replace(FROM_AD, work=Work.WAITING, waiting_since=NOON, last_at=NOON)
WAITS = conversation()


@pytest.mark.parametrize(
    ("of", "talk", "due"),
    [
        # 2 h before the standard close, which is the last one without the feature
        (STANDARD, WAITS, [("standard", 22 * HOUR), ("lapsed", 24 * HOUR)]),
        # with it, both, and the lapse at the last
        (TAGGED, WAITS, [("standard", 22 * HOUR), ("human", 6 * DAY + 12 * HOUR), ("lapsed", 7 * DAY)]),
        # as it is set
        (with_settings(STANDARD, alert_standard=30), WAITS, [("standard", 23 * HOUR + 30 * MINUTE), ("lapsed", DAY)]),
        (with_settings(STANDARD, alert_standard=0), WAITS, [("lapsed", DAY)]),
        (with_settings(TAGGED, alert_human=0), WAITS, [("standard", 22 * HOUR), ("lapsed", 7 * DAY)]),
        (with_settings(TAGGED, alert_standard=0), WAITS, [("human", 6 * DAY + 12 * HOUR), ("lapsed", 7 * DAY)]),
        # an ordinary window is no longer than this: not at once, but when they have waited a little
        (with_settings(STANDARD, alert_standard=1440), WAITS, [("standard", 10 * MINUTE), ("lapsed", DAY)]),
        # the human agent's close is of no concern before the standard one has passed
        (
            with_settings(TAGGED, alert_human=6 * 1440 + 720),
            WAITS,
            [("standard", 22 * HOUR), ("human", DAY), ("lapsed", 7 * DAY)],
        ),
        # the longer time after an ad: both closes are one, and it is told of once
        (STANDARD, AFTER_AD, [("standard", 7 * DAY - 2 * HOUR), ("lapsed", 7 * DAY)]),
        (TAGGED, AFTER_AD, [("human", 7 * DAY - 12 * HOUR), ("lapsed", 7 * DAY)]),
        # nobody waits, or not for us
        (STANDARD, replace(WAITS, work=Work.ANSWERED, waiting_since=None), []),
        (STANDARD, replace(WAITS, work=Work.CLOSED), []),
        (STANDARD, replace(WAITS, work=Work.SNOOZED, snoozed_until=NOON + HOUR), []),
        (STANDARD, replace(WAITS, control=Control.OTHER), []),
        (account(wish=Wish.PAUSED), WAITS, []),
        (account(wish=Wish.REMOVED), WAITS, []),
        # whoever has only commented has opened no window
        (STANDARD, replace(untouched(), work=Work.WAITING, waiting_since=NOON, last_at=NOON), []),
        # who begins to wait when the close is near is told of at once
        (STANDARD, replace(WAITS, waiting_since=NOON - DAY, alert_at=None), [("standard", 22 * HOUR), ("lapsed", DAY)]),
    ],
)
def test_each_close_that_can_still_be_used_is_told_of_once(
    of: Account, talk: Conversation, due: list[tuple[str, timedelta]]
) -> None:
    """F2, CT-39"""
    assert announced(talk, of) == due


@pytest.mark.parametrize(
    ("waited", "known_at", "due"),
    [
        (timedelta(0), 23 * HOUR, "standard"),  # it was heard late: at once
        (timedelta(0), DAY - SECOND, "standard"),
        (timedelta(0), DAY, None),  # half-open: at the close it is closed
        (23 * HOUR, 23 * HOUR, None),  # they have only begun to wait
        (23 * HOUR, 23 * HOUR + 10 * MINUTE - SECOND, None),
        (23 * HOUR, 23 * HOUR + 10 * MINUTE, "standard"),
        (DAY - 5 * MINUTE, DAY - 5 * MINUTE, "standard"),  # there is no time to wait for that
    ],
)
def test_a_close_nearer_than_the_lead_is_told_of_once_they_have_waited_a_little(
    waited: timedelta, known_at: timedelta, due: str | None
) -> None:
    """F2"""
    talk = replace(WAITS, waiting_since=NOON + waited)
    judged = closing.judge(STANDARD, talk, NOON + known_at)
    assert (None if judged.announce is None else judged.announce.stage.value) == due


def test_a_close_that_moves_is_another_close() -> None:
    """CT-39"""
    first = closing.judge(STANDARD, WAITS, NOON + 22 * HOUR)
    assert first.announce is not None
    assert closing.judge(STANDARD, first.after, NOON + 22 * HOUR).announce is None
    again = open_window(first.after, Opener.MESSAGE, NOON + 23 * HOUR)
    after = closing.looked_at(STANDARD, first.after, again)
    assert after.alert_at == NOON + 45 * HOUR
    assert announced(after, STANDARD) == [("standard", 45 * HOUR), ("lapsed", 47 * HOUR)]


def test_the_networks_refusal_moves_what_is_told() -> None:
    """ZI-22, ZI-23"""
    refused = close_standard(AFTER_AD, NOON + 2 * DAY)
    judged = closing.judge(STANDARD, refused, NOON + 2 * DAY)
    assert (judged.announce, judged.lapsed, judged.after.alert_at) == (None, NOON + 2 * DAY, None)
    refused = closing.judge(TAGGED, refused, NOON + 2 * DAY).after
    assert announced(refused, TAGGED) == [("human", 6 * DAY + 12 * HOUR), ("lapsed", 7 * DAY)]
    warned = close_human(WAITS, NOON + HOUR)
    assert announced(warned, TAGGED) == [("human", 12 * HOUR), ("lapsed", DAY)]


def test_a_stand_still_skips_what_is_of_no_use_any_more_and_counts_the_lapse_once() -> None:
    late = closing.judge(TAGGED, WAITS, NOON + 6 * DAY + 13 * HOUR)
    assert late.announce is not None
    assert late.announce.stage is Stage.HUMAN
    over = closing.judge(TAGGED, WAITS, NOON + 8 * DAY)
    assert (over.announce, over.lapsed, over.after.alert_at) == (None, NOON + 7 * DAY, None)
    assert closing.judge(TAGGED, over.after, NOON + 9 * DAY).lapsed is None


def test_a_clock_that_goes_back_tells_nothing_twice() -> None:
    told = closing.judge(STANDARD, WAITS, NOON + 22 * HOUR).after
    assert closing.next_alert(STANDARD, told) == NOON + DAY
    lapsed = closing.judge(STANDARD, told, NOON + DAY).after
    assert closing.next_alert(STANDARD, lapsed) is None
    assert closing.judge(STANDARD, lapsed, NOON + 22 * HOUR) == closing.Judged(announce=None, lapsed=None, after=lapsed)


def test_what_was_put_off_is_told_of_when_it_wakes() -> None:
    """ZI-35"""
    asleep = replace(WAITS, work=Work.SNOOZED, snoozed_until=NOON + 23 * HOUR)
    awake = closing.looked_at(STANDARD, asleep, replace(asleep, work=Work.WAITING, snoozed_until=None))
    assert closing.judge(STANDARD, awake, NOON + 23 * HOUR).announce is not None
    assert closing.looked_at(STANDARD, WAITS, asleep).alert_at is None


def test_who_only_began_to_wait_after_the_close_has_not_lapsed() -> None:
    found = scene(conversation=replace(WAITS, work=Work.ANSWERED, waiting_since=None))
    late = retold(found, WAITS, at(3 * DAY))
    assert closing.judge(STANDARD, late, NOON + 3 * DAY).lapsed is None
    waited = retold(scene(conversation=WAITS), WAITS, at(3 * DAY))
    assert closing.judge(STANDARD, waited, NOON + 3 * DAY).lapsed == NOON + DAY


@pytest.mark.parametrize(
    ("after", "lapsed"),
    [
        (replace(WAITS, last_at=NOON + 25 * HOUR), NOON + DAY),
        (replace(WAITS, work=Work.ANSWERED, answered_at=NOON + 26 * HOUR), NOON + DAY),
        (replace(WAITS, work=Work.CLOSED, worked_at=NOON + DAY), NOON + DAY),
        (replace(WAITS, work=Work.ANSWERED, answered_at=NOON + DAY - SECOND), None),
        (replace(WAITS, last_at=NOON + HOUR), None),
        (replace(WAITS, owner=AKI), None),
    ],
)
def test_a_lapse_that_nothing_told_of_is_known_by_what_came_after_it(
    after: Conversation, lapsed: datetime | None
) -> None:
    assert closing.lapsed_unseen(STANDARD, WAITS, after) == lapsed
    told = closing.judge(STANDARD, WAITS, NOON + DAY).after
    assert closing.lapsed_unseen(STANDARD, told, after) is None


LINE = Line(
    incident=IncidentId(1), conversation=WAITS.id, stage=Stage.STANDARD, close_at=NOON + DAY, state=LineState.OPEN
)


@pytest.mark.parametrize(
    ("after", "state", "person"),
    [
        (WAITS, LineState.OPEN, None),
        (replace(WAITS, owner=AKI), LineState.OPEN, None),
        (replace(WAITS, work=Work.ANSWERED, answered_at=NOON + HOUR, answered_by=AKI), LineState.ANSWERED, AKI),
        (replace(WAITS, work=Work.ANSWERED, answered_at=NOON + HOUR), LineState.ANSWERED, None),
        (replace(WAITS, work=Work.CLOSED, worked_by=AKI), LineState.CLOSED, AKI),
        (replace(WAITS, work=Work.SNOOZED, worked_by=AKI, snoozed_until=NOON + HOUR), LineState.SNOOZED, AKI),
        (
            replace(WAITS, work=Work.SNOOZED, snoozed_until=NOON + DAY, answered_at=NOON + HOUR, answered_by=AKI),
            LineState.ANSWERED,
            AKI,
        ),
        (replace(WAITS, work=Work.ANSWERED), LineState.SETTLED, None),
        (replace(WAITS, control=Control.OTHER), LineState.OTHER_APP, None),
        (open_window(WAITS, Opener.MESSAGE, NOON + HOUR), LineState.EXTENDED, None),
        (close_standard(WAITS, NOON + HOUR), LineState.PASSED, None),
    ],
)
def test_a_line_says_what_became_of_it(after: Conversation, state: LineState, person: PersonRef | None) -> None:
    line = closing.became(LINE, scene(conversation=WAITS, account=TAGGED), after, blocked=False)
    assert (line.state, line.person) == (state, person)
    if state not in (LineState.OPEN, LineState.SNOOZED, LineState.EXTENDED, LineState.PASSED):
        assert closing.became(line, scene(conversation=after, account=TAGGED), WAITS, blocked=False) == line


@pytest.mark.parametrize("first", [open_window(WAITS, Opener.MESSAGE, NOON + HOUR), close_standard(WAITS, NOON + HOUR)])
def test_a_line_of_who_waits_on_says_what_became_of_them_in_the_end(first: Conversation) -> None:
    """F2: a window that passed, or moved, is not the end of it."""
    waits = scene(conversation=first, account=TAGGED)
    line = closing.became(LINE, scene(conversation=WAITS, account=TAGGED), first, blocked=False)
    assert line.state in closing.WAITING_ON
    answered = replace(first, work=Work.ANSWERED, answered_at=NOON + 2 * DAY, answered_by=AKI)
    ended = closing.became(line, waits, answered, blocked=False)
    assert (ended.state, ended.person) == (LineState.ANSWERED, AKI)
    lapsed = closing.judge(TAGGED, first, NOON + 9 * DAY)
    ended = closing.became(line, waits, lapsed.after, blocked=False)
    assert (ended.state, ended.ended_at) == (LineState.LAPSED, lapsed.lapsed)
    asleep = replace(first, work=Work.SNOOZED, worked_by=AKI, snoozed_until=NOON + 3 * DAY)
    assert closing.became(line, waits, asleep, blocked=False) == line
    again = open_window(first, Opener.MESSAGE, NOON + 2 * DAY)
    assert closing.became(line, waits, again, blocked=False).state is LineState.EXTENDED


def test_a_window_that_the_network_closes_early_moves_its_line() -> None:
    """ZI-22: it is over when it is over, not when it would have been."""
    refused = close_standard(WAITS, NOON + 22 * HOUR)
    line = closing.became(LINE, scene(conversation=WAITS), refused, blocked=False)
    assert (line.state, line.close_at) == (LineState.OPEN, NOON + 22 * HOUR)
    ended = closing.passed(line, scene(conversation=refused), NOON + 22 * HOUR)
    assert (ended.state, ended.ended_at) == (LineState.LAPSED, NOON + 22 * HOUR)


def test_a_line_of_who_was_put_off_is_open_again_when_they_wake() -> None:
    asleep = replace(WAITS, work=Work.SNOOZED, worked_by=AKI, snoozed_until=NOON + HOUR)
    line = closing.became(LINE, scene(conversation=WAITS), asleep, blocked=False)
    assert closing.became(line, scene(conversation=asleep), WAITS, blocked=False) == LINE
    blocked = scene(conversation=WAITS, customer=CUSTOMER)
    assert closing.became(LINE, blocked, replace(WAITS, work=Work.ANSWERED), blocked=True).state is LineState.BLOCKED


def test_a_line_whose_close_passes_says_whether_anybody_can_still_answer() -> None:
    """I-12"""
    tagged = closing.passed(LINE, scene(conversation=WAITS, account=TAGGED), NOON + DAY)
    assert (tagged.state, tagged.ended_at) == (LineState.PASSED, NOON + 7 * DAY)
    assert closing.passed(LINE, scene(conversation=WAITS), NOON + DAY).state is LineState.LAPSED
    paused = scene(conversation=WAITS, account=account(wish=Wish.PAUSED))
    assert closing.passed(LINE, paused, NOON + DAY).state is LineState.SETTLED


@pytest.mark.parametrize(
    ("text", "zone", "clock", "quiet"),
    [
        ("22:00-08:00", "UTC", "2026-11-21T22:00+00:00", True),
        ("22:00-08:00", "UTC", "2026-11-21T21:59+00:00", False),
        ("22:00-08:00", "UTC", "2026-11-21T07:59+00:00", True),
        ("22:00-08:00", "UTC", "2026-11-21T08:00+00:00", False),
        ("22:00-08:00", "Asia/Tokyo", "2026-11-21T13:00+00:00", True),
        ("12:00-13:00", "Europe/Berlin", "2026-07-21T10:30+00:00", True),  # by the wall clock, summer or winter
        ("12:00-13:00", "Europe/Berlin", "2026-01-21T10:30+00:00", False),
        ("00:00-24:00", "UTC", "2026-11-21T23:59+00:00", True),
        ("", "UTC", "2026-11-21T03:00+00:00", False),
    ],
)
def test_quiet_hours_go_by_the_accounts_own_wall_clock(text: str, zone: str, clock: str, quiet: bool) -> None:
    assert hours.is_within(hours.of_day(text), zone, datetime.fromisoformat(clock)) is quiet


@pytest.mark.parametrize("text", ["at night", "22:00", "22-8", "25:00-26:00", "08:00-08:00"])
def test_what_is_no_time_of_every_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        hours.of_day(text)
