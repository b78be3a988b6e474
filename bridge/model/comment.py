"""What a customer has said in public, as far as it can be answered privately."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bridge.model.ids import MessageId, RemoteId
from bridge.model.word import Word


class CommentState(StrEnum):
    """Whether a comment can be answered privately."""

    OPEN = "open"
    PERHAPS = "perhaps"
    """Nobody knows whether its private reply has arrived."""
    ANSWERED = "answered"
    REFUSED = "refused"
    """The network takes no private reply to it."""


class Comment(Word, kw_only=True):
    """A comment of the customer's; one private reply to it is possible before *until*.

    live: on a broadcast; possible only while that lasts, and when that ends the network does not tell.
    by: the answer that went as its private reply, or perhaps did.
    """

    remote_id: RemoteId
    at: datetime
    until: datetime
    live: bool = False
    state: CommentState = CommentState.OPEN
    by: MessageId | None = None
