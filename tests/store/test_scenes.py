"""What the rules look at: found by every road, whole, and cheap."""

from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.lanes import place_target
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import EditAlert, LearnPerson, PostAlert, RedrawCard, SetSign, TellPerson
from bridge.model.ids import GroupRef, IncidentId, MessageId, PersonRef, PostRef, RemoteId, WorkspaceId
from bridge.model.state import Author, Incident, Part, PartState, PersonKind, Platform, Said, Sign, Wish
from bridge.ports import Needs
from bridge.store import schema
from tests.store.factories import (
    AKI,
    ELSEWHERE,
    HOUR,
    MINUTE,
    NOON,
    PAGE,
    PLACE,
    PSID,
    TEAM,
    House,
    add_account,
    add_person,
    add_workspace,
    applied,
    furnish,
    met,
    outbox_rows,
    queued,
    reply,
    root,
    said,
    sending,
    set_row,
    shows,
    threaded,
)


def test_the_first_contact_makes_a_customer_and_a_conversation_and_the_second_finds_them(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx)
        assert tx.scenes.of_customer(Platform.MESSENGER, PAGE, PSID, create=False) is None
        first = met(tx)
    with home.open() as tx:
        assert met(tx) == first
    assert home.one(schema.customer).remote_id == PSID
    assert first.account.settings.channel == PLACE
    assert first.conversation.thread is None


def test_nobody_is_met_through_an_account_that_is_unknown_or_removed(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        assert tx.scenes.of_customer(Platform.MESSENGER, PAGE, PSID, create=True) is None
        add_account(tx, wish=Wish.REMOVED.value)
        assert tx.scenes.of_customer(Platform.MESSENGER, PAGE, PSID, create=True) is None
        assert tx.scenes.account_by_remote(Platform.MESSENGER, PAGE) is None
    assert home.all(schema.customer) == []


def test_of_one_account_in_two_workspaces_the_latest_that_is_on_hears_the_customer(home: House) -> None:
    with home.open() as tx:
        rivals: tuple[dict[str, Any], ...] = (
            {},
            {"connected_at": NOON + HOUR},
            {"connected_at": NOON + 2 * HOUR, "wish": "paused"},
        )
        for number, more in enumerate(rivals):
            add_workspace(tx, f"T{number}")
            add_account(tx, f"T{number}", **more)
        assert met(tx).workspace.id == "T1"
        found = tx.scenes.account_by_remote(Platform.MESSENGER, PAGE)
    assert found is not None
    assert found.workspace == "T1"


def test_the_same_id_on_the_other_network_is_somebody_else(home: House) -> None:
    with home.open() as tx:
        furnish(tx)
        assert tx.scenes.of_customer(Platform.INSTAGRAM, PAGE, PSID, create=True) is None


def test_a_customers_text_costs_two_selects_to_look_at(home: House) -> None:
    """The hot path: on PostgreSQL a lock comes first, and nothing else."""
    with home.open() as tx:
        scene = furnish(tx)
    heard = home.statements()
    with home.open() as tx:
        met(tx)
        assert tx.scenes.message_by_remote(scene.conversation.id, RemoteId("m_1")) is None
    locks = [statement for statement in heard if "FOR UPDATE" in statement]
    assert len(heard) - len(locks) == 2
    assert len(locks) == (home.engine.dialect.name == "postgresql")


def test_a_thread_is_found_by_its_root_also_when_a_newer_one_is_current(home: House) -> None:
    with home.open() as tx:
        old = threaded(tx, furnish(tx), "C1:1.0")
        new = threaded(tx, old, "C1:2.0")
        by_old, by_new = (tx.scenes.of_root(TEAM, PostRef(ref)) for ref in ("C1:1.0", "C1:2.0"))
        assert tx.scenes.of_root(TEAM, PostRef("C1:3.0")) is None
        assert tx.scenes.of_root(WorkspaceId("T2"), PostRef("C1:1.0")) is None
    assert by_old is not None
    assert by_new is not None
    assert by_old.thread == old.conversation.thread
    assert by_old.conversation.thread == by_new.thread == new.conversation.thread


def test_a_message_brings_its_parts_and_the_thread_it_stands_in(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        assert scene.conversation.thread is not None
        answer = reply(tx, scene, parts=2, thread=scene.conversation.thread.id, ref=PostRef("C1:1.1"))
        scene = threaded(tx, applied(tx, scene, Decision(messages=(answer,))), "C1:2.0")
        found = tx.scenes.of_message(answer.id)
        assert tx.scenes.message_by_ref(TEAM, PostRef("C1:1.1")) == answer
        assert tx.scenes.message_by_ref(TEAM, PostRef("C1:9.9")) is None
        assert tx.scenes.of_message(MessageId(1)) is None
    assert found is not None
    assert found.message == answer
    assert found.thread is not None
    assert found.thread.ref == "C1:1.0"


def test_the_network_knows_an_answer_by_each_of_its_parts(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        parts = tuple(Part(seq=seq, of=2, state=PartState.SENT, remote_id=RemoteId(f"m_{seq}")) for seq in (1, 2))
        answer = replace(reply(tx, scene), parts=parts)
        question = said(tx, scene, remote_id=RemoteId("m_0"))
        applied(tx, scene, Decision(messages=(answer, question)))
        by = {
            name: tx.scenes.message_by_remote(scene.conversation.id, RemoteId(name)) for name in ("m_0", "m_1", "m_2")
        }
        other = met(tx, "2002").conversation.id
        assert tx.scenes.message_by_remote(other, RemoteId("m_1")) is None
    assert by == {"m_0": question, "m_1": answer, "m_2": answer}


def test_on_the_wire_is_what_is_in_hand_or_unsure_and_nothing_else(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        answers = [reply(tx, scene, str(number)) for number in range(4)]
        effects = tuple(effect for answer in answers for effect in sending(scene, answer))
        applied(tx, scene, Decision(messages=tuple(answers), effects=effects))
        rows = [row.id for row in outbox_rows(tx)]
        set_row(tx, rows[0], state="done")
        set_row(tx, rows[1], state="unsure", unsure_since=NOON, blocks=False)
        set_row(tx, rows[2], state="working", lease=NOON)
        found = tx.scenes.of_conversation(scene.conversation.id, sending=True)
        silent = tx.scenes.of_conversation(scene.conversation.id)
    assert found is not None
    assert silent is not None
    assert silent.sending == ()
    assert [(each.row, each.message, each.part, each.unsure_since, each.asked) for each in found.sending] == [
        (rows[1], answers[1], 1, NOON, True),
        (rows[2], answers[2], 1, None, False),
    ]


def test_a_group_that_nobody_asked_for_is_unknown_and_an_empty_one_is_known(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_person(tx, kind=PersonKind.GUEST.value)
        groups = ((GroupRef("S1"), (AKI, PersonRef("U2"))), (GroupRef("S2"), ()))
        tx.apply(None, Decision(workspace=TEAM, groups=groups), NOON)
        needs = Needs(people=(AKI, PersonRef("U9")), groups=(GroupRef("S1"), GroupRef("S2"), GroupRef("S3")))
        known = tx.scenes.known(TEAM, needs)
        assert tx.scenes.known(WorkspaceId("T2"), needs).people == {}
    assert known.people.keys() == {AKI}
    assert known.people[AKI].kind is PersonKind.GUEST
    assert known.groups == {"S1": ("U1", "U2"), "S2": ()}


@pytest.mark.parametrize(
    ("state", "under_way"), [("ready", False), ("working", True), ("unsure", True), ("done", False)]
)
def test_a_root_is_under_way_while_it_may_stand_unknown_to_us(home: House, state: str, under_way: bool) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx), None)
        applied(tx, scene, Decision(effects=(root(scene.conversation),)))
        (row,) = outbox_rows(tx)
        set_row(tx, row.id, state=state)
        assert tx.scenes.root_under_way(TEAM, PLACE) is under_way
        assert tx.scenes.root_under_way(TEAM, ELSEWHERE) is False


def test_a_batch_of_rows_is_explained_in_a_few_statements_however_long_it_is(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        add_person(tx, name="Aki", language="ja")
        for number in range(20):
            one = threaded(tx, met(tx, f"3{number:03}"), f"C1:{number}.0")
            answer, question = reply(tx, one), said(tx, one)
            shown = replace(one.conversation, preview=question.id, answered_by=AKI)
            drawn = queued(RedrawCard(workspace=TEAM, conversation=one.conversation.id))
            effects = (*sending(one, answer), shows(one, question), drawn)
            applied(tx, one, Decision(conversation=shown, messages=(answer, question), effects=effects))
        batch = outbox_rows(tx)
    heard = home.statements()
    with home.open() as tx:
        found = tx.scenes.about(batch)
    assert len(heard) <= 8
    assert len(found) == len(batch) == 60
    send, post, card = (found[row.id] for row in batch[:3])
    assert send.sealed == "sealed-token"
    assert post.sealed is None
    assert send.scene is not None
    assert send.scene.message is not None
    assert send.scene.message.author is Author.AGENT
    assert send.scene.message.parts == (Part(seq=1, of=1),)
    assert card.scene is not None
    assert post.scene is not None
    assert card.scene.message == post.scene.message
    assert card.names == {AKI: "Aki"}
    assert card.language == "en"
    assert scene.account == card.account


def test_who_reads_a_line_reads_it_in_their_own_language(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        add_person(tx, name="Aki", language="ja")
        add_person(tx, "U2", name="Mio")
        answer = reply(
            tx, scene, ref=PostRef("C1:1.1"), thread=scene.conversation.thread.id if scene.conversation.thread else None
        )
        tell = TellPerson(
            workspace=TEAM,
            person=AKI,
            said=Said(key="reply.taken", values={"by": "U2", "count": 3}),
            about=PostRef("C1:1.1"),
            root=None,
            at=NOON,
            message=answer.id,
        )
        learn = LearnPerson(workspace=TEAM, person=PersonRef("U9"))
        sign = SetSign(workspace=TEAM, conversation=scene.conversation.id, message=answer.id, sign=Sign.SENT)
        applied(tx, scene, Decision(messages=(answer,), effects=(queued(tell), queued(learn), queued(sign))))
        told, learnt, signed = tx.scenes.about(outbox_rows(tx)).values()
    assert told.language == "ja"
    assert told.names == {"U1": "Aki", "U2": "Mio"}
    assert told.scene is not None, "a message named alone brings its conversation"
    assert told.scene.message == answer
    assert learnt.scene is None
    assert learnt.workspace.id == TEAM
    assert signed.scene is not None
    assert signed.scene.thread == scene.conversation.thread


def test_an_alert_knows_its_account_and_how_many_answers_wait(home: House) -> None:
    """Replies are counted, not their parts, and only behind what this incident holds."""
    with home.open() as tx:
        scene = furnish(tx)
        add_person(tx)
        key = f"reauth:{scene.account.id}"
        incident = Incident(
            id=IncidentId(tx.new_id()),
            workspace=TEAM,
            key=key,
            kind="reauth",
            place=PLACE,
            account=scene.account.id,
            values={"cause": "password_changed"},
            opened_at=NOON,
        )
        answers = (reply(tx, scene, parts=3), reply(tx, scene))
        effects = tuple(effect for answer in answers for effect in sending(scene, answer))
        post = PostAlert(workspace=TEAM, incident=incident.id, place=PLACE)
        edit = EditAlert(workspace=TEAM, incident=IncidentId(1), place=PLACE)
        decision = Decision(messages=answers, incidents=(incident,), effects=(*effects, queued(post), queued(edit)))
        applied(tx, scene, decision)
        tx.effects.hold(f"network:{scene.account.id}", key)
        found = [tx.scenes.about([row])[row.id] for row in outbox_rows(tx)[-2:]]
        assert tx.scenes.incident(TEAM, key) == incident
        assert tx.scenes.incident(TEAM, "reauth:0") is None
    alert, nothing = found
    assert alert.waiting == 2
    assert alert.incident == incident
    assert alert.account == scene.account
    assert alert.names == {AKI: "Aki"}
    assert nothing.incident is None


def test_the_accounts_of_a_place_are_those_whose_route_it_is(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        add_account(tx, remote_id="1002", wish="removed")
        assert tx.scenes.routed(TEAM, PLACE) == [scene.account]
        assert tx.scenes.routed(TEAM, ELSEWHERE) == []
        assert place_target(TEAM, PLACE) == "desk:T1:place:C1"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_who_waited_for_a_conversation_sees_the_thread_that_the_other_made(home: House) -> None:
    """A scene read in the statement that waits would show the conversation as it is and its thread as it was."""
    with home.open() as tx:
        scene = threaded(tx, furnish(tx), None)
    seen: list[str | None] = []
    asking = Event()

    def other() -> None:
        with home.open() as tx:
            asking.set()
            found = tx.scenes.of_conversation(scene.conversation.id)
            assert found is not None
            assert found.conversation.thread is not None
            seen.append(found.conversation.thread.ref)

    with home.open() as tx:
        before = tx.scenes.of_conversation(scene.conversation.id)
        assert before is not None
        waits = Thread(target=other)
        waits.start()
        assert asking.wait(10)
        while not _somebody_waits(home):
            assert waits.is_alive()
        assert before.conversation.thread is not None
        tx.apply(before, Decision(threads=(replace(before.conversation.thread, ref=PostRef("C1:1.0")),)), NOON + MINUTE)
    waits.join(10)
    assert seen == ["C1:1.0"]


def _somebody_waits(home: House) -> bool:
    with home.engine.connect() as conn:
        return bool(conn.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_processes_that_meet_a_customer_at_once_make_one(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx)
    ids: list[int] = []
    with home.open() as tx:
        ids.append(met(tx).conversation.id)
        other = Thread(target=lambda: ids.append(_meets(home)))
        other.start()
        while not _somebody_waits(home):
            assert other.is_alive()
    other.join(10)
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len(home.all(schema.customer)) == 1


def _meets(home: House) -> int:
    with home.open() as tx:
        return met(tx).conversation.id
