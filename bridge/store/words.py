"""How a kind of word stands in rows, both ways, from one table: each field in the column of its name.

Reading and writing take a good part of what an answer costs. So what can be worked out once is worked out when the table is
made, and a row's values become a word's at one go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import cache
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, Generic, TypeVar

from bridge.model.change import astuple
from bridge.model.word import Word, fields

T = TypeVar("T", bound=Word)
Read = Callable[[Any], Any]
"""A field's value from a column that is not NULL."""
Write = Callable[[Any], Any]
"""How a field's value stands in its column."""
Both = tuple[Read, Write]


def member(kind: type[Enum]) -> Both:
    """A member of an enumeration, by its value. Read from a cache: to say which it is takes an enumeration ten times as long."""
    return cache(kind), _value


class Columns(Generic[T]):
    """How words of one kind are read and written. A column that is NULL is read as its field's default.

    prefix: of the columns' labels where they are read (`rows.labelled`). named: columns that are not called as the field.
    fixed: fields that are read, and never written. beside: fields that are no column's, and are given when a word is read.
    both: how a field's value is read and written, where not as it is.
    """

    def __init__(
        self,
        word: type[T],
        *,
        prefix: str = "",
        named: Mapping[str, str] | None = None,
        fixed: Collection[str] = (),
        beside: Collection[str] = (),
        **both: Both,
    ) -> None:
        every = {each.name: (named or {}).get(each.name, each.name) for each in fields(word)}
        stored = {name: column for name, column in every.items() if name not in beside}
        self._word = word
        self._names, self._stored = tuple(every), tuple(stored)
        self._values = attrgetter(*(prefix + column for column in stored.values()))
        self._readers = [(name, read) for name, (read, _) in both.items() if name in stored]
        required = (each.name for each in fields(word) if each.required and each.name in stored)
        self._needed = dict.fromkeys(name for name in required if name not in both)
        """What has no default: NULL is None there. What is more than it says in its column must be there, or it is no word."""
        self._written = [
            (name, column, both.get(name, (None, _as_it_is))[1]) for name, column in every.items() if name not in fixed
        ]
        self._by_name = {name: (column, both[name][1] if name in both else None) for name, column, _ in self._written}

    def read(self, row: Any, **beside: Any) -> T:
        """A word from a row, which has its values by name."""
        there = {name: value for name, value in zip(self._stored, self._values(row), strict=True) if value is not None}
        for name, read in self._readers:
            if name in there:
                there[name] = read(there[name])
        return self._word(**(self._needed | there), **beside)

    def of(self, word: T) -> dict[str, Any]:
        """All columns of a word."""
        return {column: write(getattr(word, name)) for name, column, write in self._written}

    def changed(self, before: T, after: T) -> dict[str, Any]:
        """Those columns that are to be written where *before* stands, so that *after* does: most fields of a copy are shared."""
        changed = {}
        for name in compress(self._names, map(is_not, astuple(after), astuple(before))):
            column, write = self._by_name.get(name, _NEVER)
            now, was = getattr(after, name), getattr(before, name)
            if column is None or now == was:
                continue
            value = now if write is None else write(now)
            if write is None or value != write(was):
                changed[column] = value
        return changed


def _as_it_is(value: Any) -> Any:
    return value


def _value(one: Enum | None) -> Any:
    return None if one is None else one._value_  # `value` asks for it in Python, which takes ten times as long


_NEVER: tuple[str | None, Write | None] = (None, None)
"""A field that never changes there."""
