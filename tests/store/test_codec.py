"""Effects become JSON and come back the same."""

import json
from datetime import UTC, datetime

import pytest

from bridge.model import effects as e
from bridge.model.change import astuple
from bridge.model.ids import (
    AccountId,
    ConversationId,
    CustomerId,
    FileRef,
    GroupRef,
    IncidentId,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    ThreadId,
    TicketId,
    WorkspaceId,
)
from bridge.model.state import Said, Sign
from bridge.store.codec import KINDS, decode, encode

T, C, A, M = WorkspaceId("T1"), ConversationId(7), AccountId(3), MessageId(2**62)
AT = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
PLACE, POST, PERSON = PlaceRef("C1"), PostRef("C1/1.2"), PersonRef("U1")
SAID = Said(key="line.closed", values={"hours": 24, "share": 0.5, "name": "返信", "none": None})

SAMPLES: list[e.AnyEffect] = [
    e.PostRoot(workspace=T, conversation=C, thread=ThreadId(1)),
    e.PostMessage(workspace=T, conversation=C, message=M, plain=True),
    e.PostLine(workspace=T, conversation=C, said=SAID),
    e.RedrawCard(workspace=T, conversation=C),
    e.RetireCard(workspace=T, conversation=C, root=POST, message=M),
    e.RemovePost(workspace=T, ref=POST),
    e.RedrawPost(workspace=T, conversation=C, ref=POST, said=SAID),
    e.RemoveFile(workspace=T, conversation=C, file=FileRef("F1"), ref=POST),
    e.Revise(workspace=T, conversation=C, message=M),
    e.FetchMedia(workspace=T, conversation=C, message=M, attachment=2),
    e.ShowFile(workspace=T, conversation=C, message=M, attachment=2, again=True),
    e.LookForFile(workspace=T, conversation=C, message=M, attachment=2, row=5),
    e.SetSign(workspace=T, conversation=C, message=M, sign=Sign.SENT),
    e.ClearSign(workspace=T, conversation=C, message=M, sign=Sign.WAITING),
    e.TellPerson(
        workspace=T,
        person=PERSON,
        said=SAID,
        about=POST,
        root=None,
        at=AT,
        buttons=(e.Button(act="retry", label=Said(key="button.retry"), style="primary"),),
    ),
    e.ReplaceLine(workspace=T, handle="https://hook", said=SAID, person=PERSON),
    e.SendToCustomer(workspace=T, conversation=C, account=A, message=M, part=2),
    e.PrepareFile(workspace=T, conversation=C, account=A, message=M, attachment=2),
    e.MoveControl(workspace=T, conversation=C, account=A, move=e.Move.TAKE, person=PERSON, app="222"),
    e.PostAside(workspace=T, conversation=C, message=M, place=PLACE, person=PERSON, whom=PERSON),
    e.GiveTranscript(workspace=T, conversation=C, person=PERSON),
    e.MoveToSpam(workspace=T, conversation=C, account=A, person=PERSON),
    e.MarkSeen(workspace=T, conversation=C, account=A),
    e.ReactToCustomer(workspace=T, conversation=C, account=A, message=M, person=PERSON, emoji="❤️"),
    e.ShowTyping(workspace=T, conversation=C, account=A, message=M, on=True),
    e.ShowRead(workspace=T, conversation=C),
    e.LearnApp(workspace=T, conversation=C, account=A, app="222"),
    e.LookForSend(workspace=T, conversation=C, account=A, since=AT),
    e.LookForPost(workspace=T, row=5, place=PLACE, root=None, since=AT),
    e.LearnProfile(workspace=T, account=A, customer=CustomerId(4), conversation=C),
    e.LearnPerson(workspace=T, person=PERSON),
    e.LearnGroup(workspace=T, group=GroupRef("S1")),
    e.ReadThread(workspace=T, conversation=C, place=PLACE, root=POST, since=AT),
    e.KeepSubscribed(
        workspace=T,
        account=A,
        answer=e.AnswerAsker(workspace=T, person=PERSON, said=Said(key="set_up.comments_unheard"), at=AT),
    ),
    e.ProbeAccount(workspace=T, account=A),
    e.RefreshLogin(workspace=T, account=A),
    e.Unsubscribe(workspace=T, account=A),
    e.ReadConversations(workspace=T, account=A, since=AT, after="cursor", page=2),
    e.ReadHistory(workspace=T, conversation=C, account=A, since=AT, plain=True),
    e.LookForMessage(
        workspace=T, conversation=C, account=A, message=M, person=PERSON, about=POST, root=None, at=AT, listed=True
    ),
    e.ProbeDesk(workspace=T),
    e.ProbeToken(workspace=T),
    e.ProbePlace(workspace=T, place=PLACE),
    e.PostAlert(workspace=T, incident=IncidentId(9), place=PLACE),
    e.EditAlert(workspace=T, incident=IncidentId(9), place=PLACE),
    e.PinAlert(workspace=T, incident=IncidentId(9), ref=POST, off=True),
    e.PostStage(workspace=T, incident=IncidentId(9), place=PLACE, stage="7d", loud=True),
    e.TellOwner(workspace=T, incident=IncidentId(9), person=PERSON, over=True),
    e.TellOutside(workspace=T, incident=IncidentId(9), sink="mail", over=True),
    e.ShowHome(workspace=T, person=PERSON, opened=True),
    e.AnswerAsker(
        workspace=T,
        person=PERSON,
        said=Said(key="set_up.same"),
        at=AT,
        place=PLACE,
        handle="https://hooks.slack.com/1",
        account=A,
        window="key:V1",
        sealed="gAAAA",
    ),
    e.PutTicket(workspace=T, conversation=C, account=A, ticket=TicketId(9)),
    e.RedactTicket(workspace=T, conversation=C, account=A, ticket=TicketId(9), messages=(M,)),
    e.PostTicket(workspace=T, conversation=C, ticket=TicketId(9), place=PLACE),
    e.EditTicket(workspace=T, conversation=C, ticket=TicketId(9), ref=POST),
]


@pytest.mark.parametrize("effect", SAMPLES, ids=lambda effect: type(effect).__name__)
def test_an_effect_comes_back_as_it_was(effect: e.AnyEffect) -> None:
    kind, payload = encode(effect)
    again = decode(kind, json.loads(json.dumps(payload)))
    assert again == effect
    assert [type(value) for value in astuple(again)] == [type(value) for value in astuple(effect)]


def test_every_kind_of_effect_is_tried() -> None:
    assert {type(effect).__name__ for effect in SAMPLES} == set(KINDS)


def test_what_equals_its_default_is_not_written() -> None:
    _, payload = encode(e.PostMessage(workspace=T, conversation=C, message=M))
    assert set(payload) == {"workspace", "conversation", "message"}
