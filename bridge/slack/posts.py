"""What stands in one post: one message or several, what each of them answers, and that its words were changed. Pure.

A quote is read from the quoted message whenever it is drawn, so that nothing is left of one that was taken back.
"""

from collections.abc import Sequence
from datetime import datetime

from bridge.model.copies import Quoted
from bridge.model.decision import Job, Scene
from bridge.model.ids import RemoteId
from bridge.model.state import Author, Message
from bridge.model.word import Word
from bridge.slack import messages, names
from bridge.slack.blocks import body, section, small, with_id
from bridge.slack.messages import Drawn
from bridge.slack.phrase import At, Filling, Json, Link, Phrase, Words, flat, phrase
from bridge.slack.refs import permalink
from bridge.split import head
from bridge.wording import Wording

MOST_QUOTED = 150
REACTION = "reaction"
INSIDE = {"not_relayed.note": "thread.note", "not_relayed.expert": "thread.expert"}
"""What stands over an agent's words that stay inside, by why they do."""
OF_NAMES = frozenset({"named", "renamed"})
"""Kinds of what the bridge noted, and nobody wrote."""


class Post(Word, kw_only=True):
    """Several messages as one post: *blocks*, each message's first with its id; *words*: the same, not yet escaped."""

    blocks: tuple[Json, ...]
    words: str


def drawn(job: Job, scene: Scene, message: Message, now: datetime, *, shown_at: datetime | None = None) -> Drawn:
    """Draw one message with what it answers, and that it was changed. shown_at: when it came to stand; None: now."""
    wording = Wording(job.language)
    if message.kind == REACTION and message.about is not None:
        line = _reaction(job, scene, message, message.about, wording)
        return Drawn(blocks=(small(line),), words=flat(line))
    looks = (
        _of_agent(message, wording) if message.author is Author.AGENT else messages.drawn(scene, message, wording, now)
    )
    above = _answers(job, scene, message, wording)
    below = [*_changed(message, wording), *_written(job, scene, message, wording, shown_at or now)]
    blocks = (*(small(line) for line in above), *looks.blocks, *(small(line) for line in below))
    words = "\n".join(filter(None, [*map(flat, above), looks.words, *map(flat, below)]))
    return Drawn(blocks=blocks, words=words)


def _of_agent(message: Message, wording: Wording) -> Drawn:
    """Draw what an agent wrote in a window: their words; of a private note also that it is one."""
    key = None if message.reason is None else INSIDE.get(message.reason.key)
    line = () if key is None else phrase(wording, key, {})
    text = message.text or ""
    if not (text or line):
        line = phrase(wording, "thread.bare", {})
    blocks = (*((small(line),) if line else ()), *body(text, quoted=False))
    return Drawn(blocks=blocks, words="\n".join(filter(None, [flat(line), text])))


def together(
    job: Job, scene: Scene, shown: Sequence[Message], now: datetime, *, shown_at: datetime | None = None
) -> Post:
    """Draw the messages that stand in one post; each begins with a block of its own, by which its part can be told."""
    looks = [(message, drawn(job, scene, message, now, shown_at=shown_at)) for message in shown]
    blocks = [block for message, each in looks for block in with_id(each.blocks, block_id(message))]
    return Post(blocks=tuple(blocks), words="\n".join(each.words for _, each in looks))


def block_id(message: Message) -> str:
    """The id of the block with which a message's part of a post begins."""
    return f"message:{message.id}"


def plainly(words: str, most: int) -> Json:
    """Return one block of rich text: what may always stand where rich text stood before."""
    return section((Words(text=head(words, most)),))


# ── what it answers ───────────────────────────────────────────────────────────────────────────────────────


def _answers(job: Job, scene: Scene, message: Message, wording: Wording) -> list[Phrase]:
    if message.about is None:
        return []
    quoted, link = _quoted(job, scene, message.about, wording)
    return [(*phrase(wording, "quote.answers", {"quoted": quoted}), *link)]


def _reaction(job: Job, scene: Scene, message: Message, about: RemoteId, wording: Wording) -> Phrase:
    quoted, link = _quoted(job, scene, about, wording)
    values: dict[str, Filling] = {
        **names.standing(scene, wording),
        "text": Words(text=message.text or ""),
        "quoted": quoted,
    }
    return (*phrase(wording, "quote.reaction", values), *link)


def _quoted(job: Job, scene: Scene, about: RemoteId, wording: Wording) -> tuple[Phrase, Phrase]:
    """Return whose message it is and how it begins, and, for the end of the sentence, a link to where it stands."""
    quoted = scene.quoted.get(about)
    if quoted is None:
        return phrase(wording, "quote.earlier", {}), ()
    if quoted.message.unsent_at is not None:
        return phrase(wording, "quote.unsent", {}), ()
    text = messages.shortened(quoted.message.text or "", MOST_QUOTED)
    values: dict[str, Filling] = {"author": _author(job, scene, quoted, wording), "text": Words(text=text)}
    said = phrase(wording, "quote.words" if text else "quote.wordless", values)
    if quoted.ref is None:
        return said, ()
    link = Link(url=permalink(job.workspace.url, quoted.ref, quoted.root), label=wording.say("button.open"))
    return said, (" · ", link)


def _author(job: Job, scene: Scene, quoted: Quoted, wording: Wording) -> Filling:
    message = quoted.message
    match message.author:
        case Author.CUSTOMER:
            return phrase(wording, "quote.customer", names.standing(scene, wording))
        case Author.AGENT if message.person is not None and (name := job.names.get(message.person)):
            return phrase(wording, "quote.agent", {"agent": Words(text=name)})
        case Author.AGENT if message.person is not None:
            return Words(text=wording.say("name.unknown_person"))
        case _:
            return Words(text=scene.account.name)


def _written(job: Job, scene: Scene, message: Message, wording: Wording, shown_at: datetime) -> list[Phrase]:
    """Return when it was written, where it stands late or below what was written later; and that no delivery told of it."""
    when: dict[str, Filling] = {"when": At(moment=message.at)}
    if message.found_later:
        return [phrase(wording, "thread.found_later", names.standing(scene, wording) | when)]
    below = message.author is Author.CUSTOMER and message.queued_at is not None
    late = below or shown_at - message.at > job.rules.late
    return [phrase(wording, "thread.written", when)] if late and message.kind not in OF_NAMES else []


def _changed(message: Message, wording: Wording) -> list[Phrase]:
    """Return that the words were changed, where that is not what the post says anyway."""
    if message.edited_at is None or message.kind == "edited":
        return []
    return [phrase(wording, "quote.changed", {"when": At(moment=message.edited_at)})]
