"""What the documents name is there: the tests that prove a promise, and the files where something is changed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = (ROOT / "docs/promises.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def named_tests() -> list[tuple[str, str]]:
    """Files and tests as the promises name them; a file may be left out (``…``) where the one before is meant."""
    found, file = [], ""
    for path, test in re.findall(r"`(tests/[\w/.]+|…)(?:::(\w+))?`", PROMISES):
        file = file if path == "…" else path
        found.append((file, test))
    return found


@pytest.mark.parametrize(("file", "test"), sorted(set(named_tests())))
def test_every_promise_names_tests_that_exist(file: str, test: str) -> None:
    """A promise without its proof is a wish."""
    source = (ROOT / file).read_text("utf-8")
    assert not test or re.search(rf"^(async )?def {test}\(", source, re.MULTILINE)


def test_each_of_the_six_promises_is_there() -> None:
    """Six, and all of them are kept."""
    assert re.findall(r"^## (\d)\. ", PROMISES, re.MULTILINE) == list("123456")
    assert "Not yet kept" not in PROMISES
    assert len(named_tests()) > 30


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bridge|tests)/[\w/.]+)`", ARCHITECTURE))))
def test_what_the_architecture_names_is_there(path: str) -> None:
    """A cold reader finds a window rule, a sentence, an error's meaning, a retry delay in one look."""
    assert (ROOT / path).exists()


def test_decisions_are_short() -> None:
    """A record is read by somebody in a hurry: at most forty lines, numbered, each with its decision."""
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for record in records:
        text = record.read_text("utf-8")
        assert len(text.splitlines()) <= 40
        assert "## Decision" in text
