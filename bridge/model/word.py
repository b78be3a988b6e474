"""What our words are made of: values that never change, taken by name; made, copied and compared in C (`msgspec`).

An answer on its way makes some thirty words and copies ten of them with other values: as dataclasses they took a quarter of
what is done for it. A word is declared with ``kw_only=True``; that it is frozen it has from here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["Alike", "Word", "field", "fields"]

if TYPE_CHECKING:
    import dataclasses
    from typing import TypeVar, dataclass_transform

    from msgspec.structs import FieldInfo

    T = TypeVar("T")

    def field(*, default_factory: Callable[[], T]) -> T:
        """A value that is made anew where none is given."""

    @dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
    class Word:
        """A frozen record; mypy knows its fields as those of a dataclass."""

        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
        __struct_fields__: ClassVar[tuple[str, ...]]
        HIDDEN: ClassVar[frozenset[str]]

        def __init_subclass__(cls, *, kw_only: bool) -> None: ...

    def fields(kind: type[Word]) -> tuple[FieldInfo, ...]:
        """What a kind of word is made of, in the order of its fields."""

else:
    import msgspec
    from msgspec import field
    from msgspec.structs import fields

    # The collector need not walk through words: what never changes holds only what was there before it, and so no circle.
    class Word(msgspec.Struct, frozen=True, gc=False):
        """A frozen record."""

        HIDDEN: ClassVar[frozenset[str]] = frozenset()
        """Fields that are secret, or too long to be read: they are not told when the word is shown."""

        def __repr__(self) -> str:
            told = (name for name in self.__struct_fields__ if name not in self.HIDDEN)
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in told)})"


class Alike(Word, kw_only=True):
    """A word of which not all counts when it is compared."""

    BESIDE: ClassVar[frozenset[str]] = frozenset()
    """Fields that do not count."""

    def _counts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in self.BESIDE)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike) and other.__class__ is self.__class__ and self._counts() == other._counts()

    def __hash__(self) -> int:
        return hash(self._counts())
