"""A sentence of the catalogue with its values, as Slack shows it: rich text, mrkdwn or plain. Pure.

A value is never read as mark-up: in rich text it is a text element, in mrkdwn it is escaped and its formatting
characters are switched off (docs.slack.dev, Formatting message text and Rich text block).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, assert_never

from bridge.model.word import Word
from bridge.slack.text import escape
from bridge.split import head
from bridge.wording import Wording, load, placeholders

Json = dict[str, Any]

MOST_ELEMENT = 3_000
"""Characters in one text element, and in one mrkdwn text."""

MOST_TEXT = 3_900
"""Characters of a top-level text; longer ones were seen to be split (docs.slack.dev, Truncating content)."""

LISTS = frozenset({"accounts", "known", "languages", "names"})
"""Values of the rules' that are several words, with `COMMA` between them."""
COMMA = ", "

_HOLE = re.compile("\ue000([0-9]+)\ue001")
_FORMATTING = re.compile(r"([*_~`])")


class Words(Word, kw_only=True):
    """Words that somebody else chose: a name, a customer's text."""

    text: str
    bold: bool = False


class At(Word, kw_only=True):
    """A moment, shown in each reader's own zone; *ago*: as a span from now, which Slack keeps true."""

    moment: datetime
    ago: bool = False


class Mention(Word, kw_only=True):
    """A person who is to be notified, by Slack's id."""

    person: str


class Group(Word, kw_only=True):
    """A user group whose people are to be notified, by Slack's id."""

    group: str


class Place(Word, kw_only=True):
    """A channel, by Slack's id."""

    channel: str


class Link(Word, kw_only=True):
    """An address of ours; *label* comes from the catalogue."""

    url: str
    label: str


Piece = str | Words | At | Mention | Group | Place | Link
"""A bare string is the catalogue's own text."""

Phrase = tuple[Piece, ...]
Filling = Piece | Phrase | int | float | None


class _Missing(str):
    """A value nobody gave: it takes any format, so that a line is shown all the same."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self)


def phrase(wording: Wording, key: str, values: Mapping[str, Filling]) -> Phrase:
    """Return the sentence *key* in pieces; total: an unknown key is shown as itself, a missing value as ``…``."""
    if key not in wording:
        return (f"[{key}]",)
    needed = placeholders(load(wording.language or "en")[key])
    pieces: list[Phrase] = []
    given: dict[str, object] = {}
    for name in needed:
        match values.get(name):
            case None:
                given[name] = _Missing("…")
            case int() | float() as number:
                given[name] = number
            case value:
                given[name] = _Missing(f"\ue000{len(pieces)}\ue001")
                pieces.append(value if isinstance(value, tuple) else (value,))
    text = wording.say(key, **given)
    return tuple(_filled(text, pieces))


def _filled(text: str, pieces: Sequence[Phrase]) -> Iterator[Piece]:
    position = 0
    for hole in _HOLE.finditer(text):
        if hole.start() > position:
            yield text[position : hole.start()]
        yield from pieces[int(hole[1])]
        position = hole.end()
    if position < len(text):
        yield text[position:]


def lines(phrases: Sequence[Phrase]) -> Phrase:
    """Return phrases as one, each on a line of its own."""
    return joined(phrases, "\n")


def mentioned(people: Sequence[str], wording: Wording, *, groups: Sequence[str] = ()) -> Phrase:
    """Return people by Slack's ids, as mentions; where only one person reads it, nobody else is notified.

    groups: those of them that are user groups.
    """
    some: list[Phrase] = [(Group(group=each),) if each in groups else (Mention(person=each),) for each in people]
    return joined(some, wording.between)


def words_of(name: str, value: str, wording: Wording) -> Words:
    """Return a value of the rules', which have no language: what is a list is one as its readers write them."""
    return Words(text=wording.listed(value.split(COMMA)) if name in LISTS else value)


def joined(phrases: Sequence[Phrase], between: str) -> Phrase:
    """Return phrases as one, with *between* between them."""
    return tuple(piece for index, each in enumerate(phrases) for piece in ((between, *each) if index else each))


def flat(pieces: Phrase) -> str:
    """Return a phrase as plain words, unescaped."""
    return "".join(_flat(piece) for piece in pieces)


def _flat(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Words(text=text):
            return text
        case At(moment=moment):
            return _utc(moment)
        case Mention(person=person):
            return person
        case Group(group=group):
            return group
        case Place(channel=channel):
            return channel
        case Link(label=label):
            return label
        case _:
            assert_never(piece)


def mrkdwn(pieces: Phrase, most: int = MOST_ELEMENT) -> str:
    """Return a phrase as mrkdwn of at most *most* characters, to be shown with ``verbatim``; what is cut off leaves ``…``."""
    shown, left = [], most - 1
    for piece in pieces:
        text = _mrkdwn(piece)
        if len(text) > left:
            words = piece if isinstance(piece, str) else piece.text if isinstance(piece, Words) else ""
            shown.append(_shortened(words, left) + "…")
            break
        shown.append(text)
        left -= len(text)
    return "".join(shown)


def _shortened(words: str, most: int) -> str:
    """Return as much of *words* as fits when escaped; never half an escape."""
    cut = head(words, most)
    while len(text := _mrkdwn(Words(text=cut))) > most:
        cut = head(cut, max(0, len(cut) - 1 - (len(text) - most) // 6))
    return text


def _mrkdwn(piece: Piece) -> str:
    match piece:
        case str():
            return escape(piece)
        case Words(text=text, bold=bold):
            inert = _FORMATTING.sub("\u200b\\1\u200b", escape(text))
            return f"*{inert}*" if bold and inert.strip() else inert
        case At(moment=moment):
            return f"<!date^{_epoch(moment)}^{_format(piece)}|{_utc(moment)}>"
        case Mention(person=person):
            return f"<@{person}>"
        case Group(group=group):
            return f"<!subteam^{group}>"
        case Place(channel=channel):
            return f"<#{channel}>"
        case Link(url=url, label=label):
            return f"<{escape(url)}|{escape(label).replace('|', '/')}>"
        case _:
            assert_never(piece)


def elements(pieces: Phrase) -> list[Json]:
    """Return a phrase as elements of a rich text section, each within Slack's limits."""
    return [element for piece in pieces for element in _elements(piece)]


def _elements(piece: Piece) -> list[Json]:
    match piece:
        case str():
            return texts(piece)
        case Words(text=text, bold=bold):
            return texts(text, bold=bold)
        case At(moment=moment):
            date = {"type": "date", "timestamp": _epoch(moment), "format": _format(piece), "fallback": _utc(moment)}
            return [date]
        case Mention(person=person):
            return [{"type": "user", "user_id": person}]
        case Group(group=group):
            return [{"type": "usergroup", "usergroup_id": group}]
        case Place(channel=channel):
            return [{"type": "channel", "channel_id": channel}]
        case Link(url=url, label=label):
            return [{"type": "link", "url": url, "text": label}]
        case _:
            assert_never(piece)


def texts(text: str, *, bold: bool = False) -> list[Json]:
    """Return *text* whole as text elements; no character as people see it is cut in two."""
    style = {"style": {"bold": True}} if bold else {}
    return [{"type": "text", "text": cut, **style} for cut in chunks(text, MOST_ELEMENT)]


def chunks(text: str, most: int) -> Iterator[str]:
    """Yield *text* in pieces of at most *most* characters, none of them empty."""
    while text:
        cut = head(text, most)
        yield cut
        text = text[len(cut) :]


def told(pieces: Phrase) -> str:
    """Return a phrase for the top-level ``text``, which notifications and screen readers use."""
    return mrkdwn(pieces, MOST_TEXT)


def summary(text: str, most: int = MOST_TEXT) -> str:
    """Return somebody else's words for the top-level ``text``, within *most*."""
    whole = escape(text)
    if len(whole) <= most:
        return whole
    cut = head(text, most - 1)
    while len(shown := escape(cut)) > most - 1:
        cut = head(cut, max(0, len(cut) - 1 - (len(shown) - most) // 5))
    return shown + "…"


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _format(at: At) -> str:
    return "{ago}" if at.ago else "{date_short_pretty} {time}"


def _utc(moment: datetime) -> str:
    """Return what stands where a Slack cannot show a date."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
