"""Who changes something by hand: an operator, inside a transaction of their own."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa

from bridge.model.decision import Moment
from bridge.model.facts import AlertOver
from bridge.model.ids import WorkspaceId
from bridge.model.word import Word
from bridge.ports import Transaction
from bridge.store import alerts, schema
from bridge.store.held import told_of
from bridge.store.inbox import SqlFacts
from bridge.store.outbox import SqlEffects


class Opened(Transaction, Protocol):
    """The transaction as this room has it: with its connection, and what operators alone do with the queues."""

    connection: sa.Connection

    @property
    def facts(self) -> SqlFacts: ...  # noqa: D102 - of the port

    @property
    def effects(self) -> SqlEffects: ...  # noqa: D102 - of the port


class Hand(Word, kw_only=True):
    """Whose hand changes what: the open transaction, its two times, and who it is (for the audit)."""

    tx: Opened
    moment: Moment
    who: str

    @property
    def conn(self) -> sa.Connection:
        """The transaction's connection."""
        return self.tx.connection


def announced(hand: Hand, workspace: WorkspaceId, key: str) -> bool:
    """Whether an incident is open that is over with *key*."""
    incident = schema.incident
    query = sa.select(incident.c.id).where(
        incident.c.workspace == workspace, told_of(key), sa.text("closed_at IS NULL")
    )
    return hand.conn.execute(query).first() is not None


def over(hand: Hand, workspace: WorkspaceId, key: str) -> None:
    """Let an alerts channel hear that what was announced under *key* is mended; nothing where nothing was."""
    if announced(hand, workspace, key):
        told = AlertOver(workspace=workspace, at=hand.moment.now, key=key)
        hand.tx.facts.keep([alerts.to_item(told, hand.tx.new_id())], hand.moment.steady)
