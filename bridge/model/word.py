"""Making what never changes: the initialiser of our words, and what all of them share.

A frozen dataclass stores each field through `object.__setattr__`, which takes several times as long as all else that is
done to make it; an answer on its way makes some forty. Here the values go straight to where they stay. And
`dataclasses` compiles six functions for each kind, which was a quarter of every command's start: all but the initialiser
are the same for every word, so that here they are written once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # whose fields mypy knows
else:
    import dataclasses
    from operator import attrgetter

    class _Factory:
        """Stands for a value that is made when none is given."""

        def __repr__(self) -> str:
            return "<factory>"

    _FACTORY = _Factory()

    def dataclass(*, frozen: bool, kw_only: bool) -> Any:
        """As in `dataclasses`, for plain words: frozen, keyword-only, without fields that are worked out."""
        if not (frozen and kw_only):
            raise TypeError("our words are frozen and take their values by name")

        def made(kind: type[Any]) -> type[Any]:
            own = frozenset(vars(kind))
            word = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=True)(kind)
            fields = dataclasses.fields(word)
            if hasattr(word, "__post_init__") or "__init__" in own or not all(field.init for field in fields):
                raise TypeError(f"{word.__name__} works something out when it is made: it is no plain word")
            word.__init__ = _initialiser(word, fields)
            word.__setattr__, word.__delattr__ = _set, _delete
            if "__repr__" not in own:
                word.__repr__ = _repr
            if not own & {"__eq__", "__hash__"}:
                word.__eq__, word.__hash__ = _compared(fields)
            return word

        return made

    def _initialiser(word: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> Any:
        given, names, lines = {"_unset": _FACTORY}, [], []
        for field in fields:
            name, value = field.name, field.name
            if field.default_factory is not dataclasses.MISSING:
                given[f"_of_{name}"] = field.default_factory
                names.append(f"{name}=_unset")
                value = f"_of_{name}() if {name} is _unset else {name}"
            elif field.default is not dataclasses.MISSING:
                given[f"_of_{name}"] = field.default
                names.append(f"{name}=_of_{name}")
            else:
                names.append(name)
            lines.append(f"    _fields[{name!r}] = {value}")
        head = f"def __init__(_self, *, {', '.join(names)}):" if names else "def __init__(_self):"
        source = "\n".join([head, "    _fields = _self.__dict__", *lines])
        exec(source, given)  # noqa: S102 - names of our own fields alone, as dataclasses itself does it
        made = given["__init__"]
        made.__module__, made.__qualname__ = word.__module__, f"{word.__qualname__}.__init__"
        made.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
        return made

    def _set(_word: Any, name: str, _value: Any) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delete(_word: Any, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def _repr(word: Any) -> str:
        shown = [f"{field.name}={getattr(word, field.name)!r}" for field in dataclasses.fields(word) if field.repr]
        return f"{type(word).__qualname__}({', '.join(shown)})"

    def _compared(fields: tuple[dataclasses.Field[Any], ...]) -> tuple[Any, Any]:
        """How such words are told apart, and what they are found by."""
        if all(field.compare for field in fields):
            return _equal, _hash
        told = attrgetter(*(field.name for field in fields if field.compare))

        def equal(word: Any, other: Any) -> Any:
            return told(word) == told(other) if other.__class__ is word.__class__ else NotImplemented

        return equal, lambda word: hash(told(word))

    # A word has nothing beside its fields, and has them in their order.

    def _equal(word: Any, other: Any) -> Any:
        return word.__dict__ == other.__dict__ if other.__class__ is word.__class__ else NotImplemented

    def _hash(word: Any) -> int:
        return hash(tuple(word.__dict__.values()))
