"""What customers say in public: a comment under a post, on a reel, an ad or a broadcast, and the one private reply to it.

Rule 1: a comment opens no window. It can be answered once, privately and with one message, for 7 days; on a broadcast,
        while that lasts. Everything else waits until the customer writes.
        https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
Rule 2: who comments may have another id than who writes. That the two are one person is learnt from our own private
        reply, whose answer or echo names its recipient; never from a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.comment import Comment, CommentState
from bridge.model.decision import Decision, Hold, Scene, Sending
from bridge.model.effects import MarkSeen, PostLine, Queued, SendToCustomer
from bridge.model.facts import CommentChange, CustomerCommented, CustomerEdited, CustomerUnsent, EchoHeard
from bridge.model.ids import MessageId, RemoteId, mark
from bridge.model.outcomes import Done, Held, Outcome, Refused, Scope, Sent, Unsure
from bridge.model.state import Author, Conversation, Customer, Message, Said
from bridge.rules.base import Context, card, nothing, retold, show, with_thread
from bridge.rules.customers import changes, customer, unsend

MOST = 20
"""So many comments of one customer can be answered privately at a time, the newest; a conversation is read often."""


def commented(scene: Scene, fact: CustomerCommented, context: Context) -> Decision:
    """Show a comment, its change, or that it is gone."""
    of: dict[str, Any] = {name: getattr(fact, name) for name in ("platform", "account", "customer", "at", "remote_id")}
    known = scene.message
    match fact.change:
        case CommentChange.REMOVED:
            return _removed(scene, CustomerUnsent(**of), context)
        case CommentChange.EDITED if known is not None:
            edit = CustomerEdited(**of, text=fact.text, number=0)
            return changes.customer_edited(scene, edit, context)
        case _ if known is None:
            return _new(scene, fact, context)
        case _ if changes.awaited(known):
            return _removed_before(scene, known, fact, context)
        case _ if known.unsent_at is not None:
            return Decision(forgotten=(fact.remote_id,), ignored="taken back already")
        case _:
            return nothing("known")


def _new(scene: Scene, fact: CustomerCommented, context: Context) -> Decision:
    """The customer waits; the newest words count, should the change of a comment have overtaken it."""
    message = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=fact.written_at,
        text=fact.text,
        kind=fact.kind,
        remote_id=fact.remote_id,
        attachments=fact.attachments,
        edited_at=fact.at if fact.change is CommentChange.EDITED else None,
    )
    who = _introduced(scene.customer, fact)
    scene = replace(scene, customer=who)
    conversation, threads, root = with_thread(scene, context, anew=customer.over_long_ago(scene, message))
    if who.name or who.username:
        # Whoever comments is named by the comment, and the network tells us no more before they write.
        root = tuple(replace(each, not_before=None) for each in root)
    lapsed, unseen = customer.lapsed(scene, message), not scene.copies.seen_elsewhere
    began = customer.waiting(conversation, message, anew=lapsed, unseen=unseen)
    begins = customer.begins_to_wait(scene.conversation, began, message)
    conversation = _with(customer.latest(scene, began, message), fact)
    redraw = () if root else (card(scene, context),)
    return Decision(
        conversation=retold(scene, conversation, context),
        customer=who,
        threads=threads,
        messages=(message,),
        effects=(*root, show(scene, message, broadcast=begins and not root), *changes.revise(scene, message), *redraw),
    )


def _introduced(known: Customer, fact: CustomerCommented) -> Customer:
    """The customer by the name that stands over the comment, while the network has told us no other."""
    if known.profile_at is not None:
        return known
    return replace(known, name=fact.name or known.name, username=fact.username or known.username)


def _with(conversation: Conversation, fact: CustomerCommented) -> Conversation:
    fresh = Comment(
        remote_id=fact.remote_id, at=fact.written_at, until=fact.written_at + policy.PRIVATE_REPLY, live=fact.live
    )
    comments = sorted((*conversation.comments, fresh), key=lambda comment: comment.at)
    return replace(conversation, comments=tuple(comments[-MOST:]))


def _removed(scene: Scene, fact: CustomerUnsent, context: Context) -> Decision:
    """Nobody can answer privately what is gone."""
    decision = unsend.customer_unsent(scene, fact, context)
    conversation = decision.conversation or scene.conversation
    left = tuple(comment for comment in conversation.comments if comment.remote_id != fact.remote_id)
    if len(left) == len(conversation.comments):
        return decision
    after = retold(scene, replace(conversation, comments=left), context)
    return replace(decision, conversation=after)


def _removed_before(scene: Scene, known: Message, fact: CustomerCommented, context: Context) -> Decision:
    """It comes after it was taken back: the line alone is shown, and nothing of it is kept."""
    who = _introduced(scene.customer, fact)
    scene = replace(scene, customer=who)
    conversation, threads, root = with_thread(scene, context)
    message = replace(known, at=fact.written_at, kind=fact.kind)
    lines, forgotten = unsend.come_late(scene, message)
    return Decision(
        conversation=customer.latest(scene, conversation, message),
        customer=who,
        threads=threads,
        messages=(message,),
        forgotten=forgotten,
        effects=(*root, *lines),
    )


# ── the private reply ─────────────────────────────────────────────────────────────────────────────────────


def reopened(conversation: Conversation, by: MessageId) -> Conversation:
    """A person says that it did not arrive: it may be sent again."""
    comment = tried_by(conversation, by)
    return conversation if comment is None else _now(conversation, comment, CommentState.OPEN, None)


def tried_by(conversation: Conversation, by: MessageId) -> RemoteId | None:
    """The comment whose private reply an answer perhaps was."""
    mine = (comment for comment in conversation.comments if comment.by == by)
    return next((comment.remote_id for comment in mine if comment.state is CommentState.PERHAPS), None)


def _is_live(conversation: Conversation, comment: RemoteId) -> bool:
    return any(each.live for each in conversation.comments if each.remote_id == comment)


def _now(conversation: Conversation, comment: RemoteId, state: CommentState, by: MessageId | None) -> Conversation:
    comments = tuple(
        replace(each, state=state, by=by) if each.remote_id == comment else each for each in conversation.comments
    )
    return replace(conversation, comments=comments)


def in_its_words(conversation: Conversation, comment: RemoteId, outcome: Outcome) -> Outcome:
    """What a refusal means for a private reply; the windows have no say in it."""
    if not isinstance(outcome, Refused) or outcome.why not in ("window", "private_reply_used"):
        return outcome
    return replace(outcome, why="private_reply_live" if _is_live(conversation, comment) else "private_reply_used")


def ended(scene: Scene, effect: SendToCustomer, outcome: Outcome, decision: Decision, context: Context) -> Decision:
    """The end of a send that was a private reply, for the comment too."""
    if effect.comment is None:
        return decision
    before = decision.conversation or scene.conversation
    match outcome:
        case Done():
            recipient = outcome.recipient if isinstance(outcome, Sent) else None
            return has_gone(scene, decision, effect.comment, effect.message, context, recipient=recipient)
        case Unsure():
            after = _now(before, effect.comment, CommentState.PERHAPS, effect.message)
        case Refused(why="private_reply_used" | "private_reply_live"):
            after = _now(before, effect.comment, CommentState.REFUSED, None)
        case Held(scope=Scope.TARGET):
            target = lanes.private_target(scene.account.id)
            return replace(decision, holds=(*decision.holds, *(Hold(target=target, key=h.key) for h in decision.holds)))
        case _:
            return decision
    return replace(
        decision,
        conversation=retold(scene, after, context),
        effects=(*decision.effects, card(scene, context)),
        ignored=None,
    )


def has_gone(
    scene: Scene,
    decision: Decision,
    comment: RemoteId,
    by: MessageId,
    context: Context,
    *,
    recipient: str | None = None,
) -> Decision:
    """The one private reply has arrived, and with it we know under which id its reader writes. recipient: that id."""
    after = _now(decision.conversation or scene.conversation, comment, CommentState.ANSWERED, by)
    # Nothing of theirs has come here that could be marked as seen.
    effects = tuple(each for each in decision.effects if not isinstance(each.effect, MarkSeen))
    return replace(
        decision,
        conversation=retold(scene, after, context),
        effects=effects,
        writes_as=None if recipient == scene.customer.remote_id else recipient,
        ignored=None,
    )


# ── whose echo it is ──────────────────────────────────────────────────────────────────────────────────────


def may_be_ours(fact: EchoHeard, under_way: Sequence[Sending], context: Context) -> tuple[Sending, ...]:
    """The private replies of the account that an echo to somebody else may be: by our mark, else by their words."""
    if fact.marker is not None:
        return tuple(each for each in under_way if fact.marker == mark(each.row))
    if fact.text is None or (fact.platform in context.rules.marks and fact.app is not None and not fact.looked_up):
        return ()
    earliest, words = fact.at + context.rules.settle, fact.text.split()
    return tuple(
        each for each in under_way if each.message.at <= earliest and (each.message.text or "").split() == words
    )


def led_on(scene: Scene, other: Scene) -> tuple[Queued, ...]:
    """Whoever comments here writes in another conversation of theirs: a line in each leads to the other."""
    here, there = scene.conversation.thread, other.conversation.thread
    if here is None or there is None or here.ref is None or there.ref is None:
        return ()
    writes = Said(key="thread.writes_there", values={"link": there.ref})
    commented_on = Said(key="thread.commented_there", values={"link": here.ref})
    first = PostLine(workspace=scene.workspace.id, conversation=scene.conversation.id, said=writes)
    second = PostLine(workspace=scene.workspace.id, conversation=other.conversation.id, said=commented_on)
    position = 0
    return (
        lanes.queue(first, position=position, place=here.place),
        lanes.queue(second, position=position, place=there.place),
    )
