"""What a customer did in public, as a fact."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bridge.model.fact import FromNetwork
from bridge.model.ids import RemoteId
from bridge.model.state import Attachment

COMMENTS = frozenset({"comment", "comment_ad", "comment_ad_untitled", "comment_live", "comment_reel", "comment_reply"})
"""Kinds of messages that stand in public, by where they do: keys of the wording catalogue's ``kind.*``."""


class CommentChange(StrEnum):
    """What a customer did with a comment."""

    ADDED = "added"
    EDITED = "edited"
    REMOVED = "removed"


class CustomerCommented(FromNetwork, kw_only=True):
    """A customer said something in public, changed it or took it back; *customer*: their id as a commenter.

    written_at: when the comment was first written. live: on a broadcast. name, username: as the comment shows them.
    """

    remote_id: RemoteId
    change: CommentChange
    written_at: datetime
    text: str | None
    kind: str
    live: bool = False
    name: str | None = None
    username: str | None = None
    attachments: tuple[Attachment, ...] = ()
