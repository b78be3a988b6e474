"""Ruled once more as it goes: what changed until that moment is honoured."""

from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Drop, Go, Instead, NotYet, Tag
from bridge.model.effects import (
    ClearSign,
    PostLine,
    RedrawCard,
    SetSign,
    TellPerson,
)
from bridge.model.ids import ConversationId, MessageId
from bridge.model.state import Health, Message, PartState, ReplyState, Said, Sign, Thread, Wish
from bridge.model.upkeep import ProbeAccount
from bridge.rules.answers import elsewhere
from tests.core.factories import (
    DESK,
    HOUR,
    OPS,
    SECOND,
    THREAD,
    account,
    answer,
    at,
    conversation,
    found,
    put,
    reply,
    scene,
    told,
    wrote,
)
from tests.core.sends import send

READY, SENT, UNSURE = PartState.READY, PartState.SENT, PartState.UNSURE
TWO_OF_THREE = (SENT, SENT, READY)


def test_what_is_due_goes_with_the_words_of_its_part() -> None:
    """The effect names the reply; its words are read as it goes."""
    long = answer("あ" * 700, parts=(SENT, READY, READY))
    assert threads.due(scene(long), send(2), at()) == Go(text="あ" * 333)


@pytest.mark.parametrize(
    ("waited", "human_agent", "tag"),
    [(24 * HOUR - SECOND, True, None), (24 * HOUR, True, Tag.HUMAN_AGENT), (30 * HOUR, True, Tag.HUMAN_AGENT)],
)
def test_the_tag_is_decided_as_it_goes(waited: Any, human_agent: bool, tag: Tag | None) -> None:
    """I-14, F3: from the standard close on, and not a second sooner."""
    ruled = threads.due(scene(answer(), account=account(human_agent=human_agent)), send(), at(waited))
    assert ruled == Go(text="Yes, we have it.", tag=tag)


@pytest.mark.parametrize(
    "message",
    [answer(state=state) for state in ReplyState if state is not ReplyState.WAITING]
    + [None, answer(parts=(SENT,)), answer(parts=(UNSURE,)), replace(answer(), parts=())],
)
def test_what_ended_otherwise_is_dropped(message: Message | None) -> None:
    """Deleted, edited, kept inside, settled or asked about until that moment: honoured."""
    assert isinstance(threads.due(scene(message), send(), at()), Drop)


@pytest.mark.parametrize(
    ("shop", "waited", "key"),
    [
        (account(), 24 * HOUR, "reply.window_closed"),
        (account(wish=Wish.PAUSED), HOUR, "reply.account_paused"),
        (account(wish=Wish.REMOVED), HOUR, "reply.account_removed"),
    ],
)
def test_what_may_no_longer_go_is_refused_at_the_last_moment(shop: Any, waited: Any, key: str) -> None:
    """ZI-22, ZI-31: policy twice; its author is told, the card says so too."""
    ruling = threads.due(scene(answer(), account=shop), send(), at(waited))
    assert isinstance(ruling, Instead)
    assert (told(ruling.decision), put(ruling.decision)) == ([key], [Sign.REFUSED])
    assert ruling.decision.withdrawn == (MessageId(21),)
    assert len(found(ruling.decision, RedrawCard)) == 1


@pytest.mark.parametrize(
    ("health", "target", "asks"),
    [
        (Health.READY, None, False),
        (Health.NEEDS_REAUTHENTICATION, "network:5", True),
        (Health.RESTRICTED, "network:5:sends", False),
    ],
)
def test_what_was_to_try_a_held_account_and_comes_back_leaves_the_try_to_the_next(
    health: Health, target: str | None, asks: bool
) -> None:
    """CT-35: a window that closed meanwhile proves nothing of the account, and what it held may have been all."""
    shop = replace(account(), health=health, cause=None if health is Health.READY else "checkpoint")
    ruling = threads.due(scene(answer(), account=shop), send(), at(24 * HOUR))
    assert isinstance(ruling, Instead)
    assert told(ruling.decision) == ["reply.window_closed"]
    assert (target in ruling.decision.tried) is (target is not None)
    assert bool(found(ruling.decision, ProbeAccount)) is asks


def test_a_window_that_closes_between_two_parts_says_how_far_it_came() -> None:
    """Promise 5: *not sent* would be untrue of what has gone."""
    ruling = threads.due(scene(answer("あ" * 700, parts=TWO_OF_THREE)), send(3), at(24 * HOUR))
    assert isinstance(ruling, Instead)
    (line,) = found(ruling.decision, TellPerson)
    assert line.said == Said(key="reply.refused_part", values={"part": 3, "parts": 3, "why_key": "error.window"})
    assert told(ruling.decision) == ["reply.refused_part"]


def test_an_answer_whose_words_were_erased_ends_with_a_reason() -> None:
    """Retention: held for longer than words are kept, it must not stop the loop that sends."""
    ruling = threads.due(scene(answer(None)), send(), at())
    assert isinstance(ruling, Instead)
    assert told(ruling.decision) == ["reply.empty"]


@pytest.mark.parametrize(("sign", "stands", "goes"), [(Sign.SENT, Sign.SENT, True), (Sign.WAITING, Sign.SENT, False)])
def test_only_the_sign_that_is_still_true_is_put_up(sign: Sign, stands: Sign, goes: bool) -> None:
    """An hourglass that comes after the check mark would be a lie."""
    effect = SetSign(workspace=DESK, conversation=ConversationId(11), message=MessageId(21), sign=sign)
    clearing = ClearSign(workspace=DESK, conversation=ConversationId(11), message=MessageId(21), sign=sign)
    message = answer(sign=stands)
    assert isinstance(threads.due(scene(message), effect, at()), Go if goes else Drop)
    assert isinstance(threads.due(scene(message), clearing, at()), Drop if goes else Go)


def test_a_question_that_was_answered_is_not_asked() -> None:
    """A direct message that waited must not ask what is decided."""
    asking = threads.decide(scene(), replace(wrote(), mentions=True), at())
    (question,) = found(asking, TellPerson)
    assert isinstance(threads.due(scene(reply(asking)), question, at()), Go)
    assert isinstance(threads.due(scene(answer()), question, at()), Drop)


@pytest.mark.parametrize(
    "thread", [None, replace(THREAD, ref=None), replace(THREAD, place=OPS), replace(THREAD, gone=True)]
)
def test_what_is_said_in_a_lane_of_its_own_makes_no_thread(thread: Thread | None) -> None:
    """M-11: it stands behind no root, and would put up one after another while the first is on its way."""
    place = scene(conversation=conversation(thread=thread))
    told = PostLine(workspace=DESK, conversation=place.conversation.id, said=elsewhere.FOLDERS)
    assert isinstance(threads.due(place, told, at()), NotYet)
    other = replace(told, said=Said(key="thread.cut"))
    assert isinstance(threads.due(place, other, at()), Instead)
    assert isinstance(threads.due(scene(), told, at()), Go)
