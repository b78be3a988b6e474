"""One id in the place of another, wherever it stands whole in a text. Pure."""

from __future__ import annotations

import re
from functools import lru_cache


def respelt(text: str, old: str, new: str) -> str:
    """The text with *new* for *old*; an id that only begins or ends like it is another one."""
    return text if old not in text else _whole(old).sub(new, text)


@lru_cache(maxsize=64)
def _whole(id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(id)}(?![A-Za-z0-9])")
