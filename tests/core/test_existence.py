"""Whether a customer's message still exists: what may be asked, what is asked, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go
from bridge.model.effects import LookForMessage, TellPerson
from bridge.model.facts import Act
from bridge.model.ids import MessageId, PostRef, RemoteId, stand_in
from bridge.model.outcomes import Existence, Later, Outcome, Refused, Scope
from bridge.model.state import Author, Message, Post
from tests.core.factories import AKI, HOUR, NOON, at, conversation, found, press, scene, told

POST = PostRef("C1:7.1")
THEIRS = Message(
    id=MessageId(70), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="hello", remote_id=RemoteId("m_1"),
)  # fmt: skip


def asked(message: Message | None, *posts: Post) -> Decision:
    """Aki uses the shortcut on the post of a message."""
    fact = replace(press(Act.CHECK_EXISTS, AKI, handle=None), ref=POST)
    return threads.decide(replace(scene(message), posts=posts), fact, at())


def ended(outcome: Outcome, *, listed: bool = False) -> Decision:
    """What follows once the network was asked."""
    (effect,) = found(asked(THEIRS), LookForMessage)
    return threads.ended(
        scene(THEIRS),
        replace(effect, listed=listed),
        outcome,
        at(),
        row=1,
        target="network:5:reads",
        position=1,
    )


def test_each_message_of_a_joined_post_is_looked_for() -> None:
    """F10"""
    joined = Post(ref=POST, messages=(MessageId(69), THEIRS.id))
    looks = found(asked(THEIRS, joined), LookForMessage)
    assert [look.message for look in looks] == [THEIRS.id, MessageId(69)]
    assert {(look.person, look.about) for look in looks} == {(AKI, POST)}


@pytest.mark.parametrize(
    "changes",
    [
        {"author": Author.ELSEWHERE},
        {"author": Author.AGENT},
        {"kind": "reaction"},
        {"kind": "postback"},
        {"kind": "postback_start"},
        {"remote_id": None},
        {"remote_id": stand_in("a key")},
        {"unsent_at": NOON},
    ],
)
def test_what_is_no_message_of_a_customers_is_not_looked_for(changes: dict[str, Any]) -> None:
    """F10: above all nothing is erased because the network's record of messages does not hold it."""
    message = replace(THEIRS, **changes)
    decision = asked(message)
    assert found(decision, LookForMessage) == []
    assert told(decision) == ["exists.not_theirs"]
    (look,) = found(asked(THEIRS), LookForMessage)
    assert isinstance(threads.due(scene(message), look, at()), Drop)
    assert isinstance(threads.due(scene(THEIRS), look, at()), Go)


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (Existence(there=True), "exists.there"),
        (Existence(there=False), "exists.gone"),
        (Existence(there=None), "exists.unknown"),
        (Refused(code="10", why="permission"), "exists.not_asked"),
        (Later(after=HOUR, why="meta 2", scope=Scope.ROW), "exists.not_asked"),
    ],
)
def test_who_asked_is_told_how_it_ended(outcome: Outcome, says: str) -> None:
    """F10"""
    decision = ended(outcome)
    (line,) = found(decision, TellPerson)
    assert (line.said.key, line.person, line.about, line.question) == (says, AKI, POST, False)


@pytest.mark.parametrize("why", ["history_gone", "not_found"])
def test_what_is_not_found_by_itself_is_looked_for_in_the_list_once(why: str) -> None:
    """F10: Meta refuses alike what is gone and what is old."""
    (again,) = found(ended(Refused(code="9000001", why=why)), LookForMessage)
    assert again.listed
    (line,) = found(ended(Refused(code="9000001", why=why), listed=True), TellPerson)
    assert line.said.key == "exists.not_asked"
