"""What customers change of what they said, and how what stands on the desk follows.

Rule 1: a change changes the message's row; posts are drawn anew from the rows, so that the order of arrival is all one.
Rule 2: a change that overtakes its message makes the row, of a kind that says so; the message itself completes it.
Rule 3: what is under way was drawn from older rows: `Revise` waits behind it in its lane, and looks again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeGuard

from bridge import lanes
from bridge.model.change import replace
from bridge.model.commented import COMMENTS
from bridge.model.decision import Decision, Drop, Due, Go, Instead, Scene
from bridge.model.effects import (
    AnyEffect,
    PostLine,
    PostMessage,
    Queued,
    RedrawCard,
    RedrawPost,
    RemoveFile,
    RemovePost,
    RetireCard,
    Revise,
)
from bridge.model.facts import AlertDue, AlertOver, CustomerEdited, CustomerWrote
from bridge.model.ids import ConversationId, FileRef, PostRef, WorkspaceId, place_of_post
from bridge.model.outcomes import Later, Refused
from bridge.model.state import Attachment, AttachmentState, Author, Message, Post, Said, Value
from bridge.model.word import Word
from bridge.rules.base import Context, card, nothing, show, with_thread
from bridge.rules.customers import media
from bridge.rules.desk.places import alerts_place
from bridge.rules.desk.posting import DEGRADABLE

EDITED, UNSENT = "edited", "unsent"
"""Kinds of messages that are not known themselves yet, only that they were changed or taken back."""
REACTION = "reaction"
NOT_THERE = "message_not_found"
PLACE_GONE, PLACE_CLOSED = "channel_not_found", ("is_archived", "is_inactive", "not_in_channel")
"""Why nothing can be changed in a place: it is gone, or a private one that is closed to us; or may open again."""
POST_AGAIN = timedelta(hours=1)
"""A post or card that the desk neither takes away nor changes is tried again so much later."""
TOLD_BELOW = ("thread.unsent", "thread.comment_deleted")
"""Sentences that stand in a line of their own, which stays."""
BARE = Said(key="thread.bare")
"""What a post says then that the desk will not take away."""
FILE_AGAIN = timedelta(hours=6)
"""A file that the desk does not delete is tried again so much later: nobody tells us when somebody has deleted it."""
TakesBack = RedrawPost | RemovePost | RemoveFile | RetireCard
"""Effects by which the desk shows no longer what a customer has changed or taken back."""


def customer_edited(scene: Scene, fact: CustomerEdited, context: Context) -> Decision:
    """The newest words count, by the network's own number; an edit opens no window."""
    message = scene.message
    if message is None:
        return _before_its_message(scene, fact, context)
    if message.unsent_at is not None:
        return Decision(forgotten=(fact.remote_id,), ignored="taken back")
    if message.author is not Author.CUSTOMER:
        return nothing("not the customer's")
    if message.edited_at is not None and (fact.number, fact.at) <= (message.edits, message.edited_at):
        return nothing("older words")
    changed = replace(message, text=fact.text, edits=fact.number, edited_at=fact.at)
    return Decision(messages=(changed,), effects=drawn_anew(scene, changed, context))


def _before_its_message(scene: Scene, fact: CustomerEdited, context: Context) -> Decision:
    message = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=fact.at,
        text=fact.text,
        kind=EDITED,
        remote_id=fact.remote_id,
        edits=fact.number,
        edited_at=fact.at,
    )
    conversation, threads, root = with_thread(scene, context)
    shown = (*root, show(scene, message), *revise(scene, message))
    return Decision(conversation=conversation, threads=threads, messages=(message,), effects=shown)


def awaited(message: Message) -> bool:
    """Whether the message itself has not come yet."""
    return message.kind in (EDITED, UNSENT)


def completed(message: Message, fact: CustomerWrote) -> Message:
    """What was changed or taken back before it came, with what only the message itself tells."""
    whole = replace(message, at=fact.at, kind=fact.kind, found_later=fact.found_later)
    if message.unsent_at is not None:
        return replace(whole, attachments=tuple(map(emptied, fact.attachments)))
    return replace(whole, attachments=fact.attachments, about=fact.about)


def emptied(attachment: Attachment) -> Attachment:
    """What is left of an attachment that was taken back: that there was one, and the file that has to go."""
    return Attachment(seq=attachment.seq, kind=attachment.kind, state=AttachmentState.GONE, file=attachment.file)


# ── what stands ───────────────────────────────────────────────────────────────────────────────────────────


def stands(message: Message) -> bool:
    """Whether a message is to be seen on the desk."""
    return message.unsent_at is None and not (message.kind == REACTION and message.text is None)


def drawn_anew(scene: Scene, message: Message, context: Context) -> tuple[Queued, ...]:
    """Draw everything anew that shows or quotes a message; what still waits shows the newest words by itself."""
    return (*_drawn_now(scene, message, context), *revise(scene, message))


def _drawn_now(scene: Scene, message: Message, context: Context) -> tuple[Queued, ...]:
    shown = scene.conversation.preview == message.id
    return (*redrawn(scene, (*_own(scene), *scene.copies.quotes)), *((card(scene, context),) if shown else ()))


def _own(scene: Scene) -> tuple[Post, ...]:
    """Where the message's words stand."""
    return tuple(post for post in scene.posts if post.file is None)


def redrawn(scene: Scene, posts: Iterable[Post]) -> tuple[Queued, ...]:
    """Draw these posts anew, each once."""
    refs = dict.fromkeys(post.ref for post in posts)
    return tuple(
        lanes.queue(RedrawPost(workspace=scene.workspace.id, conversation=scene.conversation.id, ref=ref), position=0)
        for ref in refs
    )


def revise(scene: Scene, message: Message) -> tuple[Queued, ...]:
    """Look at a message's posts again once what is under way stands, if anything is.

    What quotes it already gets the link to its post when there is one.
    """
    copies = scene.copies
    if not copies.under_way and (_own(scene) or not (copies.quotes or copies.coming)):
        return ()
    effect = Revise(workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id)
    return (lanes.queue(effect, position=lanes.micros(message.at)),)


def now_stands(scene: Scene, effect: PostMessage) -> Decision:
    """A post that stands late, because its message was known first by its change: what quotes it gets the link."""
    message = scene.message
    if message is None or not message.edits:
        return nothing("done")
    return Decision(effects=(lanes.look_again(effect, position=lanes.micros(message.at)),))


def revise_due(scene: Scene, effect: Revise, context: Context) -> Due:
    """Look once nothing older is under way: what was written later may be, although its lane has it behind."""
    if (behind := scene.copies.behind) is not None:
        return Instead(decision=Decision(effects=(lanes.queue(effect, position=behind),)), why="more is under way")
    return Instead(decision=_revised(scene, context), why="drawn anew")


def _revised(scene: Scene, context: Context) -> Decision:
    """Nothing older is under way any more: what stands is drawn as the row is now, or goes."""
    message = scene.message
    if message is None:
        return nothing("message is gone")
    if stands(message):
        return Decision(effects=(*_drawn_now(scene, message, context), card(scene, context)))
    taken = taken_down(scene, message)
    effects = (*taken.effects, *redrawn(scene, scene.copies.quotes), card(scene, context))
    return Decision(effects=effects, unposted=taken.unposted)


class TakenDown(Word, kw_only=True):
    """What takes a message off the desk, and the posts in which nothing stands any more."""

    effects: tuple[Queued, ...]
    unposted: tuple[PostRef, ...]


def taken_down(scene: Scene, message: Message, *, lasting: bool = False) -> TakenDown:
    """Take a message's posts and files away; of a post that shows others too, its part alone.

    lasting: a line tells of it, or the post itself where the desk keeps that: in the thread in which the message stood.
    """
    whole = [post for post in scene.posts if set(post.messages) <= {message.id}]
    first = next((post for post in whole if post.file is None), None) if lasting else None
    root = min(scene.copies.earlier, default=None)
    effects = (
        *((_lasting(scene, first.ref, farewell(message), root),) if first is not None else ()),
        *((tombstone(scene, farewell(message), root),) if lasting and first is None else ()),
        *(removal(scene, post.ref, None if post.file else farewell(message)) for post in whole if post is not first),
        *(_file_removal(scene, post.file, post.ref) for post in whole if post.file is not None),
        *media.left(scene, message),
        *redrawn(scene, [post for post in scene.posts if post not in whole]),
    )
    return TakenDown(effects=effects, unposted=tuple(post.ref for post in whole))


def farewell(message: Message) -> Said:
    """What a post says instead when it cannot be taken away."""
    if message.unsent_at is None:
        return Said(key="kind.reaction_removed")
    when: dict[str, Value] = {"when": message.unsent_at.timestamp()}
    # A comment may have been deleted by the business as well.
    return Said(key="thread.comment_deleted" if message.kind in COMMENTS else "thread.unsent", values=when)


def tombstone(scene: Scene, said: Said, root: PostRef | None = None) -> Queued:
    """The line that stays where a message was. *root*: of the earlier thread in which that stood."""
    line = PostLine(workspace=scene.workspace.id, conversation=scene.conversation.id, said=said, root=root)
    when = said.values["when"]
    position = round(when * 1_000_000) if isinstance(when, int | float) else 0
    place = scene.place if root is None else place_of_post(root)
    # Of those that wait for an earlier thread none speaks for another.
    return replace(lanes.queue(line, position=position, place=place), once=False)


def _lasting(scene: Scene, ref: PostRef, said: Said, root: PostRef | None) -> Queued:
    """Take a post away that nothing else tells of yet."""
    conversation = scene.conversation.id
    effect = RemovePost(
        workspace=scene.workspace.id, ref=ref, conversation=conversation, said=said, untold=True, root=root
    )
    return lanes.queue(effect, position=0)


def _told(scene: Scene | None, effect: AnyEffect) -> tuple[Queued, ...]:
    """The line that tells of a post that is gone, or that shows still what it must not, where nothing tells of it yet."""
    if scene is None or not isinstance(effect, RemovePost | RedrawPost) or not effect.untold or effect.said is None:
        return ()
    return (tombstone(scene, effect.said, effect.root),)


def removal(scene: Scene, ref: PostRef, said: Said | None) -> Queued:
    """Take a post away; *said*: what it says instead if the desk will not."""
    effect = RemovePost(workspace=scene.workspace.id, ref=ref, conversation=scene.conversation.id, said=said)
    return lanes.queue(effect, position=0)


def _file_removal(scene: Scene, file: FileRef, ref: PostRef) -> Queued:
    effect = RemoveFile(workspace=scene.workspace.id, conversation=scene.conversation.id, file=file, ref=ref)
    return lanes.queue(effect, position=0)


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────────────


def redraw_due(scene: Scene, effect: RedrawPost) -> Due:
    """A post in which nothing stands any more goes altogether."""
    if effect.said is not None:
        return Go()
    if not scene.shown:
        return Drop(why="nothing stands in it")
    if any(map(stands, scene.shown)):
        return Go()
    last = max(scene.shown, key=lambda message: (message.unsent_at or message.at, message.id))
    gone = Decision(effects=(removal(scene, effect.ref, farewell(last)),), unposted=(effect.ref,))
    return Instead(decision=gone, why="nothing stands in it any more")


def refused(scene: Scene, effect: TakesBack | RedrawCard, outcome: Refused | Later, context: Context) -> Decision:
    """The desk will not take it away, or change it: the next best, and in the end a person is asked."""
    code = outcome.code if isinstance(outcome, Refused) else outcome.why
    match effect:
        case RedrawCard():
            return _card_stays(scene, effect, code, context)
        case RemovePost(said=None):
            return nothing(code)
        case RemovePost(ref=ref, said=said):
            instead = BARE if said is not None and said.key in TOLD_BELOW and not effect.untold else said
            drawn = RedrawPost(workspace=effect.workspace, conversation=scene.conversation.id, ref=ref, said=instead)
            return _instead(replace(drawn, untold=effect.untold, root=effect.root))
        case RedrawPost(plain=False) if code in DEGRADABLE:
            return _instead(replace(effect, plain=True))
        case RetireCard() if scene.message is None or scene.message.unsent_at is None:
            return nothing(code)
        case RedrawPost(ref=ref) | RetireCard(root=ref) if code != NOT_THERE:
            alert = _stale(scene, "stale_post", ref, ref, code, context)
            again = _later(_once_more(scene, effect), context)
            return Decision(alerts=(alert,), effects=(*_told(scene, effect), again))
        case RemoveFile(file=file, ref=shown_in):
            later = replace(lanes.queue(effect, position=0), not_before=context.moment.steady + FILE_AGAIN, once=False)
            return Decision(alerts=(_stale(scene, "stale_file", file, shown_in, code, context),), effects=(later,))
        case RedrawPost():
            return replace(stood(effect, context), effects=_told(scene, effect))
        case _:
            return stood(effect, context)


def file_gone(effect: RemoveFile, context: Context) -> Decision:
    """A file is off the desk; whoever was asked to delete it need not any more."""
    key = stale_key("stale_file", effect.file)
    return Decision(alerts=(AlertOver(workspace=effect.workspace, at=context.moment.now, key=key),))


def _later(queued: Queued, context: Context) -> Queued:
    """The same after an hour, in whose course it holds up nothing of its lane."""
    then = context.moment.steady + POST_AGAIN
    return replace(queued, position=lanes.micros(then), not_before=then, once=False)


def _once_more(scene: Scene, effect: RedrawPost | RetireCard) -> Queued:
    """What is tried again when the desk would neither take it away nor change it."""
    if isinstance(effect, RedrawPost) and effect.said is not None:
        return removal(scene, effect.ref, effect.said)
    return lanes.queue(effect, position=0)


def stood(effect: TakesBack | RedrawCard, context: Context, scene: Scene | None = None) -> Decision:
    """A post or card is gone, or says what is true; whoever was asked to delete it need not any more.

    scene: whose it is; of what is gone a line tells where it is to.
    """
    match effect:
        case RemovePost(ref=ref, untold=True):
            over = AlertOver(workspace=effect.workspace, at=context.moment.now, key=stale_key("stale_post", ref))
            return Decision(alerts=(over,), effects=_told(scene, effect))
        case RedrawPost(ref=ref) | RemovePost(ref=ref) | RetireCard(root=ref):
            key = stale_key("stale_post", ref)
            return Decision(alerts=(AlertOver(workspace=effect.workspace, at=context.moment.now, key=key),))
        case RedrawCard(stale=True):
            return Decision(alerts=(card_over(effect.workspace, effect.conversation, context),))
        case _:
            return nothing("done")


def still_shows(effect: AnyEffect, outcome: Refused | Later) -> TypeGuard[TakesBack | RedrawCard]:
    """Whether something may show what it must not any more: of a card, where it stands and this one call was in vain."""
    if isinstance(effect, RedrawCard):
        return outcome.code not in ("thread_gone", NOT_THERE) if isinstance(outcome, Refused) else not outcome.cause
    return isinstance(effect, TakesBack)


def _card_stays(scene: Scene, effect: RedrawCard, code: str, context: Context) -> Decision:
    """The desk does not change the card, which may show what was taken back: a person is asked, and it is tried on."""
    thread = scene.conversation.thread
    if thread is None or thread.ref is None:
        return nothing(code)
    own = thread.place == scene.place
    if code == PLACE_GONE and not own:
        return nothing(code)
    again = _later(lanes.queue(replace(effect, stale=True), position=0), context)
    if own and code in (PLACE_GONE, *PLACE_CLOSED):
        return Decision(effects=(again,))  # of the place itself they are told already
    if not own and not effect.stale:
        return Decision(
            effects=(again,)
        )  # the account has moved meanwhile: most often another card has followed by then
    alert = _stale(scene, "stale_card", str(effect.conversation), thread.ref, code, context)
    return Decision(alerts=(alert,), effects=(again,))


def card_over(workspace: WorkspaceId, conversation: ConversationId, context: Context) -> AlertOver:
    """The card says what is true, or is gone."""
    return AlertOver(workspace=workspace, at=context.moment.now, key=stale_key("stale_card", str(conversation)))


def _instead(effect: RedrawPost) -> Decision:
    # Not once: what waits there already says something else.
    return Decision(effects=(replace(lanes.queue(effect, position=0), once=False),))


def stale_key(kind: str, what: str) -> str:
    """The incident of something that still stands on the desk and must not."""
    return f"{kind}:{what}"


def _stale(scene: Scene, kind: str, what: str, ref: PostRef | None, code: str, context: Context) -> AlertDue:
    values: dict[str, Value] = {"code": code}
    if ref is not None:
        values["link"] = ref
    return AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=stale_key(kind, what),
        kind=kind,
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values=values,
    )
