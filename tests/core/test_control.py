"""Which app has a conversation: what each event makes true, in any order, and what agents' buttons do."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Instead, Rules
from bridge.model.effects import LearnApp, MarkSeen, Move, MoveControl, PostLine, RedrawCard, SendToCustomer
from bridge.model.facts import (
    AccountJudged,
    Act,
    AppLearnt,
    ControlMoved,
    ControlWanted,
    Handover,
    Judgement,
    RolesChanged,
)
from bridge.model.ids import AccountId
from bridge.model.outcomes import Done, Later, Refused, Scope
from bridge.model.state import PAGE_INBOX, Account, Control, Conversation, Health, Platform, ReplyState, Said
from tests.core.factories import (
    AKI,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    RULES,
    account,
    answer,
    at,
    conversation,
    customer_wrote,
    echo,
    found,
    going,
    press,
    reply,
    scene,
    told,
)

OURS, BOT = "1517", "8800"
KNOWN = replace(RULES, apps=frozenset({OURS}))
MINE, THEIRS = conversation(), replace(conversation(), control=Control.OTHER, controller=BOT, control_at=NOON)
LOST = answer(state=ReplyState.REFUSED, reason=Said(key="reply.other_app"))


def moved(
    owner: str | None, how: Handover = Handover.TAKEN, *, when: datetime = NOON, previous: str | None = None
) -> ControlMoved:
    """The network says who has it."""
    return ControlMoved(
        platform=Platform.MESSENGER, account="1784", customer="99", at=when, how=how, owner=owner, previous=previous
    )


def after(decision: Decision) -> Conversation:
    """The conversation that a decision leaves."""
    assert decision.conversation is not None
    return decision.conversation


def lines(decision: Decision) -> list[str]:
    """What stands in the thread afterwards, by key."""
    return [each.said.key for each in found(decision, PostLine)]


@pytest.mark.parametrize("how", list(Handover))
@pytest.mark.parametrize(
    ("owner", "control", "controller"),
    [
        (BOT, Control.OTHER, BOT),
        (PAGE_INBOX, Control.OTHER, PAGE_INBOX),
        (OURS, Control.OURS, None),
        (None, Control.OURS, None),
    ],
)
def test_the_apps_id_says_whose_it_is(
    how: Handover, owner: str | None, control: Control, controller: str | None
) -> None:
    """M-19, F7: whichever event tells it; a conversation that nobody has is not another's."""
    decision = threads.decide(scene(), moved(owner, how), at(rules=KNOWN))
    talk = after(decision)
    assert (talk.control, talk.controller, talk.control_at) == (control, controller, NOON)
    assert lines(decision) == (["thread.control_other"] if control is Control.OTHER else [])
    assert [each.app for each in found(decision, LearnApp)] == ([BOT] if owner == BOT else [])
    assert len(found(decision, RedrawCard)) == 1


def test_who_had_it_before_is_who_gets_it_back() -> None:
    """F7: the app that passed a conversation to us is remembered."""
    decision = threads.decide(scene(), moved(OURS, Handover.PASSED, previous=BOT), at(rules=KNOWN))
    assert (after(decision).control, after(decision).controller) == (Control.OURS, BOT)


def test_whatever_order_events_come_in_the_newest_counts() -> None:
    """M-19: every order of three moves ends alike."""
    events = [
        moved(BOT, when=NOON),
        moved(OURS, Handover.PASSED, when=NOON + MINUTE),
        moved(PAGE_INBOX, when=NOON + HOUR),
    ]
    for order in permutations(events):
        talk = MINE
        for event in order:
            decision = threads.decide(scene(conversation=talk), event, at(rules=KNOWN))
            talk = decision.conversation or talk
        assert (talk.control, talk.controller) == (Control.OTHER, PAGE_INBOX)


@pytest.mark.parametrize(("how", "control"), [(Handover.TAKEN, Control.OTHER), (Handover.PASSED, Control.OURS)])
def test_without_our_own_id_the_event_says_it(how: Handover, control: Control) -> None:
    """F7: what was taken is told to who loses it, what was passed to who gets it."""
    assert after(threads.decide(scene(), moved("8801", how), at(rules=RULES))).control is control


def test_standby_teaches_and_a_message_to_us_ends_it() -> None:
    """M-19: shown all the same; what was found later tells nothing of who has it now."""
    heard = replace(customer_wrote(at=NOON + MINUTE), standby=True)
    decision = threads.decide(scene(), heard, at())
    assert (after(decision).control, lines(decision)) == (Control.OTHER, ["thread.control_other"])
    again = customer_wrote(at=NOON + HOUR, remote_id="mid.c2")
    assert after(threads.decide(scene(conversation=THEIRS), again, at())).control is Control.OURS
    later = replace(again, found_later=True)
    assert after(threads.decide(scene(conversation=THEIRS), later, at())).control is Control.OTHER
    older = customer_wrote(at=NOON - HOUR, remote_id="mid.c0")
    assert after(threads.decide(scene(conversation=THEIRS), older, at())).control is Control.OTHER


def test_what_another_app_says_in_standby_says_which_one_it_is() -> None:
    """M-19, CT-38: its echo names it."""
    spoken = replace(echo("I am a bot"), standby=True, app=BOT)
    decision = threads.decide(scene(), spoken, at())
    assert (after(decision).control, after(decision).controller) == (Control.OTHER, BOT)
    assert after(decision).answered_app == BOT


def test_an_app_is_asked_for_once() -> None:
    """CT-38: known names, names that Meta does not tell, and the network's own inboxes are not asked for."""
    for apps, app in (({BOT: "Flower Bot"}, BOT), ({BOT: None}, BOT), (None, PAGE_INBOX)):
        place = replace(scene(), apps=apps)
        assert found(threads.decide(place, replace(echo(), app=app), at()), LearnApp) == []
    learn = LearnApp(workspace=DESK, conversation=MINE.id, account=AccountId(5), app=BOT)
    assert isinstance(threads.due(replace(scene(), apps={BOT: None}), learn, at()), Drop)
    assert isinstance(threads.due(replace(scene(), apps={}), learn, at()), Go)


def test_a_name_that_is_learnt_is_drawn_where_it_is_spoken_of() -> None:
    """CT-38: the card follows."""
    fact = AppLearnt(platform=Platform.MESSENGER, account="1784", customer="99", at=NOON, app=BOT, name="Flower Bot")
    named = threads.decide(scene(conversation=THEIRS), fact, at())
    assert (named.apps, len(found(named, RedrawCard))) == (((BOT, "Flower Bot"),), 1)
    assert found(threads.decide(scene(), fact, at()), RedrawCard) == []


def asked(app: str | None = BOT, when: datetime = NOON) -> ControlWanted:
    """Another app asks."""
    return ControlWanted(platform=Platform.MESSENGER, account="1784", customer="99", at=when, app=app)


def test_a_request_waits_for_an_agent() -> None:
    """M-19: on the card and in the thread; our own, an old one and the same again are nothing."""
    decision = threads.decide(scene(), asked(), at(rules=KNOWN))
    assert (after(decision).wanted_by, lines(decision)) == (BOT, ["thread.control_wanted"])
    for talk, fact in (
        (MINE, asked(OURS)),
        (MINE, asked(None)),
        (replace(MINE, wanted_by=BOT), asked()),
        (THEIRS, asked(when=NOON - HOUR)),
    ):
        assert threads.decide(scene(conversation=talk), fact, at(rules=KNOWN)).ignored is not None


WANTED = replace(MINE, wanted_by=PAGE_INBOX)


@pytest.mark.parametrize(
    ("talk", "act", "move", "app"),
    [
        (THEIRS, Act.TAKE_OVER, Move.TAKE, None),
        (replace(MINE, controller=BOT), Act.HAND_BACK, Move.GIVE, BOT),
        (MINE, Act.HAND_BACK, Move.RELEASE, None),
        (WANTED, Act.HAND_OVER, Move.GIVE, PAGE_INBOX),
    ],
)
def test_a_button_moves_it(talk: Conversation, act: Act, move: Move, app: str | None) -> None:
    """M-19, F7: by a person's word."""
    (effect,) = found(threads.decide(scene(conversation=talk), press(act, handle=None), at()), MoveControl)
    assert (effect.move, effect.app, effect.person) == (move, app, AKI)


@pytest.mark.parametrize(
    ("talk", "act", "said"),
    [
        (MINE, Act.TAKE_OVER, "reply.control_ours"),
        (THEIRS, Act.HAND_BACK, "reply.control_other"),
        (MINE, Act.HAND_OVER, "reply.control_answered"),
        (MINE, Act.KEEP_THREAD, "reply.control_answered"),
    ],
)
def test_a_button_that_was_overtaken_says_so(talk: Conversation, act: Act, said: str) -> None:
    """M-19: the card was older than the truth."""
    decision = threads.decide(scene(conversation=talk), press(act, handle=None), at())
    assert (found(decision, MoveControl), told(decision)) == ([], [said])


def test_keeping_it_takes_the_question_away() -> None:
    """M-19: nobody is told outside."""
    decision = threads.decide(scene(conversation=WANTED), press(Act.KEEP_THREAD, handle=None), at())
    assert (after(decision).wanted_by, found(decision, MoveControl)) == (None, [])


def taking(*, message: bool = False) -> MoveControl:
    """Taking over, perhaps for an answer's sake."""
    return MoveControl(
        workspace=DESK,
        conversation=MINE.id,
        account=AccountId(5),
        move=Move.TAKE,
        person=AKI,
        message=LOST.id if message else None,
    )


def ended(place: object, effect: MoveControl, outcome: Done | Refused | Later) -> Decision:
    """How a move ended."""
    return threads.ended(place, effect, outcome, at(), row=1, target="network:5:control", position=0)  # type: ignore[arg-type]


def test_once_it_is_ours_the_answer_that_waited_for_it_goes() -> None:
    """M-19: exactly once, and only what was refused for this reason."""
    decision = ended(scene(LOST, conversation=THEIRS), taking(message=True), Done())
    assert (after(decision).control, reply(decision).state, going(decision)) == (Control.OURS, ReplyState.WAITING, [1])
    assert lines(decision) == ["thread.taken_over"]
    other = answer(state=ReplyState.REFUSED, reason=Said(key="reply.window_closed"))
    assert found(ended(scene(other, conversation=THEIRS), taking(message=True), Done()), SendToCustomer) == []


def test_a_move_that_has_happened_is_not_asked_for() -> None:
    """F7: pressed twice, or passed to us meanwhile; what waited for it goes all the same."""
    assert isinstance(threads.due(scene(conversation=THEIRS), taking(), at()), Go)
    assert isinstance(threads.due(scene(), taking(), at()), Drop)
    instead = threads.due(scene(LOST), taking(message=True), at())
    assert isinstance(instead, Instead)
    assert going(instead.decision) == [1]


@pytest.mark.parametrize(
    "outcome",
    [
        Refused(code="2018300", why="other_app"),
        Later(after=MINUTE, why="meta 2", scope=Scope.ROW),
    ],
)
def test_a_move_that_the_network_refuses_is_told_to_who_asked(outcome: Refused | Later) -> None:
    """F7: the reason, and nothing changes."""
    decision = ended(scene(conversation=THEIRS), taking(), outcome)
    assert (decision.conversation, told(decision)) == (None, ["reply.control_refused"])


def test_seen_follows_an_answer_only_where_it_is_wanted() -> None:
    """M-13: off by default."""
    message = answer()
    effect = SendToCustomer(workspace=DESK, conversation=MINE.id, account=AccountId(5), message=message.id, part=1)
    wants = account()
    seen = replace(wants, settings=replace(wants.settings, seen=True))
    for on, count in ((wants, 0), (seen, 1)):
        sent = threads.ended(
            scene(message, account=on), effect, Done(remote_id="m"), at(), row=1, target="network:5:sends", position=0
        )
        assert len(found(sent, MarkSeen)) == count


@pytest.mark.parametrize(
    ("platform", "hinted", "told_now"),
    [(Platform.INSTAGRAM, False, True), (Platform.INSTAGRAM, True, False), (Platform.MESSENGER, False, False)],
)
def test_the_general_folder_is_a_matter_of_the_first_answer_on_instagram(
    platform: Platform, hinted: bool, told_now: bool
) -> None:
    """M-11: once for an account."""
    on = replace(account(platform=platform), hinted=hinted)
    message = answer()
    effect = SendToCustomer(workspace=DESK, conversation=MINE.id, account=on.id, message=message.id, part=1)
    sent = threads.ended(
        scene(message, account=on), effect, Done(remote_id="m"), at(), row=1, target="network:5:sends", position=0
    )
    assert sent.hinted is told_now
    assert lines(sent) == (["thread.general_folder"] if told_now else [])


def judged(of: Account, judgement: Judgement) -> Decision:
    """What the network's judgement makes true."""
    fact = AccountJudged(platform=Platform.MESSENGER, account="1784", at=NOON, judgement=judgement)
    return threads.decide_about_account(of, fact, at())


def test_a_block_holds_what_an_unblock_lets_go() -> None:
    """M-19: under the key that a refused answer would have held it with, so that either ends it."""
    block = judged(account(), Judgement.BLOCK)
    assert (block.health, block.holds[0].target) == ((Health.RESTRICTED, "policy"), "network:5:sends")
    unblock = judged(replace(account(), health=Health.RESTRICTED), Judgement.UNBLOCK)
    assert unblock.health == (Health.READY, None)
    assert block.holds[0].key in unblock.released
    dead = judged(replace(account(), health=Health.NEEDS_REAUTHENTICATION), Judgement.UNBLOCK)
    assert (dead.health, dead.released) == (None, (block.holds[0].key,))
    worse = judged(replace(account(), health=Health.NEEDS_REAUTHENTICATION), Judgement.BLOCK)
    assert (worse.health, [hold.target for hold in worse.holds]) == (None, ["network:5"])
    assert judged(account(), Judgement.WARNING).holds == ()


@pytest.mark.parametrize(("first", "kind"), [((BOT,), "AlertDue"), ((), "AlertDue"), ((BOT, OURS), "AlertOver")])
def test_who_answers_first_is_trouble_only_where_it_is_not_us(first: tuple[str, ...], kind: str) -> None:
    """M-19: over as soon as it is us again."""
    fact = RolesChanged(platform=Platform.MESSENGER, account="1784", at=NOON, first=first)
    (alert,) = threads.decide_about_account(account(), fact, at(rules=KNOWN)).alerts
    assert type(alert).__name__ == kind


def test_the_house_knows_its_own_apps() -> None:
    """F7: none configured, none assumed."""
    assert Rules().apps == frozenset()
