"""Copies with other values."""

import dataclasses
import inspect
from typing import Any

import pytest

from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.state import Said
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


@pytest.mark.parametrize("word", [answer(text="yes"), scene(), Decision(), Said(key="card.open")])
def test_a_word_is_made_as_dataclasses_would_make_it_and_never_changes(word: Any) -> None:
    plain = dataclasses.make_dataclass(
        type(word).__name__,
        [(field.name, field.type, _like(field)) for field in dataclasses.fields(word)],
        frozen=True,
        kw_only=True,
    )
    given = {field.name: getattr(word, field.name) for field in dataclasses.fields(word)}
    needed = {field.name: given[field.name] for field in dataclasses.fields(word) if _needed(field)}
    assert vars(type(word)(**needed)) == vars(plain(**needed))
    assert vars(type(word)(**given)) == vars(plain(**given))
    assert type(word)(**given) == word
    assert inspect.signature(type(word)) == inspect.signature(plain)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(word, next(iter(given)), None)
    with pytest.raises(TypeError, match="colour"):
        type(word)(**given, colour="red")


def test_what_a_word_needs_must_be_given_and_what_it_makes_itself_is_its_own() -> None:
    lacking: dict[str, Any] = {}
    with pytest.raises(TypeError, match="key"):
        Said(**lacking)
    assert Said(key="card.open").values is not Said(key="card.open").values


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _like(field: dataclasses.Field[Any]) -> Any:
    return dataclasses.field(default=field.default, default_factory=field.default_factory)
