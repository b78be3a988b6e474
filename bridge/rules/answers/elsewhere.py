"""What people of the business, or its other apps, wrote outside the bridge, and what follows an answer of ours beside it."""

from __future__ import annotations

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import MarkSeen, PostLine, Queued
from bridge.model.facts import EchoHeard
from bridge.model.state import Author, Conversation, Message, Platform, Said, Work
from bridge.rules.acts import control
from bridge.rules.base import Context, card, cut_before, show, with_thread
from bridge.rules.customers import media

FOLDERS = Said(key="thread.general_folder")
"""Where the network's own app puts what was answered here: said once for each account, in a lane of its own."""


def written(scene: Scene, fact: EchoHeard, context: Context) -> Decision:
    """Somebody answered in the native app or another one: shown once, never sent, and it counts as an answer."""
    message = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.ELSEWHERE,
        at=fact.at,
        text=fact.text,
        kind=fact.kind,
        remote_id=fact.remote_id,
        about=fact.about,
        app=fact.app,
        found_later=fact.found_later,
        attachments=fact.attachments,
    )
    message, files = media.taken(scene, message, context)
    conversation, threads, root = with_thread(scene, context)
    conversation = control.heard(answered(conversation, message), fact)
    asked = control.learnt(scene, fact.app, context)
    shown = show(scene, message)
    if asked:
        # Under a post stands for ever whatever the app was called when it was posted.
        shown = replace(shown, not_before=context.moment.steady + context.rules.introduction)
    told = control.told_of(scene, conversation, context)
    cut = cut_before(scene, message) if fact.cut else ()
    return Decision(
        conversation=conversation,
        threads=threads,
        messages=(message,),
        effects=(*root, *cut, shown, *files, *told, card(scene, context), *asked),
    )


def answered(conversation: Conversation, message: Message) -> Conversation:
    """The customer no longer waits, unless they wrote again after this was written."""
    before = conversation.answered_at
    newest = before is None or message.at >= before
    if newest:
        conversation = replace(
            conversation, answered_at=message.at, answered_by=message.person, answered_app=message.app
        )
    if conversation.work is not Work.WAITING:
        return conversation
    since, last = conversation.waiting_since, conversation.last_at
    if last is not None and last > message.at:
        late = since is not None and since <= message.at and before is not None and last <= before
        if late and message.author is Author.ELSEWHERE:
            # They waited for what was shown late alone, and this was written after it.
            return replace(conversation, work=Work.ANSWERED, waiting_since=None)
        return replace(conversation, waiting_since=since if since and since > message.at else last)
    if _heard_since(conversation, message):
        return replace(conversation, waiting_since=conversation.heard_from)
    return replace(conversation, work=Work.ANSWERED, waiting_since=None)


def _heard_since(conversation: Conversation, message: Message) -> bool:
    """Whether what the customer wrote before this answer was heard when it was on its way already: it answers none of it."""
    queued, heard = message.queued_at, conversation.heard_at
    return message.author is Author.AGENT and queued is not None and heard is not None and queued < heard


def beside_answer(scene: Scene, context: Context) -> tuple[bool, tuple[Queued, ...]]:
    """What follows an answer that has gone: *seen*, where the account wants it, and once a word about folders.

    The first of the two says whether that word is told.
    """
    effects: list[Queued] = []
    position = lanes.micros(context.moment.steady)
    if scene.account.settings.seen:
        seen = MarkSeen(workspace=scene.workspace.id, conversation=scene.conversation.id, account=scene.account.id)
        effects.append(lanes.queue(seen, position=position))
    thread = scene.conversation.thread
    hint = scene.account.platform is Platform.INSTAGRAM and not scene.account.hinted and thread is not None
    if hint and thread is not None:
        said = PostLine(workspace=scene.workspace.id, conversation=scene.conversation.id, said=FOLDERS)
        # A lane of the account's own: two first answers at once tell it once.
        line = lanes.queue(said, position=position, place=thread.place)
        effects.append(replace(line, lane=f"hint:{scene.account.id}", once=True))
    return hint, tuple(effects)
