"""Who looks after a conversation, and what they hear of it."""

from __future__ import annotations

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.effects import LearnPerson, PostLine, TellPerson
from bridge.model.facts import Act, AgentWrote, Submitted
from bridge.model.ids import PersonRef
from bridge.model.state import Said, Work
from bridge.rules.acts import door, work
from bridge.rules.acts.words import Wanted
from tests.core.factories import (
    AKI,
    BOT,
    DESK,
    GONE,
    GUEST,
    HOUR,
    NOBODY,
    NOON,
    ROOT,
    SHOP,
    STRANGER,
    account,
    at,
    conversation,
    found,
    sayable,
    scene,
    told,
    wrote,
)

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


def assigned(whom: PersonRef) -> tuple[Submitted, AgentWrote]:
    """The window, and the words in the thread, by which Aki asks somebody."""
    window = Submitted(
        workspace=DESK, at=NOON + HOUR, act=Act.ASSIGN, person=AKI, place=SHOP, root=ROOT, values={"whom": whom}
    )
    word = replace(wrote("@Threadbridge assign @x"), mentions_bridge=True, command="assign", named=(whom,))
    return window, word


@pytest.mark.parametrize("whom", [GUEST, STRANGER, BOT, GONE, NOBODY])
def test_only_who_may_answer_is_asked_to_look_after_it(whom: PersonRef) -> None:
    """ZI-29, F11: by the window and by the word; whoever asks hears it, and the other hears nothing, not even a name."""
    for fact in assigned(whom):
        first = threads.decide(scene(), fact, LATER)
        if whom == NOBODY:
            assert first.wait is not None
            assert [each.person for each in found(first, LearnPerson)] == [NOBODY]
        decision = threads.decide(scene(), fact, LATER, waited=True)
        assert decision.conversation is None
        assert (told(decision), [each.person for each in found(decision, TellPerson)]) == (
            ["work.may_not_answer"],
            [AKI],
        )


def test_where_agents_are_named_only_they_are_asked() -> None:
    """Whoever they are; and not one who is a full member, as Aki's colleagues are."""
    named = scene(account=account(agents=(AKI, GUEST)))
    decision, said = door.done(named, Wanted(act=Act.ASSIGN, whom=GUEST), AKI, LATER)
    assert decision.conversation is not None
    assert (decision.conversation.owner, said.key) == (GUEST, "thread.work_assigned")
    others = replace(scene(account=account(agents=(GUEST,))))
    decision, said = door.done(others, Wanted(act=Act.ASSIGN, whom=AKI), GUEST, LATER)
    assert (decision.conversation, said.key) == (None, "work.may_not_answer")
