"""Whatever happens in whatever order: windows never shorten by mistake, and every reply ends once, and openly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge import policy
from bridge.model.decision import Drop
from bridge.model.facts import Act
from bridge.model.ids import PostRef, RemoteId
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Unsure
from bridge.model.state import Conversation, Message, Opener, PartState, Platform, ReplyState, Sign
from bridge.rules.sending import answered, mark
from bridge.threads import due
from tests.core.factories import (
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
    st.tuples(st.sampled_from(Opener), st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))),
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


@given(acts=OPENINGS, late=st.tuples(st.sampled_from(Opener), st.integers(-20, 20).map(lambda hours: hours * HOUR)))
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

REFS = [PostRef(f"C-shop:{number}") for number in range(10, 14)]
TEXTS = ["ok", "ok", "yes", "あ" * 700, "x" * 1700, " "]
OUTCOMES: dict[str, Callable[[int], Outcome]] = {
    "done": lambda row: Done(remote_id=f"mid.{row}"),
    "arrived, answer lost": lambda _: Unsure(why="timeout"),
    "lost": lambda _: Unsure(why="timeout"),
    "refused": lambda _: Refused(code="551", why="unreachable"),
    "window": lambda _: Refused(code="10/2018278", why="window"),
    "given up": lambda _: Later(after=SECOND, why="meta 2", scope=Scope.ROW),
    "later": lambda _: Later(after=SECOND, why="busy", scope=Scope.TARGET),
    "held": lambda _: Held(cause="reauth.token_expired", scope=Scope.PARENT),
}
ARRIVES = frozenset({"done", "arrived, answer lost"})
FINAL = frozenset({ReplyState.SENT, ReplyState.NOTE, ReplyState.WITHDRAWN, ReplyState.REFUSED})


class Replies(RuleBasedStateMachine):
    """Agents write, edit, delete and press; the network takes, refuses, loses and repeats; time goes by."""

    @initialize(platform=st.sampled_from(Platform), human_agent=st.booleans())
    def open(self, platform: Platform, human_agent: bool) -> None:
        self.ledger = Ledger(shop=account(platform=platform, human_agent=human_agent))
        self.marked = platform is Platform.MESSENGER
        self.in_hand: Row | None = None
        self.echoes: list[tuple[int, str]] = []
        self.believed: set[int] = set()
        self.said_to_arrive: set[object] = set()

    # what people do

    @rule(
        ref=st.sampled_from(REFS),
        text=st.sampled_from(TEXTS),
        how=st.sampled_from(["", "", "", "note", "mentions", "file"]),
    )
    def write(self, ref: PostRef, text: str, how: str) -> None:
        fact = replace(wrote(text, written=self.ledger.elapsed), ref=ref)
        fact = replace(fact, note=how == "note", mentions=how == "mentions", files=int(how == "file"))
        self.ledger.decide(self.ledger.by_ref(ref), fact)

    @rule(ref=st.sampled_from(REFS), text=st.sampled_from(TEXTS), note=st.booleans(), mentions=st.booleans())
    def edit(self, ref: PostRef, text: str, note: bool, mentions: bool) -> None:
        fact = replace(edited(text, note=note, mentions=mentions), ref=ref, at=NOON + self.ledger.elapsed)
        self.ledger.decide(self.ledger.by_ref(ref), fact)

    @rule(ref=st.sampled_from(REFS))
    def delete(self, ref: PostRef) -> None:
        fact = replace(deleted(ref), at=NOON + self.ledger.elapsed)
        self.ledger.decide(self.ledger.by_ref(ref), fact)

    @rule(ref=st.sampled_from(REFS), act=st.sampled_from(Act))
    def push(self, ref: PostRef, act: Act) -> None:
        message = self.ledger.by_ref(ref)
        if message is None:
            return
        decision = self.ledger.decide(message, replace(press(act), message=message.id))
        if act is Act.SEND_AGAIN and decision.dropped:
            self.ledger.again[message.id] += 1
        if act is Act.ARRIVED and decision.settled:
            self.said_to_arrive.add(message.id)

    @rule(text=st.sampled_from(["Are you there?", "Thanks"]))
    def customer_writes(self, text: str) -> None:
        at = NOON + self.ledger.elapsed
        self.ledger.decide(None, customer_wrote(text, at=at, remote_id=f"mid.c{self.ledger.ids()}"))

    @rule()
    def somebody_answers_in_the_app(self) -> None:
        remote = RemoteId(f"mid.app{self.ledger.ids()}")
        heard = echo("from my phone", at=NOON + self.ledger.elapsed, remote_id=remote)
        self.ledger.decide(self.ledger.by_remote(remote), heard, waited=True)

    # what becomes of it

    @rule()
    def take_in_hand(self) -> None:
        if self.in_hand is None:
            self.in_hand = self.ledger.claim()

    @rule(how=st.sampled_from(sorted(OUTCOMES)), heard_first=st.booleans())
    def end(self, how: str, heard_first: bool) -> None:
        row, self.in_hand = self.in_hand, None
        if row is None:
            return
        if how in ARRIVES:
            self.ledger.reached[row.effect.message, row.effect.part] += 1
            self.echoes.append((row.id, row.text))
            if heard_first:
                self.hear()
        self.ledger.finish(row, OUTCOMES[how](row.id))

    @rule()
    def hear(self) -> None:
        """The network repeats the oldest thing that it has not repeated yet."""
        if not self.echoes:
            return
        row, text = self.echoes[0]
        remote = RemoteId(f"mid.{row}")
        heard = echo(text, marker=mark(row) if self.marked else None, at=NOON + self.ledger.elapsed, remote_id=remote)
        decision = self.ledger.decide(self.ledger.by_remote(remote), heard)
        if decision.wait is None:
            self.echoes.pop(0)

    @rule(by=st.sampled_from([SECOND, 5 * SECOND, 61 * SECOND, HOUR]))
    def wait(self, by: timedelta) -> None:
        for reply in self.ledger.replies():
            self.ledger.show_waiting(self.ledger.messages[reply.id])
        self.ledger.pass_time(by)
        for reply in self.ledger.replies():
            queued = reply.queued_at
            if queued is not None and self.ledger.context().moment.steady - queued >= HOUR:
                self.ledger.expire(reply)

    @rule()
    def a_day_passes(self) -> None:
        self.ledger.pass_time(DAY)

    # what must be true at all times

    @invariant()
    def what_stays_inside_or_was_taken_back_is_never_due(self) -> None:
        for row in self.waiting():
            message = self.ledger.messages[row.effect.message]
            if message.state in (ReplyState.NOTE, ReplyState.WITHDRAWN):
                ruling = due(self.ledger.scene(message, sending=False), row.effect, self.ledger.context())
                assert isinstance(ruling, Drop)

    @invariant()
    def nothing_is_both_sent_and_asked_about(self) -> None:
        for message in self.replies():
            parts = {part.state for part in message.parts}
            if message.state is ReplyState.SENT:
                assert parts == {PartState.SENT}
            if message.state is ReplyState.UNSURE:
                assert PartState.UNSURE in parts
            if message.state in (ReplyState.NOTE, ReplyState.ASKING):
                assert parts <= {PartState.READY}

    @invariant()
    def the_card_counts_what_may_not_have_arrived(self) -> None:
        unsure = sum(1 for message in self.replies() if message.state is ReplyState.UNSURE)
        assert not hasattr(self, "ledger") or self.ledger.conversation.unsure == unsure

    @invariant()
    def every_ending_is_told_and_shown(self) -> None:
        signs = {
            ReplyState.SENT: Sign.SENT,
            ReplyState.REFUSED: Sign.REFUSED,
            ReplyState.UNSURE: Sign.UNSURE,
            ReplyState.NOTE: Sign.INSIDE,
        }
        for message in self.replies():
            if message.state in signs:
                assert message.sign is signs[message.state]
            if message.state in (ReplyState.REFUSED, ReplyState.UNSURE, ReplyState.ASKING):
                assert self.ledger.told[message.id]
                assert message.reason is not None

    @invariant()
    def nothing_reaches_the_customer_twice_without_a_persons_word(self) -> None:
        if hasattr(self, "ledger"):
            for (message, _), times in self.ledger.reached.items():
                assert times <= 1 + self.ledger.again[message]

    def teardown(self) -> None:
        """Let everything end: then each reply is in one final state, and what is called sent was sent."""
        if not hasattr(self, "ledger"):
            return
        for _ in range(200):
            self.end("done", heard_first=False)
            self.hear()
            self.take_in_hand()
            self.ledger.pass_time(61 * SECOND)
            for message in self.replies():
                if message.state is ReplyState.ASKING:
                    self.ledger.expire(message)
                if message.state is ReplyState.UNSURE and message.ref is not None:
                    self.push(message.ref, Act.ARRIVED)
            if not self.waiting() and self.in_hand is None and not self.echoes:
                break
        assert not self.waiting()
        for message in self.replies():
            assert message.state in FINAL
            if message.state is ReplyState.SENT and message.id not in self.said_to_arrive:
                assert all(self.ledger.reached[message.id, part.seq] for part in message.parts)
            if message.state is ReplyState.NOTE:
                assert (
                    not any(self.ledger.reached[message.id, part] for part in range(1, 11))
                    or self.ledger.again[message.id]
                )

    def replies(self) -> list[Message]:
        """What agents wrote, once the story has begun."""
        return self.ledger.replies() if hasattr(self, "ledger") else []

    def waiting(self) -> list[Row]:
        """Sends that are still to go."""
        return [row for row in self.ledger.rows if row.state == "ready"] if hasattr(self, "ledger") else []


TestReplies = Replies.TestCase
TestReplies.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
