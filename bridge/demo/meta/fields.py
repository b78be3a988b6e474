"""The Graph API's `fields` parameter: `id,messages.limit(5){id,from}`. Pure."""

import re
from dataclasses import dataclass, field
from typing import Final

from bridge.demo.meta.errors import GraphError

_TOKEN: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[{},]|\.limit\((\d+)\))")


@dataclass(kw_only=True)
class Fields:
    """What is asked for, by name; `limit` is how many of a list."""

    limit: int | None = None
    inner: dict[str, "Fields"] = field(default_factory=dict)

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Raise 100 for the first field that this kind of object does not have."""
        for name in self.inner:
            if name not in known:
                raise GraphError(100, message=f"Tried accessing nonexisting field ({name})")


def parse(text: str, default: str) -> Fields:
    """Read the parameter; `default` is read when it is empty."""
    source = text or default
    root = Fields()
    open_fields, last, at = [root], root, 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise GraphError(2500, message=f"Syntax error in the field list at character {at}")
        at = found.end()
        match found[1]:
            case "{":
                open_fields.append(last)
            case "}":
                open_fields.pop()
                if not open_fields:
                    raise GraphError(2500, message=f"Syntax error: unexpected character: }} at {at - 1}")
            case ",":
                continue
            case limit if limit.startswith("."):
                last.limit = int(found[2])
            case name:
                last = open_fields[-1].inner.setdefault(name, Fields())
    if len(open_fields) > 1:
        raise GraphError(2500, message="Syntax error: the field list ends too early")
    return root
