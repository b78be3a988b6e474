"""What is asked before an answer goes, though nothing forbids it: its author's word decides."""

from __future__ import annotations

from bridge import prefixes
from bridge.model.decision import Scene
from bridge.model.facts import AgentWrote
from bridge.model.state import Message, Said
from bridge.rules.answers import collisions
from bridge.rules.base import Context


def before(scene: Scene, message: Message, fact: AgentWrote, context: Context) -> Said | None:
    """The first reason to ask; None: it goes without a question."""
    if fact.found_late and context.moment.now - message.at >= context.rules.young:
        return Said(key="reply.question_old", values={"when": int(message.at.timestamp())})
    if fact.mentions:
        return Said(key="reply.question_mention")
    if fact.leads_inside:
        return Said(key="reply.question_link")
    if prefixes.is_almost_note(message.text or ""):
        return Said(key="reply.question_note")
    return collisions.meanwhile(scene, message.person, fact.at, context)
