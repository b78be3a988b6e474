"""Forwarding: to whom, by which words, and who may answer afterwards."""

from __future__ import annotations

import pytest

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Scene
from bridge.model.effects import PostLine, PostRoot
from bridge.model.facts import Act
from bridge.model.ids import AccountId, PersonRef, PlaceRef
from bridge.model.state import Account, Wish, Work
from bridge.rules.acts import door, forwarding
from bridge.rules.acts.words import Wanted, understood
from tests.core.factories import AKI, BOT, DAY, GUEST, HOUR, OPS, SHOP, account, at, conversation, found, sayable, scene

LATER, ELSEWHERE = at(2 * HOUR), PlaceRef("C-else")


def other(name: str = "Café Ken", place: PlaceRef = ELSEWHERE, number: int = 6, wish: Wish = Wish.ON) -> Account:
    """Another account of the workspace."""
    mine = account(channel=place)
    return replace(mine, id=AccountId(number), name=name, wish=wish)


def place(*others: Account, forwarded: Account | None = None) -> Scene:
    """A conversation, with the workspace's accounts."""
    talk = replace(conversation(), forwarded_to=None if forwarded is None else forwarded.id)
    return replace(scene(conversation=talk), others=(account(), *others), forwarded=forwarded)


@pytest.mark.parametrize(
    ("words", "others", "key"),
    [
        ("café ken", [other()], None),
        ("ＣＡＦÉ", [other()], None),
        ("tea", [other()], "work.forward_where"),
        ("ca", [other("Cat"), other("Car", PlaceRef("C-3"), 7)], "work.forward_where"),
        ("cat", [other("Cat"), other("Cats", PlaceRef("C-3"), 7)], None),
        ("café", [other(wish=Wish.PAUSED)], "work.forward_nobody"),
        ("café", [], "work.forward_nobody"),
        ("café", [other(place=SHOP)], "work.forwarded_already"),
    ],
)
def test_an_account_is_meant_by_its_name_or_the_beginning_of_it(
    words: str, others: list[Account], key: str | None
) -> None:
    """ZI-34: nothing is forwarded where two could be meant."""
    decision, said = door.done(place(*others), Wanted(act=Act.FORWARD, words=words), AKI, LATER)
    assert (decision.conversation is None) is (key is not None)
    if key is not None:
        sayable(said)
        assert said.key == key


def test_the_new_thread_and_the_old_one_lead_to_each_other() -> None:
    """ZI-34: one line in each; the root stands in the other account's channel."""
    decision, _ = door.done(place(other()), Wanted(act=Act.FORWARD, place=ELSEWHERE), AKI, LATER)
    for line in found(decision, PostLine):
        onwards = {} if line.root is None else {"link": "where the new thread stands"}  # as the desk adds it
        sayable(replace(line.said, values={**line.said.values, **onwards}))
    assert [line.root for line in found(decision, PostLine)] == [None, scene().conversation.thread.ref]  # type: ignore[union-attr]
    assert len(found(decision, PostRoot)) == 1
    assert [thread.place for thread in decision.threads] == [ELSEWHERE]
    assert [each.action for each in decision.noted] == ["conversation.forward"]


def test_forwarding_to_its_own_channel_has_it_back() -> None:
    """However somebody says it."""
    here = place(other(), forwarded=other())
    decision, _ = door.done(here, Wanted(act=Act.FORWARD, place=SHOP), AKI, LATER)
    assert decision.conversation is not None
    assert decision.conversation.forwarded_to is None


@pytest.mark.parametrize(("work", "later"), [(Work.CLOSED, HOUR), (Work.ANSWERED, 9 * DAY)])
def test_what_is_over_comes_back_without_a_word(work: Work, later: object) -> None:
    """A channel is not filled with cards of what nobody asks for."""
    here = place(forwarded=other())
    here = replace(here, conversation=replace(here.conversation, work=work))
    decision = forwarding.come_back(here, at(later))  # type: ignore[arg-type]
    assert decision.conversation is not None
    assert (decision.conversation.forwarded_to, decision.effects) == (None, ())


@pytest.mark.parametrize(("who", "may"), [(AKI, True), (GUEST, True), (BOT, False)])
def test_agents_of_either_account_may_answer(who: PersonRef, may: bool) -> None:
    """ZI-25: each by its own account's settings."""
    settings = replace(other().settings, agents=(GUEST,))
    here = place(forwarded=replace(other(), settings=settings))
    assert isinstance(roles.may_act(who, here), Allowed) is may
    assert here.minding.settings.alerts_channel == OPS
    assert not isinstance(roles.may_act(GUEST, place()), Allowed)


@pytest.mark.parametrize(
    ("words", "places", "wanted"),
    [
        ("forward", ("C-else",), Wanted(act=Act.FORWARD, place=ELSEWHERE)),
        ("転送 Shop Hanako", (), Wanted(act=Act.FORWARD, words="shop hanako")),
        ("forward back", (), Wanted(act=Act.UNFORWARD)),
        ("転送 戻す", (), Wanted(act=Act.UNFORWARD)),
        ("unforward", (), Wanted(act=Act.UNFORWARD)),
        ("forward", (), None),
        ("forward", ("C-1", "C-2"), None),
    ],
)
def test_it_is_asked_for_in_both_languages(words: str, places: tuple[PlaceRef, ...], wanted: Wanted | None) -> None:
    """F11."""
    assert understood(words, (), places) == wanted
