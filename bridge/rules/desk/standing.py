"""Whether what is to be shown on the desk may go as things are when its turn has come: is there a thread for it?"""

from __future__ import annotations

from datetime import timedelta

from bridge.model.change import replace
from bridge.model.decision import Decision, Drop, Due, Go, Instead, NotYet, Scene
from bridge.model.effects import PostLine, PostMessage, PostRoot, ShowFile
from bridge.model.ids import PostRef
from bridge.model.state import Thread, Wish
from bridge.rules.answers import elsewhere
from bridge.rules.base import Context, is_current, show, with_thread
from bridge.rules.customers import changes
from bridge.rules.desk import posting

Post = PostRoot | PostMessage | PostLine | ShowFile
ROOT_COMES = timedelta(minutes=30)
"""What waits for a root goes on as soon as that stands; it looks so often whether it will ever stand."""
PAUSED_FOR = timedelta(hours=1)
"""A paused account's posts ask again this often, unless the account is resumed first; and what may wait."""


def post_due(scene: Scene, effect: Post, context: Context) -> Due:
    """A post: into a thread that stands, where the account's messages go now; else that comes first."""
    if scene.account.wish is Wish.PAUSED:
        return NotYet(until=context.moment.steady + PAUSED_FOR, why="paused")
    thread, place = scene.conversation.thread, scene.place
    if isinstance(effect, PostLine) and effect.root is not None:
        return _line_due(thread, effect.root, context)
    if isinstance(effect, PostRoot):
        stands = thread is None or thread.id != effect.thread or thread.ref is not None or not is_current(thread, place)
        return Drop(why="root stands or is another") if stands else Go()
    if isinstance(effect, PostMessage):
        if scene.message is None or not changes.stands(scene.message):
            return Drop(why="message is gone")
        if scene.posts:
            return Drop(why="its line stands already")
    if thread is not None and thread.ref is not None and is_current(thread, place):
        return Go()
    if isinstance(effect, PostLine) and effect.said.key == elsewhere.FOLDERS.key:
        # It does not wait behind a root, as all others do: a root of its own making would be made for ever.
        return NotYet(until=context.moment.steady + PAUSED_FOR, why=posting.ROOTLESS)
    # The root is missing: it was deleted, or the account has moved to another place.
    left = thread is not None and thread.place != place
    lost = thread if thread is None or left else replace(thread, gone=True)
    bare = replace(scene, conversation=replace(scene.conversation, thread=lost))
    conversation, fresh, root = with_thread(bare, context)
    if thread is not None and thread.ref is None and not thread.gone and not left:
        # The root ended without standing: not again at once, or a desk that takes none would be asked for ever.
        root = tuple(replace(each, not_before=context.moment.steady + posting.ROOT_AGAIN) for each in root)
    threads = fresh if lost is None else (lost, *fresh)
    # What begins a waiting period is seen in the channel by its new card.
    quiet = (
        (show(scene, scene.message),) if isinstance(effect, PostMessage) and effect.broadcast and scene.message else ()
    )
    decision = Decision(conversation=conversation, threads=threads, effects=(*root, *quiet), retry_row=not quiet)
    return Instead(decision=decision, why="new root first")


def _line_due(current: Thread | None, earlier: PostRef, context: Context) -> Due:
    """A line in an earlier thread leads to the current one: as soon as that stands, unless it is the same again."""
    if current is None or current.ref is None:
        return NotYet(until=context.moment.steady + ROOT_COMES, why=posting.ROOTLESS)
    return Drop(why="the same thread") if current.ref == earlier else Go()


def card_due(scene: Scene, context: Context) -> Due:
    """A drawing of the card: of one that stands."""
    thread = scene.conversation.thread
    if thread is None or thread.gone:
        return Drop(why="no card stands")
    if thread.ref is None:
        # On its way it shows what was true when it went, and that may be no longer.
        return NotYet(until=context.moment.steady + ROOT_COMES, why=posting.ROOTLESS)
    return Go()
