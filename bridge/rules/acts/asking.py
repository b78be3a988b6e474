"""Asking somebody who knows, in a thread beside: what they answer comes back inside, and can never go to the customer.

Rule 1: nothing of the customer leaves their thread: the question is the agent's own words, and nothing else.
Rule 2: each answer is one post in the customer's thread, a note of its author's; no button and no edit makes it more.
"""

from __future__ import annotations

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Noted, Scene, Wait
from bridge.model.effects import PostAside
from bridge.model.facts import AgentWrote
from bridge.model.state import Author, Message, ReplyState, Said
from bridge.rules.acts.words import Wanted
from bridge.rules.answers.reply import missing
from bridge.rules.base import Context, line, nothing, show, with_thread

ACTION = "conversation.ask"
ANSWERED = Said(key="not_relayed.expert")
"""Why an answer from beside stays inside."""


def asked(scene: Scene, message: Message, wanted: Wanted, context: Context) -> Decision:
    """Ask in another channel. message: the agent's, kept inside; it holds the question from now on."""
    if wanted.place is None or message.person is None or not wanted.words:
        return nothing("nothing to ask")
    effect = PostAside(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        message=message.id,
        place=wanted.place,
        person=message.person,
        whom=wanted.whom,
    )
    said = Said(key="thread.asked", values={"agent": message.person, "channel": wanted.place})
    told = {"channel": wanted.place, "whom": wanted.whom}
    return Decision(
        messages=(replace(message, text=wanted.words),),
        effects=(
            *line(scene, said, context.moment.now),
            lanes.queue(effect, position=lanes.micros(message.at), place=wanted.place),
        ),
        noted=(Noted(who=message.person, at=context.moment.now, action=ACTION, before={}, after=told),),
    )


def answered(scene: Scene, fact: AgentWrote, context: Context, *, waited: bool) -> Decision:
    """Somebody wrote in the thread beside: their words stand in the customer's thread too, for the agents."""
    if fact.automatic or fact.person is None:
        return nothing("a program's word beside")
    if not fact.text.strip():
        return nothing("no words beside")
    unknown = missing(scene, fact.person)
    if unknown and not waited:
        wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="person")
        return Decision(wait=wait, effects=unknown)
    conversation, threads, root = with_thread(scene, context)
    message = Message(
        id=context.message_id(),
        conversation=scene.conversation.id,
        author=Author.AGENT,
        at=fact.at,
        text=fact.text,
        person=fact.person,
        thread=None if conversation.thread is None else conversation.thread.id,
        state=ReplyState.NOTE,
        reason=ANSWERED,
    )
    return Decision(
        conversation=conversation, threads=threads, messages=(message,), effects=(*root, show(scene, message))
    )
