"""What a file is, by its first bytes, and whether that fits what it was said to be; how long sound and film last."""

from __future__ import annotations

import mimetypes
import re
import struct
from typing import BinaryIO, Final

import puremagic

HEAD: Final = 4096
"""Bytes that are looked at."""
HTML: Final = "text/html"
PLAIN: Final = "application/octet-stream"

FAMILIES: Final = {"image": {"image"}, "sticker": {"image"}, "video": {"video"}, "audio": {"audio", "video"}}
"""What may come as what: voice messages are films without a picture, as far as their first bytes tell."""
SAID_NOTHING: Final = frozenset({"", PLAIN, "binary/octet-stream", "application/ogg", "application/mp4"})

ENDINGS: Final = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "image/heif": "heif", "image/avif": "avif", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "video/3gpp": "3gp", "video/ogg": "ogv", "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/aac": "aac",
    "audio/ogg": "ogg", "audio/wav": "wav", "audio/x-wav": "wav", "audio/amr": "amr", "audio/webm": "weba",
    "audio/flac": "flac", "application/pdf": "pdf",
}  # fmt: skip
_BY_ENDING: Final = {f".{ending}": mime for mime, ending in ENDINGS.items()} | {
    ".jpeg": "image/jpeg",
    ".oga": "audio/ogg",
}
_MARKUP = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|script|meta|title|!--)", re.IGNORECASE)
_MP3 = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]", re.DOTALL)
"""The first frame of a layer III stream without a tag before it; the library knows some bit rates of it only."""


def kinds_of(head: bytes) -> tuple[str, ...]:
    """Every type that a file of these first bytes may have, the most likely first; none: nobody knows."""
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return (HTML,)
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ("audio/mpeg",) if _MP3.match(head) else ()
    named = (
        _BY_ENDING.get(each.extension) or each.mime_type or mimetypes.guess_type(f"x{each.extension}")[0]
        for each in found
    )
    return tuple(dict.fromkeys(name for name in named if name))


def settled(kind: str, declared: str, head: bytes, *, attached: bool) -> str | None:
    """Return the type of a file that came as *kind*; None: it is not what it was said to be.

    declared: what the server said of it. attached: the server said that it is to be kept, not shown.
    """
    declared = declared.partition(";")[0].strip().lower()
    found = kinds_of(head)
    families = FAMILIES.get(kind)
    if families is None:
        return _any(declared, found, attached=attached)
    if declared not in SAID_NOTHING and declared.partition("/")[0] not in families:
        return None
    fitting = [each for each in found if each.partition("/")[0] in families or each == "application/ogg"]
    if not fitting:
        return None
    if kind == "audio":
        return _sound(fitting, declared)
    return declared if declared in found else fitting[0]


def _any(declared: str, found: tuple[str, ...], *, attached: bool) -> str | None:
    """Return the type of what may be anything, but no page that stands in the place of a file."""
    if HTML in (declared, *found) and not (attached and declared == HTML):
        return None
    if declared == "application/pdf" and declared not in found:
        return None
    return declared or (found[0] if found else PLAIN)


def _sound(fitting: list[str], declared: str) -> str:
    heard = [each for each in fitting if each.startswith("audio/")]
    if declared.startswith("audio/"):
        return declared
    return heard[0] if heard else fitting[0].replace("video/", "audio/").replace("application/", "audio/")


def named(kind: str, mime: str, name: str | None) -> str:
    """Return a file's name: its own where somebody gave it one, else one by its kind, with the ending of its type."""
    clean = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+", "_", name or "").strip(" ._")
    if kind == "file" and clean:
        return clean[-120:]
    ending = ENDINGS.get(mime) or (mimetypes.guess_extension(mime) or ".bin").lstrip(".")
    return f"{kind}.{ending}"


# ── how long it lasts ─────────────────────────────────────────────────────────────────────────────────────


def seconds_of(file: BinaryIO, length: int) -> int | None:
    """Return how long a recording lasts, where its own headers say so: MP4 and its kin, WAV, Ogg Opus."""
    file.seek(0)
    head = file.read(64)
    try:
        if head[4:8] == b"ftyp":
            found = _mp4(file, length)
        elif head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            found = _wav(file, length)
        elif head[:4] == b"OggS" and b"OpusHead" in head:
            found = _opus(file, length)
        else:
            found = None
    except (struct.error, OverflowError):
        found = None
    return round(found) if found is not None and 0 <= found < 360_000 else None


def _mp4(file: BinaryIO, length: int) -> float | None:
    """Walk the boxes to *mvhd* (ISO/IEC 14496-12, 8.2.2)."""
    at, end = 0, length
    for _ in range(64):
        if at + 8 > end:
            return None
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        start = at + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            start += 8
        if name == b"mvhd":
            return _mvhd(file.read(32))
        if name == b"moov":
            at, end = start, at + (size or end - at)
        elif size < 8:
            return None
        else:
            at += size
    return None


def _mvhd(box: bytes) -> float | None:
    scale, duration = struct.unpack(">IQ", box[20:32]) if box[0] == 1 else struct.unpack(">II", box[12:20])
    return duration / scale if scale else None


def _wav(file: BinaryIO, length: int) -> float | None:
    file.seek(28)
    (rate,) = struct.unpack("<I", file.read(4))
    return (length - 44) / rate if rate else None


def _opus(file: BinaryIO, length: int) -> float | None:
    """Read the last page's position; Opus counts 48,000 a second (RFC 7845)."""
    file.seek(max(0, length - 65_536))
    _, mark, last = file.read().rpartition(b"OggS")
    if not mark:
        return None
    (position,) = struct.unpack("<q", last[2:10])
    return float(position) / 48_000


# ── what it is, whatever anybody says ─────────────────────────────────────────────────────────────────────

_FORMS: Final = {b"WAVE": "audio/wav", b"AVI ": "video/avi", b"WEBP": "image/webp"}
_BRANDS: Final = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic", b"hevc": "image/heic",
    b"mif1": "image/heif", b"msf1": "image/heif", b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"F4A ": "audio/mp4", b"3gp4": "video/3gpp", b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
}  # fmt: skip
"""The brands of containers of the kin of MP4 (ISO/IEC 14496-12, 4.3); any other is MP4 itself."""
_SAME: Final = {
    "image/x-ms-bmp": "image/bmp", "image/vnd.microsoft.icon": "image/x-icon", "audio/x-wav": "audio/wav",
    "video/x-msvideo": "video/avi", "audio/vnd.audiokoz": "audio/mpeg", "application/vnd.fdf": "application/pdf",
}  # fmt: skip
"""Other names, and near ones with the same first bytes."""
_CONTROL: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def found(head: bytes, declared: str) -> str:
    """Return the type of a file by its first bytes.

    declared: what others say of it, which counts only where the bytes leave a choice: of a container that may hold sound or
    film, of text, and of what is packed alike, such as documents of offices.
    """
    kinds = tuple(dict.fromkeys(_SAME.get(each, each) for each in _contained(head) or kinds_of(head)))
    declared = _SAME.get(declared, declared)
    if declared in kinds:
        return declared
    if kinds and kinds[0] in {"video/mp4", "video/webm"}:
        sound = kinds[0].replace("video/", "audio/")
        return sound if declared.startswith("audio/") else kinds[0]
    if kinds:
        return kinds[0]
    if head and not _CONTROL.intersection(head):
        return declared if declared.startswith("text/") else "text/plain"
    return PLAIN


def _contained(head: bytes) -> tuple[str, ...]:
    """Containers whose own head says what they hold, which the library knows by their first bytes alone."""
    if head[:4] == b"RIFF" and head[8:12] in _FORMS:
        return (_FORMS[head[8:12]],)
    if head[4:8] == b"ftyp":
        return (_BRANDS.get(head[8:12], "video/mp4"),)
    if head[:4] == b"OggS":
        return ("video/ogg",) if b"\x80theora" in head[:512] else ("audio/ogg",)
    if head[:4] == b"\x1aE\xdf\xa3":
        return ("video/webm",) if b"webm" in head[:64] else ("video/x-matroska",)
    return ()
