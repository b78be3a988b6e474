"""What has become due by itself, and what asking costs when nothing has."""

import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.facts import AlertOver
from bridge.model.ids import IncidentId, PostRef, ThreadId
from bridge.model.state import Incident, Message, ReplyState, Sign
from bridge.rules.desk.places import LOST_IN
from bridge.store import heard as coming
from bridge.store import schema
from bridge.store import ticks as due
from bridge.store.posts import record_post
from bridge.store.transaction import Tx
from tests.store.factories import (
    DAY,
    ELSEWHERE,
    HOUR,
    MINUTE,
    NOON,
    PLACE,
    SECOND,
    SETTINGS,
    TEAM,
    House,
    add_account,
    add_workspace,
    applied,
    changed,
    furnish,
    heard,
    met,
    outbox_rows,
    reply,
    sending,
    set_row,
    threaded,
)


def opened(number: int, kind: str, at: datetime, closed: datetime | None = None) -> Incident:
    told = {"key": f"{kind}:{number}", "kind": kind, "opened_at": at, "closed_at": closed}
    return Incident(id=IncidentId(number), workspace=TEAM, place=PLACE, account=None, values={}, **told)  # type: ignore[arg-type]


def test_answers_that_wait_or_ask_without_a_sign_are_found_the_longest_waiting_first(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        late = reply(tx, scene, queued_at=NOON - 4 * SECOND)
        asks = reply(tx, scene, queued_at=NOON - 5 * SECOND, state=ReplyState.ASKING)
        young = reply(tx, scene, queued_at=NOON - 3 * SECOND)
        others = (
            reply(tx, scene, queued_at=NOON - HOUR, sign=Sign.WAITING),
            reply(tx, scene, queued_at=NOON - HOUR, state=ReplyState.SENT),
        )
        applied(tx, scene, Decision(messages=(late, asks, young, *others)))
        assert tx.ticks.unsigned(NOON - 3 * SECOND, 10) == [asks.id, late.id]
        assert tx.ticks.unsigned(NOON - 3 * SECOND, 1) == [asks.id]


def test_a_question_is_found_with_and_without_its_sign(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        asks = reply(tx, scene, queued_at=NOON - HOUR, state=ReplyState.ASKING, sign=Sign.WAITING)
        bare = reply(tx, scene, queued_at=NOON - HOUR - SECOND, state=ReplyState.ASKING)
        waits = reply(tx, scene, queued_at=NOON - 2 * HOUR)
        applied(tx, scene, Decision(messages=(asks, bare, waits)))
        assert tx.ticks.questions(NOON - HOUR + SECOND, 10) == [bare.id, asks.id]
        assert tx.ticks.questions(NOON - HOUR, 10) == [bare.id]


def test_a_picture_that_could_go_smaller_is_a_question_until_its_sign_says_otherwise(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        large = reply(tx, scene, queued_at=NOON - HOUR, state=ReplyState.REFUSED, sign=Sign.WAITING)
        refused = reply(tx, scene, queued_at=NOON - HOUR, state=ReplyState.REFUSED, sign=Sign.REFUSED)
        applied(tx, scene, Decision(messages=(large, refused)))
        assert tx.ticks.questions(NOON, 10) == [large.id]
        assert tx.ticks.questions(NOON - HOUR, 10) == []


def test_an_unsure_row_is_found_until_a_person_is_asked(home: House) -> None:
    with home.open() as tx:
        scene = furnish(tx)
        answers = [reply(tx, scene) for _ in range(3)]
        effects = tuple(effect for answer in answers for effect in sending(scene, answer))
        applied(tx, scene, Decision(messages=tuple(answers), effects=effects))
        rows = outbox_rows(tx)
        for row, since in zip(rows[:2], (NOON, NOON - SECOND), strict=True):
            set_row(tx, row.id, state="unsure", unsure_since=since)
        found = tx.ticks.unsure(10)
        assert [row.id for row in found] == [rows[1].id, rows[0].id]
        assert found[1] == replace(rows[0], unsure_since=NOON)
        tx.effects.asked(found[0])
        assert [row.id for row in tx.ticks.unsure(10)] == [rows[0].id]


def test_a_window_that_has_passed_is_found_at_its_very_moment(home: House) -> None:
    with home.open() as tx:
        furnish(tx)
        first, second, third = (met(tx, f"3{number}") for number in range(3))
        changed(tx, first, told_until=NOON)
        changed(tx, second, told_until=NOON - SECOND)
        changed(tx, third, told_until=NOON + SECOND)
        assert tx.ticks.windows(NOON, 10) == [second.conversation.id, first.conversation.id]
        assert tx.ticks.windows(NOON - MINUTE, 10) == []


def test_a_post_is_lost_while_its_own_event_has_not_come(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        for row, at in ((1, NOON), (2, NOON + SECOND), (3, NOON - DAY), (4, NOON + HOUR), (5, NOON)):
            record_post(
                tx.connection,
                workspace=TEAM,
                row=row,
                ref=PostRef(f"C1:{row}.0"),
                kind="alert" if row == 2 else "line",
                at=at,
                conversation=None if row == 2 else scene.conversation.id,
            )
        tx.facts.keep([heard("slack:T1:C1", "slack:E1", about="row:5", applied=True)], NOON)
        found = tx.ticks.lost_posts(NOON - HOUR, NOON + MINUTE, 10)
    assert [(lost.row, lost.conversation) for lost in found] == [(1, scene.conversation.id), (2, None)]
    assert {lost.place for lost in found} == {"C1"}


def test_events_come_again_where_they_were_missing_and_not_because_another_place_has_them(home: House) -> None:
    """Else everything would be read again at each look, for as long as one channel alone is silent."""

    def posted(tx: Tx, row: int, place: str, when: datetime, *, seen: bool = True) -> None:
        ref = PostRef(f"{place}:{row}.0")
        record_post(tx.connection, workspace=TEAM, row=row, ref=ref, kind="line", at=when)
        if seen:
            about = f"row:{row}"
            tx.facts.keep([heard(f"slack:T1:{place}", f"slack:E{row}", about=about, applied=True)], NOON)

    with home.open() as tx:
        scene = furnish(tx)
        missing = opened(1, "events_missing", NOON)
        tx.apply(scene, Decision(incidents=(replace(missing, values={LOST_IN: "C1"}),)), NOON)
        for row in range(1, 4):
            posted(tx, row, "C2", NOON + row * MINUTE)
            posted(tx, row + 10, "C1", NOON + row * MINUTE, seen=False)
        posted(tx, 20, "C10", NOON + MINUTE)
        assert tx.ticks.heard_again(NOON + 10 * MINUTE, NOON + 10 * MINUTE - 2 * MINUTE) == []
        assert tx.ticks.lost_posts(NOON, NOON + 10 * MINUTE, 10) == []
        posted(tx, 21, "C1", NOON + 5 * MINUTE)
        assert tx.ticks.heard_again(NOON + 10 * MINUTE, NOON + 10 * MINUTE - 2 * MINUTE) == [(TEAM, missing.key)]
        over = AlertOver(workspace=TEAM, at=NOON, key=missing.key)
        tx.apply(None, Decision(alerts=(over,)), NOON)
        assert tx.ticks.heard_again(NOON + 10 * MINUTE, NOON + 10 * MINUTE - 2 * MINUTE) == []
        tx.connection.execute(sa.update(schema.inbox).values(state="applied"))
        assert tx.ticks.heard_again(NOON + 10 * MINUTE, NOON + 10 * MINUTE - 2 * MINUTE) == [(TEAM, missing.key)]
        posted(tx, 22, "C2", NOON + 2 * HOUR)
        tx.connection.execute(sa.update(schema.incident).values(opened_at=NOON + HOUR + MINUTE))
        assert tx.ticks.heard_again(NOON + 2 * HOUR, NOON + 2 * HOUR - 2 * MINUTE) == []
        assert tx.ticks.heard_again(NOON + 2 * HOUR + MINUTE, NOON + 2 * HOUR + MINUTE - 2 * MINUTE) == [
            (TEAM, missing.key)
        ]


def test_events_come_again_when_one_of_several_silent_places_has_them_and_none_lost_any_since(home: House) -> None:
    """Nobody posts any more in the place that the incident began with: the others tell for it, within minutes."""

    def posted(tx: Tx, row: int, place: str, minutes: int, *, seen: bool) -> None:
        when = NOON + minutes * MINUTE
        record_post(tx.connection, workspace=TEAM, row=row, ref=PostRef(f"{place}:{row}.0"), kind="line", at=when)
        if seen:
            tx.facts.keep([heard(f"slack:T1:{place}", f"slack:E{row}", about=f"row:{row}", applied=True)], NOON)

    with home.open() as tx:
        scene = furnish(tx)
        before, missing = opened(1, "events_missing", NOON - HOUR, NOON), opened(2, "events_missing", NOON + 4 * MINUTE)
        tx.apply(scene, Decision(incidents=(before, replace(missing, values={LOST_IN: "C1"}))), NOON)
        posted(tx, 1, "C1", 1, seen=False)
        posted(tx, 2, "C2", 2, seen=False)
        posted(tx, 3, "C3", -1, seen=False)
        posted(tx, 4, "C3", 5, seen=True)
        assert tx.ticks.heard_again(NOON + 6 * MINUTE, NOON + 4 * MINUTE) == [], "an earlier incident told of C3"
        posted(tx, 5, "C2", 7, seen=True)
        assert tx.ticks.heard_again(NOON + 8 * MINUTE, NOON + 6 * MINUTE) == [(TEAM, missing.key)]
        posted(tx, 6, "C1", 8, seen=False)
        assert tx.ticks.heard_again(NOON + 9 * MINUTE, NOON + 7 * MINUTE) == [(TEAM, missing.key)], "it may still come"
        assert tx.ticks.heard_again(NOON + 10 * MINUTE, NOON + 8 * MINUTE) == []
        posted(tx, 7, "C1", 11, seen=True)
        assert tx.ticks.heard_again(NOON + 12 * MINUTE, NOON + 10 * MINUTE) == [(TEAM, missing.key)]


def test_open_threads_are_those_where_an_answer_may_still_go_the_latest_active_first(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx)
        add_account(tx, remote_id="1002", settings=SETTINGS | {"human_agent": False})

        def talk(customer: str, *, last: datetime = NOON, **more: Any) -> int:
            place = more.pop("place", PLACE)
            scene = threaded(tx, met(tx, customer), f"{place}:{customer}.0", place)
            return changed(tx, scene, last_at=last, **({"standard_close": NOON + HOUR} | more)).conversation.id

        older = talk("1", last=NOON - HOUR)
        newer = talk("2")
        talk("3", standard_close=NOON)
        human = talk("4", standard_close=NOON - HOUR, human_close=NOON + HOUR, last=NOON - DAY)
        other = talk("5", place=ELSEWHERE, last=NOON - 2 * HOUR)
        gone = threaded(tx, met(tx, "6"), "C1:6.0")
        assert gone.conversation.thread is not None
        lost = replace(gone.conversation.thread, gone=True)
        applied(tx, gone, Decision(threads=(lost,), conversation=replace(gone.conversation, standard_close=NOON + DAY)))
        changed(tx, met(tx, "7"), standard_close=NOON + DAY)
        found = tx.ticks.open_conversations(TEAM, None, NOON)
        assert found == [newer, older, other, human]
        assert tx.ticks.open_conversations(TEAM, PLACE, NOON) == [newer, older, human]
        scenes = tx.ticks.open_threads([*reversed(found), gone.conversation.id], NOON, since=NOON - DAY)
        assert [scene.conversation.id for scene in scenes] == found
        assert all(scene.conversation.thread is not None for scene in scenes)
        later = tx.ticks.open_threads(found, NOON + HOUR, since=NOON - DAY)
        assert later == [], "what has closed meanwhile is not read any more"


def test_what_agents_have_written_stands_in_its_thread_until_it_is_deleted(home: House) -> None:
    with home.open() as tx:
        scene = threaded(tx, furnish(tx))
        scene = changed(tx, scene, standard_close=NOON + HOUR, last_at=NOON)
        thread = scene.conversation.thread
        assert thread is not None

        def wrote(name: str, state: ReplyState, *, sign: Sign | None = None, **more: Any) -> Message:
            given = {"state": state, "sign": sign, "ref": PostRef(f"C1:{name}"), "thread": thread.id, **more}
            return reply(tx, scene, **given)

        answers = (
            wrote("2.1", ReplyState.WAITING, at=NOON - MINUTE),
            wrote("2.2", ReplyState.SENT, sign=Sign.SENT, at=NOON - SECOND),
            wrote("2.3", ReplyState.SENT),
            wrote("2.4", ReplyState.WITHDRAWN),
            wrote("2.5", ReplyState.NOTE, at=NOON - DAY),
            wrote("2.6", ReplyState.WAITING, thread=ThreadId(7)),
        )
        applied(tx, scene, Decision(messages=answers))
        (read,) = tx.ticks.open_threads([scene.conversation.id], NOON, since=NOON - DAY)
        assert read.standing == ("C1:2.1", "C1:2.2")


def test_without_the_human_agent_feature_a_thread_is_open_for_the_standard_window_alone(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx, settings=SETTINGS | {"human_agent": False})
        scene = threaded(tx, met(tx))
        changed(tx, scene, standard_close=NOON, human_close=NOON + DAY, last_at=NOON)
        assert tx.ticks.open_conversations(TEAM, None, NOON) == []


OPEN = {
    "work": "waiting",
    "control": "ours",
    "told_until": NOON + HOUR,
    "last_at": NOON,
    "standard_close": NOON + HOUR,
}
ANSWER = {
    "workspace": TEAM,
    "author": "agent",
    "at": NOON,
    "kind": "text",
    "state": "waiting",
    "sign": "waiting",
    "queued_at": NOON - HOUR,
}
SEND = {
    "workspace": TEAM,
    "kind": "SendToCustomer",
    "rank": 20,
    "position": 0,
    "state": "ready",
    "not_before": NOON,
    "payload": {},
    "created_at": NOON,
}


def test_a_warning_is_found_when_it_is_old_and_open(home: House) -> None:
    with home.open() as tx:
        furnish(tx)
        incidents = (
            opened(1, "tag_misuse", NOON - 8 * DAY),
            opened(2, "tag_misuse", NOON - 6 * DAY),
            opened(3, "tag_misuse", NOON - 8 * DAY, closed=NOON),
            opened(4, "reauth", NOON - 8 * DAY),
        )
        tx.apply(None, Decision(incidents=incidents), NOON)
        assert tx.ticks.warned(NOON - 7 * DAY) == [(TEAM, "tag_misuse:1")]


def crowd(home: House, count: int) -> None:
    """Many open conversations, each with an answer that waits under its hourglass, and a post that was heard of."""
    with home.open() as tx:
        scene = furnish(tx)
        account = scene.account.id
        ids = range(1000, 1000 + count)
        base = {"workspace": TEAM, "account": account}
        crowded = {
            schema.customer: [base | {"id": number, "remote_id": f"crowd-{number}"} for number in ids],
            schema.conversation: [base | OPEN | {"id": number, "customer": number, "thread": number} for number in ids],
            schema.thread: [
                {"id": number, "workspace": TEAM, "conversation": number, "place": PLACE}
                | {"ref": f"C1:{number}.0", "gone": False}
                for number in ids
            ],
            schema.message: [ANSWER | {"id": number, "conversation": number} for number in ids],
            schema.outbox: [
                SEND
                | {"id": number, "lane": f"network:{number}", "conversation": number, "message": number}
                | {"target": f"network:{account}:sends"}
                for number in ids
            ],
            schema.post: [
                {"workspace": TEAM, "conversation": number, "ref": f"C1:{number}.0", "kind": "line", "row": number}
                | {"posted_at": NOON - DAY}
                for number in ids
            ],
        }
        for table, values in crowded.items():
            tx.connection.execute(sa.insert(table), values)
    if home.engine.dialect.name == "postgresql":
        with home.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(sa.text("ANALYZE"))


def ask_everything(home: House) -> None:
    with home.open() as tx:
        assert tx.ticks.unsigned(NOON - 3 * SECOND, 100) == []
        assert tx.ticks.questions(NOON - HOUR, 100) == []
        assert tx.ticks.unsure(100) == []
        assert tx.ticks.windows(NOON, 100) == []
        assert tx.ticks.lost_posts(NOON - HOUR, NOON, 100) == []


def test_a_tick_over_many_open_conversations_costs_nothing_when_nothing_is_due(home: House) -> None:
    crowd(home, 5_000)
    ask_everything(home)  # statements are compiled once
    took = []
    for _ in range(5):
        start = time.perf_counter()
        ask_everything(home)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05


INDEXES = {
    "UNSIGNED": "ix_message_unsigned",
    "QUESTIONS": "ix_message_asking",
    "UNSURE": "ix_outbox_unsure",
    "WINDOWS": "ix_conversation_told_until",
    "LOST_POSTS": "ix_post_posted_at",
}


def test_every_question_of_a_tick_reads_its_own_index(home: House) -> None:
    crowd(home, 2_000)
    given = {"before": NOON, "after": NOON - HOUR, "now": NOON, "limit": 10, "workspace": TEAM}
    plans = {name: plan(home, (vars(due) | vars(coming))[name], given) for name in INDEXES}
    assert {name: INDEXES[name] in found for name, found in plans.items()} == dict.fromkeys(INDEXES, True), plans


def plan(home: House, query: sa.Select[Any], given: dict[str, Any]) -> str:
    """How the database would answer *query*."""
    wanted = {name: value for name, value in given.items() if name in query.compile().params}
    explained: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        word = "EXPLAIN QUERY PLAN" if conn.dialect.name == "sqlite" else "EXPLAIN"
        cursor.execute(f"{word} {statement}", parameters)
        explained.extend(str(row[-1]) for row in cursor.fetchall())

    with home.engine.connect() as conn:
        sa.event.listen(conn, "before_cursor_execute", explain)
        conn.execute(query, wanted).all()
    return "\n".join(explained)
