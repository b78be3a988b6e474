"""Count text as people and as wires count it, and split it into parts that fit the wire.

Pure: knows no network. What a network takes is a `WireLimit`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import regex

Unit = Literal["bytes", "utf16"]

# The largest code point takes four bytes of UTF-8 and two UTF-16 units: less room could never hold it.
_LEAST = {"bytes": 4, "utf16": 2}

_CLUSTER = regex.compile(r"\X")
# What leaves nothing on a screen: white space, control characters, and all that Unicode lets a font ignore.
_VISIBLE = regex.compile(r"[^\s\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]")
# No-break spaces are white space to `str.strip`, but nobody wants a line to end there.
_SPACES = regex.compile(r"[^\S\u00a0\u2007\u202f]+")
_CLOSERS = r"""[)\]}"'”’»›」』）】〉》〕｣］｝]*+"""
_SENTENCE_BEFORE_SPACE = regex.compile(rf"[.!?…。！？．｡‼⁇⁈⁉]{_CLOSERS}$")
# East Asian text has no spaces: its full stops end a sentence by themselves, except the point in １．５.
_SENTENCE_ALONE = regex.compile(rf"[。！？．｡…‼⁇⁈⁉]++{_CLOSERS}(?!\d)")
_CLAUSE_ALONE = regex.compile(r"[、，；]")
_NEVER_FIRST = frozenset(
    "、。，．…！？!?,.)]}」』）】〉》〕｣］｝”’»ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％：；;:"
)
_NEVER_LAST = frozenset("「『（【〈《〔｢［｛“‘«([{")
_STEPS_BACK = 8


@dataclass(frozen=True, kw_only=True)
class WireLimit:
    """How much text one message on the wire may hold.

    maximum: inclusive, in *unit*; at least one code point's worth (4 bytes, 2 UTF-16 units).
    """

    maximum: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a limit that some single character could never meet."""
        if self.maximum < _LEAST[self.unit]:
            raise ValueError(f"a limit of {self.maximum} {self.unit} cannot hold every character")


def visible(text: str) -> bool:
    """Return whether a person sees anything of *text*: white space, zero-width characters and the like show nothing."""
    return _VISIBLE.search(text) is not None


def graphemes(text: str) -> int:
    """Return how many characters a person sees: extended grapheme clusters (Unicode UAX #29)."""
    return sum(1 for _ in _CLUSTER.finditer(text))


def head(text: str, maximum: int) -> str:
    """Return the longest beginning of *text* within *maximum* code points that breaks no grapheme cluster.

    A first cluster longer than that is cut by code point, so that a limit is a limit.
    """
    if len(text) <= maximum:
        return text
    end = 0
    for match in _CLUSTER.finditer(text):
        if match.end() > maximum:
            break
        end = match.end()
    return text[: end or maximum]


def measure(text: str, unit: Unit) -> int:
    """Return the length of *text* in bytes of UTF-8 or in UTF-16 code units."""
    # A half of a pair alone, which no encoding knows, counts as `_cost` counts it.
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: WireLimit) -> tuple[str, ...]:
    r"""Return *text* as few, well-filled parts that each fit *limit*, in order.

    Carriage returns become ``\n``. Only white space at the ends and at the cuts is lost; white space inside a part stays.
    A cut falls at the best border (blank line, line, sentence, word or clause) that leaves the part at least half
    full; else before a word that fits a part of its own; else between grapheme clusters. A cluster is broken, between
    code points, only when it alone exceeds the limit. No part is empty; text that shows nothing has no parts.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not visible(text):
        return ()
    if measure(text, limit.unit) <= limit.maximum:
        return (text,)
    return tuple(_parts(text, _Borders(text, limit)))


def _parts(text: str, borders: "_Borders") -> Iterator[str]:
    start = 0
    while start < len(text):
        end = borders.cut(start)
        yield text[start:end].rstrip()
        start = end
        while start < len(text) and text[start].isspace():
            start += 1


class _Borders:
    """Where one text may be cut, found once so that each cut is a few binary searches."""

    def __init__(self, text: str, limit: WireLimit) -> None:
        self._text = text
        self._maximum = limit.maximum
        self._length = (0, *accumulate(map(_cost(limit.unit), text)))
        self._clusters = [match.end() for match in _CLUSTER.finditer(text)]
        self._ranks = _ranked(text, frozenset(self._clusters))
        self._any = sorted({*(end for ends in self._ranks for end in ends), len(text)})

    def cut(self, start: int) -> int:
        """Return where the part that begins at *start* ends."""
        room = self._length[start] + self._maximum
        reach = bisect_right(self._length, room) - 1
        if reach == len(self._text):
            return reach
        half = bisect_left(self._length, self._length[start] + self._maximum / 2)
        for ends in self._ranks:
            end = _last_at_or_before(ends, reach)
            if end >= half:
                return end
        return self._before_whole_word(start, reach) or self._between_clusters(start, reach, half)

    def _before_whole_word(self, start: int, reach: int) -> int:
        """Return the last border within *reach* if the word after it fits a part; else 0."""
        end = _last_at_or_before(self._any, reach)
        if end <= start:
            return 0
        following = self._any[bisect_right(self._any, end)]
        return end if self._length[following] - self._length[end] <= self._maximum else 0

    def _between_clusters(self, start: int, reach: int, half: int) -> int:
        index = bisect_right(self._clusters, reach) - 1
        end = self._clusters[index] if index >= 0 else 0
        if end <= start:
            return reach
        for back in range(min(_STEPS_BACK, index + 1)):
            candidate = self._clusters[index - back]
            if candidate < half or candidate <= start:
                break
            if self._text[candidate] not in _NEVER_FIRST and self._text[candidate - 1] not in _NEVER_LAST:
                return candidate
        return end


def _ranked(text: str, clusters: frozenset[int]) -> tuple[Sequence[int], ...]:
    """Return the places where a part may end, best kind first: paragraph, line, sentence, word."""
    paragraphs, lines, sentences, words = set[int](), set[int](), set[int](), set[int]()
    for match in _SPACES.finditer(text):
        if match.end() not in clusters:
            continue  # the last space carries a combining mark
        breaks = match.group().count("\n")
        if breaks:
            (paragraphs if breaks > 1 else lines).add(match.start())
        elif _SENTENCE_BEFORE_SPACE.search(text[max(0, match.start() - _STEPS_BACK) : match.start()]):
            sentences.add(match.start())
        else:
            words.add(match.start())
    sentences.update(match.end() for match in _SENTENCE_ALONE.finditer(text))
    words.update(match.end() for match in _CLAUSE_ALONE.finditer(text))
    return tuple(sorted(ends & clusters) for ends in (paragraphs, lines, sentences, words))


def _last_at_or_before(ends: Sequence[int], reach: int) -> int:
    index = bisect_right(ends, reach) - 1
    return ends[index] if index >= 0 else 0


def _cost(unit: Unit) -> Callable[[str], int]:
    return _bytes if unit == "bytes" else _units


def _bytes(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1
