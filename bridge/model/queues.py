"""Rows of the two queues as the loops hold them, and what goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from bridge.model.decision import Closings, Scene
from bridge.model.effects import AnyEffect
from bridge.model.ids import PersonRef
from bridge.model.incident import Member
from bridge.model.outcomes import RawItem
from bridge.model.state import Account, Incident, Workspace
from bridge.model.word import Alike, Word, field

RETRIED = "retried"
"""What a fact that could not be decided waits for once an operator lets it be tried again."""


class InboxRow(Word, kw_only=True):
    """A kept item in hand.

    missing: what it last waited for, or `RETRIED`. first_tried: since when it waits for that, on the steady clock.
    """

    id: int
    item: RawItem
    attempts: int
    first_tried: datetime | None
    missing: str | None = None


class OutboxRow(Word, kw_only=True):
    """An effect in hand, not yet ruled.

    unsure_since: when its outcome was lost, or None.
    probe: the incident that holds its target, where it was let through to see whether that is mended.
    since: from when on it might go, on the steady clock. joined: the row in whose post it goes with others, or its own.
    """

    id: int
    effect: AnyEffect
    lane: str
    target: str
    attempts: int
    position: int
    rank: int
    unsure_since: datetime | None = None
    probe: str | None = None
    since: datetime | None = None
    joined: int | None = None

    @property
    def follows(self) -> int | None:
        """The row in whose post it goes, where that is another."""
        return None if self.joined == self.id else self.joined


class About(Alike, kw_only=True):
    """What ruling on a claimed row, and wording it, needs.

    scene: None for what belongs to no conversation. Its message is the one that the effect names; for a card, the one
    that the card shows. Its thread is the one that the effect or the message names.
    account: whose row or incident it is; members: of a digest, what it tells of. sealed: the account's credential, for effects on the network.
    language: of the person who will read it, else of the workspace. names, pictures: of all persons named.
    waiting: replies behind what the incident holds. drawn: the fingerprint of the card as it stands.
    listed: the conversations that an incident lists. connected: where an account leaves, all the others.
    made_of: what was read for it, where that was all: as long as the same is read, it is true.
    read_at: when it was read, as the store counts.
    """

    BESIDE: ClassVar = frozenset({"made_of", "read_at"})
    HIDDEN: ClassVar = frozenset({"made_of", "read_at"})

    workspace: Workspace
    scene: Scene | None = None
    account: Account | None = None
    incident: Incident | None = None
    sealed: str | None = None
    language: str = "en"
    names: dict[PersonRef, str] = field(default_factory=dict)
    pictures: dict[PersonRef, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    waiting: int = 0
    drawn: str | None = None
    listed: tuple[Scene, ...] = ()
    closings: Closings | None = None
    connected: tuple[Account, ...] = ()
    made_of: tuple[object, ...] | None = None
    read_at: tuple[int, int] | None = None


class Ending(Word, kw_only=True):
    """How the store should leave a finished row."""

    state: str
    reason: str | None = None
    not_before: datetime | None = None
    attempts: int = 0
    remote_id: str | None = None
