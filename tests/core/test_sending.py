"""How sends to the customer end: the answer, the echo, the look, and at last the person who is asked."""

from datetime import timedelta

import pytest

from bridge import policy, threads
from bridge.model.change import replace
from bridge.model.decision import Denied, Drop, Go, Hold
from bridge.model.effects import (
    ClearSign,
    LookForSend,
    RedrawCard,
    TellPerson,
)
from bridge.model.facts import Act, AlertOver, CustomerUnsent
from bridge.model.ids import AccountId, ConversationId, MessageId, RemoteId
from bridge.model.outcomes import Done, Held, Later, Refused, Scope, Unsure
from bridge.model.state import (
    Health,
    Message,
    Opener,
    PartState,
    ReplyState,
    Said,
    Sign,
    Value,
    Window,
    Work,
)
from bridge.rules.answers import sending
from tests.core.factories import (
    AKI,
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NOON,
    OPS,
    SECOND,
    STEADY,
    account,
    answer,
    at,
    conversation,
    customer_wrote,
    found,
    going,
    offered,
    on_the_wire,
    put,
    queued,
    reply,
    scene,
    told,
)
from tests.core.sends import ended, send

READY, SENT, UNSURE = PartState.READY, PartState.SENT, PartState.UNSURE
DONE = Done(remote_id="mid.1")
LONG = "あ" * 700


# ── done ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_network_took_has_a_check_mark_and_answers_the_customer() -> None:
    """Promise 5, M-24: sent, signed, the card says who answered."""
    decision = ended(DONE)
    assert (reply(decision).state, reply(decision).parts[0].remote_id) == (ReplyState.SENT, "mid.1")
    assert (put(decision), told(decision)) == ([Sign.SENT], [])
    assert decision.conversation is not None
    assert (decision.conversation.work, decision.conversation.answered_by) == (Work.ANSWERED, AKI)
    assert len(found(decision, RedrawCard)) == 1


def test_the_hourglass_goes_when_the_check_mark_comes() -> None:
    """The last true sign stays, and it stays alone."""
    decision = ended(DONE, answer(sign=Sign.WAITING))
    assert [each.sign for each in found(decision, ClearSign)] == [Sign.WAITING]
    assert put(decision) == [Sign.SENT]


def test_an_answer_is_sent_when_its_last_part_is() -> None:
    """Two of three parts: no check mark yet; then one line says how many it were, and why."""
    middle = ended(Done(remote_id="mid.2"), answer(LONG, parts=(SENT, READY, READY)), 2)
    assert (reply(middle).state, middle.effects, middle.conversation) == (ReplyState.WAITING, (), None)
    last = ended(Done(remote_id="mid.3"), answer(LONG, parts=(SENT, SENT, READY)), 3)
    assert (reply(last).state, put(last), told(last)) == (ReplyState.SENT, [Sign.SENT], ["reply.parts_sent_bytes"])
    values = {"count": 3, "maximum": 1000, "characters": 333}
    assert found(last, TellPerson)[0].said.values == values


def test_an_answer_written_before_the_customers_last_words_leaves_them_waiting() -> None:
    """I-15: both wrote at the same time; the customer's newer message is unanswered."""
    later = NOON + 2 * HOUR
    wrote_again = threads.decide(scene(), customer_wrote(at=later, remote_id="mid.c2"), at(2 * HOUR)).conversation
    decision = ended(DONE, answer(written=HOUR), state=wrote_again)
    assert decision.conversation is not None
    assert (decision.conversation.work, decision.conversation.waiting_since) == (Work.WAITING, later)


@pytest.mark.parametrize(
    ("queued", "waits"),
    [(2 * HOUR, True), (4 * HOUR, False)],
    ids=["on its way when it was heard", "written or tried again since"],
)
def test_what_was_heard_late_is_not_answered_by_what_was_on_its_way(queued: timedelta, waits: bool) -> None:
    """UX: written before the answer, heard after that was queued: the customer waits, since they wrote it."""
    late = threads.decide(scene(), customer_wrote(at=NOON + MINUTE, remote_id="mid.late"), at(3 * HOUR)).conversation
    message = replace(answer(written=2 * HOUR), queued_at=STEADY + queued)
    after = ended(DONE, message, state=late).conversation
    assert after is not None
    assert (after.work, after.waiting_since) == ((Work.WAITING, NOON + MINUTE) if waits else (Work.ANSWERED, None))
    fresh = replace(answer(written=5 * HOUR), queued_at=STEADY + 5 * HOUR)
    later = ended(DONE, fresh, state=after).conversation
    assert later is not None
    assert later.work is Work.ANSWERED


def test_what_was_heard_late_and_taken_back_waits_for_no_answer() -> None:
    """CT-19: nothing is left of it that an answer could be too early for."""
    heard = threads.decide(scene(), customer_wrote(at=NOON + MINUTE, remote_id="mid.late"), at(3 * HOUR))
    (late,) = heard.messages
    assert heard.conversation is not None
    place = scene(late, conversation=heard.conversation)
    told = customer_wrote()
    taken = CustomerUnsent(
        platform=told.platform,
        account=told.account,
        customer=told.customer,
        at=NOON + HOUR,
        remote_id=RemoteId("mid.late"),
    )
    gone = threads.decide(place, taken, at(3 * HOUR)).conversation
    assert gone is not None
    assert (gone.heard_at, gone.heard_from) == (None, None)


def test_an_answer_never_moves_the_close() -> None:
    """I-15: outbound at 23 h does not extend the window."""
    decision = ended(DONE, answer(written=23 * HOUR), waited=23 * HOUR)
    assert decision.conversation is not None
    assert decision.conversation.standard_close == NOON + DAY


# ── refused ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("why", "retry"), [("unreachable", True), ("permission", True), ("bad_request", False), ("opt_in", False)]
)
def test_a_refusal_is_told_with_its_reason_and_a_retry_where_that_can_help(why: str, retry: bool) -> None:
    """Promise 4: a cross, the reason in the customer's terms, and the network's code."""
    decision = ended(Refused(code="551", why=why))
    (line,) = found(decision, TellPerson)
    assert line.said == Said(key="reply.refused", values={"why_key": f"error.{why}", "code": "551"})
    assert (told(decision), put(decision)) == (["reply.refused"], [Sign.REFUSED])
    assert offered(decision) == ([Act.RETRY] if retry else [])


def test_a_part_that_failed_keeps_the_rest_back_and_says_how_far_it_came() -> None:
    """Two of three sent, then a refusal: the third is never forgotten, and never sent alone."""
    decision = ended(Refused(code="100", why="bad_request"), answer(LONG, parts=(SENT, READY, READY)), 2)
    (line,) = found(decision, TellPerson)
    values: dict[str, Value] = {"part": 2, "parts": 3, "why_key": "error.bad_request", "code": "100"}
    assert line.said == Said(key="reply.refused_part", values=values)
    assert told(decision) == ["reply.refused_part"]
    assert decision.withdrawn == (MessageId(21),)
    assert [part.state for part in reply(decision).parts] == [SENT, READY, READY]


def test_the_networks_refusal_for_the_window_moves_the_close_and_offers_the_tag() -> None:
    """F2, decision on the window: Meta's refusal is the last word; the tagged send is the author's to choose."""
    decision = ended(Refused(code="10/2018278", why="window"), human_agent=True)
    assert decision.conversation is not None
    assert decision.conversation.standard_close == NOON + HOUR
    assert told(decision) == ["reply.window_moved"]
    (button,) = found(decision, TellPerson)[0].buttons
    assert (button.act, button.label.key) == (Act.RETRY, "button.send_tagged")
    assert len(found(decision, RedrawCard)) == 1


@pytest.mark.parametrize(
    ("human_agent", "said", "acts"),
    [(False, "reply.ad_window_ended_early", []), (True, "reply.ad_window_moved", [Act.RETRY])],
)
def test_an_ads_week_that_is_refused_is_learnt_and_said(human_agent: bool, said: str, acts: list[Act]) -> None:
    """F2: the refusal inside an ad's longer window closes it; its author is told that it was the ad's."""
    refused = Refused(code="10/2018278", why="window")
    decision = ended(refused, human_agent=human_agent, waited=2 * DAY, state=conversation(Opener.AD_MESSAGE))
    assert decision.conversation is not None
    assert decision.conversation.standard_close == NOON + 2 * DAY
    assert (told(decision), offered(decision)) == ([said], acts)


@pytest.mark.parametrize(("human_agent", "waited"), [(False, HOUR), (True, 2 * DAY)])
def test_without_another_window_its_close_is_told(human_agent: bool, waited: timedelta) -> None:
    """ZI-22: no feature, or the tagged send itself was refused."""
    decision = ended(Refused(code="10/2018278", why="window"), human_agent=human_agent, waited=waited)
    assert (told(decision), offered(decision)) == (["reply.window_ended_early"], [])


def test_a_warning_for_the_tag_stops_tagged_answers_to_this_customer_alone() -> None:
    """M-29: until they write again; whoever looks after the account hears of it."""
    decision = ended(Refused(code="613/2018338", why="tag_misuse"), waited=2 * DAY, human_agent=True)
    assert decision.conversation is not None
    assert decision.conversation.human_close == NOON + 2 * DAY
    assert [(alert.key, getattr(alert, "kind", None)) for alert in decision.alerts] == [("tag_misuse:11", "tag_misuse")]
    assert decision.holds == ()
    assert decision.messages[0].state is ReplyState.REFUSED
    assert any(isinstance(each.effect, RedrawCard) for each in decision.effects)
    again = policy.may_send(account(human_agent=True), decision.conversation, NOON + 2 * DAY)
    assert isinstance(again, Denied)
    opened = policy.open_window(decision.conversation, Opener.MESSAGE, NOON + 3 * DAY)
    assert policy.window_at(account(human_agent=True), opened, NOON + 5 * DAY) is Window.HUMAN


def test_an_answer_that_was_tried_in_vain_may_be_tried_again_by_hand() -> None:
    """The outbox gave up: that is told too."""
    decision = ended(Later(after=SECOND, why="meta 2", scope=Scope.ROW))
    assert (told(decision), offered(decision), put(decision)) == (["reply.refused"], [Act.RETRY], [Sign.REFUSED])


# ── held ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cause", "scope", "target", "key", "health", "detail"),
    [
        (
            "reauth.password_changed",
            Scope.PARENT,
            "network:5",
            "reauth:5",
            Health.NEEDS_REAUTHENTICATION,
            "password_changed",
        ),
        ("restricted.policy", Scope.TARGET, "network:5:sends", "restricted:5", Health.RESTRICTED, "policy"),
        ("restricted", Scope.TARGET, "network:5:sends", "restricted:5", Health.RESTRICTED, ""),
        ("setup.not_eligible", Scope.TARGET, "network:5:sends", "setup:5", Health.NOT_ELIGIBLE, "not_eligible"),
    ],
)
def test_an_account_that_may_not_send_is_held_and_told_of_once(
    cause: str, scope: Scope, target: str, key: str, health: Health, detail: str
) -> None:
    """CT-31, CT-36, M-03, ZM-09: the answers wait; one incident, in the account's alerts channel."""
    decision = ended(Held(cause=cause, scope=scope, code="190/460"))
    held = (target, "network:5:films") if scope is Scope.TARGET else (target,)
    assert decision.holds == tuple(Hold(target=each, key=key) for each in held)
    assert decision.health == (health, detail)
    (alert,) = decision.alerts
    assert (alert.key, getattr(alert, "place", None), alert.values["cause"]) == (key, OPS, detail)
    assert decision.messages == ()


def test_a_dead_login_found_by_looking_holds_the_account_too() -> None:
    """CT-33: otherwise the look would be asked again and again at once."""
    held = Held(cause="reauth.token_invalid", scope=Scope.PARENT)
    decision = threads.ended(scene(), look(), held, at(), row=7, target="network:5:reads", position=0)
    assert decision.holds == (Hold(target="network:5", key="reauth:5"),)


# ── unsure ────────────────────────────────────────────────────────────────────────────────────────────────


def look() -> LookForSend:
    """A look at the network's newest messages."""
    return LookForSend(workspace=DESK, conversation=ConversationId(11), account=AccountId(5), since=NOON)


def test_a_lost_answer_is_looked_for_and_told_to_nobody_yet() -> None:
    """Promise 2: not sent again; the look begins a second later."""
    decision = ended(Unsure(why="timeout"))
    assert [part.state for part in reply(decision).parts] == [UNSURE]
    (looking,) = queued(decision, LookForSend)
    assert looking.not_before == STEADY + HOUR + SECOND
    assert (going(decision), put(decision), told(decision)) == ([], [], [])


@pytest.mark.parametrize(
    ("unsure_for", "next_look"),
    [(1.2, 8.0), (8.5, 30.0), (31.0, None)],
)
def test_looks_are_repeated_until_a_person_is_asked(unsure_for: float, next_look: float | None) -> None:
    """After 1, 8 and 30 seconds; at two reads a second a storm of looks would end nothing."""
    message = answer(parts=(UNSURE,))
    place = scene(message, on_the_wire(message, unsure=True))
    moment = at(HOUR + timedelta(seconds=unsure_for))
    decision = threads.ended(place, look(), Done(), moment, row=7, target="network:5:reads", position=0)
    times = [each.not_before for each in queued(decision, LookForSend)]
    assert times == ([] if next_look is None else [STEADY + HOUR + timedelta(seconds=next_look)])


@pytest.mark.parametrize(
    ("unsure", "asked", "due"), [(True, False, True), (False, False, False)], ids=["unsure", "in hand"]
)
def test_a_look_that_has_nothing_to_settle_is_dropped(unsure: bool, asked: bool, due: bool) -> None:
    """Settled meanwhile: no call is spent."""
    message = answer(parts=(UNSURE,))
    place = scene(message, on_the_wire(message, unsure=unsure, asked=asked))
    assert isinstance(threads.due(place, look(), at()), Go if due else Drop)


@pytest.mark.parametrize(
    ("message", "part", "key"),
    [(answer(parts=(UNSURE,)), 1, "reply.unsure"), (answer(LONG, parts=(SENT, UNSURE, READY)), 2, "reply.unsure_part")],
)
def test_what_nothing_settles_is_asked_of_its_author(message: Message, part: int, key: str) -> None:
    """Promise 2: a question mark, two buttons in a direct message, the card says so, and what follows is kept back."""
    place = scene(message, on_the_wire(message, part, unsure=True))
    decision = sending.unsure_for_long(place, place.sending[0], at(HOUR + MINUTE))
    assert (told(decision), offered(decision)) == ([key], [Act.ARRIVED, Act.SEND_AGAIN])
    assert found(decision, TellPerson)[0].question
    assert (put(decision), reply(decision).state) == ([Sign.UNSURE], ReplyState.UNSURE)
    assert decision.conversation is not None
    assert decision.conversation.unsure == 1
    assert decision.withdrawn == (MessageId(21),)


def test_one_answer_that_goes_through_ends_the_hold() -> None:
    """A restriction that was lifted without a word: the account is ready, all that waits follows, the incident is over."""
    decision = sending.went_through(scene(), at())
    keys = ("reauth:5", "restricted:5", "setup:5")
    assert (decision.health, decision.released) == ((Health.READY, None), keys)
    assert [(type(alert), alert.key) for alert in decision.alerts] == [(AlertOver, key) for key in keys[1:]]
    assert len(found(decision, RedrawCard)) == 1


@pytest.mark.parametrize(
    ("message", "ready"),
    [
        (answer(parts=(UNSURE,)), True),
        (answer(LONG, parts=(SENT, UNSURE, READY)), False),
        (answer(parts=(READY,)), False),
        (answer(state=ReplyState.UNSURE, parts=(UNSURE,)), False),
        (None, False),
    ],
)
def test_what_was_taken_for_lost_and_did_not_arrive_is_ready_again(message: Message | None, ready: bool) -> None:
    """Its lease ran out before its answer came; a person who was asked meanwhile keeps the word."""
    made = sending.not_delivered(scene(message), send(1))
    assert [part.state for each in made for part in each.parts] == ([PartState.READY] if ready else [])
