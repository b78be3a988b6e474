"""Trouble is folded into incidents: told once, edited while it moves, closed when it is over."""

import pytest

from bridge import alerts, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go
from bridge.model.effects import EditAlert, PostAlert
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import AccountId, PlaceRef, PostRef
from bridge.model.state import Incident
from tests.core.factories import DESK, HOUR, NOON, OPS, at, found

DUE = AlertDue(
    workspace=DESK,
    at=NOON,
    key="reauth:5",
    kind="reauth",
    place=OPS,
    account=AccountId(5),
    values={"cause": "password_changed"},
)
OVER = AlertOver(workspace=DESK, at=NOON + HOUR, key="reauth:5", values={"sent": 4})


def opened() -> Decision:
    """The first word of it."""
    return alerts.decide([], DUE, at())


def incident(decision: Decision) -> Incident:
    """The one that a decision is about."""
    (only,) = decision.incidents
    return only


def test_the_first_word_opens_an_incident_and_announces_it() -> None:
    """CT-33, ZM-09: one root message in the alerts channel."""
    decision = opened()
    (post,) = found(decision, PostAlert)
    assert (post.incident, post.place) == (incident(decision).id, OPS)
    assert (incident(decision).key, incident(decision).opened_at, incident(decision).closed_at) == (
        "reauth:5",
        NOON,
        None,
    )


def test_the_same_trouble_again_is_told_already() -> None:
    """A hundred refused answers are one message."""
    assert alerts.decide([incident(opened())], replace(DUE, at=NOON + HOUR), at()) == Decision(ignored="told already")


def test_what_is_new_about_it_is_edited_in() -> None:
    """The cause has become clearer: the same message says so."""
    decision = alerts.decide([incident(opened())], replace(DUE, values={"cause": "role_lost"}), at())
    assert incident(decision).values == {"cause": "role_lost"}
    assert len(found(decision, EditAlert)) == 1
    assert not found(decision, PostAlert)


def test_its_end_is_edited_in_and_closes_it() -> None:
    """CT-35: edited when mended."""
    decision = alerts.decide([incident(opened())], OVER, at())
    assert incident(decision).closed_at == NOON + HOUR
    assert incident(decision).values == {"cause": "password_changed", "sent": 4}
    assert len(found(decision, EditAlert)) == 1


def test_an_end_without_a_beginning_is_nothing() -> None:
    """The channel is usable again, and nobody had said that it was not."""
    assert alerts.decide([], OVER, at()) == Decision(ignored="no such incident")


def test_after_its_end_the_same_trouble_is_a_new_incident() -> None:
    """The open one is looked for by key: a closed one is not found."""
    first, second = incident(opened()), incident(alerts.decide([], DUE, replace(at(), new_id=lambda: 2000)))
    assert first.key == second.key
    assert first.id != second.id


def test_beginning_and_end_keep_their_order_in_the_channel() -> None:
    """One lane per channel, by the events' own times."""
    first, last = opened().effects[0], alerts.decide([incident(opened())], OVER, at()).effects[0]
    assert first.lane == last.lane == f"ops:C-ops:{incident(opened()).id}"
    assert first.position < last.position


@pytest.mark.parametrize(("closed", "goes"), [(False, True), (True, False)])
def test_what_was_over_before_it_was_told_is_not_told(closed: bool, goes: bool) -> None:
    """Nothing is announced that nobody can act on."""
    decision = opened()
    found_open = replace(incident(decision), closed_at=NOON + HOUR if closed else None)
    assert isinstance(threads.due(None, found(decision, PostAlert)[0], at(), found_open), Go if goes else Drop)


@pytest.mark.parametrize(("ref", "goes"), [(PostRef("C-ops:1"), True), (None, False)])
def test_only_what_was_told_is_edited(ref: PostRef | None, goes: bool) -> None:
    """An incident that was over before it was told has no message."""
    edit = found(alerts.decide([incident(opened())], OVER, at()), EditAlert)[0]
    assert isinstance(threads.due(None, edit, at(), replace(incident(opened()), ref=ref)), Go if goes else Drop)
    assert isinstance(threads.due(None, edit, at(), None), Drop)


def test_what_was_not_told_yet_moves_to_a_place_that_can_be_posted_into() -> None:
    """A broken alerts channel hides no trouble; what waits for it is told once."""
    untold = incident(opened())
    elsewhere = PlaceRef("C-elsewhere")
    moved = alerts.decide([untold], replace(DUE, place=elsewhere), at())
    (post,) = found(moved, PostAlert)
    assert (post.incident, post.place, incident(moved).place) == (untold.id, elsewhere, elsewhere)
    late = PostAlert(workspace=DESK, incident=untold.id, place=OPS)
    assert threads.due(None, late, at(), incident(moved)) == Drop(why="told elsewhere")
    assert threads.due(None, post, at(), incident(moved)) == Go()
    told = replace(incident(moved), ref=PostRef("C-elsewhere:1"))
    assert threads.due(None, post, at(), told) == Drop(why="told elsewhere")
    assert alerts.decide([told], DUE, at()) == Decision(ignored="told already")
