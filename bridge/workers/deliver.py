"""Outbox → desk and network: claim a batch, rule once more, do each effect once, and leave each row as it ended.

Rule 1: between claim and finish a row is *working*; a process that dies there leaves it unsure, never forgotten.
Rule 2: what may be repeated is repeated; a send or a post whose answer was lost is unsure.
Rule 3: an outage or a dead credential counts against no row: it delays or holds the target.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from bridge import lanes, policy, threads
from bridge.model.decision import Decision, Drop, Go, Instead, Job, Made, Moment, NotYet, Scene, Tag
from bridge.model.effects import (
    AnyEffect,
    ClearSign,
    EditAlert,
    LearnGroup,
    LearnPerson,
    LearnProfile,
    LookForPost,
    LookForSend,
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    ProbeDesk,
    ProbePlace,
    ReadThread,
    RedrawCard,
    RemovePost,
    ReplaceLine,
    SendToCustomer,
    SetSign,
    TellPerson,
)
from bridge.model.ids import ConversationId, PostRef
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import Account, Message
from bridge.ports import About, Ending, OutboxRow, Transaction
from bridge.rules import places, sending
from bridge.workers.base import AWAY, Bell, Tools, named

READ_AGAIN = 100
"""Threads read again at once, after a hold."""
IN_FLIGHT = 128
"""Effects in hand at once, in one process."""
SHARE = 96
"""Of these, at most so many with one side: when it hangs, the other goes on."""
LEAST, PAUSE = 32, 0.02
"""A side with less room than this waits for more, so many seconds at most: large batches cost less for each row."""
PROBE_AGAIN = timedelta(seconds=30)
POSTS = (PostRoot, PostMessage, PostLine, PostAlert)
ONCE_ONLY = (*POSTS, SendToCustomer)
"""What must not be done twice: lost answers make it unsure."""


@dataclass(frozen=True, kw_only=True)
class InHand:
    """A claimed, ruled row and the job made of it."""

    row: OutboxRow
    job: Job


class Deliverer:
    """The loop that does what the outbox holds."""

    def __init__(self, tools: Tools, bell: Bell) -> None:
        self._tools = tools
        self._bell = bell
        self._ended: asyncio.Queue[tuple[OutboxRow, Outcome]] = asyncio.Queue()
        self._in_flight = 0
        self._on: Counter[str] = Counter(network=0, desk=0)
        """In flight, by side."""
        self._asked = dict.fromkeys(self._on, 0.0)
        """When room was last asked to be filled, by side."""
        self._stopping = False

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
                    self._tools.in_hand.add(each.row.id)
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
        moment = self._tools.moment()
        try:
            return await self._tools.store.write(lambda tx: self._ruled(tx, moment, room, sides))
        except Exception as error:  # noqa: BLE001 - nothing was claimed: the transaction is undone and tried again
            self._tools.told.trouble("claim", named(error))
            await asyncio.sleep(AWAY)
            return []

    def _room(self, side: str) -> int:
        room, now = SHARE - self._on[side], time.monotonic()
        if room < LEAST and now - self._asked[side] < PAUSE:
            return 0
        self._asked[side] = now
        return room

    def _ruled(self, tx: Transaction, moment: Moment, room: int, sides: Mapping[str, int]) -> list[InHand]:
        rows = tx.effects.claim(moment, room, sides)
        if not rows:
            return []
        about = tx.scenes.about(rows)
        ruled = (self._rule(tx, row, about.get(row.id), moment) for row in rows)
        return [each for each in ruled if each is not None]

    def _rule(self, tx: Transaction, row: OutboxRow, about: About | None, moment: Moment) -> InHand | None:
        """Rule on the state as it is now; only what is still due goes on."""
        if about is None:
            tx.effects.finish(row, Ending(state="dropped", reason="what it is about is gone"))
            return None
        context = self._tools.context(tx, moment)
        match threads.due(about.scene, row.effect, context, about.incident):
            case Go(text=text, tag=tag):
                return InHand(row=row, job=_job(row, about, text, tag))
            case Drop(why=why):
                tx.effects.finish(row, Ending(state="dropped", reason=why))
            case NotYet(until=until, why=why):
                tx.effects.finish(row, Ending(state="ready", reason=why, not_before=until))
            case Instead(decision=decision, why=why):
                tx.effects.finish(row, Ending(state="ready" if decision.retry_row else "dropped", reason=why))
                tx.apply(about.scene, decision, moment.steady, f"outbox:{row.id}")
        return None

    async def _deliver(self, each: InHand) -> None:
        started = time.monotonic()
        outcome = await self._done(each.job)
        self._tools.told.outcome(type(each.row.effect).__name__, type(outcome).__name__, time.monotonic() - started)
        if isinstance(outcome, Held):
            self._tools.told.held(lanes.scoped(each.row.target, outcome.scope), outcome.cause)
        if isinstance(outcome, Done):
            self._relayed(each.job)
        await self._ended.put((each.row, outcome))

    def _relayed(self, job: Job) -> None:
        """Say how long what somebody wrote has taken to the other side, of an answer its last part."""
        message = None if job.scene is None else job.scene.message
        if message is None:
            return
        took = (self._tools.clock.now() - message.at).total_seconds()
        match job.effect:
            case PostMessage():
                self._tools.told.relayed("to_desk", took)
            case SendToCustomer(part=part) if part == len(message.parts):
                self._tools.told.relayed("to_customer", took)
            case _:
                pass

    async def _done(self, job: Job) -> Outcome:
        try:
            return await self._carried_out(job)
        except Exception as error:  # noqa: BLE001 - a bug in an adapter must not stop the others; the row tells of it
            self._tools.told.trouble("deliver", named(error))
            return Unsure(why=named(error))

    async def _carried_out(self, job: Job) -> Outcome:
        match job.effect:
            case SendToCustomer():
                return await self._tools.network.send(job)
            case LookForSend() | LearnProfile():
                return await self._tools.network.look(job)
            case PostRoot() | PostMessage() | PostLine() | PostAlert():
                return await self._tools.desk.post(job)
            case TellPerson() | ReplaceLine():
                return await self._tools.desk.tell(job)
            case LookForPost() | LearnPerson() | LearnGroup() | ReadThread() | ProbeDesk() | ProbePlace():
                return await self._tools.desk.look(job)
            case RedrawCard() | RemovePost() | SetSign() | ClearSign() | EditAlert():
                return await self._tools.desk.change(job)
            case _:
                assert_never(job.effect)

    async def _finish_all(self) -> None:
        """Leave rows as they ended; those that end together share a transaction."""
        while True:
            batch = [await self._ended.get()]
            while not self._ended.empty() and len(batch) < IN_FLIGHT:
                batch.append(self._ended.get_nowait())
            await self._finish(batch)
            self._in_flight -= len(batch)
            self._tools.in_hand.difference_update(row.id for row, _ in batch)
            self._on.subtract(lanes.side(row.target) for row, _ in batch)
            self._bell.ring()

    async def _finish(self, batch: Sequence[tuple[OutboxRow, Outcome]]) -> None:
        """A bug in one ending must not spoil the others; what cannot be left stays working, and so becomes unsure."""
        moment = self._tools.moment()
        try:
            await self._tools.store.write(lambda tx: finish(tx, self._tools, batch, moment))
        except Exception as error:  # noqa: BLE001 - tried again one by one below
            self._tools.told.trouble("finish", named(error))
            for each in batch:
                await self._finish_one(each)

    async def _finish_one(self, each: tuple[OutboxRow, Outcome]) -> None:
        for pause in (0.0, 0.5, 2.0):
            await asyncio.sleep(pause)
            try:
                await self._tools.store.write(lambda tx: finish(tx, self._tools, [each], self._tools.moment()))
            except Exception as error:  # noqa: BLE001 - told, and the row's lease brings it back as unsure
                self._tools.told.trouble("finish", named(error))
            else:
                return


def _job(row: OutboxRow, about: About, text: str | None, tag: Tag | None) -> Job:
    return Job(
        row=row.id,
        text=text,
        tag=tag,
        effect=row.effect,
        attempts=row.attempts,
        scene=about.scene,
        workspace=about.workspace,
        account=about.account,
        sealed=about.sealed,
        incident=about.incident,
        language=about.language,
        names=about.names,
        waiting=about.waiting,
        drawn=about.drawn,
    )


def finish(tx: Transaction, tools: Tools, batch: Sequence[tuple[OutboxRow, Outcome]], moment: Moment) -> None:
    """Leave each row as its outcome says, decide what follows, and keep what was learnt.

    Targets are delayed before conversations are locked, which is the order in which a claim locks them too.
    """
    ended = [_ended(tx, tools, row, _without_harm(row.effect, outcome), moment) for row, outcome in batch]
    cards = [each.row.effect.conversation for each in ended if isinstance(each.row.effect, RedrawCard)]
    about = tx.scenes.about([each.row for each in ended if _looks(each)], beside=cards, names=False)
    ended = [_decided(tx, tools, each, about.get(each.row.id), moment) for each in ended]
    left = tx.effects.finish_all([(each.row, each.ending) for each in ended])
    ended = [each for each, was_ours in zip(ended, left, strict=True) if was_ours]
    _stand(tx, ended, moment.now)
    tx.facts.keep(
        [item for each in ended if isinstance(each.outcome, Done) for item in each.outcome.learnt], moment.steady
    )
    tx.apply_all([each.made() for each in ended], moment.steady)
    for each in ended:
        _mended(tx, tools, each, moment)


NOTHING = Decision()


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A row, how it ended, and what follows."""

    row: OutboxRow
    outcome: Outcome
    ending: Ending
    about: About | None = None
    decision: Decision = NOTHING

    @property
    def scene(self) -> Scene | None:
        """What its decision is made from."""
        return None if self.about is None else self.about.scene

    def made(self) -> Made:
        """Its decision, to be applied."""
        return Made(scene=self.scene, decision=self.decision, caused_by=f"outbox:{self.row.id}")


def _looks(ended: Ended) -> bool:
    """Whether the end of this row can depend on, or change, what it is about."""
    return not isinstance(ended.outcome, Done) or isinstance(ended.row.effect, (*ONCE_ONLY, LookForSend))


def _without_harm(effect: AnyEffect, outcome: Outcome) -> Outcome:
    """A lost answer matters only for what must not be done twice; what asks whether a hold is over is held by none."""
    if isinstance(outcome, Held) and isinstance(effect, (ProbeDesk, ProbePlace)):
        return Later(after=PROBE_AGAIN, why=outcome.cause, scope=Scope.TARGET)
    if isinstance(outcome, Unsure) and not isinstance(effect, ONCE_ONLY):
        return Later(after=timedelta(seconds=1), why=outcome.why, scope=Scope.ROW)
    return outcome


def _ended(tx: Transaction, tools: Tools, row: OutboxRow, outcome: Outcome, moment: Moment) -> Ended:
    return Ended(row=row, outcome=outcome, ending=_ending(tx, tools, row, outcome, moment))


def _decided(tx: Transaction, tools: Tools, ended: Ended, about: About | None, moment: Moment) -> Ended:
    row, outcome, ending = ended.row, ended.outcome, ended.ending
    anew: tuple[Message, ...] = ()
    if isinstance(row.effect, SendToCustomer) and isinstance(outcome, (Later, Held)) and about and about.scene:
        # Its lease may have run out meanwhile, and it was thought unsure: now it is known that it did not arrive.
        anew = sending.not_delivered(about.scene, row.effect)
    if not _matters(outcome, ending) and not isinstance(row.effect, LookForSend):
        return replace(ended, about=about, decision=Decision(messages=anew))
    decision = threads.ended(
        about.scene if about else None,
        row.effect,
        outcome,
        tools.context(tx, moment),
        row=row.id,
        target=row.target,
        position=row.position,
        attempts=row.attempts,
        accounts=_routed(tx, row, outcome),
        incident=about.incident if about and isinstance(row.effect, PostAlert) else None,
    )
    if decision.retry_row:
        ending = Ending(state="ready", reason=ending.reason, attempts=row.attempts + 1)
    if anew and not decision.messages:
        decision = replace(decision, messages=anew)
    return replace(ended, about=about, decision=decision, ending=ending)


def _mended(tx: Transaction, tools: Tools, ended: Ended, moment: Moment) -> None:
    """What something went through is held no longer; an account also when an answer is refused for its own sake."""
    row, scene = ended.row, ended.scene
    if row.probe is None:
        return
    context = tools.context(tx, moment)
    if isinstance(row.effect, SendToCustomer):
        if scene is not None and isinstance(ended.outcome, (Done, Refused)):
            decision = sending.went_through(scene, row.probe, context)
            tx.apply(scene, decision, moment.steady, f"outbox:{row.id}")
    elif isinstance(ended.outcome, Done) and lanes.side(row.target) != lanes.NETWORK:
        workspace = row.effect.workspace
        reread = tx.ticks.open_threads(workspace, places.place_in(row.probe), moment.now, READ_AGAIN)
        decision = places.went_through(workspace, row.probe, reread, context)
        tx.apply(None, decision, moment.steady, f"outbox:{row.id}")


def _matters(outcome: Outcome, ending: Ending) -> bool:
    """Whether the rules must hear of it: a `Later` only when it was the last, or is to be told."""
    return not isinstance(outcome, Later) or ending.state == "dead" or bool(outcome.cause)


def _routed(tx: Transaction, row: OutboxRow, outcome: Outcome) -> Sequence[Account]:
    if not isinstance(outcome, Held) or outcome.scope is not Scope.TARGET or not lanes.has_place(row.target):
        return ()
    return tx.scenes.routed(lanes.workspace_of(row.target), lanes.place_of(row.target))


def _ending(tx: Transaction, tools: Tools, row: OutboxRow, outcome: Outcome, moment: Moment) -> Ending:
    match outcome:
        case Done(remote_id=remote_id):
            return Ending(state="done", remote_id=remote_id)
        case Refused(code=code):
            return Ending(state="done", reason=code)
        case Unsure(why=why):
            return Ending(state="unsure", reason=why)
        case Held(cause=cause):
            return Ending(state="ready", reason=cause)
        case Later(why=why, scope=scope):
            own = 1 if scope is Scope.ROW else 0
            again = policy.next_try(outcome, row.attempts + own, moment.steady, tools.rules)
            if again is None:
                return Ending(state="dead", reason=why, attempts=row.attempts + own)
            if scope is not Scope.ROW:
                tx.effects.delay_target(lanes.scoped(row.target, scope), again)
                return Ending(state="ready", reason=why)
            return Ending(state="ready", reason=why, not_before=again, attempts=row.attempts + own)
        case _:
            assert_never(outcome)


def _stand(tx: Transaction, ended: Sequence[Ended], now: datetime) -> None:
    """Remember what stands on the desk now, and which cards are drawn."""
    cards: dict[ConversationId, str] = {}
    for each in ended:
        if not isinstance(each.outcome, Done) or each.outcome.remote_id is None:
            continue
        if isinstance(each.row.effect, POSTS) and each.about is not None:
            tx.posted(each.row, PostRef(each.outcome.remote_id), each.about, now)
        elif isinstance(each.row.effect, RedrawCard):
            cards[each.row.effect.conversation] = each.outcome.remote_id
    tx.drawn(cards)
