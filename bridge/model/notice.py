"""What the two sides notice of each other without a word: that the customer has read, that somebody writes."""

from __future__ import annotations

from datetime import datetime

from bridge.model.effect import Effect
from bridge.model.fact import FromNetwork
from bridge.model.ids import AccountId, ConversationId, MessageId, RemoteId


class CustomerRead(FromNetwork, kw_only=True):
    """A customer has read what was said until a moment, or up to a message, as the network tells it."""

    until: datetime | None = None
    remote_id: RemoteId | None = None


class ShowRead(Effect, kw_only=True):
    """Move the sign of what was read to the last answer that was; its turn comes a little after they read."""

    conversation: ConversationId


class ShowTyping(Effect, kw_only=True):
    """Show the customer that somebody writes, or show it no longer, while an answer rests that can be stopped."""

    conversation: ConversationId
    account: AccountId
    message: MessageId
    on: bool
