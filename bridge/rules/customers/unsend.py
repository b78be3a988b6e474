"""What customers take back: nothing of it may be kept, shown or quoted any more; that it was there, and when it went, stays.

An unsend may overtake its message. Then its row is made at once, without words, and the message finds it when it comes.
"""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import Queued
from bridge.model.facts import AlertDue, AlertOver, CustomerUnsent, PostDeleted
from bridge.model.ids import RemoteId
from bridge.model.state import NO_PREVIEW, Author, Conversation, Incident, Message, Work
from bridge.rules.acts import exporting, saved
from bridge.rules.answers import repeated
from bridge.rules.base import Context, card, nothing, retire, retold
from bridge.rules.customers import changes
from bridge.rules.desk import tickets
from bridge.rules.desk.places import alerts_place


def customer_unsent(scene: Scene, fact: CustomerUnsent, context: Context) -> Decision:
    """Empty the message and everything that was made of it; its post goes, and a line says so."""
    message, mine = scene.message, (fact.remote_id,)
    if message is None:
        return Decision(messages=(_unheard(scene, fact, context),), forgotten=mine, effects=_quotes(scene))
    if message.author is not Author.CUSTOMER:
        return nothing("not the customer's")
    if message.unsent_at is not None:
        return Decision(forgotten=mine, ignored="taken back already")
    gone = emptied(message, fact)
    exports, gone_files = exporting.taken_back(scene, message, context)
    taken = changes.taken_down(scene, replace(message, unsent_at=fact.at), lasting=True)
    return Decision(
        conversation=_without(scene, message, context),
        messages=(gone, *repeated.struck_out(scene, message)),
        withdrawn=(message.id,),
        unsaved_from=saved.made_from(scene, message.id),
        unposted=taken.unposted,
        unexported=gone_files,
        forgotten=(*mine, *repeated.heard_back(scene.copies.repeated)),
        effects=(
            *taken.effects,
            *_quotes(scene),
            *(retire(scene, root, message.id) for root in scene.copies.earlier),
            *changes.revise(scene, message),
            *repeated.authors_told(scene, context),
            *exports,
            *tickets.redacted(scene, message, context),
            card(scene, context),
        ),
        alerts=_left_the_house(scene, message, context),
    )


def emptied(message: Message, fact: CustomerUnsent) -> Message:
    """What is left of a message that was taken back."""
    return replace(
        message,
        text=None,
        about=None,
        edits=0,
        edited_at=None,
        unsent_at=fact.at,
        attachments=tuple(map(changes.emptied, message.attachments)),
    )


def come_late(scene: Scene, message: Message) -> tuple[tuple[Queued, ...], tuple[RemoteId, ...]]:
    """The message that was taken back before it came: the line alone is shown, and nothing of it is kept."""
    kept = () if message.remote_id is None else (message.remote_id,)
    # One that was changed before it was taken back has its line already.
    told = scene.message is not None and scene.message.kind == changes.EDITED
    return (() if told else (changes.tombstone(scene, changes.farewell(message)),)), kept


def _unheard(scene: Scene, fact: CustomerUnsent, context: Context) -> Message:
    return Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=fact.at,
        text=None,
        kind=changes.UNSENT,
        remote_id=fact.remote_id,
        unsent_at=fact.at,
    )


def _quotes(scene: Scene) -> tuple[Queued, ...]:
    return changes.redrawn(scene, scene.copies.quotes)


def _without(scene: Scene, message: Message, context: Context) -> Conversation | None:
    """The conversation without what was said: its card shows what was said before, and nobody waits for an answer to it.

    The windows stay as they are: what opened them was done, and taking it back closes nothing.
    """
    before = after = scene.conversation
    if before.preview == message.id:
        latest = scene.copies.latest
        after = replace(after, preview=None if latest is None else latest.id)
    if before.heard_from == message.at:
        after = replace(after, heard_at=None, heard_from=None)  # no answer comes too early for it any more
    if before.work is Work.WAITING and message.kind not in NO_PREVIEW:
        since = scene.copies.asked_at
        after = replace(after, work=Work.ANSWERED if since is None else Work.WAITING, waiting_since=since)
        after = retold(scene, after, context)
    return None if after == before else after


def _left_the_house(scene: Scene, message: Message, context: Context) -> tuple[AlertDue, ...]:
    """Whoever exported the conversation after the message came must know that a part of it has to go."""
    exported, thread = scene.copies.exported_at, scene.conversation.thread
    if exported is None or exported < message.at:
        return ()
    link = {} if thread is None or thread.ref is None else {"link": thread.ref}
    alert = AlertDue(
        workspace=scene.workspace.id,
        at=context.moment.now,
        key=f"unsent_exported:{message.id}",
        kind="unsent_exported",
        place=alerts_place(scene.minding, context.rules),
        account=scene.account.id,
        values={"exported": exported.timestamp(), "conversation": scene.conversation.id, **link},
    )
    return (alert,)


def post_gone(fact: PostDeleted, incident: Incident | None) -> Decision:
    """A post of ours is gone from the desk; if a person was asked to take it away, they have."""
    if incident is None:
        return nothing("our own post")
    return Decision(alerts=(AlertOver(workspace=fact.workspace, at=fact.at, key=incident.key),))
