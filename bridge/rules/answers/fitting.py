"""Whether a file can go to a network, as what, and what must be done to it first. Pure: its type and its length say it.

Rule 1: the type is the one that was found in the file; what its name or the desk says of it counts for nothing here.
Rule 2: pictures of other types are drawn anew as JPEG or PNG; a picture that is too large is made smaller only where its
        sender has agreed. Nothing else is changed.
Rule 3: what cannot go is told with the limit, and with what its sender can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.model.files import FileTable
from bridge.model.outcomes import Unfit
from bridge.model.state import Said, Value
from bridge.model.word import Word

MB: Final = 1024 * 1024
REDRAWN: Final = frozenset("""image/bmp image/x-icon image/heic image/heif image/avif image/webp image/tiff""".split())
"""Types of pictures that are drawn anew where a network does not take them."""
SHRUNK: Final = frozenset({"image/jpeg", "image/png"})
"""Types of pictures that can be made smaller as they are; what moves cannot."""
MOST_PICTURE: Final = 64 * MB
"""Bytes of a picture that is made smaller."""


class Fits(Word, kw_only=True):
    """It goes as it is, as this *kind* of attachment."""

    kind: str
    mime: str


class Redrawn(Word, kw_only=True):
    """A picture that is drawn anew, of at most *most* bytes; *smaller*: with fewer points where it must be."""

    most: int
    smaller: bool


class Which(Word, kw_only=True):
    """Which of how many files of a message it is, from 1."""

    file: int
    files: int

    def said(self, key: str, **values: Value) -> Unfit:
        """It cannot go, as the sentence *key* tells."""
        what = "file.only" if self.files == 1 else "file.numbered"
        numbers: Mapping[str, Value] = {"what_key": what, "file": self.file, "files": self.files}
        return Unfit(code=key.partition(".")[2], why="other", said=Said(key=key, values={**numbers, **values}))


def fitting(
    table: FileTable, mime: str, length: int, which: Which, *, videos: bool, smaller: bool
) -> Fits | Redrawn | Unfit:
    """What becomes of a file of this type and length. videos, smaller: what the account, and its sender, allow."""
    family = mime.partition("/")[0]
    if length == 0:
        return which.said("reply.file_empty")
    if family == "video" and not videos:
        return which.said("reply.file_video_off")
    limit = table.get(family)
    if limit is not None and mime.startswith(limit.types):
        if length <= limit.most:
            return Fits(kind=family, mime=mime)
        if mime not in SHRUNK:
            return which.said("reply.file_too_large", maximum=limit.most // MB)
        return Redrawn(most=limit.most, smaller=True) if smaller else _too_large_picture(which, length, limit.most)
    if limit is not None and mime in REDRAWN:
        return Redrawn(most=limit.most, smaller=smaller)
    return _as_file(table, mime, length, which)


def worth_fetching(table: FileTable, mime: str, length: int, which: Which) -> Unfit | None:
    """Refuse at once what is larger than anything that could go. *mime* is what the desk says of it."""
    most = MOST_PICTURE if mime.startswith("image/") else max((limit.most for limit in table.values()), default=0)
    return which.said("reply.file_too_large", maximum=most // MB) if length > most else None


def _as_file(table: FileTable, mime: str, length: int, which: Which) -> Fits | Unfit:
    limit = table.get("file")
    if limit is None or (limit.types and not mime.startswith(limit.types)):
        return which.said("reply.file_kind")
    if length > limit.most:
        return which.said("reply.file_too_large", maximum=limit.most // MB)
    return Fits(kind="file", mime=mime)


def _too_large_picture(which: Which, length: int, most: int) -> Unfit:
    return which.said("reply.file_picture_large", size=_in_mb(length), maximum=most // MB)


def too_large_still(which: Which, most: int) -> Unfit:
    """A picture of another type that, drawn anew, is too large."""
    return which.said("reply.file_picture_large_drawn", maximum=most // MB)


def _in_mb(length: int) -> str:
    """With one digit behind the point, rounded up: what is too large never looks as if it were not."""
    tenths = -(-length * 10 // MB)
    return f"{tenths // 10}.{tenths % 10}"
