"""A customer's reactions: one line for each message they react to, which changes and goes with the reaction."""

from __future__ import annotations

from bridge import lanes, policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene, Wait
from bridge.model.effects import Queued
from bridge.model.facts import CustomerReacted
from bridge.model.ids import RemoteId
from bridge.model.state import Author, Conversation, Message, Opener
from bridge.rules.base import Context, card, nothing, retold, show, with_thread
from bridge.rules.customers import changes, customer


def reaction_id(about: RemoteId) -> RemoteId:
    """Under what id the one reaction to a message is kept: a person has one for each."""
    return RemoteId(f"reaction:{about}")


def customer_reacted(scene: Scene, fact: CustomerReacted, context: Context, *, waited: bool) -> Decision:
    """The newest event counts. A reaction opens the window by its own time, be it older or not; nobody waits for it.

    One that overtakes its message waits a little, so as to stand below it; the window does not wait.
    """
    before, opened = scene.message, _opened(scene, fact, context)
    if before is not None and (fact.at, fact.emoji or "") <= (before.at, before.text or ""):
        if opened == scene.conversation:
            return nothing("older reaction")
        return Decision(conversation=opened, effects=(card(scene, context),))
    comes = fact.emoji is not None and (before is None or before.text is None)
    if comes and fact.about not in scene.quoted and not waited:
        wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="message", free=True)
        return Decision(conversation=opened, effects=(card(scene, context),), wait=wait)
    message = _reaction(scene, fact, context) if before is None else replace(before, at=fact.at, text=fact.emoji)
    line = _line(replace(scene, conversation=opened), before, message, context)
    conversation = line.conversation or opened
    redraw = () if line.threads else (card(scene, context),)
    return replace(
        line,
        conversation=conversation,
        messages=(message,),
        effects=(*line.effects, *redraw, *customer.profile_due(scene, context)),
        alerts=customer.warning_over(scene, conversation, context),
    )


def _opened(scene: Scene, fact: CustomerReacted, context: Context) -> Conversation:
    """Taking a reaction back opens nothing."""
    if fact.emoji is None:
        return scene.conversation
    return retold(scene, policy.open_window(scene.conversation, Opener.REACTION, fact.at), context)


def _reaction(scene: Scene, fact: CustomerReacted, context: Context) -> Message:
    return Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.CUSTOMER,
        at=fact.at,
        text=fact.emoji,
        kind=changes.REACTION,
        remote_id=reaction_id(fact.about),
        about=fact.about,
    )


def _line(scene: Scene, before: Message | None, message: Message, context: Context) -> Decision:
    """What becomes of the line: it comes, changes or goes."""
    there = before is not None and before.text is not None
    if message.text is None:
        if not there:
            return Decision()
        taken = changes.taken_down(scene, message)
        effects = (*taken.effects, *changes.revise(scene, message))
        return Decision(withdrawn=(message.id,), unposted=taken.unposted, effects=effects)
    if there:
        return Decision(effects=changes.drawn_anew(scene, message, context))
    conversation, threads, root = with_thread(scene, context)
    return Decision(conversation=conversation, threads=threads, effects=(*root, _below(scene, message)))


def _below(scene: Scene, message: Message) -> Queued:
    """Show the line below what it is about, which is shown by the time of its change where that came first."""
    shown, about = show(scene, message), scene.quoted.get(message.about) if message.about is not None else None
    changed = None if about is None else about.message.edited_at
    return shown if changed is None else replace(shown, position=max(shown.position, lanes.micros(changed)))
