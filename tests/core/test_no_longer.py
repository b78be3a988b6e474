"""Answers that waited, of somebody who may not answer any more when their turn comes."""

import pytest

from bridge import roles, threads
from bridge.model.change import replace
from bridge.model.decision import Drop, Due, Go, Instead, Scene
from bridge.model.effects import SendToCustomer
from bridge.model.facts import Act
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.state import Known, Message, PartState, ReplyState, Sign
from tests.core.factories import (
    AKI,
    GONE,
    GUEST,
    HOUR,
    STRANGER,
    account,
    answer,
    at,
    echo,
    found,
    on_the_wire,
    press,
    put,
    scene,
    told,
)
from tests.core.sends import send

KEN, HELPERS = PersonRef("U0KEN"), GroupRef("S0HELPERS")


def place(message: Message, known: Known | None = None, **named: tuple[str, ...]) -> Scene:
    """A scene whose account names these as its agents."""
    shop = replace(account(), settings=replace(account().settings, **named))  # type: ignore[arg-type]
    stands = scene(message, account=shop)
    return stands if known is None else replace(stands, known=known)


def due(at_claim: Scene, effect: SendToCustomer | None = None) -> Due:
    """How the first part is ruled when its turn has come."""
    return threads.due(at_claim, effect or send(), at())


@pytest.mark.parametrize(
    ("author", "named", "reason"),
    [
        (AKI, {"agents": (KEN,)}, "reply.not_agent"),
        (GUEST, {}, "reply.guest"),
        (GONE, {}, "reply.no_member"),
        (GONE, {"agents": (GONE,), "agent_groups": (HELPERS,)}, "reply.no_member"),
        (STRANGER, {}, "reply.other_company"),
        (AKI, {}, None),
        (AKI, {"agents": (AKI,)}, None),
        (GUEST, {"agents": (GUEST,)}, None),
        (STRANGER, {"agents": (STRANGER,)}, None),
        (PersonRef("U0NEVERSEEN"), {"agents": (KEN,)}, None),
        (AKI, {"agents": (KEN,), "agent_groups": (HELPERS,)}, None),
    ],
)
def test_who_may_not_answer_any_more_is_refused_when_it_is_due_and_nobody_who_is_not_known(
    author: PersonRef, named: dict[str, tuple[str, ...]], reason: str | None
) -> None:
    """ZM-17: refused with the reason in words; what was never learnt, of people or of groups, refuses nobody."""
    ruled = due(place(replace(answer(), person=author), None, **named))
    if reason is None:
        assert isinstance(ruled, Go)
        return
    assert isinstance(ruled, Instead)
    assert ruled.decision.messages[0].state is ReplyState.REFUSED
    assert put(ruled.decision) == [Sign.REFUSED]
    assert told(ruled.decision) == [reason]
    assert ruled.decision.withdrawn == (answer().id,)
    assert not found(ruled.decision, SendToCustomer)


def test_a_group_that_was_learnt_counts_for_its_members_alone() -> None:
    """ZM-17: whoever left the group does not answer any more."""
    people = scene().known.people
    inside, outside = (Known(people=people, groups={HELPERS: each}) for each in ((AKI,), (KEN,)))
    assert isinstance(due(place(answer(), inside, agent_groups=(HELPERS,))), Go)
    assert isinstance(due(place(answer(), outside, agent_groups=(HELPERS,))), Instead)
    assert roles.no_longer(AKI, place(answer(), outside, agent_groups=(HELPERS,))) is not None


def test_what_has_gone_stays_gone_and_its_author_reads_how_far_it_came() -> None:
    """ZM-17: of an answer of several messages the rest stays here."""
    several = answer(parts=(PartState.SENT, PartState.READY))
    ruled = due(place(several, agents=(KEN,)), send(2))
    assert isinstance(ruled, Instead)
    assert told(ruled.decision) == ["reply.refused_part"]
    assert [part.state for part in ruled.decision.messages[0].parts] == [PartState.SENT, PartState.READY]
    reason = ruled.decision.messages[0].reason
    assert reason is not None
    assert reason.values["why_key"] == "error.author_barred"


def test_what_somebody_else_let_go_goes_on_their_word() -> None:
    """ZM-17: a guest's words that an agent sends are the agent's answer, and stop with the agent."""
    written = replace(answer(state=ReplyState.REFUSED), person=GUEST)
    decided = threads.decide(place(written), press(Act.RETRY, AKI), at(HOUR))
    (sent,) = found(decided, SendToCustomer)
    assert sent.by == AKI
    waiting = replace(decided.messages[0], person=GUEST)
    assert isinstance(due(place(waiting, agents=(AKI,)), sent), Go)
    assert isinstance(due(place(waiting, agents=(KEN,)), sent), Instead)
    own = threads.decide(place(replace(written, person=AKI)), press(Act.RETRY, AKI), at(HOUR))
    assert [each.by for each in found(own, SendToCustomer)] == [None]
    assert isinstance(due(place(answer(state=ReplyState.WITHDRAWN), agents=(KEN,))), Drop)


def test_the_rest_of_what_somebody_else_let_go_goes_on_their_word_too() -> None:
    """ZM-17: an echo tells that a part did arrive; what follows is still not its author's own answer."""
    waits = answer("あ" * 700, state=ReplyState.UNSURE, parts=(PartState.SENT, PartState.UNSURE, PartState.READY))
    several = replace(waits, person=GUEST)
    for by in (None, AKI):
        wire = replace(on_the_wire(several, 2, unsure=True), by=by)
        heard = threads.decide(scene(None, wire), echo("あ" * 333, marker=f"tb:{wire.row}"), at())
        assert [(each.part, each.by) for each in found(heard, SendToCustomer)] == [(3, by)]
