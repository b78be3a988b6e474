"""What decisions change of conversations, customers and messages, as rows: known ones only where they differ.

Rule 1: only what differs from the scene is written; a scene is what the rows said when the decision was made.
Rule 2: what several decisions change alike is one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bridge.model.decision import Decision, Scene
from bridge.model.state import Attachment, Message, Part
from bridge.rules.desk import closing, tickets
from bridge.store import rows, schema
from bridge.store.schema import part
from bridge.store.sql import update_each
from bridge.store.words import Columns

Values = Mapping[str, Any]
Piece = Part | Attachment
FIXED = ("workspace", "conversation", "author")
"""What never changes of a row that is there already."""


class Changes:
    """Rows to write, from any number of decisions."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._known: dict[sa.Table, list[Values]] = {}
        self._new: dict[sa.Table, list[Values]] = {}

    def add(self, scene: Scene, decision: Decision) -> None:
        """Take up what a decision says of its conversation, its customer and their messages; pieces that are no more go."""
        conversation, customer = decision.conversation, decision.customer
        if conversation is not None:
            conversation = closing.looked_at(scene.account, scene.conversation, conversation)
            conversation = tickets.looked_at(scene.account, customer or scene.customer, conversation)
            changed = rows.CONVERSATION.changed(scene.conversation, conversation)
            self._change(schema.conversation, {"id": conversation.id}, changed)
        if customer is not None:
            changed = rows.CUSTOMER.changed(scene.customer, customer)
            self._change(schema.customer, {"id": customer.id}, changed)
        known = {sending.message.id: sending.message for sending in scene.sending}
        if scene.message is not None:
            known[scene.message.id] = scene.message
        for message in decision.messages:
            self._message(message, known.get(message.id), {"workspace": scene.workspace.id})

    def write(self) -> None:
        """Write all that was taken up."""
        for table, changed in self._known.items():
            update_each(self._conn, table, changed)
        for table, fresh in self._new.items():
            rows.upsert(self._conn, table, fresh, fixed=FIXED)
        self._known, self._new = {}, {}

    def _message(self, message: Message, before: Message | None, whose: Values) -> None:
        if before is None:
            self._add(schema.message, {**rows.MESSAGE.of(message), **whose})
        else:
            self._change(schema.message, {"id": message.id}, rows.MESSAGE.changed(before, message))
        of = {**whose, "message": message.id, "conversation": message.conversation}
        parts = {} if before is None else {one.seq: one for one in before.parts}
        self._each(part, rows.PART, message.parts, parts, of)
        attached = {} if before is None else {one.seq: one for one in before.attachments}
        self._each(schema.attachment, rows.ATTACHMENT, message.attachments, attached, of)

    def _each(
        self,
        table: sa.Table,
        columns: Columns[Any],
        pieces: Sequence[Piece],
        known: Mapping[int, Piece],
        of: Values,
    ) -> None:
        """The pieces of a message, of which some are *known*; known ones that are not among them go."""
        if gone := known.keys() - {one.seq for one in pieces}:
            its = sa.and_(table.c.message == of["message"], table.c.seq.in_(list(gone)))
            self._conn.execute(sa.delete(table).where(its))
        for one in pieces:
            before = known.get(one.seq)
            if before is None:
                self._add(table, {**of, **columns.of(one)})
            elif one is not before:
                self._change(table, {"message": of["message"], "seq": one.seq}, columns.changed(before, one))

    def _add(self, table: sa.Table, row: Values) -> None:
        """A row that was not there when the decision was made."""
        self._new.setdefault(table, []).append(row)

    def _change(self, table: sa.Table, key: Values, changed: Values) -> None:
        """What of a row that was there is to change."""
        if changed:
            self._known.setdefault(table, []).append({**key, **changed})
