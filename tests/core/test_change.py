"""Words: what they are made of, and copies with other values."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import bridge
from bridge.model.answer import Answer
from bridge.model.change import asdict, astuple, replace
from bridge.model.decision import Decision
from bridge.model.outcomes import Done, Held, Scope, Sent
from bridge.model.state import Said
from bridge.model.upkeep import Refreshed
from bridge.model.word import Word, fields
from tests.core.factories import answer, scene

WORDS = [answer(text="yes"), scene(), Decision(), Said(key="card.open")]


def test_a_changed_copy_has_all_else_as_it_was() -> None:
    before = answer(text="yes")
    after = replace(before, text="no", person=None)
    assert asdict(after) == asdict(before) | {"text": "no", "person": None}
    assert after != before
    assert before.text == "yes"
    assert hash(replace(after, text="yes", person=before.person)) == hash(before)


def test_what_is_no_field_cannot_be_changed() -> None:
    unknown: dict[str, Any] = {"colour": "red"}
    with pytest.raises(TypeError, match="colour"):
        replace(scene(), **unknown)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_made_of_its_fields_and_never_changes(word: Any) -> None:
    given = asdict(word)
    kind = type(word)
    assert kind(**given) == word
    assert tuple(given) == tuple(field.name for field in fields(kind))
    assert astuple(word) == tuple(given.values())
    assert repr(word) == f"{kind.__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
    with pytest.raises(AttributeError, match="immutable"):
        setattr(word, next(iter(given)), None)
    with pytest.raises(TypeError, match="colour"):
        kind(**given, colour="red")
    with pytest.raises(TypeError, match="positional"):
        kind(*given.values())


def test_words_of_two_kinds_are_two_things_whatever_they_hold() -> None:
    assert Done(remote_id="m_1") != Sent(remote_id="m_1")
    assert {Done(remote_id="m_1"): "first"}[Done(remote_id="m_1")] == "first"


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
    assert one != "reauth"


def test_what_is_secret_is_not_shown() -> None:
    sealed = Refreshed(sealed="gAAAA", expires_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert "gAAAA" not in repr(sealed)
    assert "2026" in repr(sealed)


def test_no_word_takes_its_values_from_what_only_dataclasses_understand() -> None:
    for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
        if not module.name.startswith("bridge.store.migrations") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = set(_kinds(Word))
    assert len(kinds) > 300
    wrong = {
        each.__qualname__ for each in kinds for field in fields(each) if isinstance(field.default, dataclasses.Field)
    }
    assert not wrong


def _kinds(kind: type[Word]) -> Iterator[type[Word]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
