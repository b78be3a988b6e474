"""What else is made of a message: its quotes on the desk, and what left the house. Read where a message changes or is drawn."""

from __future__ import annotations

from datetime import datetime

from bridge.model.ids import FileRef, PersonRef, PostRef
from bridge.model.state import Message, Post
from bridge.model.word import Word


class Quoted(Word, kw_only=True):
    """A message that another one answers or reacts to, and where it stands on the desk, if it does."""

    message: Message
    ref: PostRef | None = None
    root: PostRef | None = None


class Export(Word, kw_only=True):
    """A text file of a conversation, and who has it."""

    person: PersonRef
    file: FileRef
    made_at: datetime


class Copies(Word, kw_only=True):
    """What else must change when a message is changed or taken back; read for what does so.

    quotes: posts that show an answer to it, or a reaction; coming: others do not stand yet. under_way: something of the conversation is being posted, or
    perhaps was, and may have been drawn from what the message said before. latest: of the customer's other messages the
    latest that a card may show. exported_at: when the conversation last left the house. earlier: roots of earlier threads in
    which it stands, and which may not have been drawn without its words.
    """

    quotes: tuple[Post, ...] = ()
    coming: bool = False
    under_way: bool = False
    latest: Message | None = None
    exported_at: datetime | None = None
    exports: tuple[Export, ...] = ()
    """Text files of the conversation that stand on the desk. Read for what is taken back."""
    corrections: tuple[Message, ...] = ()
    """What agents sent in to correct it. Read for another one."""
    repeated: tuple[Message, ...] = ()
    """Agents' replies that repeat its words; what quotes those is among *quotes*. Read for what is taken back."""
    asked_at: datetime | None = None
    """When the customer wrote the first of what still stands and nobody has answered; read for what is taken back."""
    overtaken: bool = False
    """Something newer of the conversation stands already, or is being posted. Read for what comes late."""
    seen_elsewhere: bool = False
    """Somebody of the business wrote after it where people see everything, not here. Read for what comes late."""
    earlier: tuple[PostRef, ...] = ()
    behind: int | None = None
    """The position of the last of what is being posted, which may have been drawn from older words. Read to look again."""
