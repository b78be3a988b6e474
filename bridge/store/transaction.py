"""One transaction as the rules and loops see it, on a Core connection that the writer opens and commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bridge.model.decision import Decision, Made, Moment, Scene
from bridge.model.errors import StoreUnavailable
from bridge.model.ids import ConversationId, PostRef
from bridge.model.outcomes import RawItem
from bridge.model.pace import Pace
from bridge.ports import About, OutboxRow
from bridge.store import setup
from bridge.store.apply import apply_decision
from bridge.store.closing import SqlClosings
from bridge.store.engine import is_conflict, is_unavailable
from bridge.store.hand import Hand
from bridge.store.home import SqlHomes
from bridge.store.ids import Ids
from bridge.store.inbox import SqlFacts
from bridge.store.incidents import SqlIncidents
from bridge.store.logins import SqlLogins
from bridge.store.outbox import SqlEffects
from bridge.store.posts import cards_drawn, record_posted
from bridge.store.scenes import SqlScenes
from bridge.store.setups import SqlSetups
from bridge.store.tickets import SqlTickets
from bridge.store.ticks import SqlTicks
from bridge.store.together import Together

T = TypeVar("T")


class Tx:
    """`bridge.ports.Transaction` in SQL. Others in this room may use its *connection*; nobody commits it but the writer.

    stirred: rows were added, or may have become due.
    """

    def __init__(
        self, connection: Connection, *, times: Moment, pace: Pace, ids: Ids, worker: int | None = None
    ) -> None:
        self.connection = connection
        self.stirred = False
        self.facts = SqlFacts(connection, times.now, self._stir)
        self.effects = SqlEffects(connection, times, pace, self._stir, worker)
        self.scenes = SqlScenes(connection)
        self.incidents = SqlIncidents(connection)
        self.ticks = SqlTicks(connection)
        self.closings = SqlClosings(connection)
        self.logins = SqlLogins(connection)
        self.homes = SqlHomes(connection)
        self.tickets = SqlTickets(connection)
        self.setups = SqlSetups(connection)
        self._ids = ids
        self._times = times

    def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items, now."""
        return self.facts.keep(items, self._times.steady)

    def keep_each(self, batches: Sequence[Sequence[RawItem]]) -> list[int]:
        """Keep what several have brought, now; say for each how many were new."""
        return self.facts.keep_each(batches, self._times.steady)

    def apply(self, scene: Scene | None, decision: Decision, steady: datetime, caused_by: str | None = None) -> None:
        """Write what *decision* says; *scene* is what it was made from."""
        self._stir()
        apply_decision(
            self.connection,
            scene,
            decision,
            steady,
            caused_by,
            effects=self.effects,
            facts=self.facts,
            new_id=self.new_id,
        )
        for each in decision.setup:
            setup.apply(Hand(tx=self, moment=self._times, who=each.who), each)

    def apply_all(self, made: Sequence[Made], steady: datetime) -> None:
        """Write what several decisions say, as if one after another."""
        self._stir()
        together = Together(self.connection, steady, self.effects)
        for each in made:
            if not together.takes(each):
                together.write()
                self.apply(each.scene, each.decision, steady, each.caused_by)
        together.write()

    def posted(self, row: OutboxRow, ref: PostRef, about: About, moment: Moment) -> None:
        """Remember what stands under *ref*."""
        record_posted(self.connection, row, ref, about, moment)

    def drawn(self, cards: Mapping[ConversationId, str]) -> None:
        """The cards stand as drawn."""
        cards_drawn(self.connection, cards)

    def new_id(self) -> int:
        """A fresh id; grows with time."""
        return self._ids.next()

    def savepoint(self, work: Callable[[], T]) -> T:
        """Run *work*; what it raises undoes only what it did."""
        try:
            with self.connection.begin_nested():
                return work()
        except DBAPIError as error:
            # SQLite undoes the whole transaction when its disk is full, so that the savepoint cannot be found any more.
            met: BaseException | None = error
            while met is not None:
                if isinstance(met, DBAPIError) and is_unavailable(met):
                    raise met from None
                met = met.__context__
            raise

    def broken(self, error: Exception) -> bool:
        """Whether *error* is the database's trouble, which says nothing of the work that met it."""
        if isinstance(error, DBAPIError):
            return error.connection_invalidated or is_unavailable(error) or is_conflict(error)
        return isinstance(error, StoreUnavailable)

    def _stir(self) -> None:
        self.stirred = True
