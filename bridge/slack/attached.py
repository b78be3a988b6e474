"""Files that people attach to their messages, as Slack tells of them. Pure.

What Slack calls a file may be none: canvases, lists and posts are documents of its own, and what lies elsewhere is a link
(https://docs.slack.dev/reference/objects/file-object).
"""

from collections.abc import Mapping
from typing import Any

from bridge.model.files import AgentFile
from bridge.model.ids import FileRef
from bridge.slack.shapes import is_id, items, label

DOCUMENTS = frozenset({"quip", "canvas", "list", "post", "space", "docs"})
"""Modes of what can be looked at in Slack alone."""
OWN = "application/vnd.slack-"
"""How the types of such documents begin."""
GONE = frozenset({"tombstone", "hidden_by_limit"})
"""Modes of what was deleted, or is hidden because the workspace is full."""
FAMILIES = frozenset({"image", "video", "audio"})
VOICE = "slack_audio"
"""The subtype of a voice clip recorded in Slack, whatever its container."""


def attached(files: object, *, left: bool = False) -> tuple[AgentFile, ...]:
    """Return the files of a message, in order. left: without those that were deleted."""
    return tuple(
        AgentFile(ref=FileRef(str(file["id"])), name=_name(file), kind=kind_of(mime_of(file)), bar=bar_of(file))
        for file in items(files)
        if is_id(file.get("id")) and not (left and file.get("mode") == "tombstone")
    )


def bar_of(file: Mapping[str, Any]) -> str | None:
    """Return why a file cannot be had at all: one of `bridge.rules.answers.outgoing.BARS`; None: nothing is said against it."""
    mode = label(file.get("mode"))
    if mode in GONE or label(file.get("file_access")) == "file_not_found":
        return "gone"
    if mode in DOCUMENTS or mime_of(file).startswith(OWN):
        return "document"
    return "elsewhere" if mode == "external" or file.get("is_external") is True else None


def mime_of(file: Mapping[str, Any]) -> str:
    """Return what Slack says that it is; empty: nothing."""
    mime = label(file.get("mimetype")).partition(";")[0].strip().lower()
    return mime.replace("video/", "audio/", 1) if file.get("subtype") == VOICE else mime


def kind_of(mime: str) -> str:
    """Return the kind of attachment that a type would be."""
    family = mime.partition("/")[0]
    return family if family in FAMILIES else "file"


def _name(file: Mapping[str, Any]) -> str | None:
    name = file.get("name")
    return name if isinstance(name, str) and name else None
