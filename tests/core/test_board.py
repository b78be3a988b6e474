"""The board: made once, changed when it would look different, pinned as long as Slack lets us, never fought over."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import alerts, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Job, Moment, Scene
from bridge.model.effects import AnyEffect, EditAlert, PinAlert, PostAlert
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import ConversationId, IncidentId, PostRef
from bridge.model.listed import Listing
from bridge.model.outcomes import Done, Outcome, Refused
from bridge.model.state import Incident
from bridge.rules.base import Context
from bridge.rules.desk import board
from bridge.slack.alerts import alert
from tests.core.factories import AKI, DESK, NOON, OPS, STEADY, WORKSPACE, at, found
from tests.core.test_breaks import waiting

LISTED = Listing(talks=(ConversationId(11),), whole=1, look="a")
STANDS = PostRef("C9:1795320000.000100")


def context(seconds: float = 0) -> Context:
    after = timedelta(seconds=seconds)
    return replace(at(), moment=Moment(now=NOON + after, steady=STEADY + after))


def folded(incident: Incident | None, decision: Decision) -> Incident:
    """The board after a decision, as it is folded into its incident."""
    if decision.alerts:
        (fact,) = decision.alerts
        assert isinstance(fact, AlertDue | AlertOver)
        decision = alerts.decide([incident] if incident else [], fact, at())
    (after,) = decision.incidents
    return after


def made() -> Incident:
    """A board that stands."""
    incident = folded(None, board.kept(DESK, OPS, None, LISTED, context()))
    return replace(incident, ref=STANDS)


def ended(incident: Incident, effect: AnyEffect, outcome: Outcome) -> Decision:
    return threads.ended(None, effect, outcome, context(60), row=1, target="desk:T1:pin", position=1, incident=incident)


EDIT = EditAlert(workspace=DESK, incident=IncidentId(1000), place=OPS)
POST = PostAlert(workspace=DESK, incident=IncidentId(1000), place=OPS)
PIN = PinAlert(workspace=DESK, incident=IncidentId(1000), ref=STANDS)


def test_it_changes_only_when_it_would_look_different_and_at_most_every_half_minute() -> None:
    incident = made()
    other = replace(LISTED, look="b")
    assert board.kept(DESK, OPS, incident, LISTED, context(3600)).alerts == ()
    assert board.kept(DESK, OPS, incident, other, context(29.9)).alerts == ()
    edited = folded(incident, board.kept(DESK, OPS, incident, other, context(30)))
    assert (edited.id, edited.values["look"]) == (incident.id, "b")
    assert board.kept(DESK, OPS, edited, LISTED, context(45)).alerts == ()
    assert board.kept(DESK, OPS, edited, LISTED, context(60)).alerts != ()


def test_two_processes_that_look_at_once_change_it_once() -> None:
    incident, other = made(), replace(LISTED, look="b")
    one, two = (board.kept(DESK, OPS, incident, other, context(seconds)) for seconds in (41, 49.5))
    edited = folded(incident, one)
    (late,) = two.alerts
    assert alerts.decide([edited], late, at()).ignored == "told already"


@given(st.lists(st.floats(0, 40), min_size=1, max_size=40))
def test_however_often_it_is_looked_at_half_a_minute_passes_between_two_changes(pauses: list[float]) -> None:
    incident, now, changed = made(), 0.0, [0.0]
    for count, pause in enumerate(pauses):
        now += pause
        decision = board.kept(DESK, OPS, incident, replace(LISTED, look=str(count)), context(now))
        if decision.alerts:
            incident = folded(incident, decision)
            changed.append(now)
    assert all(two - one > 29 for one, two in pairwise(changed))  # by whole seconds
    assert now < 80 or len(changed) > 1


def test_it_is_pinned_when_it_stands_and_loses_the_pin_when_it_is_given_up() -> None:
    incident = made()
    assert found(ended(replace(incident, ref=None), POST, Done(remote_id=STANDS)), PinAlert) == [
        replace(PIN, incident=incident.id)
    ]
    assert not found(ended(incident, EDIT, Done()), PinAlert)
    closed = folded(incident, board.given_up(incident, context()))
    assert closed.closed_at is not None
    (off,) = found(ended(closed, EDIT, Done()), PinAlert)
    assert (off.ref, off.off) == (STANDS, True)


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message"])
def test_whoever_deletes_it_gets_it_again_once_and_is_then_left_alone(code: str) -> None:
    first = ended(made(), EDIT, Refused(code=code, why="desk_message_gone"))
    again = folded(None, first)
    assert (again.ref, len(found(first, PostAlert))) == (None, 1)
    second = ended(replace(again, ref=STANDS), EDIT, Refused(code=code, why="desk_message_gone"))
    left = folded(None, second)
    assert second.effects == ()
    assert board.kept(DESK, OPS, left, replace(LISTED, look="b"), context(3600)).alerts == ()
    assert board.pinned_again(left, context().moment).effects == ()
    closed = folded(left, board.given_up(left, context()))
    assert ended(closed, EDIT, Refused(code=code, why="desk_message_gone")).effects == ()
    anew = folded(None, board.kept(DESK, OPS, None, LISTED, context()))
    assert board.LEFT not in anew.values


@pytest.mark.parametrize(("code", "says"), [("missing_scope", "`pins:write`"), ("too_many_pins", "too_many_pins")])
def test_without_the_right_to_pin_it_works_and_says_so_until_it_can_be_pinned(code: str, says: str) -> None:
    refused = ended(made(), PIN, Refused(code=code, why="desk_scope"))
    incident = folded(None, refused)
    assert len(found(refused, EditAlert)) == 1
    assert any(says in line.replace("\u200b", "") for line in read(incident, waiting()))
    assert ended(incident, PIN, Refused(code=code, why="desk_scope")).effects == ()
    (pin,) = found(board.pinned_again(incident, context().moment), PinAlert)
    pinned = folded(None, ended(incident, pin, Done()))
    assert not any("Not pinned" in line for line in read(pinned, waiting()))
    assert board.pinned_again(pinned, context().moment).effects == ()


def read(incident: Incident, *scenes: Scene, language: str = "en") -> list[str]:
    job = Job(
        row=1, effect=POST, attempts=0, scene=None, workspace=WORKSPACE, incident=incident, language=language,
        names={AKI: "Aki"}, listed=scenes,
    )  # fmt: skip
    text, blocks = alert(job, incident, block_id="x")
    assert [each["text"]["text"] for each in blocks] == text.split("\n")
    return text.split("\n")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_says_who_until_when_with_whom_and_leads_there_and_mentions_nobody(language: str) -> None:
    incident = made()
    head, line, last = read(incident, waiting(), language=language)
    assert "Closing soon" in head if language == "en" else "まもなく期限" in head
    assert all(part in line for part in ("*Yuki*", "Shop Hanako", "Aki", "archives/C5/p"))
    assert "<@" not in line
    assert "/bridge accounts" in last
    assert len(read(replace(incident, values={**incident.values, "whole": 20}), waiting(), language=language)) == 4
    empty = read(replace(incident, values={**incident.values, "whole": 0}), language=language)
    assert "nobody is waiting" in empty[0] if language == "en" else "お客様はいません" in empty[0]
    closed = replace(incident, closed_at=NOON)
    (over,) = read(closed, waiting(), language=language)
    assert "not kept any more" in over if language == "en" else "終了しました" in over
