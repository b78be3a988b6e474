"""What an ending may take from its claim."""

from typing import Any

import pytest
import sqlalchemy as sa

from bridge.model.axes import AttachmentState
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.effects import RedrawCard
from bridge.model.ids import FileRef, RemoteId
from bridge.model.state import Attachment
from bridge.store import schema
from tests.store.factories import (
    HOUR,
    NOON,
    TEAM,
    House,
    applied,
    furnish,
    outbox_rows,
    queued,
    reply,
    said,
    sending,
    shows,
    threaded,
)  # fmt: skip

ELSEWHERE_WRITTEN: dict[str, dict[str, Any]] = {
    "message": {"state": "withdrawn"},
    "part": {"state": "unsure"},
    "conversation": {"told_until": NOON + HOUR},
    "customer": {"name": "Mio"},
    "thread": {"gone": True},
    "account": {"sealed": "another-token"},
    "workspace": {"language": "ja"},
    "attachment": {"state": "shown"},
    "other_app": {"name": "Helper"},
}
"""By table: what another process may write while an answer is in hand."""


@pytest.mark.parametrize("table", ELSEWHERE_WRITTEN)
def test_what_was_read_of_an_answer_is_taken_again_only_while_nobody_has_written_any_of_it(
    home: House, table: str
) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        files = (Attachment(seq=1, kind="image", file=FileRef("F1"), state=AttachmentState.STORED),)
        thread = None if scene.conversation.thread is None else scene.conversation.thread.id
        answer = reply(tx, scene, thread=thread, attachments=files)
        question = said(tx, scene)
        talk = replace(scene.conversation, controller="263902037430900", preview=question.id)
        drawn = queued(RedrawCard(workspace=TEAM, conversation=talk.id))
        effects = (*sending(scene, answer), shows(scene, question), drawn)
        named = (("263902037430900", "Inbox"),)
        decision = Decision(conversation=talk, messages=(answer, question), effects=effects, apps=named)
        applied(tx, scene, decision)
        batch = outbox_rows(tx)
        claimed = tx.scenes.about(batch, names=False)
    send, *_ = batch
    with home.open() as tx:
        same = tx.scenes.about(batch, known=claimed, names=False)
        assert all(same[row.id] is claimed[row.id] for row in batch)
    with home.open() as other:
        other.connection.execute(sa.update(schema.metadata.tables[table]).values(ELSEWHERE_WRITTEN[table]))
    with home.open() as tx:
        again, fresh = tx.scenes.about(batch, known=claimed, names=False), tx.scenes.about(batch, names=False)
    assert again == fresh
    assert again[send.id] != claimed[send.id]


def test_what_was_drawn_beside_a_message_is_no_part_of_how_its_post_ends(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        asked = said(tx, scene, remote_id=RemoteId("m_1"))
        again = said(tx, scene, "well?", remote_id=RemoteId("m_2"), about=RemoteId("m_1"))
        applied(tx, scene, Decision(messages=(asked, again), effects=(shows(scene, again),)))
        batch = outbox_rows(tx)
        claimed, plain = tx.scenes.about(batch), tx.scenes.about(batch, names=False)
        assert claimed != plain, "the quoted message stands in the scene"
        assert tx.scenes.about(batch, known=claimed, names=False) == plain
