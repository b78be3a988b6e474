"""What an agent wrote, changed or took back: does it go to the customer, and if not, why not?"""

from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.effects import (
    ClearSign,
    LearnGroup,
    LearnPerson,
    SendToCustomer,
    TellPerson,
)
from bridge.model.facts import Act
from bridge.model.ids import ConversationId, MessageId, PersonRef, PostRef
from bridge.model.state import Author, Message, PartState, Platform, ReplyState, Said, Sign
from tests.core.factories import (
    AKI,
    ANSWER,
    BOT,
    CANVAS,
    DAY,
    GUEST,
    HOUR,
    MINUTE,
    NOBODY,
    NOON,
    ROOT,
    SECOND,
    STEADY,
    STRANGER,
    SUPPORT,
    THREAD,
    account,
    answer,
    at,
    deleted,
    edited,
    found,
    going,
    offered,
    on_the_wire,
    press,
    put,
    queued,
    reply,
    scene,
    told,
    wrote,
)

READY, SENT, UNSURE = PartState.READY, PartState.SENT, PartState.UNSURE
TWO_OF_THREE = (SENT, SENT, READY)


def test_what_a_member_writes_in_the_thread_goes_once_after_a_rest() -> None:
    """ZI-03, CT-06: in the outbox under the agent's own time, not before 300 ms have passed."""
    decision = threads.decide(scene(), wrote(), at())
    message = reply(decision)
    (send,) = queued(decision, SendToCustomer)
    assert (message.state, message.person, message.ref, message.thread) == (ReplyState.WAITING, AKI, ANSWER, THREAD.id)
    assert send.not_before == STEADY + HOUR + at().rules.rest
    assert send.message == message.id
    assert put(decision) == []
    assert threads.decide(scene(message), wrote(), at()).ignored == "known"


@pytest.mark.parametrize(
    ("change", "state", "key", "signs", "tells"),
    [
        # inside
        ({"note": True}, ReplyState.NOTE, "not_relayed.note", [Sign.INSIDE], []),
        ({"automatic": True}, ReplyState.NOTE, "not_relayed.automatic", [Sign.INSIDE], []),
        ({"person": None}, ReplyState.NOTE, "not_relayed.automatic", [Sign.INSIDE], []),
        (
            {"mentions_bridge": True},
            ReplyState.NOTE,
            "not_relayed.mentions_bridge",
            [Sign.INSIDE],
            ["reply.mentions_bridge"],
        ),
        ({"note": True, "person": GUEST}, ReplyState.NOTE, "not_relayed.note", [Sign.INSIDE], []),
        # refused, and its author knows why
        ({"person": GUEST}, ReplyState.REFUSED, "reply.guest", [Sign.REFUSED], ["reply.guest"]),
        ({"person": STRANGER}, ReplyState.REFUSED, "reply.other_company", [Sign.REFUSED], ["reply.other_company"]),
        ({"foreign": True}, ReplyState.REFUSED, "reply.other_company", [Sign.REFUSED], ["reply.other_company"]),
        ({"person": BOT}, ReplyState.REFUSED, "reply.no_member", [Sign.REFUSED], ["reply.no_member"]),
        ({"files": (CANVAS,)}, ReplyState.REFUSED, "reply.file_document", [Sign.REFUSED], ["reply.file_document"]),
        ({"text": " \n "}, ReplyState.REFUSED, "reply.empty", [Sign.REFUSED], ["reply.empty"]),
        ({"text": "\u200b \ufe0f"}, ReplyState.REFUSED, "reply.empty", [Sign.REFUSED], ["reply.empty"]),
        # held, and its author is asked
        ({"mentions": True}, ReplyState.ASKING, "reply.question_mention", [], ["reply.question_mention"]),
    ],
)
def test_what_does_not_go_says_so(
    change: dict[str, Any], state: ReplyState, key: str, signs: list[Sign], tells: list[str]
) -> None:
    """Promise 4, ZI-25: a sign on the message, and a line where its author would wonder."""
    decision = threads.decide(scene(), replace(wrote(), **change), at())
    message = reply(decision)
    assert (message.state, message.reason.key if message.reason else None) == (state, key)
    assert (put(decision), told(decision)) == (signs, tells)
    assert going(decision) == []


@pytest.mark.parametrize(
    ("person", "foreign", "goes"),
    [(GUEST, False, True), (STRANGER, True, True), (AKI, False, False), (NOBODY, True, False)],
)
def test_whoever_is_named_answers_whatever_they_are(person: PersonRef, foreign: bool, goes: bool) -> None:
    """ZI-25, ZM-17: by name or by group; then nobody else."""
    named = scene(account=account(groups=(SUPPORT,)), groups={SUPPORT: (GUEST, STRANGER)})
    decision = threads.decide(named, replace(wrote(person=person), foreign=foreign), at(), waited=True)
    assert bool(going(decision)) is goes


def test_an_unknown_author_is_learnt_first_for_as_long_as_it_takes() -> None:
    """ZI-25: a waiting fact brings the effect that learns what it lacks; the answer waits, and is known by its ref."""
    first = threads.decide(scene(), wrote(person=NOBODY), at())
    assert first.wait is not None
    assert [each.person for each in found(first, LearnPerson)] == [NOBODY]
    assert (reply(first).state, reply(first).parts, going(first)) == (ReplyState.WAITING, (), [])
    for waited in (False, True):
        again = threads.decide(scene(reply(first)), wrote(person=NOBODY), at(), waited=waited)
        assert again.wait is not None
        assert (again.messages, told(again)) == ((), [])


@pytest.mark.parametrize(("person", "tells"), [(AKI, []), (GUEST, ["reply.guest"])])
def test_once_it_is_known_who_wrote_it_the_answer_that_waited_is_ruled_on(person: PersonRef, tells: list[str]) -> None:
    """The same message, with its sign, in the place of its writing."""
    waiting = answer("Yes", parts=(), sign=Sign.WAITING, person=person)
    decision = threads.decide(scene(waiting), wrote("Yes", person=person), at())
    assert (reply(decision).id, told(decision)) == (waiting.id, tells)
    assert going(decision) == ([] if tells else [1])


def test_an_edit_that_waits_for_who_wrote_it_is_not_undone_by_its_late_message() -> None:
    """Swapped events: the edit came first; the words that it replaced never go."""
    fact = replace(edited("No, sold out."), person=NOBODY)
    first = threads.decide(scene(), fact, at())
    assert threads.decide(scene(reply(first)), wrote(person=NOBODY), at()).ignored == "known"
    known = replace(reply(first), person=AKI)
    assert reply(threads.decide(scene(known), fact, at())).text == "No, sold out."
    older = replace(fact, at=fact.at - SECOND, text="No")
    assert threads.decide(scene(known), older, at()).ignored == "an older edit"


def test_a_named_group_is_learnt_before_anybody_is_refused() -> None:
    """ZI-25: an answer does not fail because the group was never read."""
    decision = threads.decide(scene(account=account(groups=(SUPPORT,))), wrote(), at())
    assert decision.wait is not None
    assert [each.group for each in found(decision, LearnGroup)] == [SUPPORT]


@pytest.mark.parametrize(
    ("written", "goes"),
    [(MINUTE, True), (10 * MINUTE - SECOND, True), (10 * MINUTE, False), (3 * HOUR, False)],
)
def test_an_answer_found_late_goes_only_while_it_is_young(written: Any, goes: bool) -> None:
    """After a gap in the desk's events: what is younger than ten minutes goes, for the rest the author is asked."""
    fact = replace(wrote(written=4 * HOUR - written), found_late=True)
    decision = threads.decide(scene(), fact, at(4 * HOUR))
    assert bool(going(decision)) is goes
    assert told(decision) == ([] if goes else ["reply.question_old"])
    if not goes:
        assert offered(decision) == [Act.SEND, Act.KEEP_INSIDE]
        assert found(decision, TellPerson)[0].question


def test_an_answer_outside_the_window_is_refused_as_it_is_written() -> None:
    """ZI-22, CT-39, I-13: the reason at once, and nothing in the outbox."""
    decision = threads.decide(scene(), wrote(written=8 * DAY), at(8 * DAY))
    assert (told(decision), put(decision), going(decision)) == (["reply.window_closed"], [Sign.REFUSED], [])


def test_too_long_an_answer_is_offered_in_parts() -> None:
    """ZI-21, ZM-07: the count, the most, and a button that says how many messages it would be."""
    decision = threads.decide(scene(), wrote("a" * 1601), at())
    (line,) = found(decision, TellPerson)
    assert line.said == Said(key="reply.too_long", values={"count": 1601, "maximum": 1600, "parts": 2})
    assert [(each.act, each.label) for each in line.buttons] == [
        (Act.SEND_SPLIT, Said(key="button.send_as_n", values={"count": 2})),
        (Act.EDIT, Said(key="button.edit")),
    ]
    assert told(decision) == ["reply.too_long"]
    assert going(decision) == []


def test_what_fits_into_one_message_is_not_offered_in_parts() -> None:
    """ZI-21: more than the ceiling, and no more than Messenger takes at once: sentence, button and answer agree."""
    decision = threads.decide(scene(account=account(platform=Platform.MESSENGER)), wrote("a" * 1799), at())
    (line,) = found(decision, TellPerson)
    assert line.said == Said(key="reply.too_long_one", values={"count": 1799, "maximum": 1600, "parts": 1})
    assert [(each.act, each.label) for each in line.buttons] == [
        (Act.SEND_SPLIT, Said(key="button.send_whole")),
        (Act.EDIT, Said(key="button.edit")),
    ]


def test_no_button_sends_more_than_ten_messages() -> None:
    """ZI-21: a pasted book is no answer."""
    decision = threads.decide(scene(), wrote("word " * 2001), at())
    assert (told(decision), offered(decision)) == (["reply.far_too_long"], [])


def test_an_answer_too_long_for_the_wire_goes_in_parts_by_itself() -> None:
    """F1: under the ceiling, over the network's limit: all parts in one lane, in order."""
    decision = threads.decide(scene(), wrote("あ" * 700), at())
    assert going(decision) == [1, 2, 3]
    assert [part.of for part in reply(decision).parts] == [3, 3, 3]
    sends = queued(decision, SendToCustomer)
    assert len({(each.lane, each.position) for each in sends}) == 1


# ── edits ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_before_the_call_replaces_the_answer() -> None:
    """Until Meta has been called: the old rows go, the new words come."""
    decision = threads.decide(scene(answer()), edited("No, sorry."), at())
    assert (reply(decision).text, going(decision), decision.withdrawn) == ("No, sorry.", [1], (reply(decision).id,))


def test_an_edit_that_overtakes_its_message_is_the_message() -> None:
    """Swapped events: what comes late is known, and its older words never go."""
    first = threads.decide(scene(), edited("No, sorry."), at())
    assert (reply(first).text, going(first)) == ("No, sorry.", [1])
    assert threads.decide(scene(reply(first)), wrote("Yes"), at()).ignored == "known"


def test_an_older_edit_that_comes_late_changes_nothing() -> None:
    """Slack keeps no order: what the author wrote last goes."""
    newer = replace(edited("No, sold out."), at=edited().at + SECOND)
    first = threads.decide(scene(answer()), newer, at())
    assert threads.decide(scene(reply(first)), edited("No, sorry."), at()).ignored == "an older edit"


def test_an_edit_into_a_note_keeps_it_inside() -> None:
    """A single slip must not reach the customer: the old rows go and none come."""
    decision = threads.decide(scene(answer()), edited("note: do not send", note=True), at())
    assert (reply(decision).state, going(decision), put(decision)) == (ReplyState.NOTE, [], [Sign.INSIDE])
    assert decision.withdrawn == (reply(decision).id,)


def test_an_edit_into_a_mention_asks_first() -> None:
    """What would now show a colleague's name waits for its author's word."""
    decision = threads.decide(scene(answer()), edited("@Ben, is it?", mentions=True), at())
    assert (reply(decision).state, told(decision)) == (ReplyState.ASKING, ["reply.question_mention"])
    assert decision.withdrawn == (reply(decision).id,)


def test_the_same_question_is_not_asked_twice() -> None:
    """Every edit of a held answer would otherwise bring another direct message."""
    asking = answer(state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_mention"))
    decision = threads.decide(scene(asking), edited("@Ben, is it so?", mentions=True), at())
    assert (reply(decision).text, told(decision)) == ("@Ben, is it so?", [])
    plain = threads.decide(scene(asking), edited("It is so."), at())
    assert (reply(plain).state, going(plain)) == (ReplyState.WAITING, [1])


def test_an_edit_of_a_refused_answer_is_a_new_try() -> None:
    """The old ending's sign goes, and the answer with its new words."""
    refused = answer(state=ReplyState.REFUSED, parts=(), sign=Sign.REFUSED, reason=Said(key="reply.file_kind"))
    decision = threads.decide(scene(refused), edited("Just words."), at())
    assert (going(decision), reply(decision).sign) == ([1], None)
    assert [each.sign for each in found(decision, ClearSign)] == [Sign.REFUSED]


def test_a_shortened_answer_that_was_too_long_goes() -> None:
    """ZI-21: a refused answer made shorter; and an agreement to send in parts does not outlive the words it was for."""
    refused = replace(answer(state=ReplyState.REFUSED, parts=()), split=True)
    assert going(threads.decide(scene(refused), edited("Short."), at())) == [1]
    assert told(threads.decide(scene(refused), edited("a" * 1700), at())) == ["reply.too_long"]


def test_a_note_does_not_become_an_answer_by_an_edit() -> None:
    """Note: what was said inside stays inside; its author is told."""
    note = answer(state=ReplyState.NOTE, parts=(), sign=Sign.INSIDE)
    decision = threads.decide(scene(note), edited("Now without the sign"), at())
    assert (reply(decision).state, going(decision)) == (ReplyState.NOTE, [])
    assert told(decision) == ["reply.note_edited"]
    assert told(threads.decide(scene(note), edited("note: more", note=True), at())) == []


@pytest.mark.parametrize(
    ("message", "sending", "key"),
    [
        (answer(state=ReplyState.SENT, parts=(SENT,)), (), "reply.edited_after_send"),
        (answer(parts=(UNSURE,)), (on_the_wire(answer(parts=(UNSURE,)), unsure=True),), "reply.edited_perhaps_sent"),
        (answer(state=ReplyState.UNSURE, parts=(UNSURE,)), (), "reply.edited_perhaps_sent"),
        (answer(parts=TWO_OF_THREE), (), "reply.edited_some_sent"),
    ],
    ids=["sent", "unsure", "asked about", "two of three"],
)
def test_an_edit_after_the_call_tells_what_the_customer_has(message: Message, sending: Any, key: str) -> None:
    """F12: an edit never vanishes silently, and never changes what is on its way."""
    decision = threads.decide(scene(message, *sending), edited("Too late"), at())
    assert (told(decision), decision.withdrawn) == ([key], ())
    assert [(each.text, each.parts) for each in decision.messages] in ([], [(message.text, message.parts)])


def test_what_was_kept_back_of_words_that_were_changed_is_not_tried_again() -> None:
    """F12: two of three parts were sent and the third refused; by now its message is a note."""
    partly = answer("あ" * 700, state=ReplyState.REFUSED, parts=TWO_OF_THREE, reason=Said(key="reply.refused_part"))
    decision = threads.decide(scene(partly), edited("note: sold out", note=True), at())
    assert told(decision) == ["reply.edited_after_send"]
    pressed = threads.decide(scene(reply(decision)), press(Act.RETRY), at(HOUR))
    assert (pressed.messages, going(pressed), told(pressed)) == ((), [], ["reply.edited_after_send"])


@pytest.mark.parametrize("waited", [False, True])
def test_an_edit_during_the_call_waits_for_its_end(waited: bool) -> None:
    """CT-15: only then is it known whether it came too late; nothing else waits for it meanwhile."""
    decision = threads.decide(scene(answer(), on_the_wire(answer())), edited("Better"), at(), waited=waited)
    assert decision.wait is not None
    assert (decision.wait.missing, decision.wait.free) == ("send", True)
    assert (told(decision), decision.messages, decision.withdrawn) == ([], (), ())


def test_the_same_words_again_are_no_edit() -> None:
    """A link that unfurls changes a message, too."""
    assert threads.decide(scene(answer("Same")), edited("Same"), at()).ignored == "same words"


# ── deletions ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", [ReplyState.WAITING, ReplyState.ASKING, ReplyState.REFUSED, ReplyState.NOTE])
def test_a_deletion_before_the_call_withdraws_the_answer(state: ReplyState) -> None:
    """Until Meta has been called: words and rows go, nobody needs to hear of it."""
    decision = threads.decide(scene(answer(state=state)), deleted(), at())
    message = reply(decision)
    assert (message.state, message.text, message.parts, message.sign) == (ReplyState.WITHDRAWN, None, (), None)
    assert (decision.withdrawn, told(decision)) == ((message.id,), [])


def test_a_deletion_that_overtakes_its_message_holds_it_back() -> None:
    """Swapped events: the message that comes late is known as withdrawn."""
    decision = threads.decide(scene(), deleted(), at())
    assert reply(decision).state is ReplyState.WITHDRAWN
    assert threads.decide(scene(reply(decision)), wrote(), at()).ignored == "known"
    assert threads.decide(scene(reply(decision)), edited(), at()).ignored == "withdrawn"


def test_a_deletion_after_sending_tells_that_the_customer_has_it() -> None:
    """F12: afterwards the author is told what the customer has."""
    sent = answer(state=ReplyState.SENT, parts=(SENT,), sign=Sign.SENT)
    decision = threads.decide(scene(sent), deleted(), at())
    assert told(decision) == ["reply.deleted_after_send"]
    assert reply(decision) == replace(sent, sign=None), "its sign went with it"


def test_a_deletion_that_is_heard_twice_is_told_once() -> None:
    """By its event, and by a reading of the thread after a gap."""
    first = threads.decide(scene(answer(state=ReplyState.SENT, parts=(SENT,), sign=Sign.SENT)), deleted(), at())
    again = threads.decide(scene(reply(first)), deleted(), at())
    assert (told(again), again.messages, again.ignored) == ([], (), "told already")


def test_a_deletion_between_two_parts_keeps_the_rest_back() -> None:
    """Two of three parts have gone: the third does not follow, and the author knows it."""
    decision = threads.decide(scene(answer(parts=TWO_OF_THREE)), deleted(), at())
    (line,) = found(decision, TellPerson)
    assert line.said == Said(key="reply.deleted_some_sent", values={"sent": 2, "parts": 3})
    assert decision.withdrawn == (reply(decision).id,)
    assert reply(decision).state is ReplyState.WITHDRAWN


def test_a_deletion_while_it_is_on_the_wire_keeps_what_the_echo_is_known_by() -> None:
    """Nobody knows yet; no second try follows, and the words stay until the answer has come."""
    message = answer()
    decision = threads.decide(scene(message, on_the_wire(message)), deleted(), at())
    assert (reply(decision).state, reply(decision).text) == (ReplyState.WITHDRAWN, message.text)
    assert (decision.withdrawn, told(decision)) == ((message.id,), [])


def test_a_deletion_of_what_a_person_is_asked_about_leaves_the_question() -> None:
    """The two buttons still stand in a direct message."""
    message = answer(state=ReplyState.UNSURE, parts=(UNSURE,))
    assert threads.decide(scene(message, on_the_wire(message, asked=True)), deleted(), at()).messages == ()


def test_a_deleted_root_is_gone_for_what_comes_next() -> None:
    """A deleted root gives a new root, not loose posts."""
    assert threads.decide(scene(), deleted(ROOT), at()).threads == (replace(THREAD, gone=True),)


def test_a_deleted_customers_message_withdraws_nothing() -> None:
    """Only answers can be taken back."""
    shown = Message(
        id=MessageId(22), conversation=ConversationId(11), author=Author.CUSTOMER, at=NOON, text="?", ref=PostRef("C:3")
    )
    assert threads.decide(scene(shown), deleted(PostRef("C:3")), at()).ignored == "not an answer"
