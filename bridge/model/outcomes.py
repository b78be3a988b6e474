"""How an effect ended: five ways, the third bit of truth (*perhaps*) among them.

answer: what the other side said, where it said anything but yes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from bridge.model.answer import Answer
from bridge.model.ids import ThreadId, WorkspaceId
from bridge.model.state import Said
from bridge.model.word import Alike, Word


class Scope(StrEnum):
    """How far an outcome reaches, from the row outwards: its target, the target's parent, the top of that chain."""

    ROW = "row"
    TARGET = "target"
    PARENT = "parent"
    TOP = "top"


class RawItem(Word, kw_only=True):
    """Something heard, as it will be kept in the inbox: once for each *key*.

    lane: items of one lane are decided one after another, by *at*, then by arrival.
    at: the event's own time, aware.
    workspace: whose desk told it; None for what the network told (the account will say).
    about: what settling looks it up by (a block id of ours, the network's message id), or None.
    applied: kept for the record only; there is nothing to decide.
    """

    key: str
    source: str
    lane: str
    at: datetime
    body: bytes
    workspace: WorkspaceId | None = None
    about: str | None = None
    applied: bool = False


class Done(Word, kw_only=True):
    """The other side has it, under *remote_id*; *learnt* are raw items for the inbox (a profile, a page of messages)."""

    remote_id: str | None = None
    learnt: tuple[RawItem, ...] = ()


class Drawn(Done, kw_only=True):
    """A card stands as *remote_id*; *look*: its fingerprint, by which a later drawing knows that nothing is different."""

    look: str


class Sent(Done, kw_only=True):
    """The network has the message; *recipient*: its id of whoever gets it, where it tells."""

    recipient: str | None = None


class Stored(Done, kw_only=True):
    """The desk has a file of it, as *remote_id*; *seconds*: how long the recording lasts, where that is known."""

    seconds: int | None = None


class Uploaded(Done, kw_only=True):
    """The network keeps a file as *remote_id*; *kind*: as what it can be sent, a key of the wording catalogue's ``kind.*``."""

    kind: str


class Ticketed(Done, kw_only=True):
    """Where tickets go there is one now: where that is, what it is called there, and where it is to be seen."""

    sink: str
    number: str | None = None
    link: str | None = None


class Page(Done, kw_only=True):
    """Conversations were read; what was said in them and is new to the inbox is *learnt*, the oldest of each first.

    following: where the next page begins; None: nothing later than asked for is left. count: how many conversations.
    cut: of these, those of which the network tells no more although there may be more. several: those of several people.
    """

    following: str | None = None
    count: int = 0
    cut: int = 0
    several: int = 0


class Existence(Done, kw_only=True):
    """Whether a message is still there; None: the network does not say."""

    there: bool | None


class Later(Alike, kw_only=True):
    """Certainly not delivered; nothing of *scope* is tried again sooner than *after*.

    last: what its author reads after the last try, a key of the wording catalogue's ``error.*``, without the prefix.
    cause: for what lasts long enough to be told at once: a key of its ``cause.*``, without the prefix.
    """

    BESIDE: ClassVar = frozenset({"answer"})

    after: timedelta
    why: str
    scope: Scope
    last: str = "temporary_or_blocked"
    cause: str = ""
    answer: Answer | None = None


class Held(Alike, kw_only=True):
    """Certainly not delivered; all of *scope* waits until the incident of kind *cause* is mended.

    cause: ``<kind>`` or ``<kind>.<detail>``, such as ``reauth.password_changed``; a key of the wording catalogue's ``cause.*``.
    """

    BESIDE: ClassVar = frozenset({"answer"})

    cause: str
    scope: Scope
    code: str = ""
    answer: Answer | None = None


class Refused(Alike, kw_only=True):
    """Certainly not delivered, and trying again unchanged would not help.

    why: a key of the wording catalogue's ``error.*``, without the prefix; empty for files, where *code* is one of ``media.*``.
    stray: a post that came to stand in the wrong place and must go, if any.
    thread: the one it was meant for, where that thread is what could not be replied to.
    """

    BESIDE: ClassVar = frozenset({"answer"})

    code: str
    why: str
    stray: str | None = None
    thread: ThreadId | None = None
    answer: Answer | None = None


class Unfit(Refused, kw_only=True):
    """A file that cannot go: *said* tells why and what to do. retry: whether it may be tried again as it is."""

    said: Said
    retry: bool = False


class Unsure(Alike, kw_only=True):
    """Perhaps delivered: the answer was lost. Never resent to a customer without a person's word.

    quiet: how long the other side may still be at it; only what is not there after that is proved absent.
    """

    BESIDE: ClassVar = frozenset({"answer"})

    why: str
    quiet: timedelta = timedelta(seconds=10)
    answer: Answer | None = None


Outcome = Done | Later | Held | Refused | Unsure
