"""Digests, boards and plans for breaks as two processes tell them from one database, while time passes, stands or jumps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa

from bridge import alerts
from bridge.model.decision import Moment, Rules
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.ids import AccountId, PlaceRef
from bridge.model.incident import Incident
from bridge.model.state import Work
from bridge.rules.base import Context
from bridge.store import schema
from bridge.store.alerts import from_body
from bridge.store.transaction import Tx
from bridge.workers import digest, planner
from bridge.workers.base import Tools
from tests.store.factories import DAY, HOUR, MINUTE, SETTINGS, House, add_account, add_workspace, changed, met, threaded

FRIDAY = datetime(2026, 11, 20, 6, tzinfo=UTC)
"""A Friday, at seven in Berlin."""
ALERTS, OTHER = PlaceRef("C8"), PlaceRef("C9")
PLANNED: dict[str, Any] = SETTINGS | {
    "human_agent": False, "alerts_channel": ALERTS, "hours": "Mon-Fri 09:00-18:00", "zone": "Europe/Berlin",
    "digest": "08:30", "board": True,
}  # fmt: skip


def tools(home: House) -> Tools:
    """Of one process: all that is asked of them here is what rules get."""
    found = SimpleNamespace(
        context=lambda tx, moment: Context(moment=moment, rules=Rules(), new_id=tx.new_id),
    )
    return cast(Tools, found)


def ticked(home: House) -> list[Incident]:
    """Two processes look at what is due, and what they tell is decided and posted; the incidents that are new."""
    for _ in range(2):
        with home.open() as tx:
            of = tools(home)
            digest.tell(tx, of, home.moment)
            planner.boards(tx, of, home.moment)
            planner.breaks_ahead(tx, of, home.moment)
    with home.open() as tx:
        return list(_decided(tx, home))


def _decided(tx: Tx, home: House) -> Iterator[Incident]:
    told = tx.connection.execute(
        sa.select(schema.inbox.c.id, schema.inbox.c.body)
        .where(schema.inbox.c.source == alerts.SOURCE)
        .order_by(schema.inbox.c.id)
    ).all()
    tx.connection.execute(sa.delete(schema.inbox))
    context = tools(home).context(tx, home.moment)
    for row in told:
        fact = from_body(row.body)
        assert isinstance(fact, AlertDue | AlertOver)
        known = tx.scenes.incident(fact.workspace, fact.key)
        decision = alerts.decide([known] if known else [], fact, context)
        tx.apply(None, decision, home.moment.steady)
        for incident in decision.incidents:
            over = {"closed_at": home.moment.now} if incident.kind in alerts.TOLD_ONCE else {}
            this = schema.incident.c.id == incident.id
            tx.connection.execute(sa.update(schema.incident).where(this).values(ref=f"C8:{incident.id}", **over))
            if known is None:
                yield incident


def at(home: House, now: datetime) -> None:
    """Set the time people go by; the steady clock goes on."""
    home.moment = Moment(now=now, steady=home.moment.steady + 31 * timedelta(seconds=1))


def waits(tx: Tx, home: House, customer: str) -> None:
    """Somebody writes now, whose window is open for a day."""
    now, scene = home.moment.now, threaded(tx, met(tx, customer), ref=f"C1:{customer}")
    closes = {"standard_close": now + DAY, "human_close": now + 7 * DAY}
    changed(tx, scene, work=Work.WAITING, waiting_since=now, **closes)


def furnished(home: House) -> tuple[AccountId, AccountId]:
    """Two accounts that share an alerts channel; of both the day before was told."""
    with home.open() as tx:
        add_workspace(tx)
        made = [AccountId(add_account(tx, remote_id=each, settings=PLANNED)) for each in ("1001", "1002")]
        tx.connection.execute(sa.update(schema.account).values(digested="2026-11-19"))
    return made[0], made[1]


def test_in_three_weeks_each_day_and_each_break_is_told_once_by_two_processes(home: House) -> None:
    """ZI-09: also when clocks jump back by hours or days, and whoever tells is started anew between any two looks."""
    at(home, FRIDAY)
    furnished(home)
    told: list[Incident] = []
    for hour in range(0, 21 * 24, 2):
        at(home, FRIDAY + hour * HOUR)
        if hour % 24 == 4:  # one a day, answered by nobody; the window lapses a day later
            with home.open() as tx:
                waits(tx, home, str(hour))
        told += ticked(home)
        if hour % 14 == 6:  # back by an odd number of hours, so that every hour is seen
            at(home, FRIDAY + (hour - 5) * HOUR)
            told += ticked(home)
        if hour % (7 * 24) == 80:  # on a Monday, back to the afternoon before the break
            at(home, FRIDAY + (hour - 70) * HOUR)
            told += ticked(home)
    kinds = {kind: [each for each in told if each.kind == kind] for kind in ("board", "break", "day", "digest")}
    assert len(kinds["board"]) == 1
    assert len(kinds["day"]) == 20  # nobody waits on the first morning
    assert len({each.key for each in kinds["day"]}) == 20
    begins = [datetime.fromtimestamp(float(str(each.values["begins"])), UTC) for each in kinds["break"]]
    assert begins == [FRIDAY + 11 * HOUR + week * 7 * DAY for week in range(3)]
    assert len({each.key for each in kinds["digest"]}) == len(kinds["digest"]) == 2 * 3  # Mondays, of each account


def test_a_board_follows_its_accounts_and_ends_when_none_is_left(home: House) -> None:
    """Two accounts share one; when the alerts channel of one moves there are two, and switched off there is none."""
    at(home, FRIDAY)
    one, two = furnished(home)
    assert [(each.kind, each.place, each.account) for each in ticked(home)] == [("board", ALERTS, None)]
    _set(home, two, {"alerts_channel": OTHER})
    at(home, FRIDAY + MINUTE)
    assert [(each.kind, each.place) for each in ticked(home)] == [("board", OTHER)]
    _set(home, one, {"board": False})
    at(home, FRIDAY + 2 * MINUTE)
    assert ticked(home) == []
    assert {each.place: each.closed_at is None for each in home.all(schema.incident)} == {ALERTS: False, OTHER: True}


def _set(home: House, account: AccountId, changes: dict[str, Any]) -> None:
    with home.open() as tx:
        this = schema.account.c.id == account
        before = tx.connection.execute(sa.select(schema.account.c.settings).where(this)).scalar_one()
        tx.connection.execute(sa.update(schema.account).where(this).values(settings=before | changes))
