"""Customers whose messages nobody wants to see for a while, or ever.

Rule 1: what a blocked customer does is kept and counted, and not shown; nobody waits for an answer, is told, or asks who
        they are. What they take back goes all the same.
Rule 2: nothing goes to them, by itself or by anybody's hand. Unblocking takes everything back and shows what came meanwhile.
Rule 3: the network is asked once to move spam to its own folder. Whether it does changes nothing here.
"""

from __future__ import annotations

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import MoveToSpam, Queued, RedrawCard, Revise
from bridge.model.facts import (
    Act,
    CommentChange,
    CustomerCommented,
    CustomerEdited,
    CustomerReacted,
    CustomerUnsent,
    CustomerWrote,
    ProfileLearnt,
)
from bridge.model.ids import PersonRef
from bridge.model.outcomes import Later, Outcome, Refused
from bridge.model.state import NO_PREVIEW, AttachmentState, Author, Block, Message, Said, Value, Work
from bridge.rules.acts import work
from bridge.rules.base import Context, card, nothing, show, told_at_card, with_thread
from bridge.rules.customers import changes, customer, media

ACTS = frozenset({Act.BLOCK, Act.SPAM, Act.UNBLOCK})
OfCustomer = CustomerWrote | CustomerEdited | CustomerReacted | CustomerUnsent | CustomerCommented | ProfileLearnt
"""Facts whose every consequence is kept from the desk."""
UNCOUNTED = frozenset({customer.NAMED, customer.RENAMED, changes.UNSENT, changes.REACTION})
"""Kinds of messages in which the customer says nothing."""


def done(scene: Scene, act: Act, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Block or unblock the customer, and what whoever wanted it reads where nothing changes."""
    match act, scene.customer.blocked:
        case Act.UNBLOCK, None:
            return nothing("not blocked"), Said(key="work.not_blocked")
        case Act.UNBLOCK, _:
            return _unblocked(scene, person, context)
        case (Act.SPAM, Block.SPAM) | (Act.BLOCK, Block()):
            return nothing("blocked already"), Said(key="work.blocked_already")
        case Act.SPAM, _:
            return _spam(scene, person, context)
        case _:
            return _blocked(scene, person, Block.BLOCKED, Said(key="thread.blocked", values={"agent": person}), context)


def _blocked(scene: Scene, person: PersonRef, how: Block, said: Said, context: Context) -> tuple[Decision, Said]:
    talk, before = scene.conversation, scene.customer
    over = how is Block.SPAM or talk.work is Work.CLOSED
    after = replace(
        talk, work=Work.CLOSED if over else Work.ANSWERED, waiting_since=None, snoozed_until=None,
    )  # fmt: skip
    if how is Block.SPAM:
        after = replace(after, worked_by=person, worked_at=context.moment.now)
    since = before.blocked_at or context.moment.now
    who = replace(before, blocked=how, blocked_by=person, blocked_at=since)
    act = Act.SPAM if how is Block.SPAM else Act.BLOCK
    decision, said = work.changed(scene, after, act, said, context)
    return replace(decision, customer=who), said


def _spam(scene: Scene, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Blocked, closed, and the network is asked to think the same."""
    said = Said(key="thread.spam", values={"agent": person})
    decision, said = _blocked(scene, person, Block.SPAM, said, context)
    effect = MoveToSpam(
        workspace=scene.workspace.id, conversation=scene.conversation.id, account=scene.account.id, person=person
    )
    moved = lanes.queue(effect, position=lanes.micros(context.moment.steady))
    return replace(decision, effects=(*decision.effects, moved)), said


def _unblocked(scene: Scene, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Everything is as it would be now, and what came meanwhile is shown, late and in order."""
    before = scene.customer
    who = replace(before, blocked=None, blocked_by=None, blocked_at=None, blocked_count=0)
    conversation, threads, root = with_thread(scene, context)
    here = replace(scene, customer=who, conversation=conversation)
    messages, shown = _come_late(here, context)
    asked = [message for message in messages if message.kind not in NO_PREVIEW]
    if asked:
        conversation = replace(conversation, preview=asked[-1].id, waiting_since=asked[0].at)
    stays = scene.conversation.work is Work.CLOSED and before.blocked is Block.BLOCKED and not messages
    after = conversation if stays else work.opened(conversation)
    count = sum(map(_counts, messages))
    key = "thread.unblocked_with" if count else "thread.unblocked"
    said = Said(key=key, values={"agent": person, "count": count} if count else {"agent": person})
    decision, said = work.changed(here, after, Act.UNBLOCK, said, context)
    decision = replace(
        decision,
        customer=who,
        threads=threads,
        messages=messages,
        effects=(*root, *shown, *decision.effects, *customer.profile_due(here, context)),
    )
    return decision, said


def _come_late(scene: Scene, context: Context) -> tuple[tuple[Message, ...], tuple[Queued, ...]]:
    """What was withheld, with its files on their way; what stands already is only looked at again."""
    messages: list[Message] = []
    effects: list[Queued] = []
    for message in scene.withheld:
        if not message.withheld:
            again = Revise(workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id)
            effects.append(lanes.queue(again, position=lanes.micros(message.at)))
        elif _shows(message):
            late, files = media.taken(scene, replace(message, withheld=False), context)
            messages.append(late)
            effects += [show(scene, late), *files]
    return tuple(messages), tuple(effects)


# ── what they do meanwhile ────────────────────────────────────────────────────────────────────────────────


def kept(scene: Scene, fact: OfCustomer, decision: Decision, context: Context) -> Decision:
    """What would have been true and done, without anything that somebody could see of it."""
    known = scene.message
    gone = isinstance(fact, CustomerUnsent) or (
        isinstance(fact, CustomerCommented) and fact.change is CommentChange.REMOVED
    )
    messages = tuple(_withheld(message, known) for message in decision.messages)
    before = [known] if known is not None and any(known.id == each.id for each in messages) else []
    fresh = sum(each.withheld and _counts(each) for each in messages) - sum(
        each.withheld and _counts(each) for each in before
    )
    who = decision.customer or scene.customer
    talk, stood_so = decision.conversation or scene.conversation, scene.conversation
    after = replace(
        talk,
        thread=stood_so.thread,
        work=stood_so.work,
        waiting_since=stood_so.waiting_since,
        preview=talk.preview if gone else stood_so.preview,
    )
    # What stood before they were blocked goes with everything that was made of it.
    stood = gone and known is not None and not known.withheld
    return replace(
        decision,
        conversation=after,
        customer=replace(who, blocked_count=max(0, who.blocked_count + fresh)),
        threads=(),
        messages=messages,
        effects=decision.effects if stood else _cards(decision.effects, scene, context),
        alerts=decision.alerts if gone else (),
        wait=None,
        ignored=decision.ignored or (None if gone else "blocked"),
    )


def _counts(message: Message) -> bool:
    """Whether it is something that the customer said, and that unblocking shows."""
    own = message.author is Author.CUSTOMER and message.kind not in UNCOUNTED
    return own and _shows(message)


def _shows(message: Message) -> bool:
    """Whether there is anything of it to be shown."""
    return changes.stands(message) and (message.text is not None or bool(message.attachments) or message.kind != "text")


def _withheld(message: Message, known: Message | None) -> Message:
    """A message that stands nowhere, with none of its files on their way."""
    new = known is None or known.id != message.id
    if message.author is not Author.CUSTOMER or not (new or message.withheld):
        return message
    lying = tuple(
        replace(each, state=AttachmentState.LISTED) if each.state is AttachmentState.FETCHING else each
        for each in message.attachments
    )
    return replace(message, withheld=True, attachments=lying)


def _cards(effects: tuple[Queued, ...], scene: Scene, context: Context) -> tuple[Queued, ...]:
    """The card alone, which counts."""
    drawn = tuple(each for each in effects if isinstance(each.effect, RedrawCard))
    return drawn or (card(scene, context),)


# ── what the network says to it ───────────────────────────────────────────────────────────────────────────


def moved_to_spam(scene: Scene, effect: MoveToSpam, outcome: Outcome, context: Context) -> Decision:
    """Whoever said so hears that the network did not follow; here it is blocked all the same."""
    match outcome:
        case Refused(why=why, code=code):
            values: dict[str, Value] = {"why_key": f"error.{why}", "code": code}
        case Later(last=last, why=why):
            values = {"why_key": f"error.{last}", "code": why}
        case _:
            return nothing("done")
    return Decision(effects=told_at_card(scene, effect.person, Said(key="work.spam_refused", values=values), context))
