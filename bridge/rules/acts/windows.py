"""What people send in by a window: the same rules as for what they type in a thread, and the same acts as on the card.

Rule 1: whoever it is, `roles.authorise` is asked once more, now: a window may have been open for long.
Rule 2: words typed in a window are an agent's message like any other; its post in the thread is the bridge's, in their name.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bridge import lanes, prefixes, roles
from bridge.model.change import replace
from bridge.model.commented import COMMENTS
from bridge.model.decision import Decision, Denied, Scene, Wait
from bridge.model.effects import Queued, TellPerson
from bridge.model.facts import Act, AgentWrote, Submitted
from bridge.model.ids import STAND_IN, GroupRef, PersonRef, PlaceRef, RemoteId
from bridge.model.state import Attachment, Author, Message, ReplyState, Said, Thread
from bridge.rules.acts import asking, correcting, door, saved
from bridge.rules.acts.pressed import OVER
from bridge.rules.acts.words import Wanted, to_be_ruled
from bridge.rules.answers.reply import called, considered, kept_inside, missing
from bridge.rules.base import Context, nothing, show, with_thread
from bridge.rules.customers.changes import REACTION, stands

REPLACED = Said(key="not_relayed.replaced")
A_NOTE = Said(key="not_relayed.note")
NOT_QUOTABLE = Said(key="window.not_quotable")


def submitted(scene: Scene, fact: Submitted, context: Context, *, waited: bool) -> Decision:
    """Somebody sent a window in. *waited*: the time to learn who they are is over."""
    unknown = missing(scene, fact.person, *to_be_ruled(_wanted(fact)))
    if unknown and not waited:
        wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="person")
        return Decision(wait=wait, effects=unknown)
    ruling = roles.may_act(fact.person, scene, roles.action_of(fact.act))
    if isinstance(ruling, Denied):
        return Decision(effects=told(scene, fact, ruling.said))
    match fact.act:
        case Act.REPLY_TO:
            # What it is to quote may be gone by now: then its author is asked before it goes.
            about = None if scene.message is None else scene.message.remote_id
            return _written(scene, fact, context, about=about, waited=waited)
        case Act.ASK:
            return _asked(scene, fact, context)
        case Act.EDIT:
            return _instead(scene, fact, context, waited=waited)
        case Act.SAVE_REPLY | Act.DELETE_REPLY:
            keep = saved.saved(scene, fact, context) if fact.act is Act.SAVE_REPLY else saved.deleted(fact, context)
            return replace(keep[0], effects=told(scene, fact, keep[1]))
        case Act.CORRECT if correcting.is_known(scene, fact):
            return Decision(effects=told(scene, fact, correcting.TWICE))
        case Act.CORRECT:
            return correcting.noted(fact, _written(scene, fact, context, about=None, waited=waited), context)
        case Act.ANSWER:
            return _written(scene, fact, context, about=None, waited=waited)
        case Act.NOTE:
            return _noted(scene, fact, context)
        case act if act in door.ACTS:
            decision, said = door.done(scene, _wanted(fact), fact.person, context)
            # What changes is one line in the thread, for everybody.
            return replace(decision, effects=told(scene, fact, said)) if decision.ignored else decision
        case _:
            return nothing("a window of no meaning")


def _wanted(fact: Submitted) -> Wanted:
    values = fact.values
    whom, group, until, outcome = (values.get(name) for name in ("whom", "group", "until", "outcome"))
    place = values.get("place") or values.get("channel")
    return Wanted(
        act=fact.act,
        whom=PersonRef(str(whom)) if whom is not None else None,
        group=GroupRef(str(group)) if group is not None else None,
        until=datetime.fromtimestamp(until, UTC) if isinstance(until, int) else None,
        outcome=str(outcome) if outcome is not None else None,
        place=PlaceRef(str(place)) if place is not None else None,
    )


def quotable(message: Message | None) -> RemoteId | None:
    """The network's id of a message that an answer may quote: a customer's own, as long as it stands."""
    if message is None or message.author is not Author.CUSTOMER or message.remote_id is None:
        return None
    said = message.kind != REACTION and message.kind not in COMMENTS and not message.remote_id.startswith(STAND_IN)
    return message.remote_id if said and stands(message) else None


def _written(
    scene: Scene,
    fact: Submitted,
    context: Context,
    *,
    about: RemoteId | None,
    waited: bool,
    files: tuple[Attachment, ...] = (),
) -> Decision:
    """Words for the customer: into the thread in their author's name, and on their way like any others."""
    conversation, threads, root = with_thread(scene, context)
    scene = replace(scene, conversation=conversation, message=None)
    message = replace(_message(scene, fact, context), about=about, attachments=files)
    decision = considered(scene, message, _as_typed(fact), context, waited=waited)
    return _posted(scene, decision, message, threads, root)


def _instead(scene: Scene, fact: Submitted, context: Context, *, waited: bool) -> Decision:
    """Other words in the place of an answer that was refused: those go with its files, and it stays inside."""
    old = scene.message
    if old is None or old.state is not ReplyState.REFUSED or called(scene, old):
        return Decision(effects=told(scene, fact, OVER))
    fresh = _written(scene, fact, context, about=old.about, waited=waited, files=old.attachments)
    kept = kept_inside(scene, replace(old, parts=()), REPLACED, context)
    return replace(
        fresh,
        messages=(*fresh.messages, *kept.messages),
        effects=(*fresh.effects, *kept.effects),
        withdrawn=(*fresh.withdrawn, old.id),
    )


def _noted(scene: Scene, fact: Submitted, context: Context) -> Decision:
    """A private note: into the thread in its author's name, and never any further."""
    conversation, threads, root = with_thread(scene, context)
    scene = replace(scene, conversation=conversation, message=None)
    message = _message(scene, fact, context)
    return _posted(scene, kept_inside(scene, message, A_NOTE, context), message, threads, root)


def _asked(scene: Scene, fact: Submitted, context: Context) -> Decision:
    """A question for somebody who knows, in another channel: in the customer's thread it is a note."""
    conversation, threads, root = with_thread(scene, context)
    scene = replace(scene, conversation=conversation, message=None)
    message = _message(scene, fact, context)
    kept = kept_inside(scene, message, A_NOTE, context)
    decision = asking.asked(scene, kept.messages[0], replace(_wanted(fact), words=fact.text), context)
    if decision.ignored:
        return decision
    decision = replace(decision, effects=(*kept.effects, *decision.effects))
    return _posted(scene, decision, message, threads, root)


def _message(scene: Scene, fact: Submitted, context: Context) -> Message:
    thread = scene.conversation.thread
    return Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.AGENT,
        at=fact.at,
        text=fact.text,
        thread=None if thread is None else thread.id,
        person=fact.person,
        state=ReplyState.NOTE,
    )


def _posted(
    scene: Scene, decision: Decision, message: Message, threads: tuple[Thread, ...], root: tuple[Queued, ...]
) -> Decision:
    """What was decided on a message, and its post in the thread."""
    changed = scene.conversation if decision.conversation is None else decision.conversation
    effects = (*root, show(scene, message), *decision.effects)
    return replace(decision, conversation=changed, threads=(*threads, *decision.threads), effects=effects)


def _as_typed(fact: Submitted) -> AgentWrote:
    """The words as if they had been typed in the thread."""
    return AgentWrote(
        workspace=fact.workspace,
        at=fact.at,
        place=fact.place,
        root=fact.root,
        ref=fact.root,
        person=fact.person,
        automatic=False,
        foreign=False,
        text=fact.text or "",
        note=prefixes.is_note(fact.text or ""),
        meant=True,
        mentions=fact.mentions,
        leads_inside=fact.leads_inside,
    )


def told(scene: Scene, fact: Submitted, said: Said) -> tuple[Queued, ...]:
    """Tell whoever sent it in, in the thread it belongs to."""
    line = TellPerson(
        workspace=fact.workspace,
        conversation=scene.conversation.id,
        person=fact.person,
        said=said,
        about=fact.root,
        root=fact.root,
        at=fact.at,
    )
    return (lanes.queue(line, position=lanes.micros(fact.at)),)
