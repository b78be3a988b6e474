"""Agents' files as parts of answers: what is brought first, what goes when, and what undoes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge import threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Go, Instead, Tag
from bridge.model.effects import SendToCustomer, TellPerson
from bridge.model.facts import Act, EchoHeard
from bridge.model.files import AgentFile, PrepareFile
from bridge.model.ids import FileRef
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unfit, Unsure, Uploaded
from bridge.model.state import Attachment, AttachmentState, Message, PartState, ReplyState, Said, Sign
from bridge.rules.acts import pressed
from bridge.rules.answers.outgoing import KEPT, is_film
from tests.core.factories import (
    CANVAS,
    CUP,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    account,
    answer,
    at,
    deleted,
    echo,
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

FILM = AgentFile(ref=FileRef("F3"), name="a.mp4", kind="video")
LATER = at(HOUR + SECOND)


def filed(*kept: str | None, words: int = 1, **changes: Any) -> Message:
    """An answer on its way with a file for each of these ids; None: the network does not have it yet."""
    files = tuple(
        Attachment(
            seq=seq, kind="image", file=FileRef(f"F{seq}"), remote_id=name, remote_at=NOON + HOUR if name else None
        )
        for seq, name in enumerate(kept, 1)
    )
    parts = (PartState.READY,) * (words + len(files))
    return replace(answer(parts=parts), attachments=files, **changes)


def bring(seq: int = 1) -> PrepareFile:
    """The effect for one of its files."""
    place = scene(filed(None))
    return PrepareFile(
        workspace=place.workspace.id,
        conversation=place.conversation.id,
        account=place.account.id,
        message=filed(None).id,
        attachment=seq,
    )


def send(part: int, *, film: bool = False, renewed: bool = False) -> SendToCustomer:
    """The effect for one of its parts."""
    place = scene(filed(None))
    return SendToCustomer(
        workspace=place.workspace.id,
        conversation=place.conversation.id,
        account=place.account.id,
        message=filed(None).id,
        part=part,
        film=film,
        renewed=renewed,
    )


def ended(message: Message, effect: PrepareFile | SendToCustomer, outcome: Outcome) -> Decision:
    """What one end brings."""
    target = "files:5" if isinstance(effect, PrepareFile) else "network:5:sends"
    return threads.ended(scene(message), effect, outcome, LATER, row=7, target=target, position=0)


def test_what_brings_the_files_is_queued_before_what_sends_any_of_it() -> None:
    """CT-17: in one lane and at one place, so that nothing of the message goes before all of it can."""
    decision = threads.decide(scene(), replace(wrote(), files=(CUP, FILM)), at())
    rows = [each for each in decision.effects if isinstance(each.effect, (PrepareFile, SendToCustomer))]
    assert [type(each.effect).__name__ for each in rows] == ["PrepareFile"] * 2 + ["SendToCustomer"] * 3
    assert len({(each.lane, each.position, each.not_before) for each in rows}) == 1
    assert [each.target for each in rows] == ["files:5"] * 2 + ["network:5:sends"] * 2 + ["network:5:films"]
    assert [each.seq for each in reply(decision).parts] == [1, 2, 3]


def test_files_alone_are_an_answer_and_have_no_signature() -> None:
    decision = threads.decide(scene(), replace(wrote(""), files=(CUP,)), at())
    assert (reply(decision).state, going(decision)) == (ReplyState.WAITING, [1])


@pytest.mark.parametrize("change", [{"note": True}, {"automatic": True, "person": None}])
def test_files_of_what_stays_inside_stay_with_it(change: dict[str, Any]) -> None:
    """CT-08: nothing of them is even brought."""
    decision = threads.decide(scene(), replace(wrote(), files=(CUP,), **change), at())
    assert (put(decision), found(decision, PrepareFile), going(decision)) == ([Sign.INSIDE], [], [])


def test_what_is_no_file_is_refused_before_anything_is_asked() -> None:
    decision = threads.decide(scene(), replace(wrote(), files=(CUP, CANVAS), mentions=True), at())
    assert (told(decision), found(decision, PrepareFile)) == (["reply.file_document"], [])
    assert reply(decision).attachments[1].state is AttachmentState.FAILED


def test_a_file_is_brought_while_its_answer_waits_and_its_window_is_open() -> None:
    assert isinstance(threads.due(scene(filed(None)), bring(), LATER), Go)
    assert isinstance(threads.due(scene(filed("16")), bring(), LATER), Drop)
    assert isinstance(threads.due(scene(filed(None, state=ReplyState.NOTE)), bring(), LATER), Drop)
    assert isinstance(threads.due(scene(filed(None)), bring(2), LATER), Drop)
    closed = threads.due(scene(filed(None)), bring(), at(2 * DAY))
    assert isinstance(closed, Instead)
    assert (told(closed.decision), closed.decision.withdrawn) == (["reply.window_closed"], (filed(None).id,))


def test_what_the_network_keeps_is_remembered_with_the_kind_that_it_turned_out_to_be() -> None:
    decision = ended(filed(None), bring(), Uploaded(remote_id="16", kind="video"))
    (message,) = decision.messages
    (file,) = message.attachments
    assert (file.remote_id, file.kind, file.remote_at) == ("16", "video", NOON + HOUR + SECOND)
    assert is_film(message, 2)
    assert not is_film(message, 1)


@pytest.mark.parametrize(
    ("outcome", "key", "buttons"),
    [
        (Unfit(code="", why="other", said=Said(key="reply.file_too_large", values={"what_key": "file.only", "file": 1, "files": 1, "maximum": 25})), "reply.file_too_large", []),
        (Unfit(code="", why="other", said=Said(key="reply.file_forbidden", values={"what_key": "file.only", "file": 1, "files": 1}), retry=True), "reply.file_forbidden", [Act.RETRY]),
        (Unfit(code="", why="other", said=Said(key="reply.file_picture_large", values={"what_key": "file.only", "file": 1, "files": 1, "maximum": 8, "size": "9.0"})), "reply.file_picture_large", [Act.SEND_SMALLER]),
        (Refused(code="100/2018047", why="media_kind"), "reply.refused", []),
        (Refused(code="551", why="unreachable"), "reply.refused", [Act.RETRY]),
        (Later(after=SECOND, why="timeout", scope=Scope.ROW, last="media_upload"), "reply.refused", [Act.RETRY]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_go_refuses_the_whole_message(outcome: Outcome, key: str, buttons: list[Act]) -> None:
    """CT-17: with what helps, if anything does; and what was queued of it is withdrawn."""
    decision = ended(filed(None, None), bring(), outcome)
    assert told(decision) == [key]
    assert (offered(decision), decision.withdrawn) == (buttons, (filed(None).id,))
    assert put(decision) == [Sign.WAITING if buttons == [Act.SEND_SMALLER] else Sign.REFUSED]


def test_after_the_standard_window_files_go_under_the_tag() -> None:
    """I-14: a person's files as a person's words."""
    shop = account(human_agent=True)
    for part in (1, 2):
        ruling = threads.due(scene(filed("161"), account=shop), send(part), at(30 * HOUR))
        assert isinstance(ruling, Go)
        assert ruling.tag is Tag.HUMAN_AGENT


def test_a_dead_login_holds_the_account_and_the_answer_waits() -> None:
    decision = ended(filed(None), bring(), Held(cause="reauth.token_expired", scope=Scope.PARENT))
    assert [each.target for each in decision.holds] == ["network:5"]
    assert decision.messages == ()


def test_what_ended_meanwhile_is_not_brought_back_by_its_file() -> None:
    gone = filed(None, state=ReplyState.WITHDRAWN)
    assert ended(gone, bring(), Uploaded(remote_id="16", kind="image")).ignored
    assert ended(gone, bring(), Refused(code="", why="other")).ignored


def test_each_part_goes_as_what_it_is() -> None:
    message = filed("161", "162")
    words, first = threads.due(scene(message), send(1), LATER), threads.due(scene(message), send(2), LATER)
    assert isinstance(words, Go)
    assert isinstance(first, Go)
    assert (words.text, words.file) == (message.text, None)
    assert (first.text, first.file) == (None, message.attachments[0])


@pytest.mark.parametrize("part", [1, 2, 3])
def test_no_part_goes_while_the_network_lacks_a_file_of_it(part: int) -> None:
    """Whatever became of the row that was to bring it: it is queued anew, before everything else."""
    ruling = threads.due(scene(filed("161", None)), send(part), LATER)
    assert isinstance(ruling, Instead)
    assert [each.attachment for each in found(ruling.decision, PrepareFile)] == [2]
    assert (going(ruling.decision), ruling.decision.withdrawn) == ([1, 2, 3], (filed(None).id,))


def test_sound_and_film_go_by_a_way_of_their_own() -> None:
    """Ten a second: what turned out to be film changes over, with all that follows it."""
    message = filed("161", "162")
    film = replace(message, attachments=(replace(message.attachments[0], kind="video"), message.attachments[1]))
    ruling = threads.due(scene(film), send(2), LATER)
    assert isinstance(ruling, Instead)
    assert [each.target for each in queued(ruling.decision, SendToCustomer)] == [
        "network:5:sends", "network:5:films", "network:5:sends",
    ]  # fmt: skip
    assert isinstance(threads.due(scene(film), send(2, film=True), LATER), Go)


def test_what_is_too_old_is_brought_again_and_what_is_not_is_not() -> None:
    """F9: 90 days, less one."""
    young = replace(
        filed("161"), attachments=(replace(filed("161").attachments[0], remote_at=NOON + HOUR - KEPT + MINUTE),)
    )
    old = replace(young, attachments=(replace(young.attachments[0], remote_at=NOON + HOUR - KEPT),))
    assert isinstance(threads.due(scene(young), send(2), LATER), Go)
    assert isinstance(threads.due(scene(old), send(2), LATER), Instead)


def test_what_the_network_has_forgotten_is_brought_once_more_and_then_refused() -> None:
    """F9: what had gone stays gone; the rest follows in its order."""
    lost = Refused(code="100/2018074", why="media_expired")
    message = filed("161", "162")
    message = replace(message, parts=(replace(message.parts[0], state=PartState.SENT), *message.parts[1:]))
    once = ended(message, send(2), lost)
    assert [each.attachment for each in found(once, PrepareFile)] == [1]
    assert [(each.part, each.renewed) for each in found(once, SendToCustomer)] == [(2, True), (3, False)]
    assert reply(once).attachments[0].remote_id is None
    twice = ended(message, send(2, renewed=True), lost)
    assert (told(twice), found(twice, PrepareFile)) == (["reply.refused_part"], [])


def test_an_edit_keeps_what_was_brought_and_leaves_out_what_was_deleted() -> None:
    message = replace(filed("161", "162"), attachments=tuple(
        replace(each, file=ref) for each, ref in zip(filed("161", "162").attachments, (CUP.ref, FILM.ref), strict=True)
    ))  # fmt: skip
    decision = threads.decide(scene(message), edited("New words", files=(FILM,)), at())
    assert [each.remote_id for each in reply(decision).attachments] == ["162"]
    assert (going(decision), found(decision, PrepareFile)) == ([1, 2], [])
    assert threads.decide(scene(message), edited(message.text or "", files=(CUP, FILM)), at()).ignored == "same words"
    sent = replace(
        message, state=ReplyState.SENT, parts=tuple(replace(each, state=PartState.SENT) for each in message.parts)
    )
    assert threads.decide(scene(sent), edited(message.text or "", files=(CUP,)), at()).ignored == "same words"


def test_a_deletion_takes_the_files_along() -> None:
    decision = threads.decide(scene(filed(None)), deleted(), at())
    assert (reply(decision).attachments, decision.withdrawn) == ((), (filed(None).id,))


def test_smaller_is_a_word_for_these_pictures_alone() -> None:
    refused = filed(None, state=ReplyState.REFUSED)
    agreed = threads.decide(scene(refused), press(Act.SEND_SMALLER), LATER)
    assert reply(agreed).smaller
    after = threads.decide(scene(replace(refused, smaller=True)), edited("Other words", files=(CUP,)), at())
    assert not reply(after).smaller


def test_a_picture_that_nobody_makes_smaller_bears_the_cross_in_the_end() -> None:
    """M-24: the hourglass is a question; when its time is over it says that nothing went, and the button stays."""
    asked = filed(None, state=ReplyState.REFUSED, sign=Sign.WAITING)
    over = pressed.question_expired(scene(asked), LATER)
    assert (reply(over).sign, put(over), found(over, TellPerson)) == (Sign.REFUSED, [Sign.REFUSED], [])
    assert reply(threads.decide(scene(reply(over)), press(Act.SEND_SMALLER), LATER)).smaller


def told_as(kind: str, **how: Any) -> EchoHeard:
    """The network repeats something that has no words."""
    return replace(echo(None, **how), kind=kind, attachments=(Attachment(seq=1, kind=kind),))


@pytest.mark.parametrize(
    ("sent", "kind", "ours"),
    [("image", "image", True), ("image", "video", False), ("image", "file", False), ("video", "video", True),
     ("audio", "audio", True), ("audio", "video", True), ("audio", "file", True), ("file", "file", True), ("file", "image", False)],
)  # fmt: skip
def test_an_echo_without_mark_and_words_is_known_by_its_kind(sent: str, kind: str, ours: bool) -> None:
    """Instagram gives no mark back: what was just sent, or went half a minute ago, is settled by it."""
    message = filed("161")
    message = replace(message, attachments=(replace(message.attachments[0], kind=sent),))
    wire = on_the_wire(message, part=2)
    decision = threads.decide(scene(None, wire), told_as(kind), at())
    assert bool(decision.settled) is ours


def test_an_echo_long_after_is_not_taken_for_a_file_that_is_unsure() -> None:
    """Somebody may have sent another picture from the app."""
    message = filed("161")
    message = replace(
        message,
        parts=(replace(message.parts[0], state=PartState.SENT), replace(message.parts[1], state=PartState.UNSURE)),
    )
    assert not settles(message, long_ago=2 * MINUTE)
    assert settles(message, long_ago=SECOND)


def settles(message: Message, *, long_ago: timedelta) -> bool:
    """Whether an echo of a picture, heard now, is that of a send that became unsure so long ago."""
    wire = replace(on_the_wire(message, part=2), unsure_since=at().moment.steady - long_ago)
    return bool(threads.decide(scene(None, wire), told_as("image", at=at().moment.now), at(), waited=True).settled)


def test_an_unsure_file_is_asked_about_like_words() -> None:
    decision = ended(filed("161", words=0), send(1), Unsure(why="timeout"))
    assert [part.state for part in reply(decision).parts] == [PartState.UNSURE]
    arrived = ended(filed("161", words=0), send(1), Done(remote_id="mid.1"))
    assert put(arrived) == [Sign.SENT]
    assert told(arrived) == []
