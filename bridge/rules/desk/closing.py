"""Which closes of a conversation are announced, when, and what becomes of what was announced. Pure.

Rule 1: a close is announced once, and only while somebody waits for an answer of ours that it still lets through.
Rule 2: a window has lapsed when the last close that can be used passes while somebody waits.
Rule 3: what was announced is known by its time: a close that moves is another close.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge import policy
from bridge.lanes import micros
from bridge.model.change import replace
from bridge.model.closing import HARDLY, Close, Line, LineState, Stage
from bridge.model.decision import Scene
from bridge.model.state import Account, Control, Conversation, Wish, Work
from bridge.model.word import Word

GRACE = timedelta(minutes=10)
"""Who has waited for less than this is not told of, however near the close is: an answer may be on its way."""
UNSETTLED = (LineState.OPEN, LineState.SNOOZED)
WAITING_ON = (LineState.PASSED, LineState.EXTENDED)
"""Lines whose own close is of no concern any more, while the customer still waits."""
LAPSED = "lapsed"
"""What stands for the stage where a lapse was told."""


class Judged(Word, kw_only=True):
    """What is due of a conversation: a close to *announce*, or the close at which it *lapsed*; and how it is then."""

    announce: Close | None
    lapsed: datetime | None
    after: Conversation


def waits(account: Account, conversation: Conversation) -> bool:
    """Whether somebody waits for an answer that we could give."""
    ours = account.wish is Wish.ON and conversation.control is Control.OURS
    return ours and conversation.work is Work.WAITING and conversation.waiting_since is not None


def closes(account: Account, conversation: Conversation) -> tuple[Close, ...]:
    """The closes of who waits, the nearer first; two at once are the later stage's."""
    standard, human = conversation.standard_close, conversation.human_close
    leads = account.settings.alert_standard, account.settings.alert_human
    if standard is None:
        return ()
    if not account.settings.human_agent or human is None:
        return (_close(conversation, Stage.STANDARD, standard, leads[0], None),)
    if human - standard <= HARDLY:
        return (_close(conversation, Stage.HUMAN, human, max(leads), None),)
    return (
        _close(conversation, Stage.STANDARD, standard, leads[0], None),
        _close(conversation, Stage.HUMAN, human, leads[1], standard),
    )


def _close(conversation: Conversation, stage: Stage, at: datetime, lead: int, after: datetime | None) -> Close:
    """One of them. lead: minutes; after: the close before it, until which it is of no concern."""
    if not lead:
        return Close(stage=stage, at=at, told_at=None)
    begun = conversation.waiting_since or at
    told = max(at - timedelta(minutes=lead), begun + GRACE if begun + GRACE < at else begun)
    return Close(stage=stage, at=at, told_at=told if after is None else max(told, after))


def next_alert(account: Account, conversation: Conversation) -> datetime | None:
    """When something is due next: a close to be announced, or the last one to pass; perhaps it is already."""
    return min((at for at, _ in _ahead(account, conversation)), default=None)


def _ahead(account: Account, conversation: Conversation) -> Iterator[tuple[datetime, Close | None]]:
    """What is still to be told, with its time; None: that the last window has lapsed."""
    if not waits(account, conversation):
        return
    known = closes(account, conversation)
    for close in known:
        if close.told_at is not None and not told_of(conversation, close.at):
            yield close.told_at, close
    if known and not _lapse_told(conversation, known[-1].at):
        yield known[-1].at, None


def judge(account: Account, conversation: Conversation, now: datetime) -> Judged:
    """What is due at *now*. After a standstill only what can still be used is announced."""
    announce, lapsed, passed = None, None, []
    for at, close in _ahead(account, conversation):
        if at > now:
            continue
        if close is None:
            announce, lapsed = None, at
        elif close.at > now:
            announce = close
        else:
            passed.append(close)
    after = conversation
    for close in passed if announce is None else (*passed, announce):
        after = _noted(account, after, close.stage, close.at)
    if lapsed is not None:
        after = _noted(account, after, LAPSED, lapsed)
    return Judged(announce=announce, lapsed=lapsed, after=replace(after, alert_at=next_alert(account, after)))


def looked_at(account: Account, before: Conversation, after: Conversation) -> Conversation:
    """The conversation with when something is due of its windows, where that may be another time than before."""
    same = (
        before.work is after.work
        and before.control is after.control
        and before.waiting_since is after.waiting_since
        and before.standard_close is after.standard_close
        and before.human_close is after.human_close
        and before.alerted is after.alerted
    )
    return after if same else replace(after, alert_at=next_alert(account, after))


def begun(account: Account, before: Conversation, after: Conversation, now: datetime) -> Conversation:
    """Who only began to wait when all their windows were closed has missed none of them."""
    if before.work in (Work.WAITING, Work.SNOOZED) or after.work is not Work.WAITING:
        return after
    last = policy.last_close(account, after)
    return after if last is None or last > now else _noted(account, after, LAPSED, last)


def lapsed_unseen(account: Account, before: Conversation, after: Conversation) -> datetime | None:
    """The last close of who waited, if what changed the conversation came after it and nothing had told of the lapse."""
    last = policy.last_close(account, before)
    if last is None or not waits(account, before) or _lapse_told(before, last):
        return None
    pairs = (
        (before.last_at, after.last_at),
        (before.answered_at, after.answered_at),
        (before.worked_at, after.worked_at),
    )
    latest = max((now for was, now in pairs if now is not None and now is not was), default=None)
    return last if latest is not None and latest >= last else None


# ── what was announced ────────────────────────────────────────────────────────────────────────────────────


def became(line: Line, scene: Scene, after: Conversation, *, blocked: bool) -> Line:
    """A line of an alert as it stands after a change. scene: before it. blocked: whether the customer is, after it."""
    account, before = scene.account, scene.conversation
    state, person, at = line.state, line.person, line.ended_at
    if line.state not in (*UNSETTLED, *WAITING_ON):
        return line
    match after.work:
        case _ if blocked:
            state = LineState.BLOCKED
        case Work.WAITING if after.control is Control.OTHER:
            state = LineState.OTHER_APP
        case Work.WAITING if line.state in WAITING_ON:
            return _on(line, scene, after)
        case Work.WAITING:
            return _still(line, account, after)
        case Work.SNOOZED if after.answered_at != before.answered_at and _answered(after):
            state, person, at = LineState.ANSWERED, after.answered_by, after.answered_at
        case Work.SNOOZED if line.state in UNSETTLED:
            state, person, at = LineState.SNOOZED, after.worked_by, after.snoozed_until
        case Work.CLOSED:
            state, person, at = LineState.CLOSED, after.worked_by, after.worked_at
        case Work.ANSWERED if after.answered_at != before.answered_at:
            state, person, at = LineState.ANSWERED, after.answered_by, after.answered_at
        case Work.ANSWERED:
            state = LineState.SETTLED
        case _:
            return line
    return replace(line, state=state, person=person, ended_at=at)


def _answered(after: Conversation) -> bool:
    """Whether nothing was said after the last answer: who was put off is woken as one who was answered."""
    return after.answered_at is not None and (after.last_at is None or after.answered_at >= after.last_at)


def _still(line: Line, account: Account, after: Conversation) -> Line:
    """What a line is while they wait; a window that the network closes before its time moves what was told."""
    known = closes(account, after)
    still = replace(line, state=LineState.OPEN, person=None, ended_at=None)
    if not known or any(close.at == line.close_at for close in known):
        return still
    if max(close.at for close in known if close.stage is line.stage or len(known) == 1) > line.close_at:
        return replace(still, state=LineState.EXTENDED)
    last = known[-1].at
    if last > line.close_at:
        return replace(still, state=LineState.PASSED, ended_at=last)
    return replace(still, close_at=last)


def _on(line: Line, scene: Scene, after: Conversation) -> Line:
    """A line of who waits beyond its close: there is more time, or their last window has lapsed."""
    account, known = scene.account, closes(scene.account, after)
    lost = lapsed_unseen(account, scene.conversation, after)
    if known and _lapse_told(after, known[-1].at):
        lost = known[-1].at
    if lost is not None:
        return replace(line, state=LineState.LAPSED, ended_at=lost)
    more = bool(known) and known[-1].at > (line.ended_at or line.close_at)
    return replace(line, state=LineState.EXTENDED, ended_at=None) if more and line.state is LineState.PASSED else line


def passed(line: Line, scene: Scene, now: datetime) -> Line:
    """A line whose close has passed; of an account that is paused, or a conversation that another app has, nobody waited."""
    if not waits(scene.account, scene.conversation):
        return replace(line, state=LineState.SETTLED)
    last = policy.last_close(scene.account, scene.conversation)
    more = last is not None and last > now
    return replace(line, state=LineState.PASSED if more else LineState.LAPSED, ended_at=last if more else line.close_at)


# ── what is noted in the conversation ─────────────────────────────────────────────────────────────────────


def _noted(account: Account, conversation: Conversation, stage: str, at: datetime) -> Conversation:
    """The conversation with this told of it; what was told of other closes than its own is not kept."""
    own = {str(micros(close.at)) for close in closes(account, conversation)} | {str(micros(at))}
    kept = [mark for mark in _marks(conversation) if mark.partition("@")[2] in own]
    mark = f"{stage}@{micros(at)}"
    return replace(conversation, alerted=" ".join([*(each for each in kept if each != mark), mark]))


def _marks(conversation: Conversation) -> list[str]:
    return (conversation.alerted or "").split()


def told_of(conversation: Conversation, at: datetime) -> bool:
    """Whether an alert has told of this close."""
    return any(mark.endswith(f"@{micros(at)}") for mark in _marks(conversation))


def _lapse_told(conversation: Conversation, at: datetime) -> bool:
    return f"{LAPSED}@{micros(at)}" in _marks(conversation)
