"""How an agent's message begins: as a private note, almost as one, or with the sign of an answer. Pure.

Width and case count nowhere: people write ``note:``, ``Ｎｏｔｅ：`` and ``メモ：`` and mean the same.
"""

from __future__ import annotations

import re
import unicodedata

UNSEEN = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""Spaces, and what nobody sees."""
FORMATS = r"*_~`"
POINTS = r"•・◦▪▫‣⁃●○■□◆◇※"
DRESSING = rf"(?:[{UNSEEN}>＞{POINTS}{FORMATS}]|\(?\d{{1,3}}[.)．）]|[-–—+][{UNSEEN}])*"
"""What may stand before it: what nobody sees, and the signs of quotes, lists and formats."""
ASIDE = rf"[{UNSEEN}{POINTS}{FORMATS}\d\[\](){{}}<>【】〔〕「」『』〈〉《》\"'“”‘’#=+.,|\\!–—―-]*"
"""What may stand before what is almost a note."""
CLOSERS = rf"[{UNSEEN}{FORMATS}\"'”’)\]】」』]{{0,3}}"
"""What may stand between a misspelt word and its colon."""
BETWEEN = rf"[{UNSEEN}{FORMATS}]*"
"""What may stand between the word and its colon."""
OPEN, SHUT = r"[\[(【〔]", r"[\])】〕]"
WORD = rf"(?:(?:internal|private)[{UNSEEN}_-]*note|note|memo|(?:社内|内部)?メモ|社内|内部)"
"""What a note is called."""
NOTE = re.compile(rf"{DRESSING}(?://|{WORD}{BETWEEN}:|{OPEN}{BETWEEN}{WORD}{BETWEEN}{SHUT}|:lock:|🔒)")

ENDS = rf"{BETWEEN}[:;=|>\])}}】〔〕」』〉》]"
"""How a heading ends."""
DASH = rf"{BETWEEN}(?:[{UNSEEN}][-–—―]|[-–—―][{UNSEEN}])"
INSIDE = r"社内|内部|社外秘|内緒|申し?送り|引き?継ぎ?|めも"
"""What Japanese notes are called besides, before a colon."""
ALMOST = re.compile(
    rf"{DRESSING}/(?!/)"
    rf"|{ASIDE}(?:{WORD}(?:{ENDS}|{DASH}|{BETWEEN}\n)"
    r"|(?:社内|内部)?メモ(?![ァ-ヺー])|(?:社内|内部|めも)[\s;、。・,-]"
    rf"|(?:{INSIDE})\w{{0,8}}{ENDS}|\w{{1,8}}(?:メモ|めも){ENDS}"
    r"|:(?:memo|spiral_note_pad|lock_with_ink_pen|closed_lock_with_key):|[📝🗒🔏🔐]"
    rf"|note (?:to|for) \w+{ENDS}"
    rf"|(?:(?P<whose>[^\W\d_]{{2,12}})[{UNSEEN}_-])?(?P<word>[^\W\d_]{{2,11}})(?: only)?{CLOSERS}[:;\])】〕])"
)
"""One stroke, a word for it that is no note for the want of a colon, or a word before one; the word is compared."""
WORDS = ("note", "notes", "memo", "memos", "internal", "private")
WHOSE = frozenset("internal private staff team agent personal secret confidential office shop admin handover".split())
"""Whose notes those are that bear another name."""
ORDINARY = frozenset(
    """vote votes quote quotes noted notice node nodes nose nope none rote tote dote mote noter nate demo demos meme memes
    memory mono interval internet external eternal integral pirate primate privacy""".split()
)
"""Words of their own, however like a note's they are."""

REPLY = "reply:"
"""The sign of an answer where nobody has chosen another."""
SIGNS = {REPLY: (REPLY, "返信:")}
"""Signs that have others beside them."""
MEANT = ("返事", "返答", "回答", "返送", "送信")
"""What is written where ``返信`` is meant."""
LONGEST = 4
"""Characters as they are typed that may make one of a sign, at most."""
GAP = 8
"""Spaces and formats before a sign's colon, at most."""
DRESSED = re.compile(DRESSING)
CLOSED = re.compile(rf"[{FORMATS}]*")
NEAR_START = 80
"""Characters in which a misspelt sign is looked for."""
HEAD = re.compile(rf"{ASIDE}(?P<word>[^\W\d_]{{2,20}}){BETWEEN}[:;、,]")


def folded(text: str) -> str:
    """A text with its width and case made alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_note(text: str) -> bool:
    """Whether a message stays inside: ``//``, ``note:``, ``メモ:`` and their like, in any case and width, or a lock.

    Spaces and formats before the colon change nothing: ``note :``, ``*note*:``.
    """
    return NOTE.match(folded(text)) is not None


def is_almost_note(text: str) -> bool:
    """Whether a message begins like a private note that was misspelt."""
    found = ALMOST.match(folded(text))
    if found is None or is_note(text):
        return False
    word, whose = found["word"], found["whose"]
    if word is None:
        return True
    if whose is None:
        return any(is_slip(word, each) for each in WORDS)
    known = whose in WHOSE or any(is_slip(whose, each) for each in ("internal", "private"))
    return known and (word in ("only", "use", "info", "comment") or any(is_slip(word, each) for each in WORDS[:4]))


def is_slip(word: str, meant: str) -> bool:
    """Whether a word is another with a slip of the finger or two in it, and no word of its own."""
    return word not in ORDINARY and slips(word, meant) <= (1 if len(meant) <= 5 else 2)


def slips(word: str, meant: str) -> int:
    """How many letters were left out, added, changed or swapped with the next."""
    above: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(word, 1):
        earlier, above, row = above, row, [i]
        for j, other in enumerate(meant, 1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and word[i - 2] == other:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return row[-1]


def after_sign(text: str, sign: str) -> str | None:
    """What follows the sign of an answer, dressed or not; None: the text does not begin with it."""
    dressed = DRESSED.match(text)
    end = 0 if dressed is None else dressed.end()
    for start in dict.fromkeys((len(text) - len(text.lstrip()), end)):
        for each in map(folded, SIGNS.get(sign, (sign,))):
            length = _length(text[start:], each)
            if length is not None:
                rest = text[start + length :]
                opened = any(mark in text[:start] for mark in FORMATS)
                closed = CLOSED.match(rest) if opened else None
                return (rest if closed is None else rest[closed.end() :]).lstrip()
    return None


def _length(bare: str, sign: str) -> int | None:
    """How many characters of a text are the sign; a gap before its colon is part of it."""
    body, colon, _ = sign.partition(":") if sign.endswith(":") and sign.count(":") == 1 else (sign, "", "")
    whole = re.compile(re.escape(body) + (BETWEEN + colon if colon else ""))
    for length in range(1, min(len(bare), LONGEST * len(sign) + GAP) + 1):
        if whole.fullmatch(folded(bare[:length])):
            return length
    return None


def after_almost_sign(text: str, sign: str) -> str | None:
    """What follows a word that was perhaps meant for the sign of an answer; None: the text begins with none."""
    found = HEAD.match(folded(text[:NEAR_START]))
    if found is None or after_sign(text, sign) is not None or not _meant(found["word"], sign):
        return None
    ends = (length for length in range(1, NEAR_START + 1) if folded(text[:length]) == found[0])
    length = next(ends, None)
    return None if length is None else text[length:].lstrip()


def _meant(word: str, sign: str) -> bool:
    if word in MEANT:
        return sign in SIGNS
    bodies = [each.rstrip(":") for each in map(folded, SIGNS.get(sign, (sign,)))]
    return any(len(each) > 1 and slips(word, each) <= (1 if len(each) > 3 else 0) for each in bodies)
