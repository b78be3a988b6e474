"""Answers that a house keeps to be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import NewType

from bridge.model.ids import AccountId, MessageId, PersonRef
from bridge.model.word import Word

SavedReplyId = NewType("SavedReplyId", int)


class SavedReply(Word, kw_only=True):
    """An answer under a name, in a language, for one account. *source*: the message whose words it began with."""

    id: SavedReplyId
    account: AccountId
    name: str
    language: str
    text: str
    by: PersonRef
    at: datetime
    source: MessageId | None = None
