"""Agents' reactions: which of those that stand on the desk the network shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go
from bridge.model.desk import AgentReacted
from bridge.model.effects import TellPerson
from bridge.model.gestures import ReactToCustomer
from bridge.model.ids import MessageId, PersonRef, PostRef, RemoteId
from bridge.model.outcomes import Refused
from bridge.model.state import Author, Known, Message
from bridge.rules.answers import reacting
from tests.core.automatically import shop
from tests.core.factories import (
    AKI,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    PEOPLE,
    SHOP,
    THREAD,
    WORKSPACE,
    at,
    conversation,
    found,
    scene,
)

KEN = PersonRef("U-ken")
HEART, THUMB = ("heart", "❤️"), ("+1", "👍")
KNOWN = Known(people={**PEOPLE, KEN: replace(PEOPLE[AKI], ref=KEN, name="Ken")})
PLACE = replace(
    scene(account=shop(reactions_out=("all",)), conversation=replace(conversation(), thread=THREAD)), known=KNOWN
)
ASKED = Message(
    id=MessageId(20),
    conversation=conversation().id,
    author=Author.CUSTOMER,
    at=NOON,
    text="Is it there?",
    remote_id=RemoteId("mid.c1"),
)


def reacts(
    message: Message, person: PersonRef, what: tuple[str, str], *, minute: int, removed: bool = False
) -> tuple[Message, list[str | None]]:
    """Somebody puts a reaction, or takes theirs away; the message afterwards, and what the network is told."""
    fact = AgentReacted(
        workspace=DESK, at=NOON + minute * MINUTE, place=SHOP, ref=PostRef("C-shop:9"), person=person, name=what[0],
        emoji=what[1], removed=removed,
    )  # fmt: skip
    decision = threads.decide(replace(PLACE, message=message), fact, at(HOUR))
    after = decision.messages[0] if decision.messages else message
    return after, [each.emoji for each in found(decision, ReactToCustomer)]


def test_the_last_one_that_still_stands_is_shown() -> None:
    """Two put the same; one takes theirs away: the other's stands, for the customer too."""
    message, told = reacts(ASKED, AKI, HEART, minute=1)
    assert told == ["❤️"]
    message, told = reacts(message, KEN, HEART, minute=2)
    assert told == []
    message, told = reacts(message, AKI, HEART, minute=3, removed=True)
    assert (told, message.reacted) == ([], "❤️")
    message, told = reacts(message, AKI, THUMB, minute=4)
    assert told == ["👍"]
    message, told = reacts(message, AKI, THUMB, minute=5, removed=True)
    assert told == ["❤️"]
    message, told = reacts(message, KEN, HEART, minute=6, removed=True)
    assert (told, message.reacted, message.reactions) == ([None], None, ())
    assert reacts(message, KEN, HEART, minute=6, removed=True) == (message, [])


def test_the_newest_counts_however_late_an_older_one_is_heard() -> None:
    message, _ = reacts(ASKED, KEN, THUMB, minute=5)
    message, told = reacts(message, AKI, HEART, minute=2)
    assert (told, message.reacted) == ([], "👍")
    message, told = reacts(message, KEN, THUMB, minute=6, removed=True)
    assert told == ["❤️"]


def test_one_from_before_who_put_what_was_kept_can_be_taken_away() -> None:
    message, told = reacts(replace(ASKED, reacted="❤️"), AKI, HEART, minute=1, removed=True)
    assert (told, message.reacted) == ([None], None)


@pytest.mark.parametrize("stands", [True, False])
def test_what_the_network_refuses_gives_way_to_what_stands_besides(stands: bool) -> None:
    """M-24: whoever put it hears that; only what is to be shown goes."""
    message, _ = reacts(ASKED, AKI, HEART, minute=1) if stands else (ASKED, [])
    message, _ = reacts(message, KEN, THUMB, minute=2)
    place = replace(PLACE, message=message)
    effect = ReactToCustomer(
        workspace=WORKSPACE.id, conversation=ASKED.conversation, account=PLACE.account.id, message=ASKED.id, person=KEN,
        emoji="👍",
    )  # fmt: skip
    assert isinstance(reacting.due(place, effect), Go)
    decision: Decision = reacting.ended(place, effect, Refused(code="1", why="other"), at(timedelta(minutes=3)))
    assert [each.said.key for each in found(decision, TellPerson)] == ["reaction.refused"]
    assert [each.emoji for each in found(decision, ReactToCustomer)] == (["❤️"] if stands else [])
    assert isinstance(reacting.due(replace(place, message=decision.messages[0]), effect), Drop)
