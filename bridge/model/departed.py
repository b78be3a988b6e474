"""What somebody leaves behind who is no longer on the desk."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import AccountId, ConversationId, PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.word import Word


class GivenBack(Word, kw_only=True):
    """A conversation that they looked after.

    account: whose people mind it. since: when its customer began to wait; None: nobody waits there.
    place: where its thread stands, if the conversation is still alive there.
    """

    conversation: ConversationId

    account: AccountId
    since: datetime | None
    thread: PostRef | None
    place: PlaceRef | None = None


class Looks(Word, kw_only=True):
    """Somebody looks after open conversations of an account, perhaps forwarded to another."""

    workspace: WorkspaceId
    account: AccountId
    forwarded: AccountId | None
    person: PersonRef
