"""What decisions change is written, and nothing beside it; what is asked of many rows is asked by their index."""

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.ids import FileRef, RemoteId
from bridge.model.state import Attachment, AttachmentState, Part, PartState, ReplyState, Said, Sign, Work
from bridge.store import schema
from bridge.store.sql import Question, among, update_each
from tests.store.factories import HOUR, NOON, House, applied, furnish, reply, said


def test_what_another_wrote_meanwhile_stays_beside_what_a_decision_changes(home: House) -> None:
    """Words that were erased after a row was read do not come back with its sign, nor a conversation's other columns."""
    with home.open() as tx:
        scene = furnish(tx)
        message = reply(tx, scene)
        applied(tx, scene, Decision(messages=(message,)))
    with home.open() as tx:
        table, talks = schema.message, schema.conversation
        tx.connection.execute(sa.update(table).where(table.c.id == message.id).values(text=None))
        tx.connection.execute(
            sa.update(talks).where(talks.c.id == scene.conversation.id).values(card="drawn", unsure=3)
        )
    with home.open() as tx:
        sent = replace(message, state=ReplyState.SENT, sign=Sign.SENT)
        conversation = replace(scene.conversation, work=Work.CLOSED)
        tx.apply(replace(scene, message=message), Decision(conversation=conversation, messages=(sent,)), NOON)
    with home.open() as tx:
        now = tx.scenes.of_message(message.id)
        assert now is not None
        assert now.message is not None
        assert (now.message.text, now.message.state, now.message.sign) == (None, ReplyState.SENT, Sign.SENT)
        assert (now.conversation.work, now.conversation.unsure) == (Work.CLOSED, 3)


def test_of_a_known_reply_parts_are_changed_added_and_taken_away(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        message = reply(tx, scene, parts=3)
        applied(tx, scene, Decision(messages=(message,)))
        first = Part(seq=1, of=2, state=PartState.SENT, remote_id=RemoteId("m_1"))
        after = replace(
            message,
            parts=(first, Part(seq=4, of=2)),
            reason=Said(key="error.other", values={"code": 2}),
            queued_at=NOON + HOUR,
        )
        tx.apply(replace(scene, message=message), Decision(messages=(after,)), NOON)
    with home.open() as tx:
        found = tx.scenes.of_message(message.id)
        assert found is not None
        assert found.message == after


def test_what_came_with_a_message_can_be_read_as_less_by_a_later_version(home: House) -> None:
    """A fact that is decided anew after an upgrade: what is not read any more goes, and a file that stands moves up."""
    standing = Attachment(seq=2, kind="image", state=AttachmentState.SHOWN, file=FileRef("F1"))
    other = Attachment(seq=3, kind="image", state=AttachmentState.SHOWN, file=FileRef("F2"))
    with home.open() as tx:
        scene = furnish(tx)
        unread = Attachment(seq=1, kind="unknown", title="x")
        message = replace(said(tx, scene), attachments=(unread, standing, other))
        applied(tx, scene, Decision(messages=(message,)))
    after = replace(message, attachments=(replace(standing, seq=1), replace(other, seq=2)))
    with home.open() as tx:
        tx.apply(replace(scene, message=message), Decision(messages=(after,)), NOON)
    with home.open() as tx:
        found = tx.scenes.of_message(message.id)
        assert found is not None
        assert found.message == after


def test_rows_that_change_different_columns_are_changed_each_in_its_own(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        one, two, three = (said(tx, scene, text) for text in ("one", "two", "three"))
        applied(tx, scene, Decision(messages=(one, two, three)))
        changes: list[dict[str, object]] = [
            {"id": one.id, "text": "eins", "at": NOON + HOUR},
            {"id": two.id, "text": 'zw"ei 😀'},
            {"id": three.id, "text": None},
        ]
        update_each(tx.connection, schema.message, changes)
    with home.open() as tx:
        table = schema.message
        asked = Question(sa.select(table.c.id, table.c.text, table.c.at).where(among(table.c.id, "ids")))
        found = {row.id: (row.text, row.at) for row in asked.ask(tx.connection, {"ids": [one.id, two.id, three.id, 7]})}
    assert found == {one.id: ("eins", NOON + HOUR), two.id: ('zw"ei 😀', two.at), three.id: (None, three.at)}


def test_a_list_of_nothing_finds_nothing(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        applied(tx, scene, Decision(messages=(said(tx, scene),)))
        assert not tx.connection.execute(
            sa.select(schema.message).where(among(schema.message.c.id, "ids")), {"ids": []}
        ).all()
