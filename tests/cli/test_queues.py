"""`threadbridge inbox`, `outbox`, `audit`, `prune`, and what every command has in common."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bridge import __version__
from bridge.cli.backlog import queues
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.state import ReplyState
from bridge.store import migrations, schema
from bridge.store.listings import Figures
from tests.cli.stage import PYTHON, Stage
from tests.store.factories import (
    House,
    add_account,
    add_workspace,
    applied,
    heard,
    house,
    met,
    reply,
    set_row,
    state_of,
)
from tests.store.tools import item, line, send


@pytest.fixture
def home(operator: Stage) -> Iterator[House]:
    """The same database, by hand."""
    with house(operator.env["BRIDGE_DATABASE_URL"]) as made, made.open() as tx:
        add_workspace(tx)
        tx.effects.add([send(1), send(2), line(3, "C1"), line(4, "C1")], made.moment.steady)
        tx.facts.keep([heard("a", "one"), item("two", "b")], made.moment.steady)
    with house(operator.env["BRIDGE_DATABASE_URL"]) as made:
        yield made


def ids(home: House) -> list[int]:
    return [row.id for row in home.all(schema.outbox)]


def put(home: House, row: int, **values: object) -> None:
    with home.open() as tx:
        set_row(tx, row, **values)


def test_effects_are_listed_with_lane_kind_state_and_reason(operator: Stage, home: House) -> None:
    first, second, *_ = ids(home)
    put(home, first, state="dead", reason="error.unreachable", attempts=8)
    put(home, second, state="unsure")
    rows = operator("outbox", "list", "--json").ok().json
    assert [row["state"] for row in rows] == ["dead", "unsure", "ready", "ready"]
    assert rows[0].items() >= {"id": first, "lane": "network:1", "kind": "SendToCustomer", "attempts": 8}.items()
    assert rows[0]["reason"] == "error.unreachable"
    assert all(row["not_before"].endswith("Z") for row in rows)
    assert [row["id"] for row in operator("outbox", "list", "--state", "dead", "--json").json] == [first]
    assert "SendToCustomer" in operator("outbox", "list").ok().out


def test_what_waits_for_its_authors_word_is_said_under_the_list(operator: Stage, home: House) -> None:
    """Nothing in the outbox waits for it, and no command lets it go."""
    assert "author" not in operator("outbox", "list").ok().out
    with home.open() as tx:
        add_account(tx)
        scene = met(tx)
        applied(tx, scene, Decision(messages=(reply(tx, scene, state=ReplyState.ASKING),)))
    rows = operator("outbox", "list", "--json").ok().json
    shown = operator("outbox", "list").ok().out.splitlines()
    assert len(shown) == 1 + len(rows) + 1
    assert shown[-1] == "1 answer waits for a word: its author is asked in a direct message of the bridge's in Slack."
    assert "author" not in operator("outbox", "list", "--state", "dead").ok().out
    operator("outbox", "drop", *map(str, ids(home))).ok()
    assert operator("outbox", "list").ok().out.splitlines() == ["No effect waits.", shown[-1]]


def test_what_nobody_knows_the_end_of_is_said_of_answers_and_of_posts_apart() -> None:
    """agents are asked about answers to customers; for its own posts the bridge looks. One line for each."""
    fine = queues(Figures(outbox={"unsure": 0}))
    assert [(each.title, each.ok, each.warning) for each in fine] == [
        ("queue: inbox", True, False),
        ("queue: outbox", True, False),
    ]
    (inbox, posts) = queues(Figures(outbox={"unsure": 2}))
    assert inbox.subject == "inbox"
    assert (posts.warning, posts.problem) == (
        True,
        "of 2 posts of its own the bridge does not know yet whether they stand",
    )
    assert posts.mend is not None
    assert "agents" not in posts.mend
    both = queues(Figures(outbox={"unsure": 3}, answers_unsure=1))
    assert [each.problem for each in both[1:]] == [
        "of 1 answer to a customer nobody knows yet whether it arrived",
        posts.problem,
    ]
    assert "asks their agents in Slack" in (both[1].mend or "")
    dead = queues(Figures(outbox={"dead": 1}))
    assert [(each.subject, each.ok) for each in dead] == [("inbox", True), ("outbox", False)]


def test_a_new_installation_has_no_conversations_yet(operator: Stage) -> None:
    """That there is none of a kind is said only where a kind was asked for."""
    operator("migrate").ok()
    assert operator("conversations", "list").ok().out == "There are no conversations yet.\n"
    assert operator("conversations", "list", "--limit", "3").ok().out == "There are no conversations yet.\n"
    none = operator("conversations", "list", "--state", "waiting").ok().out
    assert none == "There is no such conversation.\n"
    assert operator("conversations", "list", "--json").ok().json == []


def test_retry_without_ids_takes_all_that_are_dead_and_never_what_is_unsure(operator: Stage, home: House) -> None:
    first, second, third, _ = ids(home)
    put(home, first, state="dead")
    put(home, third, state="dead")
    put(home, second, state="unsure")
    assert operator("outbox", "retry", "--json").ok().json == {"retried": 2, "probed": []}
    assert [state_of(home, row) for row in (first, second, third)] == ["ready", "unsure", "ready"]
    unsure = operator("outbox", "retry", str(second), "--json")
    assert (unsure.code, unsure.json["retried"]) == (1, 0)
    assert state_of(home, second) == "unsure"


def test_drop_gives_up_what_is_named_and_says_what_it_could_not(operator: Stage, home: House) -> None:
    first, second, *_ = ids(home)
    put(home, second, state="working")
    result = operator("outbox", "drop", str(first), str(second), "99999", "--json")
    assert (result.code, result.json) == (1, {"dropped": [first]})
    assert f"{second} (in hand), 99999 (not there)" in result.err
    assert state_of(home, first) == "dropped"
    assert operator("outbox", "drop").code == 2
    (line_,) = operator("audit", "--json").ok().json
    assert (line_["action"], line_["after"]) == ("outbox.drop", {"count": 1, "ids": [first]})


def test_dead_facts_are_listed_and_decided_again(operator: Stage, home: House) -> None:
    with home.open() as tx:
        for row in tx.facts.next(home.moment.steady + timedelta(days=1), 10):
            tx.facts.bury(row, "KeyError")
    dead = operator("inbox", "list", "--state", "dead", "--json").ok().json
    assert {row["reason"] for row in dead} == {"KeyError"}
    assert all("body" not in row for row in dead)
    one = dead[0]["id"]
    assert operator("inbox", "retry", str(one), "--json").ok().json == {"retried": 1}
    assert operator("inbox", "retry", str(one)).code == 1
    assert operator("inbox", "retry", "--json").ok().json == {"retried": len(dead) - 1}


def test_facts_that_an_earlier_version_could_not_read_are_listed_and_decided_again(
    operator: Stage, home: House
) -> None:
    """M-24: their raw form is kept; they are no trouble that `check` would tell of."""
    with home.open() as tx:
        for row in tx.facts.next(home.moment.steady + timedelta(days=1), 10):
            tx.facts.set_aside(row, "unknown: hologram")
    listed = operator("inbox", "list", "--json").ok().json
    assert {(row["state"], row["reason"]) for row in listed} == {("unknown", "unknown: hologram")}
    assert operator("inbox", "retry", "--json").ok().json == {"retried": len(listed)}
    assert operator("inbox", "list", "--state", "unknown", "--json").ok().json == []


@pytest.mark.parametrize("words", [("outbox", "retry"), ("outbox", "drop"), ("inbox", "retry")])
def test_an_id_that_is_not_there_is_named_and_nothing_is_said_to_be_done(
    operator: Stage, home: House, words: tuple[str, str]
) -> None:
    first, *_ = ids(home)
    put(home, first, state="unsure" if words[1] == "retry" else "done")
    for meant, says in (("99999", "99999 (not there)"), (str(first), f"{first} (")):
        result = operator(*words, meant)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
        assert says in result.err


def test_check_names_what_no_longer_moves(operator: Stage, home: House) -> None:
    operator.add("messenger", "104857600000001", "--workspace", "T1")
    put(home, ids(home)[0], state="dead")
    put(home, ids(home)[1], state="unsure")
    with home.open() as tx:
        tx.effects.hold("desk:T1:place:C1", "place:C1")
    elsewhere = operator("check", "--json")
    assert elsewhere.code == 3
    names = replace(operator.slack.world.names, team_id="T1")
    operator.there(lambda: setattr(operator.slack.world, "names", names))
    checks = operator("check", "--json").json["checks"]
    told = [(each["what"], each["subject"], each["ok"]) for each in checks if each["what"] in ("queue", "held")]
    assert told == [
        ("queue", "inbox", True),
        ("queue", "outbox", False),
        ("queue", "outbox", True),
        ("held", "place:C1", False),
    ]


def test_prune_says_how_much_is_gone(operator: Stage, home: House) -> None:
    with home.open() as tx:
        for row in tx.facts.next(home.moment.steady + timedelta(days=1), 10):
            tx.facts.applied(row)
        tx.connection.execute(schema.inbox.update().values(kept_at=home.moment.now - timedelta(days=3650)))
    assert operator("prune", "--json").ok().json["inbox"] == 2
    assert operator("prune", "--json").ok().json["inbox"] == 0


def test_a_migration_may_be_repeated(empty: Stage) -> None:
    assert empty("migrate", "--json").ok().json["before"] is None
    assert empty("migrate", "--json").ok().json["before"] == migrations.REVISION


def test_the_manifest_bears_this_installations_addresses(operator: Stage) -> None:
    printed = operator("manifest", env={"BRIDGE_PUBLIC_URL": "https://bridge.shop.example/"}).ok().out
    assert "request_url: https://bridge.shop.example/slack/events" in printed
    assert "bridge.example.com" not in printed
    assert operator("manifest", env={"BRIDGE_PUBLIC_URL": ""}).code == 3
    by_socket = operator("manifest", "--socket-mode", env={"BRIDGE_PUBLIC_URL": ""}).ok().out
    assert by_socket == operator("manifest", env={"SLACK_APP_TOKEN": "xapp-demo"}).ok().out
    assert "socket_mode_enabled: true" in by_socket
    assert "url" not in by_socket
    assert operator("manifest", "--socket-mode", "--oauth", env={"BRIDGE_PUBLIC_URL": ""}).code == 3
    assert "http://127.0.0.1:8080/slack/oauth_redirect" in operator("manifest", "--oauth").ok().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nonsense"], 2),
        (["accounts", "show"], 2),
        (["accounts", "list", "--yaml"], 2),
        (["outbox", "retry", "abc"], 2),
        (["accounts", "profile"], 2),
        (["conversations", "backfill", "1"], 1),
        (["conversations", "show", "12345"], 1),
    ],
)
def test_an_error_is_one_line_with_the_mend(operator: Stage, words: list[str], code: int) -> None:
    result = operator(*words)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert result.err.startswith("threadbridge: ")
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "words", [["accounts", "list"], ["outbox", "list"], ["prune"], ["audit"], ["conversations", "list"]]
)
def test_without_its_database_a_command_ends_with_four(empty: Stage, words: list[str]) -> None:
    assert empty(*words).code == 4
    unreachable = empty(*words, env={"BRIDGE_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"})
    assert (unreachable.code, unreachable.err.count("\n")) == (4, 1)


def test_a_stack_trace_comes_only_with_debug(operator: Stage) -> None:
    assert "Traceback" not in operator("conversations", "show", "1").err
    assert "Traceback" in operator("conversations", "show", "1", "--debug").err


def test_the_console_program_and_the_module_are_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=PYTHON, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"threadbridge, version {__version__}\n"


def test_settings_may_stand_in_a_file_beside(empty: Stage) -> None:
    (empty.folder / ".env").write_text(f"BRIDGE_DATABASE_URL=sqlite:///{empty.folder}/other.db\n", encoding="utf-8")
    empty.env.pop("BRIDGE_DATABASE_URL")
    empty("migrate").ok()
    assert json.loads(empty("accounts", "list", "--json").ok().out) == []
    assert (empty.folder / "other.db").exists()
