"""Several decisions at once: what they all say of one table is one statement.

Rule 1: only plain decisions go together, those that change a conversation and its messages and add effects, and no two
        about one conversation. Every other is applied by itself (`bridge.store.apply`), in its turn.
Rule 2: the statements go in the order in which `apply` has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Protocol

import sqlalchemy as sa

from bridge.model.decision import Decision, Made, Scene
from bridge.model.effects import Queued
from bridge.model.ids import AccountId, ConversationId
from bridge.rules.desk.tickets import followed
from bridge.store import closing, upkeep
from bridge.store.changes import Changes

_besides = attrgetter(
    "customer", "writes_as", "health", "hinted", "apps", "threads", "withdrawn", "forgotten", "unposted", "dropped", "dropped_rows",
    "settled", "holds", "released", "alerts", "incidents", "people", "groups", "homes", "unseen_rows", "seen_rows",
    "marks", "upkeep", "tried", "rated", "saved", "unsaved", "unsaved_from", "exports", "unexported", "noted", "setup", "tickets",
    "has_left",
)  # fmt: skip
"""What a plain decision does not say."""
_but_upkeep = attrgetter(*(name for name in Decision.__struct_fields__ if name not in ("upkeep", "account", "effects")))
"""What a decision does not say that is about an account alone, and when it is looked at next."""


class Outbox(Protocol):
    """What this needs of the outbox."""

    def add_all(self, queued: Sequence[tuple[Queued, str | None]], steady: datetime) -> None:
        """Add effects, each with what caused it."""
        ...


def is_plain(decision: Decision) -> bool:
    """Whether it says nothing but what goes with others."""
    return not any(_besides(decision))


class Together:
    """Plain decisions that wait to be written."""

    def __init__(self, conn: sa.Connection, steady: datetime, effects: Outbox) -> None:
        self._conn = conn
        self._steady = steady
        self._effects = effects
        self._taken: list[tuple[Scene, Decision, str | None]] = []
        self._conversations: set[ConversationId] = set()
        self._kept: dict[AccountId, Decision] = {}
        self._asked: list[tuple[Queued, str | None]] = []

    def takes(self, made: Made) -> bool:
        """Take a decision, if it may go with the others; one that says nothing is taken too."""
        scene, decision = made.scene, made.decision
        if scene is None and decision.upkeep:
            return self._takes_upkeep(decision, made.caused_by)
        if not is_plain(decision):
            return False
        if scene is None or scene.conversation.id in self._conversations:
            return not (decision.conversation or decision.messages or decision.effects)
        if decision.conversation is not None and decision.conversation.thread != scene.conversation.thread:
            return False
        self._conversations.add(scene.conversation.id)
        self._taken.append((scene, decision, made.caused_by))
        return True

    def _takes_upkeep(self, decision: Decision, caused_by: str | None) -> bool:
        if decision.account is None or decision.account in self._kept or any(_but_upkeep(decision)):
            return False
        self._kept[decision.account] = decision
        self._asked += [(each, caused_by) for each in decision.effects]
        return True

    def write(self) -> None:
        """Write all that was taken."""
        taken, self._taken, self._conversations = self._taken, [], set()
        changes = Changes(self._conn)
        for scene, decision, _ in taken:
            changes.add(scene, decision)
        changes.write()
        queued = [
            (each, caused_by)
            for scene, decision, caused_by in taken
            for each in (
                *decision.effects,
                *closing.settle(self._conn, scene, decision, self._steady),
                *followed(scene, decision),
            )
        ]
        kept, self._kept, asked, self._asked = self._kept, {}, self._asked, []
        if kept:
            upkeep.write(self._conn, [(account, decision.upkeep) for account, decision in kept.items()])
        if queued := [*asked, *queued]:
            self._effects.add_all(queued, self._steady)
