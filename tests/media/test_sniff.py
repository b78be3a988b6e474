"""What a file is by its first bytes, whether that fits what it was said to be, and how long a recording lasts."""

from __future__ import annotations

import io
import struct

import pytest

from bridge.demo.meta.media import avatar
from bridge.demo.meta.samples import pdf, sample
from bridge.media.sniff import HEAD, found, kinds_of, named, seconds_of, settled

PNG, JPEG = avatar("x"), sample("mug_blue.jpg")[0]
MP4, M4A = sample("clip.mp4")[0], sample("voice.m4a")[0]
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40)
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>"
MP3 = b"\xff\xf3\x40\xc0" + bytes(60)
OGG = b"OggS\0\2" + bytes(22) + b"\x01\x13OpusHead\x01\x01" + bytes(40)


@pytest.mark.parametrize(
    ("kind", "declared", "data", "mime"),
    [
        ("image", "image/png", PNG, "image/png"),
        ("image", "image/jpeg; charset=binary", JPEG, "image/jpeg"),
        ("image", "image/jpeg", PNG, "image/png"),
        ("image", "application/octet-stream", JPEG, "image/jpeg"),
        ("image", "", WEBP, "image/webp"),
        ("sticker", "image/webp", WEBP, "image/webp"),
        ("video", "video/mp4", MP4, "video/mp4"),
        ("audio", "audio/mp4", M4A, "audio/mp4"),
        ("audio", "video/mp4", MP4, "audio/mp4"),
        ("audio", "audio/mpeg", MP3, "audio/mpeg"),
        ("audio", "audio/ogg", OGG, "audio/ogg"),
        ("file", "application/pdf", pdf("bill"), "application/pdf"),
        ("file", "text/plain", b"a list of things", "text/plain"),
        ("file", "", b"\0\1\2\3", "application/octet-stream"),
    ],
)
def test_what_it_is_fits_what_it_was_said_to_be(kind: str, declared: str, data: bytes, mime: str) -> None:
    assert settled(kind, declared, data[:HEAD], attached=False) == mime


@pytest.mark.parametrize(
    ("kind", "declared", "data"),
    [
        ("image", "text/html", PAGE),
        ("image", "image/png", PAGE),
        ("image", "image/png", b"\xef\xbb\xbf" + PAGE),
        ("image", "text/html; charset=utf-8", PNG),
        ("image", "image/png", b"MZ" + bytes(60)),
        ("image", "image/svg+xml", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("image", "image/png", MP4),
        ("image", "application/json", b'{"error": {"message": "no"}}'),
        ("video", "video/mp4", PNG),
        ("video", "video/mp4", b"nothing that anybody knows"),
        ("audio", "audio/mpeg", PAGE),
        ("audio", "image/png", M4A),
        ("file", "text/html", PAGE),
        ("file", "application/pdf", PAGE),
        ("file", "application/pdf", b"no such thing"),
    ],
)
def test_what_it_is_not_is_refused(kind: str, declared: str, data: bytes) -> None:
    assert settled(kind, declared, data[:HEAD], attached=False) is None


def test_a_page_that_somebody_sent_as_a_file_is_one() -> None:
    assert settled("file", "text/html", PAGE, attached=True) == "text/html"


def test_bytes_that_nobody_knows_have_no_kind() -> None:
    assert kinds_of(b"hello there") == ()


@pytest.mark.parametrize(
    ("kind", "mime", "name", "shown"),
    [
        ("image", "image/jpeg", "1234_n.jpg", "image.jpg"),
        ("audio", "audio/mp4", None, "audio.m4a"),
        ("file", "application/pdf", "請求書 7月.pdf", "請求書 7月.pdf"),
        ("file", "application/pdf", "../../etc/passwd", "etc_passwd"),
        ("file", "application/pdf", "a\u202efdp.exe", "a_fdp.exe"),
        ("file", "application/pdf", " ", "file.pdf"),
        ("file", "application/x-unheard-of", None, "file.bin"),
    ],
)
def test_a_file_has_a_harmless_name(kind: str, mime: str, name: str | None, shown: str) -> None:
    assert named(kind, mime, name) == shown


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def film(mvhd: bytes, *, last: bool) -> bytes:
    head, index, data = box(b"ftyp", b"M4A \0\0\0\0"), box(b"moov", box(b"mvhd", mvhd)), box(b"mdat", bytes(500))
    return head + (data + index if last else index + data)


VERSION_0 = bytes(12) + struct.pack(">II", 1000, 12_400)
VERSION_1 = b"\1" + bytes(19) + struct.pack(">IQ", 44_100, 44_100 * 75)
WAV = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0" + struct.pack("<II", 8000, 16_000) + bytes(12) + bytes(48_000)
OPUS = OGG + b"OggS\0\4" + struct.pack("<q", 48_000 * 7) + bytes(20)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (film(VERSION_0 + bytes(80), last=False), 12),
        (film(VERSION_0 + bytes(80), last=True), 12),
        (film(VERSION_1 + bytes(80), last=True), 75),
        (WAV, 3),
        (OPUS, 7),
        (PNG, None),
        (MP3, None),
        (b"", None),
        (film(VERSION_0, last=False)[:50], None),
        (box(b"ftyp", b"M4A ") + struct.pack(">I4s", 0, b"free"), None),
        (film(bytes(12) + struct.pack(">II", 0, 5) + bytes(80), last=False), None),
    ],
)
def test_a_recording_says_how_long_it_lasts_where_its_headers_do(data: bytes, seconds: int | None) -> None:
    """CT-07: without a library that decodes sound."""
    assert seconds_of(io.BytesIO(data), len(data)) == seconds


def test_the_demos_own_recordings_say_it() -> None:
    assert seconds_of(io.BytesIO(M4A), len(M4A)) is not None
    assert seconds_of(io.BytesIO(MP4), len(MP4)) is not None


@pytest.mark.parametrize(
    ("data", "declared", "mime"),
    [
        (PNG, "image/jpeg", "image/png"),
        (JPEG, "text/plain", "image/jpeg"),
        (b"BM" + bytes(60), "image/bmp", "image/bmp"),
        (b"\0\0\1\0\1\0\x10\x10" + bytes(40), "image/vnd.microsoft.icon", "image/x-icon"),
        (WEBP, "image/png", "image/webp"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "image/jpeg", "image/heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "", "image/heif"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "image/avif", "image/avif"),
        (MP4, "video/mp4", "video/mp4"),
        (MP4, "image/png", "video/mp4"),
        (M4A, "audio/mp4", "audio/mp4"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "video/mp4", "audio/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/mp4", "video/quicktime"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/x-wav", "audio/wav"),
        (b"RIFF\x24\0\0\0AVI LIST", "image/webp", "video/avi"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x86\x81\x01\x42\x82\x84webm", "audio/webm", "audio/webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x86\x81\x01\x42\x82\x84webm", "video/mp4", "video/webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x23\x42\x86\x81\x01\x42\x82\x88matroska", "video/webm", "video/x-matroska"),
        (OGG, "video/ogg", "audio/ogg"),
        (b"OggS\0\2" + bytes(20) + b"\x01\x2a\x80theora", "audio/ogg", "video/ogg"),
        (MP3, "", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(40), "audio/aac", "audio/aac"),
        (pdf("bill"), "image/png", "application/pdf"),
        (b"a,b\n1,2\n", "text/csv", "text/csv"),
        ("請求書".encode(), "application/pdf", "text/plain"),
        (b"PK\3\4\x14\0\6\0", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (PAGE, "image/png", "text/html"),
        (b"\0\1\2\3\4\5\6\7", "image/png", "application/octet-stream"),
        (b"", "image/png", "application/octet-stream"),
    ],
)  # fmt: skip
def test_an_agents_file_is_what_is_in_it_not_what_it_is_called(data: bytes, declared: str, mime: str) -> None:
    """CT-17: a wrong ending, or a wrong word of Slack's, lets nothing through; where bytes leave a choice it is heard."""
    assert found(data[:HEAD], declared) == mime
