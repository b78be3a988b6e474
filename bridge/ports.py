"""What the rules and the loops need of the world, in our words. Adapters implement these; `bridge.app` joins them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from bridge.due import Closings, LostPost, Tickets, Ticks
from bridge.looking import Homes, Incidents, Needs, Scenes, Setups
from bridge.model.decision import Decision, Job, Made, Moment, Scene
from bridge.model.facts import Fact
from bridge.model.files import Fetched
from bridge.model.ids import AccountId, ConversationId, PersonRef, PlaceRef, PostRef, WorkspaceId
from bridge.model.incident import Incident
from bridge.model.outcomes import Outcome, RawItem, Unfit
from bridge.model.queues import RETRIED, About, Ending, InboxRow, OutboxRow
from bridge.model.state import Account, Attachment, Known, Workspace
from bridge.rules.answers.fitting import Which

__all__ = [
    "RETRIED", "About", "Clock", "Closings", "Desk", "Effects", "Ending", "Facts", "Fetched", "Homes", "InboxRow",
    "Incidents", "Links", "Logins", "LostPost", "Media", "Needs", "Network", "OutboxRow", "Outside", "Parser",
    "Scenes", "Store", "Tickets", "Ticks", "Transaction",
]  # fmt: skip

T = TypeVar("T")


class Clock(Protocol):
    """Two times: see `bridge.model.decision.Moment`."""

    def now(self) -> datetime:
        """The time people go by; aware, UTC."""
        ...

    def steady(self) -> datetime:
        """Never goes back, never stands still; aware, UTC."""
        ...

    async def refresh(self) -> None:
        """Ask for the time anew where it is kept elsewhere."""
        ...


class Parser(Protocol):
    """Reads raw items of one source; pure, total: an unknown shape is a fact too (a placeholder, or `Ignored`)."""

    def needs(self, body: bytes) -> Needs: ...

    def read(self, item: RawItem, known: Known, workspace: Workspace | None) -> Fact: ...


class Media(Protocol):
    """The network's servers, from which customers' files come."""

    def fetched(self, attachment: Attachment, tries: int) -> AbstractAsyncContextManager[Fetched | Outcome]:
        """Hand out an attachment's file, or `Later`, or `Refused` with a key of ``media.*``. tries: before this one."""
        ...


class Desk(Protocol):
    """Where agents work. Each method does one effect once and says how it ended; none retries, none raises."""

    async def post(self, job: Job) -> Outcome:
        """PostRoot, PostMessage, PostLine, ShowFile, PostAlert, PostStage, PostAside, PostTicket: `Done(remote_id)` is the new post's ref."""
        ...

    async def keep(self, job: Job, file: Fetched) -> Outcome:
        """FetchMedia: `Stored(remote_id)` is the desk's file, which nobody sees yet."""
        ...

    def file(
        self, job: Job, which: Which, worth: Callable[[str, int], Unfit | None]
    ) -> AbstractAsyncContextManager[Fetched | Outcome]:
        """PrepareFile: hand out an agent's file. worth: asked, with what the desk says of it, before it is read."""
        ...

    async def change(self, job: Job) -> Outcome:
        """RedrawCard, RetireCard, RedrawPost, RemovePost, RemoveFile, SetSign, ClearSign, EditAlert, PinAlert, EditTicket: may be repeated."""
        ...

    async def tell(self, job: Job) -> Outcome:
        """TellPerson, TellOwner, AnswerAsker, ReplaceLine, GiveTranscript: of the last, `Done(remote_id)` is the file; ShowHome: `HomeShown`."""
        ...

    async def look(self, job: Job) -> Outcome:
        """LookForPost, LookForFile, LearnPerson, LearnGroup, ReadThread, Probe…: what was learnt comes back as raw items."""
        ...

    async def home_stands(self, workspace: WorkspaceId, person: PersonRef) -> bool:
        """Whether somebody's page says what is true now: asked without changing anything; raises what reading raises."""
        ...


class Outside(Protocol):
    """Other ways than the desk: for when that is what fails, and for tickets. The same promises as `Desk`."""

    async def tell(self, job: Job) -> Outcome:
        """TellOutside: by the way that it names; PutTicket: `Ticketed`; RedactTicket. All may be repeated."""
        ...


class Network(Protocol):
    """Where customers are. The same promises as `Desk`."""

    async def send(self, job: Job) -> Outcome:
        """SendToCustomer: `Done(remote_id)` is the network's id of the message."""
        ...

    async def upload(self, job: Job, kind: str, file: Fetched) -> Outcome:
        """PrepareFile: `Uploaded(remote_id)` is the network's id of the file, which it keeps for nobody yet."""
        ...

    async def act(self, job: Job) -> Outcome:
        """MoveControl, MarkSeen, ReactToCustomer, MoveToSpam, ShowTyping, KeepSubscribed: may be repeated."""
        ...

    async def look(self, job: Job) -> Outcome:
        """LookForSend, LearnProfile, LearnApp, ReadConversations, ReadHistory, LookForMessage: what was learnt comes back as raw items."""
        ...

    async def mind(self, job: Job) -> Outcome:
        """ProbeAccount: `Probed`; RefreshLogin: `Refreshed`; Unsubscribe."""
        ...


class Links(Protocol):
    """Ways to the bridge's own pages."""

    def reconnect(self, workspace: WorkspaceId, account: AccountId) -> str | None:
        """An address where somebody logs in to an account again; None where the bridge has no public one.

        Each is another: good for 14 days, and until somebody has logged in by it.
        """
        ...

    def connect(self, workspace: WorkspaceId, person: PersonRef, place: PlaceRef) -> str | None:
        """An address where *person* connects an account; its conversations come to *place*, if it is one, unless they choose another."""
        ...


class Facts(Protocol):
    """The inbox inside a transaction."""

    def keep(self, items: Sequence[RawItem], steady: datetime) -> int:
        """Keep each item once for its key; say how many were new."""
        ...

    def in_order(self, items: Sequence[RawItem]) -> None:
        """Of what was kept, decide these in this order where they have one lane, and their times tell only the second."""
        ...

    def next(self, steady: datetime, limit: int) -> list[InboxRow]:
        """The due heads of as many lanes, in order of their events, locked for this transaction."""
        ...

    def applied(self, row: InboxRow, reason: str | None = None) -> None: ...

    def wait(self, row: InboxRow, until: datetime, steady: datetime, *, missing: str, free: bool) -> None: ...

    def wait_anew(self, steady: datetime) -> None:
        """Give all that wait their whole time again, from now: nobody could help them while nothing ran."""
        ...

    def set_aside(self, row: InboxRow, reason: str) -> None:
        """It was applied as far as this version can read it: kept whole for `inbox retry` by a later one."""
        ...

    def bury(self, row: InboxRow, reason: str) -> None:
        """It could not be decided: kept for `inbox retry`."""
        ...

    def forget(self, row: InboxRow) -> None:
        """Nothing of it is kept: it is about somebody erased or unknown here, names a person, or must count when it is told again."""
        ...

    def buried(self, source: str) -> int:
        """How many of what *source* told could not be decided."""
        ...

    def seen(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Bodies of applied items by what they are *about*."""
        ...


class Effects(Protocol):
    """The outbox inside a transaction."""

    def claim(self, moment: Moment, limit: int, sides: Mapping[str, int] | None = None) -> list[OutboxRow]:
        """Take due lane heads of open targets, spending their tokens; they are *working* until finished.

        sides: at most so many of each of these sides (`bridge.lanes.side`).
        """
        ...

    def neighbours(self, rows: Sequence[OutboxRow], moment: Moment) -> dict[int, list[OutboxRow]]:
        """What goes in one post with a claimed row, by its id: what is next in its lane, where its place is behind.

        They are *working* like the first; one that does not go after all is finished as ready.
        """
        ...

    def finish(self, row: OutboxRow, ending: Ending) -> bool:
        """Leave a row; False when it had already ended otherwise (settled, dropped)."""
        ...

    def finish_all(self, endings: Sequence[tuple[OutboxRow, Ending]]) -> list[bool]:
        """Leave several rows; for each as `finish`."""
        ...

    def asked(self, row: OutboxRow) -> None:
        """An unsure row was given to a person: it holds its lane no longer, and may still be settled."""
        ...

    def delay_target(self, target: str, until: datetime) -> None: ...

    def overdue(self, steady: datetime) -> list[OutboxRow]:
        """Rows found working past their lease: their process died in the middle."""
        ...

    def parent(self, target: str) -> str | None: ...

    def try_held(self, side: str, *, but: Collection[str] = ()) -> None:
        """Let one row through for each held target of a side behind which something waits, *but* for those of these incidents."""
        ...

    def rereading(self, conversation: ConversationId, *, whole: bool = False) -> bool:
        """Whether its thread is about to be read again: older words may be there. whole: or these are yet to be decided."""
        ...

    def rereading_any(self) -> bool:
        """Whether that may be so of any conversation."""
        ...

    def held(self, target: str) -> bool:
        """Whether an incident holds this very target."""
        ...


class Logins(Protocol):
    """Who has logged in to the network, inside a transaction."""

    def accounts_of(self, person: str, since: datetime) -> Sequence[Account]:
        """The accounts, but removed ones, that live by this person's login, if it is not younger than *since*."""
        ...

    def erase(self, person: str, code: str, since: datetime, at: datetime) -> Sequence[Incident]:
        """Forget their name, their id and every token of theirs, but for a login younger than *since*; note it under *code*.

        The incidents that named them, and no longer do.
        """
        ...


class Transaction(Protocol):
    """One transaction: plain calls, no awaiting. Everything in it is committed together, or not at all."""

    @property
    def facts(self) -> Facts: ...

    @property
    def effects(self) -> Effects: ...

    @property
    def scenes(self) -> Scenes: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def ticks(self) -> Ticks: ...

    @property
    def closings(self) -> Closings: ...

    @property
    def homes(self) -> Homes: ...

    @property
    def setups(self) -> Setups: ...

    @property
    def logins(self) -> Logins: ...

    @property
    def tickets(self) -> Tickets: ...

    def apply(
        self, scene: Scene | None, decision: Decision, steady: datetime, caused_by: str | None = None
    ) -> None: ...

    def apply_all(self, made: Sequence[Made], steady: datetime) -> None:
        """As if applied one after another, in fewer statements."""
        ...

    def posted(self, row: OutboxRow, ref: PostRef, about: About, moment: Moment) -> None:
        """A post stands: remember which message stands in it; a root's ref becomes its thread's, an alert's its incident's."""
        ...

    def drawn(self, cards: Mapping[ConversationId, str]) -> None:
        """The cards stand as drawn, each with its fingerprint."""
        ...

    def new_id(self) -> int:
        """A fresh id for a message, thread or incident; grows with time."""
        ...

    def savepoint(self, work: Callable[[], T]) -> T:
        """Run *work*; what it raises undoes only what it did."""
        ...

    def broken(self, error: Exception) -> bool:
        """Whether *error* is the database's trouble, which says nothing of the work that met it."""
        ...


class Inbox(Protocol):
    """What a door needs of the store."""

    async def keep(self, items: Sequence[RawItem]) -> int:
        """Keep raw items in the inbox; return after the commit, which others may share."""
        ...


class Store(Inbox, Protocol):
    """Durable memory."""

    @property
    def alone(self) -> bool:
        """No other process can have rows in hand."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction; return after the commit, which others may share."""
        ...

    async def checkpoint(self) -> None:
        """Empty the database's own log, so that what was erased stands nowhere; StoreUnavailable: not yet."""
        ...

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call *wake* (from the event loop) when rows may have become due, here or in another process."""
        ...
