"""What messages are made of besides their words: parts on the wire, what is attached, and what agents react with."""

from __future__ import annotations

from datetime import datetime

from bridge.model.answer import Answer
from bridge.model.axes import AttachmentState, PartState
from bridge.model.ids import FileRef, PersonRef, RemoteId
from bridge.model.word import Word


class Reaction(Word, kw_only=True):
    """What an agent has put on a customer's message, and when. emoji: its characters."""

    person: PersonRef
    emoji: str
    at: datetime


class Part(Word, kw_only=True):
    """One piece of a reply on the wire, from 1; *of* them make the reply."""

    seq: int
    of: int
    state: PartState = PartState.READY
    remote_id: RemoteId | None = None
    answer: Answer | None = None
    """What the network said of it last, where that was a refusal; and when it said anything."""
    answered_at: datetime | None = None


class Attachment(Word, kw_only=True):
    """Something that came with a message: a file, a link, a place, a product. From 1, in the order of whoever tells of it."""

    seq: int
    kind: str
    """A key of the wording catalogue's ``kind.*``."""
    address: str | None = None
    """Where the network has it, for as long as it has it."""
    title: str | None = None
    state: AttachmentState = AttachmentState.LISTED
    file: FileRef | None = None
    """The desk's own file of it; of an agent's message theirs, else ours."""
    reason: str | None = None
    """Why it cannot be shown: a key of the wording catalogue's ``media.*``, without the prefix; or ``late``."""
    expires_at: datetime | None = None
    """When its line must say that it can be seen no longer."""
    seconds: int | None = None
    """How long a recording lasts, where that is known."""
    remote_id: str | None = None
    """Of an agent's: under which id the network keeps it; None: it has not been brought there."""
    remote_at: datetime | None = None
    """When it was brought there."""
