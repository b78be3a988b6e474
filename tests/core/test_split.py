"""Counting and splitting text for the wire."""

import time

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.split import WireLimit, graphemes, head, measure, split, visible

INSTAGRAM = WireLimit(maximum=1000, unit="bytes")
MESSENGER = WireLimit(maximum=1999, unit="utf16")
FAMILY = "👨‍👩‍👧‍👦"

spaces_and_stops = [
    "。",
    "」",
    "「はい",
    "です。",
    "word ",
    "A sentence. ",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "\u3000",
    "\u00a0",
    "、",
    "！？",
]
hard_to_cut = [
    FAMILY,
    "🇯🇵",
    "👍🏽",
    "e\u0301",
    " \u0301",
    "が",
    "か\u3099",
    "１．５",
    "https://example.com/a?b=c",
    "…",
    "z" * 30,
]
pieces = st.one_of(st.sampled_from(spaces_and_stops), st.sampled_from(hard_to_cut), st.characters())
texts = st.lists(pieces, max_size=60).map("".join)
limits = st.one_of(
    st.integers(4, 60).map(lambda maximum: WireLimit(maximum=maximum, unit="bytes")),
    st.integers(2, 40).map(lambda maximum: WireLimit(maximum=maximum, unit="utf16")),
)


def solid(text: str) -> str:
    """Return *text* without its white space."""
    return "".join(character for character in text if not character.isspace())


def boundaries(text: str) -> set[int]:
    return {0, *(match.end() for match in regex.finditer(r"\X", text))}


@pytest.mark.parametrize(
    ("text", "seen", "in_bytes", "in_utf16"),
    [
        ("", 0, 0, 0),
        ("abc", 3, 3, 3),
        ("かな", 2, 6, 2),
        ("👍🏽", 1, 8, 4),
        (FAMILY, 1, 25, 11),
        ("🇯🇵🇩🇪", 2, 16, 8),
        ("e\u0301", 1, 3, 2),
        ("か\u3099", 1, 6, 2),
        ("\ud83d", 1, 3, 1),
    ],
)
def test_text_is_counted_as_people_and_as_wires_count_it(text: str, seen: int, in_bytes: int, in_utf16: int) -> None:
    """F1, ZI-21: characters for people, bytes for Instagram, UTF-16 units for Messenger."""
    assert (graphemes(text), measure(text, "bytes"), measure(text, "utf16")) == (seen, in_bytes, in_utf16)


@given(texts)
def test_measuring_agrees_with_encoding(text: str) -> None:
    """F1."""
    assert measure(text, "bytes") == len(text.encode("utf-8", "surrogatepass"))
    assert measure(text, "utf16") == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("a" * 1000, INSTAGRAM, 1),
        ("a" * 1001, INSTAGRAM, 2),
        ("か" * 333, INSTAGRAM, 1),
        ("か" * 334, INSTAGRAM, 2),
        ("👍🏽" * 125, INSTAGRAM, 1),
        ("👍🏽" * 126, INSTAGRAM, 2),
        ("か" * 1600, INSTAGRAM, 5),
        ("a" * 1999, MESSENGER, 1),
        ("a" * 2000, MESSENGER, 2),
        ("か" * 1999, MESSENGER, 1),
        ("👍" * 999, MESSENGER, 1),
        ("👍" * 1000, MESSENGER, 2),
    ],
)
def test_the_limit_itself_still_fits(text: str, limit: WireLimit, parts: int) -> None:
    """F1, ZI-21, ZM-07: 1,000 bytes and 1,999 UTF-16 units are one message, one more makes two."""
    assert len(split(text, limit)) == parts


@pytest.mark.parametrize(
    ("text", "maximum", "parts"),
    [
        # the best border that leaves the part half full
        ("First paragraph.\n\nSecond one. It goes on", 32, ("First paragraph.", "Second one. It goes on")),
        ("The first line here\nOne. It goes on and on", 32, ("The first line here", "One. It goes on and on")),
        ("One sentence here. Another sentence here", 32, ("One sentence here.", "Another sentence here")),
        ('He said "no way!" Then he went home', 24, ('He said "no way!"', "Then he went home")),
        ("no full stop in any of these words", 20, ("no full stop in any", "of these words")),
        # a border that would leave the part nearly empty gives way to a lesser one
        ("Hi.\n\nno full stop in any of these words", 25, ("Hi.\n\nno full stop in any", "of these words")),
        # Japanese: no spaces; full stops with their closing brackets, then clauses
        ("在庫はございます。明日お届けします", 36, ("在庫はございます。", "明日お届けします")),
        ("「在庫はあります。」明日お届けします", 36, ("「在庫はあります。」", "明日お届けします")),
        ("本当ですか！？すぐに確認いたします", 36, ("本当ですか！？", "すぐに確認いたします")),
        ("サイズは１．５倍で送料は無料です", 30, ("サイズは１．５倍で送", "料は無料です")),
        ("お待たせしました、明日お届けします", 36, ("お待たせしました、", "明日お届けします")),
        # a word that fits a part of its own is not cut
        ("see https://example.com/a/long/path", 32, ("see", "https://example.com/a/long/path")),
        # a part neither begins with a closing mark nor ends with an opening one
        ("あいうえおかきくけっこう", 27, ("あいうえおかきく", "けっこう")),
        ("あいうえおかきく「けこう", 27, ("あいうえおかきく", "「けこう")),
        # clusters stay whole, unless one alone is too much
        (FAMILY * 2, 30, (FAMILY, FAMILY)),
        ("e\u0301" * 3, 7, ("e\u0301" * 2, "e\u0301")),
        # line ends become one kind, white space inside stays
        ("a\r\nb\rc   d", 40, ("a\nb\nc   d",)),
        ("  \n ", 40, ()),
    ],
)
def test_cuts_fall_where_a_reader_would_pause(text: str, maximum: int, parts: tuple[str, ...]) -> None:
    """ZI-21: paragraph, then sentence, then word borders, then grapheme clusters."""
    assert split(text, WireLimit(maximum=maximum, unit="bytes")) == parts


def test_a_cluster_larger_than_the_limit_is_cut_between_code_points() -> None:
    """F1: the limit holds even for what looks like one character."""
    parts = split("x" + FAMILY, WireLimit(maximum=12, unit="bytes"))
    assert "".join(parts) == "x" + FAMILY
    assert all(measure(part, "bytes") <= 12 for part in parts)


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u200d\ufe0f", "\x00\x07", "\u3000\u00ad", "\u3164\u2800", "\u2066\u2069"]
)
def test_what_shows_nothing_has_no_parts(text: str) -> None:
    """F1: nobody sends a message in which nothing can be seen."""
    assert (visible(text), split(text, WireLimit(maximum=12, unit="bytes"))) == (False, ())


@pytest.mark.parametrize("text", ["a", ".", "\u0301", "👍🏽", "🇯🇵", "\u200b?", "❤️", "ー", "\uf8ff"])
def test_what_shows_anything_goes(text: str) -> None:
    """F1: a sign, an accent alone, a character of some font's own."""
    assert visible(text)


@given(texts, limits)
def test_nothing_is_lost_and_every_part_fits(text: str, limit: WireLimit) -> None:
    """F1, ZI-21, ZM-07: what is not white space arrives, in order, in parts the network takes."""
    parts = split(text, limit)
    assert solid("".join(parts)) == (solid(text) if visible(text) else "")
    assert all(part and part == part.strip() for part in parts)
    assert all(measure(part, limit.unit) <= limit.maximum for part in parts)


@given(texts, limits)
def test_only_white_space_goes_and_only_between_whole_clusters(text: str, limit: WireLimit) -> None:
    """ZI-21: parts are slices of the text, white space lies between them, clusters stay whole where they fit."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    assume(visible(text))
    whole = boundaries(text)
    position = 0
    for part in split(text, limit):
        start = position + len(text[position:]) - len(text[position:].lstrip())
        assert text.startswith(part, start)
        if not whole & set(range(position, start + 1)):
            around = max(edge for edge in whole if edge < start), min(edge for edge in whole if edge > start)
            assert measure(text[slice(*around)], limit.unit) > limit.maximum
        position = start + len(part)
    assert position == len(text)


@given(texts, limits)
def test_parts_are_few(text: str, limit: WireLimit) -> None:
    """ZI-21: two neighbours together hold more than half of what the wire takes."""
    assert len(split(text, limit)) <= 4 * measure(text, limit.unit) // limit.maximum + 2


@given(texts, limits)
def test_a_part_is_not_split_again(text: str, limit: WireLimit) -> None:
    """ZI-21: splitting what was split changes nothing."""
    for part in split(text, limit):
        assert split(part, limit) == ((part,) if visible(part) else ())


@pytest.mark.parametrize(
    "text", ["か" * 20_000, "word " * 4_000, "。" * 20_000, FAMILY * 2_857, "a\n" * 10_000, "x" * 20_000]
)
def test_long_text_is_split_quickly(text: str) -> None:
    """ZI-21: 20,000 characters take a blink, whatever they are."""
    begun = time.process_time()
    split(text, INSTAGRAM)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(("maximum", "unit"), [(3, "bytes"), (1, "utf16"), (0, "bytes"), (-5, "utf16")])
def test_a_limit_too_small_for_some_character_is_refused(maximum: int, unit: str) -> None:
    """F1: a limit no text could meet is a mistake in the settings."""
    with pytest.raises(ValueError, match="cannot hold"):
        WireLimit(maximum=maximum, unit=unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "maximum", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "abc"), ("ab" + FAMILY, 5, "ab"), (FAMILY, 3, FAMILY[:3]), ("", 3, "")],
)
def test_the_head_of_a_text_ends_with_a_whole_character(text: str, maximum: int, kept: str) -> None:
    """CT-04: a long name is cut between characters."""
    assert head(text, maximum) == kept
