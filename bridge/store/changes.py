"""What decisions change of conversations, customers and messages, as rows: known ones only where they differ.

Rule 1: only what differs from the scene is written; a scene is what the rows said when the decision was made.
Rule 2: what several decisions change alike is one statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bridge.model.decision import Decision, Scene
from bridge.model.state import Message
from bridge.store import rows, schema
from bridge.store.schema import part
from bridge.store.sql import update_each

Values = Mapping[str, Any]
FIXED = ("workspace", "conversation", "author")
"""What never changes of a row that is there already."""


class Changes:
    """Rows to write, from any number of decisions."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._known: dict[sa.Table, list[Values]] = {}
        self._new: dict[sa.Table, list[Values]] = {}

    def add(self, scene: Scene, decision: Decision) -> None:
        """Take up what a decision says of its conversation, its customer and their messages; parts that are no more go."""
        conversation, customer = decision.conversation, decision.customer
        if conversation is not None and conversation is not scene.conversation:
            before, after = rows.conversation_values(scene.conversation), rows.conversation_values(conversation)
            self._put(schema.conversation, {"id": conversation.id, **after}, before)
        if customer is not None:
            before, after = rows.customer_values(scene.customer), rows.customer_values(customer)
            self._put(schema.customer, {"id": customer.id, **after}, before)
        known = {sending.message.id: sending.message for sending in scene.sending}
        if scene.message is not None:
            known[scene.message.id] = scene.message
        for message in decision.messages:
            self._message(scene, message, known.get(message.id))

    def write(self) -> None:
        """Write all that was taken up."""
        for table, changed in self._known.items():
            update_each(self._conn, table, changed)
        for table, fresh in self._new.items():
            rows.upsert(self._conn, table, fresh, fixed=FIXED)
        self._known, self._new = {}, {}

    def _message(self, scene: Scene, message: Message, known: Message | None) -> None:
        workspace = scene.workspace.id
        self._put(
            schema.message,
            rows.message_values(message, workspace),
            None if known is None else rows.message_values(known, workspace),
        )
        old = {} if known is None else {one.seq: rows.part_values(one, known, workspace) for one in known.parts}
        for one in message.parts:
            self._put(part, rows.part_values(one, message, workspace), old.pop(one.seq, None))
        if old:
            self._conn.execute(sa.delete(part).where(part.c.message == message.id, part.c.seq.in_(list(old))))
        same = {} if known is None else {one.seq: one for one in known.attachments}
        for each in message.attachments:
            if each != (before := same.get(each.seq)):
                row = rows.attachment_values(each, message, workspace)
                self._put(
                    schema.attachment,
                    row,
                    None if before is None else rows.attachment_values(before, message, workspace),
                )

    def _put(self, table: sa.Table, row: Values, before: Values | None) -> None:
        """A row as it is to be; *before*: what of it may have changed, as it was; None: there was none."""
        if before is None:
            self._new.setdefault(table, []).append(row)
        elif changed := {name: row[name] for name, value in before.items() if row[name] != value}:
            key = {column.name: row[column.name] for column in table.primary_key}
            self._known.setdefault(table, []).append(key | changed)
