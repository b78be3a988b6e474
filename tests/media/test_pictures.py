"""Pictures drawn anew: of every type, within the limit, and nothing but the picture."""

from __future__ import annotations

import base64
import io
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

import pytest
from PIL import Image, ImageOps

from bridge.media import pictures
from bridge.media.fit import Fitted, damaged, fitted
from bridge.media.pictures import Picture, TooManyPoints, Unreadable, redrawn
from bridge.media.sniff import HEAD, found
from bridge.meta.files import TABLES
from bridge.model.change import replace
from bridge.model.files import Fetched, FileLimit
from bridge.model.outcomes import Unfit
from bridge.model.state import Platform
from bridge.rules.answers.fitting import MB, Which

RED = (200, 30, 30)
# What draws pictures anew reads HEIC and cannot write it: 60 by 40 points of this red.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAB4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j"
    "bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAADwAAAABAAAAKAAAAAH////8AAAAAv///+gAAAACAAAAEHBp"
    "eGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACZtZGF0AAAAGigBrwngOSMkv//6Mb//+EaeQ/a5hrVjqdz8"
)
ONLY = Which(file=1, files=1)


def drawn(kind: str, *, size: tuple[int, int] = (60, 40), mode: str = "RGB", colour: Any = RED, **how: Any) -> bytes:
    """A picture of one colour."""
    if kind == "HEIF":
        return HEIC
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **how)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """A picture that no format makes small."""
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


OPEN = ExitStack()


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    """What a test has opened is closed."""
    with OPEN.pop_all(), OPEN:
        yield


def held(data: bytes) -> BinaryIO:
    """A file without a name that holds these bytes."""
    file = OPEN.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the test
    file.write(data)
    return file


async def new(data: bytes, most: int = 8 * MB, *, smaller: bool = False) -> Picture | None:
    """The picture drawn anew."""
    found = await redrawn(held(data), most, smaller=smaller)
    return None if found is None else replace(found, file=OPEN.enter_context(found.file))


def fetched(data: bytes, name: str, declared: str = "") -> Fetched:
    """A file as the desk hands it out."""
    return Fetched(file=held(data), length=len(data), mime=found(data[:HEAD], declared), name=name)


@pytest.mark.parametrize("kind", ["BMP", "ICO", "WEBP", "HEIF", "AVIF", "TIFF"])
async def test_other_types_become_jpeg(kind: str) -> None:
    """CT-17: found by what is in them, whatever they are called."""
    file = fetched(drawn(kind), "Cup.picture", "text/plain")
    async with fitted(file, TABLES[Platform.INSTAGRAM], ONLY, videos=True, smaller=False) as ready:
        assert isinstance(ready, Fitted)
        assert (ready.kind, ready.file.mime, ready.file.name) == ("image", "image/jpeg", "Cup.jpg")
        ready.file.file.seek(0)
        shown = Image.open(ready.file.file)
        assert shown.format == "JPEG"
        point = shown.getpixel((10, 10))
        assert isinstance(point, tuple)
        assert all(abs(a - b) < 12 for a, b in zip(point, RED, strict=True))
        assert ready.file.length == ready.file.file.seek(0, io.SEEK_END)


async def test_what_can_be_seen_through_becomes_png_and_what_only_could_be_does_not() -> None:
    seen = await new(drawn("WEBP", mode="RGBA", colour=(1, 2, 3, 90)), 8 * MB, smaller=False)
    assert seen is not None
    assert seen.mime == "image/png"
    full = await new(drawn("WEBP", mode="RGBA", colour=(1, 2, 3, 255), lossless=True), 8 * MB, smaller=False)
    assert full is not None
    assert full.mime == "image/jpeg"


async def test_what_moves_goes_on_moving() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, (0, 200, 0), (0, 0, 200))]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=80)
    moving = await new(file.getvalue(), 8 * MB, smaller=False)
    assert moving is not None
    assert moving.mime == "image/gif"
    assert Image.open(moving.file).n_frames == 3  # type: ignore[attr-defined]


async def test_where_it_was_taken_does_not_go_along_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker of cameras"
    upright = await new(drawn("TIFF", exif=exif), 8 * MB, smaller=False)
    assert upright is not None
    shown = Image.open(upright.file)
    assert (shown.size, dict(shown.getexif())) == ((40, 60), {})
    assert ImageOps.exif_transpose(shown).size == (40, 60)


async def test_a_picture_is_made_as_little_smaller_as_the_limit_asks_and_only_where_it_may_be() -> None:
    file = io.BytesIO()
    noise(1400, 900).save(file, "PNG")
    assert len(file.getvalue()) > 2 * MB
    assert await new(file.getvalue(), MB // 4, smaller=False) is None
    small = await new(file.getvalue(), MB // 4, smaller=True)
    assert small is not None
    assert small.length <= MB // 4
    assert Image.open(small.file).width in pictures.EDGES
    same = await new(file.getvalue(), 2 * MB, smaller=True)
    assert same is not None
    assert Image.open(same.file).size == (1400, 900)


@pytest.mark.parametrize("data", [b"", b"no picture", drawn("BMP")[:70], b"\x89PNG\r\n\x1a\n" + bytes(40)])
async def test_what_is_no_picture_is_told_so(data: bytes) -> None:
    with pytest.raises(Unreadable):
        await new(data, MB, smaller=True)


async def test_a_picture_of_too_many_points_is_never_decoded() -> None:
    """Its head is enough: 40,000 by 40,000 points would take five gigabytes."""
    head = bytearray(drawn("BMP"))
    head[18:26] = (40_000).to_bytes(4, "little") * 2
    with pytest.raises(TooManyPoints):
        await new(bytes(head), MB, smaller=True)
    async with fitted(fetched(bytes(head), "a.bmp"), TABLES[Platform.MESSENGER], ONLY, videos=True, smaller=True) as no:
        assert isinstance(no, Unfit)
        assert no.said.key == "reply.file_points"


async def test_a_broken_picture_is_refused_with_its_sentence() -> None:
    broken = drawn("WEBP")[:60]
    async with fitted(fetched(broken, "a.webp"), TABLES[Platform.MESSENGER], ONLY, videos=True, smaller=False) as no:
        assert isinstance(no, Unfit)
        assert no.said.key == "reply.file_broken"


async def test_a_converted_picture_that_is_too_large_waits_for_consent() -> None:
    """A photograph in BMP is large as JPEG as well, now and then."""
    table = {"image": FileLimit(types=("image/jpeg",), most=MB // 4)}
    file = io.BytesIO()
    noise(1400, 900).save(file, "BMP")
    async with fitted(fetched(file.getvalue(), "a.bmp"), table, ONLY, videos=True, smaller=False) as no:
        assert isinstance(no, Unfit)
        assert no.said.key == "reply.file_picture_large_drawn"
    async with fitted(fetched(file.getvalue(), "a.bmp"), table, ONLY, videos=True, smaller=True) as yes:
        assert isinstance(yes, Fitted)
        assert yes.file.length <= MB // 4


@pytest.mark.parametrize(
    ("name", "shown"),
    [("price list.PDF", "price list.PDF"), ("../../x", "x.pdf"), ("", "file.pdf"), ("cup", "cup.pdf"), ("bill.exe", "bill.exe.pdf"),
     ("表\u202efdp.txt", "表_fdp.txt.pdf"), ("a" * 300, "a" * 115 + ".pdf")],
)  # fmt: skip
async def test_a_file_keeps_its_name_with_the_ending_of_what_it_is(name: str, shown: str) -> None:
    async with fitted(
        fetched(b"%PDF-1.7\n", name), TABLES[Platform.INSTAGRAM], ONLY, videos=True, smaller=False
    ) as ready:
        assert isinstance(ready, Fitted)
        assert ready.file.name == shown


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_picture_that_ends_too_soon_is_refused_and_a_whole_one_goes_as_it_is(
    kind: str, platform: Platform
) -> None:
    """CT-17: a customer sees no half of a picture under a check mark."""
    file = io.BytesIO()
    noise(200, 150).save(file, kind)
    whole = file.getvalue()
    async with fitted(fetched(whole, "a"), TABLES[platform], ONLY, videos=True, smaller=False) as ready:
        assert isinstance(ready, Fitted)
        ready.file.file.seek(0)
        assert ready.file.file.read() == whole
    async with fitted(fetched(drawn(kind), "a"), TABLES[platform], ONLY, videos=True, smaller=False) as ready:
        assert isinstance(ready, Fitted)
    for length in (len(whole) // 2, len(whole) - 200):
        async with fitted(fetched(whole[:length], "a"), TABLES[platform], ONLY, videos=True, smaller=False) as no:
            assert isinstance(no, Unfit)
            assert no.said.key == "reply.file_broken"


async def test_what_is_too_large_to_be_read_or_takes_too_long_goes_as_it_is() -> None:
    head = bytearray(drawn("PNG"))
    head[16:24] = struct.pack(">II", 20_000, 20_000)
    head[29:33] = struct.pack(">I", zlib.crc32(head[12:29]))
    async with fitted(fetched(bytes(head), "a"), TABLES[Platform.MESSENGER], ONLY, videos=True, smaller=False) as ready:
        assert isinstance(ready, Fitted)
    file = io.BytesIO()
    noise(200, 150).save(file, "PNG")
    cut = fetched(file.getvalue()[:-200], "a")
    assert not await damaged(cut, within=0.0)
    assert await damaged(cut)
