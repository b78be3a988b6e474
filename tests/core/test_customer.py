"""What the customer did, and who they are."""

from datetime import datetime, timedelta

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.copies import Copies, Quoted
from bridge.model.effects import LearnProfile, PostMessage, PostRoot, RedrawCard
from bridge.model.facts import ProfileLearnt
from bridge.model.ids import CustomerId, MessageId, PlaceRef, RemoteId
from bridge.model.state import Author, Customer, Message, Opener, Platform, Thread, Work
from bridge.policy import close_human
from tests.core.factories import (
    AKI,
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SHOP,
    THREAD,
    account,
    answer,
    at,
    conversation,
    customer_wrote,
    found,
    queued,
    reply,
    scene,
    untouched,
)

LATER = NOON + 2 * HOUR


def test_a_first_message_makes_a_thread_and_shows_it_there() -> None:
    """CT-01, ZI-03, ZM-01: a root, the message below it, the customer waits, the window is open."""
    decision = threads.decide(scene(conversation=untouched(), thread=None), customer_wrote(), at(timedelta(0)))
    (root,), (shown,) = found(decision, PostRoot), found(decision, PostMessage)
    assert decision.conversation is not None
    assert decision.conversation.thread == Thread(id=root.thread, place=SHOP)
    assert shown.message == reply(decision).id == decision.conversation.preview
    assert (decision.conversation.work, decision.conversation.waiting_since) == (Work.WAITING, NOON)
    assert decision.conversation.standard_close == NOON + DAY
    assert not found(decision, RedrawCard), "the root is drawn from what is true when it goes"
    lanes = {each.lane for each in decision.effects if isinstance(each.effect, PostRoot | PostMessage)}
    assert lanes == {f"desk:{decision.conversation.id}"}
    assert queued(decision, PostRoot)[0].position < queued(decision, PostMessage)[0].position


def test_a_second_message_stands_in_the_same_thread() -> None:
    """CT-01: no second root, and the card is redrawn."""
    decision = threads.decide(scene(), customer_wrote("And in red?", at=LATER, remote_id="mid.c2"), at(2 * HOUR))
    assert not found(decision, PostRoot)
    assert len(found(decision, PostMessage)) == len(found(decision, RedrawCard)) == 1
    assert decision.threads == ()


def test_the_same_message_is_shown_once() -> None:
    """ZI-08: a webhook that comes again, or a message found by looking, changes nothing."""
    known = threads.decide(scene(), customer_wrote(), at()).messages[0]
    again = threads.decide(scene(known), customer_wrote(), at())
    assert (again.effects, again.messages, again.ignored) == ((), (), "known")


def test_a_warning_about_late_answers_is_over_when_the_customer_writes_again() -> None:
    """M-29: until then answers to them were stopped; a heart taken back, or another customer, ends nothing."""
    warned = close_human(conversation(), NOON + 2 * DAY)
    late = customer_wrote("Hello?", at=NOON + 3 * DAY, remote_id="mid.c3")
    (over,) = threads.decide(scene(conversation=warned), late, at(3 * DAY)).alerts
    assert over.key == f"tag_misuse:{warned.id}"
    assert threads.decide(scene(), late, at(3 * DAY)).alerts == ()
    taken_back = replace(late, opener=None, text=None, kind="unsent")
    assert threads.decide(scene(conversation=warned), taken_back, at(3 * DAY)).alerts == ()


def test_a_message_opens_the_window_by_its_own_time() -> None:
    """I-15: delivered six hours late, it counts from when it was written."""
    decision = threads.decide(scene(conversation=untouched(THREAD)), customer_wrote(), at(6 * HOUR))
    assert decision.conversation is not None
    assert decision.conversation.standard_close == NOON + DAY


def test_what_opens_no_window_makes_nobody_wait() -> None:
    """M-04: an unsent message or a reaction taken back is shown, and asks for no answer."""
    answered = replace(conversation(), work=Work.ANSWERED, waiting_since=None, answered_at=NOON + HOUR)
    fact = customer_wrote(None, at=LATER, remote_id=None, kind="unsent", opener=None)
    decision = threads.decide(scene(conversation=answered), fact, at(2 * HOUR))
    assert decision.conversation is not None
    assert decision.conversation.work is Work.ANSWERED
    assert decision.conversation.standard_close == answered.standard_close
    assert len(found(decision, PostMessage)) == 1


@pytest.mark.parametrize(
    ("opener", "work"),
    [
        (Opener.MESSAGE, Work.WAITING),
        (Opener.POSTBACK, Work.WAITING),
        (Opener.AD_MESSAGE, Work.WAITING),
        (Opener.AD_POSTBACK, Work.WAITING),
        # a heart, or coming back by a link: nobody waits for an answer
        (Opener.REACTION, Work.ANSWERED),
        (Opener.LINK, Work.ANSWERED),
    ],
)
def test_every_opener_opens_the_window_and_only_what_asks_waits(opener: Opener, work: Work) -> None:
    """F2, M-07: not the last text alone, as others had it."""
    fact = customer_wrote(None, remote_id=None, kind="reaction", opener=opener)
    decision = threads.decide(scene(conversation=untouched(THREAD)), fact, at(timedelta(0)))
    assert decision.conversation is not None
    by = Opener.POSTBACK if opener is Opener.AD_POSTBACK else opener
    assert (decision.conversation.work, decision.conversation.opened_by) == (work, by)
    assert decision.conversation.standard_close is not None


@pytest.mark.parametrize(
    ("written", "work"),
    [(NOON + HOUR - MINUTE, Work.ANSWERED), (NOON + HOUR + MINUTE, Work.WAITING)],
)
def test_a_late_message_that_was_answered_elsewhere_since_does_not_wait(written: datetime, work: Work) -> None:
    """Disordered deliveries: where people see everything, the events' own times say who spoke last."""
    answered = replace(conversation(), work=Work.ANSWERED, waiting_since=None, answered_at=NOON + HOUR)
    copies = Copies(seen_elsewhere=work is Work.ANSWERED)
    fact = replace(customer_wrote(remote_id="mid.late"), at=written)
    decision = threads.decide(replace(scene(conversation=answered), copies=copies), fact, at(2 * HOUR))
    assert decision.conversation is not None
    assert decision.conversation.work is work


@pytest.mark.parametrize(
    ("after", "work"),
    [
        ((), Work.WAITING),
        (("mid.ours",), Work.WAITING),
        (("mid.theirs",), Work.ANSWERED),
        (("mid.ours", "mid.theirs"), Work.ANSWERED),
        (("mid.never heard of",), Work.ANSWERED),
    ],
)
def test_what_nobody_could_see_is_not_answered_by_an_agents_answer(after: tuple[str, ...], work: Work) -> None:
    """M-26, CT-38: an agent cannot have read what was not shown; people in the network's own app could."""
    answered = replace(
        conversation(), work=Work.ANSWERED, waiting_since=None, answered_at=NOON + HOUR, answered_by=AKI, preview=None
    )
    quoted = {
        RemoteId("mid.ours"): Quoted(message=answer()),
        RemoteId("mid.theirs"): Quoted(message=replace(answer(), author=Author.ELSEWHERE, ref=None)),
    }
    fact = replace(
        customer_wrote(remote_id="mid.late"),
        at=NOON + MINUTE,
        found_later=bool(after),
        answered=tuple(map(RemoteId, after)),
    )
    decision = threads.decide(replace(scene(conversation=answered), quoted=quoted), fact, at(2 * HOUR))
    assert decision.conversation is not None
    assert decision.conversation.work is work
    assert decision.conversation.waiting_since == (NOON + MINUTE if work is Work.WAITING else None)
    (shown,) = found(decision, PostMessage)
    assert shown.broadcast is (work is Work.WAITING)


def test_waiting_counts_from_the_first_unanswered_message() -> None:
    """Swapped deliveries: the earlier one moves the beginning back, the later one leaves it."""
    earlier = threads.decide(scene(), customer_wrote(at=NOON - HOUR, remote_id="mid.c0"), at())
    later = threads.decide(scene(), customer_wrote(at=LATER, remote_id="mid.c2"), at(2 * HOUR))
    assert earlier.conversation is not None
    assert later.conversation is not None
    assert (earlier.conversation.waiting_since, later.conversation.waiting_since) == (NOON - HOUR, NOON)


def test_a_late_message_is_shown_by_its_own_time_and_the_card_keeps_the_latest() -> None:
    """Late and disordered deliveries are shown in order within what still waits."""
    late, shown = customer_wrote(at=NOON - HOUR, remote_id="mid.c0"), MessageId(77)
    decision = threads.decide(scene(conversation=replace(conversation(), preview=shown)), late, at())
    assert decision.conversation is not None
    assert (decision.conversation.last_at, decision.conversation.preview) == (NOON, shown)
    # Where nothing later has words, or has them still, the card shows the late ones.
    wordless = threads.decide(scene(), late, at())
    assert wordless.conversation is not None
    assert (wordless.conversation.last_at, wordless.conversation.preview) == (NOON, wordless.messages[0].id)
    on_time = threads.decide(scene(), customer_wrote(at=LATER, remote_id="mid.c2"), at(2 * HOUR))
    assert queued(decision, PostMessage)[0].position < queued(on_time, PostMessage)[0].position


def test_a_card_shows_what_came_without_words_too() -> None:
    """UX: the card of who sent a voice message says so; what asks nothing leaves the question there."""
    voice = customer_wrote(None, at=LATER, remote_id="mid.c2", kind="audio")
    decision = threads.decide(scene(), voice, at(2 * HOUR))
    assert decision.conversation is not None
    assert decision.conversation.preview == reply(decision).id
    shown = scene(conversation=replace(conversation(), preview=customers().id))
    ad = customer_wrote(None, at=LATER, remote_id="mid.c2", kind="ad_untitled")
    after = threads.decide(shown, ad, at(2 * HOUR)).conversation
    assert after is not None
    assert after.preview == customers().id


def test_a_lapsed_conversation_opens_again_in_its_thread() -> None:
    """ZI-23, ZM-08: on day 9 the same thread is open, with a fresh window."""
    decision = threads.decide(scene(), customer_wrote(at=NOON + 9 * DAY, remote_id="mid.c2"), at(9 * DAY))
    assert decision.conversation is not None
    assert decision.conversation.standard_close == NOON + 10 * DAY
    assert decision.conversation.thread == THREAD
    assert decision.conversation.told_until == NOON + 10 * DAY - HOUR


@pytest.mark.parametrize(
    ("thread", "channel"), [(replace(THREAD, gone=True), SHOP), (THREAD, PlaceRef("C-moved"))], ids=["gone", "moved"]
)
def test_a_thread_that_is_gone_or_elsewhere_gets_a_new_root(thread: Thread, channel: PlaceRef) -> None:
    """A deleted root gives a new root, never a loose post; an account that moved posts into its new channel."""
    place = scene(account=account(channel=channel), conversation=conversation(thread=thread))
    decision = threads.decide(place, customer_wrote(at=LATER, remote_id="mid.c2"), at(2 * HOUR))
    assert len(found(decision, PostRoot)) == 1
    assert [each.place for each in decision.threads] == [channel]


@pytest.mark.parametrize(
    ("asked", "asks"),
    [(None, True), (NOON - 23 * HOUR, False), (NOON - 24 * HOUR, True)],
    ids=["never", "fresh", "old"],
)
def test_the_profile_is_asked_for_when_it_is_unknown_or_old(asked: datetime | None, asks: bool) -> None:
    """CT-02, CT-40: a name changes at the next conversation; a message never waits for it."""
    customer = replace(CUSTOMER, profile_at=asked)
    decision = threads.decide(scene(customer=customer), customer_wrote(remote_id="mid.c2"), at(timedelta(0)))
    assert bool(found(decision, LearnProfile)) is asks
    assert len(found(decision, PostMessage)) == 1


def customers() -> Message:
    """What the customer wrote before."""
    return Message(id=MessageId(31), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="In stock?")


def learnt(name: str | None, *, readable: bool = True, username: str = "yuki_3") -> ProfileLearnt:
    """What the network says of the customer."""
    return ProfileLearnt(
        platform=Platform.INSTAGRAM,
        account="1784",
        customer="99",
        at=NOON,
        readable=readable,
        name=name,
        username=username,
    )


def test_a_new_name_redraws_the_card() -> None:
    """CT-02, CT-40."""
    decision = threads.decide(scene(), learnt("Yuki Tanaka"), at())
    assert decision.customer == replace(CUSTOMER, name="Yuki Tanaka", username="yuki_3", profile_at=at().moment.now)
    assert len(found(decision, RedrawCard)) == 1


@pytest.mark.parametrize(
    ("before", "now", "note"),
    [
        (("Yuki", "yuki_333"), ("Yuki", "yuki_3"), ("renamed", "@yuki_333")),
        (("Yuki", "yuki_3"), ("Yuki Tanaka", "yuki_3"), ("renamed", "Yuki")),
        (("Yuki", "yuki_333"), ("Yuki Tanaka", "yuki_3"), ("renamed", "Yuki @yuki_333")),
        ((None, None), ("Yuki", "yuki_3"), ("named", None)),
        (("Yuki", None), ("Yuki", "yuki_3"), None),
        (("Yuki", "yuki_3"), ("Yuki", "yuki_3"), None),
    ],
)
def test_a_changed_name_is_noted_once(
    before: tuple[str | None, str | None], now: tuple[str, str], note: tuple[str, str | None] | None
) -> None:
    """CT-40, CT-04: what they were called until now; a handle that comes beside the name is no change of it."""
    customer = replace(CUSTOMER, name=before[0], username=before[1], profile_at=NOON - DAY)
    decision = threads.decide(scene(customer=customer), learnt(now[0], username=now[1]), at())
    assert [(each.kind, each.text) for each in decision.messages] == ([] if note is None else [note])
    assert len(found(decision, PostMessage)) == len(decision.messages)
    assert decision.customer is not None
    again = threads.decide(scene(customer=decision.customer), learnt(now[0], username=now[1]), at(2 * HOUR))
    assert (again.messages, again.effects) == ((), ())


@pytest.mark.parametrize("first", [True, False], ids=["never asked", "thread is gone"])
def test_a_name_that_is_learnt_first_is_no_change(first: bool) -> None:
    """CT-40: nobody saw another one; and a note opens no thread."""
    customer = replace(CUSTOMER, name=None if first else "Y", username=None, profile_at=None if first else NOON - DAY)
    gone = scene(customer=customer, conversation=conversation(thread=replace(THREAD, gone=not first)))
    assert threads.decide(gone, learnt("Yuki"), at()).messages == ()


def test_the_same_name_redraws_nothing() -> None:
    """CT-02: what did not change costs no call."""
    same = replace(CUSTOMER, username="yuki_3")
    assert threads.decide(scene(customer=same), learnt("Yuki"), at()).effects == ()


def test_a_profile_nobody_may_read_leaves_what_was_known() -> None:
    """F14, CT-04: no consent, or Meta's own reviewer."""
    decision = threads.decide(scene(), learnt(None, readable=False), at())
    assert decision.customer == replace(CUSTOMER, profile_at=at().moment.now)
    assert decision.effects == ()


def test_two_anonymous_customers_differ() -> None:
    """CT-04, CT-05: a short stable mark, never merged by name."""
    marks = {Customer(id=CustomerId(each), remote_id="1").suffix for each in (3, 4, 1679615)}
    assert len(marks) == 3
    assert all(len(mark) == 4 for mark in marks)


def test_an_answer_is_no_customers_message() -> None:
    """A remote id that belongs to an answer is known, whoever repeats it."""
    assert threads.decide(scene(answer()), customer_wrote(), at()).ignored == "known"
