"""Effects as JSON and back. What equals its field's default is left out; a new field with a default reads old rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from msgspec import NODEFAULT
from msgspec.structs import FieldInfo

from bridge.lanes import micros
from bridge.model.effects import AnyEffect
from bridge.model.word import Word, fields
from bridge.store.schema import EPOCH

Convert = Callable[[Any], Any]
KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(AnyEffect)}


def encode(effect: AnyEffect) -> tuple[str, dict[str, Any]]:
    """The effect's kind and its payload."""
    kind = type(effect)
    return kind.__name__, _CODECS[kind].encode(effect)


def decode(kind: str, payload: dict[str, Any]) -> AnyEffect:
    """The effect again; KeyError for a kind that this version does not know."""
    effect: AnyEffect = _CODECS[KINDS[kind]].decode(payload)
    return effect


class _Codec:
    """How one kind of word becomes a dict and back; worked out once."""

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        self.steps = [(field.name, _default(field), *_converters(field.type)) for field in fields(kind)]
        self.readers = {name: read for name, _, _, read in self.steps if read is not None}

    def encode(self, value: Any) -> dict[str, Any]:
        payload: dict[str, Any] = {}
        for name, default, write, _ in self.steps:
            item = getattr(value, name)
            if item is None:
                if default is not None:
                    payload[name] = None
            elif default is NODEFAULT or item != default:
                payload[name] = item if write is None else write(item)
        return payload

    def decode(self, payload: dict[str, Any]) -> Any:
        for name, read in self.readers.items():
            item = payload.get(name)
            if item is not None:
                payload = {**payload, name: read(item)}
        return self.kind(**payload)


def _default(field: FieldInfo) -> Any:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def _converters(hint: Any) -> tuple[Convert | None, Convert | None]:
    """How a field's value is written and read; None: as it is."""
    if get_origin(hint) in (Union, UnionType):
        plain = [option for option in get_args(hint) if option is not NoneType]
        return _converters(plain[0]) if len(plain) == 1 else (None, None)
    if hint is datetime:
        return micros, lambda value: EPOCH + timedelta(microseconds=value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return None, hint
    if isinstance(hint, type) and issubclass(hint, Word):
        codec = _Codec(hint)
        return codec.encode, codec.decode
    if get_origin(hint) is tuple:
        write, read = _converters(get_args(hint)[0])
        return (
            list if write is None else lambda value: [write(item) for item in value],
            tuple if read is None else lambda value: tuple(read(item) for item in value),
        )
    return None, None


_CODECS: dict[type[Any], _Codec] = {kind: _Codec(kind) for kind in KINDS.values()}
