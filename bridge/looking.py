"""What the rules look at: the questions that a fact or an effect asks of the store, as a part of `bridge.ports.Transaction`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bridge.model.act import Act
from bridge.model.decision import Scene, Sending
from bridge.model.earlier import Earlier
from bridge.model.ids import (
    AccountId,
    ConversationId,
    GroupRef,
    IncidentId,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    RemoteId,
    WorkspaceId,
)
from bridge.model.incident import Company
from bridge.model.own import AlertDue
from bridge.model.queues import About, OutboxRow
from bridge.model.setup import Beside
from bridge.model.state import Account, Incident, Known, Message, Platform, Workspace
from bridge.model.word import Word


class Needs(Word, kw_only=True):
    """Whom a raw item speaks of: what the store should know before it is read."""

    people: tuple[PersonRef, ...] = ()
    groups: tuple[GroupRef, ...] = ()


class Incidents(Protocol):
    """What is told in alerts channels, read (and locked) inside a transaction."""

    def one(self, workspace: WorkspaceId, id: IncidentId) -> Incident | None:
        """By its id; None: there is no such one in that workspace."""
        ...

    def company(self, of: Incident | AlertDue, since: datetime) -> Company:
        """What else is open beside an incident, or beside what is about to be one; alike: those that began after *since*."""
        ...

    def open_of(self, kind: str) -> list[Incident]:
        """Open ones of a kind, in all workspaces."""
        ...

    def put_off(self, until: datetime, limit: int) -> list[Incident]:
        """Open ones that were put off until before *until* (now)."""
        ...

    def sending(self, since: datetime, limit: int) -> list[tuple[Incident, int, int]]:
        """Those that were over after *since* (now) and whose answers go: how many have gone, and how many are left."""
        ...


class Homes(Protocol):
    """People's own pages on the desk, read inside a transaction."""

    def lately(
        self, workspaces: Collection[WorkspaceId] | None, since: datetime
    ) -> list[tuple[WorkspaceId, PersonRef]]:
        """Whose was opened after *since* (now), in these workspaces, or in all."""
        ...

    def idle(self, before: datetime, limit: int) -> list[tuple[WorkspaceId, PersonRef]]:
        """Whose was opened before that for the last time, and still shows what it showed then."""
        ...


class Setups(Protocol):
    """What a change of an account comes upon, read inside a transaction."""

    def beside(self, account: Account) -> Beside:
        """What depends on it, and how it came to be removed."""
        ...


class Scenes(Protocol):
    """What the rules look at, read (and the conversation locked) inside a transaction."""

    def workspace(self, id: WorkspaceId) -> Workspace | None: ...

    def of_customer(
        self, platform: Platform, account: str, customer: str, *, create: bool, sending: bool = False
    ) -> Scene | None:
        """None: no such account is connected (or, without *create*, no such conversation).

        sending: fill `Scene.sending` too, here and below.
        """
        ...

    def of_removed(self, platform: Platform, account: str, customer: str, message: RemoteId) -> Scene | None:
        """Where a message stands of an account that was removed; None: nowhere."""
        ...

    def earlier(self, scene: Scene, heard: Collection[RemoteId]) -> Earlier | None:
        """Who a stranger may be of those whom the account knew by its other login; None: it has had one alone, or joined all."""
        ...

    def join(self, stranger: Scene, known: Scene) -> None:
        """Let a customer take over the id of a stranger, of whom nothing is kept."""
        ...

    def of_commenter(self, platform: Platform, account: str, commenter: str, *, create: bool = True) -> Scene | None:
        """By the network's id of who comments; *create* keeps them on first contact."""
        ...

    def private_replies(self, account: AccountId) -> tuple[Sending, ...]:
        """What of an account's private replies to comments is on the wire, or unsure."""
        ...

    def of_root(self, workspace: WorkspaceId, root: PostRef, *, sending: bool = False) -> Scene | None:
        """By the root of a thread, old threads too; it is the scene's *thread*."""
        ...

    def of_aside(self, workspace: WorkspaceId, root: PostRef) -> Scene | None:
        """By the root of a thread beside, in which somebody was asked."""

    def of_conversation(self, conversation: ConversationId, *, sending: bool = False) -> Scene | None: ...

    def of_message(self, message: MessageId, *, sending: bool = False) -> Scene | None:
        """With the message, and the thread that it stands in."""
        ...

    def message_by_ref(self, workspace: WorkspaceId, ref: PostRef) -> Message | None: ...

    def by_word(self, conversation: ConversationId) -> tuple[Sending, ...]:
        """What of its replies arrived as a person said, and of which the network's id was never heard."""
        ...

    def withheld(self, scene: Scene) -> Scene:
        """The scene with what a blocked customer wrote or changed since."""

    def answering(self, conversation: ConversationId) -> bool:
        """Whether an agent's answer of late waits, is asked about, or may have arrived."""
        ...

    def with_copies(self, scene: Scene, remote_id: RemoteId, at: datetime, *, left: bool = False) -> Scene:
        """The scene with what is made of its message, which the network knows as *remote_id*, at an event's time.

        Its posts, what quotes it and, where the card may need it, what else the customer said. left: what left the house.
        """
        ...

    def is_own_post(self, workspace: WorkspaceId, ref: PostRef) -> bool:
        """Whether a post of ours that is no root stands there, or stood."""
        ...

    def message_by_post(self, workspace: WorkspaceId, ref: PostRef) -> Message | None:
        """What a post of ours shows: a customer's message, or one written elsewhere."""
        ...

    def message_by_remote(self, conversation: ConversationId, remote_id: RemoteId) -> Message | None: ...

    def known(self, workspace: WorkspaceId, needs: Needs) -> Known: ...

    def apps(self, ids: Collection[str]) -> dict[str, str | None]:
        """What other apps are called, by the network's ids; None: it was asked for in vain."""
        ...

    def account_by_remote(self, platform: Platform, account: str) -> Account | None:
        """The connected account that the network means; None: none, or removed."""
        ...

    def account(self, account: AccountId) -> Account | None:
        """One account, by our own id."""
        ...

    def accounts(self, workspace: WorkspaceId) -> tuple[Account, ...]:
        """All of a workspace, the first connected first; removed ones left out."""

    def asked_of(self, scene: Scene, act: Act) -> Scene:
        """The scene with what an act needs besides: other accounts, and what is like it already."""
        ...

    def first_account(self, workspace: WorkspaceId | None) -> Account | None:
        """The account that was connected first, of one workspace or of all; removed ones left out."""
        ...

    def incident(self, workspace: WorkspaceId, key: str) -> Incident | None:
        """The open incident under *key*."""
        ...

    def incidents(self, workspace: WorkspaceId, key: str) -> list[Incident]:
        """The open incidents that are over with *key*: its own, and those of single accounts of what it holds."""
        ...

    def about(
        self,
        rows: Sequence[OutboxRow],
        *,
        beside: Collection[ConversationId] = (),
        known: Mapping[int, About] | None = None,
        names: bool = True,
    ) -> dict[int, About]:
        """All that a batch of claimed rows is about, by row, as it is now; *names*: those of people too.

        Their conversations, and those *beside* them, are locked, in order of ids. known: what some of them were about
        earlier; it is given again where nothing of it was written since, names and all.
        """
        ...

    def routed(self, workspace: WorkspaceId, place: PlaceRef) -> list[Account]:
        """The accounts whose route is that place, then those that have their alerts there; removed ones left out."""
        ...

    def root_under_way(self, workspace: WorkspaceId, place: PlaceRef) -> bool:
        """Whether a root in that place is in hand or unsure, so that a thread unknown to us may yet be ours."""
        ...
