"""Blocks from pieces of sentences: a small line, sentences, somebody else's words. Pure."""

from collections.abc import Sequence

from bridge.slack.phrase import MOST_ELEMENT, Json, Phrase, elements, flat, mrkdwn, texts


def small(words: Phrase) -> Json:
    """Return a line as a context block; one too long for that as rich text."""
    if len(flat(words)) > MOST_ELEMENT // 6:
        return section(words)
    text = {"type": "mrkdwn", "text": mrkdwn(words), "verbatim": True}
    return {"type": "context", "elements": [text]}


def section(*paragraphs: Phrase) -> Json:
    """Return sentences as rich text, each on a line of its own."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements(each)} for each in paragraphs],
    }


def said(words: Phrase) -> Json:
    """Return a line at full size; below it something to press may stand."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(words), "verbatim": True}}


def body(text: str, *, quoted: bool) -> list[Json]:
    """Return somebody else's words whole as rich text; none for no words."""
    kind = "rich_text_quote" if quoted else "rich_text_section"
    return [{"type": "rich_text", "elements": [{"type": kind, "elements": texts(text)}]}] if text else []


def with_id(blocks: Sequence[Json], block_id: str) -> list[Json]:
    """Return blocks of which the first bears an id."""
    return [{**block, "block_id": block_id} if index == 0 else block for index, block in enumerate(blocks)]
