"""How rows of the outbox are left: as their outcomes say, with what follows decided and what was learnt kept.

Rule 1: what may be repeated is repeated; a send or a post whose answer was lost is unsure.
Rule 2: an outage or a dead credential counts against no row: it delays or holds the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never

from bridge import lanes, policy, threads
from bridge.model.change import replace
from bridge.model.decision import Decision, Made, Moment, Scene
from bridge.model.effects import (
    AnyEffect,
    EditAlert,
    FetchMedia,
    GiveTranscript,
    LearnGroup,
    LearnPerson,
    LookForFile,
    LookForMessage,
    LookForSend,
    MoveControl,
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
    RedactTicket,
    RedrawCard,
    RefreshLogin,
    RemoveFile,
    RemovePost,
    SendToCustomer,
    ShowFile,
    ShowHome,
    TellOutside,
    TellOwner,
    Unsubscribe,
)
from bridge.model.facts import DeliveriesMissed
from bridge.model.ids import ConversationId, PostRef
from bridge.model.outcomes import Done, Drawn, Held, Later, Outcome, Page, Refused, Scope, Sent, Unsure, Uploaded
from bridge.model.state import Account, Message
from bridge.model.word import Word
from bridge.ports import About, Ending, OutboxRow, Transaction
from bridge.rules.answers import sending
from bridge.rules.base import Context
from bridge.rules.customers import history
from bridge.rules.desk import joining, leaving, places
from bridge.workers import around, gaps, renumbered
from bridge.workers.base import Tools

PROBE_AGAIN = timedelta(seconds=30)
POSTS = (PostRoot, PostMessage, PostLine, ShowFile, PostAlert, PostStage, PostAside, PostTicket)
ONCE_ONLY = (*POSTS, SendToCustomer)
"""What must not be done twice: lost answers make it unsure."""
AS_LONG_AS_IT_TAKES = (LearnGroup, LearnPerson, ProbeToken)
"""What is asked until it is known."""

DECIDES = (
    *ONCE_ONLY,
    PrepareFile,
    LookForSend,
    MoveControl,
    FetchMedia,
    LookForFile,
    LookForMessage,
    RemoveFile,
    RemovePost,
    GiveTranscript,
    TellOutside,
    EditAlert,
    PinAlert,
    TellOwner,
    PutTicket,
    RedactTicket,
    ProbeAccount,
    RefreshLogin,
    Unsubscribe,
    ShowHome,
)
"""What changes something by being done."""

DIED = Unsure(why="process died", quiet=timedelta(seconds=3))


def finish(
    tx: Transaction,
    tools: Tools,
    batch: Sequence[tuple[OutboxRow, Outcome]],
    moment: Moment,
    known: Mapping[int, About] | None = None,
) -> None:
    """Leave each row as its outcome says, decide what follows, and keep what was learnt.

    known: what rows were about when they were claimed.
    Targets are delayed before conversations are locked, which is the order in which a claim locks them too.
    """
    ended = [_ended(tx, tools, row, _without_harm(row.effect, outcome), moment) for row, outcome in batch]
    cards = [each.row.effect.conversation for each in ended if isinstance(each.row.effect, (RedrawCard, PostRoot))]
    about = tx.scenes.about([each.row for each in ended if _looks(each)], beside=cards, known=known, names=False)
    ids = {each.row.id for each in ended}
    context = tools.context(tx, moment)
    ended = [
        _decided(
            tx,
            tools,
            each,
            about.get(each.row.id),
            context,
            claimed=(known or {}).get(each.row.id),
            first_too=each.row.joined in ids,
        )
        for each in ended
    ]
    left = tx.effects.finish_all([(each.row, each.ending) for each in ended])
    through = ended  # what its echo has settled meanwhile went through, too
    ended = [each for each, was_ours in zip(ended, left, strict=True) if was_ours]
    _stand(tx, ended, moment)
    learnt = [each.outcome for each in ended if isinstance(each.outcome, Done)]
    tx.facts.keep([item for each in learnt for item in each.learnt], moment.steady)
    for page in learnt:
        if isinstance(page, Page):
            tx.facts.in_order(page.learnt)
    tx.apply_all([each.made() for each in ended], moment.steady)
    for each in through:
        _mended(tx, tools, each, moment)


def died(tx: Transaction, tools: Tools, rows: Sequence[OutboxRow], moment: Moment) -> None:
    """Leave what dead processes had in hand: what may be repeated goes again at once; of the rest nobody knows.

    It counts as a try, so that what kills a process is not tried for ever.
    """
    last = tools.rules.max_attempts - 1
    rows = [row for row in rows if not _begun_anew(tx, row, last, moment)]
    again = [row for row in rows if not isinstance(row.effect, ONCE_ONLY) and row.attempts < last]
    tx.effects.finish_all([(row, Ending(state="ready", reason=DIED.why, attempts=row.attempts + 1)) for row in again])
    others = [row for row in rows if isinstance(row.effect, ONCE_ONLY) or row.attempts >= last]
    if others:
        finish(tx, tools, [(row, DIED) for row in others], moment)


def _begun_anew(tx: Transaction, row: OutboxRow, last: int, moment: Moment) -> bool:
    """Whether it is a file, whose tries are the shorter the later: the one that was cut off is not among them."""
    effect = row.effect
    if not isinstance(effect, FetchMedia) or effect.cut + row.attempts >= last:
        return False
    tx.effects.finish(row, Ending(state="dropped", reason=DIED.why))
    anew = lanes.queue(replace(effect, cut=effect.cut + 1), position=row.position)
    tx.apply(None, Decision(effects=(anew,)), moment.steady, f"outbox:{row.id}")
    return True


NOTHING = Decision()


class Ended(Word, kw_only=True):
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
    return not isinstance(ended.outcome, Done) or isinstance(ended.row.effect, DECIDES)


def _without_harm(effect: AnyEffect, outcome: Outcome) -> Outcome:
    """A lost answer matters only for what must not be done twice; what asks whether a hold is over is held by none."""
    if isinstance(outcome, Held) and isinstance(effect, (ProbeDesk, ProbePlace, FetchMedia)):
        return Later(after=PROBE_AGAIN, why=outcome.cause, scope=Scope.TARGET)
    if isinstance(outcome, Unsure) and not isinstance(effect, ONCE_ONLY):
        return Later(after=timedelta(seconds=1), why=outcome.why, scope=Scope.ROW)
    return outcome


def _ended(tx: Transaction, tools: Tools, row: OutboxRow, outcome: Outcome, moment: Moment) -> Ended:
    return Ended(row=row, outcome=outcome, ending=_ending(tx, tools, row, outcome, moment))


def _decided(
    tx: Transaction,
    tools: Tools,
    ended: Ended,
    about: About | None,
    context: Context,
    *,
    claimed: About | None,
    first_too: bool,
) -> Ended:
    row, outcome, ending = ended.row, ended.outcome, ended.ending
    anew = _not_delivered(row, outcome, about)
    if not _matters(outcome, ending) and not isinstance(row.effect, LookForSend):
        return replace(ended, about=about, decision=Decision(messages=anew))
    if renumbered.meanwhile(row, outcome, tools):
        return replace(ended, about=about, ending=renumbered.again(context.moment))
    accounts = _routed(tx, row, outcome) or _whose(row, about)
    left = None
    if about and about.scene and about.scene.account.id not in [each.id for each in accounts]:
        left = leaving.left_behind(about.scene, row, outcome, context)
    if left is not None:
        return replace(ended, about=about, decision=left, ending=Ending(state="dropped", reason="moved"))
    together = joining.ended_together(about.scene if about else None, row, outcome, first_too=first_too)
    decision = together or threads.ended(
        about.scene if about else None,
        row.effect,
        outcome,
        context,
        row=row.id,
        target=row.target,
        position=row.position,
        attempts=row.attempts,
        accounts=accounts,
        incident=about.incident if about else None,
        shown=claimed.incident if claimed else None,
        waiting=about.waiting if about else 0,
    )
    if about and about.scene:
        decision = around.led_on(tx, about.scene, decision)
    if decision.retry_row:
        ending = Ending(state="ready", reason=ending.reason, attempts=row.attempts + 1)
    _untold(tools, row, outcome, ending, about)
    if anew and not decision.messages:
        decision = replace(decision, messages=anew)
    if isinstance(outcome, Held) and together is None:
        ending = rested(row, decision, ending, context.moment)
    return replace(ended, about=about, decision=decision, ending=ending)


def _not_delivered(row: OutboxRow, outcome: Outcome, about: About | None) -> tuple[Message, ...]:
    """Its lease may have run out meanwhile, and it was thought unsure: now it is known that it did not arrive."""
    if isinstance(outcome, (Later, Held)) and isinstance(row.effect, SendToCustomer) and about and about.scene:
        return sending.not_delivered(about.scene, row.effect)
    return ()


def _untold(tools: Tools, row: OutboxRow, outcome: Outcome, ending: Ending, about: About | None) -> None:
    """An alert that could not be shown is told of in the log, and webhooks that could not be ended."""
    dead = ending.state == "dead"
    if not dead and not isinstance(outcome, Refused):
        return
    if isinstance(row.effect, PostAlert | PostStage | TellOutside):
        kind = about.incident.kind if about and about.incident else ""
        tools.told.untold(row.id, kind, ending.reason or "", dead=dead)
    if isinstance(row.effect, Unsubscribe):
        tools.told.left_subscribed(row.effect.account, ending.reason or "")


def rested(row: OutboxRow, decision: Decision, ending: Ending, moment: Moment) -> Ending:
    """What nothing holds now would be tried again at once, and again without an end: it rests a little."""
    reach = lanes.chain(row.target)
    if ending.state != "ready" or any(hold.target in reach for hold in decision.holds):
        return ending
    return replace(ending, not_before=moment.steady + PROBE_AGAIN)


def _mended(tx: Transaction, tools: Tools, ended: Ended, moment: Moment) -> None:
    """What something went through is held no longer; an account also when an answer is refused for its own sake."""
    row, scene = ended.row, ended.scene
    if row.probe is None:
        return
    context = tools.context(tx, moment)
    if isinstance(row.effect, SendToCustomer | PrepareFile):
        if scene is not None and _proves(row.effect, ended.outcome, row.probe):
            decision = sending.went_through(scene, context)
            tx.apply(scene, decision, moment.steady, f"outbox:{row.id}")
            missed = DeliveriesMissed(at=moment.now, account=scene.account.id)
            tx.facts.keep([history.to_item(missed, tx.new_id())], moment.steady)
    elif lanes.side(row.target) == lanes.NETWORK:
        if isinstance(ended.outcome, Done | Refused):
            # It tells nothing of answers, and they have still to be tried.
            tx.apply(None, Decision(tried=tuple(lanes.chain(row.target))), moment.steady, f"outbox:{row.id}")
    elif isinstance(ended.outcome, Done) and lanes.side(row.target) != lanes.FILES:
        workspace = row.effect.workspace
        reread = gaps.found(tx, tools, workspace, places.place_in(row.probe), moment)
        decision = places.went_through(workspace, row.probe, reread, context)
        tx.apply(None, decision, moment.steady, f"outbox:{row.id}")


def _proves(effect: SendToCustomer | PrepareFile, outcome: Outcome, key: str) -> bool:
    """Whether it shows that an account is held no longer: a file that was brought shows it of a login, and of nothing else.

    A refusal shows it as well, but for one that speaks of a permission, which a tagged answer meets where the login lost it,
    and for one that finds nothing there: so it is where a Page is gone.
    """
    if isinstance(effect, SendToCustomer):
        return isinstance(outcome, Done) or (
            isinstance(outcome, Refused) and outcome.why not in ("permission", "not_found")
        )
    return isinstance(outcome, Uploaded if key.startswith("reauth:") else Sent)


def _matters(outcome: Outcome, ending: Ending) -> bool:
    """Whether the rules must hear of it: a `Later` only when it was the last, or is to be told."""
    return not isinstance(outcome, Later) or ending.state == "dead" or bool(outcome.cause)


def _whose(row: OutboxRow, about: About | None) -> Sequence[Account]:
    """Whose effect it is, where that belongs to no conversation."""
    if not isinstance(row.effect, lanes.OF_ACCOUNTS) or about is None or about.account is None:
        return ()
    return (about.account,)


def _routed(tx: Transaction, row: OutboxRow, outcome: Outcome) -> Sequence[Account]:
    if not isinstance(outcome, Held) or outcome.scope is not Scope.TARGET or not lanes.has_place(row.target):
        return ()
    return tx.scenes.routed(lanes.workspace_of(row.target), lanes.place_of(row.target))


def _ending(tx: Transaction, tools: Tools, row: OutboxRow, outcome: Outcome, moment: Moment) -> Ending:
    match outcome:
        case Done(remote_id=remote_id):
            return Ending(state="done", remote_id=remote_id)
        case Refused(code=code):
            # Nobody else will tell of it: it stays to be seen, and to be tried again by hand.
            untold = isinstance(row.effect, PostAlert | PostStage) and row.effect.plain
            return Ending(state="dead" if untold else "done", reason=code)
        case Unsure(why=why):
            return Ending(state="unsure", reason=why)
        case Held(cause=cause):
            return Ending(state="ready", reason=cause)
        case Later(why=why, scope=scope):
            own = 1 if scope is Scope.ROW else 0
            tried = row.attempts + own
            if isinstance(row.effect, AS_LONG_AS_IT_TAKES):
                tried = min(tried, tools.rules.max_attempts - 1)
            again = policy.next_try(outcome, tried, moment.steady, tools.rules)
            if again is None:
                return Ending(state="dead", reason=why, attempts=tried)
            if scope is not Scope.ROW:
                tx.effects.delay_target(lanes.scoped(row.target, scope), again)
                return Ending(state="ready", reason=why)
            return Ending(state="ready", reason=why, not_before=again, attempts=tried)
        case _:
            assert_never(outcome)


def _stand(tx: Transaction, ended: Sequence[Ended], moment: Moment) -> None:
    """Remember what stands on the desk now, and which cards are drawn."""
    cards: dict[ConversationId, str] = {}
    for each in ended:
        if not isinstance(each.outcome, Done) or each.outcome.remote_id is None:
            continue
        if isinstance(each.row.effect, POSTS) and each.about is not None:
            tx.posted(each.row, PostRef(each.outcome.remote_id), each.about, moment)
            if isinstance(each.row.effect, PostRoot) and isinstance(each.outcome, Drawn):
                cards[each.row.effect.conversation] = each.outcome.look
        elif isinstance(each.row.effect, RedrawCard):
            cards[each.row.effect.conversation] = each.outcome.remote_id
    tx.drawn(cards)
