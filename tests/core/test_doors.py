"""What agents do with a conversation, by whichever door they come: a message to the bridge, a button, a window."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import ClearSign, SetSign
from bridge.model.facts import Act, Submitted
from bridge.model.ids import AccountId, MessageId, PersonRef, PlaceRef, RemoteId
from bridge.model.state import Author, Block, Conversation, Message, ReplyState, Work
from bridge.rules.acts import door
from tests.core.automatically import shop
from tests.core.factories import (
    AKI,
    CUSTOMER,
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    ROOT,
    SHOP,
    THREAD,
    account,
    at,
    conversation,
    press,
    scene,
    wrote,
)

LATER = at(2 * HOUR)
KEN = PersonRef("U-ken")
ELSEWHERE = replace(account(channel=PlaceRef("C-else")), id=AccountId(6), name="Café Ken")
WORDS = {
    Act.TAKE: "take", Act.RELEASE: "release", Act.ASSIGN: "assign", Act.CLOSE: "完了", Act.REOPEN: "reopen",
    Act.SNOOZE: "snooze 1d", Act.BLOCK: "block", Act.SPAM: "spam", Act.UNBLOCK: "unblock", Act.FORWARD: "forward",
    Act.UNFORWARD: "forward back", Act.NO_ANSWER: "返信不要", Act.EXPORT: "export", Act.TICKET: "起票",
}  # fmt: skip
ALONE = frozenset({Act.ASSIGN, Act.FORWARD})
"""Acts that a button alone does not tell enough of."""


def before(act: Act) -> Scene:
    """A conversation in which the act changes something, and says as much as it can."""
    talk: Conversation = replace(
        conversation(), thread=THREAD, answered_at=NOON + MINUTE, owner=KEN if act is Act.RELEASE else None
    )
    if act in (Act.REOPEN, Act.UNBLOCK):
        talk = replace(talk, work=Work.CLOSED, waiting_since=None)
    late = Message(
        id=MessageId(41), conversation=talk.id, author=Author.CUSTOMER, at=NOON + HOUR, text="Still there?",
        remote_id=RemoteId("mid.c9"), withheld=True,
    )  # fmt: skip
    blocked = replace(CUSTOMER, blocked=Block.BLOCKED, blocked_by=AKI, blocked_at=NOON, blocked_count=1)
    place = scene(
        account=shop(auto_csat=True, seen=True, ticket_sink="mailto:help@example.com"),
        conversation=talk,
        customer=blocked if act is Act.UNBLOCK else CUSTOMER,
    )
    forwarded = ELSEWHERE if act is Act.UNFORWARD else None
    withheld = (late,) if act is Act.UNBLOCK else ()
    return replace(place, others=(place.account, ELSEWHERE), withheld=withheld, forwarded=forwarded)


def made(decision: Decision) -> tuple[Any, ...]:
    """What a decision makes true and does, but for the words by which it was asked for, and their signs."""
    asked = {each.id for each in decision.messages if each.author is Author.AGENT and each.state is ReplyState.NOTE}
    messages = [each for each in decision.messages if each.id not in asked]
    effects = [each for each in decision.effects if not isinstance(each.effect, SetSign | ClearSign)]
    kinds = Counter((type(each.effect).__name__, each.lane.partition("ticket:")[0]) for each in effects)
    said = [(each.author, each.kind, each.text, each.state, each.at) for each in messages]
    talk = decision.conversation
    if talk is not None:  # ids are new each time
        here = talk.thread and replace(talk.thread, id=THREAD.id)
        talk = replace(talk, thread=here, spoken=replace(talk.spoken, asked=None), ticket=None)
    threads = [replace(each, id=THREAD.id) for each in decision.threads]
    noted = [replace(each, after={}) if "ticket" in each.after else each for each in decision.noted]
    return talk, decision.customer, said, kinds, noted, threads, decision.ignored


@pytest.mark.parametrize("act", sorted(door.ACTS))
def test_a_word_a_button_and_a_window_do_the_same(act: Act) -> None:
    """ZI-34, CT-16: nothing is lost by the way somebody asks for it, and nothing is added."""
    place, when = before(act), NOON + 2 * HOUR
    named: dict[str, Any] = {"named": (KEN,) if act is Act.ASSIGN else (), "places": ()}
    if act is Act.FORWARD:
        named["places"] = ("C-else",)
    until = int((when + DAY).timestamp())
    filled: dict[Act, dict[str, Any]] = {
        Act.ASSIGN: {"whom": KEN}, Act.FORWARD: {"place": "C-else"}, Act.SNOOZE: {"until": until}
    }  # fmt: skip
    values = filled.get(act, {})
    word = replace(wrote(f"@Threadbridge {WORDS[act]}"), mentions_bridge=True, command=WORDS[act], at=when, **named)
    window = Submitted(workspace=DESK, act=act, person=AKI, place=SHOP, root=ROOT, values=values, at=when)
    by_word, by_window = (made(threads.decide(place, each, LATER)) for each in (word, window))
    assert by_word == by_window
    assert by_word[-1] is None
    if act not in ALONE:
        pressed = replace(press(act, handle=None), ref=ROOT, at=when)
        assert made(threads.decide(place, pressed, LATER)) == by_word
    assert (len(by_word[2]) == 1) is (act in (Act.CLOSE, Act.UNBLOCK))
