"""Whatever happens in whatever order: windows never shorten by mistake, and every reply ends once, and openly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import policy
from bridge.model.change import replace
from bridge.model.decision import Drop
from bridge.model.facts import Act, AgentWrote
from bridge.model.files import PrepareFile
from bridge.model.ids import MessageId, PostRef, RemoteId, mark
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure, Uploaded
from bridge.model.state import Attachment, Conversation, Message, Opener, PartState, Platform, ReplyState, Sign
from bridge.rules.answers.elsewhere import answered
from bridge.threads import due
from tests.core.factories import (
    CUP,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    account,
    answer,
    customer_wrote,
    deleted,
    echo,
    edited,
    press,
    untouched,
    wrote,
)
from tests.core.ledger import Ledger, Row

# ── windows ───────────────────────────────────────────────────────────────────────────────────────────────

OPENINGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(policy.STANDARD)),
        st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    ),
    min_size=1,
    max_size=8,
)


def opened(acts: list[tuple[Opener, timedelta]]) -> Conversation:
    """A conversation after these acts of the customer, in the order of their arrival."""
    conversation = untouched()
    for opener, when in acts:
        conversation = policy.open_window(conversation, opener, NOON + when)
    return conversation


@given(acts=OPENINGS, shuffle=st.randoms(use_true_random=False))
def test_windows_do_not_depend_on_the_order_of_arrival(acts: list[tuple[Opener, timedelta]], shuffle: object) -> None:
    """I-15, F2: late and disordered deliveries give the same two closes."""
    disordered = list(acts)
    shuffle.shuffle(disordered)  # type: ignore[attr-defined]
    first, second = opened(acts), opened(disordered)
    assert (first.standard_close, first.human_close) == (second.standard_close, second.human_close)
    assert first.standard_close == max(NOON + when + policy.STANDARD[opener] for opener, when in acts)
    assert first.human_close == max(NOON + when + policy.HUMAN for _, when in acts)


@given(
    acts=OPENINGS,
    late=st.tuples(st.sampled_from(sorted(policy.STANDARD)), st.integers(-20, 20).map(lambda hours: hours * HOUR)),
)
def test_no_act_ever_shortens_a_window(acts: list[tuple[Opener, timedelta]], late: tuple[Opener, timedelta]) -> None:
    """I-15: a late webhook opens at most."""
    before, after = opened(acts), opened([*acts, late])
    assert before.standard_close is not None
    assert after.standard_close is not None
    assert before.human_close is not None
    assert after.human_close is not None
    assert after.standard_close >= before.standard_close
    assert after.human_close >= before.human_close


@given(acts=OPENINGS, written=st.integers(0, 500).map(lambda hours: hours * HOUR))
def test_no_answer_ever_extends_a_window(acts: list[tuple[Opener, timedelta]], written: timedelta) -> None:
    """I-15: only the customer's acts count."""
    before = opened(acts)
    after = answered(before, answer(written=written))
    assert (after.standard_close, after.human_close) == (before.standard_close, before.human_close)


@given(acts=OPENINGS, waited=st.integers(0, 30 * 24 * 60).map(lambda minutes: minutes * MINUTE), feature=st.booleans())
def test_the_tag_is_used_after_the_standard_close_and_never_without_the_feature(
    acts: list[tuple[Opener, timedelta]], waited: timedelta, feature: bool
) -> None:
    """I-14, F3, F4: at every minute of a month."""
    conversation, now = opened(acts), NOON + waited
    ruling = policy.may_send(account(human_agent=feature), conversation, now)
    tagged = getattr(ruling, "tag", None) is not None
    assert not tagged or feature
    assert conversation.standard_close is not None
    assert not tagged or now >= conversation.standard_close


# ── the life of a reply ───────────────────────────────────────────────────────────────────────────────────

TEXTS = ("ok", "ok", "yes", "あ" * 700, "あ" * 700, "あ" * 700, "x" * 1700, " ")
FLAVOURS = ("", "", "", "", "", "note", "mentions", "file")
SPANS = (SECOND, SECOND, 5 * SECOND, 61 * SECOND, 61 * SECOND, 61 * SECOND, HOUR, DAY)

DONE, ARRIVED_UNHEARD, LOST = "done", "arrived, answer lost", "lost"
OUTCOMES: dict[str, Callable[[int], Outcome]] = {
    DONE: lambda row: Done(remote_id=f"mid.{row}"),
    ARRIVED_UNHEARD: lambda _: Unsure(why="timeout"),
    LOST: lambda _: Unsure(why="timeout"),
    "refused": lambda _: Refused(code="551", why="unreachable"),
    "window": lambda _: Refused(code="10/2018278", why="window"),
    "given up": lambda _: Later(after=SECOND, why="meta 2", scope=Scope.ROW),
    "later": lambda _: Later(after=SECOND, why="busy", scope=Scope.TARGET),
    "held": lambda _: Held(cause="reauth.token_expired", scope=Scope.PARENT),
}
BROUGHT: Callable[[int], Outcome] = lambda row: Uploaded(remote_id=f"16{row}", kind="image")  # noqa: E731
HOWS = (DONE, DONE, ARRIVED_UNHEARD, ARRIVED_UNHEARD, LOST, LOST, "refused", "window", "given up", "later", "held")
OFFERED = {
    ReplyState.REFUSED: (Act.RETRY, Act.SEND_SPLIT, Act.SEND_SMALLER),
    ReplyState.ASKING: (Act.SEND, Act.KEEP_INSIDE),
    ReplyState.UNSURE: (Act.ARRIVED, Act.SEND_AGAIN),
}
FINAL = frozenset({ReplyState.SENT, ReplyState.NOTE, ReplyState.WITHDRAWN, ReplyState.REFUSED})
SIGNS = {
    ReplyState.SENT: Sign.SENT,
    ReplyState.REFUSED: Sign.REFUSED,
    ReplyState.UNSURE: Sign.UNSURE,
    ReplyState.NOTE: Sign.INSIDE,
}


class Story:
    """Agents write, edit, delete and press; the network takes, refuses, loses and repeats; time goes by.

    Each step gets a number, which chooses among what is possible; where nothing is, it does nothing.
    """

    def __init__(self, platform: Platform, *, human_agent: bool) -> None:
        self.ledger = Ledger(shop=account(platform=platform, human_agent=human_agent))
        self.marked = platform is Platform.MESSENGER
        self.in_hand: Row | None = None
        self.echoes: list[tuple[int, str, str | None, timedelta]] = []
        self.said_to_arrive: set[MessageId] = set()
        self.spoken_for: set[str | None] = set()
        self.deleted: set[MessageId] = set()
        self.number = 0

    # what people do

    def write(self, number: int) -> None:
        """A new message in the thread."""
        self.number += 1
        fact = wrote(TEXTS[number % 8], written=self.ledger.elapsed)
        self.ledger.decide(None, self.flavoured(replace(fact, ref=PostRef(f"C-shop:{self.number}")), number // 8))

    def flavoured(self, fact: AgentWrote, number: int) -> AgentWrote:
        """A note, a question, a file, or (mostly) an answer."""
        how = FLAVOURS[number % 8]
        return replace(fact, note=how == "note", mentions=how == "mentions", files=(CUP,) if how == "file" else ())

    def edit(self, number: int) -> None:
        """Other words for a message, perhaps of another kind."""
        message = self.one_of(self.ledger.replies(), number // 64)
        if message is not None and message.ref is not None:
            fact = replace(edited(TEXTS[number % 8]), ref=message.ref, at=NOON + self.ledger.elapsed)
            self.ledger.decide(message, self.flavoured(fact, number // 8))

    def delete(self, number: int) -> None:
        """A message is gone; one time in four before the bridge has heard of it."""
        message = self.one_of(self.ledger.replies(), number // 4)
        ref = PostRef(f"C-shop:{self.number + 1}") if number % 4 == 0 or message is None else message.ref
        if ref is not None and (known := self.ledger.by_ref(ref)) == (None if number % 4 == 0 else message):
            self.ledger.decide(known, replace(deleted(ref), at=NOON + self.ledger.elapsed))
            if known is not None:
                self.deleted.add(known.id)

    def come_late(self, number: int) -> None:
        """The event of a message comes again, or after its deletion."""
        message = self.one_of(self.ledger.replies(), number)
        if message is not None and message.ref is not None:
            assert self.ledger.decide(message, replace(wrote("at first"), ref=message.ref)).ignored == "known"

    def push_what_is_offered(self, number: int) -> None:
        """A button under a line that still stands."""
        message = self.one_of([each for each in self.ledger.replies() if each.state in OFFERED], number // 2)
        if message is not None and message.state is not None:
            self.push(message, OFFERED[message.state][number % len(OFFERED[message.state])])

    def push_anything(self, number: int) -> None:
        """A button of last week."""
        if (message := self.one_of(self.ledger.replies(), number // 7)) is not None:
            self.push(message, list(Act)[number % 7])

    def push(self, message: Message, act: Act) -> None:
        """Press, and remember what a person has said by it."""
        decision = self.ledger.decide(message, replace(press(act), message=message.id))
        if act is Act.SEND_AGAIN and decision.dropped:
            self.ledger.again[message.id] += 1
            self.spoken_for.add(message.text)
            self.spoken_for.update(each.kind for each in message.attachments)
        if act is Act.ARRIVED and decision.settled:
            self.said_to_arrive.add(message.id)
            self.spoken_for.add(message.text)
            self.spoken_for.update(each.kind for each in message.attachments)

    def speak_elsewhere(self, number: int) -> None:
        """The customer writes again, or somebody answers in the native app."""
        at, remote = NOON + self.ledger.elapsed, f"mid.new{self.ledger.ids()}"
        if number % 2:
            self.ledger.decide(None, customer_wrote("Are you there?", at=at, remote_id=remote))
        else:
            self.ledger.decide(None, echo("from my phone", at=at, remote_id=remote), waited=True)

    # what becomes of it

    def deliver(self, number: int) -> None:
        """What is in hand ends; or the next is taken in hand."""
        if self.in_hand is None:
            self.ledger.pass_time(SECOND)
            self.in_hand = self.ledger.claim()
        else:
            self.end(HOWS[number % 11], heard_first=bool(number // 11 % 2))

    def end(self, how: str, *, heard_first: bool = False) -> None:
        """The network answers, or does not; its echo may be quicker."""
        row, self.in_hand = self.in_hand, None
        if row is None:
            return
        if isinstance(row.effect, PrepareFile):
            lost = how in (ARRIVED_UNHEARD, LOST)
            outcome = OUTCOMES["later"] if lost else BROUGHT if how == DONE else OUTCOMES[how]
            self.ledger.finish(row, outcome(row.id))
            return
        if how in (DONE, ARRIVED_UNHEARD):
            self.ledger.reached[row.effect.message, row.effect.part] += 1
            self.echoes.append((row.id, row.text, row.kind, self.ledger.elapsed))
        if heard_first:
            self.hear()
        self.ledger.finish(row, OUTCOMES[how](row.id))

    def hear(self, number: int = 0) -> None:
        """The network repeats something that it has not repeated yet, with the time at which it took it."""
        if not self.echoes:
            return
        row, text, kind, sent = self.echoes.pop(number % len(self.echoes))
        remote, marker = RemoteId(f"mid.{row}"), mark(row) if self.marked else None
        heard = echo(text or None, marker=marker, at=NOON + sent, remote_id=remote)
        if kind is not None:
            heard = replace(heard, kind=kind, attachments=(Attachment(seq=1, kind=kind),))
        if self.ledger.decide(self.ledger.by_remote(remote), heard).wait is not None:
            self.echoes.append((row, text, kind, sent))

    def wait(self, number: int) -> None:
        """Time goes by, and does what has become due by itself."""
        for reply in self.ledger.replies():
            self.ledger.show_waiting(reply)
        self.ledger.pass_time(SPANS[number % 8])
        for reply in self.ledger.replies():
            if reply.queued_at is not None and self.ledger.context().moment.steady - reply.queued_at >= HOUR:
                self.ledger.expire(reply)

    def come_to_an_end(self) -> None:
        """Everything that waits is done, heard and answered."""
        for _ in range(300):
            self.end(DONE)
            self.hear()
            self.ledger.pass_time(61 * SECOND)
            self.in_hand = self.ledger.claim()
            for message in self.ledger.replies():
                if message.state is ReplyState.ASKING:
                    self.ledger.expire(message)
                if message.state is ReplyState.UNSURE:
                    self.push(message, Act.ARRIVED)
            if not self.waiting() and self.in_hand is None:
                return

    @staticmethod
    def one_of(messages: list[Message], number: int) -> Message | None:
        """One of them, or None where there is none."""
        return messages[number % len(messages)] if messages else None

    def waiting(self) -> list[Row]:
        """Sends that are still to go."""
        return [row for row in self.ledger.rows if row.state == "ready"]


def check(story: Story) -> None:
    """What must be true at all times."""
    ledger = story.ledger
    for row in story.waiting():
        message = ledger.messages[row.effect.message]
        if message.state in (ReplyState.NOTE, ReplyState.WITHDRAWN):
            assert isinstance(due(ledger.scene(message, sending=False), row.effect, ledger.context()), Drop)
    for message in ledger.replies():
        parts = {part.state for part in message.parts}
        if message.state in SIGNS and not (message.id in story.deleted and message.sign is None):
            assert message.sign is SIGNS[message.state]
        if message.state in (ReplyState.REFUSED, ReplyState.UNSURE, ReplyState.ASKING):
            assert ledger.told[message.id], "its author was not told"
            assert message.reason is not None
        assert message.state is not ReplyState.SENT or parts == {PartState.SENT}
        assert (message.state is not ReplyState.UNSURE) or PartState.UNSURE in parts
        assert message.state not in (ReplyState.NOTE, ReplyState.ASKING) or parts <= {PartState.READY}
    assert ledger.conversation.unsure == sum(1 for message in ledger.replies() if message.state is ReplyState.UNSURE)
    for (reply, _), times in ledger.reached.items():
        assert times <= 1 + ledger.again[reply], "it reached the customer twice without a person's word"


def check_the_end(story: Story) -> None:
    """Each reply is in one final state, and what is called sent was sent."""
    ledger = story.ledger
    assert not story.waiting()
    # Without a mark on the wire, the late echo of what a person has already spoken for may be taken for another answer
    # with the very same words; whoever presses *It arrived* or *Send again* on Instagram takes that into the bargain.
    # Its words are kept apart: a deletion afterwards takes them out of the message.
    for message in ledger.replies():
        assert message.state in FINAL
        like = {message.text, *(each.kind for each in message.attachments)}
        trusted = message.id not in story.said_to_arrive if story.marked else not like & story.spoken_for
        if message.state is ReplyState.SENT and trusted:
            assert all(ledger.reached[message.id, part.seq] for part in message.parts)
        if message.state is ReplyState.NOTE and not ledger.again[message.id]:
            assert not any(ledger.reached[message.id, part] for part in range(1, 11))


STEPS: dict[str, tuple[int, Callable[[Story, int], None]]] = {
    "write": (4, Story.write),
    "edit": (2, Story.edit),
    "delete": (1, Story.delete),
    "come late": (1, Story.come_late),
    "push what is offered": (5, Story.push_what_is_offered),
    "push anything": (1, Story.push_anything),
    "speak elsewhere": (1, Story.speak_elsewhere),
    "deliver": (10, Story.deliver),
    "hear": (3, Story.hear),
    "wait": (3, Story.wait),
}
"""How often each step is taken, and what it does."""

STEP = st.tuples(
    st.sampled_from([name for name, (times, _) in STEPS.items() for _ in range(times)]), st.integers(0, 2**12 - 1)
)


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.large_base_example, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    platform=st.sampled_from(Platform),
    human_agent=st.booleans(),
    steps=st.lists(STEP, min_size=30, max_size=80),
)
def test_whatever_happens_a_reply_ends_once_and_openly(
    platform: Platform, human_agent: bool, steps: list[tuple[str, int]]
) -> None:
    """Promises 2, 4, 5: any interleaving of send, echo, answer and crash ends in one delivery, a refusal or a question."""
    story = Story(platform, human_agent=human_agent)
    for name, number in steps:
        STEPS[name][1](story, number)
        check(story)
    story.come_to_an_end()
    check(story)
    check_the_end(story)
