"""Conversations and queues as operators see them, and what an erasure leaves."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.ids import ConversationId, FileRef, PostRef, RemoteId
from bridge.model.pace import Pace
from bridge.model.state import (
    Account,
    Attachment,
    Author,
    Customer,
    Part,
    PartState,
    Platform,
    ReplyState,
    Window,
    Work,
)
from bridge.policy import window_at
from bridge.store import conversations, listings, schema
from bridge.store.engine import parse
from bridge.store.store import open_store
from bridge.store.transaction import Tx
from tests.store.factories import (
    AKI,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    PAGE,
    PSID,
    SECOND,
    SETTINGS,
    TEAM,
    House,
    add_account,
    add_person,
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
    shows,
    threaded,
)
from tests.store.factories import said as says
from tests.store.tools import Times

WORDS, ANSWER, NAME = "在庫はありますか？\nsecret-question", "secret-answer", "Yuki Secret"
ADDRESS = "https://example.com/secret"


def lanes_of(account: Account, customer: Customer, roots: Sequence[PostRef]) -> list[str]:
    """As the adapters would name them."""
    return [f"meta:{customer.remote_id}", f"profile:{customer.remote_id}", *(f"slack:{root}" for root in roots)]


def talk(tx: Tx) -> Scene:
    """A conversation with a question, an answer that was sent, and one that waits."""
    scene = threaded(tx, furnish(tx))
    add_person(tx)
    said = says(tx, scene, WORDS, remote_id=RemoteId("m_1"))
    question = replace(said, attachments=(Attachment(seq=1, kind="link", address=ADDRESS, title="secret-title"),))
    sent = replace(
        reply(tx, scene, ANSWER, at=NOON + MINUTE, ref=PostRef("C1:1.2")),
        state=ReplyState.SENT,
        attachments=(Attachment(seq=1, kind="image", title="secret.png", file=FileRef("F9"), remote_id="16"),),
        parts=(Part(seq=1, of=1, state=PartState.SENT, remote_id=RemoteId("m_2")),),
    )
    waits = reply(tx, scene, ANSWER, at=NOON + 2 * MINUTE)
    customer = replace(scene.customer, name=NAME, username="yuki", picture="https://picture.test/1")
    conversation = replace(
        scene.conversation,
        work=Work.WAITING,
        standard_close=NOON + HOUR,
        human_close=NOON + DAY,
        last_at=NOON,
        preview=question.id,
        told_until=NOON + HOUR,
    )
    effects = (shows(scene, question), *sending(scene, waits))
    decision = Decision(conversation=conversation, customer=customer, messages=(question, sent, waits), effects=effects)
    after = applied(tx, scene, decision)
    row = outbox_rows(tx)[0]
    tx.posted(row, PostRef("C1:1.1"), tx.scenes.about([row])[row.id], Moment(now=NOON, steady=NOON))
    set_row(tx, row.id, state="done")
    tx.facts.keep(
        [
            heard(f"meta:{PSID}", "meta:m_1", WORDS.encode(), about="mid:m_1"),
            heard(f"profile:{PSID}", f"meta:{PSID}:profile", NAME.encode()),
            heard("slack:C1:1.0", "slack:E1", ANSWER.encode()),
            heard("meta:2002", "meta:m_9", b"another customer"),
        ],
        NOON,
    )
    return after


def test_conversations_are_listed_without_words_or_names(home: House) -> None:
    with home.open() as tx:
        scene = talk(tx)
        (shown,) = conversations.listed(tx.connection, NOON)
    assert shown == {
        "id": scene.conversation.id,
        "account": f"messenger:{PAGE}",
        "customer": PSID,
        "work": "waiting",
        "window": "standard",
        "standard_close": "2026-11-21T13:00:00Z",
        "human_close": "2026-11-22T12:00:00Z",
        "last_at": "2026-11-21T12:00:00Z",
        "threads": [{"channel": "C1", "ref": "C1:1.0", "gone": False}],
    }


def test_conversations_are_listed_by_account_state_and_customer(home: House) -> None:
    with home.open() as tx:
        first = furnish(tx)
        second = changed(tx, met(tx, "3001"), work=Work.WAITING, last_at=NOON, human_close=NOON + HOUR)
        add_account(tx, remote_id="1002")
        third = tx.scenes.of_customer(Platform.MESSENGER, "1002", PSID, create=True)
        assert third is not None
        one, two, three = (scene.conversation.id for scene in (first, second, third))

        def ids(**wanted: object) -> list[int]:
            return [row["id"] for row in conversations.listed(tx.connection, NOON, **wanted)]  # type: ignore[arg-type]

        assert ids() == [two, three, one]
        assert ids(limit=1) == [two]
        assert ids(account=first.account.id) == [two, one]
        assert ids(work=Work.WAITING) == ids(window=Window.HUMAN) == [two]
        assert ids(customer=PSID) == [three, one]
        assert ids(customer=PSID, account=third.account.id) == [three]


@pytest.mark.parametrize("human_agent", [True, False])
def test_the_listed_window_is_the_one_that_the_rules_go_by(home: House, human_agent: bool) -> None:
    """To the second, at every close."""
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx, settings=SETTINGS | {"human_agent": human_agent})
        for number, closes in enumerate(((None, None), (NOON, NOON + HOUR), (NOON - HOUR, NOON), (NOON, None))):
            changed(tx, met(tx, str(number)), standard_close=closes[0], human_close=closes[1])
        for now in (NOON - SECOND, NOON, NOON + HOUR - SECOND, NOON + HOUR):
            for row in conversations.listed(tx.connection, now):
                scene = tx.scenes.of_conversation(row["id"])
                assert scene is not None
                assert row["window"] == window_at(scene.account, scene.conversation, now).value


def test_a_conversation_is_shown_with_its_words_and_exported_as_text(home: House) -> None:
    with home.open() as tx:
        scene = talk(tx)
        shown = conversations.shown(tx.connection, scene.conversation.id, NOON)
        assert conversations.shown(tx.connection, ConversationId(0), NOON) is None
    assert shown is not None
    assert shown["customer_name"] == NAME
    assert [(message["author"], message["text"], message["state"]) for message in shown["messages"]] == [
        (Author.CUSTOMER.value, WORDS, None),
        (Author.AGENT.value, ANSWER, "sent"),
        (Author.AGENT.value, ANSWER, "waiting"),
    ]
    assert shown["messages"][1]["parts"][0]["remote_id"] == "m_2"
    assert conversations.as_text(shown).splitlines() == [
        "messenger:1001 (Shop)",
        f"{NAME} [{PSID}]",
        "waiting, standard window",
        "",
        f"2026-11-21T12:00:00Z  {NAME}: 在庫はありますか？",
        "    secret-question",
        f"    [link] secret-title {ADDRESS}",
        "2026-11-21T12:01:00Z  Aki (sent): secret-answer",
        "    [image] secret.png",
        "2026-11-21T12:02:00Z  Aki (waiting): secret-answer",
    ]


async def test_a_reader_that_cannot_write_shows_a_conversation(home: House, database_url: str) -> None:
    with home.open() as tx:
        scene = talk(tx)
    store = await open_store(database_url, clock=Times(), pace=Pace())
    try:
        async with store.reading() as conn:
            shown = await conn.run_sync(conversations.shown, scene.conversation.id, NOON)
    finally:
        await store.close()
    assert shown is not None
    assert shown["id"] == scene.conversation.id


def erased(home: House, conversation: ConversationId) -> conversations.Erased | None:
    with home.open() as tx:
        return conversations.erase(tx.connection, conversation, home.moment, who="cli", heard=lanes_of)


def everything(home: House) -> str:
    rows = [row for table in schema.metadata.sorted_tables for row in home.all(table)]
    return "\n".join(repr(tuple(row)) for row in rows)


def test_an_erasure_leaves_no_word_and_no_name_in_any_table(home: House) -> None:
    """Promise 6; nothing of the other customer goes."""
    with home.open() as tx:
        scene = talk(tx)
    done = erased(home, scene.conversation.id)
    assert done is not None
    assert (done.posts, done.files) == (("C1:1.1",), ()), "an agent's file is not ours to take away"
    assert (done.messages, done.items) == (3, 3)
    left = everything(home)
    for word in ("secret", "Secret", "在庫", "yuki", "picture.test", repr(PSID), f":{PSID}"):
        assert word not in left, word
    assert "another customer" in left
    assert home.all(schema.post) == home.all(schema.message_post) == []


def test_a_second_erasure_finds_nothing_and_an_erased_conversation_shows_no_name(home: House) -> None:
    with home.open() as tx:
        scene = talk(tx)
    erased(home, scene.conversation.id)
    again = erased(home, scene.conversation.id)
    assert again is not None
    assert (again.posts, again.messages, again.items) == ((), 0, 0)
    with home.open() as tx:
        shown = conversations.shown(tx.connection, scene.conversation.id, NOON)
    assert shown is not None
    assert (shown["erased"], shown["messages"]) == (True, [])
    text = conversations.as_text(shown)
    assert f"Conversation {scene.conversation.id} was erased." in text
    assert "Aki" not in text + str(shown)


def test_without_the_human_agent_feature_there_is_no_such_close(home: House) -> None:
    with home.open() as tx:
        add_workspace(tx)
        add_account(tx, settings=SETTINGS | {"human_agent": False})
        talk_ = changed(tx, met(tx), standard_close=NOON, human_close=NOON + DAY).conversation
        (row,) = conversations.listed(tx.connection, NOON)
        shown = conversations.shown(tx.connection, talk_.id, NOON)
    assert shown is not None
    assert (row["human_close"], shown["human_close"]) == (None, None)
    assert row["standard_close"] == shown["standard_close"] == "2026-11-21T12:00:00Z"


def test_an_erasure_keeps_the_figures_and_says_in_the_audit_who_did_it(home: House) -> None:
    with home.open() as tx:
        scene = talk(tx)
    erased(home, scene.conversation.id)
    assert [(row.author, row.state) for row in home.all(schema.message)] == [
        ("customer", None),
        ("agent", "sent"),
        ("agent", "withdrawn"),
    ]
    line = home.one(schema.audit)
    assert (line.who, line.action, line.object) == (
        "cli",
        "conversation.erase",
        f"conversation:{scene.conversation.id}",
    )
    assert [row.state for row in home.all(schema.outbox)] == ["done", "dropped"]


def test_after_an_erasure_nothing_is_repeated_and_who_writes_again_is_somebody_new(home: House) -> None:
    with home.open() as tx:
        scene = talk(tx)
    erased(home, scene.conversation.id)
    with home.open() as tx:
        assert tx.facts.keep([heard(f"meta:{PSID}", "meta:m_1", WORDS.encode())], NOON) == 0
        after = tx.scenes.of_conversation(scene.conversation.id)
        assert after is not None
        assert after.conversation.thread is None
        assert window_at(after.account, after.conversation, NOON) is Window.LAPSED
        assert met(tx).conversation.id != scene.conversation.id
    assert erased(home, ConversationId(0)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_after_the_checkpoint_no_word_is_left_in_the_files(home: House, database_url: str) -> None:
    with home.open() as tx:
        scene = talk(tx)
    path = Path(parse(database_url).database or "")
    files = [path, path.with_name(path.name + "-wal")]
    assert b"secret" in b"".join(file.read_bytes() for file in files if file.exists())
    erased(home, scene.conversation.id)
    store = await open_store(database_url, clock=Times(), pace=Pace())
    try:
        await store.checkpoint()
        left = b"".join(file.read_bytes() for file in files if file.exists())
        assert b"ecret" not in left.replace(b"ticket_secret", b"")  # the name of a column
    finally:
        await store.close()


def queues(tx: Tx) -> tuple[Scene, list[int]]:
    """One row in every state; a second account's are held."""
    scene = furnish(tx)
    add_account(tx, remote_id="1002")
    other = tx.scenes.of_customer(Platform.MESSENGER, "1002", PSID, create=True)
    assert other is not None
    answers = [reply(tx, scene) for _ in range(5)]
    effects = tuple(effect for answer in answers for effect in sending(scene, answer))
    applied(tx, scene, Decision(messages=tuple(answers), effects=effects))
    held = reply(tx, other, parts=2)
    applied(tx, other, Decision(messages=(held,), effects=sending(other, held)))
    tx.effects.hold(f"network:{other.account.id}", "reauth:2")
    rows = [row.id for row in outbox_rows(tx)]
    for row, state in zip(rows, ("ready", "working", "unsure", "dead", "done"), strict=False):
        set_row(tx, row, state=state, reason=f"why-{state}")
    set_row(tx, rows[5], not_before=NOON - DAY)
    return scene, rows


def test_the_outbox_is_listed_by_state_and_says_who_holds_what(home: House) -> None:
    with home.open() as tx:
        scene, rows = queues(tx)
        found = listings.outbox_rows(tx.connection)
        held = listings.outbox_rows(tx.connection, [listings.HELD])
        ready = listings.outbox_rows(tx.connection, ["ready"])
        done = listings.outbox_rows(tx.connection, ["done"])
        assert len(listings.outbox_rows(tx.connection, limit=2)) == 2
    assert [(row["id"], row["state"], row["reason"]) for row in found] == [
        (rows[0], "ready", "why-ready"),
        (rows[1], "working", "why-working"),
        (rows[2], "unsure", "why-unsure"),
        (rows[3], "dead", "why-dead"),
        (rows[5], "held", "reauth:2"),
        (rows[6], "held", "reauth:2"),
    ]
    assert [row["id"] for row in held] == rows[5:]
    assert [row["id"] for row in ready] == rows[:1]
    assert [row["id"] for row in done] == rows[4:5]
    assert found[0]["lane"] == f"network:{scene.conversation.id}"
    assert found[0]["not_before"] == "2026-11-21T12:00:00Z"
    with home.open() as tx, pytest.raises(ValueError, match="no such state"):
        listings.outbox_rows(tx.connection, ["asleep"])


def test_the_inbox_is_listed_without_bodies_and_without_what_was_applied(home: House) -> None:
    with home.open() as tx:
        tx.facts.keep([heard("lane", f"key-{number}", b"secret") for number in range(3)], NOON)
        tx.facts.keep([heard("lane", "seen", b"secret", applied=True)], NOON)
        first, second, _ = tx.facts.next(NOON, 1) * 3
        tx.facts.bury(first, "parser")
        assert second == first
        rows = listings.inbox_rows(tx.connection)
        dead = listings.inbox_rows(tx.connection, ["dead"])
    assert [row["state"] for row in rows] == ["dead", "ready", "ready"]
    assert [(row["id"], row["reason"]) for row in dead] == [(first.id, "parser")]
    assert "secret" not in str(rows)


def test_the_figures_count_every_state_and_what_is_held_does_not_look_late(home: House) -> None:
    with home.open() as tx:
        queues(tx)
        tx.facts.keep([heard(f"lane-{number}", f"key-{number}") for number in range(3)], NOON + SECOND)
        for row, free in zip(tx.facts.next(NOON + SECOND, 2), (True, False), strict=True):
            if free:
                tx.facts.wait(row, NOON + HOUR, NOON, missing="person", free=True)
            else:
                tx.facts.bury(row, "parser")
        figures = listings.queue_figures(tx.connection)
    assert figures.outbox == {"ready": 1, "held": 2, "working": 1, "unsure": 1, "dead": 1}
    assert figures.inbox == {"ready": 1, "free": 1, "dead": 1, "unknown": 0}
    assert figures.outbox_oldest == NOON
    assert figures.inbox_oldest == NOON + SECOND
    assert figures.holds == {"reauth:2": 2}
    assert figures.answers_unsure == 1


def test_empty_queues_have_empty_figures(home: House) -> None:
    with home.open() as tx:
        figures = listings.queue_figures(tx.connection)
    assert (figures.inbox_oldest, figures.outbox_oldest, figures.holds) == (None, None, {})
    assert set(figures.outbox.values()) | set(figures.inbox.values()) == {0}


def test_the_audit_is_listed_the_latest_first(home: House) -> None:
    with home.open() as tx:
        for number in range(3):
            values = {"workspace": TEAM, "at": NOON + number * HOUR, "who": AKI, "action": "a", "object": str(number)}
            tx.connection.execute(sa.insert(schema.audit).values(before={}, after={}, **values))
        rows = listings.audit_rows(tx.connection, workspace=TEAM, since=NOON + HOUR)
        assert len(listings.audit_rows(tx.connection, limit=1)) == 1
    assert [row["object"] for row in rows] == ["2", "1"]
    assert rows[0]["at"] == "2026-11-21T14:00:00Z"
