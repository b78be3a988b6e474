"""What all rules share: the context they get, and the small steps that several events need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Rules, Scene
from bridge.model.effects import (
    AnyEffect,
    Button,
    ClearSign,
    LearnGroup,
    LearnPerson,
    PostLine,
    PostMessage,
    PostRoot,
    Queued,
    RedrawCard,
    RetireCard,
    SetSign,
    TellPerson,
)
from bridge.model.ids import (
    ConversationId,
    GroupRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    ThreadId,
    WorkspaceId,
    place_of_post,
)
from bridge.model.state import Author, Conversation, Message, Said, Sign, Thread
from bridge.model.word import Word
from bridge.rules.desk import closing


class Context(Word, kw_only=True):
    """What every rule gets besides the scene and the fact."""

    moment: Moment
    rules: Rules
    new_id: Callable[[], int]

    def thread_id(self) -> ThreadId:
        """A fresh id for a thread."""
        return ThreadId(self.new_id())

    def message_id(self) -> MessageId:
        """A fresh id for a message."""
        return MessageId(self.new_id())


LINK = (Said(key="thread.continues"), Said(key="thread.goes_on"))
"""What leads from a thread to an earlier one of the same conversation, and back."""


def with_thread(
    scene: Scene, context: Context, *, anew: bool = False, link: tuple[Said, Said] = LINK
) -> tuple[Conversation, tuple[Thread, ...], tuple[Queued, ...]]:
    """The conversation with a thread to post into: the current one, or a new one and the effects that put up its root.

    A thread that is gone, or that stands in a place the account has left, is not posted into any more; nor, *anew*, is
    one that was over long ago. Of one that still stands the new one tells, and is told of there; its card shows no words
    any more, because nothing draws it again. link: what is said here and there, each with the way to the other.
    """
    conversation, thread = scene.conversation, scene.conversation.thread
    place = scene.place
    if is_current(thread, place) and not anew:
        return conversation, (), ()
    fresh = Thread(id=context.thread_id(), place=place)
    # Under a first message stands for ever whatever name was known when it was posted.
    unknown = scene.customer.profile_at is None
    rest = context.moment.steady + context.rules.introduction if unknown else None
    root = root_of_thread(scene, fresh, not_before=rest)
    effects = (root, *_linked(scene, thread, place, link), *_retired(scene, thread))
    return replace(conversation, thread=fresh), (fresh,), effects


def is_current(thread: Thread | None, place: PlaceRef) -> bool:
    """Whether a thread stands, or is to stand, where the account's messages go now."""
    return thread is not None and not thread.gone and thread.place == place


def _linked(scene: Scene, earlier: Thread | None, place: PlaceRef, link: tuple[Said, Said]) -> tuple[Queued, ...]:
    """A line in the new thread with a link to the earlier one, and one in that with a link to the new."""
    if earlier is None or earlier.ref is None or earlier.gone:
        return ()
    workspace, conversation = scene.workspace.id, scene.conversation.id
    continues = replace(link[0], values={**link[0].values, "link": earlier.ref})
    here = PostLine(workspace=workspace, conversation=conversation, said=continues)
    there = replace(here, said=link[1], root=earlier.ref)
    # Behind every root: one that still waits when the conversation moves on must not go before that of the next thread.
    return (lanes.queue(here, position=1, place=place), lanes.queue(there, position=0, place=earlier.place))


def _retired(scene: Scene, earlier: Thread | None) -> tuple[Queued, ...]:
    """Take the words off the earlier root; one that takes no replies any more may stand all the same."""
    if earlier is None or earlier.ref is None:
        return ()
    return (retire(scene, earlier.ref, scene.conversation.preview),)


def retire(scene: Scene, root: PostRef, message: MessageId | None) -> Queued:
    """Take a customer's words off the root of an earlier thread. *message*: whose they may be."""
    conversation = scene.conversation.id
    effect = RetireCard(workspace=scene.workspace.id, conversation=conversation, root=root, message=message)
    return lanes.queue(effect, position=0)


def root_of_thread(scene: Scene, thread: Thread, *, not_before: datetime | None = None, once: bool = False) -> Queued:
    """Put up a thread's root, before everything else of its conversation. *once*: let one that rests go now."""
    root = PostRoot(workspace=scene.workspace.id, conversation=scene.conversation.id, thread=thread.id)
    return replace(lanes.queue(root, position=0, place=thread.place, not_before=not_before), once=once)


def show(scene: Scene, message: Message, *, broadcast: bool = False) -> Queued:
    """Show a message in the conversation's thread, in order of the events' own times."""
    effect = PostMessage(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        message=message.id,
        broadcast=broadcast,
        own=message.author is Author.AGENT,
    )
    return lanes.queue(effect, position=lanes.micros(message.at), place=scene.place)


def cut_before(scene: Scene, message: Message) -> tuple[Queued, ...]:
    """Older messages were missed and are not told: say so before the first that is."""
    said = Said(key="thread.cut")
    line = PostLine(workspace=scene.workspace.id, conversation=scene.conversation.id, said=said)
    return (lanes.queue(line, position=lanes.micros(message.at) - 1, place=scene.place),)


def line(scene: Scene, said: Said, at: datetime) -> tuple[Queued, ...]:
    """One line in the thread, if there is one, where it belongs among the customer's messages."""
    thread = scene.conversation.thread
    if thread is None or thread.gone:
        return ()
    effect = PostLine(workspace=scene.workspace.id, conversation=scene.conversation.id, said=said)
    return (lanes.queue(effect, position=lanes.micros(at), place=thread.place),)


def card(scene: Scene, context: Context) -> Queued:
    """Redraw the card soon; changes within the pause share one drawing."""
    effect = RedrawCard(workspace=scene.workspace.id, conversation=scene.conversation.id)
    soon = context.moment.steady + context.rules.card_pause
    return lanes.queue(effect, position=lanes.micros(context.moment.steady), not_before=soon)


def signed(scene: Scene, message: Message, sign: Sign, context: Context) -> tuple[Message, tuple[Queued, ...]]:
    """The message with *sign* as its only sign, and what that takes on the desk. The last true sign stays."""
    place = _signed_in(scene, message)
    if place is None or message.sign is sign:
        return message, ()
    put = SetSign(workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id, sign=sign)
    position = lanes.micros(context.moment.steady)
    _, cleared = unsigned(scene, message, context)
    return replace(message, sign=sign), (lanes.queue(put, position=position, place=place), *cleared)


def _signed_in(scene: Scene, message: Message) -> PlaceRef | None:
    """Where a message's signs stand; what was typed in a window stands in the current thread, as soon as that shows it."""
    if message.ref is not None:
        return place_of_post(message.ref)
    thread = scene.conversation.thread
    return thread.place if message.author is Author.AGENT and thread is not None else None


def asks_who(
    workspace: WorkspaceId, people: Iterable[PersonRef], groups: Iterable[GroupRef] = ()
) -> tuple[Queued, ...]:
    """What asks the desk who these people are, and who belongs to these groups."""
    learn: list[AnyEffect] = [LearnGroup(workspace=workspace, group=group) for group in groups]
    learn += [LearnPerson(workspace=workspace, person=person) for person in people]
    return tuple(lanes.queue(each, position=0) for each in learn)


def unsigned(scene: Scene, message: Message, context: Context) -> tuple[Message, tuple[Queued, ...]]:
    """The message without a sign."""
    place = _signed_in(scene, message)
    if place is None or message.sign is None:
        return message, ()
    effect = ClearSign(
        workspace=scene.workspace.id, conversation=scene.conversation.id, message=message.id, sign=message.sign
    )
    position = lanes.micros(context.moment.steady)
    return replace(message, sign=None), (lanes.queue(effect, position=position, place=place),)


def tell(
    scene: Scene,
    message: Message,
    said: Said,
    context: Context,
    *,
    buttons: tuple[Button, ...] = (),
    question: bool = False,
    written: datetime | None = None,
) -> tuple[Queued, ...]:
    """Say something to a message's author, about that message. Nobody to tell: nothing.

    written: when they wrote or pressed; the line stands privately in the thread for a minute after that.
    """
    about = message.ref or root_of(scene, message)  # what was typed in a window has no place of its own yet
    if message.person is None or about is None:
        return ()
    effect = TellPerson(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        person=message.person,
        said=said,
        about=about,
        root=root_of(scene, message),
        at=written or message.at,
        message=message.id,
        buttons=buttons,
        question=question,
    )
    return (lanes.queue(effect, position=lanes.micros(context.moment.steady)),)


def root_of(scene: Scene, message: Message) -> PostRef | None:
    """The root of the thread that an agent's message stands in."""
    for thread in (scene.thread, scene.conversation.thread):
        if thread is not None and message.thread in (None, thread.id):
            return thread.ref
    return None


def retold(scene: Scene, conversation: Conversation, context: Context) -> Conversation:
    """The conversation with the next moment at which its card must change."""
    ahead = policy.next_close(scene.account, conversation, context.moment.now, context.rules)
    conversation = closing.begun(scene.account, scene.conversation, conversation, context.moment.now)
    return replace(conversation, told_until=ahead)


def warning_key(conversation: ConversationId) -> str:
    """The incident of a warning about answers to one customer outside the standard window."""
    return f"tag_misuse:{conversation}"


def nothing(why: str) -> Decision:
    """Heard, and nothing to do."""
    return Decision(ignored=why)


def told_at_card(
    scene: Scene, person: PersonRef, said: Said, context: Context, *, direct: bool = False
) -> tuple[Queued, ...]:
    """Say something about the conversation as a whole to one person: privately in its thread, or *direct*, with a link."""
    thread = scene.conversation.thread
    if thread is None or thread.ref is None:
        return ()
    told = TellPerson(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        person=person,
        said=said,
        about=thread.ref,
        root=None if direct else thread.ref,
        at=context.moment.now,
        question=direct,
    )
    return (lanes.queue(told, position=lanes.micros(context.moment.steady)),)
