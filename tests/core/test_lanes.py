"""Where each effect waits: lanes, targets, ranks and speeds."""

from typing import Any, get_args

import pytest

from bridge import lanes
from bridge.model.change import replace
from bridge.model.effects import (
    AnyEffect,
    ClearSign,
    Move,
    PostLine,
    PostMessage,
    PostRoot,
    Queued,
    RedrawCard,
    ReplaceLine,
    SendToCustomer,
    SetSign,
    TellPerson,
)
from bridge.model.ids import (
    AccountId,
    ConversationId,
    FileRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    ThreadId,
    WorkspaceId,
)
from bridge.model.outcomes import Scope
from bridge.model.pace import Pace, Rate
from bridge.model.state import Said, Sign
from bridge.model.word import fields
from bridge.slack.pace import CALLS_PER_MINUTE
from tests.core.factories import AKI, ANSWER, DESK, NOON, SHOP

CONVERSATION, MESSAGE = ConversationId(11), MessageId(21)

SAMPLES: dict[str, Any] = {
    "workspace": DESK,
    "conversation": CONVERSATION,
    "thread": ThreadId(7),
    "message": MESSAGE,
    "attachment": 1,
    "said": Said(key="reply.retry"),
    "ref": ANSWER,
    "sign": Sign.SENT,
    "person": AKI,
    "about": ANSWER,
    "root": None,
    "at": NOON,
    "handle": "line-1",
    "account": AccountId(5),
    "part": 1,
    "since": NOON,
    "row": 501,
    "place": SHOP,
    "customer": 3,
    "group": "S-support",
    "app": "222",
    "move": Move.TAKE,
    "incident": 31,
    "ticket": 41,
    "file": FileRef("F-1"),
    "emoji": "❤️",
    "on": True,
    "stage": "7d",
    "sink": "mail",
}

EFFECTS: tuple[type[Any], ...] = get_args(AnyEffect)


def made(kind: type[Any]) -> Any:
    """An effect of this kind, with whatever it must name."""
    required = [each.name for each in fields(kind) if each.name in SAMPLES]
    return kind(**{name: SAMPLES[name] for name in required})


def placed(effect: AnyEffect) -> Queued:
    """An effect with its place in the outbox."""
    return lanes.queue(effect, position=1, place=SHOP)


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_has_a_lane_and_a_target_that_leads_to_a_top(kind: type[Any]) -> None:
    """M-32: no effect without an order and a pace; a target's chain is at most three long."""
    queued = placed(made(kind))
    assert ":" in queued.lane
    chain = lanes.chain(queued.target)
    assert chain[0] == queued.target
    assert 1 <= len(chain) <= 3
    assert all(lanes.chain(link) == chain[index:] for index, link in enumerate(chain))


@pytest.mark.parametrize("kind", EFFECTS)
def test_what_belongs_to_one_workspace_or_conversation_shares_no_lane_with_another(kind: type[Any]) -> None:
    """One stuck conversation holds up nobody else's."""
    ours = placed(made(kind))
    others = {
        "workspace": "T2",
        "conversation": 12,
        "message": 22,
        "row": 502,
        "ticket": 42,
        "handle": "line-2",
        "customer": 4,
    }
    others |= {
        "place": "C-other",
        "ref": PostRef("C-other:2"),
        "about": PostRef("C-other:2"),
        "person": "U-other",
        "file": "F-2",
        "account": 6,
    }
    values = {each.name: {**SAMPLES, **others}[each.name] for each in fields(kind) if each.name in SAMPLES}
    assert lanes.queue(kind(**values), position=1, place=PlaceRef("C-other")).lane != ours.lane


@pytest.mark.parametrize(
    ("target", "chain"),
    [
        ("desk:T1:place:C1", ("desk:T1:place:C1", "desk:T1:posts", "desk:T1")),
        ("desk:T1:posts", ("desk:T1:posts", "desk:T1")),
        ("desk:T1:sign", ("desk:T1:sign", "desk:T1")),
        ("desk:T1", ("desk:T1",)),
        ("network:5:sends", ("network:5:sends", "network:5", "network")),
        ("network:5:films", ("network:5:films", "network:5", "network")),
        ("files:5", ("files:5", "network:5", "network")),
        ("network:5:reads", ("network:5:reads", "network:5", "network")),
        ("network:5", ("network:5", "network")),
        ("network", ("network",)),
        ("probe:T1", ("probe:T1",)),
    ],
)
def test_a_targets_name_says_its_chain(target: str, chain: tuple[str, ...]) -> None:
    """Channel to workspace, an account's sends to account to app."""
    assert lanes.chain(target) == chain


@pytest.mark.parametrize(
    ("target", "scope", "reached"),
    [
        ("network:5:sends", Scope.ROW, "network:5:sends"),
        ("network:5:sends", Scope.TARGET, "network:5:sends"),
        ("network:5:sends", Scope.PARENT, "network:5"),
        ("network:5:sends", Scope.TOP, "network"),
        ("desk:T1:place:C1", Scope.TARGET, "desk:T1:place:C1"),
        ("desk:T1:place:C1", Scope.PARENT, "desk:T1:posts"),
        ("desk:T1:place:C1", Scope.TOP, "desk:T1"),
        ("desk:T1:sign", Scope.PARENT, "desk:T1"),
        ("desk:T1", Scope.PARENT, "desk:T1"),
        ("probe:T1", Scope.PARENT, "probe:T1"),
        ("probe:T1", Scope.TOP, "probe:T1"),
    ],
)
def test_how_far_an_outcome_reaches(target: str, scope: Scope, reached: str) -> None:
    """A dead token holds the account and no other; an outage delays the whole side."""
    assert lanes.scoped(target, scope) == reached


def test_what_is_scarce_is_spent_in_this_order() -> None:
    """New conversation, customer's message, trouble, check mark, taking a sign away, card."""
    root = PostRoot(workspace=DESK, conversation=CONVERSATION, thread=ThreadId(7))
    shown = PostMessage(workspace=DESK, conversation=CONVERSATION, message=MESSAGE)
    line = PostLine(workspace=DESK, conversation=CONVERSATION, said=Said(key="thread.woke"))
    signs = [
        SetSign(workspace=DESK, conversation=CONVERSATION, message=MESSAGE, sign=sign)
        for sign in (Sign.REFUSED, Sign.UNSURE, Sign.WAITING, Sign.SENT, Sign.INSIDE)
    ]
    cleared = ClearSign(workspace=DESK, conversation=CONVERSATION, message=MESSAGE, sign=Sign.WAITING)
    drawn = RedrawCard(workspace=DESK, conversation=CONVERSATION)
    in_order: list[AnyEffect] = [root, shown, line, *signs, cleared, drawn]
    ranks = [placed(each).rank for each in in_order]
    assert ranks == [10, 20, 20, 30, 30, 30, 40, 40, 50, 60]


def test_a_conversations_replies_keep_their_order_whatever_part_they_are() -> None:
    """Promise 3: one lane for all sends of a conversation, in the order of the agents' own times."""
    sends = [
        SendToCustomer(
            workspace=DESK, conversation=CONVERSATION, account=AccountId(5), message=MessageId(message), part=part
        )
        for message, part in ((21, 1), (21, 2), (22, 1))
    ]
    assert {placed(each).lane for each in sends} == {lanes.sends_lane(CONVERSATION)}
    assert [placed(each).message for each in sends] == [21, 21, 22]


def test_a_stuck_send_hides_no_customer_and_a_slow_card_delays_no_notice() -> None:
    """Promise 4: sends, posts, signs, cards and private lines wait in lanes of their own."""
    kinds = (SendToCustomer, PostMessage, SetSign, RedrawCard, TellPerson, ReplaceLine)
    assert len({placed(made(kind)).lane for kind in kinds}) == len(kinds)


def test_two_lines_to_one_person_about_one_message_come_in_order() -> None:
    """First *not sent*, then *sent after all*; about another message they need not wait."""
    first, other = made(TellPerson), made(TellPerson)
    other = replace(other, about=PostRef("C-shop:9"))
    assert placed(first).lane == placed(made(TellPerson)).lane != placed(other).lane


@pytest.mark.parametrize(
    ("target", "rate"),
    [
        ("desk:T1:place:C1", Rate(per_second=1, burst=1)),
        ("desk:T1:posts", Rate(per_second=5, burst=10)),
        ("desk:T1:sign", Rate(per_second=50 / 60, burst=50 / 3)),
        ("desk:T1:unsign", Rate(per_second=20 / 60, burst=20 / 3)),
        ("desk:T1:private", Rate(per_second=100 / 60, burst=100 / 3)),
        ("network:5:sends", Rate(per_second=250, burst=250)),
        ("network:5:films", Rate(per_second=8, burst=2)),
        ("files:5", None),
        ("network:5:reads", Rate(per_second=1.8, burst=1)),
        ("desk:T1", None),
        ("network:5", None),
        ("network", None),
        ("probe:T1", None),
    ],
)
def test_the_pace_stays_below_what_the_other_sides_allow(target: str, rate: Rate | None) -> None:
    """F8: one post a second into a channel, tiers a workspace, 300 calls a second an account, 2 reads."""
    assert Pace(calls_per_minute=CALLS_PER_MINUTE).of(target) == rate


def test_the_pace_of_posts_can_be_lifted() -> None:
    """`BRIDGE_SLACK_POSTS_PER_SECOND=0`: none of our own; reading the network stays slow, which is its rule."""
    lifted = Pace(posts_per_second=None, posts_per_minute=None)
    assert [lifted.of(target) for target in ("desk:T1:place:C1", "desk:T1:posts", "desk:T1:sign")] == [None] * 3
    assert lifted.of("network:5:reads") == Rate(per_second=1.8, burst=1)


def test_what_posts_must_say_where() -> None:
    """A post without a place would have no pace; that is a bug, told at once."""
    with pytest.raises(ValueError, match="needs its place"):
        lanes.queue(made(PostRoot), position=0)


def test_places_and_workspaces_are_read_back_from_their_targets() -> None:
    """What is held can be named in an alert."""
    target = lanes.place_target(WorkspaceId("T1"), PlaceRef("C1"))
    assert (lanes.workspace_of(target), lanes.place_of(target)) == ("T1", "C1")
    assert lanes.chain(lanes.sends_target(AccountId(5)))[1] == lanes.account_target(AccountId(5))
    assert PersonRef("U-aki") == AKI
