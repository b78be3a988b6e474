"""Which breaks there are, when they are told of, and how that reads: weekends, holidays, nights, changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import alerts, policy
from bridge.hours import Break, break_after, is_open
from bridge.model.automatic import AutomaticSettings
from bridge.model.change import replace
from bridge.model.decision import Decision, Job, Scene
from bridge.model.effects import PostAlert
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import ConversationId, IncidentId, PersonRef, PostRef, ThreadId
from bridge.model.listed import Listing
from bridge.model.state import Incident, Thread, Work
from bridge.rules.desk import announced, breaks, closing
from bridge.slack.alerts import alert
from tests.core.factories import (
    AKI,
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    OPS,
    SHOP,
    SUPPORT,
    WORKSPACE,
    account,
    at,
    scene,
)
from tests.core.test_hours import BERLIN, NEW_YORK, OFFICE, TOKYO, local

SHIFTS = "Fri-Sat 18:00-02:00"
HOURS = (
    OFFICE,
    SHIFTS,
    "Mon-Thu 09:00-12:00,13:00-18:00; Fri 09:00-11:00",
    "Mon-Fri 00:00-24:00",
    "Tue 10:00-11:00",
    "Mon-Sun 08:00-20:00",
)
PLACES = ((TOKYO, "JP"), (BERLIN, "DE-BY"), (NEW_YORK, "US"), ("Australia/Lord_Howe", ""), ("UTC", ""))


@pytest.mark.parametrize(
    ("hours", "zone", "holidays", "told", "begins", "ends", "why"),
    [
        (OFFICE, TOKYO, "", "2026-11-20T15:00", "2026-11-20T18:00", "2026-11-23T09:00", "a weekend"),
        (OFFICE, TOKYO, "JP", "2026-11-20T15:00", "2026-11-20T18:00", "2026-11-24T09:00", "with a holiday behind it"),
        (OFFICE, TOKYO, "JP", "2027-04-30T15:00", "2027-04-30T18:00", "2027-05-06T09:00", "Golden Week"),
        (OFFICE, TOKYO, "JP", "2026-12-31T15:00", "2026-12-31T18:00", "2027-01-04T09:00", "the New Year"),
        (OFFICE, BERLIN, "DE-BY", "2026-12-24T15:00", "2026-12-24T18:00", "2026-12-28T09:00", "Christmas"),
        (OFFICE, BERLIN, "", "2026-03-27T15:00", "2026-03-27T18:00", "2026-03-30T09:00", "the clocks go forward in it"),
        (OFFICE, NEW_YORK, "US", "2026-11-25T15:00", "2026-11-25T18:00", "2026-11-27T09:00", "one holiday in the week"),
        (SHIFTS, BERLIN, "", "2026-11-21T23:00", "2026-11-22T02:00", "2026-11-27T18:00", "hours that end after midnight"),
        ("Tue 10:00-11:00", TOKYO, "", "2026-11-24T10:00", "2026-11-24T11:00", "2026-12-01T10:00", "hours of an hour"),
        ("Mon-Fri 00:00-24:00", TOKYO, "", "2026-11-20T21:00", "2026-11-21T00:00", "2026-11-23T00:00", "until midnight"),
    ],
)  # fmt: skip
def test_a_break_is_told_of_three_hours_before_it(
    hours: str, zone: str, holidays: str, told: str, begins: str, ends: str, why: str
) -> None:
    """ZI-09, CT-39: the last working day before a weekend or a holiday, by the account's own clock."""
    settings = AutomaticSettings(hours=hours, zone=zone, holidays=holidays)
    due, first, last = local(zone, told), local(zone, begins), local(zone, ends)
    found = breaks.ahead(settings, due)
    assert found is not None, why
    assert (found.begins, found.ends, breaks.due(found)) == (first, last, due), why
    assert breaks.ahead(settings, first - MINUTE) == found
    assert breaks.ahead(settings, due - MINUTE) is None
    assert breaks.ahead(settings, first) is None
    assert breaks.ahead(settings, last - MINUTE) is None


@pytest.mark.parametrize(
    ("hours", "wall"),
    [
        ("", "2026-11-20T16:00"),  # always open: holidays alone make no break
        (OFFICE, "2026-11-19T16:00"),  # a night is none
        ("Mon-Sun 08:00-20:00", "2026-11-20T18:00"),
        (OFFICE, "2026-11-21T16:00"),
    ],
)
def test_what_is_no_break(hours: str, wall: str) -> None:
    assert breaks.ahead(AutomaticSettings(hours=hours, zone=TOKYO), local(TOKYO, wall)) is None


WEEKS = st.sampled_from(HOURS)
DAYS = st.dates(date(2025, 1, 1), date(2031, 12, 1))


@given(WEEKS, st.sampled_from(PLACES), DAYS)
def test_breaks_follow_each_other_and_each_is_told_of_once_while_somebody_is_there(
    hours: str, place: tuple[str, str], first: date
) -> None:
    """Never in a break; the next is told of after the one before is over."""
    zone, holidays = place
    days = [first + count * DAY for count in range(40)]
    found = [each for day in days if (each := break_after(hours, zone, holidays, day)) is not None]
    for each in found:
        assert breaks.due(each) < each.begins < each.ends
        assert each.begins - breaks.due(each) <= breaks.BEFORE
        assert is_open(hours, zone, holidays, each.opened)
        assert is_open(hours, zone, holidays, each.begins - timedelta(seconds=1))
        assert not is_open(hours, zone, holidays, each.begins)
        assert is_open(hours, zone, holidays, each.ends)
        assert each.ends - each.begins >= 23 * HOUR
    for one, two in pairwise(found):
        assert one.ends <= two.opened <= breaks.due(two)


@given(WEEKS, st.sampled_from(PLACES), st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)))  # noqa: DTZ001
def test_what_is_told_of_now_has_not_begun(hours: str, place: tuple[str, str], now: datetime) -> None:
    zone, holidays = place
    moment = now.replace(tzinfo=UTC)
    found = breaks.ahead(AutomaticSettings(hours=hours, zone=zone, holidays=holidays), moment)
    if found is not None:
        assert found.opened <= breaks.due(found) <= moment < found.begins
        assert not [at for at in (found.begins, found.ends - MINUTE) if is_open(hours, zone, holidays, at)]


@given(WEEKS, st.sampled_from(PLACES), st.lists(st.tuples(DAYS, st.integers(1, 21)), min_size=1, max_size=3))
def test_no_break_is_told_of_twice_and_none_is_missed_however_the_clock_jumps(
    hours: str, place: tuple[str, str], walks: list[tuple[date, int]]
) -> None:
    """What was told is known by the beginning of the latest break: a clock that goes back tells nothing again."""
    zone, holidays = place
    settings = AutomaticSettings(hours=hours, zone=zone, holidays=holidays)
    told: list[Break] = []
    for first, count in walks:
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
        latest = told[-1].begins if told else begin
        for now in (begin + each * HOUR for each in range(count * 24)):
            pause = breaks.ahead(settings, now)
            if pause is not None and (not told or pause.begins > told[-1].begins):
                told.append(pause)
                assert is_open(hours, zone, holidays, pause.begins - timedelta(seconds=1))
        days = [first + each * DAY for each in range(count)]
        passed = [each for day in days if (each := break_after(hours, zone, holidays, day)) is not None]
        seen = [each for each in passed if begin <= breaks.due(each) and each.begins <= begin + (count - 1) * DAY]
        assert {each.begins for each in seen} - {each.begins for each in told} <= {
            each.begins for each in seen if each.begins <= latest
        }
    assert [each.begins for each in told] == sorted({each.begins for each in told})


# ── how it reads ──────────────────────────────────────────────────────────────────────────────────────────

PAUSE = Break(opened=NOON - 3 * HOUR, begins=NOON + 6 * HOUR, ends=NOON + 69 * HOUR)
TALK = ConversationId(11)


def waiting() -> Scene:
    """Somebody who waits and whose window closes in the break; Aki looks after them."""
    base = scene()
    thread = Thread(id=ThreadId(7), place=SHOP, ref=PostRef("C5:1795320000.000100"))
    talk = replace(
        base.conversation, id=TALK, work=Work.WAITING, waiting_since=NOON, standard_close=NOON + DAY, human_close=NOON + DAY,
        owner=AKI, thread=thread,
    )  # fmt: skip
    return replace(base, conversation=talk)


def read(incident: Incident, *scenes: Scene, language: str = "en") -> list[str]:
    """The message, line by line."""
    effect = PostAlert(workspace=DESK, incident=IncidentId(1), place=OPS)
    job = Job(
        row=1, effect=effect, attempts=0, scene=None, workspace=WORKSPACE, account=account(), incident=incident,
        language=language, names={AKI: "Aki"}, listed=scenes,
    )  # fmt: skip
    text, blocks = alert(job, incident, block_id="x")
    assert [each["text"]["text"] for each in blocks] == text.split("\n")
    assert blocks[0]["block_id"] == "x"
    return text.split("\n")


def opened(decision: Decision) -> Incident:
    (due,) = decision.alerts
    assert isinstance(due, AlertDue)
    return alerts.decide([], due, at()).incidents[0]


LISTED = Listing(talks=(TALK,), whole=1, named=(TALK,), look="a")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_says_who_for_how_long_and_leads_there(language: str) -> None:
    incident = opened(breaks.told([account()], PAUSE, LISTED, [waiting()], at()))
    said = read(incident, waiting(), language=language)
    head, line, last = said
    assert "Before the break from" in head if language == "en" else "休業前の確認" in head
    assert "1 customer waits" in head if language == "en" else "お客様が1人" in head
    assert all(part in line for part in ("*Yuki*", "Shop Hanako", "<@U-aki>", "archives/C5/p"))
    assert "Answer now" in line if language == "en" else "今すぐ返信" in line
    assert str(int(PAUSE.ends.timestamp())) in last


def test_it_is_edited_as_they_are_answered_and_ends_when_the_team_is_back() -> None:
    """Nobody is told twice of the same: an unchanged one says nothing."""
    incident = opened(breaks.told([account()], PAUSE, LISTED, [waiting()], at()))
    assert breaks.still(incident, LISTED, at()).alerts == ()
    (due,) = breaks.still(incident, replace(LISTED, talks=(), whole=0, done=1, look=""), at()).alerts
    edited = alerts.decide([incident], due, at()).incidents[0]
    assert edited.id == incident.id
    assert "nobody waits any more" in read(edited)[0]
    assert "1 answered or settled, 0 not in time" in read(edited)[1]
    (over,) = breaks.still(edited, replace(LISTED, done=0, lapsed=1), at(69 * HOUR)).alerts
    assert isinstance(over, AlertOver)
    (ended,) = alerts.decide([edited], over, at()).incidents
    (said,) = read(ended, waiting())
    assert "is over" in said
    assert "0 answered or settled, 1 not in time" in said


@pytest.mark.parametrize(
    ("language", "begins", "said"),
    [
        (
            "en",
            "The break from",
            "0 answered or settled, 3 not in time during the break, 2 not in time before it began",
        ),
        ("ja", "<!date", "返信または対応済み0件、休業中に期限切れ3件、休業前に期限切れ2件"),
    ],
)
def test_who_was_lost_while_the_team_worked_is_not_booked_on_the_break(language: str, begins: str, said: str) -> None:
    incident = opened(breaks.told([account()], PAUSE, LISTED, [], at()))
    counts = replace(LISTED, lapsed=3, early=2)
    (over,) = breaks.still(incident, counts, at(69 * HOUR)).alerts
    (ended,) = alerts.decide([incident], over, at()).incidents
    (line,) = read(ended, language=language)
    assert line.startswith(begins)
    assert line.endswith(said)
    (due,) = breaks.still(incident, counts, at()).alerts
    meanwhile = read(alerts.decide([incident], due, at()).incidents[0])
    assert any("0 answered or settled, 5 not in time" in each for each in meanwhile)


def test_its_deadline_is_the_moment_that_card_and_alert_show() -> None:
    line = read(opened(breaks.told([account()], PAUSE, LISTED, [], at())), waiting())[1]
    assert f"<!date^{int((NOON + DAY).timestamp())}^" in line


def test_where_nobody_looks_after_them_those_on_call_are_mentioned_but_in_their_quiet_hours() -> None:
    """Nobody is paged for what somebody else has taken."""
    incident = opened(breaks.told([account()], PAUSE, LISTED, [waiting()], at()))
    settings = replace(account().settings, on_call=(AKI,), on_call_groups=(SUPPORT,))
    base = waiting()
    free = replace(
        base, account=replace(base.account, settings=settings), conversation=replace(base.conversation, owner=None)
    )
    assert read(incident, free)[-1] == "On call: <@U-aki> <!subteam^S-support>"
    owned = replace(base, account=free.account)
    assert not any("On call" in line for line in read(incident, owned))
    opens = f"{incident.opened_at:%H:00}"
    quiet = replace(settings, quiet=f"{opens}-{incident.opened_at + HOUR:%H:00}")
    assert not any(
        "On call" in line for line in read(incident, replace(free, account=replace(free.account, settings=quiet)))
    )


@pytest.mark.parametrize("owner", [AKI, None])
def test_nobody_is_paged_twice_for_one_close(owner: PersonRef | None) -> None:
    """F2: what the message before a break told of is named in its own alert, and no more; and the other way round."""
    settings = replace(account().settings, on_call=(AKI,))
    base = waiting()
    scene = replace(
        base, account=replace(base.account, settings=settings), conversation=replace(base.conversation, owner=owner)
    )
    incident = opened(breaks.told([scene.account], PAUSE, LISTED, [scene], at()))
    assert str(read(incident, scene)).count("<@U-aki>") == 1
    (close, *_) = closing.closes(
        replace(scene.account, settings=replace(settings, human_agent=False)), scene.conversation
    )
    last = replace(close, at=policy.last_close(scene.account, scene.conversation) or close.at)
    assert breaks.has_paged(incident, scene, last)
    assert not breaks.has_paged(incident, scene, replace(last, at=last.at - HOUR)), "a first window is another close"
    again = replace(scene, conversation=replace(scene.conversation, last_at=incident.opened_at + HOUR))
    assert not breaks.has_paged(incident, again, last), "who wrote again has another close"
    (told,) = announced.told(None, [announced.Due(scene=scene, close=last, paged=True)], OPS, 0, at())[1]
    assert told.quiet
    alerted = closing.judge(scene.account, scene.conversation, last.at - HOUR).after
    known = replace(scene, conversation=alerted)
    incident = opened(breaks.told([scene.account], PAUSE, LISTED, [known], at()))
    assert "<@U-aki>" not in str(read(incident, known))


def test_who_joins_by_an_edit_is_paged_by_their_own_alert() -> None:
    incident = opened(breaks.told([account()], PAUSE, LISTED, [], at()))
    scene = waiting()
    (*_, close) = closing.closes(scene.account, scene.conversation)
    assert not breaks.has_paged(incident, scene, close)
    assert "<@U-aki>" not in str(read(incident, scene))


def test_many_are_counted_and_not_all_shown() -> None:
    incident = opened(breaks.told([account()], PAUSE, replace(LISTED, whole=40), [waiting()], at()))
    assert "39 more" in read(incident, waiting())[2]


def test_accounts_of_one_channel_and_one_break_share_a_message() -> None:
    context, other = at(), replace(PAUSE, ends=PAUSE.ends + DAY)
    assert breaks.together(account(), PAUSE, context) == breaks.together(account(), replace(PAUSE), context)
    assert breaks.together(account(), PAUSE, context) != breaks.together(account(), other, context)
    assert breaks.key(OPS, PAUSE) != breaks.key(OPS, other)
