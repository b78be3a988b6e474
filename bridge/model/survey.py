"""What is set up in a workspace, as it stands, for whoever asks on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.model.ids import AccountId, GroupRef, PersonRef, PostRef
from bridge.model.sheet import Managed, Trouble
from bridge.model.state import Account, Said, Workspace
from bridge.model.word import Word, field


class Survey(Word, kw_only=True):
    """All that one question needs. managed: every connected account, first the one that was connected first.

    others: what is open and belongs to none of them. removed: those that were; removed_at: since when. heard: of which accounts a customer was ever heard. groups: who belongs to the groups that
    accounts name, as far as that was learnt. chosen: of which accounts somebody has said who answers, be it everybody. admins: who may set up whatever there is, as far as that was learnt.
    no_worker: processes of the bridge are alive, but none that shows or sends anything.
    """

    workspace: Workspace
    managed: tuple[Managed, ...] = ()
    others: tuple[Trouble, ...] = ()
    removed: tuple[Account, ...] = ()
    removed_at: Mapping[AccountId, datetime] = field(default_factory=dict)
    heard: frozenset[AccountId] = frozenset()
    chosen: frozenset[AccountId] = frozenset()
    groups: Mapping[GroupRef, tuple[PersonRef, ...]] = field(default_factory=dict)
    admins: tuple[PersonRef, ...] = ()
    no_worker: bool = False

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Those that are connected."""
        return tuple(each.account for each in self.managed)


class Change(Word, kw_only=True):
    """One line of the audit: who changed what, and which account or whatever else (*subject*)."""

    at: datetime
    who: str
    action: str
    subject: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    customer: str | None = None
    """Whose conversation it is about, where that is known."""
    thread: PostRef | None = None
    """Where that stands."""


class Examined(Word, kw_only=True):
    """What the network says of an account at this moment. wrong: sentences, the gravest first.

    linked: whether an Instagram account is linked with the Page by whose login it lives; None: it needs none, or nobody knows.
    """

    wrong: tuple[Said, ...] = ()
    linked: bool | None = None
