"""Pictures drawn anew: as JPEG or PNG, of at most so many bytes, and smaller where that is agreed.

Rule 1: a picture's size in points is looked at before anything of it is decoded.
Rule 2: one picture at a time, in a thread of its own: how much memory that takes at most is known.
Rule 3: nothing goes along but the picture and its colours: neither where it was taken nor with what.

https://pillow.readthedocs.io/en/stable/reference/Image.html
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from typing_extensions import override

from bridge.model.word import Word

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS: Final = 64_000_000
"""The most that is decoded of a picture, all frames of it together: some 500 MB of memory."""
FORMATS: Final = ("JPEG", "PNG", "BMP", "ICO", "WEBP", "TIFF", "HEIF", "AVIF")
EDGES: Final = (4096, 3072, 2560, 2048, 1600, 1280, 1024, 800)
"""Points of the longer edge that are tried, where a picture may be made smaller."""
QUALITIES: Final = (90, 80)
PLAIN: Final = frozenset({"RGB", "RGBA", "L"})
"""Modes in which colours stand as they are meant, so that their profile still holds."""

_ONE: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


class Unreadable(Exception):
    """It is no picture that anybody can read."""


class TooManyPoints(Exception):
    """It would take too much memory to draw."""


class Picture(Word, kw_only=True):
    """A picture as it was drawn. file: without a name, to be closed by whoever has it."""

    file: BinaryIO
    length: int
    mime: str


async def redrawn(source: BinaryIO, most: int, *, smaller: bool) -> Picture | None:
    """Draw a picture anew; None: it has more than *most* bytes, and may not be made *smaller* or cannot be.

    Raises Unreadable, TooManyPoints.
    """
    return await asyncio.get_running_loop().run_in_executor(_ONE, _redrawn, source, most, smaller)


async def checked(source: BinaryIO) -> None:
    """Read a picture to its end, by a reader of its own: whoever waits no longer may read the file meanwhile.

    Raises Unreadable, TooManyPoints.
    """
    source.flush()
    apart = _Apart(os.dup(source.fileno()))
    await asyncio.get_running_loop().run_in_executor(_ONE, _checked, apart)


def _checked(apart: _Apart) -> None:
    with apart, io.BufferedReader(apart) as source, _told(), _opened(source, smaller=False) as found:
        found.load()


@contextmanager
def _told() -> Iterator[None]:
    """What can become of a picture, in our own words."""
    _made_ready()
    from PIL import Image

    try:
        yield
    except (Image.DecompressionBombError, MemoryError) as error:
        raise TooManyPoints from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable from error


def _redrawn(source: BinaryIO, most: int, smaller: bool) -> Picture | None:  # noqa: FBT001 - by position, for a thread
    source.seek(0)
    with _told(), _opened(source, smaller=smaller) as found:
        return _moving(found, most) if _moves(found) else _still(found, most, smaller=smaller)


@cache
def _made_ready() -> None:
    """Once, and not before the first picture: to load it all takes a while."""
    import pi_heif  # type: ignore[import-untyped]
    from PIL import Image

    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = POINTS // 2  # at twice as many Pillow raises; below that it warns
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def _opened(source: BinaryIO, *, smaller: bool) -> Image:
    """Look at its head. A JPEG that may be made smaller is decoded at a half, a quarter or an eighth of its size."""
    from PIL import Image, JpegImagePlugin

    if source.read(3) == b"\xff\xd8\xff":
        source.seek(0)
        found: Image.Image = JpegImagePlugin.JpegImageFile(source)
        if smaller:
            found.draft("RGB", (EDGES[0], EDGES[0]))
    else:
        source.seek(0)
        found = Image.open(source, formats=FORMATS)
    frames = getattr(found, "n_frames", 1) if _moves(found) else 1
    if found.width * found.height * frames > POINTS:
        raise TooManyPoints
    return found


def _moves(found: Image) -> bool:
    """Only of WebP: other formats hold several pictures, of which the first is meant."""
    return found.format == "WEBP" and getattr(found, "n_frames", 1) > 1


def _still(found: Image, most: int, *, smaller: bool) -> Picture | None:
    from PIL import ImageOps

    found.load()
    if found.width * found.height > POINTS:  # an icon's own size may differ from what its list says
        raise TooManyPoints
    ImageOps.exif_transpose(found, in_place=True)
    picture = _in_colours(found)
    for edge in (max(picture.size), *(each for each in EDGES if smaller and each < max(picture.size))):
        picture.thumbnail((edge, edge))
        for mime, how in _ways(picture):
            if (kept := _kept(picture, mime, how, most)) is not None:
                return kept
    return None


def _in_colours(picture: Image) -> Image:
    """With what can be seen through where there is any, else without; the profile only where it still holds."""
    profile = picture.info.get("icc_profile") if picture.mode in PLAIN else None
    mode = "RGBA" if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info else "RGB"
    drawn = picture if picture.mode == mode else picture.convert(mode)
    if mode == "RGBA" and drawn.getchannel("A").getextrema()[0] == 255:
        drawn = drawn.convert("RGB")
    drawn.info = {} if profile is None else {"icc_profile": profile}
    return drawn


def _ways(picture: Image) -> Iterator[tuple[str, dict[str, object]]]:
    colours = {"icc_profile": picture.info["icc_profile"]} if "icc_profile" in picture.info else {}
    if picture.mode == "RGBA":
        yield "image/png", {"format": "PNG", **colours}
        return
    for quality in QUALITIES:
        yield "image/jpeg", {"format": "JPEG", "quality": quality, **colours}


def _moving(found: Image, most: int) -> Picture | None:
    """As GIF, which every network takes."""
    return _kept(found, "image/gif", {"format": "GIF", "save_all": True, "loop": 0}, most)


def _kept(picture: Image, mime: str, how: dict[str, object], most: int) -> Picture | None:
    """None: it would have more than *most* bytes, of which no more are written either."""
    file = tempfile.TemporaryFile(prefix="threadbridge-")  # noqa: SIM115 - handed on
    room = _Room(file, most)
    try:
        picture.save(room, **how)  # type: ignore[arg-type]
    except _Full:
        file.close()
        return None
    except BaseException:
        file.close()
        raise
    return Picture(file=file, length=room.length, mime=mime)


class _Apart(io.RawIOBase):
    """A file read from places of its own, though its descriptor is another's copy and shares where that one reads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place}.get(whence, os.fstat(self._descriptor).st_size)
        self._place = start + offset
        return self._place

    @override
    def readinto(self, buffer: Any) -> int:
        data = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    @override
    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class _Full(Exception):
    """There is room for no more."""


class _Room:
    """A file into which so many bytes go, and no more."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = most
        self.length = 0

    def write(self, data: bytes) -> int:
        """Write all of it; _Full where it does not fit."""
        self.length += len(data)
        if self.length > self._most:
            raise _Full
        return self._file.write(data)

    def flush(self) -> None:
        """Let others read what was written."""
        self._file.flush()
