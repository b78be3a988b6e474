"""How an agent's message begins: as a private note, almost as one, or with the sign of an answer. Pure.

Width and case count nowhere: people write ``note:``, ``Ｎｏｔｅ：`` and ``メモ：`` and mean the same.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

UNSEEN = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""Spaces, and what nobody sees."""
DRESSING = rf"(?:[{UNSEEN}>•*_~`]|\d{{1,3}}\. )*"
"""What may stand before it: what nobody sees, and the signs of quotes, lists and formats."""
BETWEEN = rf"[{UNSEEN}*_~`]*"
"""What may stand between the word and its colon."""
NOTE = re.compile(DRESSING + r"(?://|(?:note|メモ)" + BETWEEN + r":|:lock:|🔒)")
ALMOST = re.compile(DRESSING + r"(?:/(?!/)|(?:メモ|めも|社内|内部)[\s:;、。・,-]|(?P<word>[^\W\d_]{2,9}) ?[:;])")
"""One stroke, a Japanese word for it, or a word before a colon; the word is compared."""
WORDS = ("note", "notes", "memo", "internal", "private")
ALIKE = 0.75
"""How alike two words are when one is the other with a slip of the finger in it, from 0 to 1."""

REPLY = "reply:"
"""The sign of an answer where nobody has chosen another."""
SIGNS = {REPLY: (REPLY, "返信:")}
"""Signs that have others beside them."""
LONGEST = 4
"""Characters as they are typed that may make one of a sign, at most."""


def folded(text: str) -> str:
    """A text with its width and case made alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_note(text: str) -> bool:
    """Whether a message stays inside: ``//``, ``note:`` or ``メモ:``, in any case and width, or a lock.

    Spaces and formats before the colon change nothing: ``note :``, ``*note*:``.
    """
    return NOTE.match(folded(text)) is not None


def is_almost_note(text: str) -> bool:
    """Whether a message begins like a private note that was misspelt."""
    found = ALMOST.match(folded(text))
    if found is None or is_note(text):
        return False
    word = found["word"]
    return word is None or any(SequenceMatcher(None, word, each).ratio() >= ALIKE for each in WORDS)


def after_sign(text: str, sign: str) -> str | None:
    """What follows the sign of an answer; None: the text does not begin with it."""
    bare = text.lstrip()
    for each in map(folded, SIGNS.get(sign, (sign,))):
        for length in range(1, min(len(bare), LONGEST * len(each)) + 1):
            if folded(bare[:length]) == each:
                return bare[length:].lstrip()
    return None
