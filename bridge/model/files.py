"""Files: what is to be done with those that come with messages, a file as it is handed on, and what a network takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from bridge.model.effect import Effect
from bridge.model.ids import AccountId, ConversationId, FileRef, MessageId
from bridge.model.word import Word


class FetchMedia(Effect, kw_only=True):
    """Bring an attachment from the network to the desk, where nobody sees it yet.

    cut: so often our own process ended over it; such a try says nothing of the server, and the next has its whole time.
    """

    conversation: ConversationId
    message: MessageId
    attachment: int
    cut: int = 0


class ShowFile(Effect, kw_only=True):
    """Show an attachment's file in the thread, in its message's turn; what could not be brought is told of then.

    again: the desk had lost the file, and it was brought once more.
    until: on the steady clock; what has not been brought by then is told of, and what follows waits no longer.
    """

    conversation: ConversationId
    message: MessageId
    attachment: int
    again: bool = False
    until: datetime | None = None


class LookForFile(Effect, kw_only=True):
    """Look whether the file of an attachment has come to stand in the thread; *row*: the outbox row that shows it."""

    conversation: ConversationId
    message: MessageId
    attachment: int
    row: int


class Fetched(Word, kw_only=True):
    """A file that came from the network, whole, and gone as soon as it is let go.

    file: open for reading, in pieces and never in the event loop. length: bytes. mime: what it is, by its first bytes.
    seconds: how long a recording lasts, where that is known.
    """

    file: BinaryIO
    length: int
    mime: str
    name: str
    seconds: int | None = None


# ── files of agents ───────────────────────────────────────────────────────────────────────────────────────


class AgentFile(Word, kw_only=True):
    """A file that an agent attached, as the desk tells of it.

    kind: a key of the wording catalogue's ``kind.*``, as the desk has it; nobody has looked into the file yet.
    bar: why it cannot be had at all: one of `bridge.rules.answers.outgoing.BARS`.
    """

    ref: FileRef
    name: str | None = None
    kind: str = "file"
    bar: str | None = None


class PrepareFile(Effect, kw_only=True):
    """Take an agent's file from the desk to the network, which keeps it until it is sent; before anything of its message goes.

    judged: as of `bridge.model.effects.SendToCustomer`.
    """

    conversation: ConversationId
    account: AccountId
    message: MessageId
    attachment: int
    judged: bool = False


class FileLimit(Word, kw_only=True):
    """What a network takes as one kind of attachment. types: how their names may begin; none: every type. most: bytes."""

    types: tuple[str, ...]
    most: int


FileTable = Mapping[str, FileLimit]
"""What a network takes, by kind of attachment; a kind that is missing it does not take at all."""
