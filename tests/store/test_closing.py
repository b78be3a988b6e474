"""Windows about to close: what is due is found, what alerts hold is settled with what happened, a lapse counts once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.closing import Line, LineState, Stage
from bridge.model.decision import Decision, Made, Scene
from bridge.model.effects import EditAlert
from bridge.model.ids import IncidentId, PlaceRef, PostRef
from bridge.model.state import Incident, Work
from bridge.rules.base import Context, card
from bridge.rules.desk import announced, closing
from bridge.store import closing as stored
from bridge.store import schema
from bridge.store.conversations import erase
from bridge.store.schema import EPOCH
from bridge.store.transaction import Tx
from tests.core.factories import RULES
from tests.store.factories import (
    AKI,
    DAY,
    HOUR,
    NOON,
    PLACE,
    SECOND,
    TEAM,
    House,
    applied,
    furnish,
    met,
    outbox_rows,
    said,
)
from tests.store.test_plans import plans

ALERTS = PlaceRef("C9")


def context(tx: Tx, house: House) -> Context:
    return Context(moment=house.moment, rules=RULES, new_id=tx.new_id)


def waiting(tx: Tx, scene: Scene, since: datetime = NOON) -> Scene:
    """The customer wrote then, and waits."""
    talk = replace(
        scene.conversation,
        work=Work.WAITING,
        waiting_since=since,
        last_at=since,
        opens_at=since,
        standard_close=since + DAY,
        human_close=since + 7 * DAY,
    )
    return applied(tx, scene, Decision(conversation=talk))


def alerted(tx: Tx, scene: Scene, house: House) -> tuple[Scene, Incident]:
    """They stand in an alert that was posted."""
    judged = closing.judge(scene.account, scene.conversation, scene.conversation.alert_at or NOON)
    assert judged.announce is not None
    due = announced.Due(scene=scene, close=judged.announce)
    decision, lines = announced.told(None, [due], ALERTS, 0, context(tx, house))
    (incident,) = decision.incidents
    tx.apply(None, Decision(incidents=(replace(incident, ref=PostRef("C9:1.0")),)), NOON)
    tx.closings.write(TEAM, lines)
    return applied(tx, scene, Decision(conversation=judged.after)), incident


def line(house: House) -> Line:
    return stored.read(house.one(schema.closing))


def edits(tx: Tx) -> list[IncidentId]:
    return [row.effect.incident for row in outbox_rows(tx) if isinstance(row.effect, EditAlert)]


def test_what_is_due_is_found_in_order_and_what_only_may_be_comes_after_it(home: House) -> None:
    with home.open() as tx:
        first, second = waiting(tx, furnish(tx)), waiting(tx, met(tx, "2002"), NOON - HOUR)
        third = waiting(tx, met(tx, "2003"))
        assert first.conversation.alert_at == NOON + 22 * HOUR
        tx.connection.execute(
            sa.update(schema.conversation)
            .where(schema.conversation.c.id == third.conversation.id)
            .values(alert_at=EPOCH)
        )
    with home.open() as tx:
        assert tx.closings.due(NOON + 21 * HOUR - SECOND, 10) == [third.conversation.id]
        assert tx.closings.due(NOON + 22 * HOUR, 10) == [
            second.conversation.id,
            first.conversation.id,
            third.conversation.id,
        ]
        assert tx.closings.due(NOON + 22 * HOUR, 2) == [second.conversation.id, first.conversation.id]


def test_an_answer_settles_its_line_in_the_same_transaction_and_the_alert_is_drawn_anew_once(home: House) -> None:
    """F2"""
    with home.open() as tx:
        scene, incident = alerted(tx, waiting(tx, furnish(tx)), home)
        answered = replace(
            scene.conversation, work=Work.ANSWERED, waiting_since=None, answered_at=NOON + HOUR, answered_by=AKI
        )
        decision = Decision(conversation=answered, effects=(card(scene, context(tx, home)),))
        after = applied(tx, scene, decision)
        assert after.conversation.alert_at is None
        assert edits(tx) == [incident.id]
        tx.apply(after, Decision(effects=(card(after, context(tx, home)),)), NOON)
        assert edits(tx) == [incident.id]
    assert (line(home).state, line(home).person, line(home).ended_at) == (LineState.ANSWERED, AKI, NOON + HOUR)
    with home.open() as tx:
        (over,) = tx.closings.over(NOON + HOUR, 10)
        assert over.id == incident.id
        tx.apply(None, announced.over(over, context(tx, home)), NOON)
        assert tx.closings.over(NOON + HOUR, 10) == []


def test_decisions_that_are_written_together_settle_too(home: House) -> None:
    with home.open() as tx:
        scene, incident = alerted(tx, waiting(tx, furnish(tx)), home)
        closed = replace(scene.conversation, work=Work.CLOSED, waiting_since=None, worked_by=AKI, worked_at=NOON)
        tx.apply_all([Made(scene=scene, decision=Decision(conversation=closed))], NOON)
        assert edits(tx) == [incident.id]
    assert line(home).state is LineState.CLOSED


def test_who_was_never_told_of_costs_not_a_statement_more(home: House) -> None:
    with home.open() as tx:
        scene = waiting(tx, furnish(tx))
        answered = replace(scene.conversation, work=Work.ANSWERED, waiting_since=None, answered_at=NOON + HOUR)
        statements = home.statements()
        tx.apply(scene, Decision(conversation=answered), NOON)
        assert not [each for each in statements if "closing" in each or "lapse" in each]


def test_what_is_put_off_keeps_its_alert_open_until_its_close(home: House) -> None:
    """ZI-35"""
    with home.open() as tx:
        scene, _ = alerted(tx, waiting(tx, furnish(tx)), home)
        asleep = replace(scene.conversation, work=Work.SNOOZED, worked_by=AKI, snoozed_until=NOON + 23 * HOUR)
        after = applied(tx, scene, Decision(conversation=asleep))
        assert after.conversation.alert_at is None
        assert tx.closings.over(NOON + 22 * HOUR, 10) == []
        assert len(tx.closings.over(NOON + DAY, 10)) == 1
        tx.apply(after, Decision(conversation=replace(asleep, work=Work.WAITING, snoozed_until=None)), NOON)
    assert (line(home).state, line(home).person) == (LineState.OPEN, None)


def test_a_close_that_passes_is_found_and_a_lapse_is_one_row(home: House) -> None:
    """CT-39"""
    with home.open() as tx:
        scene, _ = alerted(tx, waiting(tx, furnish(tx)), home)
        assert tx.closings.passed(NOON + DAY - SECOND, 10) == []
        (found,) = tx.closings.passed(NOON + DAY, 10)
        tx.closings.write(TEAM, [closing.passed(found, scene, NOON + DAY)])
        assert tx.closings.passed(NOON + DAY, 10) == []
        wrote = replace(
            scene.conversation, last_at=NOON + 8 * DAY, standard_close=NOON + 9 * DAY, human_close=NOON + 15 * DAY
        )
        for _ in range(2):
            tx.apply(scene, Decision(conversation=wrote), NOON)
    assert line(home).state is LineState.LAPSED  # the human agent's window too, of which nothing told
    (lapse,) = home.all(schema.lapse)
    assert (lapse.close_at, lapse.account) == (NOON + 7 * DAY, scene.account.id)


def test_the_youngest_alert_of_a_place_takes_up_whoever_comes_later(home: House) -> None:
    with home.open() as tx:
        _, incident = alerted(tx, waiting(tx, furnish(tx)), home)
        young = announced.YOUNG
        for since, place, found in (
            (NOON - SECOND, ALERTS, True),
            (NOON, ALERTS, False),
            (NOON - SECOND, PLACE, False),
        ):
            assert (tx.closings.youngest(TEAM, place, since, NOON + young) is not None) is found
        assert tx.closings.youngest(TEAM, ALERTS, NOON - HOUR, NOON - SECOND) is None  # the clock went back
        later = waiting(tx, met(tx, "2002"))
        judged = closing.judge(later.account, later.conversation, NOON + 22 * HOUR)
        assert judged.announce is not None
        due = announced.Due(scene=later, close=judged.announce)
        posted = tx.closings.alerts([incident.id])[0]
        decision, lines = announced.told(posted, [due], ALERTS, tx.closings.replies(incident.id), context(tx, home))
        tx.apply(None, decision, NOON)
        tx.closings.write(TEAM, lines)
        assert tx.closings.replies(incident.id) == 1
        again, others = announced.told(decision.incidents[0], [due], ALERTS, 1, context(tx, home))
        assert (again.incidents, [each.reply for each in others]) == ((), [1])  # the reply has not gone yet


def test_an_alert_reads_names_and_words_when_it_is_drawn_and_nothing_of_the_erased(home: House) -> None:
    """CT-39: what was taken back, or forgotten, goes from the alert as well."""
    with home.open() as tx:
        scene = waiting(tx, furnish(tx))
        message = said(tx, scene, "secret")
        scene = applied(
            tx, scene, Decision(conversation=replace(scene.conversation, preview=message.id), messages=(message,))
        )
        scene, incident = alerted(tx, scene, home)
        edit = EditAlert(workspace=TEAM, incident=incident.id, place=ALERTS)
        drawn = stored.shown(tx.connection, edit, incident)
        assert drawn is not None
        assert [each.scene.message and each.scene.message.text for each in drawn.shown] == ["secret"]
        assert (drawn.open, drawn.settled, drawn.last) == (1, 0, NOON + DAY)
        erased = erase(tx.connection, scene.conversation.id, home.moment, who="test", heard=lambda *_: [])
        assert erased is not None
        assert [each.effect for each in erased.redrawn] == [edit]
        drawn = stored.shown(tx.connection, edit, incident)
        assert drawn is not None
        assert [each.scene.message for each in drawn.shown] == [None]
        assert (drawn.open, drawn.settled) == (0, 1)
        assert tx.closings.due(NOON + 30 * DAY, 10) == []


def test_settings_that_change_have_the_accounts_waiting_conversations_looked_at_again(home: House) -> None:
    with home.open() as tx:
        scene = waiting(tx, furnish(tx))
        other = applied(
            tx, met(tx, "2002"), Decision(conversation=replace(met(tx, "2002").conversation, work=Work.ANSWERED))
        )
        stored.look_again(tx.connection, scene.account.id)
        assert tx.closings.due(NOON, 10) == [scene.conversation.id]
        assert other.conversation.alert_at is None


MANY = 5_000


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_what_is_due_is_found_by_its_indexes_however_many_wait(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        of = {"workspace": TEAM, "account": scene.account.id, "control": "ours", "work": "waiting"}
        rows = [{**of, "customer": 10_000 + n, "alert_at": NOON + DAY + timedelta(seconds=n)} for n in range(MANY)]
        tx.connection.execute(sa.insert(schema.conversation), rows)
        held = {"workspace": TEAM, "stage": Stage.STANDARD.value, "quiet": False, "reply": 0, "state": "open"}
        lines = [{**held, "incident": n, "conversation": n, "close_at": NOON + DAY} for n in range(MANY)]
        tx.connection.execute(sa.insert(schema.closing), lines)
        told = {
            "workspace": TEAM,
            "kind": announced.KIND,
            "place": ALERTS,
            "values": {},
            "opened_at": NOON,
            "closed_at": NOON,
        }
        tx.connection.execute(
            sa.insert(schema.incident), [{**told, "id": n, "key": f"closing:{n}"} for n in range(MANY)]
        )
    with home.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    with home.open() as tx:
        due = plans(tx, lambda: tx.closings.due(NOON, 200))
        passed = plans(tx, lambda: tx.closings.passed(NOON, 200))
        over = plans(tx, lambda: tx.closings.over(NOON, 200))
    assert "ix_conversation_alert_at" in due
    assert "ix_closing_close_at" in passed
    assert "uq_incident_open" in over
    for table in ("conversation", "closing", "incident"):
        assert f"Seq Scan on {table}" not in due + passed + over
        assert f"SCAN {table}\n" not in f"{due}\n{passed}\n{over}\n"
