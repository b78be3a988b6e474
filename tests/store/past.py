"""Histories written down by hand, whose figures are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bridge.model.ids import ConversationId
from bridge.model.state import Account, Platform
from bridge.store import figures, schema
from bridge.store.figures import Figures
from tests.store.factories import AKI, DAY, HOUR, NOON, TEAM, House


@dataclass(kw_only=True)
class Past:
    """Who said what when, written down by hand; times are from noon on, and ids in the order of writing."""

    home: House

    def talk(self, customer: str = "2001", page: str = "1001") -> ConversationId:
        """A customer's conversation, who may be new."""
        with self.home.open() as tx:
            scene = tx.scenes.of_customer(Platform.MESSENGER, page, customer, create=True)
            assert scene is not None
            return scene.conversation.id

    def add(self, talk: int, after: timedelta, **values: Any) -> int:
        at = NOON + after
        with self.home.open() as tx:
            made = tx.new_id()
            row = {"id": made, "workspace": TEAM, "conversation": talk, "at": at, "kind": "text"} | values
            tx.connection.execute(sa.insert(schema.message).values(row))
            seen = (
                schema.conversation.c.last_at if values["author"] == "customer" else schema.conversation.c.answered_at
            )
            tx.connection.execute(
                sa.update(schema.conversation)
                .where(schema.conversation.c.id == talk, sa.or_(seen.is_(None), seen < at))
                .values({seen.name: at})
            )
        return made

    def asks(self, talk: int, after: timedelta, **values: Any) -> int:
        """The customer writes; both windows open."""
        made = self.add(talk, after, author="customer", **values)
        self.set(talk, standard_close=NOON + after + DAY, human_close=NOON + after + 7 * DAY)
        return made

    def answers(self, talk: int, after: timedelta, person: str | None = AKI, **values: Any) -> int:
        return self.add(talk, after, **({"author": "agent", "person": person, "state": "sent"} | values))

    def elsewhere(self, talk: int, after: timedelta) -> int:
        return self.add(talk, after, author="elsewhere")

    def acts(self, talk: int, after: timedelta, action: str) -> None:
        """An agent closes a conversation, or opens it again."""
        with self.home.open() as tx:
            row = {"workspace": TEAM, "at": NOON + after, "who": AKI, "action": f"conversation.{action}"}
            tx.connection.execute(sa.insert(schema.audit).values(**row, object=f"conversation:{talk}"))

    def scores(self, talk: int, question: int, score: int) -> None:
        """The customer says how content they are."""
        with self.home.open() as tx:
            row = {"question": question, "workspace": TEAM, "conversation": talk, "score": score, "at": NOON + DAY}
            tx.connection.execute(sa.insert(schema.satisfaction).values(row))

    def set(self, talk: int, **values: Any) -> None:
        with self.home.open() as tx:
            tx.connection.execute(sa.update(schema.conversation).where(schema.conversation.c.id == talk).values(values))

    def told(self, now: timedelta = DAY, *, start: timedelta = -DAY, end: timedelta = 90 * DAY) -> Figures:
        return self.report(now, start=start, end=end).total

    def report(self, now: timedelta = DAY, account: Account | None = None, **time: timedelta) -> figures.Report:
        start, end = time.get("start", -DAY), time.get("end", 90 * DAY)
        with self.home.engine.connect() as conn:
            return figures.report(conn, start=NOON + start, end=NOON + end, now=NOON + now, account=account)

    def periods(self) -> list[Any]:
        """Every waiting period: when it began, was answered, closed and may lapse, in hours."""
        with self.home.engine.connect() as conn:
            found = conn.execute(sa.select(figures.PERIOD).order_by(figures.PERIOD.c.began_at)).all()
        times = ("began_at", "answered_at", "closed_at", "lapses_at")
        return [
            tuple(None if at is None else (at - NOON) / HOUR for at in (getattr(row, name) for name in times))
            for row in found
        ]
