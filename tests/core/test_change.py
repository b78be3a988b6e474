"""Copies with other values."""

import dataclasses
import inspect
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.model.answer import Answer
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.outcomes import Done, Held, Scope, Sent
from bridge.model.state import Said
from bridge.model.upkeep import Refreshed
from bridge.model.word import dataclass
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
    assert str(inspect.signature(type(word))) == str(inspect.signature(plain))
    assert repr(word) == repr(plain(**given))
    assert word != plain(**given)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(word, next(iter(given)), None)
    with pytest.raises(TypeError, match="colour"):
        type(word)(**given, colour="red")


def test_what_a_word_needs_must_be_given_and_what_it_makes_itself_is_its_own() -> None:
    lacking: dict[str, Any] = {}
    with pytest.raises(TypeError, match="key"):
        Said(**lacking)
    assert Said(key="card.open").values is not Said(key="card.open").values


def test_words_are_told_apart_and_found_by_what_counts_of_them() -> None:
    answers = (None, Answer(code="190"))
    one, other = (Held(cause="reauth", scope=Scope.TOP, answer=each) for each in answers)
    assert one == other
    assert hash(one) == hash(other)
    assert one != Held(cause="reauth", scope=Scope.ROW)
    assert Done(remote_id="m_1") != Sent(remote_id="m_1")
    assert {Done(remote_id="m_1"): "first"}[Done(remote_id="m_1")] == "first"
    sealed = Refreshed(sealed="gAAAA", expires_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert "gAAAA" not in repr(sealed)


@pytest.mark.parametrize("how", [{"frozen": False, "kw_only": True}, {"frozen": True, "kw_only": False}])
def test_a_word_is_frozen_and_takes_its_values_by_name(how: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(**how)


def test_what_works_something_out_is_no_word() -> None:
    class Sum:
        one: int
        total: int = dataclasses.field(init=False, default=0)

    with pytest.raises(TypeError, match="Sum"):
        dataclass(frozen=True, kw_only=True)(Sum)


def _needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _like(field: dataclasses.Field[Any]) -> Any:
    return dataclasses.field(default=field.default, default_factory=field.default_factory)
