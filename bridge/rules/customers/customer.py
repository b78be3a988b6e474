"""What the customer did, and who they are."""

from __future__ import annotations

from datetime import timedelta

from bridge import lanes, policy
from bridge.model.axes import ASKS
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import LearnProfile, Queued
from bridge.model.facts import AlertOver, CustomerWrote, ProfileLearnt
from bridge.model.ids import RemoteId
from bridge.model.state import NO_PREVIEW, UNKNOWN, Author, Conversation, Customer, Message, Window, Work
from bridge.rules.acts import control
from bridge.rules.base import (
    Context,
    card,
    cut_before,
    is_current,
    nothing,
    retold,
    root_of_thread,
    show,
    warning_key,
    with_thread,
)
from bridge.rules.customers import changes, media, unsend

RENAMED, NAMED = "renamed", "named"
"""Kinds of the lines that tell of a new name: of who had another, and of who was anonymous."""


def customer_wrote(scene: Scene, fact: CustomerWrote, context: Context) -> Decision:
    """Show it, open the window by the act's own time, and let the customer wait for an answer."""
    known = scene.message
    if known is not None and not changes.awaited(known) and not _reads_more(known, fact):
        return nothing("known")
    message = _heard(scene, fact, context) if known is None else _completed(known, fact)
    message, files = media.taken(scene, message, context)
    conversation, threads, root = with_thread(scene, context, anew=over_long_ago(scene, message))
    if fact.opener is not None:
        conversation = policy.open_window(conversation, fact.opener, fact.at)
    begins = False
    if fact.opener in ASKS:
        asks_nothing = answered_elsewhere(scene, fact) or message.unsent_at is not None
        unseen = not was_seen(scene, known)
        anew = lapsed(scene, message)
        began = conversation if asks_nothing else waiting(conversation, message, anew=anew, unseen=unseen)
        begins = begins_to_wait(scene.conversation, began, message)
        conversation = latest(scene, began, message)
        if known is None and not asks_nothing:
            conversation = replace(conversation, heard_at=context.moment.steady, heard_from=message.at)
    conversation = control.heard(retold(scene, conversation, context), fact)
    redraw = () if root else (card(scene, context),)
    shown, forgotten = _shown(scene, message, context, broadcast=begins and not root)
    told = control.told_of(scene, conversation, context)
    cut = cut_before(scene, message) if fact.cut else ()
    return Decision(
        conversation=conversation,
        threads=threads,
        messages=(message,),
        forgotten=forgotten,
        effects=(
            *root,
            *cut,
            *shown,
            *files,
            *told,
            *redraw,
            *profile_due(scene, context),
        ),
        alerts=warning_over(scene, conversation, context),
    )


def _heard(scene: Scene, fact: CustomerWrote, context: Context) -> Message:
    return Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=fact.at,
        text=fact.text,
        kind=fact.kind,
        remote_id=fact.remote_id,
        about=fact.about,
        found_later=fact.found_later,
        attachments=fact.attachments,
        queued_at=context.moment.steady if scene.copies.overtaken else None,
    )


def _reads_more(known: Message, fact: CustomerWrote) -> bool:
    """Whether an earlier version of the bridge could not read all of it, and this one reads more."""
    before, now = (
        [each.kind for each in attached].count(UNKNOWN) for attached in (known.attachments, fact.attachments)
    )
    return known.unsent_at is None and now < before


def _completed(known: Message, fact: CustomerWrote) -> Message:
    """What stands already, with what is only read now; what of it is on the desk stays there."""
    if changes.awaited(known):
        return changes.completed(known, fact)
    stands = {(each.kind, each.address): each for each in known.attachments if each.kind != UNKNOWN}
    attached = (replace(stands.get((each.kind, each.address), each), seq=each.seq) for each in fact.attachments)
    text = fact.text if known.edited_at is None else known.text
    return replace(known, kind=fact.kind, text=text, remote_id=fact.remote_id, attachments=tuple(attached))


def _shown(
    scene: Scene, message: Message, context: Context, *, broadcast: bool
) -> tuple[tuple[Queued, ...], tuple[RemoteId, ...]]:
    """What shows a message, and whatever quotes it by now; and what of it may not be kept."""
    if message.unsent_at is not None:
        return unsend.come_late(scene, message)
    if scene.message is not None:
        return changes.drawn_anew(scene, message, context), ()
    return (show(scene, message, broadcast=broadcast), *changes.revise(scene, message)), ()


def warning_over(scene: Scene, after: Conversation, context: Context) -> tuple[AlertOver, ...]:
    """The customer has opened the window anew: what a warning of the network's had stopped may go again."""
    if not policy.closed_early(scene.conversation) or policy.closed_early(after):
        return ()
    return (AlertOver(workspace=scene.workspace.id, at=context.moment.now, key=warning_key(after.id)),)


def lapsed(scene: Scene, message: Message) -> bool:
    """Whether nobody could answer any more until the customer wrote this."""
    before = scene.conversation
    if before.last_at is None or message.at <= before.last_at:
        return False
    return policy.window_at(scene.account, before, message.at) is Window.LAPSED


def over_long_ago(scene: Scene, message: Message) -> bool:
    """Whether the conversation was over, and its thread is too old to go on in."""
    before = scene.conversation
    last = max((at for at in (before.last_at, before.answered_at) if at is not None), default=None)
    if last is None or not (before.work is Work.CLOSED or lapsed(scene, message)):
        return False
    return message.at - last >= timedelta(days=scene.account.settings.reopen_days)


def begins_to_wait(before: Conversation, after: Conversation, message: Message) -> bool:
    """Whether a new waiting period begins with this message."""
    if after.work is not Work.WAITING or after.waiting_since != message.at:
        return False
    return before.work is not Work.WAITING or before.waiting_since is None or before.waiting_since < message.at


def answered_elsewhere(scene: Scene, fact: CustomerWrote) -> bool:
    """Whether people who see everything, in the network's own app or another one, wrote after this."""
    ours = [each for each in fact.answered if each in scene.quoted]
    by_us = all(scene.quoted[each].message.author in (Author.AGENT, Author.BRIDGE) for each in ours)
    return scene.copies.seen_elsewhere or len(ours) < len(fact.answered) or not by_us


def was_seen(scene: Scene, known: Message | None) -> bool:
    """Whether agents could see it, or the change that told of it first, when they answered last."""
    answered = scene.conversation.answered_at
    return known is not None and answered is not None and known.at <= answered


def waiting(conversation: Conversation, message: Message, *, anew: bool, unseen: bool) -> Conversation:
    """The customer waits, unless an answer went after this; *anew*: they waited in vain.

    unseen: it was shown to nobody when the last answer was written, which is none to it therefore.
    """
    if conversation.work is Work.WAITING and not anew:
        since = min(conversation.waiting_since or message.at, message.at)
        return replace(conversation, waiting_since=since)
    if not unseen and conversation.answered_at is not None and message.at <= conversation.answered_at:
        return conversation
    return replace(conversation, work=Work.WAITING, waiting_since=message.at)


def latest(scene: Scene, conversation: Conversation, message: Message) -> Conversation:
    """The conversation whose card shows this message, if none later is known."""
    shows = changes.stands(message) and message.kind not in NO_PREVIEW
    if conversation.last_at is not None and message.at < conversation.last_at:
        other = scene.copies.latest
        newer = conversation.preview is None if other is None else (other.at, other.id) < (message.at, message.id)
        # It alone is what they wait for: what is newer was answered.
        newer = newer or begins_to_wait(scene.conversation, conversation, message)
        return replace(conversation, preview=message.id) if shows and newer else conversation
    return replace(conversation, last_at=message.at, preview=message.id if shows else conversation.preview)


def profile_due(scene: Scene, context: Context) -> tuple[Queued, ...]:
    """Ask who the customer is, where that is not known, or was learnt long ago."""
    who, rules = scene.customer, context.rules
    lasts = rules.profile_age if who.name or who.username else rules.anonymous_age
    if who.profile_at is not None and context.moment.now - who.profile_at < lasts:
        return ()
    effect = LearnProfile(
        workspace=scene.workspace.id,
        account=scene.account.id,
        customer=scene.customer.id,
        conversation=scene.conversation.id,
    )
    return (lanes.queue(effect, position=lanes.micros(context.moment.steady)),)


def profile_learnt(scene: Scene, fact: ProfileLearnt, context: Context) -> Decision:
    """Remember the name; an unreadable profile leaves what was known."""
    before = scene.customer
    after = replace(before, profile_at=context.moment.now)
    if fact.readable:
        after = replace(
            after,
            name=fact.name,
            username=fact.username,
            picture=fact.picture,
            followers=fact.followers,
            follows=fact.follows,
            verified=fact.verified,
        )
    thread = scene.conversation.thread
    noted, shown = _renamed(scene, after, context)
    comes = thread is not None and thread.ref is None and not thread.gone
    root = (root_of_thread(scene, thread, once=True),) if thread is not None and comes else ()
    changed = after != replace(before, profile_at=after.profile_at)
    # A root that is under way was drawn without the name.
    redraw = (card(scene, context),) if changed else ()
    return Decision(customer=after, messages=noted, effects=(*root, *shown, *redraw))


def _renamed(scene: Scene, after: Customer, context: Context) -> tuple[tuple[Message, ...], tuple[Queued, ...]]:
    """A line for a new name, under which the customer's posts stand from now on.

    It is a message of its own: what somebody was called is their own word, and goes when their words go.
    """
    before, thread = scene.customer, scene.conversation.thread
    asked_before = before.profile_at is not None
    if not asked_before or not is_current(thread, scene.place):
        return (), ()
    was = _earlier_names(before, after)
    anonymous = not (before.name or before.username) and bool(after.name or after.username)
    if not was and not anonymous:
        return (), ()
    note = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=context.moment.now,
        text=was or None,
        kind=NAMED if anonymous else RENAMED,
    )
    return (note,), (show(scene, note),)


def _earlier_names(before: Customer, after: Customer) -> str:
    """What of the earlier names is no longer so: the name, and the handle with its mark."""
    name = before.name if before.name != after.name else None
    handle = f"@{before.username}" if before.username and before.username != after.username else None
    return " ".join(filter(None, (name, handle)))
