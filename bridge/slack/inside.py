"""What is for colleagues in words that were typed where Slack marks nothing: in a window. Pure."""

import re

LINK = re.compile(
    r"(?i)(?<![a-z0-9])https?://(?:[\w-]+\.)*slack(?:-gov)?\.com/(?:archives|canvas|client|docs|files|lists|messages|team)\b"
)
"""Addresses of messages, files, canvases, lists and people, which nobody outside can open."""
_MARKED = re.compile(r"<(?:[@#][A-Z0-9]|!(?:subteam|here|channel|everyone))")
"""Mentions as Slack writes them; https://docs.slack.dev/messaging/formatting-message-text."""
_NAMED = re.compile(r"(?<![A-Za-z0-9._%+/-])[@＠][^\W\d_]")
"""A name after an at sign, and no address of mail, and no part of a link."""


def mentions(text: str) -> bool:
    """Say whether words mention somebody, or look as if they did."""
    return _MARKED.search(text) is not None or _NAMED.search(text) is not None


def leads_inside(text: str) -> bool:
    """Say whether words hold an address within Slack."""
    return LINK.search(text) is not None
