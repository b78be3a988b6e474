"""Who proves which requirement: the ids in requirements.toml, in docstrings of tests and in docs/not-supported.md.

`python -m tests.requirements` prints the table. Counted is what the docstring of a test's function names; what stands at
the top of a file says what the file is about and proves nothing by itself.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAMILIES = "ZI|ZM|CT|I|M"
_ROW = rf"(?:…(?:({FAMILIES})-)?(\d\d)(?!\d)| to ({FAMILIES})-(\d\d)(?!\d))"
NAMED = re.compile(rf"\b(?:({FAMILIES})-(\d\d)(?!\d){_ROW}?|F(\d{{1,2}})\b(?:…F(\d{{1,2}})\b)?)")
"""An id, or the first and the last of a row of them: ``CT-30…33``, ``ZM-09…ZM-13``, ``ZI-28 to ZI-30``, ``F1…F3``."""


@dataclass(frozen=True)
class Requirements:
    """What is required, by id, and what of it is still open."""

    asked: Mapping[str, str]
    open: frozenset[str]


def ids(text: str) -> Iterator[str]:
    """Every id that a text names, those between the ends of a row too."""
    for family, first, dotted, until, spelt, ending, fact, last_fact in NAMED.findall(text):
        other, last = dotted or spelt, until or ending
        if other and other != family:
            raise ValueError(f"a row of ids that begins with {family} ends with {other}")
        if fact:
            yield from (f"F{number}" for number in range(int(fact), int(last_fact or fact) + 1))
        else:
            yield from (f"{family}-{number:02}" for number in range(int(first), int(last or first) + 1))


@cache
def required() -> Requirements:
    """Read the list."""
    table = tomllib.loads((ROOT / "tests/requirements.toml").read_text(encoding="utf-8"))
    still_open = frozenset(table.pop("open"))
    return Requirements({name: said for group in table.values() for name, said in group.items()}, still_open)


@cache
def docstrings() -> Mapping[str, str]:
    """Return what every docstring of the tests says, by its test or its file."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = "" if isinstance(node, ast.Module) else node.name
                found[f"{path.relative_to(ROOT / 'tests')}::{name}"] = ast.get_docstring(node) or ""
    return found


def proofs() -> Mapping[str, list[str]]:
    """Return which tests say that they prove an id."""
    proved: dict[str, list[str]] = defaultdict(list)
    for place, said in docstrings().items():
        if place.partition("::")[2].startswith("test_"):
            for each in sorted(set(ids(said))):
                proved[each].append(place)
    return proved


def refusals() -> Mapping[str, str]:
    """Return why an id is not fulfilled, as docs/not-supported.md says it."""
    page = (ROOT / "docs/not-supported.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    return {each: why for named, why in rows for each in ids(named)}


def lines() -> Iterator[str]:
    """The table, and how much of it is proved."""
    asked, proved, refused = required(), proofs(), refusals()
    for each, meaning in asked.asked.items():
        yield f"{each:<6} {meaning}"
        if each in asked.open:
            yield "       OPEN"
        if each in refused:
            yield f"       not: {refused[each]}"
        yield from (f"       {place}" for place in proved.get(each, ()))
    by_test = sum(1 for each in asked.asked if proved.get(each) and each not in asked.open)
    yield ""
    yield f"{len(asked.asked)} required: {by_test} proved by a test, {len(refused)} not supported, {len(asked.open)} open"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
