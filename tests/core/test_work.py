"""Who looks after a conversation, and what they hear of it."""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.effects import PostLine, TellPerson
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Said, Work
from bridge.rules.acts import door, work
from bridge.rules.acts.words import Wanted
from tests.core.factories import AKI, HOUR, NOON, at, conversation, found, sayable, scene

LATER = at(2 * HOUR)
KEN = PersonRef("U-ken")


def test_whoever_names_themselves_takes_it() -> None:
    """The line is the one of *Take*, with every name it needs; twice, they read that it is theirs."""
    decision, said = door.done(scene(), Wanted(act=Act.ASSIGN, whom=AKI), AKI, LATER)
    assert decision == door.done(scene(), Wanted(act=Act.TAKE), AKI, LATER)[0]
    (line,) = found(decision, PostLine)
    sayable(line.said)
    assert line.said == Said(key="thread.work_taken", values={"agent": AKI})
    assert decision.conversation is not None
    again, said = door.done(scene(conversation=decision.conversation), Wanted(act=Act.ASSIGN, whom=AKI), AKI, LATER)
    assert (again.ignored, said.key) == ("theirs already", "work.yours_already")


def test_who_looks_after_it_hears_who_put_it_off() -> None:
    """Themselves, or the colleague by name."""
    off = replace(conversation(), work=Work.SNOOZED, snoozed_until=NOON, worked_by=AKI)
    for owner, whom, said in (
        (None, AKI, Said(key="work.woken")),
        (AKI, AKI, Said(key="work.woken")),
        (KEN, KEN, Said(key="work.woken_by", values={"agent": AKI})),
    ):
        decision = work.woken(scene(conversation=replace(off, owner=owner)), LATER)
        assert decision is not None
        (told,) = found(decision, TellPerson)
        sayable(told.said)
        assert (told.person, told.said) == (whom, said)
