"""How one message looks in a thread: a pure function of its row, so that a post can be drawn again at any time.

A small line tells what the customer did, then their words follow, then a line for each thing that came with them and is
not shown as a file. Customers' words stand in rich text, where nothing is read as mark-up. Addresses are links, never
pictures: Slack would fetch a picture and keep it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bridge.model.change import replace
from bridge.model.decision import Scene
from bridge.model.state import Attachment, AttachmentState, Author, Message, Platform
from bridge.model.word import Word
from bridge.rules.customers.media import LATE
from bridge.slack import apps, names
from bridge.slack.blocks import body, section, small
from bridge.slack.phrase import Filling, Json, Link, Phrase, Words, flat, joined, phrase
from bridge.slack.text import inert_name
from bridge.split import head, visible
from bridge.wording import Wording, load, placeholders

MOST_TITLE = 150
MOST_ADDRESS = 3_000
"""Characters of an address; Slack publishes no limit for a link in rich text, and this one for a link in a button."""
READABLE = 90
"""An address of at most so many characters may stand as it is; a longer one stands behind a word."""

AS_FILES: Final = frozenset({AttachmentState.FETCHING, AttachmentState.STORED, AttachmentState.SHOWN})
"""States in which a file of its own stands in the thread, or will: the small line alone tells of it."""
PUBLIC: Final = frozenset({"link", "share", "reel", "product", "template"})
"""Kinds of which the address says something to a person."""
SEEN_BY_ADDRESS: Final = frozenset({
    "audio", "file", "image", "media", "reel", "share", "story", "story_mention", "story_reply", "video",
})  # fmt: skip
"""Kinds that nobody can see without an address."""
SEEN_BY_TITLE: Final = frozenset({"appointment", "link", "location", "sticker", "template"})
"""Kinds of which nobody can see anything without an address or a title."""
RATINGS: Final = {"good response": "feedback.good", "bad response": "feedback.bad"}
"""The network's own words for how good an answer was, and the keys of ours."""

_ADDRESS = re.compile(r"https?://[^\s/]\S*\Z")
_SIGNED = re.compile(r"[?&](?:signature|oh|oe|asset_id)=")


class Drawn(Word, kw_only=True):
    """One message as blocks, never none of them; *words*: the same for notifications, not yet escaped."""

    blocks: tuple[Json, ...]
    words: str


def drawn(scene: Scene, message: Message, wording: Wording, now: datetime) -> Drawn:
    """Draw a customer's message, or what was written elsewhere, as it is to be seen at *now*."""
    if message.author is Author.BRIDGE:
        line = _by_itself(message, wording)
        return Drawn(blocks=(small(line),), words=flat(line))
    ours = message.author is not Author.CUSTOMER
    line, text = (_elsewhere if ours else _act)(scene, message, wording)
    below = list(_below(scene, message.attachments, wording, now))
    blocks = [*([small(line)] if line else []), *body(text, quoted=ours), *([section(*below)] if below else [])]
    return Drawn(blocks=tuple(blocks), words="\n".join(filter(None, [flat(line), text, *map(flat, below)])))


def gist(scene: Scene, message: Message, wording: Wording, most: int) -> tuple[Phrase, str]:
    """Return the same in short: the small line, empty for mere words, and at most *most* characters of the words."""
    attached = tuple(replace(each, title=shortened(each.title or "", most) or None) for each in message.attachments)
    short = replace(message, text=shortened(message.text or "", most) or message.text, attachments=attached)
    return _act(scene, short, wording)


ALL = 1_000_000
"""Characters: more than anybody writes."""


def shortened(text: str, most: int) -> str:
    """Return the beginning of *text*, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else head(line, most - 1).rstrip() + "…"


def inbox_address(platform: Platform, account: str) -> str:
    """Return where a person opens the account's messages without the bridge. account: the network's id of it."""
    match platform:
        case Platform.INSTAGRAM:
            return "https://www.instagram.com/direct/inbox/"
        case Platform.MESSENGER:
            return f"https://business.facebook.com/latest/inbox/all?asset_id={account}"


# ── what was done, and the words ──────────────────────────────────────────────────────────────────────────


def _act(scene: Scene, message: Message, wording: Wording) -> tuple[Phrase, str]:
    """Return what the customer did as a small line, empty for mere words, and the words that do not stand in it."""
    text = message.text or ""
    told, inside = _told(scene, message, wording)
    return joined(told, " · "), "" if inside else text


def _told(scene: Scene, message: Message, wording: Wording) -> tuple[list[Phrase], bool]:
    """Return the sentences about a message, and whether its words stand in one of them."""
    attached = Counter((each.kind, _in_sentence(each, wording)) for each in message.attachments)
    told = [_sentence(scene, kind, title, wording, count) for (kind, title), count in attached.items()]
    own, text = message.kind, message.text or ""
    if own in {each.kind for each in message.attachments} or (own == "text" and visible(text)):
        return told, False
    if own == "text" and text:
        return told or [phrase(wording, "kind.blank", names.standing(scene, wording))], True
    if own == "text" and told:
        return told, False
    own = own if own != "text" and f"kind.{own}" in wording else "unsupported"
    inside = _holds_text(own, wording)
    return [*told, _sentence(scene, own, message.text, wording)], inside


def _in_sentence(attachment: Attachment, wording: Wording) -> str | None:
    """Return the title where it stands in the sentence itself."""
    return attachment.title if _holds_text(attachment.kind, wording) else None


def _sentence(scene: Scene, kind: str, text: str | None, wording: Wording, count: int = 1) -> Phrase:
    rating = RATINGS.get((text or "").lower()) if kind == "feedback" else None
    text = wording.say(rating) if rating else text
    values: dict[str, Filling] = {
        **names.standing(scene, wording),
        "text": Words(text=text) if text else None,
        "inbox": inbox(scene, wording),
    }
    said = phrase(wording, f"kind.{kind}" if f"kind.{kind}" in wording else "kind.unsupported", values)
    return said if count == 1 else phrase(wording, "attached.several", {"what": said, "count": count})


def inbox(scene: Scene, wording: Wording) -> Link:
    """Return a link to where the account's messages are read without the bridge."""
    address = inbox_address(scene.account.platform, scene.account.remote_id)
    return Link(url=address, label=names.network_name(scene, wording))


def _holds_text(kind: str, wording: Wording) -> bool:
    sentence = load(wording.language or "en").get(f"kind.{kind}", "")
    return "text" in placeholders(sentence)


def _elsewhere(scene: Scene, message: Message, wording: Wording) -> tuple[Phrase, str]:
    """Return what somebody of the business wrote outside the bridge: a small line, and the words."""
    via = apps.through(message.app, scene, names.network_name(scene, wording), wording)
    values: dict[str, Filling] = {**names.standing(scene, wording), "via": via}
    bare = not message.text and message.kind == "text" and not message.attachments
    line = phrase(wording, "thread.elsewhere_without_words" if bare else "thread.elsewhere", values)
    if message.kind == "text" and not message.attachments:
        return line, message.text or ""
    act, text = _act(scene, message, wording)
    return phrase(wording, "thread.elsewhere_did", {"line": line, "act": act}), text


def _by_itself(message: Message, wording: Wording) -> Phrase:
    """Return what the bridge has said by itself, on one line."""
    text = " ".join((message.text or "").split())
    return phrase(wording, f"automatic.{message.kind}", {"text": Words(text=text)})


# ── what came with it ─────────────────────────────────────────────────────────────────────────────────────


def _below(scene: Scene, attachments: Sequence[Attachment], wording: Wording, now: datetime) -> Iterator[Phrase]:
    """Yield a line for each thing that is not shown as a file, as far as there is more to say of it."""
    for each in attachments:
        if each.state in AS_FILES and each.reason != LATE:
            continue
        thing = wording.say(f"thing.{each.kind}" if f"thing.{each.kind}" in wording else "thing.other")
        over = each.expires_at is not None and each.expires_at <= now
        if each.state is AttachmentState.GONE or over:
            yield phrase(wording, "attached.gone", {"thing": thing})
        elif parts := _line(scene, each, thing, wording):
            yield joined(parts, " · ")


def _line(scene: Scene, attachment: Attachment, thing: str, wording: Wording) -> list[Phrase]:
    """Return a title, the reason why a file is not shown, and where the thing is: each as far as there is one."""
    title = None if _holds_text(attachment.kind, wording) else _title(attachment)
    address = _link(attachment, thing, wording)
    parts: list[Phrase] = [(Words(text=title),)] if title else []
    if attachment.state is AttachmentState.FAILED:
        why = phrase(wording, f"media.{attachment.reason or 'other'}", {})
        parts.append(phrase(wording, "attached.failed", {"thing": thing, "why": why}))
    elif attachment.reason == LATE:
        parts.append(phrase(wording, "attached.late", {"thing": thing}))
    if address is not None:
        parts.append((address,))
    elif attachment.kind in SEEN_BY_ADDRESS or (attachment.kind in SEEN_BY_TITLE and not parts):
        parts.append(phrase(wording, "attached.absent", {"thing": thing, "inbox": inbox(scene, wording)}))
    return parts


def _title(attachment: Attachment) -> str | None:
    """Return the title on one harmless line."""
    title = inert_name(attachment.title or "", MOST_TITLE + 1)
    return head(title, MOST_TITLE - 1).rstrip() + "…" if len(title) > MOST_TITLE else title or None


def _link(attachment: Attachment, thing: str, wording: Wording) -> Link | None:
    """Return the address as a link: as it is, where a person can read it, else behind a word of ours."""
    address = attachment.address or ""
    if len(address) > MOST_ADDRESS or not _ADDRESS.match(address):
        return None
    readable = attachment.kind in PUBLIC and len(address) <= READABLE and not _SIGNED.search(address)
    return Link(url=address, label=address if readable else wording.say("attached.open", thing=thing))
