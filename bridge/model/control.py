"""Who answers a customer: moving a conversation between the apps of an account."""

from __future__ import annotations

from enum import StrEnum

from bridge.model.effect import Effect
from bridge.model.ids import AccountId, ConversationId, MessageId, PersonRef


class Move(StrEnum):
    """Where a conversation goes among the apps that may answer."""

    TAKE = "take"
    """To us."""
    GIVE = "give"
    """To the app that is named."""
    RELEASE = "release"
    """Away from us; the network decides."""


class MoveControl(Effect, kw_only=True):
    """Take a conversation over from another app, or give it away; a person's word.

    app: the network's id of the app that gets it. message: the answer that goes once it is ours.
    """

    conversation: ConversationId
    account: AccountId
    move: Move
    person: PersonRef
    app: str | None = None
    message: MessageId | None = None
