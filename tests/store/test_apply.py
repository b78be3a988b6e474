"""What a decision says is what the rows say afterwards."""

import pytest

from bridge import lanes
from bridge.alerts import SOURCE
from bridge.lanes import place_target, sends_target
from bridge.model.change import replace
from bridge.model.decision import Decision, Hold, Made, Moment, SettledSend
from bridge.model.effects import (
    AnyEffect,
    LookForPost,
    PostAlert,
    PostLine,
    PostMessage,
    ProbeAccount,
    Revise,
    ShowFile,
)
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import AccountId, ConversationId, GroupRef, IncidentId, PersonRef, PostRef, RemoteId, WorkspaceId
from bridge.model.state import (
    Customer,
    Health,
    Incident,
    Opener,
    Part,
    PartState,
    Person,
    PersonKind,
    ReplyState,
    Said,
    Sign,
    Work,
)
from bridge.model.word import fields
from bridge.store import schema, together
from bridge.store.alerts import from_body
from bridge.store.reading import posts_of
from tests.store.factories import (
    AKI,
    HOUR,
    MINUTE,
    NOON,
    PLACE,
    TEAM,
    House,
    add_account,
    add_workspace,
    applied,
    changed,
    furnish,
    outbox_rows,
    queued,
    reply,
    root,
    said,
    sending,
    set_row,
    shows,
    state_of,
    threaded,
)


def test_everything_that_a_decision_says_is_read_again(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        message = replace(
            reply(tx, scene, parts=2),
            ref=PostRef("C1:1.1"),
            reason=Said(key="error.other", values={"code": 2}),
            sign=Sign.REFUSED,
            split=True,
            state=ReplyState.REFUSED,
        )
        conversation = replace(
            scene.conversation,
            work=Work.WAITING,
            opened_by=Opener.POSTBACK,
            opens_at=NOON,
            standard_close=NOON + HOUR,
            human_close=NOON + 2 * HOUR,
            waiting_since=NOON,
            answered_by=AKI,
            last_at=NOON,
            preview=message.id,
            told_until=NOON + HOUR,
            unsure=1,
        )
        customer = Customer(id=scene.customer.id, remote_id=scene.customer.remote_id, name="Yuki", profile_at=NOON)
        cause = (Health.NEEDS_REAUTHENTICATION, "password_changed")
        decision = Decision(conversation=conversation, customer=customer, health=cause, messages=(message,))
        after = applied(tx, scene, decision)
        assert tx.scenes.message_by_ref(TEAM, PostRef("C1:1.1")) == message
    assert after.conversation == replace(conversation, alert_at=NOON + HOUR / 6)
    assert after.customer == customer
    assert (after.account.health, after.account.cause) == cause


def test_what_did_not_change_is_not_written(home: House) -> None:
    with home.open() as tx:
        scene = changed(tx, furnish(tx), last_at=NOON)
    heard = home.statements()
    with home.open() as tx:
        tx.apply(scene, Decision(conversation=scene.conversation, customer=scene.customer), NOON)
        assert heard == []
        tx.apply(scene, Decision(conversation=replace(scene.conversation, work=Work.WAITING)), NOON)
    (update,) = heard
    assert "last_at" not in update


def test_a_customers_first_text_is_written_in_few_statements(home: House) -> None:
    """The hot path: conversation, thread, message; targets, and both effects at once."""
    with home.open() as tx:
        scene = furnish(tx)
    heard = home.statements()
    with home.open() as tx:
        threaded_scene = threaded(tx, scene, None)
        heard.clear()
        message = said(tx, threaded_scene)
        effects = (root(threaded_scene.conversation), shows(threaded_scene, message))
        decision = Decision(
            conversation=replace(threaded_scene.conversation, work=Work.WAITING), messages=(message,), effects=effects
        )
        tx.apply(threaded_scene, decision, NOON)
    assert len(heard) <= 4


def test_a_part_less_is_a_row_less(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        answer = reply(tx, scene, parts=3)
        applied(tx, scene, Decision(messages=(answer,)))
        before = tx.scenes.of_message(answer.id)
        shorter = replace(answer, text="y", parts=(Part(seq=1, of=1),))
        assert before is not None
        applied(tx, before, Decision(messages=(shorter,)))
        after = tx.scenes.of_message(answer.id)
    assert after is not None
    assert after.message == shorter


def test_withdrawing_drops_what_waits_and_nothing_that_is_in_hand_or_new(home: House) -> None:
    """Rule 2: the second try stands."""
    with home.open() as tx:
        scene = furnish(tx)
        answer, other = reply(tx, scene, parts=2), reply(tx, scene)
        applied(
            tx, scene, Decision(messages=(answer, other), effects=(*sending(scene, answer), *sending(scene, other)))
        )
        first, second, bystander = (row.id for row in outbox_rows(tx))
        set_row(tx, first, state="working")
        again = Decision(withdrawn=(answer.id,), effects=sending(scene, answer)[:1])
        applied(tx, scene, again, NOON + MINUTE)
        fresh = outbox_rows(tx)[-1].id
    assert [state_of(home, row) for row in (first, second, bystander, fresh)] == [
        "working",
        "dropped",
        "ready",
        "ready",
    ]


def test_a_person_who_says_send_again_ends_the_unsure_row_and_no_other(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        answer, other = reply(tx, scene), reply(tx, scene)
        applied(
            tx, scene, Decision(messages=(answer, other), effects=(*sending(scene, answer), *sending(scene, other)))
        )
        rows = [row.id for row in outbox_rows(tx)]
        for row in rows:
            set_row(tx, row, state="unsure", unsure_since=NOON)
        applied(tx, scene, Decision(dropped=(answer.id,), effects=sending(scene, answer)))
        rows.append(outbox_rows(tx)[-1].id)
    assert [state_of(home, row) for row in rows] == ["dropped", "unsure", "ready"]


@pytest.mark.parametrize("state", ["ready", "working", "unsure"])
@pytest.mark.parametrize("remote", [RemoteId("m_2"), None])
def test_a_settled_part_is_sent_and_its_row_is_done(home: House, state: str, remote: RemoteId | None) -> None:
    """Of several parts just this one, whatever its row was doing; without an id where a person said so."""
    with home.open() as tx:
        scene = furnish(tx)
        answer = reply(tx, scene, parts=3)
        applied(tx, scene, Decision(messages=(answer,), effects=sending(scene, answer)))
        rows = [row.id for row in outbox_rows(tx)]
        set_row(tx, rows[1], state=state)
        applied(tx, scene, Decision(settled=(SettledSend(message=answer.id, part=2, remote_id=remote),)))
        found = tx.scenes.of_message(answer.id)
    assert found is not None
    assert found.message is not None
    assert found.message.parts[1] == Part(seq=2, of=3, state=PartState.SENT, remote_id=remote)
    assert [part.state for part in found.message.parts] == [PartState.READY, PartState.SENT, PartState.READY]
    assert [state_of(home, row) for row in rows] == ["ready", "done", "ready"]


def test_a_root_that_was_seen_gives_its_thread_the_ref_and_ends_its_row(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx), None)
        message = said(tx, scene)
        applied(tx, scene, Decision(messages=(message,), effects=(root(scene.conversation), shows(scene, message))))
        first, second = (row.id for row in outbox_rows(tx))
        set_row(tx, first, state="unsure", unsure_since=NOON)
        seen = Decision(seen_rows=((first, PostRef("C1:1.0")), (second, PostRef("C1:1.1"))))
        applied(tx, scene, seen)
        after = applied(tx, scene, seen)
    assert after.conversation.thread is not None
    assert after.conversation.thread.ref == "C1:1.0"
    assert [state_of(home, row) for row in (first, second)] == ["done", "done"]
    posts = home.all(schema.post)
    assert [(post.kind, post.ref, post.row) for post in posts] == [
        ("root", "C1:1.0", first),
        ("message", "C1:1.1", second),
    ]
    shown = home.one(schema.message_post)
    assert (shown.message, shown.post, shown.block) == (message.id, posts[1].id, f"row:{second}")


def test_a_post_that_was_looked_for_in_vain_is_ready_again_unless_it_ended_meanwhile(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        lines = [queued(_line(scene.conversation.id)) for _ in range(2)]
        applied(tx, scene, Decision(effects=tuple(lines)))
        lost, done = (row.id for row in outbox_rows(tx))
        set_row(tx, lost, state="unsure", unsure_since=NOON, blocks=False)
        set_row(tx, done, state="done")
        applied(tx, scene, Decision(unseen_rows=(lost, done)), NOON + MINUTE)
    row = next(row for row in home.all(schema.outbox) if row.id == lost)
    assert (row.state, row.unsure_since, row.blocks, row.not_before) == ("ready", None, True, NOON + MINUTE)
    assert state_of(home, done) == "done"


def _line(conversation: ConversationId) -> AnyEffect:
    return PostLine(workspace=TEAM, conversation=conversation, said=Said(key="line.test"))


def test_holds_and_releases_reach_the_targets(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        sends, place = sends_target(scene.account.id), place_target(TEAM, PLACE)
        holds = (Hold(target=sends, key="reauth:1"), Hold(target=place, key="place:C1"))
        applied(tx, scene, Decision(holds=holds))
        applied(tx, scene, Decision(released=("place:C1",)))
    held = {row.id: row.held_by for row in home.all(schema.target)}
    assert held[sends] == "reauth:1"
    assert held[place] is None


def test_alerts_wait_in_the_inbox_each_under_its_own_key_and_read_the_same_again(home: House) -> None:
    due = AlertDue(
        workspace=TEAM, at=NOON, key="reauth:1", kind="reauth", place=PLACE, values={"cause": "x", "count": 2}
    )
    over = AlertOver(workspace=TEAM, at=NOON + HOUR, key="reauth:1")
    with home.open() as tx:
        tx.apply(None, Decision(alerts=(due, due, over)), NOON)
    kept = home.all(schema.inbox)
    assert [from_body(row.body) for row in kept] == [due, due, over]
    assert {(row.source, row.lane, row.state) for row in kept} == {(SOURCE, "alert:T1", "ready")}


def test_an_incident_is_opened_changed_and_closed_in_one_row(home: House) -> None:
    incident = Incident(
        id=IncidentId(7),
        workspace=TEAM,
        key="reauth:1",
        kind="reauth",
        place=PLACE,
        account=None,
        values={"cause": "x"},
        opened_at=NOON,
    )
    with home.open() as tx:
        tx.apply(None, Decision(incidents=(incident,)), NOON)
        told = replace(incident, values={"cause": "y"})
        tx.apply(None, Decision(incidents=(told,)), NOON)
        assert tx.scenes.incident(TEAM, "reauth:1") == told
        tx.apply(None, Decision(incidents=(replace(told, closed_at=NOON + HOUR),)), NOON)
        assert tx.scenes.incident(TEAM, "reauth:1") is None
        tx.apply(None, Decision(incidents=(replace(incident, id=IncidentId(8)),)), NOON)
    assert [row.id for row in home.all(schema.incident)] == [7, 8]


def test_persons_and_groups_are_what_was_learnt_last(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        person = Person(ref=AKI, kind=PersonKind.MEMBER, name="Aki", language="ja")
        group = GroupRef("S1")
        tx.apply(None, Decision(workspace=TEAM, people=(person,), groups=((group, (AKI, PersonRef("U2"))),)), NOON)
        left = replace(person, kind=PersonKind.GONE)
        tx.apply(None, Decision(workspace=TEAM, people=(left,), groups=((group, (PersonRef("U3"),)),)), NOON + HOUR)
        with pytest.raises(ValueError, match="workspace"):
            tx.apply(None, Decision(people=(person,)), NOON)
    row = home.one(schema.person)
    assert (row.kind, row.learnt_at) == ("gone", NOON + HOUR)
    assert [row.person for row in home.all(schema.group_member)] == ["", "U3"]


def test_a_post_that_stands_is_remembered_once_with_the_thread_it_stands_in(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        message = said(tx, scene)
        post = PostAlert(workspace=TEAM, incident=IncidentId(7), place=PLACE)
        incident = Incident(
            id=IncidentId(7), workspace=TEAM, key="k", kind="k", place=PLACE, account=None, values={}, opened_at=NOON
        )
        look = LookForPost(workspace=TEAM, row=1, place=PLACE, root=None, since=NOON)
        decision = Decision(
            messages=(message,), incidents=(incident,), effects=(shows(scene, message), queued(post), queued(look))
        )
        applied(tx, scene, decision)
        batch = outbox_rows(tx)
        about = tx.scenes.about(batch)
        for row in (*batch, *batch):
            tx.posted(row, PostRef(f"C1:9.{row.id}"), about[row.id], Moment(now=NOON + HOUR, steady=NOON + HOUR))
        tx.drawn({scene.conversation.id: "print"})
        assert tx.scenes.about(batch)[batch[0].id].drawn == "print"
    assert scene.conversation.thread is not None
    shown, alert = home.all(schema.post)
    assert (shown.kind, shown.thread, shown.posted_at) == ("message", scene.conversation.thread.id, NOON + HOUR)
    assert (alert.kind, alert.conversation) == ("alert", None)
    assert home.one(schema.incident).ref == alert.ref


def test_a_thread_that_the_decision_forgot_to_name_is_kept_with_its_conversation(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx), None)
        assert scene.conversation.thread is not None
        stands = replace(scene.conversation.thread, ref=PostRef("C1:1.0"))
        after = applied(tx, scene, Decision(conversation=replace(scene.conversation, thread=stands)))
    assert after.conversation.thread == stands


def test_a_row_that_is_given_up_takes_no_other_of_its_message_with_it(home: House) -> None:
    """M-17: of what shows a file nobody will ever know; the message's own post is still looked for."""
    with home.open() as tx:
        scene = furnish(tx)
        message = said(tx, scene)
        own = PostMessage(workspace=TEAM, conversation=scene.conversation.id, message=message.id)
        file = ShowFile(workspace=TEAM, conversation=scene.conversation.id, message=message.id, attachment=1)
        wanted = tuple(lanes.queue(each, position=1, place=PLACE) for each in (own, file))
        applied(tx, scene, Decision(messages=(message,), effects=wanted))
        rows = outbox_rows(tx)
        for row in rows:
            set_row(tx, row.id, state="unsure", unsure_since=NOON)
        mine = {row.effect: row.id for row in rows}
        tx.apply(scene, Decision(dropped_rows=(mine[file],)), NOON)
    assert (state_of(home, mine[own]), state_of(home, mine[file])) == ("unsure", "dropped")


def test_the_late_post_of_a_row_that_was_given_up_is_known_and_looked_at_again(home: House) -> None:
    """M-17, promise 6: whatever becomes of the message finds it; if nobody wants it any more, it goes."""
    with home.open() as tx:
        scene = furnish(tx)
        message = said(tx, scene)
        effect = PostMessage(workspace=TEAM, conversation=scene.conversation.id, message=message.id)
        queue = lanes.queue(effect, position=1, place=PLACE)
        applied(tx, scene, Decision(messages=(message,), effects=(queue,)))
        (row,) = outbox_rows(tx)
        set_row(tx, row.id, state="dropped")
        ref = PostRef("C1:1.000001")
        tx.apply(None, Decision(seen_rows=((row.id, ref),)), NOON)
        assert [post.ref for post in posts_of(tx.connection, message.id)] == [ref]
        looks = [each.effect for each in outbox_rows(tx) if isinstance(each.effect, Revise)]
        assert [look.message for look in looks] == [message.id]


def test_whatever_a_decision_may_say_is_known_where_decisions_are_written_together() -> None:
    """A field that is neither plain nor named there would be lost in silence."""
    plain = {"conversation", "messages", "effects"}
    unwritten = {"account", "workspace", "wait", "retry_row", "ignored"}
    alone = {field.name for field in fields(Decision)} - plain - unwritten
    assert all(not together.is_plain(Decision(**{name: ("something",)})) for name in alone)  # type: ignore[arg-type]
    assert together.is_plain(Decision())


def test_what_is_kept_of_accounts_is_written_together_with_what_is_asked_of_them(home: House) -> None:
    """CT-33: a day's questions about many accounts cost a few statements."""
    with home.open() as tx:
        add_workspace(tx)
        accounts = [AccountId(add_account(tx, remote_id=str(number))) for number in range(2000, 2003)]
        statements = home.statements()
        made = [
            Decision(
                account=each,
                upkeep={"probe_at": NOON + HOUR, "warned": "week@1"},
                effects=(lanes.queue(ProbeAccount(workspace=WorkspaceId(TEAM), account=each), position=0),),
            )
            for each in accounts
        ]
        once_more = Decision(account=accounts[0], upkeep={"warned": None})
        tx.apply_all([Made(scene=None, decision=each) for each in (*made, once_more)], NOON)
        assert len([each for each in statements if each.startswith("UPDATE account")]) == 2
        assert sorted(each.lane for each in outbox_rows(tx)) == sorted(f"account:{each}" for each in accounts)
    kept = {row.id: row for row in home.all(schema.account)}
    assert [kept[each].probe_at for each in accounts] == [NOON + HOUR] * 3
    assert [kept[each].warned for each in accounts] == [None, "week@1", "week@1"]
