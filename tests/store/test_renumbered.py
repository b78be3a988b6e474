"""Places that go by another id, and people who are no longer there: what the store makes of both."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge.lanes import place_target, queue
from bridge.model.decision import Decision
from bridge.model.effects import EditAlert, PostAlert, PostLine, ReadThread, RemovePost
from bridge.model.ids import GroupRef, IncidentId, PersonRef, PlaceRef, PostRef
from bridge.model.outcomes import RawItem
from bridge.model.state import Incident, Said, Work
from bridge.rules.desk.places import closed_key, place_key
from bridge.store import house, schema
from bridge.store.posts import record_post
from tests.store.factories import AKI, DAY, HOUR, NOON, PLACE, TEAM, House, applied, changed, furnish, met, threaded

NEW, OTHER = PlaceRef("C1NEW"), PlaceRef("C12")
ROOT, POST = PostRef(f"{PLACE}:1.1"), PostRef(f"{PLACE}:1.2")
HISTORY = {"audit", "renumbered", "alembic_version"}
"""Tables that say what was."""


def standing(home: House, what: str) -> list[str]:
    """The tables in which something still stands under a place's id, whole."""
    found = []
    with home.engine.connect() as conn:
        for name, table in schema.metadata.tables.items():
            rows = [] if name in HISTORY else conn.execute(table.select()).all()
            words = [value.decode() if isinstance(value, bytes) else str(value) for row in rows for value in row]
            found += [name for word in words if what in word.replace(NEW, "").replace(OTHER, "")]
    return sorted(set(found))


def fill(home: House) -> None:
    """Everything that may know a place: settings, threads, posts, what waits, what is told, what is not decided yet."""
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        tx.connection.execute(sa.update(schema.route).values(place=PLACE, alerts_place=PLACE))
        tx.connection.execute(
            sa.insert(schema.side_thread).values(workspace=TEAM, conversation=1, message=1, ref=f"{PLACE}:5.5")
        )
        record_post(tx.connection, workspace=TEAM, row=7, ref=POST, kind="message", at=NOON)
        told = Incident(
            id=IncidentId(tx.new_id()), workspace=TEAM, key=f"shared:{PLACE}", kind="shared_place", place=PLACE,
            account=scene.account.id, values={"channel": PLACE}, opened_at=NOON, ref=PostRef(f"{PLACE}:9.9"),
        )  # fmt: skip
        line = PostLine(workspace=TEAM, conversation=scene.conversation.id, said=Said(key="x", values={"link": ROOT}))
        effects = (
            queue(line, position=1, place=PLACE),
            queue(RemovePost(workspace=TEAM, conversation=scene.conversation.id, ref=POST, said=None), position=1),
            queue(PostAlert(workspace=TEAM, incident=told.id, place=PLACE), position=1),
            queue(EditAlert(workspace=TEAM, incident=told.id, place=PLACE), position=1),
            queue(
                ReadThread(workspace=TEAM, conversation=scene.conversation.id, place=PLACE, root=ROOT, since=NOON),
                position=1,
            ),
        )
        applied(tx, scene, Decision(incidents=(told,), effects=effects))
        tx.effects.hold(place_target(TEAM, PLACE), place_key(PLACE))
        body = f'{{"event":{{"channel":"{PLACE}","thread_ts":"1.1"}}}}'.encode()
        lane = f"slack:{TEAM}:{PLACE}:1.1"
        item = RawItem(key="late", source="slack", lane=lane, at=NOON, body=body, workspace=TEAM)
        tx.facts.keep([item], NOON)


def test_everything_that_is_kept_of_a_place_goes_by_its_new_id(home: House) -> None:
    """Nothing but history says the old one; done twice, it is as after the first time; what it held is open."""
    fill(home)
    assert standing(home, PLACE)
    for _ in range(2):
        with home.open() as tx:
            tx.ticks.renumber(TEAM, PLACE, NEW, NOON)
        assert standing(home, PLACE) == []
        assert [row.new for row in home.all(house.renumbered)] == [NEW]
    with home.engine.connect() as conn:
        targets = {row.id: row.held_by for row in conn.execute(schema.target.select())}
        waits = set(conn.execute(sa.select(schema.outbox.c.target)).scalars())
    assert waits <= set(targets)
    assert targets[place_target(TEAM, NEW)] is None
    (line,) = [row for row in home.all(schema.audit) if row.action == "account.renumbered"]
    assert (line.before["channel"], line.after["channel"]) == (PLACE, NEW)


def test_what_comes_back_under_the_old_id_is_found_the_next_time(home: House) -> None:
    """An answer of the desk's was on its way; where both stand, neither is lost."""
    fill(home)
    with home.open() as tx:
        tx.ticks.renumber(TEAM, PLACE, NEW, NOON)
    with home.open() as tx:
        for ref in (f"{PLACE}:1.2", f"{PLACE}:1.3"):
            record_post(tx.connection, workspace=TEAM, row=8, ref=PostRef(ref), kind="message", at=NOON)
        tx.ticks.renumber(TEAM, PLACE, NEW, NOON)
    assert sorted(row.ref for row in home.all(schema.post)) == [f"{PLACE}:1.2", f"{NEW}:1.2", f"{NEW}:1.3"]


def test_a_place_that_is_renumbered_twice_is_known_by_its_first_id(home: House) -> None:
    with home.open() as tx:
        tx.ticks.renumber(TEAM, PLACE, OTHER, NOON)
        tx.ticks.renumber(TEAM, OTHER, NEW, NOON)
        assert {old: new for old, (_, new, _) in tx.ticks.renumbered().items()} == {PLACE: NEW, OTHER: NEW}


def test_that_a_place_had_ended_is_still_told_of_under_its_own_key(home: House) -> None:
    """Whatever ends it looks for that key."""
    with home.open() as tx:
        scene = furnish(tx)
        told = Incident(
            id=IncidentId(tx.new_id()), workspace=TEAM, key=closed_key(PLACE, scene.account.id), kind="place",
            place=PlaceRef("C9"), account=scene.account.id, values={"channel": PLACE}, opened_at=NOON,
        )  # fmt: skip
        applied(tx, scene, Decision(incidents=(told,)))
        tx.ticks.renumber(TEAM, PLACE, NEW, NOON)
        (found,) = tx.scenes.incidents(TEAM, place_key(PLACE))
        assert found.values["channel"] == NEW


def gone(tx: Any, person: PersonRef, kind: str, learnt: Any = NOON) -> None:
    tx.connection.execute(
        sa.insert(schema.person).values(workspace=TEAM, ref=person, kind=kind, name="Aki", learnt_at=learnt)
    )


def test_what_somebody_leaves_behind_is_given_back_at_once(home: House) -> None:
    """ZI-25: closed ones too, but only the others are told of; a second time there is nothing."""
    with home.open() as tx:
        furnish(tx)
        scenes = [met(tx, f"4{number}") for number in range(4)]
        for scene, work, owner in zip(scenes, ("waiting", "answered", "closed", "waiting"), "LLLK", strict=True):
            since = NOON if work == "waiting" else None
            changed(tx, scene, work=Work(work), owner=PersonRef(f"U{owner}"), waiting_since=since)
        gone(tx, PersonRef("UL"), "gone")
        gone(tx, PersonRef("UK"), "member")
        assert tx.ticks.departed(10) == [(TEAM, "UL")]
        back = tx.ticks.give_back(TEAM, PersonRef("UL"), NOON)
        assert [(each.account, each.since) for each in back] == [
            (scenes[0].account.id, NOON),
            (scenes[1].account.id, None),
        ]
        assert tx.ticks.departed(10) == []
        assert tx.ticks.give_back(TEAM, PersonRef("UL"), NOON) == []
        owners = [row.owner for row in tx.connection.execute(schema.conversation.select()) if row.owner]
        assert owners == ["UK"]


def test_what_a_group_leaves_behind_is_given_back_too(home: House) -> None:
    with home.open() as tx:
        furnish(tx)
        for number, work in enumerate(("waiting", "closed")):
            changed(tx, met(tx, f"6{number}"), work=Work(work), owner_group=GroupRef("S1"))
        assert tx.ticks.owning_groups() == [(TEAM, "S1")]
        assert len(tx.ticks.give_back_group(TEAM, GroupRef("S1"), NOON)) == 1
        assert tx.ticks.owning_groups() == []
        assert tx.ticks.give_back_group(TEAM, GroupRef("S1"), NOON) == []


def test_owners_who_were_not_heard_of_for_a_day_are_asked_for(home: House) -> None:
    """Whoever was never learnt, too; of closed conversations nobody."""
    with home.open() as tx:
        furnish(tx)
        for number, (owner, work) in enumerate(
            [("UA", "waiting"), ("UB", "waiting"), (AKI, "closed"), ("UN", "waiting")]
        ):
            changed(tx, met(tx, f"5{number}"), work=Work(work), owner=PersonRef(owner))
        for person, learnt in (("UA", NOON - DAY - HOUR), ("UB", NOON - HOUR), (AKI, NOON - DAY - HOUR)):
            gone(tx, PersonRef(person), "member", learnt)
        assert sorted(person for _, person in tx.ticks.unseen_owners(NOON - DAY, 10)) == ["UA", "UN"]
        assert len(tx.ticks.unseen_owners(NOON - DAY, 1)) == 1
