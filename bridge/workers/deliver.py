"""Outbox → desk and network: claim a batch, rule once more, do each effect once, and leave each row as it ended.

Rule 1: between claim and finish a row is *working*; a process that dies there leaves it unsure, never forgotten.
Rule 2: each effect is done once, outside any transaction; how its row is left stands in `bridge.workers.finish`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import chain

from bridge import lanes, threads
from bridge.model.change import replace
from bridge.model.decision import Drop, Go, Instead, Job, Moment, NotYet
from bridge.model.effects import (
    AnswerAsker,
    ClearSign,
    EditAlert,
    EditTicket,
    FetchMedia,
    GiveTranscript,
    KeepSubscribed,
    LearnApp,
    LearnGroup,
    LearnPerson,
    LearnProfile,
    LookForFile,
    LookForMessage,
    LookForPost,
    LookForSend,
    MarkSeen,
    MoveControl,
    MoveToSpam,
    PinAlert,
    PostAlert,
    PostAside,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    PostTicket,
    PrepareFile,
    ProbeAccount,
    ProbeDesk,
    ProbePlace,
    ProbeToken,
    PutTicket,
    ReactToCustomer,
    ReadConversations,
    ReadHistory,
    ReadThread,
    RedactTicket,
    RedrawCard,
    RedrawPost,
    RefreshLogin,
    RemoveFile,
    RemovePost,
    ReplaceLine,
    RetireCard,
    Revise,
    SendToCustomer,
    SetSign,
    ShowFile,
    ShowHome,
    ShowRead,
    ShowTyping,
    TellOutside,
    TellOwner,
    TellPerson,
    Unsubscribe,
)
from bridge.model.outcomes import Done, Held, Outcome, Page, Refused, Unsure
from bridge.model.word import Word
from bridge.ports import About, Ending, Fetched, OutboxRow, Transaction
from bridge.rules.base import Context
from bridge.workers import homes, prepare, together
from bridge.workers.base import AWAY, Bell, Tools, named
from bridge.workers.finish import finish
from bridge.workers.jobs import job_of

IN_FLIGHT = 320
"""Effects in hand at once, in one process."""
SHARE = 256
"""Of these, at most so many with one side: when it hangs, the other goes on."""
FILES: Mapping[str, int] = {lanes.MEDIA: 12, lanes.FILES: 4}
"""Of these, at most so many that bring files, to the desk and from it: each may take a minute, and room on the disk."""
LEAST, PAUSE = 128, 0.05
"""A side with less room than *LEAST* waits for more, *PAUSE* seconds at most; so do rows that have ended, while as many are
in hand. A transaction costs as much as forty rows in it: large batches cost less for each."""
Changes = (
    RedrawCard
    | RetireCard
    | RedrawPost
    | RemovePost
    | RemoveFile
    | SetSign
    | ClearSign
    | EditAlert
    | PinAlert
    | EditTicket
)
"""Effects that change what stands on the desk."""
READ_SOON = timedelta(milliseconds=500)
"""An answer from before the start is looked at again so soon while its thread is read."""
SOON = 0.01
"""Seconds that rows which have ended wait for the others in hand, where these are few."""


class InHand(Word, kw_only=True):
    """A claimed, ruled row and the job made of it."""

    row: OutboxRow
    about: About
    """As it was claimed."""
    job: Job
    beside: tuple[OutboxRow, ...] = ()
    """What goes in the same post."""

    @property
    def rows(self) -> tuple[OutboxRow, ...]:
        """All that it ends."""
        return (self.row, *self.beside)


class Deliverer:
    """The loop that does what the outbox holds."""

    def __init__(self, tools: Tools, bell: Bell) -> None:
        self._tools = tools
        self._bell = bell
        self._ended: list[tuple[InHand, Outcome]] = []
        self._some, self._enough = Bell(), Bell()
        """Have ended."""
        self._in_flight = 0
        self._on: Counter[str] = Counter(network=0, desk=0, media=0, files=0, sink=0)
        """In flight, by side."""
        self._asked = dict.fromkeys(self._on, 0.0)
        """When room was last asked to be filled, by side."""
        self._stopping = False
        self._since = tools.moment().steady
        """When this process began."""

    def stop(self) -> None:
        """Take nothing new; what is in hand is finished."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Deliver what is due until stopped, then finish what is in hand."""
        async with asyncio.TaskGroup() as tasks:
            finisher = tasks.create_task(self._finish_all())
            while not self._stopping:
                self._tools.told.beat("deliver")
                claimed = await self._claim()
                for each in claimed:
                    self._in_flight += 1
                    self._tools.in_hand.update(row.id for row in each.rows)
                    self._on[lanes.side(each.row.target)] += 1
                    tasks.create_task(self._deliver(each))
                if not claimed or self._in_flight >= IN_FLIGHT:
                    await self._bell.wait()
            while self._in_flight:
                await self._bell.wait(0.05)
            finisher.cancel()

    async def _claim(self) -> list[InHand]:
        room = IN_FLIGHT - self._in_flight
        if room <= 0:
            return []
        sides = {side: self._room(side) for side in self._on}
        if not any(sides.values()):
            return []
        moment = self._tools.moment()
        try:
            return await self._tools.store.write(lambda tx: self._ruled(tx, moment, room, sides))
        except Exception as error:  # noqa: BLE001 - nothing was claimed: the transaction is undone and tried again
            self._tools.trouble("claim", error)
            await asyncio.sleep(AWAY)
            return []

    def _room(self, side: str) -> int:
        share = FILES.get(side, SHARE)
        room, now = share - self._on[side], time.monotonic()
        if room < LEAST and now - self._asked[side] < PAUSE:
            return 0
        self._asked[side] = now
        return room

    def _ruled(self, tx: Transaction, moment: Moment, room: int, sides: Mapping[str, int]) -> list[InHand]:
        rows = tx.effects.claim(moment, room, sides)
        if not rows:
            return []
        waiting = tx.effects.neighbours(rows, moment)
        about = tx.scenes.about([*rows, *chain.from_iterable(waiting.values())])
        unread = moment.steady - self._since < self._tools.rules.fact_wait and tx.effects.rereading_any()
        context = self._tools.context(tx, moment)
        ruled = []
        for row in rows:
            found = self._rule(tx, row, about.get(row.id), context, unread=unread)
            if row.id in waiting:
                found = self._together(tx, found, waiting[row.id], about, context)
            ruled.append(found)
        return [each for each in ruled if each is not None]

    def _together(
        self,
        tx: Transaction,
        first: InHand | None,
        waiting: Sequence[OutboxRow],
        about: Mapping[int, About],
        context: Context,
    ) -> InHand | None:
        """What goes, with what goes in the same post."""
        if first is None:
            together.leave(tx, waiting)
            return None
        taken = together.beside(tx, about[first.row.id], waiting, about, context)
        if not taken:
            return first
        job = replace(first.job, beside=tuple(each for _, each in taken))
        joined = tuple(replace(row, joined=first.row.id) for row in (first.row, *(row for row, _ in taken)))
        return replace(first, row=joined[0], job=job, beside=joined[1:])

    def _rule(
        self, tx: Transaction, row: OutboxRow, about: About | None, context: Context, *, unread: bool
    ) -> InHand | None:
        """Rule on the state as it is now; only what is still due goes on. unread: some threads are yet to be read."""
        if about is None:
            tx.effects.finish(row, Ending(state="dropped", reason="what it is about is gone"))
            return None
        match threads.due(about.scene, row.effect, context, about.incident):
            case Go() if unread and _read_first(tx, row):
                soon = context.moment.steady + READ_SOON
                tx.effects.finish(row, Ending(state="ready", reason="its thread is read first", not_before=soon))
            case Go() as go:
                return InHand(row=row, about=about, job=job_of(row, about, go, context.rules))
            case Drop(why=why):
                tx.effects.finish(row, Ending(state="dropped", reason=why))
            case NotYet(until=until, why=why):
                tx.effects.finish(row, Ending(state="ready", reason=why, not_before=until))
            case Instead(decision=decision, why=why):
                tx.effects.finish(row, Ending(state="ready" if decision.retry_row else "dropped", reason=why))
                tx.apply(about.scene, decision, context.moment.steady, f"outbox:{row.id}")
        return None

    async def _deliver(self, each: InHand) -> None:
        started = time.monotonic()
        outcome = await self._done(each.job)
        self._tools.told.outcome(type(each.row.effect).__name__, type(outcome).__name__, time.monotonic() - started)
        if isinstance(outcome, Held):
            self._tools.told.held(lanes.scoped(each.row.target, outcome.scope), outcome.cause)
        if isinstance(outcome, Page) and each.job.account is not None:
            self._tools.told.history(each.job.account.id, outcome)
        if isinstance(outcome, Done):
            homes.note(self._tools, each.row.effect)
            self._relayed(each.job)
        self._ended.append((each, outcome))
        self._some.ring()
        if len(self._ended) >= min(LEAST, self._in_flight):
            self._enough.ring()

    def _relayed(self, job: Job) -> None:
        """Say how long what somebody wrote has taken to the other side, of an answer its last part."""
        message = None if job.scene is None else job.scene.message
        if message is None:
            return
        took = (self._tools.clock.now() - message.at).total_seconds()
        match job.effect:
            case PostMessage(own=False):
                self._tools.told.relayed("to_desk", took)
                for other in [each.scene.message for each in job.beside if each.scene.message is not None]:
                    self._tools.told.relayed("to_desk", (self._tools.clock.now() - other.at).total_seconds())
            case SendToCustomer(part=part) if part == len(message.parts):
                self._tools.told.relayed("to_customer", took)
            case _:
                pass

    async def _done(self, job: Job) -> Outcome:
        try:
            return await self._carried_out(job)
        except Exception as error:  # noqa: BLE001 - a bug in an adapter must not stop the others; the row tells of it
            self._tools.trouble("deliver", error)
            return Unsure(why=named(error))

    async def _carried_out(self, job: Job) -> Outcome:
        match job.effect:
            case SendToCustomer():
                return await self._tools.network.send(job)
            case MoveControl() | MarkSeen() | ReactToCustomer() | MoveToSpam() | ShowTyping() | KeepSubscribed():
                return await self._tools.network.act(job)
            case LookForSend() | LearnProfile() | LearnApp() | ReadConversations() | ReadHistory() | LookForMessage():
                return await self._tools.network.look(job)
            case ProbeAccount() | RefreshLogin() | Unsubscribe():
                return await self._tools.network.mind(job)
            case FetchMedia():
                return await self._brought(job)
            case PrepareFile():
                return await prepare.prepared(self._tools, job)
            case (
                PostRoot()
                | PostMessage()
                | PostLine()
                | ShowFile()
                | PostAlert()
                | PostStage()
                | PostAside()
                | PostTicket()
            ):
                return await self._tools.desk.post(job)
            case TellPerson() | AnswerAsker() | TellOwner() | ReplaceLine() | GiveTranscript() | ShowHome():
                return await self._tools.desk.tell(job)
            case (
                LookForPost()
                | LookForFile()
                | LearnPerson()
                | LearnGroup()
                | ReadThread()
                | ProbeDesk()
                | ProbeToken()
                | ProbePlace()
            ):
                return await self._tools.desk.look(job)
            case TellOutside() | PutTicket() | RedactTicket():
                return await self._tools.outside.tell(job)
            case Revise() | ShowRead():
                return Done()  # whoever was to look is gone
            case _:
                return await self._changed(job, job.effect)

    async def _changed(self, job: Job, _effect: Changes) -> Outcome:
        """Change what stands on the desk. The effect comes for its type alone: what is forgotten above, mypy names there."""
        return await self._tools.desk.change(job)

    async def _brought(self, job: Job) -> Outcome:
        """Fetch a file and hand it on; it is on our disk no longer than that."""
        message, seq = None if job.scene is None else job.scene.message, getattr(job.effect, "attachment", None)
        wanted = next((each for each in message.attachments if each.seq == seq), None) if message else None
        if wanted is None:
            return Refused(code="other", why="")
        async with self._tools.media.fetched(wanted, job.attempts) as got:
            return await self._tools.desk.keep(job, got) if isinstance(got, Fetched) else got

    async def _finish_all(self) -> None:
        """Leave rows as they ended; those that end together share a transaction."""
        while True:
            await self._some.wait()
            if not self._ended:
                continue
            await self._enough.wait(PAUSE if self._in_flight > LEAST else SOON)
            batch, self._ended = self._ended, []
            await self._finish(batch)
            self._in_flight -= len(batch)
            self._tools.in_hand.difference_update(row.id for each, _ in batch for row in each.rows)
            self._on.subtract(lanes.side(each.row.target) for each, _ in batch)
            self._bell.ring()

    async def _finish(self, batch: Sequence[tuple[InHand, Outcome]]) -> None:
        """A bug in one ending must not spoil the others; what cannot be left stays working, and so becomes unsure."""
        moment = self._tools.moment()
        try:
            await self._tools.store.write(lambda tx: self._left(tx, batch, moment))
        except Exception as error:  # noqa: BLE001 - tried again one by one below
            self._tools.trouble("finish", error)
            for each in batch:
                await self._finish_one(each)

    def _left(self, tx: Transaction, batch: Sequence[tuple[InHand, Outcome]], moment: Moment) -> None:
        """Leave each row with how it ended: those of one post end alike."""
        ends = [(row, outcome) for each, outcome in batch for row in each.rows]
        finish(tx, self._tools, ends, moment, known={each.row.id: each.about for each, _ in batch})

    async def _finish_one(self, each: tuple[InHand, Outcome]) -> None:
        for pause in (0.0, 0.5, 2.0):
            await asyncio.sleep(pause)
            try:
                await self._tools.store.write(lambda tx: self._left(tx, [each], self._tools.moment()))
            except Exception as error:  # noqa: BLE001 - told, and the row's lease brings it back as unsure
                self._tools.trouble("finish", error)
            else:
                return


def _read_first(tx: Transaction, row: OutboxRow) -> bool:
    """Whether its author may have changed it, or taken it back, while nobody listened, and their thread is yet to be read."""
    return isinstance(row.effect, SendToCustomer) and tx.effects.rereading(row.effect.conversation, whole=True)
