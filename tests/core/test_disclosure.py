"""That a machine writes: when customers are told, and what counts as told."""

from __future__ import annotations

from datetime import datetime

import pytest

from bridge import threads
from bridge.model.automatic import Spoken
from bridge.model.change import replace
from bridge.model.decision import Go, Instead
from bridge.model.effects import SendToCustomer
from bridge.model.outcomes import Refused, Unsure
from bridge.model.state import ReplyState
from tests.core.automatically import CLOSED_NOW, MACHINE, after, ended, on_its_way, patience, said, shop, wrote
from tests.core.factories import DAY, HOUR, NOON, SECOND, at, conversation, found


@pytest.mark.parametrize(
    ("spoken", "answered", "told"),
    [
        (Spoken(), None, True),
        (Spoken(disclosed_at=NOON - HOUR), None, False),
        (Spoken(disclosed_at=NOON - DAY + SECOND), None, False),
        (Spoken(disclosed_at=NOON - DAY), None, True),
        (Spoken(disclosed_at=NOON - 2 * HOUR), NOON - HOUR, True),
        (Spoken(disclosed_at=NOON - HOUR), NOON - 2 * HOUR, False),
    ],
)
def test_that_a_machine_writes_is_told_at_the_start_a_day_later_and_after_a_person(
    spoken: Spoken, answered: datetime | None, told: bool
) -> None:
    """M-20, M-21, M-23: on by default, and not otherwise."""
    of = shop(auto_away=True, **CLOSED_NOW)
    before = replace(conversation(wrote=NOON - 3 * HOUR), spoken=spoken, answered_at=answered)
    decision = wrote(of, None, before)
    (message,) = said(decision)
    assert (message.text or "").startswith(MACHINE) is told
    assert after(decision).spoken.disclosed_at == spoken.disclosed_at  # it has not gone yet
    off = said(wrote(shop(of, disclosure=False), None, before))[0]
    assert MACHINE not in (off.text or "")


@pytest.mark.parametrize("way", ["dropped", "unsure", "withdrawn", "refused"])
def test_whatever_becomes_of_the_first_the_next_one_discloses_unless_it_has_gone(way: str) -> None:
    """M-20, M-21: nothing is taken for told that did not go; nobody but its arrival says that it did."""
    place, effect = on_its_way()
    talk = place.conversation
    match way:
        case "unsure":
            talk = ended(place, effect, Unsure(why="timeout")).conversation or talk
        case "refused":
            talk = after(ended(place, effect, Refused(code="1", why="other")))
        case "withdrawn":
            due = threads.due(replace(place, answering=True), effect, at(SECOND))
            assert isinstance(due, Instead)
            talk = after(due.decision)
        case _:
            pass  # no longer to be sent: nothing is decided
    asked = patience(shop(auto_unanswered=120), talk, 2 * HOUR)
    assert (said(asked)[0].text or "").startswith(MACHINE)


@pytest.mark.parametrize(
    ("spoken", "again"),
    [
        (Spoken(disclosed_at=NOON - HOUR), False),
        (Spoken(disclosed_at=NOON - 3 * HOUR), True),  # a person has answered since
        (Spoken(), True),  # what was to disclose it never went
        (Spoken(disclosed_at=NOON - DAY), True),
    ],
)
def test_whether_it_must_disclose_is_judged_again_when_it_goes(spoken: Spoken, again: bool) -> None:
    """M-20, M-21: then it goes in words that agents see, too; one round, and with the account's switch off none."""
    place, effect = on_its_way()
    assert place.message is not None
    message = replace(place.message, text="Thank you!")
    talk = replace(place.conversation, spoken=spoken, answered_at=NOON - 2 * HOUR)
    place = replace(place, message=message, conversation=talk)
    off = replace(place, account=shop(auto_first=True, disclosure=False))
    assert isinstance(threads.due(off, effect, at(SECOND)), Go)
    due = threads.due(place, effect, at(SECOND))
    assert isinstance(due, Instead if again else Go)
    if isinstance(due, Instead):
        (told,) = due.decision.messages
        assert (told.state, told.text) == (
            ReplyState.WAITING,
            f"{MACHINE}: it was not written by a person.\n\nThank you!",
        )
        (anew,) = found(due.decision, SendToCustomer)
        go = threads.due(replace(place, message=told), anew, at(2 * SECOND))
        assert isinstance(go, Go)
        assert go.text == told.text
