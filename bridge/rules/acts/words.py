"""What agents may ask of the bridge in a thread, in the words of both languages, and the nearest of them to what was meant.

https://docs.slack.dev/interactivity/implementing-slash-commands: in threads there are no slash commands.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from difflib import get_close_matches

from bridge.model.facts import Act
from bridge.model.ids import GroupRef, PersonRef, PlaceRef
from bridge.model.state import Said
from bridge.model.word import Word
from bridge.prefixes import folded

WORDS = {
    "take": Act.TAKE, "担当": Act.TAKE, "担当する": Act.TAKE,
    "release": Act.RELEASE, "unassign": Act.RELEASE, "担当解除": Act.RELEASE,
    "assign": Act.ASSIGN, "割り当て": Act.ASSIGN, "割当": Act.ASSIGN,
    "close": Act.CLOSE, "done": Act.CLOSE, "完了": Act.CLOSE, "クローズ": Act.CLOSE,
    "dismiss": Act.NO_ANSWER, "返信不要": Act.NO_ANSWER, "対応不要": Act.NO_ANSWER,
    "reopen": Act.REOPEN, "再開": Act.REOPEN,
    "wake": Act.REOPEN, "unsnooze": Act.REOPEN, "保留解除": Act.REOPEN,
    "snooze": Act.SNOOZE, "保留": Act.SNOOZE, "スヌーズ": Act.SNOOZE,
    "block": Act.BLOCK, "mute": Act.BLOCK, "ブロック": Act.BLOCK, "非表示": Act.BLOCK,
    "unblock": Act.UNBLOCK, "unmute": Act.UNBLOCK, "ブロック解除": Act.UNBLOCK,
    "forward": Act.FORWARD, "転送": Act.FORWARD,
    "unforward": Act.UNFORWARD, "転送解除": Act.UNFORWARD,
    "ask": Act.ASK, "質問": Act.ASK, "相談": Act.ASK,
    "export": Act.EXPORT, "エクスポート": Act.EXPORT, "書き出し": Act.EXPORT,
    "ticket": Act.TICKET, "チケット": Act.TICKET, "起票": Act.TICKET,
    "spam": Act.SPAM, "スパム": Act.SPAM, "迷惑": Act.SPAM,
}  # fmt: skip
"""What a message to the bridge may begin with, and what it asks for."""
HELP = frozenset({"help", "?", "ヘルプ", "使い方"})
"""What has all of them told."""
EXAMPLES = {Act.ASSIGN: "assign @…", Act.SNOOZE: "snooze 2h", Act.FORWARD: "forward #…", Act.ASK: "ask #experts …?"}
"""How that is written whose first word is not all of it."""
EXAMPLES_JA = {Act.ASSIGN: "割り当て @…", Act.SNOOZE: "保留 2時間", Act.FORWARD: "転送 #…", Act.ASK: "質問 #… …"}
"""The same for whoever wrote Japanese."""
NEAR, NEAR_JA = 0.78, 0.65
"""How alike a word must be to be taken for a misspelling; Japanese words are shorter."""
JOINED = re.compile(r"(\D+?)(\d.*)", re.DOTALL)
"""A word and a number without a space between them."""
LENGTH = re.compile(r"(\d{1,3}) ?(m|min|mins|minutes?|分|h|hours?|時間|d|days?|日)")
BACK = frozenset({"back", "戻す", "解除"})
UNITS = {"m": timedelta(minutes=1), "分": timedelta(minutes=1), "h": timedelta(hours=1), "時": timedelta(hours=1)}
DAY = timedelta(days=1)
LONGEST = timedelta(days=30)
"""Nothing is put off for longer."""


class Wanted(Word, kw_only=True):
    """What somebody wants done with a conversation.

    length: how long it is put off; or until when. whom: who is to look after it; or which group. outcome: how it ended, in
    a word or two of the house's own.
    place, words: where it is to go, by a channel or in words.
    """

    act: Act
    length: timedelta | None = None
    whom: PersonRef | None = None
    group: GroupRef | None = None
    until: datetime | None = None
    outcome: str | None = None
    place: PlaceRef | None = None
    words: str | None = None


def to_be_ruled(wanted: Wanted) -> tuple[PersonRef, ...]:
    """Whoever has to be known, besides who wants it, before it can be done."""
    return (wanted.whom,) if wanted.act is Act.ASSIGN and wanted.whom is not None else ()


def understood(words: str, named: tuple[PersonRef, ...] = (), places: tuple[PlaceRef, ...] = ()) -> Wanted | None:
    """What a message to the bridge asks for; None: nothing that it knows. named, places: people and channels it mentions."""
    first, rest = _parted(words)
    act = WORDS.get(first)
    match act:
        case None:
            return None
        case Act.ASSIGN:
            return Wanted(act=act, whom=named[0]) if len(named) == 1 else None
        case Act.SNOOZE:
            length = length_of(rest)
            return None if length is None else Wanted(act=act, length=length)
        case Act.ASK:
            asks = " ".join(words.split()[1:])
            return (
                Wanted(act=act, place=places[0], whom=next(iter(named), None), words=asks) if asks and places else None
            )
        case Act.FORWARD if not places and rest.strip() in BACK:
            return Wanted(act=Act.UNFORWARD)
        case Act.FORWARD if len(places) == 1 or (not places and rest.strip()):
            return Wanted(act=act, place=places[0] if places else None, words=rest.strip() or None)
        case Act.FORWARD:
            return None
        case _:
            return Wanted(act=act) if not rest.strip() else None


def _parted(words: str) -> tuple[str, str]:
    """The first word and the rest; a length may follow *snooze* without a space, as is usual in Japanese."""
    first, _, rest = folded(words).strip().partition(" ")
    joined = JOINED.fullmatch(first)
    if joined is not None and WORDS.get(joined[1]) is Act.SNOOZE:
        return joined[1], f"{joined[2]} {rest}".strip()
    return first, rest


def length_of(text: str) -> timedelta | None:
    """A length such as ``30m``, ``2 hours`` or ``3日``; None: it is none, or longer than may be."""
    found = LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    length = int(found[1]) * UNITS.get(found[2][0], DAY)
    return length if timedelta() < length <= LONGEST else None


def helped(words: str) -> Said:
    """What somebody reads whose words ask for nothing that the bridge does: all that it does, or what is nearest to them."""
    first, _ = _parted(words)
    if first in HELP:
        return Said(key="reply.help")
    known = [each for each in WORDS if each.isascii() is first.isascii()]
    near = get_close_matches(first, known, n=1, cutoff=NEAR if first.isascii() else NEAR_JA) if first else []
    if not near:
        return Said(key="reply.mentions_bridge")
    examples = EXAMPLES if near[0].isascii() else EXAMPLES_JA
    return Said(key="reply.meant", values={"word": examples.get(WORDS[near[0]], near[0])})
