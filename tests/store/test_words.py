"""Words from rows: what is not there is its default, and what must be there is missed."""

from types import SimpleNamespace
from typing import Any

import pytest

from bridge.model.state import Person, PersonKind
from bridge.store import rows

ROW: dict[str, Any] = dict.fromkeys(("ref", "kind", "name", "language", "picture", "admin")) | {
    "ref": "U0AKI", "kind": "member", "name": "Aki",
}  # fmt: skip


def test_what_is_not_there_is_its_default() -> None:
    assert rows.person(SimpleNamespace(**ROW)) == Person(ref=ROW["ref"], kind=PersonKind.MEMBER, name="Aki")


def test_a_required_member_that_is_missing_is_no_word() -> None:
    with pytest.raises(TypeError, match="kind"):
        rows.person(SimpleNamespace(**ROW | {"kind": None}))


def test_a_member_that_nobody_knows_is_no_word() -> None:
    with pytest.raises(ValueError, match="robot"):
        rows.person(SimpleNamespace(**ROW | {"kind": "robot"}))
