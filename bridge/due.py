"""What becomes due by itself: the questions that the ticking loop asks, as a part of `bridge.ports.Transaction`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bridge.model.closing import Line
from bridge.model.decision import Scene
from bridge.model.departed import GivenBack, Looks
from bridge.model.ids import (
    AccountId,
    ConversationId,
    GroupRef,
    IncidentId,
    MessageId,
    PersonRef,
    PlaceRef,
    TicketId,
    WorkspaceId,
)
from bridge.model.listed import Listing
from bridge.model.queues import OutboxRow
from bridge.model.state import Account, Incident, Value
from bridge.model.tickets import Ticket
from bridge.model.upkeep import Kept
from bridge.model.word import Word
from bridge.rules.desk.days import Times


class LostPost(Word, kw_only=True):
    """A post of ours that has not come back as an event."""

    workspace: WorkspaceId
    row: int
    conversation: ConversationId | None
    place: PlaceRef


class Closings(Protocol):
    """Windows about to close on those who wait, read and written inside a transaction."""

    def due(self, now: datetime, limit: int) -> list[ConversationId]:
        """Conversations of which something is to be told (`Conversation.alert_at`), or may have to be."""
        ...

    def passed(self, now: datetime, limit: int) -> list[Line]:
        """Open lines of alerts whose close has passed."""
        ...

    def hushed(self, now: datetime, limit: int) -> list[Line]:
        """Open lines that were named without a mention and whose close is ahead, the next to close first."""
        ...

    def over(self, now: datetime, limit: int) -> list[Incident]:
        """Open alerts in which nobody waits any more."""
        ...

    def youngest(self, workspace: WorkspaceId, place: PlaceRef, since: datetime, now: datetime) -> Incident | None:
        """An open alert in a place that was opened after *since*."""
        ...

    def alerts(self, ids: Collection[IncidentId]) -> list[Incident]:
        """These alerts."""
        ...

    def replies(self, incident: IncidentId) -> int:
        """How many replies under an alert name somebody."""
        ...

    def write(self, workspace: WorkspaceId, changed: Sequence[Line]) -> None:
        """Lines as they are now, new ones among them."""
        ...

    def lapsed(self, scene: Scene, at: datetime) -> None:
        """Note that the last window of somebody who waited closed at *at*."""
        ...


class Ticks(Protocol):
    """What has become due by itself, read inside a transaction; each answer is bounded by *limit*."""

    def unsigned(self, before: datetime, limit: int) -> list[MessageId]:
        """Replies waiting or asking, queued before *before* (steady), that bear no sign."""
        ...

    def questions(self, before: datetime, limit: int) -> list[MessageId]:
        """Replies whose author was asked before *before* (steady), pictures that could go smaller among them."""
        ...

    def unsure(self, limit: int) -> list[OutboxRow]:
        """Rows that are unsure and not yet given to a person."""
        ...

    def unlooked(self, before: datetime, limit: int) -> list[OutboxRow]:
        """Posts that are unsure since before *before* (steady), hold their lane, and that nothing will look for any more."""
        ...

    def probing(self, now: datetime, far: datetime, limit: int) -> list[Kept]:
        """Accounts to be asked about at *now*, those never asked or not before *far* among them; locked."""
        ...

    def refreshing(self, now: datetime, far: datetime, limit: int) -> list[Kept]:
        """Accounts whose token is to be exchanged at *now*, or not before *far*, or it is not known when; locked."""
        ...

    def watched(self, now: datetime) -> None:
        """Count the hour that has just ended as one in which accounts were watched, once for each."""
        ...

    def quiet(self, now: datetime) -> list[tuple[Kept, Mapping[int, tuple[int, int]]]]:
        """Accounts that have been silent for hours, which nobody was told; each with its week, by hour: watched, heard."""
        ...

    def warning(self, now: datetime, limit: int) -> list[Kept]:
        """Accounts whose login's end is to be looked at by *now*; locked."""
        ...

    def departed(self, limit: int) -> list[tuple[WorkspaceId, PersonRef]]:
        """Who is no longer on the desk, and looks after conversations."""
        ...

    def give_back(self, workspace: WorkspaceId, person: PersonRef, now: datetime) -> list[GivenBack]:
        """Take all that somebody looks after from them; what of it is not closed."""
        ...

    def connected(self) -> list[Account]:
        """Every account that is not removed."""
        ...

    def owners(self) -> list[Looks]:
        """Who looks after conversations that are not closed, of accounts that are not removed."""
        ...

    def give_back_of(self, looks: Looks, now: datetime) -> list[GivenBack]:
        """Take what somebody looks after from them, but only what is meant; what of it is not closed."""
        ...

    def renumbered(self) -> dict[PlaceRef, tuple[WorkspaceId, PlaceRef, datetime]]:
        """Places that went by another id: whose, by which they go now, and since when."""
        ...

    def renumber(self, workspace: WorkspaceId, old: PlaceRef, new: PlaceRef, now: datetime) -> bool:
        """Keep all that is kept under a place's old id under its new one; whether an account lived there."""
        ...

    def owning_groups(self) -> list[tuple[WorkspaceId, GroupRef]]:
        """The groups that look after conversations that are not closed."""
        ...

    def give_back_group(self, workspace: WorkspaceId, group: GroupRef, now: datetime) -> list[GivenBack]:
        """Take all that a group looks after from it; what of it is not closed."""
        ...

    def asked_in_vain(self, limit: int) -> list[MessageId]:
        """Answers that wait for the word of an author who is no longer on the desk."""
        ...

    def unseen_owners(self, before: datetime, limit: int) -> list[tuple[WorkspaceId, PersonRef]]:
        """Who looks after conversations that are not closed, and was last learnt before *before* (steady), if ever."""
        ...

    def windows(self, now: datetime, limit: int) -> list[ConversationId]:
        """Conversations one of whose closes has passed since their card was last told so (`Conversation.told_until`)."""
        ...

    def stranded(self, limit: int) -> list[MessageId]:
        """Messages with files on their way that nothing brings or shows any more."""
        ...

    def run_out(self, now: datetime, limit: int) -> list[MessageId]:
        """Messages with something that can be seen no longer at *now*, and whose line does not say so yet."""
        ...

    def lost_posts(self, after: datetime, before: datetime, limit: int) -> list[LostPost]:
        """Posts made between the two (now) that were not heard of again, nor told of in an incident."""
        ...

    def heard_again(self, now: datetime, settled: datetime) -> list[tuple[WorkspaceId, str]]:
        """Workspaces whose events were missing and come again, with the key of the incident that told of it."""
        ...

    def moved(self) -> list[tuple[WorkspaceId, str]]:
        """Workspaces that took nothing for a while and take posts again, with the key of the incident that told of it."""
        ...

    def warned(self, before: datetime) -> list[tuple[WorkspaceId, str]]:
        """Workspaces with a warning of the network's that was told before *before* (now), with the key of its incident."""
        ...

    def open_conversations(self, workspace: WorkspaceId, place: PlaceRef | None, now: datetime) -> list[ConversationId]:
        """Conversations with a thread and an open window, the latest active first; of one place, or all."""
        ...

    def open_threads(self, conversations: Sequence[ConversationId], now: datetime, *, since: datetime) -> list[Scene]:
        """Those of these that still are such, with what agents have written in their threads after *since*."""
        ...

    def shut_places(self, causes: Collection[str]) -> list[tuple[WorkspaceId, PlaceRef]]:
        """Places that are held for one of these causes."""
        ...

    def behind_holds(self) -> list[tuple[Incident, int]]:
        """Open incidents that hold something and were told, with how many answers and messages wait behind each."""
        ...

    def posts_waiting(self, steady: datetime) -> set[WorkspaceId]:
        """Workspaces in which something waits to be posted that nothing but the desk itself holds up."""
        ...

    def posted_since(self, since: datetime) -> set[WorkspaceId]:
        """Workspaces in which something was posted since then (steady)."""
        ...

    def dead_rows(self) -> int:
        """How many effects were given up that no incident of their own tells of."""
        ...

    def unsure_rows(self, before: datetime) -> int:
        """How many answers have been doubtful since *before* (steady)."""
        ...

    def behind(self, before: datetime) -> bool:
        """Whether something has been able to go since *before* (steady), and nothing holds it."""
        ...

    def revived(self) -> list[tuple[WorkspaceId, str]]:
        """Workspaces with an incident of an effect that was given up and is so no longer, with its key."""
        ...

    def processes(self) -> dict[str, tuple[str, datetime]]:
        """Which processes there are, with their role and their last sign of life (real time)."""
        ...

    def desks(self) -> set[WorkspaceId]:
        """Workspaces with an account that is not removed."""
        ...

    def dead_desks(self) -> list[WorkspaceId]:
        """Workspaces whose credentials were dead when last used."""
        ...

    def heard_of(self, account: AccountId | None) -> list[tuple[Account, datetime | None]]:
        """This account, or all, removed ones left out, with the time of the last that was heard of each."""
        ...

    def named_groups(self) -> list[tuple[WorkspaceId, GroupRef]]:
        """The groups that accounts name as their agents."""
        ...

    def digesting(self) -> list[Account]:
        """Accounts that want digests of their days and weeks."""
        ...

    def take_digest(self, account: AccountId, day: date) -> date | None:
        """Note that a day's digest is told; the day noted before. None: this one was told, or there was none before."""
        ...

    def standing(
        self, workspace: WorkspaceId, accounts: Collection[AccountId], times: Times, now: datetime
    ) -> dict[str, Value]:
        """How accounts stand on a day: how many wait, close today, lapsed yesterday, and where the first of them are."""
        ...

    def planning(self) -> list[Account]:
        """Accounts that have hours, and answer at all."""
        ...

    def take_break(self, account: AccountId, begins: datetime) -> bool:
        """Note that a break is told of, by its beginning; False: it was, or a later one."""
        ...

    def boards(self) -> list[Account]:
        """Accounts that want a board."""
        ...

    def listings(self, kind: str) -> list[Incident]:
        """Open incidents of a kind."""
        ...

    def closing(
        self,
        accounts: Collection[AccountId],
        now: datetime,
        until: datetime,
        *,
        named: Collection[ConversationId] | None = None,
        begins: datetime | None = None,
    ) -> Listing:
        """Who waits and closes before *until*. named: who was listed before, and how they stand; None: that is not kept.

        begins: of the break before which they are listed; who was lost before it counts by themselves.
        """
        ...

    def figures(self, account: Account, start: datetime, end: datetime, now: datetime) -> dict[str, Value]:
        """What happened on an account in a time: numbers, and agents' refs."""
        ...


class Tickets(Protocol):
    """Tickets inside a transaction."""

    def due(self, now: datetime, limit: int) -> list[ConversationId]:
        """Conversations of which the timer makes one, or that must be judged anew; those due first come first."""
        ...

    def one(self, wanted: TicketId) -> Ticket | None:
        """By its id."""
        ...

    def of(self, conversation: ConversationId) -> tuple[Ticket, ...]:
        """All of a conversation, the oldest first."""
        ...
