"""Words of a customer's that an agent's reply repeats: found when they are taken back, and struck out of what we keep."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.effects import Queued
from bridge.model.ids import RemoteId
from bridge.model.state import Message, ReplyState, Said
from bridge.rules.base import Context, tell

QUOTE = ">"
LEAST = 4
"""A quoted line shorter than this may be anybody's, unless it is a whole line of the customer's."""
TELLING = 12
"""So many characters in a row are no coincidence, quoted or not."""
OVER = (ReplyState.SENT, ReplyState.NOTE)
"""States in which nothing more goes out of what we keep of a reply."""


def repeats(text: str, words: str) -> bool:
    """Whether a reply repeats what a customer wrote: in a quoted line, or whole where that is long enough to tell."""
    said = _flat(words)
    if len(said) >= TELLING and said in _flat(text):
        return True
    return bool(said) and any(_is_of(line, words) for line in text.splitlines())


def without(text: str, words: str) -> str:
    """The reply without the lines that quote them; what repeats them otherwise is left out whole."""
    kept = "\n".join(line for line in text.splitlines() if not _is_of(line, words))
    said = _flat(words)
    if len(said) >= TELLING and said in _flat(kept):
        return _flat(kept).replace(said, "…")
    return kept


def _is_of(line: str, words: str) -> bool:
    """Whether a quoted line repeats a part of them, or holds all of them."""
    mark, _, rest = line.strip().partition(QUOTE)
    quoted, said = _flat(rest), _flat(words)
    if mark or not quoted or not said:
        return False
    whole = quoted in map(_flat, words.splitlines())
    return whole or (len(quoted) >= LEAST and quoted in said) or (len(said) >= LEAST and said in quoted)


def _flat(text: str) -> str:
    return " ".join(text.split())


def struck_out(scene: Scene, message: Message) -> tuple[Message, ...]:
    """The replies as we keep them, without the words; what may still go out goes as its author wrote it."""
    words = message.text or ""
    return tuple(
        replace(reply, text=without(reply.text, words))
        for reply in scene.copies.repeated
        if reply.text is not None and reply.state in OVER
    )


def heard_back(replies: Iterable[Message]) -> tuple[RemoteId, ...]:
    """The network's ids of these replies, under which it repeated them to us."""
    return tuple(part.remote_id for reply in replies for part in reply.parts if part.remote_id)


def authors_told(scene: Scene, context: Context) -> tuple[Queued, ...]:
    """Whoever repeated the words is asked to take them away: only they can change their own message."""
    said = Said(key="reply.repeats_unsent")
    ours = {post.ref for post in scene.copies.quotes}  # what was typed in a window stands in a post of ours, drawn anew
    repeated = [reply for reply in scene.copies.repeated if reply.ref not in ours]
    return tuple(line for reply in repeated for line in tell(scene, reply, said, context, question=True))
