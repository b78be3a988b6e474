"""Copies with other values."""

import dataclasses
from typing import Any

import pytest

from bridge.model.change import replace
from tests.core.factories import answer, scene


def test_a_changed_copy_is_what_dataclasses_would_make() -> None:
    before = answer(text="yes")
    after = replace(before, text="no", person=None)
    assert after == dataclasses.replace(before, text="no", person=None)
    assert hash(dataclasses.astuple(after)) != hash(dataclasses.astuple(before))
    assert before.text == "yes"


def test_what_is_no_field_cannot_be_changed() -> None:
    unknown: dict[str, Any] = {"colour": "red"}
    with pytest.raises(TypeError, match="colour"):
        replace(scene(), **unknown)
