"""Who looks after a conversation, and whether it is over or put off: what agents do with it as a whole.

Rule 1: each act is one line in the thread, kept with who and when, and effective once; another act takes it back.
Rule 2: a customer who writes opens again what was closed and wakes what was put off; what was put off wakes in its time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge import lanes, roles
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Noted, Scene
from bridge.model.effects import LearnPerson, MarkSeen, Queued
from bridge.model.facts import Act
from bridge.model.ids import GroupRef, PersonRef
from bridge.model.state import Conversation, Said, Value, Work
from bridge.rules.acts.words import DAY, Wanted
from bridge.rules.answers import automatic
from bridge.rules.base import Context, card, line, nothing, retold, told_at_card

ACTS = frozenset({Act.TAKE, Act.RELEASE, Act.ASSIGN, Act.CLOSE, Act.NO_ANSWER, Act.REOPEN, Act.SNOOZE})
WOKEN = frozenset({"work.woken", "work.woken_by"})
"""What somebody is told when something that was put off is due."""
SAME = timedelta(minutes=1)
"""Two who put a conversation off at once mean the same time, if theirs differ by less."""


def done(scene: Scene, wanted: Wanted, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Do it, and what whoever wanted it reads where nothing changes."""
    talk = scene.conversation
    match wanted.act:
        case Act.TAKE | Act.ASSIGN if talk.owner == person and _oneself(wanted, person):
            return nothing("theirs already"), Said(key="work.yours_already")
        case Act.TAKE | Act.ASSIGN if _oneself(wanted, person):
            return _owned(scene, person, person, "thread.work_taken", context)
        case Act.ASSIGN:
            return _assigned(scene, wanted, person, context)
        case Act.RELEASE if talk.owner is None and talk.owner_group is None:
            return nothing("nobody's"), Said(key="work.nobodys")
        case Act.RELEASE:
            return _owned(scene, person, None, "thread.work_released", context)
        case Act.CLOSE | Act.NO_ANSWER if talk.work is Work.CLOSED:
            return nothing("closed already"), Said(key="work.closed_already")
        case Act.CLOSE:
            ended = replace(talk, outcome=wanted.outcome)
            after = _by(ended, person, context, work=Work.CLOSED, waiting_since=None, snoozed_until=None)
            decision, said = changed(scene, after, wanted.act, _closed(person, wanted.outcome), context)
            return automatic.at_close(scene, decision, context), said
        case Act.NO_ANSWER if talk.work is Work.ANSWERED:
            return nothing("nobody waits"), Said(key="work.nobody_waits")
        case Act.NO_ANSWER:
            ended = replace(talk, outcome=None)
            after = _by(ended, person, context, work=Work.CLOSED, waiting_since=None, snoozed_until=None)
            said = Said(key="thread.work_no_answer", values={"agent": person})
            decision, said = changed(scene, after, Act.CLOSE, said, context)
            return automatic.at_close(scene, decision, context, asks=False), said
        case Act.REOPEN if talk.work not in (Work.CLOSED, Work.SNOOZED):
            return nothing("open already"), Said(key="work.open_already")
        case Act.REOPEN:
            after = _by(opened(talk), person, context)
            said = Said(key="thread.work_reopened", values={"agent": person})
            return changed(scene, after, wanted.act, said, context)
        case _:
            return _put_off(scene, person, wanted.until or context.moment.now + (wanted.length or DAY), context)


def opened(talk: Conversation) -> Conversation:
    """The conversation as what was said in it has it: the customer waits, or was answered."""
    unanswered = talk.last_at is not None and (talk.answered_at is None or talk.last_at > talk.answered_at)
    if unanswered:
        return replace(talk, work=Work.WAITING, waiting_since=talk.waiting_since or talk.last_at, snoozed_until=None)
    return replace(talk, work=Work.ANSWERED, waiting_since=None, snoozed_until=None)


def woken(scene: Scene, context: Context) -> Decision | None:
    """What was put off and is due again: the card, and whoever looks after it, say so. None: nothing is due."""
    talk = scene.conversation
    if talk.work is not Work.SNOOZED or talk.snoozed_until is None or talk.snoozed_until > context.moment.now:
        return None
    after = retold(scene, opened(talk), context)
    whom = talk.owner or talk.worked_by
    by = talk.worked_by
    said = Said(key="work.woken") if by in (None, whom) else Said(key="work.woken_by", values={"agent": by})
    told = () if whom is None else told_at_card(scene, whom, said, context, direct=True)
    return Decision(conversation=after, effects=(card(scene, context), *told))


def _assigned(scene: Scene, wanted: Wanted, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Somebody else, or a group, is to look after it; only who may answer the customer is asked to."""
    talk, whom = scene.conversation, wanted.whom
    if wanted.group is not None and talk.owner_group != wanted.group:
        return _of_group(scene, person, wanted.group, context)
    if whom is None or talk.owner == whom:
        return nothing("theirs already"), Said(key="work.theirs_already")
    if isinstance(roles.may_act(whom, scene), Denied):
        return nothing("may not answer"), Said(key="work.may_not_answer", values={"owner": whom})
    return _owned(scene, person, whom, "thread.work_assigned", context)


def _oneself(wanted: Wanted, person: PersonRef) -> bool:
    """Whether somebody wants to look after it themselves, however they say so."""
    return wanted.act is Act.TAKE or (wanted.group is None and wanted.whom == person)


def _owned(
    scene: Scene, person: PersonRef, owner: PersonRef | None, key: str, context: Context
) -> tuple[Decision, Said]:
    talk = scene.conversation
    values: dict[str, Value] = {"agent": person}
    if owner is not None and owner != person:
        values["owner"] = owner
    decision, said = changed(
        scene, replace(talk, owner=owner, owner_group=None), _act(person, owner), Said(key=key, values=values), context
    )
    if owner == person and scene.account.settings.seen:
        seen = MarkSeen(workspace=scene.workspace.id, conversation=talk.id, account=scene.account.id)
        marked = lanes.queue(seen, position=lanes.micros(context.moment.steady))
        return replace(decision, effects=(*decision.effects, marked)), said
    if owner is None or owner == person:
        return decision, said
    learn = () if owner in scene.known.people else (_learn(scene, owner),)
    told = told_at_card(scene, owner, Said(key="work.assigned_to_you", values={"agent": person}), context, direct=True)
    return replace(decision, effects=(*learn, *decision.effects, *told)), said


def _of_group(scene: Scene, person: PersonRef, group: GroupRef, context: Context) -> tuple[Decision, Said]:
    """A group is to look after it: the line in the thread tells its people."""
    said = Said(key="thread.work_assigned_group", values={"agent": person, "group": group})
    after = replace(scene.conversation, owner=None, owner_group=group)
    return changed(scene, after, Act.ASSIGN, said, context)


def _closed(person: PersonRef, outcome: str | None) -> Said:
    if outcome is None:
        return Said(key="thread.work_closed", values={"agent": person})
    return Said(key="thread.work_closed_as", values={"agent": person, "outcome": outcome})


def _act(person: PersonRef, owner: PersonRef | None) -> Act:
    return Act.RELEASE if owner is None else Act.TAKE if owner == person else Act.ASSIGN


def _put_off(scene: Scene, person: PersonRef, until: datetime, context: Context) -> tuple[Decision, Said]:
    talk = scene.conversation
    if talk.work is Work.SNOOZED and talk.snoozed_until is not None and abs(until - talk.snoozed_until) < SAME:
        said = Said(key="work.snoozed_already", values={"when": int(talk.snoozed_until.timestamp())})
        return nothing("put off already"), said
    after = _by(talk, person, context, work=Work.SNOOZED, snoozed_until=until)
    values: dict[str, Value] = {"agent": person, "when": int(until.timestamp())}
    return changed(scene, after, Act.SNOOZE, Said(key="thread.work_snoozed", values=values), context)


def _by(
    talk: Conversation,
    person: PersonRef,
    context: Context,
    *,
    work: Work | None = None,
    waiting_since: datetime | None = None,
    snoozed_until: datetime | None = None,
) -> Conversation:
    if work is None:
        return replace(talk, worked_by=person, worked_at=context.moment.now)
    since = talk.waiting_since if work is Work.SNOOZED else waiting_since
    return replace(
        talk,
        work=work,
        waiting_since=since,
        snoozed_until=snoozed_until,
        worked_by=person,
        worked_at=context.moment.now,
    )


def changed(scene: Scene, after: Conversation, act: Act, said: Said, context: Context) -> tuple[Decision, Said]:
    """The conversation as it is now, its line and card, and the note of who did it."""
    who = PersonRef(str(said.values["agent"]))
    decision = Decision(
        conversation=retold(scene, after, context),
        effects=(*line(scene, said, context.moment.now), card(scene, context)),
        noted=(noted(scene, after, act, who, context),),
    )
    return decision, said


def noted(scene: Scene, after: Conversation, act: Act, who: PersonRef, context: Context) -> Noted:
    """What the audit keeps of an act."""
    return Noted(
        who=who,
        at=context.moment.now,
        action=f"conversation.{act.value}",
        before=_noted(scene.conversation),
        after=_noted(after),
    )


def _noted(talk: Conversation) -> dict[str, Value]:
    until = talk.snoozed_until
    noted: dict[str, Value] = {"work": talk.work.value, "owner": talk.owner or talk.owner_group}
    if talk.forwarded_to is not None:
        noted["forwarded_to"] = talk.forwarded_to
    noted["snoozed_until"] = None if until is None else until.isoformat()
    return noted | ({"outcome": talk.outcome} if talk.work is Work.CLOSED and talk.outcome is not None else {})


def _learn(scene: Scene, person: PersonRef) -> Queued:
    return lanes.queue(LearnPerson(workspace=scene.workspace.id, person=person), position=0)
