"""What the network is told of a customer besides words: that theirs were seen, reactions to them, that they are spam."""

from __future__ import annotations

from bridge.model.effect import Effect
from bridge.model.ids import AccountId, ConversationId, MessageId, PersonRef


class MarkSeen(Effect, kw_only=True):
    """Mark what a customer wrote as seen, on the network."""

    conversation: ConversationId
    account: AccountId


class ReactToCustomer(Effect, kw_only=True):
    """Put a reaction on a customer's message, in the place of an earlier one of ours; None: take ours away.

    person: who did so on the desk, and hears it if the network does not take it.
    """

    conversation: ConversationId
    account: AccountId
    message: MessageId
    person: PersonRef
    emoji: str | None


class MoveToSpam(Effect, kw_only=True):
    """Move a customer's conversation to the network's own folder for spam; *person*: who said so, and hears if it will not."""

    conversation: ConversationId
    account: AccountId
    person: PersonRef
