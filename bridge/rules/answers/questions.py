"""What is asked before an answer goes, though nothing forbids it: its author's word decides."""

from __future__ import annotations

from bridge import prefixes
from bridge.model.decision import Scene
from bridge.model.facts import AgentWrote
from bridge.model.state import Message, ReplyState, Said
from bridge.rules.answers import collisions, lines
from bridge.rules.base import Context

CHANGED_UNSEEN = Said(key="reply.question_edited")


def before(scene: Scene, message: Message, fact: AgentWrote, context: Context) -> Said | None:
    """The first reason to ask; None: it goes without a question."""
    if _changed_unseen(scene, message, fact):
        return CHANGED_UNSEEN
    if fact.found_late and context.moment.now - message.at >= context.rules.young:
        return Said(key="reply.question_old", values={"when": int(message.at.timestamp())})
    if fact.mentions:
        return Said(key="reply.question_mention")
    if fact.leads_inside:
        return Said(key="reply.question_link")
    if prefixes.is_almost_note(message.text or ""):
        return Said(key="reply.question_note")
    return collisions.meanwhile(scene, message.person, fact.at, context)


def _changed_unseen(scene: Scene, message: Message, fact: AgentWrote) -> bool:
    """Whether its author had changed it before anybody read it here: it may have been a note, and is asked about until they say."""
    if lines.bare(message.reason) == CHANGED_UNSEEN:
        return True
    known = scene.message
    return fact.edited_before and (known is None or (known.state is ReplyState.WAITING and not known.parts))
