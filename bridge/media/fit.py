"""An agent's file made fit for a network: as it is, drawn anew, or refused with a sentence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Final

from bridge.media import pictures
from bridge.media.pictures import TooManyPoints, Unreadable
from bridge.media.sniff import ENDINGS
from bridge.model.change import replace
from bridge.model.files import Fetched, FileTable
from bridge.model.outcomes import Unfit
from bridge.model.word import Word
from bridge.rules.answers.fitting import Fits, Redrawn, Which, fitting, too_large_still

MOST_NAME: Final = 120
CHECKED: Final = frozenset({"image/jpeg", "image/png"})
"""Types of pictures that go as they are, and are read to their end before."""
CHECK_WITHIN: Final = 10.0
"""Seconds."""


class Fitted(Word, kw_only=True):
    """A file that can go. kind: as what."""

    kind: str
    file: Fetched


@asynccontextmanager
async def fitted(
    file: Fetched, table: FileTable, which: Which, *, videos: bool, smaller: bool
) -> AsyncIterator[Fitted | Unfit]:
    """Hand out what can go, for as long as the block lasts, or why it cannot. The last two as in `fitting`."""
    match fitting(table, file.mime, file.length, which, videos=videos, smaller=smaller):
        case Unfit() as unfit:
            yield unfit
        case Fits(mime=mime) if mime in CHECKED and await damaged(file):
            yield which.said("reply.file_broken")
        case Fits(kind=kind, mime=mime):
            yield Fitted(kind=kind, file=replace(file, mime=mime, name=_named(file.name, mime)))
        case Redrawn(most=most, smaller=may):
            drawn = await _drawn(file, most, which, smaller=may)
            if isinstance(drawn, Unfit):
                yield drawn
                return
            with drawn.file:
                name = _named(PurePath(file.name).stem, drawn.mime)
                new = replace(file, file=drawn.file, length=drawn.length, mime=drawn.mime, name=name)
                yield Fitted(kind="image", file=new)


async def damaged(file: Fetched, *, within: float = CHECK_WITHIN) -> bool:
    """Whether a picture cannot be read whole. What is too large, or takes too long, to be read is not known to be. within: seconds."""
    try:
        async with asyncio.timeout(within):
            await pictures.checked(file.file)
    except Unreadable:
        return True
    except (TooManyPoints, TimeoutError):
        return False
    return False


async def _drawn(file: Fetched, most: int, which: Which, *, smaller: bool) -> pictures.Picture | Unfit:
    try:
        drawn = await pictures.redrawn(file.file, most, smaller=smaller)
    except Unreadable:
        return which.said("reply.file_broken")
    except TooManyPoints:
        return which.said("reply.file_points", maximum=pictures.POINTS // 1_000_000)
    return too_large_still(which, most) if drawn is None else drawn


def _named(name: str, mime: str) -> str:
    """The name under which the customer sees it: its own, with the ending of what it is."""
    clean = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+", "_", name).strip(" ._") or "file"
    ending = ENDINGS.get(mime)
    known = {ending, "jpeg"} if ending == "jpg" else {ending}
    if ending is not None and PurePath(clean).suffix.lstrip(".").lower() not in known:
        clean = f"{clean[: MOST_NAME - 5]}.{ending}"
    return clean[-MOST_NAME:]
