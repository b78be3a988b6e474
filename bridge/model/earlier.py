"""In whose conversations somebody's words may go on who is new to an account's login."""

from __future__ import annotations

from bridge.model.ids import ConversationId
from bridge.model.word import Word


class Earlier(Word, kw_only=True):
    """Conversations that were begun under the other login's ids: found by a message that both know, or by the handle."""

    by_message: tuple[ConversationId, ...] = ()
    by_handle: tuple[ConversationId, ...] = ()
