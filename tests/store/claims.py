"""Conversations of which something is in hand, as it was read at the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.effects import RedrawCard
from bridge.model.ids import FileRef, RemoteId
from bridge.model.pace import Pace
from bridge.model.state import Attachment, AttachmentState, Message
from bridge.ports import About, OutboxRow
from bridge.store.ids import Ids
from bridge.store.transaction import Tx
from tests.store.factories import (
    NOON,
    TEAM,
    applied,
    furnish,
    outbox_rows,
    queued,
    reply,
    root,
    said,
    sending,
    shows,
    threaded,
)  # fmt: skip

APP = "263902037430900"
MOMENT = Moment(now=NOON, steady=NOON)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A conversation whose root, answer, question and card are on their way, as they were read at the claim."""

    scene: Scene
    answer: Message
    question: Message
    rows: Sequence[OutboxRow]
    about: dict[int, About]


def claimed(tx: Tx, scene: Scene | None = None) -> Claimed:
    scene = threaded(tx, scene or furnish(tx), ref=None)
    thread = scene.conversation.thread
    assert thread is not None
    files = (Attachment(seq=1, kind="image", file=FileRef("F1"), state=AttachmentState.STORED),)
    answer = reply(tx, scene, thread=thread.id, attachments=files)
    question = said(tx, scene, remote_id=RemoteId(f"m_{scene.customer.id}"), thread=thread.id)
    again = said(tx, scene, "well?", about=question.remote_id, thread=thread.id)
    talk = replace(scene.conversation, controller=APP, preview=question.id, unsure=1)
    drawn = queued(RedrawCard(workspace=TEAM, conversation=talk.id))
    effects = (root(talk), *sending(scene, answer), shows(scene, question), shows(scene, again), drawn)
    decision = Decision(conversation=talk, messages=(answer, question, again), effects=effects, apps=((APP, "Inbox"),))
    scene = applied(tx, scene, decision)
    rows = [row for row in outbox_rows(tx) if getattr(row.effect, "conversation", None) == talk.id]
    return Claimed(scene=scene, answer=answer, question=question, rows=rows, about=tx.scenes.about(rows))


def at_the_end(tx: Tx, of: Claimed, known: dict[int, About] | None = None) -> tuple[dict[int, About], dict[int, About]]:
    """What is found at the end with what is known of the claim, and what without."""
    known = of.about if known is None else known
    return tx.scenes.about(of.rows, known=known, names=False), tx.scenes.about(of.rows, names=False)


def on_connection(conn: sa.Connection) -> Tx:
    return Tx(conn, times=MOMENT, pace=Pace(), ids=Ids())
