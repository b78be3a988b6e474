"""Making what never changes: the initialiser of our words.

A frozen dataclass stores each field through `object.__setattr__`, which takes several times as long as all else that is
done to make it; an answer on its way makes some forty. Here the values go straight to where they stay. All else,
equality, hashes and that nothing can be changed, is the dataclass's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # whose fields mypy knows
else:
    import dataclasses
    from functools import wraps

    def dataclass(*, frozen: bool, kw_only: bool) -> Any:
        """As in `dataclasses`, for plain words: frozen, keyword-only, without fields that are worked out."""
        if not (frozen and kw_only):
            raise TypeError("our words are frozen and take their values by name")

        def made(kind: type[Any]) -> type[Any]:
            word = dataclasses.dataclass(frozen=True, kw_only=True)(kind)
            word.__init__ = _initialiser(word)
            return word

        return made

    def _initialiser(word: type[Any]) -> Any:
        unset, given, names, lines = object(), {}, [], []
        given["_unset"] = unset
        for field in dataclasses.fields(word):
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
        return wraps(word.__init__)(given["__init__"])
