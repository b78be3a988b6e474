"""What goes, before it goes: the messages on the wire, and how full each is. Pure."""

from collections.abc import Iterator

from bridge import policy
from bridge.model.change import replace
from bridge.model.ids import MessageId
from bridge.model.state import Author, Message, Platform, ReplyState
from bridge.rules.answers import ways
from bridge.slack.blocks import small
from bridge.slack.phrase import Json, Phrase, lines, phrase
from bridge.slack.windows.forms import plain_text
from bridge.slack.windows.kinds import Drawing

BUTTON = "preview"
"""The id of the button that draws a window anew, with what would go by now."""


def button(drawing: Drawing) -> Json:
    """Return the button that shows it."""
    label = plain_text(drawing.wording.say("button.preview"))
    return {"type": "actions", "elements": [{"type": "button", "action_id": BUTTON, "text": label}]}


def sizes(drawing: Drawing, text: str | None, *platforms: Platform) -> list[Json]:
    """Return a small line for each message that would go to each of these networks; none without words."""
    if not text:
        return []
    return [small(lines([line for platform in platforms for line in _sizes(drawing, text, platform)]))]


def _sizes(drawing: Drawing, text: str, platform: Platform) -> Iterator[Phrase]:
    scene, wording, limit = drawing.asked.scene, drawing.wording, drawing.wire[platform]
    message = Message(
        id=MessageId(0), conversation=scene.conversation.id, author=Author.AGENT, at=drawing.now, text=text,
        person=drawing.reader, state=ReplyState.NOTE,
    )  # fmt: skip
    signed = replace(message, signature=ways.signature(scene, message))
    parts = policy.parts_of(signed, platform, drawing.wire)
    key = "window.size_bytes" if limit.unit == "bytes" else "window.size"
    for number, part in enumerate(parts, 1):
        size = len(part.encode()) if limit.unit == "bytes" else len(part.encode("utf-16-le")) // 2
        values = {"part": number, "parts": len(parts), "count": size, "maximum": limit.maximum}
        yield phrase(wording, key, {"network": wording.say(f"network.{platform}"), **values})
