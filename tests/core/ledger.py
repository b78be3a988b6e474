"""A conversation in memory: applies decisions as the store does, and remembers who was told and what went out.

Only what concerns replies is kept: messages with their parts, and the outbox rows of their sends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge import threads
from bridge.model.decision import Decision, Drop, Go, Instead, Moment, Scene, Sending
from bridge.model.effects import SendToCustomer, TellPerson
from bridge.model.facts import ConversationFact
from bridge.model.files import PrepareFile
from bridge.model.ids import MessageId, PostRef, RemoteId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import Account, Author, Message, PartState
from bridge.rules.acts import pressed
from bridge.rules.answers import sending
from bridge.rules.base import Context
from tests.core.factories import NOON, RULES, STEADY, Ids, account, conversation, sayable, scene

UNFINISHED = ("ready", "working", "unsure")


@dataclass
class Row:
    """A send in the outbox, or what brings a file to the network before it."""

    id: int
    effect: SendToCustomer | PrepareFile
    position: int
    not_before: datetime | None
    state: str = "ready"
    text: str = ""
    kind: str | None = None
    """Of a file that is sent."""
    unsure_since: datetime | None = None
    blocks: bool = True


@dataclass
class Ledger:
    """What is true, what waits, and what happened."""

    shop: Account = field(default_factory=account)
    elapsed: timedelta = timedelta(hours=1)
    messages: dict[MessageId, Message] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    told: Counter[MessageId] = field(default_factory=Counter)
    """Lines that a reply's author was sent about it."""
    reached: Counter[tuple[MessageId, int]] = field(default_factory=Counter)
    """How often the customer got each part."""
    again: Counter[MessageId] = field(default_factory=Counter)
    """How often a person said *Send again*."""

    def __post_init__(self) -> None:
        """Begin with a customer who wrote an hour ago."""
        self.conversation = conversation()
        self.ids = Ids()

    def context(self) -> Context:
        """What rules get now."""
        moment = Moment(now=NOON + self.elapsed, steady=STEADY + self.elapsed)
        return Context(moment=moment, rules=RULES, new_id=self.ids)

    def scene(self, message: Message | None = None, *, sending: bool = True) -> Scene:
        """What a rule looks at; effects are ruled without what is on the wire, as the store reads them."""
        wire = self.on_the_wire() if sending else ()
        return scene(message, *wire, account=self.shop, conversation=self.conversation)

    def on_the_wire(self) -> tuple[Sending, ...]:
        """What is in hand or unsure, in the order of sending."""
        rows = sorted((row for row in self.rows if row.state in ("working", "unsure")), key=lambda row: row.position)
        return tuple(
            Sending(
                row=row.id,
                message=self.messages[effect.message],
                part=effect.part,
                unsure_since=row.unsure_since,
                asked=not row.blocks,
            )
            for row in rows
            if isinstance(effect := row.effect, SendToCustomer)
        )

    def by_ref(self, ref: PostRef) -> Message | None:
        """An agent's message."""
        return next((each for each in self.messages.values() if each.ref == ref), None)

    def by_remote(self, remote_id: RemoteId) -> Message | None:
        """A message by the network's id, its own or that of a part."""
        for each in self.messages.values():
            if remote_id in (each.remote_id, *(part.remote_id for part in each.parts)):
                return each
        return None

    def replies(self) -> list[Message]:
        """What agents wrote."""
        return [each for each in self.messages.values() if each.author is Author.AGENT]

    # ── deciding ──────────────────────────────────────────────────────────────────────────────────────────

    def decide(self, message: Message | None, fact: ConversationFact, *, waited: bool = False) -> Decision:
        """Rule on a fact, and apply it."""
        decision = threads.decide(self.scene(message), fact, self.context(), waited=waited)
        self.apply(decision)
        return decision

    def apply(self, decision: Decision) -> None:
        """As the store does: what is withdrawn ends before what is new is added."""
        if decision.conversation is not None:
            self.conversation = decision.conversation
        self.messages.update((message.id, message) for message in decision.messages)
        for row in self.rows:
            if row.effect.message in decision.withdrawn and row.state == "ready":
                row.state = "dropped"
            if row.effect.message in decision.dropped and row.state == "unsure":
                row.state = "dropped"
            for done in decision.settled:
                mine = row.effect.message == done.message and getattr(row.effect, "part", None) == done.part
                if mine and row.state in UNFINISHED:
                    row.state = "done"
        for queued in decision.effects:
            match queued.effect:
                case PrepareFile() as effect:
                    place, due = queued.position, queued.not_before
                    self.rows.append(Row(id=self.ids(), effect=effect, position=place, not_before=due))
                case SendToCustomer() as effect:
                    self._add(effect, queued.position, queued.not_before)
                case TellPerson(message=message, said=said) if message is not None:
                    sayable(said)
                    self.told[message] += 1
                case _:
                    pass

    def _add(self, effect: SendToCustomer, position: int, not_before: datetime | None) -> None:
        part = next(part for part in self.messages[effect.message].parts if part.seq == effect.part)
        assert part.state is PartState.READY, f"part {part.seq} is {part.state} and goes again"
        live = [row for row in self.rows if row.state in UNFINISHED]
        assert not any(
            row.effect.message == effect.message and getattr(row.effect, "part", None) == effect.part for row in live
        ), "two rows for one part"
        self.rows.append(Row(id=self.ids(), effect=effect, position=position, not_before=not_before))

    # ── delivering ────────────────────────────────────────────────────────────────────────────────────────

    def head(self) -> Row | None:
        """The lane's head, if it is due and nothing holds it."""
        for row in sorted(self.rows, key=lambda row: (row.position, row.id)):
            if row.state == "working" or (row.state == "unsure" and row.blocks):
                return None
            if row.state == "ready":
                due = row.not_before is None or row.not_before <= self.context().moment.steady
                return row if due else None
        return None

    def claim(self) -> Row | None:
        """Take the head in hand, if it is still due."""
        row = self.head()
        if row is None:
            return None
        message = self.messages[row.effect.message]
        match threads.due(self.scene(message, sending=False), row.effect, self.context()):
            case Go(text=text, file=file):
                row.state, row.text, row.kind = "working", text or "", None if file is None else file.kind
                return row
            case Drop():
                row.state = "dropped"
            case Instead(decision=decision):
                row.state = "dropped"
                self.apply(decision)
            case other:
                raise AssertionError(other)
        return None

    def finish(self, row: Row, outcome: Outcome) -> None:
        """Leave a row in hand; one that was settled meanwhile stays as it ended."""
        if row.state != "working":
            return
        steady = self.context().moment.steady
        match outcome:
            case Done() | Refused():
                row.state = "done"
            case Unsure():
                row.state, row.unsure_since = "unsure", steady
            case Later(after=after, scope=scope):
                row.state = "dead" if scope is Scope.ROW else "ready"
                row.not_before = steady + after
            case Held():
                row.state = "ready"
        if isinstance(outcome, Later) and row.state == "ready":
            return
        place = self.scene(self.messages[row.effect.message], sending=False)
        target = "files:5" if isinstance(row.effect, PrepareFile) else "network:5:sends"
        self.apply(threads.ended(place, row.effect, outcome, self.context(), row=row.id, target=target, position=0))

    def ask_about_unsure(self) -> None:
        """What has been unsure for a minute is asked of a person."""
        steady = self.context().moment.steady
        for each in self.on_the_wire():
            if each.asked or each.unsure_since is None or steady - each.unsure_since < RULES.settle:
                continue
            now = next(now for now in self.on_the_wire() if now.row == each.row)
            self.apply(sending.unsure_for_long(self.scene(now.message), now, self.context()))
            next(row for row in self.rows if row.id == each.row).blocks = False

    def expire(self, message: Message) -> None:
        """Nobody answered the question about this reply."""
        self.apply(pressed.question_expired(self.scene(message), self.context()))

    def show_waiting(self, message: Message) -> None:
        """It has waited for longer than a moment."""
        self.apply(pressed.waits(self.scene(message), self.context()))

    def pass_time(self, by: timedelta) -> None:
        """Let time go by, and do what has become due by itself."""
        self.elapsed += by
        self.ask_about_unsure()
