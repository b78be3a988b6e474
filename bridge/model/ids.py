"""Ids, each with its scope. Refs are opaque: only the adapter that made one may look inside, but for where a post stands."""

from __future__ import annotations

import hashlib
from typing import Final, NewType

WorkspaceId = NewType("WorkspaceId", str)
"""One installation on a desk; the same id as the desk's own. It is part of every key below it."""

AccountId = NewType("AccountId", int)
CustomerId = NewType("CustomerId", int)
ConversationId = NewType("ConversationId", int)
ThreadId = NewType("ThreadId", int)
MessageId = NewType("MessageId", int)
IncidentId = NewType("IncidentId", int)
TicketId = NewType("TicketId", int)

RemoteId = NewType("RemoteId", str)
"""The network's id of a message; unique within an account."""

PersonRef = NewType("PersonRef", str)
"""A person on the desk, within a workspace."""

GroupRef = NewType("GroupRef", str)
"""A named group of people on the desk, within a workspace."""

PlaceRef = NewType("PlaceRef", str)
"""Where posts stand on the desk (a channel), within a workspace."""

PostRef = NewType("PostRef", str)
"""One post on the desk, within a workspace: its place, a colon, and what only the desk understands. A thread's ref is
its root's."""


def place_of_post(ref: PostRef) -> PlaceRef:
    """The place in which a post stands."""
    return PlaceRef(ref.partition(":")[0])


STAND_IN: Final = "odd-"


def stand_in(key: str) -> RemoteId:
    """The id of an act to which the network gave none, made of its inbox key; the network knows nothing of it."""
    return RemoteId(STAND_IN + hashlib.sha256(key.encode()).hexdigest()[:40])


def mark(row: int) -> str:
    """What the send of an outbox row bears on the wire, where the network gives it back: by it we know our own echo."""
    return f"tb:{row}"


FileRef = NewType("FileRef", str)
"""One file on the desk, within a workspace."""
