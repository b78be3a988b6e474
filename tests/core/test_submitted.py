"""What people send in by a window: rules that hold whatever the desk is, and for whoever sends it."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import threads
from bridge.model.change import asdict, replace
from bridge.model.copies import Copies, Quoted
from bridge.model.decision import Drop, Go, Instead, NotYet, Scene
from bridge.model.effects import LearnPerson, PostLine, PostMessage, SendToCustomer, SetSign, TellPerson
from bridge.model.facts import Act, Submitted
from bridge.model.files import PrepareFile
from bridge.model.ids import FileRef, GroupRef, MessageId, PersonRef, RemoteId
from bridge.model.saved import SavedReply, SavedReplyId
from bridge.model.state import Attachment, Author, Message, PartState, ReplyState, Said, Sign, Work
from bridge.rules.acts import saved, windows
from tests.core.factories import (
    AKI,
    ANSWER,
    BOT,
    DESK,
    GUEST,
    HOUR,
    NOBODY,
    NOON,
    ROOT,
    SHOP,
    STRANGER,
    account,
    answer,
    at,
    conversation,
    found,
    going,
    offered,
    put,
    queued,
    reply,
    scene,
    told,
)

LATER = at(2 * HOUR)
KEN = PersonRef("U-ken")
ASKED = Message(
    id=MessageId(20), conversation=conversation().id, author=Author.CUSTOMER, at=NOON, text="Is it there?",
    remote_id=RemoteId("mid.c1"),
)  # fmt: skip


def sent_in(act: Act, text: str | None = None, person: PersonRef = AKI, **values: Any) -> Submitted:
    """A window that somebody sent in."""
    return Submitted(
        workspace=DESK, at=NOON + 2 * HOUR, act=act, person=person, place=SHOP, root=ROOT, text=text, values=values
    )


def quoting(*, gone: bool = False) -> tuple[Scene, SendToCustomer]:
    """An answer that quotes what a customer wrote, about to go."""
    quoted = replace(ASKED, unsent_at=NOON + HOUR, text=None) if gone else ASKED
    message = replace(answer("Yes"), about=ASKED.remote_id)
    effect = found(threads.decide(scene(), sent_in(Act.ANSWER, "Yes"), LATER), SendToCustomer)[0]
    return replace(scene(message), quoted={RemoteId("mid.c1"): Quoted(message=quoted)}), replace(
        effect, message=message.id
    )


def test_words_from_a_window_are_an_answer_whose_signs_wait_for_its_post() -> None:
    """It goes without waiting for the desk; its post is its author's message, and the signs come to stand on that."""
    decision = threads.decide(scene(ASKED), sent_in(Act.REPLY_TO, "Yes"), LATER)
    message = reply(decision)
    assert (message.state, message.about, message.ref, message.person) == (ReplyState.WAITING, "mid.c1", None, AKI)
    assert (going(decision), [each.own for each in found(decision, PostMessage)]) == ([1], [True])
    refused = threads.decide(scene(account=account(ceiling=2)), sent_in(Act.ANSWER, "Yes"), LATER)
    (sign,) = queued(refused, SetSign)
    assert isinstance(sign.effect, SetSign)
    assert (put(refused), sign.target.endswith(SHOP), offered(refused)) == (
        [Sign.REFUSED],
        True,
        ["send_split", "edit"],
    )
    assert [each.about for each in found(refused, TellPerson)] == [ROOT]
    standing = reply(refused)
    assert isinstance(threads.due(scene(standing), sign.effect, LATER), NotYet)
    assert isinstance(threads.due(scene(replace(standing, ref=ANSWER)), sign.effect, LATER), Go)
    assert isinstance(threads.due(scene(replace(standing, sign=Sign.SENT)), sign.effect, LATER), Drop)


@pytest.mark.parametrize(
    ("person", "key"),
    [
        (GUEST, "reply.guest"),
        (STRANGER, "reply.other_company"),
        (BOT, "reply.no_member"),
        (NOBODY, "reply.unknown_person"),
    ],
)
@pytest.mark.parametrize("act", [Act.REPLY_TO, Act.NOTE, Act.CLOSE, Act.SAVE_REPLY, Act.EDIT, Act.CORRECT])
def test_who_may_not_answer_can_send_in_nothing(act: Act, person: PersonRef, key: str) -> None:
    """Asked once more when it comes; who is not known is asked for first."""
    fact = sent_in(act, "words", person, name="n")
    first = threads.decide(scene(answer(state=ReplyState.REFUSED)), fact, LATER)
    if person == NOBODY:
        assert first.wait is not None
        assert found(first, LearnPerson)
    decision = threads.decide(scene(answer(state=ReplyState.REFUSED)), fact, LATER, waited=True)
    assert (decision.messages, decision.conversation, decision.saved, told(decision)) == ((), None, (), [key])


def test_what_is_quoted_is_looked_at_once_more_when_it_goes() -> None:
    """Only its first part bears the quote; of one that was unsent its author is asked."""
    place, effect = quoting()
    due = threads.due(place, effect, LATER)
    assert isinstance(due, Go)
    assert due.quotes == "mid.c1"
    gone, effect = quoting(gone=True)
    due = threads.due(gone, effect, LATER)
    assert isinstance(due, Instead)
    assert (told(due.decision), offered(due.decision)) == (["reply.quote_gone"], ["unquote"])


@pytest.mark.parametrize(
    "message",
    [
        None,
        answer(),
        replace(ASKED, remote_id=None),
        replace(ASKED, unsent_at=NOON),
        replace(ASKED, kind="reaction"),
        replace(ASKED, kind="comment"),
        replace(ASKED, author=Author.ELSEWHERE),
    ],
)
def test_only_a_customers_own_message_can_be_quoted(message: Message | None) -> None:
    """What the network does not know as a message, or no longer, cannot be answered so."""
    assert windows.quotable(message) is None
    assert windows.quotable(ASKED) == "mid.c1"


def test_a_note_never_goes_and_words_like_one_do_not_either() -> None:
    """With the lock, in its author's name."""
    for fact in (sent_in(Act.NOTE, "angry"), sent_in(Act.REPLY_TO, "メモ: angry")):
        decision = threads.decide(scene(), fact, LATER)
        assert (reply(decision).state, going(decision), put(decision)) == (ReplyState.NOTE, [], [Sign.INSIDE])
        assert len(found(decision, PostMessage)) == 1


def test_other_words_go_in_the_place_of_a_refused_answer_once() -> None:
    """What was refused stays inside; sent in again, or of what has gone in part, nothing goes."""
    old = answer("a" * 1601, state=ReplyState.REFUSED, parts=(), sign=Sign.REFUSED)
    decision = threads.decide(scene(old), sent_in(Act.EDIT, "short"), LATER)
    fresh, kept = decision.messages
    assert (fresh.text, kept.id, kept.state, decision.withdrawn) == ("short", old.id, ReplyState.NOTE, (old.id,))
    partly = replace(old, parts=answer(parts=(PartState.SENT, PartState.READY)).parts)
    for again in (kept, partly, None):
        decision = threads.decide(scene(again), sent_in(Act.EDIT, "short"), LATER)
        assert (decision.messages, told(decision)) == ((), ["reply.no_longer_possible"])


def test_other_words_take_the_files_of_the_refused_answer_along() -> None:
    """CT-13: in their order, after the words; nothing of the answer is left behind."""
    files = tuple(Attachment(seq=seq, kind="image", title=f"{seq}.jpg", file=FileRef(f"F{seq}")) for seq in (1, 2))
    old = replace(answer("a" * 1701, state=ReplyState.REFUSED, parts=()), attachments=files)
    decision = threads.decide(scene(old), sent_in(Act.EDIT, "short"), LATER)
    fresh = decision.messages[0]
    assert (fresh.text, fresh.attachments, len(fresh.parts)) == ("short", files, 3)
    assert [(each.message, each.attachment) for each in found(decision, PrepareFile)] == [(fresh.id, 1), (fresh.id, 2)]


def test_acts_of_a_window_are_those_of_the_card() -> None:
    """With whom, until when and how it ended; kept in the audit."""
    decision = threads.decide(scene(), sent_in(Act.CLOSE, outcome="sold"), LATER)
    assert decision.conversation is not None
    assert (decision.conversation.work, decision.conversation.outcome) == (Work.CLOSED, "sold")
    assert decision.noted[0].after["outcome"] == "sold"
    decision = threads.decide(scene(), sent_in(Act.ASSIGN, group="S-support"), LATER)
    assert decision.conversation is not None
    assert (decision.conversation.owner, decision.conversation.owner_group) == (None, GroupRef("S-support"))
    (line,) = found(decision, PostLine)
    assert line.said == Said(key="thread.work_assigned_group", values={"agent": AKI, "group": "S-support"})
    decision = threads.decide(scene(conversation=decision.conversation), sent_in(Act.TAKE), LATER)
    assert decision.conversation is not None
    assert (decision.conversation.owner, decision.conversation.owner_group) == (AKI, None)
    until = NOON + 5 * HOUR
    decision = threads.decide(scene(), sent_in(Act.SNOOZE, until=int(until.timestamp())), LATER)
    assert decision.conversation is not None
    assert decision.conversation.snoozed_until == until
    again = threads.decide(scene(conversation=replace(conversation(), owner=AKI)), sent_in(Act.TAKE), LATER)
    assert (again.conversation, told(again)) == (None, ["work.yours_already"])


@pytest.mark.parametrize(
    ("text", "unknown", "unfilled", "shown"),
    [
        ("Hello {customer}", (), ("customer",), "Hello Yuki"),
        ("{ customer } {agent}", (), (" customer ", "agent"), "Yuki {agent}"),
        ("{shop} {customer}", ("shop",), ("customer",), "{shop} Yuki"),
        ("{} {{x}} }{", ("", "x"), (), "{} {{x}} }{"),
        ("no braces", (), (), "no braces"),
    ],
)
def test_what_stands_in_braces(text: str, unknown: tuple[str, ...], unfilled: tuple[str, ...], shown: str) -> None:
    """Only what is known is filled in; what is not stays, and is refused where it would go."""
    assert (saved.unknown(text), saved.unfilled(text)) == (unknown, unfilled)
    assert saved.filled(text, {"customer": "Yuki", "agent": None}) == shown


def test_a_saved_reply_is_kept_with_its_source_and_noted_without_words() -> None:
    """Kept for its account; what names no placeholder is not kept."""
    fact = replace(sent_in(Act.SAVE_REPLY, "Hello {customer}", name="hello", language="ja"), message=MessageId(20))
    decision = threads.decide(scene(ASKED), fact, LATER)
    (kept,) = decision.saved
    assert (kept.text, kept.source, kept.by, kept.account) == ("Hello {customer}", 20, AKI, account().id)
    assert "Hello" not in str(decision.noted)
    assert told(decision) == ["saved.kept"]
    assert threads.decide(scene(), replace(fact, text="{shop}"), LATER).saved == ()
    gone = threads.decide(scene(), sent_in(Act.DELETE_REPLY, saved="7"), LATER)
    assert (gone.unsaved, told(gone)) == ((7,), ["saved.deleted"])


def test_a_saved_reply_is_never_written_over_a_colleagues() -> None:
    """Of the same name and language only the same one is changed; the very same words are kept already."""
    theirs = SavedReply(
        id=SavedReplyId(7), account=account().id, name="hello", language="ja", text="Welcome", by=KEN, at=NOON
    )
    place = replace(scene(ASKED), saved=(theirs,))
    for values, text, says, ids in (
        ({"language": "ja"}, "Hello", "saved.name_taken", []),
        ({"language": "ja"}, "Welcome", "saved.kept", []),
        ({"language": "en"}, "Hello", "saved.kept", [1000]),
        ({"language": "ja", "saved": "7"}, "Hello", "saved.kept", [7]),
        ({"language": "ja", "saved": "8"}, "Hello", "saved.name_taken", []),
    ):
        fact = replace(sent_in(Act.SAVE_REPLY, text), values={"name": "hello", **values})
        decision = threads.decide(place, fact, at(2 * HOUR))
        assert (told(decision), [each.id for each in decision.saved]) == ([says], ids)


def test_the_same_correction_goes_once() -> None:
    """Whoever sends it in again reads so; other words, or the same after they did not go, are another correction."""
    source = answer(state=ReplyState.SENT, parts=(PartState.SENT,))
    fact = replace(sent_in(Act.CORRECT, "At ten."), message=source.id)
    first = threads.decide(scene(source), fact, LATER)
    fresh = reply(first)
    (noted,) = first.noted
    assert (going(first), noted.object, noted.after) == ([1], f"message:{source.id}", {"correction": fresh.id})
    assert "ten" not in str(noted)
    known = replace(scene(source), copies=Copies(corrections=(fresh,)))
    again = threads.decide(known, replace(fact, person=AKI), LATER)
    assert (again.messages, told(again)) == ((), ["reply.corrected_already"])
    assert going(threads.decide(known, replace(fact, text="At nine."), LATER)) == [1]
    stayed = replace(known, copies=Copies(corrections=(replace(fresh, state=ReplyState.REFUSED),)))
    assert going(threads.decide(stayed, fact, LATER)) == [1]


@pytest.mark.parametrize("act", [Act.REPLY_TO, Act.EDIT, Act.CORRECT, Act.ANSWER])
@pytest.mark.parametrize(
    ("seen", "question"), [("mentions", "reply.question_mention"), ("leads_inside", "reply.question_link")]
)
def test_words_from_a_window_are_asked_about_as_typed_ones_are(act: Act, seen: str, question: str) -> None:
    """What is for colleagues goes only after its author has said so."""
    source = answer("a" * 1701, state=ReplyState.REFUSED, parts=())
    fact = Submitted(**{**asdict(sent_in(act, "Ask @Ken")), seen: True})
    decision = threads.decide(scene(source), fact, LATER)
    assert (decision.messages[0].state, going(decision)) == (ReplyState.ASKING, [])
    assert (told(decision), offered(decision)) == ([question], [Act.SEND, Act.KEEP_INSIDE])
