"""`threadbridge report`."""

import csv
import io
from collections.abc import Iterator

import pytest

from tests.cli.stage import PAGE, SHOP, Stage
from tests.store.factories import AKI, DAY, HOUR, MINUTE, NOON, SECOND, add_person, house
from tests.store.past import Past

NAME, WORDS = "Aki Secret", "secret words"


@pytest.fixture
def past(operator: Stage) -> Iterator[Past]:
    """Two accounts; on the first one a customer was answered, and one waits."""
    operator.clock.set(NOON)
    operator.add("messenger", PAGE).ok()
    operator.add("instagram", SHOP).ok()
    with house(operator.env["BRIDGE_DATABASE_URL"]) as home:
        with home.open() as tx:
            add_person(tx, name=NAME)
        past = Past(home=home)
        answered, waits = past.talk("1", page=PAGE), past.talk("2", page=PAGE)
        past.asks(answered, -3 * HOUR, text=WORDS)
        past.answers(answered, -3 * HOUR + 90 * SECOND, text=WORDS)
        past.asks(waits, -2 * HOUR, text=WORDS)
        past.set(waits, work="waiting", waiting_since=NOON - 2 * HOUR)
        yield past


def test_the_last_thirty_days_are_one_document_by_account_and_agent(operator: Stage, past: Past) -> None:
    told = operator("report", "--json").ok().json
    assert (told["from"], told["to"]) == ("2026-10-23T00:00:00Z", "2026-11-22T00:00:00Z")
    assert [(each["account"], each["workspace"]) for each in told["accounts"]] == [
        (f"messenger:{PAGE}", "T0DEMO"),
        (f"instagram:{SHOP}", "T0DEMO"),
    ]
    times = {"count": 1, "median": 90, "p90": 90}
    page, shop = told["accounts"]
    longest = page.pop("longest_wait")
    assert 7200 <= longest < 7300
    assert page == {
        "account": f"messenger:{PAGE}", "workspace": "T0DEMO", "conversations": 2, "messages": 2, "answers": 1,
        "answers_elsewhere": 0, "first_answer_time": times, "answer_time": times, "waiting": 1, "lapsed": 0,
        "satisfaction": {"asked": 0, "answers": 0, "average": None, "scores": dict.fromkeys("12345", 0)},
        "agents": [{"agent": AKI, "answers": 1, "answer_time": times, "lapsed": 0}], "outcomes": {},
    }  # fmt: skip
    assert (shop["messages"], shop["agents"], shop["longest_wait"]) == (0, [], None)
    assert shop["answer_time"] == {"count": 0, "median": None, "p90": None}
    assert (told["total"]["messages"], told["total"]["waiting"]) == (2, 1)


def test_csv_has_a_row_for_each_account_and_each_agent(operator: Stage, past: Past) -> None:
    rows = list(csv.DictReader(io.StringIO(operator("report", "--csv").ok().out)))
    assert [(row["account"], row["agent"], row["answers"], row["answer_median"]) for row in rows] == [
        (f"messenger:{PAGE}", "", "1", "90"),
        (f"messenger:{PAGE}", AKI, "1", "90"),
        (f"instagram:{SHOP}", "", "0", ""),
    ]
    assert [row["messages"] for row in rows] == ["2", "", "0"]


def test_people_read_a_short_table_without_words_or_names(operator: Stage, past: Past) -> None:
    out = operator("report").ok().out
    lines = [line.split() for line in out.splitlines()]
    assert ["messenger:" + PAGE, *"2 2 1 0 1m 30s 1m 30s 1m 30s 1m 30s 1 2h 0m 0 –".split()] in lines
    assert ["messenger:" + PAGE, AKI, "1", "1m", "30s", "1m", "30s", "0"] in lines
    assert any(line[:2] == ["all", "2"] for line in lines)
    for form in ((), ("--json",), ("--csv",)):
        told = operator("report", *form).ok().out
        assert NAME not in told
        assert WORDS not in told


def test_one_account_and_some_days_are_chosen(operator: Stage, past: Past) -> None:
    """`--from` is in, `--to` is not."""
    past.asks(past.talk("3", page=PAGE), -NOON.hour * HOUR)
    past.asks(past.talk("4", page=PAGE), -NOON.hour * HOUR - MINUTE)

    def messages(*words: str) -> int:
        return int(operator("report", *words, "--json").ok().json["total"]["messages"])

    assert messages() == 4
    assert messages("--from", "2026-11-21", "--to", "2026-11-22") == 3
    assert messages("--from", "2026-11-20", "--to", "2026-11-21") == 1
    assert messages("--to", "2026-11-20") == 0
    (only,) = operator("report", "--account", f"instagram:{SHOP}", "--json").ok().json["accounts"]
    assert only["account"] == f"instagram:{SHOP}"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--from", "yesterday"], 2, "2026-11-21"),
        (["--to", "2026-02-30"], 2, "2026-11-21"),
        (["--from", "2026-11-21", "--to", "2026-11-21"], 2, "--from must be before"),
        (["--from", "2999-01-01"], 2, "--from must be before"),
        (["--to", "0001-01-01"], 2, "--from must be before"),
        (["--csv", "--json"], 2, "exclude each other"),
        (["--account", "nobody"], 2, "messenger:ID"),
        (["--account", "messenger:42"], 1, "accounts list"),
    ],
)
def test_what_cannot_be_told_is_one_line(operator: Stage, words: list[str], code: int, says: str) -> None:
    result = operator("report", *words)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert says in result.err


def test_without_accounts_there_is_a_sentence_and_an_empty_list(operator: Stage) -> None:
    assert "accounts connect" in operator("report").ok().out
    assert operator("report", "--json").ok().json["accounts"] == []


def test_without_its_database_it_ends_with_four(empty: Stage) -> None:
    assert empty("report").code == 4


def test_it_reads_long_waits_in_days(operator: Stage, past: Past) -> None:
    talk = past.talk("5", page=PAGE)
    past.asks(talk, -3 * DAY)
    past.answers(talk, -5 * HOUR)
    assert "2d 19h" in operator("report").ok().out
