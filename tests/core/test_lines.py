"""What a direct question about an answer becomes with the answer: pure, for every way in which the two may meet."""

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import ReplaceLine
from bridge.model.facts import Act, QuestionStands
from bridge.model.ids import PostRef
from bridge.model.state import Message, PartState, ReplyState, Said
from bridge.rules.answers import lines
from bridge.rules.answers.reply import CHANGED_SINCE
from tests.core.factories import AKI, DESK, NOON, answer, at, found, on_the_wire, press, scene

MENTION = Said(key="reply.question_mention")
ASKING = answer(state=ReplyState.ASKING, parts=(), reason=MENTION)
ON_ITS_WAY = answer(state=ReplyState.WAITING)
HANDLE = PostRef("D1:1.5")


def stood(message: Message | None, key: str = MENTION.key) -> Decision:
    """The question is known to stand, while the answer is as it is now."""
    fact = QuestionStands(workspace=DESK, at=NOON, message=answer().id, person=AKI, handle=HANDLE, key=key)
    return threads.decide(scene(message), fact, at())


def said(decision: Decision) -> list[tuple[str, str]]:
    return [(each.handle, each.said.key) for each in found(decision, ReplaceLine)]


def kept(decision: Decision) -> Message:
    (message,) = decision.messages
    return message


def test_where_a_question_stands_is_kept_with_its_answer_and_with_the_same_question() -> None:
    """CT-08: the reason stays what it was; the same question again changes nothing there."""
    decision = stood(ASKING)
    assert said(decision) == []
    assert kept(decision).reason == replace(MENTION, values={"line": HANDLE})
    assert lines.bare(kept(decision).reason) == MENTION
    same = lines.followed(scene(kept(decision)), Decision(messages=(ASKING,)), at())
    assert (said(same), kept(same)) == ([], kept(decision))


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (answer(state=ReplyState.SENT, parts=(PartState.SENT,)), "reply.question_sent"),
        (answer(state=ReplyState.NOTE, parts=(), reason=Said(key="not_relayed.note")), "reply.kept_inside"),
        (answer(state=ReplyState.NOTE, parts=(), reason=Said(key="not_relayed.stopped")), "reply.stopped"),
        (answer(None, state=ReplyState.WITHDRAWN, parts=()), "reply.question_deleted"),
        (answer(state=ReplyState.WITHDRAWN, parts=(PartState.SENT,)), "reply.question_deleted_late"),
        (answer(state=ReplyState.REFUSED, reason=Said(key="reply.account_paused")), "reply.account_paused"),
        (answer(state=ReplyState.ASKING, parts=(), reason=Said(key="reply.question_link")), "reply.question_anew"),
        (answer(state=ReplyState.UNSURE, parts=(PartState.UNSURE,)), "reply.question_anew"),
    ],
)
def test_whatever_settles_an_answer_its_question_says_so_once(now: Message, says: str) -> None:
    """CT-08: whether the answer was settled before its question was known to stand, or after; then nothing is left to follow."""
    asked = kept(stood(ASKING))
    late = stood(now)
    assert said(late) == [(HANDLE, says)]
    followed = lines.followed(scene(asked), Decision(messages=(now,)), at())
    assert said(followed) == [(HANDLE, says)]
    assert kept(followed) == now
    assert said(lines.followed(scene(asked), followed, at())) == [(HANDLE, says)]
    assert said(lines.followed(scene(kept(followed)), Decision(messages=(now,)), at())) == []


def test_whether_it_arrived_is_asked_until_that_is_known() -> None:
    """M-24: its author may change it meanwhile; the buttons still say what is true of the earlier words."""
    doubtful = answer(state=ReplyState.UNSURE, parts=(PartState.UNSURE,), reason=Said(key="reply.unsure"))
    changed = replace(doubtful, reason=CHANGED_SINCE)
    for message in (doubtful, changed):
        asked = stood(message, "reply.unsure")
        assert (said(asked), lines.bare(kept(asked).reason)) == ([], message.reason)
    still = lines.followed(scene(kept(stood(doubtful, "reply.unsure"))), Decision(messages=(changed,)), at())
    assert (said(still), kept(still).reason) == ([], replace(CHANGED_SINCE, values={"line": HANDLE}))


def test_what_was_let_go_is_followed_until_it_has_gone() -> None:
    """CT-08: it is being sent, and then it was sent; nothing of that stays in the answer."""
    going = lines.followed(scene(kept(stood(ASKING))), Decision(messages=(ON_ITS_WAY,)), at())
    assert said(going) == [(HANDLE, "reply.sending")]
    assert kept(going).reason == Said(key="reply.sending", values={"line": HANDLE})
    still = lines.followed(scene(kept(going)), Decision(messages=(ON_ITS_WAY,)), at())
    assert (said(still), kept(still)) == ([], kept(going))
    sent = answer(state=ReplyState.SENT, parts=(PartState.SENT,))
    over = lines.followed(scene(None, on_the_wire(kept(going), 1)), Decision(messages=(sent,)), at())
    assert (said(over), kept(over)) == ([(HANDLE, "reply.question_sent")], sent)


def test_a_press_answers_for_itself_and_is_followed_from_there() -> None:
    """CT-08: the line that was pressed is replaced once by the press, and once more when the answer has gone."""
    decision = threads.decide(scene(kept(stood(ASKING))), press(Act.SEND, handle=HANDLE), at())
    assert said(decision) == [(HANDLE, "reply.sending")]
    assert kept(decision).reason == Said(key="reply.sending", values={"line": HANDLE})
    private = threads.decide(scene(ASKING), press(Act.SEND, handle="https://hooks.slack.test/1"), at())
    assert kept(private).reason is None
    inside = threads.decide(scene(kept(stood(ASKING))), press(Act.KEEP_INSIDE, handle=HANDLE), at())
    assert said(inside) == [(HANDLE, "reply.kept_inside")]
    assert "line" not in (kept(inside).reason or MENTION).values


def test_a_question_about_an_answer_that_is_gone_is_nobodys() -> None:
    """Erased meanwhile: there is nothing to say."""
    assert stood(None).ignored == "no answer"
