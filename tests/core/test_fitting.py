"""Which files can go to which network, at every limit and one byte above it."""

from __future__ import annotations

import pytest

from bridge.meta.files import TABLES
from bridge.model.outcomes import Unfit
from bridge.model.state import Platform
from bridge.rules.answers.fitting import MB, MOST_PICTURE, REDRAWN, Fits, Redrawn, Which, fitting, worth_fetching

MESSENGER, INSTAGRAM = Platform.MESSENGER, Platform.INSTAGRAM
BOTH = (MESSENGER, INSTAGRAM)
ONLY = Which(file=1, files=1)
PICTURES = ("image/png", "image/jpeg", "image/gif")
FILMS = ("video/mp4", "video/ogg", "video/avi", "video/quicktime", "video/webm")
SOUND = ("audio/aac", "audio/mp4", "audio/wav")


def ruled(
    platform: Platform, mime: str, length: int = 1000, *, videos: bool = True, smaller: bool = False
) -> Fits | Redrawn | Unfit:
    """What becomes of it."""
    return fitting(TABLES[platform], mime, length, ONLY, videos=videos, smaller=smaller)


def why(ruling: object) -> str | None:
    """The sentence, where it cannot go."""
    return ruling.said.key if isinstance(ruling, Unfit) else None


@pytest.mark.parametrize("platform", BOTH)
@pytest.mark.parametrize(
    ("kind", "most", "mimes"),
    [
        ("image", 8 * MB, PICTURES),
        ("video", 25 * MB, FILMS),
        ("audio", 25 * MB, SOUND),
        ("file", 25 * MB, ("application/pdf",)),
    ],
)
def test_the_limit_goes_and_one_byte_more_does_not(
    platform: Platform, kind: str, most: int, mimes: tuple[str, ...]
) -> None:
    """CT-17, CT-18, F9: 8 MiB and 25 MiB, on both networks, for each type both take."""
    for mime in mimes:
        assert ruled(platform, mime, most) == Fits(kind=kind, mime=mime)
        refused = ruled(platform, mime, most + 1)
        assert isinstance(refused, Unfit)
        assert refused.said.values["maximum"] == most // MB
        larger = "reply.file_picture_large" if mime in {"image/png", "image/jpeg"} else "reply.file_too_large"
        assert refused.said.key == larger


@pytest.mark.parametrize(
    ("mime", "messenger"),
    [("audio/mpeg", "audio"), ("audio/ogg", "audio"), ("audio/amr", "audio"), ("video/x-matroska", "file"), ("video/3gpp", "file"),
     ("text/plain", "file"), ("application/zip", "file"), ("image/svg+xml", "file"), ("application/octet-stream", "file")],
)  # fmt: skip
def test_messenger_takes_every_file_and_instagram_says_what_it_takes(mime: str, messenger: str) -> None:
    """F9: sound of every type, and everything else as a file, on Messenger alone."""
    assert ruled(MESSENGER, mime, 25 * MB) == Fits(kind=messenger, mime=mime)
    assert why(ruled(MESSENGER, mime, 25 * MB + 1)) == "reply.file_too_large"
    assert why(ruled(INSTAGRAM, mime)) == "reply.file_kind"


@pytest.mark.parametrize("platform", BOTH)
@pytest.mark.parametrize("mime", sorted(REDRAWN))
def test_other_pictures_are_drawn_anew_whatever_their_size(platform: Platform, mime: str) -> None:
    """CT-17: BMP and ICO, as the sources name them; HEIC and WebP, as phones make them."""
    assert ruled(platform, mime) == Redrawn(most=8 * MB, smaller=False)
    assert ruled(platform, mime, 20 * MB, smaller=True) == Redrawn(most=8 * MB, smaller=True)


@pytest.mark.parametrize("platform", BOTH)
def test_a_large_picture_is_made_smaller_where_that_is_agreed_and_what_moves_never(platform: Platform) -> None:
    for mime in ("image/png", "image/jpeg"):
        assert ruled(platform, mime, 8 * MB, smaller=True) == Fits(kind="image", mime=mime)
        assert ruled(platform, mime, 8 * MB + 1, smaller=True) == Redrawn(most=8 * MB, smaller=True)
    assert why(ruled(platform, "image/gif", 8 * MB + 1, smaller=True)) == "reply.file_too_large"


@pytest.mark.parametrize("platform", BOTH)
def test_without_videos_none_goes_under_any_name(platform: Platform) -> None:
    """CT-18: also not as a file; sound and pictures go."""
    for mime in (*FILMS, "video/x-matroska"):
        assert why(ruled(platform, mime, videos=False)) == "reply.file_video_off"
    assert ruled(platform, "audio/mp4", videos=False) == Fits(kind="audio", mime="audio/mp4")


def test_an_empty_file_does_not_go() -> None:
    assert why(ruled(MESSENGER, "image/png", 0)) == "reply.file_empty"


def test_what_is_too_large_for_anything_is_not_even_fetched() -> None:
    """Of a picture more is fetched: it may be made smaller."""
    table = TABLES[INSTAGRAM]
    assert worth_fetching(table, "video/mp4", 25 * MB, ONLY) is None
    assert why(worth_fetching(table, "video/mp4", 25 * MB + 1, ONLY)) == "reply.file_too_large"
    assert worth_fetching(table, "image/jpeg", MOST_PICTURE, ONLY) is None
    assert why(worth_fetching(table, "image/jpeg", MOST_PICTURE + 1, ONLY)) == "reply.file_too_large"


def test_a_sentence_says_which_file_it_is_where_there_are_several() -> None:
    one, third = ONLY.said("reply.file_empty"), Which(file=3, files=4).said("reply.file_empty")
    assert one.said.values["what_key"] == "file.only"
    assert third.said.values == {"what_key": "file.numbered", "file": 3, "files": 4}


def test_a_size_is_never_told_as_small_as_the_limit() -> None:
    """*8.0 MB, and at most 8 MB* would tell nobody anything."""
    told = ruled(MESSENGER, "image/jpeg", 8 * MB + 1)
    assert isinstance(told, Unfit)
    assert told.said.values["size"] == "8.1"
